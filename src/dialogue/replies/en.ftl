# Everything Herald says in English. Words in { } are filled in.
# The car profile allows 12 words a prompt, the user's own words not counted.

# Read-backs: what a "yes" will send, and to whom.
read-back = To { $to }: { $body } Send it?
read-back-now = I can only send now. To { $to }: { $body } Send it?
read-back-group = { $count ->
    [one] To the only person of { $to }: { $body } Send it?
   *[other] To the { $count } people of { $to }: { $body } Send it?
}
read-back-recipient = To { $to } instead. Send it?
read-back-voice = { $to }, by voice: { $body } Send it?
read-back-reply = Reply to { $to }: { $body } Send it?

and = and

# Questions.
ask-recipient = Who is it for?
ask-recipient-unknown = I don't know { $said }. Who is it for?
ask-content = What do you want to say to { $to }?
ask-choice = { $first } or { $second }?
ask-choice-three = { $first }, { $second } or { $third }?
ask-meant = Do you mean { $name }?
ask-change = Not sent. What should I change?
ask-yes-no = Send it to { $to }? Yes or no?
ask-next = { $from }: { $body } Next one?
ask-continue = { $from }: { $body } Continue?

# Answers.
sending = Sending to { $to }.
sending-later = I'll send it to { $to } when there is network.
cancelled = Cancelled.
kept = I kept it as a draft. Say "send it" to go on.
undone = Stopped. It was not sent.
undone-afterwards = It was sent. I am deleting it.
undo-nothing = There is nothing to undo.
undo-too-late = Too late, it has been sent.
no-messages = No new messages.
no-messages-from = No new messages from { $from }.
message = { $from }: { $body }
from-reaction = { $from } reacted
from-poll = { $from } asks
from-place = { $from } is here
from-voice = { $from }, by voice
voice-unheard = { $from } sent a voice message.
voice-unheard-next = { $from } sent a voice message. Next one?
from-picture = { $from } sent a picture
from-file = { $from } sent a file
ask-join = { $from } invites you to { $body } Join?
ask-accept = { $from } wants to write to you. Accept?
joining = Joining the conversation.
message-rest = { $body }
rest-continue = { $body } Continue?
rest-next = { $body } Next one?
unknown-sender = I don't know { $said }.
no-more-messages = That was the last one.
nothing-to-repeat = I have not said anything yet.
nothing-to-reply = There is no message to reply to.
nothing-to-cancel = There is nothing to cancel.
nothing-to-change = There is no message to change.
help-idle = Say "message Marion that I'm late", or "read my messages".
help-confirm = Say yes, no, "change it", or "to" and a name.
help-recipient = Say a name, spell it, or cancel.
help-content = Say your message, or cancel.
help-choice = Say a name, "the first one", or neither.
help-reading = Say next, repeat, or "reply" and your answer.

# What Herald cannot do.
cannot-call = I can't place calls.
cannot-share-location = I don't know where you are.

# Faults.
not-understood = Sorry, I did not understand.
not-found-in-message = I can't find those words in the message.
not-saved = I could not save it. Nothing was sent. Try again?
wedged = The message to { $to } could not be delivered.
no-address = I have no address for { $to }. Nothing was sent.
signed-out = I am signed out of the chat network. Nothing is lost.
expired = The message to { $to } was not delivered in time.

# Announcements.
incoming = New message from { $from }.
incoming-for = New message for { $to } from { $from }.
new-customer = A new customer on the site.

# The receiving side and the house.
ask-reply = What is your reply to { $to }?
read-back-react = { $reaction } for { $to }. Send it?
a-heart = A heart
a-thumbs-up = A thumbs up
a-thumbs-down = A thumbs down
a-laugh = A laugh
a-smile = A smile
a-sad-face = A sad face
an-angry-face = An angry face
a-wow = A wow
nothing-to-react = There is no message to react to.
which-reaction = Say heart, thumbs up, thumbs down, laugh, sad, angry or wow.
i-am-here = I am here: { $place }
cannot-call-write = I can't place calls, but I can write.
call-me = Can you call me?
emergency = I can't call for help. Call { $number } from a phone now.
who-from = It is from { $from }.
nothing-read = I have not read anything to you yet.
offer-words = I could answer: { $body } Shall I?
offer-place = Shall I say where you are?
no-offer = I have nothing to suggest.
catch-up = { $count } new messages: { $list }. Shall I read them?
catch-up-one = One new message, from { $from }. Shall I read it?
digest = { $count } new messages: { $list }.
count-from = { $count } from { $from }
count-from-for = { $count } from { $from } for { $to }
count-others = { $count } from others
help-offer = Say yes to hear them, or no.
waiting-unread = { $count ->
    [one] One new message.
   *[other] { $count } new messages.
}
waiting-unsent = { $count ->
    [one] One message waits to be sent.
   *[other] { $count } messages wait to be sent.
}
waiting-draft = A draft is kept.
waiting-nothing = Nothing is waiting.
louder = Louder.
quieter = Quieter.
loudest = I can't speak any louder.
quietest = I can't speak any quieter.
muted = The microphone is off. "herald unmute" turns it on.
auto-reply = I'm driving. I will answer later.
why-nothing = I remember nothing that I did.
why-confirmed = I wrote to { $to } because you said yes.
why-told = I told you about { $from } because your rules say so.
why-quiet = I kept quiet about { $from } because of quiet hours.
why-held = I kept quiet about { $from } because your rules say so.
why-driving = I answered { $to } by myself because you are driving.
forgotten = I have forgotten what I did.
hello = Hello, { $name }.
no-account = { $said } has no account here.
# Sending: read-backs of what changed.
read-back-words = { $body } Send it?
read-back-offer = { $body } Send it? You can also spell a word.
read-back-without = I took out: { $body } Send it?
read-back-only = Only to { $to }. Send it?
read-back-also = Also to { $to }. Send it?
read-back-audience = { $to }: { $body } Send it?
to-person = to { $to }
to-group = { $count ->
    [one] to the only person of { $to }
   *[other] to the { $count } people of { $to }
}
not-sent-yet = Nothing was sent yet. Send it to { $to }?

# Sending: names.
ask-recipient-again = Who is it for? You can spell the name.
ask-spelling = I don't know { $said }. Spell it, or say another name.
spell-now = Spell the name, letter by letter.
spell-later = Say the message first. Then you can spell a name.
apart-nickname = { $name }, called { $hint }
apart-number = { $name } ending in { $hint }
apart-address = { $name } at { $hint }
help-letters = Say the letters, like "M, A", or "M as in Mike".

# Sending: waiting and ending.
paused = I'm waiting. Say "go on" when you're ready.
help-paused = Say "go on", or cancel.
help-kept = Say "send it" for your draft, or cancel.
gave-up = Sorry, I can't get it. I kept it as a draft.

# Money.
euros = { $count ->
    [one] { $amount } euro
   *[other] { $amount } euros
}
dollars = { $count ->
    [one] { $amount } dollar
   *[other] { $amount } dollars
}
pounds = { $count ->
    [one] { $amount } pound
   *[other] { $amount } pounds
}
francs = { $count ->
    [one] { $amount } franc
   *[other] { $amount } francs
}
digits = zero one two three four five six seven eight nine
decimal-point = point
ask-payee = Whom do you want to pay?
ask-payee-unknown = I don't know { $said }. Whom do you want to pay?
ask-debtor = Whom do you want to ask?
ask-debtor-unknown = I don't know { $said }. Whom do you want to ask?
ask-amount = How much?
ask-amount-again = I did not get the amount. How much?
pay-read-back = Pay { $to } { $amount }. Say: yes, pay.
pay-read-back-for = Pay { $to } { $amount }, for { $reason }. Say: yes, pay.
pay-again = Just now you paid { $to } { $amount }. Again?
say-yes-pay = Say: yes, pay. Or no.
pay-lapsed = I heard no "yes, pay". Nothing was paid.
pay-late = Nothing waits to be paid. Nothing was paid.
pay-instead = Nothing was paid to { $to }.
nothing-paid = Nothing was paid.
nothing-asked = Nothing was sent.
pay-one-at-a-time = A payment is still under way. One at a time.
pay-no-undo = I can't take a payment back. Ask { $to } for it.
enter-pin = Enter your PIN on the page.
wrong-pin = That PIN is wrong. Try again on the page.
help-pin = Enter the PIN on the page, or say cancel.
help-amount = Say an amount, like "twenty euros", or cancel.
paid-noted = Noted: { $amount } to { $to }.
paid-moved = Paid: { $amount } to { $to }.
paid-handed-over = Scan the code on the page with your bank's app.
paid-unknown = I don't know yet if it was paid. I am checking.
request-words = Please pay me { $amount }.
request-words-for = Please pay me { $amount } for { $reason }.
request-read-back = { $to }: { $body }{ $digits } Send it?
owed-nothing = Nobody owes anything.
owed-by-you = You owe { $name } { $amount }.
owed-to-you = { $name } owes you { $amount }.
owed-more = The page shows the rest.
paid-nobody = Nobody has paid anything yet.
paid-by-you = You paid { $name } { $amount }.
paid-by-you-for = You paid { $name } { $amount } for { $reason }.
paid-to-you = { $name } paid you { $amount }.
paid-to-you-for = { $name } paid you { $amount } for { $reason }.
refused-unknown = I don't know whom to pay. Nothing was paid.
refused-untrusted = I don't pay them yet. Allow them on the page first.
refused-no-address = I have no address to pay them. Enter it on the page.
refused-several = I can only pay one person at a time.
refused-group = I can't pay a group. Name one person.
refused-unclear = I did not get the amount. Nothing was paid.
refused-minimum = That is too little to pay. Nothing was paid.
refused-maximum = That is more than I may pay. Nothing was paid.
refused-currency = I can't pay in that currency. Nothing was paid.
refused-moving = Not while the car moves. Ask me again when parked.
refused-over-herald = I was speaking, so nothing was paid. Please say it again.
refused-over-media = Something was playing, so nothing was paid. Turn it off first.
refused-locked = Too many wrong PINs. Try again in fifteen minutes.
refused-funds = There is not enough money. Nothing was paid.
refused-grant = The wallet's limit is reached. Allow more on the page.
refused-owner = Only the owner of this device can pay.
refused-late = That came too late. Nothing was paid.
refused-provider = I can't reach the bank or wallet. Nothing was paid.
refused-not-saved = I could not write it down. Nothing was paid.
refused-off = Payments are switched off.
