//! Reading messages aloud, oldest first, one at a time. "Reply" means the message read last.

use std::collections::VecDeque;

use crate::{
    config::Lang,
    intent::{Expected, IntentName},
};

use super::{
    CERTAIN, Dialogue, Effect, Event, Heard, Reply, ReplyId, ReplyKind, State,
    event::{Unread, UnreadKind},
    replies::{Sentence, as_sentence},
    state::Reading,
};

impl Dialogue {
    /// Reads the first of the messages that were found.
    pub(super) fn read_first(&mut self, messages: Vec<Unread>, out: &mut Vec<Effect>) -> State {
        let from = self.fetching_from.take();
        if std::mem::take(&mut self.counting) {
            return self.offer(messages, out);
        }
        match (self.read_next(messages.into(), out), from) {
            (Some(reading), _) => self.offer_unasked(reading, out),
            (None, Some(from)) => {
                self.answer(ReplyKind::Answer, &Sentence::new("no-messages-from").with("from", from.name), out)
            }
            (None, None) => self.answer(ReplyKind::Answer, &Sentence::new("no-messages"), out),
        }
    }

    fn read_next(&mut self, mut queue: VecDeque<Unread>, out: &mut Vec<Effect>) -> Option<Reading> {
        let current = queue.pop_front()?;
        let (now, rest) = self.cut(&current.body);
        let key = match (&rest, queue.is_empty()) {
            // A conversation without a name of its own is called after the one who invites.
            _ if current.kind == UnreadKind::Invite && current.body == current.from.name => Sentence::new("ask-accept"),
            _ if current.kind == UnreadKind::Invite => Sentence::new("ask-join"),
            // Nobody has listened to it, or nothing was understood.
            (_, is_last) if current.kind == UnreadKind::Voice && current.body.is_empty() => match is_last {
                true => Sentence::new("voice-unheard"),
                false => Sentence::new("voice-unheard-next"),
            },
            (Some(_), _) => Sentence::new("ask-continue"),
            (None, false) => Sentence::new("ask-next"),
            (None, true) => Sentence::new("message"),
        };
        let sentence = key.with("from", self.sender(&current));
        self.read_aloud(sentence, &as_sentence(&now), current.lang, out);
        self.read = Some(current.clone());
        out.push(Effect::MarkRead(vec![current.id.clone()]));
        Some(Reading { current, rest, queue, offered: None })
    }

    /// Says a sentence with somebody's words in it, which are spoken in their own language.
    fn read_aloud(&mut self, sentence: Sentence, body: &str, lang: Option<Lang>, out: &mut Vec<Effect>) {
        let text = self.replies.text(self.lang, &sentence.with("body", body));
        let quoted = lang.filter(|lang| *lang != self.lang).and_then(|lang| {
            let from = text.rfind(body)?;
            Some((from..from + body.len(), lang))
        });
        let reply = Reply { id: ReplyId(0), text, lang: self.lang, kind: ReplyKind::Answer, quoted };
        let id = self.say_reply(reply, out);
        self.await_answer(id, Expected::Reading, out);
    }

    /// Who wrote a message, and, where it is not plain words, what it is.
    fn sender(&self, message: &Unread) -> String {
        let key = match message.kind {
            UnreadKind::Text | UnreadKind::Invite => return message.from.name.clone(),
            UnreadKind::Reaction => Sentence::new("from-reaction"),
            UnreadKind::Poll => Sentence::new("from-poll"),
            UnreadKind::Place => Sentence::new("from-place"),
            UnreadKind::Voice => Sentence::new("from-voice"),
            UnreadKind::Picture => Sentence::new("from-picture"),
            UnreadKind::File => Sentence::new("from-file"),
        };
        self.replies.text(self.lang, &key.with("from", message.from.name.clone()))
    }

    /// Cuts a long message at a word, where the profile limits what is read at once.
    fn cut(&self, body: &str) -> (String, Option<String>) {
        let Some(limit) = self.policy.read_chars else {
            return (body.to_owned(), None);
        };
        if body.chars().count() <= limit {
            return (body.to_owned(), None);
        }
        let head: String = body.chars().take(limit).collect();
        let end = head.rfind(char::is_whitespace).unwrap_or(head.len());
        let (now, rest) = body.split_at(end);
        (now.trim_end().to_owned(), Some(rest.trim_start().to_owned()))
    }

    /// Messages were counted: a yes reads them, silence does not.
    pub(super) fn offering(&mut self, queue: VecDeque<Unread>, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => {
                self.stop_timer(out);
                return self.heard_after_offer(queue, &heard, out);
            }
            Event::Told(told) => return self.told(State::Offering(queue), told, out),
            Event::TimerFired(_) => return self.rest(out),
            Event::SpeechStarted => self.stop_timer(out),
            Event::HeardNothing => self.start_timer(self.policy.answer_timeout, out),
            Event::Spoken(reply) | Event::Cut(reply) => self.spoken(reply, self.policy.answer_timeout, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            Event::Queued(..)
            | Event::PaymentChecked(..)
            | Event::PinGiven(..)
            | Event::Requested(..)
            | Event::NotQueued(_)
            | Event::TakenBack(..)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..) => {}
        }
        State::Offering(queue)
    }

    fn heard_after_offer(&mut self, queue: VecDeque<Unread>, heard: &Heard, out: &mut Vec<Effect>) -> State {
        match heard.intent.name {
            IntentName::Confirm | IntentName::Next => self.read_on(queue, out),
            IntentName::Deny | IntentName::Cancel => self.rest(out),
            IntentName::Repeat => {
                self.say_again(Expected::Reading, out);
                State::Offering(queue)
            }
            IntentName::Help | IntentName::Other => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-offer"), Expected::Reading, out);
                State::Offering(queue)
            }
            IntentName::SendMessage
            | IntentName::ReplyMessage
            | IntentName::ReadMessages
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::ShareLocation
            | IntentName::Undo
            | IntentName::Edit
            | IntentName::Choose
            | IntentName::Spell => self.begin(heard, out),
        }
    }

    pub(super) fn reading(&mut self, reading: Reading, event: Event, out: &mut Vec<Effect>) -> State {
        match event {
            Event::Heard(heard) => {
                self.stop_timer(out);
                return self.heard_while_reading(reading, &heard, out);
            }
            // Silence after a message is no failure: the user has heard enough.
            Event::TimerFired(_) => return self.rest(out),
            Event::SpeechStarted => self.stop_timer(out),
            Event::HeardNothing => self.start_timer(self.policy.answer_timeout, out),
            Event::Spoken(reply) | Event::Cut(reply) => self.spoken(reply, self.policy.answer_timeout, out),
            Event::Told(told) => return self.told(State::Reading(reading), told, out),
            Event::Arrived(post) => self.hold(post),
            Event::Digest(posts) => posts.into_iter().for_each(|post| self.hold(post)),
            Event::Failed(person, failure) => self.report_failure(person, failure, out),
            Event::SignedOut => self.report_signed_out(out),
            Event::Paid(_, payout) => self.report_payout(payout, out),
            Event::Queued(..)
            | Event::PaymentChecked(..)
            | Event::PinGiven(..)
            | Event::Requested(..)
            | Event::NotQueued(_)
            | Event::TakenBack(..)
            | Event::TooLate(_)
            | Event::NothingToTakeBack(_)
            | Event::Fetched(..)
            | Event::Found(..) => {}
        }
        State::Reading(reading)
    }

    fn heard_while_reading(&mut self, mut reading: Reading, heard: &Heard, out: &mut Vec<Effect>) -> State {
        if let Some(state) = self.heard_after_suggestion(&reading, heard, out) {
            return state;
        }
        match heard.intent.name {
            IntentName::Confirm if self.joins(&reading, heard) => {
                out.push(Effect::Join(reading.current.id));
                let joining = Sentence::new("joining");
                if reading.queue.is_empty() {
                    return self.answer(ReplyKind::Answer, &joining, out);
                }
                self.say(ReplyKind::Answer, &joining, out);
                self.read_on(reading.queue, out)
            }
            IntentName::Next | IntentName::Confirm => self.go_on(reading, out),
            IntentName::Repeat => {
                reading.queue.push_front(reading.current);
                self.read_on(reading.queue, out)
            }
            IntentName::ReplyMessage => self.begin_reply(heard, out),
            IntentName::Deny | IntentName::Cancel => self.rest(out),
            IntentName::Help => {
                self.prompt(ReplyKind::Answer, &Sentence::new("help-reading"), Expected::Reading, out);
                State::Reading(reading)
            }
            IntentName::Other => {
                self.prompt(ReplyKind::Error, &Sentence::new("not-understood"), Expected::Reading, out);
                State::Reading(reading)
            }
            IntentName::SendMessage
            | IntentName::ReadMessages
            | IntentName::ReactMessage
            | IntentName::Call
            | IntentName::Pay
            | IntentName::RequestPayment
            | IntentName::ShareLocation
            | IntentName::Undo
            | IntentName::Edit
            | IntentName::Choose
            | IntentName::Spell => self.begin(heard, out),
        }
    }

    /// Whether a yes answers the question to join a conversation: only one that began after it.
    fn joins(&self, reading: &Reading, heard: &Heard) -> bool {
        let asked = self.said.as_ref().map(|reply| reply.id);
        reading.current.kind == UnreadKind::Invite
            && heard.confidence >= CERTAIN
            && asked.is_some()
            && heard.after >= asked
    }

    pub(super) fn read_on(&mut self, queue: VecDeque<Unread>, out: &mut Vec<Effect>) -> State {
        match self.read_next(queue, out) {
            Some(reading) => self.offer_unasked(reading, out),
            None => self.answer(ReplyKind::Answer, &Sentence::new("no-more-messages"), out),
        }
    }

    /// The rest of a long message first, then the next message.
    fn go_on(&mut self, reading: Reading, out: &mut Vec<Effect>) -> State {
        let Some(rest) = reading.rest else {
            return self.read_on(reading.queue, out);
        };
        let (now, rest) = self.cut(&rest);
        let key = match (&rest, reading.queue.is_empty()) {
            (Some(_), _) => Sentence::new("rest-continue"),
            (None, false) => Sentence::new("rest-next"),
            (None, true) => Sentence::new("message-rest"),
        };
        self.read_aloud(key, &as_sentence(&now), reading.current.lang, out);
        self.offer_unasked(Reading { rest, ..reading }, out)
    }
}
