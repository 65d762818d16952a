# Tout ce que Herald dit en français. Les mots entre { } sont remplis.
# Le profil voiture permet 12 mots par phrase, ceux de l'utilisateur non compris.

# Relectures : ce qu'un « oui » enverra, et à qui.
read-back = À { $to } : { $body } J'envoie ?
read-back-now = Je ne peux envoyer que maintenant. À { $to } : { $body } J'envoie ?
read-back-group = { $count ->
    [one] À la seule personne { DE($to) } : { $body } J'envoie ?
   *[other] Aux { $count } personnes { DE($to) } : { $body } J'envoie ?
}
read-back-recipient = À { $to } plutôt. J'envoie ?
read-back-voice = { $to }, en vocal : { $body } J'envoie ?
read-back-reply = Réponse à { $to } : { $body } J'envoie ?

and = et

# Questions.
ask-recipient = C'est pour qui ?
ask-recipient-unknown = Je ne connais pas { $said }. C'est pour qui ?
ask-content = Que voulez-vous dire à { $to } ?
ask-choice = { $first } ou { $second } ?
ask-choice-three = { $first }, { $second } ou { $third } ?
ask-meant = Voulez-vous dire { $name } ?
ask-change = Pas envoyé. Que faut-il changer ?
ask-yes-no = J'envoie à { $to } ? Oui ou non ?
ask-next = { $from } : { $body } Le suivant ?
ask-continue = { $from } : { $body } Je continue ?

# Réponses.
sending = J'envoie à { $to }.
sending-later = Je l'enverrai à { $to } dès qu'il y aura du réseau.
cancelled = C'est annulé.
kept = J'ai gardé le brouillon. Dites « envoie » pour continuer.
undone = Arrêté. Il n'est pas parti.
undone-afterwards = Il était parti. Je le supprime.
undo-nothing = Il n'y a rien à défaire.
undo-too-late = Trop tard, le message est parti.
no-messages = Pas de nouveau message.
no-messages-from = Pas de nouveau message { DE($from) }.
message = { $from } : { $body }
from-reaction = { $from } réagit
from-poll = { $from } demande
from-place = { $from } se trouve ici
from-voice = { $from }, de vive voix
voice-unheard = { $from } a envoyé un message vocal.
voice-unheard-next = { $from } a envoyé un message vocal. Le suivant ?
from-picture = { $from } envoie une image
from-file = { $from } envoie un fichier
ask-join = { $from } t'invite dans { $body } Je rejoins ?
ask-accept = { $from } veut t'écrire. J'accepte ?
joining = Je rejoins la conversation.
message-rest = { $body }
rest-continue = { $body } Je continue ?
rest-next = { $body } Le suivant ?
unknown-sender = Je ne connais pas { $said }.
no-more-messages = C'était le dernier.
nothing-to-repeat = Je n'ai encore rien dit.
nothing-to-reply = Il n'y a pas de message auquel répondre.
nothing-to-cancel = Il n'y a rien à annuler.
nothing-to-change = Il n'y a pas de message à changer.
help-idle = Dites « écris à Marion que j'arrive », ou « lis mes messages ».
help-confirm = Dites oui, non, « change-le », ou « à » et un nom.
help-recipient = Dites un nom, épelez-le, ou annule.
help-content = Dites votre message, ou annule.
help-choice = Dites un nom, « le premier », ou aucun.
help-reading = Dites suivant, répète, ou « réponds » et votre réponse.

# Ce que Herald ne sait pas faire.
cannot-call = Je ne peux pas passer d'appels.
cannot-share-location = Je ne sais pas où vous êtes.

# Pannes.
not-understood = Pardon, je n'ai pas compris.
not-found-in-message = Je ne trouve pas ces mots dans le message.
not-saved = Je n'ai pas pu l'enregistrer. Rien n'est parti. Je réessaie ?
wedged = Le message pour { $to } n'a pas pu être livré.
no-address = Je n'ai pas d'adresse pour { $to }. Rien n'est parti.
signed-out = Je suis déconnecté du réseau de messagerie. Rien n'est perdu.
expired = Le message pour { $to } n'a pas été livré à temps.

# Annonces.
incoming = Nouveau message { DE($from) }.
incoming-for = Nouveau message { DE($from) } pour { $to }.
new-customer = Un nouveau client sur le site.

# Ce qu'on reçoit, et la maison.
ask-reply = Que répondez-vous à { $to } ?
read-back-react = { $reaction } pour { $to }. J'envoie ?
a-heart = Un cœur
a-thumbs-up = Un pouce levé
a-thumbs-down = Un pouce baissé
a-laugh = Un rire
a-smile = Un sourire
a-sad-face = Un visage triste
an-angry-face = Un visage en colère
a-wow = Un waouh
nothing-to-react = Il n'y a pas de message auquel réagir.
which-reaction = Dites cœur, pouce levé, pouce baissé, rire, triste, colère ou waouh.
i-am-here = Je suis ici : { $place }
cannot-call-write = Je ne peux pas appeler, mais je peux écrire.
call-me = Tu peux m'appeler ?
emergency = Je ne peux pas appeler les secours. Appelez le { $number } par téléphone.
who-from = C'est un message { DE($from) }.
nothing-read = Je ne vous ai encore rien lu.
offer-words = Je peux répondre : { $body } D'accord ?
offer-place = Je dis où vous êtes ?
no-offer = Je n'ai rien à proposer.
catch-up = { $count } nouveaux messages : { $list }. Je les lis ?
catch-up-one = Un nouveau message { DE($from) }. Je le lis ?
digest = { $count } nouveaux messages : { $list }.
count-from = { $count } { DE($from) }
count-from-for = { $count } { DE($from) } pour { $to }
count-others = { $count } d'autres personnes
help-offer = Dites oui pour les écouter, ou non.
waiting-unread = { $count ->
    [one] Un nouveau message.
   *[other] { $count } nouveaux messages.
}
waiting-unsent = { $count ->
    [one] Un message attend de partir.
   *[other] { $count } messages attendent de partir.
}
waiting-draft = Un brouillon est gardé.
waiting-nothing = Rien n'attend.
louder = Plus fort.
quieter = Moins fort.
loudest = Je ne peux pas parler plus fort.
quietest = Je ne peux pas parler moins fort.
muted = Le micro est coupé. « herald unmute » le rétablit.
auto-reply = Je conduis. Je répondrai plus tard.
why-nothing = Je ne me souviens de rien que j'aie fait.
why-confirmed = J'ai écrit à { $to } parce que vous avez dit oui.
why-told = J'ai annoncé { $from } parce que vos règles le veulent.
why-quiet = Je n'ai rien dit { DE($from) } à cause des heures calmes.
why-held = Je n'ai rien dit { DE($from) }, selon vos règles.
why-driving = J'ai répondu seul à { $to } parce que vous conduisez.
forgotten = J'ai oublié ce que j'ai fait.
hello = Bonjour { $name }.
no-account = { $said } n'a pas de compte ici.
# Envoyer : relectures de ce qui a changé.
read-back-words = { $body } J'envoie ?
read-back-offer = { $body } J'envoie ? Vous pouvez aussi épeler un mot.
read-back-without = J'ai enlevé : { $body } J'envoie ?
read-back-only = Seulement à { $to }. J'envoie ?
read-back-also = Aussi à { $to }. J'envoie ?
read-back-audience = { $to } : { $body } J'envoie ?
to-person = à { $to }
to-group = { $count ->
    [one] à la seule personne { DE($to) }
   *[other] aux { $count } personnes { DE($to) }
}
not-sent-yet = Rien n'est encore parti. J'envoie à { $to } ?

# Envoyer : les noms.
ask-recipient-again = C'est pour qui ? Vous pouvez épeler le nom.
ask-spelling = Je ne connais pas { $said }. Épelez, ou dites un autre nom.
spell-now = Épelez le nom, lettre par lettre.
spell-later = Dites d'abord le message. Vous pourrez ensuite épeler un nom.
apart-nickname = { $name }, dit { $hint }
apart-number = { $name } qui finit par { $hint }
apart-address = { $name } à l'adresse { $hint }
help-letters = Dites les lettres, comme « M, A », ou « M comme Marie ».

# Envoyer : attendre et finir.
paused = J'attends. Dites « on continue » quand vous êtes prêt.
help-paused = Dites « on continue », ou annule.
help-kept = Dites « envoie » pour le brouillon, ou annule.
gave-up = Désolé, je n'y arrive pas. J'ai gardé le brouillon.

# L'argent.
euros = { $count ->
    [one] { $amount } euro
   *[other] { $amount } euros
}
dollars = { $count ->
    [one] { $amount } dollar
   *[other] { $amount } dollars
}
pounds = { $count ->
    [one] { $amount } livre
   *[other] { $amount } livres
}
francs = { $count ->
    [one] { $amount } franc
   *[other] { $amount } francs
}
digits = zéro un deux trois quatre cinq six sept huit neuf
decimal-point = virgule
ask-payee = À qui voulez-vous payer ?
ask-payee-unknown = Je ne connais pas { $said }. À qui voulez-vous payer ?
ask-debtor = À qui voulez-vous demander ?
ask-debtor-unknown = Je ne connais pas { $said }. À qui voulez-vous demander ?
ask-amount = Combien ?
ask-amount-again = Je n'ai pas compris le montant. Combien ?
pay-read-back = Payer { $amount }, à { $to }. Dites : oui, payer.
pay-read-back-for = Payer { $amount }, à { $to }, pour { $reason }. Dites : oui, payer.
pay-again = Déjà payé : { $amount }, à { $to }. Encore une fois ?
say-yes-pay = Dites : oui, payer. Ou non.
pay-lapsed = Je n'ai pas entendu « oui, payer ». Rien n'est payé.
pay-late = Aucun paiement n'attend. Rien n'est payé.
pay-instead = Rien n'est payé à { $to }.
nothing-paid = Rien n'est payé.
nothing-asked = Rien n'est envoyé.
pay-one-at-a-time = Un paiement est encore en cours. Un seul à la fois.
pay-no-undo = Je ne peux pas reprendre un paiement. Demandez à { $to }.
enter-pin = Entrez votre code sur la page.
wrong-pin = Ce code est faux. Réessayez sur la page.
help-pin = Entrez le code sur la page, ou dites annule.
help-amount = Dites un montant, comme « vingt euros », ou annule.
paid-noted = C'est noté : { $amount } à { $to }.
paid-moved = C'est payé : { $amount } à { $to }.
paid-handed-over = Scannez le code de la page avec l'application de votre banque.
paid-unknown = Je ne sais pas encore si c'est payé. Je vérifie.
request-words = Peux-tu me payer { $amount } ?
request-words-for = Peux-tu me payer { $amount } pour { $reason } ?
request-read-back = { $to } : { $body }{ $digits } J'envoie ?
owed-nothing = Personne ne doit rien.
owed-by-you = Vous devez { $amount } à { $name }.
owed-to-you = { $name } vous doit { $amount }.
owed-more = La page montre le reste.
paid-nobody = Personne n'a encore rien payé.
paid-by-you = Vous avez payé { $amount } à { $name }.
paid-by-you-for = Vous avez payé { $amount } à { $name } pour { $reason }.
paid-to-you = { $name } vous a payé { $amount }.
paid-to-you-for = { $name } vous a payé { $amount } pour { $reason }.
refused-unknown = Je ne sais pas à qui payer. Rien n'est payé.
refused-untrusted = Je ne paie pas encore cette personne. Autorisez-la sur la page.
refused-no-address = Je n'ai pas d'adresse de paiement. Entrez-la sur la page.
refused-several = Je ne peux payer qu'une personne à la fois.
refused-group = Je ne peux pas payer un groupe. Nommez une personne.
refused-unclear = Je n'ai pas compris le montant. Rien n'est payé.
refused-minimum = C'est trop peu pour payer. Rien n'est payé.
refused-maximum = C'est plus que je ne peux payer. Rien n'est payé.
refused-currency = Je ne paie pas dans cette monnaie. Rien n'est payé.
refused-moving = Pas en roulant. Redemandez-moi à l'arrêt.
refused-over-herald = Je parlais, donc rien n'est payé. Répétez, s'il vous plaît.
refused-over-media = Un son passait, donc rien n'est payé. Coupez-le d'abord.
refused-locked = Trop de codes faux. Réessayez dans quinze minutes.
refused-funds = Il n'y a pas assez d'argent. Rien n'est payé.
refused-grant = La limite du portefeuille est atteinte. Autorisez plus sur la page.
refused-owner = Seul le propriétaire de l'appareil peut payer.
refused-late = C'est trop tard. Rien n'est payé.
refused-provider = Je ne joins pas la banque. Rien n'est payé.
refused-not-saved = Je n'ai pas pu l'écrire. Rien n'est payé.
refused-off = Les paiements sont désactivés.
