// Everything the page says, in its two languages, and how it writes dates and times.

const ENGLISH = {
  home: "Home", conversations: "Messages", outbox: "Outbox", contacts: "Contacts", settings: "Settings",
  menu: "Main menu", skip: "Skip to content", skip_proposed: "Go to what is proposed", back: "Back", close: "Close",
  connecting: "Looking for Herald …",
  offline: "Herald cannot be reached. Trying again by itself.", online: "Connected again.",
  unreachable: "Herald did not answer. Look whether it was done before you try again.", failed: "That did not work.",
  decided: "This was already decided. Here is how it stands now.",
  just_changed: "This has just changed. Look again, then tap.",

  pair_title: "Pair this device", pair_lead: "Herald shows or speaks six digits when you ask it to pair a device.",
  pair_code: "Six digits", pair_name: "Name of this device", pair_button: "Pair", pair_wait: "Try again in {seconds} s",
  pair_wrong: "These digits are not right. Look again.", pair_six: "Please type all six digits.",
  pair_many: "Too many tries. Please wait a moment.", pair_ready: "You can try again now.",
  pair_lost: "This device is no longer paired. Pair it again to go on.",
  pair_private: "Nothing leaves your home: this page talks to your Herald alone.",
  device_phone: "Phone", device_tablet: "Tablet", device_computer: "Computer",

  mic_waiting: "Say “Herald”, or tap and talk", mic_listening: "I’m listening", mic_hearing: "I hear you",
  mic_thinking: "Thinking …", mic_speaking: "Speaking", mic_muted: "The microphone is off", mic_lost: "No microphone found",
  talk: "Talk", unmute: "Turn the microphone on", mute: "Turn the microphone off", mute_short: "Mute", unmute_short: "Unmute", stop: "Stop", repeat: "Say it again",
  you_said: "You said", herald_says: "Herald says", exchange: "What was said", now: "Microphone",

  proposed: "Proposed", kind_send: "Message", kind_reply: "Reply", kind_react: "Reaction",
  kind_share_location: "Where you are", kind_voice: "Voice message", kind_pay: "Payment",
  to: "To", confirm: "Send it?", confirm_pay: "Pay it?", voice_note: "Your recording is sent; these are its words.",
  yes: "Yes, send", yes_pay: "Yes, pay", yes_short: "Yes", no: "No", change: "Change",
  ask_whom: "To whom?", ask_which: "Which one?", ask_what: "What do you want to say?", ask_change: "What should change?",
  words: "Your words", done: "Done", another: "Somebody else", keep: "Back", find_person: "Find somebody", nobody: "Nobody by that name.",
  kept_words: "This was decided meanwhile. Your words are still here.", write_anew: "Write it anew", discard: "Discard",
  undo_lead: "You can still take it back.", undo: "Take it back",
  chips: "Suggestions", dismiss: "Dismiss: {label}",
  point_lead: "Tap somebody, then speak", point_to: "Speak to {name}", hint: "Now say: “Tell her …”, “Tell him …”",
  unread_one: "{count} new message", unread_other: "{count} new messages",
  unsent_one: "{count} message waits to be sent", unsent_other: "{count} messages wait to be sent",
  all_quiet: "Nothing new, nothing waiting.",

  search: "Search in messages", no_results: "Nothing found for “{text}”.",
  results_one: "{count} result", results_other: "{count} results", results_many: "The newest {count} results",
  no_conversations: "No conversations yet. Say “Herald, message …” and a name.", choose_conversation: "Choose a conversation.",
  you: "You", mine: "You: ", group: "Group", older: "Older messages", newest: "Go to the newest", no_messages: "No messages yet.",
  write_to: "Write to {name}", write_short: "Message", write_hint: "Herald asks before it sends.", write: "Go on", more: "Show all", less: "Show less",
  message_voice: "Voice message", message_picture: "Picture", message_file: "File", message_poll: "Poll", message_share_location: "Place", message_pay: "Payment",
  status_received: "received", status_read: "read", status_queued: "waiting", status_sending: "being sent", status_sent: "sent",
  status_delivered: "delivered", status_unverified: "perhaps sent", status_wedged: "not delivered", status_undone: "taken back", status_expired: "not sent in time",

  no_outbox: "Everything is sent.", outbox_lead: "What was confirmed and has not arrived.", retry: "Retry", drop: "Drop",
  drop_title: "Drop this message?", drop_text: "It will not be sent. This cannot be undone.", too_late: "Too late: it has already gone out.",
  retrying: "Herald tries again.", dropped: "Dropped. It will not be sent.",
  reason_too_large: "The network does not take messages of this size.", reason_forbidden: "You may not write there.",
  reason_unknown_recipient: "The network does not know the recipient.", reason_refused: "The network refused it.",
  reason_no_network: "There was no network for too long.", reason_no_answer: "The network never answered; it may have it.",

  search_contacts: "Search contacts", no_contacts: "No contact found.", details: "Details: {name}", nicknames: "Nicknames",
  no_nicknames: "No nicknames.", add_nickname: "New nickname", add: "Add", remove: "Remove: {text}", taken: "Somebody else already has this name.",
  learned: "Heard as", learned_lead: "Herald learned these from your corrections. If one means somebody else, say so.",
  no_learned: "Nothing learned yet.", not_this: "Not this one", not_this_of: "Not this one: {text}", forgotten: "Forgotten.",
  open_conversation: "Open conversation", talk_to: "Tap, then speak", no_contact: "This contact is not here.",

  sound: "Microphone and voice", profile: "Profile", profile_home: "Home", profile_car: "Car", driving: "Driving", moving: "Moving", parked: "Parked",
  moving_note: "While moving, this page shows only large buttons.", microphone: "Microphone", on: "On", off: "Off", volume: "Volume",
  quiet: "Quiet hours", quiet_lead: "Herald tells nothing by itself during this time.", from: "From", until: "Until",
  devices: "Paired devices", this_device: "this device", seen: "last seen {time}", paired: "paired {time}", revoke: "Unpair", revoke_of: "Unpair: {name}",
  revoke_title: "Unpair {name}?", revoke_text: "It can no longer see or do anything here until it is paired again.", revoked: "Unpaired.",
  why: "Why did you do that?", why_lead: "What Herald did by itself or after your yes, newest first.", no_why: "Herald has done nothing yet.",
  why_confirmed: "Sent, because you said yes.", why_told: "Told aloud, because your rules say so.", why_quiet_hours: "Kept silent: quiet hours.",
  why_kept_quiet: "Kept silent: quiet hours.", why_held: "Kept silent, because your rules say so.", why_driving: "Answered by itself, because you were driving.",
  why_other: "Done.",
  own_wallet: "Your wallet", wallet_open: "Herald has no permission to pay from your wallet.", wallet_connected: "Herald may pay from your wallet, up to the limit you gave.",
  wallet_key: "Key of this Herald", wallet_key_lead: "Add this key in your wallet’s settings first.", wallet_permission: "Permission", wallet_monthly: "Euros a month at most",
  wallet_permission_lead: "You give it at the wallet, once; the wallet enforces the limit.", wallet_begin: "Ask the wallet", wallet_given: "The permission was given.",
  wallet_withdraw: "Give the permission back", wallet_withdraw_text: "Herald cannot pay from your wallet any more.",
  links: "Kept links", no_links: "No link was kept yet.", forget: "Forget", forget_link: "Forget {link}", forgotten: "Forgotten.",
  figures: "Figures", figures_lead: "Counted on this device, without words or names. Fewer than {few} are not told.",
  figures_off: "No figures are kept. To keep them, on this device alone: stats = true under [telemetry].", figure: "Figure", last_days: "30 days",
  figure_conversations: "Conversations", figure_received: "Received", figure_sent: "Sent", figure_response_s: "Time to answer (median, s)",
  figure_by_voice: "Sent by voice", figure_by_touch: "Sent by touch", figure_by_typing: "Sent by typing",
  figure_suggestions_shown: "Suggestions shown", figure_suggestions_taken: "Suggestions taken", figure_suggestions_dismissed: "Suggestions dismissed",
  erase: "Erase everything", erase_lead: "Messages, the record of what was done, and all that was learned.",
  erase_title: "Erase everything?", erase_text: "All messages, the record of what was done and all that was learned are erased from this Herald. Contacts stay. This cannot be undone.",
  erase_sure: "Erase for good", erased: "Everything is erased.", cancel: "Cancel",

  kind_request_payment: "Payment request", confirm_request: "Ask for it?", yes_request: "Yes, ask",
  ask_amount: "How much?", say_amount: "Say the amount.", ask_again: "The same again?", again_note: "You paid this a short time ago.", yes_again: "Yes, again",
  ask_pin: "Your PIN, please", pay_pin: "Pay with PIN",
  bank_one: "{count} payment waits for your bank", bank_other: "{count} payments wait for your bank", stands_waiting: "waiting for your bank",
  money: "Money", payees: "Who may be paid", trail: "Audit trail",
  method_off: "Paying is switched off.", method_tab: "Herald notes what you pay on the tab. No money moves.",
  method_bank: "Your own bank pays. Herald hands it over here, and moves no money itself.", method_wallet: "Your own wallet pays, within the limit you gave it.",
  waiting_bank: "Waiting for your bank", qr_alt: "Code for your bank’s app", payto: "Open in the bank’s app",
  holder: "Name on the account", iban: "IBAN", wallet: "Wallet address", amount: "Amount", reason: "For",
  bank_done: "I have paid", bank_not_done: "I did not pay", money_done: "Noted as paid.", money_not_done: "Noted: not paid.",
  debts: "Who owes whom", tab_note: "The tab is a record of debts, not money.", no_debts: "Nobody owes anybody anything.",
  debt_contact: "{name} owes you", debt_owner: "You owe {name}", even: "We are even", even_with: "We are even: {name}",
  even_title: "Even with {name}?", even_text: "What stands on the tab between you in this currency is struck off.",
  requests: "Asked for", no_requests: "Nothing is asked for.", settled: "Received", settled_by: "Received: {name}", withdraw: "Withdraw", withdraw_from: "Withdraw: {name}",
  money_settled: "Received.", money_withdrawn: "Withdrawn.", history: "Payments and requests", no_history: "No payment yet.",
  stands_asked: "asked for", stands_noted: "on the tab", stands_paid: "paid", stands_pending: "not known yet", stands_voided: "not paid", refusal_not_done: "not paid, as you said",
  payees_lead: "By voice, only people on this list can be paid. A voice is not proof of who speaks, so the list is changed here, with your PIN.",
  payees_now: "May be paid", no_payees: "Nobody yet.", tab_only: "On the tab", distrust: "Remove", distrust_of: "Remove: {name}",
  distrust_title: "No longer pay {name}?", distrust_text: "To pay them by voice again you need your PIN.",
  trust_title: "Let somebody be paid", trust_lead: "For the tab a name is enough. A bank needs the account, a wallet its address.", trust: "Let them be paid", trusted: "They may be paid now.",
  needs_pin: "Set a PIN below first.", pin: "PIN", pin_set: "A PIN is set. It is asked for above your limits, and to change who may be paid.", no_pin: "No PIN yet. Larger payments and this list need one: 4 to 12 digits.",
  pin_old: "PIN until now", pin_new: "New PIN", pin_save: "Save PIN", pin_saved: "The PIN is saved.", tries_left: "Tries left: {left}.", locked_for: "Try again in {minutes} min.",
  trail_lead: "What was done about money. Each row carries the hash of the row before, so a changed row is found.", csv: "Save as CSV",
  chain_whole: "The chain is whole. Rows: {count}.", chain_broken: "Row {row} was changed, or is missing.",
  event_noted: "Noted on the tab", event_handed_over: "Handed to your bank", event_ordered: "Ordered at the wallet", event_submitted: "Submitted to the wallet", event_posted: "Paid", event_voided: "Not paid",
  event_asked: "Asked for", event_settled: "Request: received", event_withdrawn: "Request withdrawn", event_even: "Tab made even", event_pin_set: "PIN set", event_pin_given: "PIN given", event_pin_locked: "PIN locked",
  event_payee_trusted: "May be paid", event_payee_removed: "May not be paid any more",

  car: "Driving",
};

const FRENCH = {
  home: "Accueil", conversations: "Messages", outbox: "Envois", contacts: "Contacts", settings: "Réglages",
  menu: "Menu principal", skip: "Aller au contenu", skip_proposed: "Aller à la proposition", back: "Retour", close: "Fermer",
  connecting: "Recherche de Herald…",
  offline: "Herald est injoignable. Nouvel essai automatique.", online: "Connexion rétablie.",
  unreachable: "Herald n’a pas répondu. Vérifiez si c’est fait avant de recommencer.", failed: "Cela n’a pas marché.",
  decided: "C’était déjà décidé. Voici où l’on en est.",
  just_changed: "Cela vient de changer. Regardez, puis touchez.",

  pair_title: "Associer cet appareil", pair_lead: "Herald affiche ou dit six chiffres quand vous lui demandez d’associer un appareil.",
  pair_code: "Six chiffres", pair_name: "Nom de cet appareil", pair_button: "Associer", pair_wait: "Réessayez dans {seconds} s",
  pair_wrong: "Ce ne sont pas les bons chiffres. Vérifiez-les.", pair_six: "Tapez les six chiffres.",
  pair_many: "Trop d’essais. Patientez un peu.", pair_ready: "Vous pouvez réessayer.",
  pair_lost: "Cet appareil n’est plus associé. Associez-le de nouveau pour continuer.",
  pair_private: "Rien ne sort de chez vous : cette page ne parle qu’à votre Herald.",
  device_phone: "Téléphone", device_tablet: "Tablette", device_computer: "Ordinateur",

  mic_waiting: "Dites « Herald », ou touchez et parlez", mic_listening: "J’écoute", mic_hearing: "Je vous entends",
  mic_thinking: "Je réfléchis…", mic_speaking: "Je parle", mic_muted: "Le micro est coupé", mic_lost: "Aucun micro trouvé",
  talk: "Parler", unmute: "Rétablir le micro", mute: "Couper le micro", mute_short: "Couper le micro", unmute_short: "Rétablir le micro", stop: "Stop", repeat: "Répéter",
  you_said: "Vous avez dit", herald_says: "Herald dit", exchange: "Ce qui s’est dit", now: "Micro",

  proposed: "Proposition", kind_send: "Message", kind_reply: "Réponse", kind_react: "Réaction",
  kind_share_location: "Votre position", kind_voice: "Message vocal", kind_pay: "Paiement",
  to: "À", confirm: "J’envoie ?", confirm_pay: "Je paie ?", voice_note: "C’est votre voix qui part ; voici ses mots.",
  yes: "Oui, envoyer", yes_pay: "Oui, payer", yes_short: "Oui", no: "Non", change: "Modifier",
  ask_whom: "C’est pour qui ?", ask_which: "Qui exactement ?", ask_what: "Que voulez-vous dire ?", ask_change: "Que faut-il changer ?",
  words: "Votre message", done: "Terminé", another: "Quelqu’un d’autre", keep: "Retour", find_person: "Chercher quelqu’un", nobody: "Personne de ce nom.",
  kept_words: "C’était décidé entre-temps. Vos mots sont toujours là.", write_anew: "Réécrire", discard: "Abandonner",
  undo_lead: "Vous pouvez encore le reprendre.", undo: "Reprendre",
  chips: "Suggestions", dismiss: "Écarter : {label}",
  point_lead: "Touchez quelqu’un, puis parlez", point_to: "Parler à {name}", hint: "Dites maintenant : « Dis-lui que… »",
  unread_one: "{count} nouveau message", unread_other: "{count} nouveaux messages",
  unsent_one: "{count} message attend de partir", unsent_other: "{count} messages attendent de partir",
  all_quiet: "Rien de nouveau, rien en attente.",

  search: "Chercher dans les messages", no_results: "Rien trouvé pour « {text} ».",
  results_one: "{count} résultat", results_other: "{count} résultats", results_many: "Les {count} résultats les plus récents",
  no_conversations: "Aucune conversation. Dites « Herald, écris à… » et un nom.", choose_conversation: "Choisissez une conversation.",
  you: "Vous", mine: "Vous : ", group: "Groupe", older: "Messages plus anciens", newest: "Aller aux plus récents", no_messages: "Aucun message.",
  write_to: "Écrire à {name}", write_short: "Message", write_hint: "Herald demande avant d’envoyer.", write: "Continuer", more: "Tout afficher", less: "Réduire",
  message_voice: "Message vocal", message_picture: "Image", message_file: "Fichier", message_poll: "Sondage", message_share_location: "Lieu", message_pay: "Paiement",
  status_received: "reçu", status_read: "lu", status_queued: "en attente", status_sending: "envoi en cours", status_sent: "envoyé",
  status_delivered: "distribué", status_unverified: "peut-être envoyé", status_wedged: "non distribué", status_undone: "repris", status_expired: "pas parti à temps",

  no_outbox: "Tout est parti.", outbox_lead: "Ce que vous avez confirmé et qui n’est pas arrivé.", retry: "Réessayer", drop: "Abandonner",
  drop_title: "Abandonner ce message ?", drop_text: "Il ne partira pas. C’est définitif.", too_late: "Trop tard : il est déjà parti.",
  retrying: "Herald réessaie.", dropped: "Abandonné. Il ne partira pas.",
  reason_too_large: "Le réseau n’accepte pas les messages de cette taille.", reason_forbidden: "Vous n’avez pas le droit d’y écrire.",
  reason_unknown_recipient: "Le réseau ne connaît pas le destinataire.", reason_refused: "Le réseau l’a refusé.",
  reason_no_network: "Pas de réseau pendant trop longtemps.", reason_no_answer: "Le réseau n’a jamais répondu ; il l’a peut-être.",

  search_contacts: "Chercher un contact", no_contacts: "Aucun contact trouvé.", details: "Détails : {name}", nicknames: "Surnoms",
  no_nicknames: "Aucun surnom.", add_nickname: "Nouveau surnom", add: "Ajouter", remove: "Retirer : {text}", taken: "Quelqu’un d’autre porte déjà ce nom.",
  learned: "Entendu comme", learned_lead: "Herald l’a appris de vos corrections. Si l’un désigne quelqu’un d’autre, dites-le.",
  no_learned: "Rien appris pour l’instant.", not_this: "Pas cette personne", not_this_of: "Pas cette personne : {text}", forgotten: "Oublié.",
  open_conversation: "Ouvrir la conversation", talk_to: "Touchez, puis parlez", no_contact: "Ce contact n’est pas là.",

  sound: "Micro et voix", profile: "Profil", profile_home: "Maison", profile_car: "Voiture", driving: "Conduite", moving: "En route", parked: "À l’arrêt",
  moving_note: "En route, cette page ne montre que de grands boutons.", microphone: "Micro", on: "Activé", off: "Coupé", volume: "Volume",
  quiet: "Heures calmes", quiet_lead: "Pendant ce temps, Herald n’annonce rien de lui-même.", from: "De", until: "À",
  devices: "Appareils associés", this_device: "cet appareil", seen: "vu {time}", paired: "associé {time}", revoke: "Dissocier", revoke_of: "Dissocier : {name}",
  revoke_title: "Dissocier {name} ?", revoke_text: "Il ne pourra plus rien voir ni faire ici avant d’être associé de nouveau.", revoked: "Dissocié.",
  why: "Pourquoi as-tu fait ça ?", why_lead: "Ce que Herald a fait de lui-même ou après votre oui, du plus récent au plus ancien.", no_why: "Herald n’a encore rien fait.",
  why_confirmed: "Envoyé, parce que vous avez dit oui.", why_told: "Annoncé, parce que vos règles le veulent.", why_quiet_hours: "Passé sous silence : heures calmes.",
  why_kept_quiet: "Passé sous silence : heures calmes.", why_held: "Passé sous silence, selon vos règles.", why_driving: "Réponse automatique, parce que vous conduisiez.",
  why_other: "Fait.",
  own_wallet: "Votre portefeuille", wallet_open: "Herald n’a pas la permission de payer depuis votre portefeuille.", wallet_connected: "Herald peut payer depuis votre portefeuille, dans la limite donnée.",
  wallet_key: "Clé de ce Herald", wallet_key_lead: "Ajoutez d’abord cette clé dans les réglages de votre portefeuille.", wallet_permission: "Permission", wallet_monthly: "Euros par mois au plus",
  wallet_permission_lead: "Vous la donnez chez le portefeuille, une fois ; c’est lui qui tient la limite.", wallet_begin: "Demander au portefeuille", wallet_given: "La permission est donnée.",
  wallet_withdraw: "Rendre la permission", wallet_withdraw_text: "Herald ne pourra plus payer depuis votre portefeuille.",
  links: "Liens gardés", no_links: "Aucun lien gardé pour l’instant.", forget: "Oublier", forget_link: "Oublier {link}", forgotten: "Oublié.",
  figures: "Chiffres", figures_lead: "Comptés sur cet appareil, sans mots ni noms. Moins de {few} n’est pas dit.",
  figures_off: "Aucun chiffre n’est gardé. Pour les garder, sur cet appareil seul : stats = true sous [telemetry].", figure: "Chiffre", last_days: "30 jours",
  figure_conversations: "Conversations", figure_received: "Reçus", figure_sent: "Envoyés", figure_response_s: "Temps de réponse (médiane, s)",
  figure_by_voice: "Envoyés par la voix", figure_by_touch: "Envoyés au toucher", figure_by_typing: "Envoyés au clavier",
  figure_suggestions_shown: "Suggestions montrées", figure_suggestions_taken: "Suggestions suivies", figure_suggestions_dismissed: "Suggestions écartées",
  erase: "Tout effacer", erase_lead: "Les messages, la trace de ce qui a été fait et tout ce qui a été appris.",
  erase_title: "Tout effacer ?", erase_text: "Tous les messages, la trace de ce qui a été fait et tout ce qui a été appris sont effacés de ce Herald. Les contacts restent. C’est définitif.",
  erase_sure: "Effacer définitivement", erased: "Tout est effacé.", cancel: "Annuler",

  kind_request_payment: "Demande de paiement", confirm_request: "Je le demande ?", yes_request: "Oui, demander",
  ask_amount: "Combien ?", say_amount: "Dites le montant.", ask_again: "Encore une fois ?", again_note: "Vous venez de payer la même chose.", yes_again: "Oui, encore",
  ask_pin: "Votre code PIN", pay_pin: "Payer avec le code PIN",
  bank_one: "{count} paiement attend votre banque", bank_other: "{count} paiements attendent votre banque", stands_waiting: "en attente de votre banque",
  money: "Argent", payees: "Qui peut être payé", trail: "Trace des paiements",
  method_off: "Les paiements sont désactivés.", method_tab: "Herald note vos paiements sur l’ardoise. Aucun argent ne bouge.",
  method_bank: "C’est votre banque qui paie. Herald lui prépare tout ici, et ne déplace pas d’argent lui-même.", method_wallet: "C’est votre portefeuille qui paie, dans la limite que vous lui avez donnée.",
  waiting_bank: "En attente de votre banque", qr_alt: "Code pour l’application de votre banque", payto: "Ouvrir dans l’application bancaire",
  holder: "Titulaire du compte", iban: "IBAN", wallet: "Adresse de portefeuille", amount: "Montant", reason: "Motif",
  bank_done: "J’ai payé", bank_not_done: "Je n’ai pas payé", money_done: "C’est noté : payé.", money_not_done: "C’est noté : pas payé.",
  debts: "Qui doit à qui", tab_note: "L’ardoise note des dettes ; ce n’est pas de l’argent.", no_debts: "Personne ne doit rien à personne.",
  debt_contact: "{name} vous doit", debt_owner: "Vous devez à {name}", even: "Nous sommes quittes", even_with: "Nous sommes quittes : {name}",
  even_title: "Quittes avec {name} ?", even_text: "Ce qui est sur l’ardoise entre vous, dans cette monnaie, est effacé.",
  requests: "Demandé", no_requests: "Rien n’est demandé.", settled: "Reçu", settled_by: "Reçu : {name}", withdraw: "Retirer", withdraw_from: "Retirer : {name}",
  money_settled: "Reçu.", money_withdrawn: "Retirée.", history: "Paiements et demandes", no_history: "Aucun paiement.",
  stands_asked: "demandé", stands_noted: "sur l’ardoise", stands_paid: "payé", stands_pending: "pas encore connu", stands_voided: "pas payé", refusal_not_done: "pas payé, selon vous",
  payees_lead: "Par la voix, seules ces personnes peuvent être payées. Une voix ne prouve pas qui parle : la liste se change ici, avec votre code PIN.",
  payees_now: "Peuvent être payés", no_payees: "Personne pour l’instant.", tab_only: "Sur l’ardoise", distrust: "Retirer", distrust_of: "Retirer : {name}",
  distrust_title: "Ne plus payer {name} ?", distrust_text: "Pour payer cette personne de nouveau par la voix, il faudra votre code PIN.",
  trust_title: "Permettre un paiement", trust_lead: "Pour l’ardoise, un nom suffit. La banque demande le compte, un portefeuille son adresse.", trust: "Permettre", trusted: "Cette personne peut être payée.",
  needs_pin: "Choisissez d’abord un code PIN, plus bas.", pin: "Code PIN", pin_set: "Un code PIN est choisi. Il est demandé au-delà de vos limites, et pour changer qui peut être payé.", no_pin: "Pas encore de code PIN. Les paiements plus élevés et cette liste en demandent un : de 4 à 12 chiffres.",
  pin_old: "Code PIN actuel", pin_new: "Nouveau code PIN", pin_save: "Enregistrer le code PIN", pin_saved: "Le code PIN est enregistré.", tries_left: "Essais restants : {left}.", locked_for: "Réessayez dans {minutes} min.",
  trail_lead: "Tout ce qui a été fait avec de l’argent. Chaque ligne porte l’empreinte de la précédente : une ligne changée se voit.", csv: "Enregistrer en CSV",
  chain_whole: "La chaîne est intacte. Lignes : {count}.", chain_broken: "La ligne {row} a été changée, ou manque.",
  event_noted: "Noté sur l’ardoise", event_handed_over: "Remis à votre banque", event_ordered: "Ordonné au portefeuille", event_submitted: "Transmis au portefeuille", event_posted: "Payé", event_voided: "Pas payé",
  event_asked: "Demandé", event_settled: "Demande : reçu", event_withdrawn: "Demande retirée", event_even: "Ardoise effacée", event_pin_set: "Code PIN choisi", event_pin_given: "Code PIN donné", event_pin_locked: "Code PIN bloqué",
  event_payee_trusted: "Peut être payé", event_payee_removed: "Ne peut plus être payé",

  car: "Conduite",
};

const LANGUAGES = { en: ENGLISH, fr: FRENCH };

let language = navigator.language.toLowerCase().startsWith("fr") ? "fr" : "en";

export const lang = () => language;

/** Takes the language of the daemon; says whether it is another one. */
export function speak(wanted) {
  const next = wanted === "fr" ? "fr" : "en";
  const changed = next !== language;
  language = next;
  document.documentElement.lang = next;
  return changed;
}

/**
 * A sentence, or nothing for what a newer daemon may name. What is filled in is kept apart, so that a name in Arabic does not
 * turn the sentence around it.
 */
export function t(key, filled = {}) {
  return (LANGUAGES[language][key] ?? "").replace(/\{(\w+)\}/g, (_, name) =>
    typeof filled[name] === "number" ? number(filled[name]) : `\u2068${filled[name]}\u2069`);
}

export const known = (key) => key in ENGLISH;

/** A sentence that counts. */
export function counted(key, count) {
  const plural = new Intl.PluralRules(language).select(count) === "one" ? "one" : "other";
  return t(`${key}_${plural}`, { count });
}

export const number = (value) => new Intl.NumberFormat(language).format(value);

/** Money as people of the language write it. */
export const amount = ({ amount: decimal, currency }) => new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(decimal);

// The region decides between 12 and 24 hours where it belongs to the language.
const locale = () => navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;

const format = (at, options) => new Intl.DateTimeFormat(locale(), options).format(new Date(at));

const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);

const daysAgo = (at) => Math.round((midnight(Date.now()) - midnight(at)) / 86_400_000);

export const clock = (at) => format(at, { hour: "numeric", minute: "2-digit" });

/** "today", "yesterday", "Tuesday", "3 May" or "3 May 2024". */
export function day(at) {
  const ago = daysAgo(at);
  if (ago === 0 || ago === 1) return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-ago, "day");
  if (ago > 1 && ago < 7) return format(at, { weekday: "long" });
  const year = new Date(at).getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return format(at, { day: "numeric", month: "long", year });
}

/** As short as a list needs it. */
export function brief(at) {
  const ago = daysAgo(at);
  if (ago === 0) return clock(at);
  if (ago > 0 && ago < 7) return format(at, { weekday: "short" });
  return format(at, { day: "numeric", month: "numeric", year: "2-digit" });
}

export const moment = (at) => `${day(at)}, ${clock(at)}`;

export const names = (people) => new Intl.ListFormat(language).format(people.map(({ name }) => name));
