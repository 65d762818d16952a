//! What Herald itself has just said, to tell it from what the user says over it.
//!
//! The echo canceller leaves next to nothing in most rooms; this is the guard for the others. What is recognised while
//! Herald speaks is the user's only if it does not sound like a piece of what is being said, and a "yes" counts only
//! if nothing in what is being said can be taken for one. "Stop" and "cancel" always get through: they only stop.

use std::collections::VecDeque;

use super::Conversation;
use crate::{
    asr::Transcript,
    config::Lang,
    dialogue::{Reply, ReplyKind},
    intent,
    listen::Utterance,
    speech::read_aloud,
};

/// Replies that are remembered.
const REMEMBERED: usize = 8;
/// What begins this long after Herald's last sound is no echo any more, milliseconds: an echo is late by the way
/// through sound system and room, but it began while Herald was speaking.
const ECHO_MS: u64 = 150;
/// Mean token probability below which what was recognised over Herald's voice counts as noise.
const UNSURE: f32 = 0.45;
/// Words that one "yes" may have.
const YES_WORDS: usize = 4;

/// Who was heard in an utterance that began while Herald spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// The user.
    User,
    /// Herald.
    Own,
    /// Nobody: no words, or none that are certain.
    Nobody,
    /// Somebody wants Herald to stop; `own` when it stands in what Herald was saying.
    Stop {
        /// Herald itself may have said it.
        own: bool,
    },
}

#[derive(Debug)]
struct Saying {
    reply: Reply,
    /// As the voice reads it.
    text: String,
    began_ms: u64,
    ended_ms: Option<u64>,
}

impl Saying {
    fn is_over(&self, utterance: &Utterance) -> bool {
        self.began_ms <= utterance.voice_end_ms
            && self.ended_ms.is_none_or(|ended_ms| utterance.voice_start_ms < ended_ms + ECHO_MS)
    }

    /// Whether words sound like a piece of it, read in its language or in the one they were recognised in: a message
    /// may be in another language than the reply that holds it.
    fn holds(&self, transcript: &Transcript) -> bool {
        let sounds_alike = |lang| intent::echoes(&read_aloud(&transcript.text, lang), &self.text, lang);
        [self.reply.lang, transcript.lang].into_iter().any(sounds_alike)
    }
}

/// The replies that were spoken last.
#[derive(Debug, Default)]
pub(super) struct OwnVoice {
    said: VecDeque<Saying>,
}

impl OwnVoice {
    /// A reply begins to be heard.
    pub fn began(&mut self, reply: &Reply, now_ms: u64) {
        self.ended(now_ms);
        let text: Vec<String> = reply.parts().into_iter().map(|(lang, part)| read_aloud(part, lang)).collect();
        let text = text.join(" ");
        self.said.push_back(Saying { reply: reply.clone(), text, began_ms: now_ms, ended_ms: None });
        if self.said.len() > REMEMBERED {
            self.said.pop_front();
        }
    }

    /// It is over.
    pub fn ended(&mut self, now_ms: u64) {
        if let Some(last) = self.said.back_mut() {
            last.ended_ms.get_or_insert(now_ms);
        }
    }

    /// Tells whether some of an utterance was heard while Herald spoke.
    pub fn is_over(&self, utterance: &Utterance) -> bool {
        self.over(utterance).next().is_some()
    }

    fn over<'a>(&'a self, utterance: &'a Utterance) -> impl Iterator<Item = &'a Saying> {
        self.said.iter().filter(move |saying| saying.is_over(utterance))
    }

    /// Says who was heard in an utterance that lies over Herald's voice.
    pub fn judge(&self, transcript: &Transcript, utterance: &Utterance, conversation: &Conversation) -> Voice {
        let words = transcript.text.as_str();
        let own = self.over(utterance).any(|saying| saying.holds(transcript));
        if conversation.is_stop(words) {
            return Voice::Stop { own };
        }
        if words.is_empty() || transcript.confidence < UNSURE {
            return Voice::Nobody;
        }
        let yes =
            || conversation.is_yes(words, None) && self.over(utterance).any(|saying| says_yes(saying, conversation));
        if own || yes() { Voice::Own } else { Voice::User }
    }
}

/// Whether something in a reply can be taken for a yes. Herald's own question at the end of a read-back is not looked
/// at: "yes" is what it asks for, and the question itself heard back is recognised word for word.
fn says_yes(saying: &Saying, conversation: &Conversation) -> bool {
    let text = match saying.reply.kind {
        ReplyKind::Readback => without_question(&saying.text),
        ReplyKind::Question | ReplyKind::Answer | ReplyKind::Error | ReplyKind::Announce => &saying.text,
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    (0..words.len()).any(|from| {
        (1..=YES_WORDS)
            .filter_map(|count| words.get(from..from + count))
            .any(|piece| Lang::ALL.iter().any(|lang| conversation.is_yes(&piece.join(" "), Some(*lang))))
    })
}

/// The text without its last sentence, if that is a question.
fn without_question(text: &str) -> &str {
    let Some(body) = text.trim_end().strip_suffix('?') else { return text };
    let end = body.rfind(['.', '!', '?', '…']).map_or(0, |at| at + 1);
    text.get(..end).unwrap_or(text)
}
