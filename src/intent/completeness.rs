//! Whether the words so far are all that the speaker wants to say.
//!
//! Herald's own sentences say it best: a yes, a name that was asked for, a command without free words is complete;
//! one that lacks its message is not. Everything else is judged by a small logistic model of what the recogniser
//! heard, whether words of that kind end a sentence, and how long the voice lasted. The final pitch and level of
//! the voice were tried beside it and added nothing: the recogniser's own doubt, the probability of a comma, dash
//! or ellipsis after the last word, already holds them.

use super::{Expected, Intent, IntentName, Mend, Names, Parser, Slot, ending, mend, token};
use crate::{asr::Transcript, listen::Completeness};

/// The logistic model: weights on the logarithm of the probability of a mark that goes on, on the logarithm of the
/// seconds of voice, on a last word that seldom ends a sentence, on a written mark that goes on; and the constant.
///
/// Fitted to 435 pauses inside and ends of the recorded sentences and commands that `herald bench cutoffs` uses
/// (LibriSpeech, CC BY 4.0; `PicoVoice` speech-to-intent, Apache-2.0; `GCompris` voices, GPL-3: figures only, no
/// recording), decoded 200 ms after the voice by tiny.en-q8_0 and base-q8_0; area under the curve 0.85 on speakers
/// left out.
const WEIGHTS: [f32; 5] = [-0.91, 3.03, -0.23, -0.48, -6.0];
/// Probabilities are not told apart below this.
const LEAST_MARK: f32 = 0.001;
/// Seconds of voice between which its length matters.
const SECONDS: (f32, f32) = (1.0, 3.0);
/// A sentence of Herald's with free words may go on ("message Marion that I am late" - "because of the train"), but
/// is likelier to be whole than any sentence.
const UNDERSTOOD: f32 = 1.0;
/// An answer to a yes-or-no question that is as short as this is one, whatever the recogniser made of it.
const SHORT_ANSWER_MS: u64 = 1_000;
const SHORT_ANSWER_WORDS: usize = 2;
/// Score from which a reading has no free words.
const CLOSED: f32 = 0.97;
/// Most that a sentence without its message, or a command with an open end, may be complete.
const LACKING: f32 = 0.2;
/// Most that a sentence may be complete whose last word never is the last.
const BROKEN_OFF: f32 = 0.05;

/// Words that no sentence ends with, folded.
const NEVER_LAST: [&str; 58] = [
    "a", "an", "the", "my", "your", "our", "their", "and", "or", "but", "because", "if", "of", "from", "with", "than",
    "into", "whether", "im", "ive", "hes", "shes", "theyre", "saying", "un", "une", "le", "la", "les", "des", "du",
    "de", "d'", "l'", "qu'", "j'", "n'", "m'", "t'", "s'", "c'", "mon", "ma", "mes", "ton", "ta", "tes", "son", "sa",
    "ses", "notre", "votre", "et", "ou", "mais", "que", "parce", "je",
];
/// Words that end few sentences and no command, folded.
const SELDOM_LAST: [&str; 45] = [
    "that", "to", "for", "at", "by", "in", "on", "about", "when", "where", "who", "which", "as", "is", "are", "was",
    "will", "would", "can", "could", "have", "has", "had", "i", "we", "he", "she", "they", "his", "her", "si", "dans",
    "sur", "pour", "avec", "sans", "en", "au", "aux", "qui", "dont", "est", "sont", "il", "elle",
];

/// What is known at a pause.
#[derive(Debug, Clone, Copy)]
pub struct SoFar<'a> {
    /// The words, with what the recogniser knows about them.
    pub transcript: &'a Transcript,
    /// How long the voice lasted, milliseconds.
    pub voice_ms: u64,
    /// What the dialogue waits for.
    pub expected: Expected,
}

impl Parser {
    /// Says how probable it is that nothing more is to come.
    pub fn completeness(&self, so_far: SoFar<'_>, names: &dyn Names) -> Completeness {
        let SoFar { transcript, voice_ms, expected } = so_far;
        let text = transcript.text.as_str();
        if text.is_empty() {
            return Completeness::new(0.5);
        }
        if expected == Expected::Content && ending::spoken(text).is_some() {
            return Completeness::CERTAIN;
        }
        if mend(text, expected) == Some(Mend::Pay) {
            return Completeness::CERTAIN;
        }
        let intent = self.parse(text, Some(transcript.lang), expected, names);
        // "Yes", and "pay" is still to come.
        if expected == Expected::Payment && intent.name == IntentName::Confirm {
            return Completeness::new(BROKEN_OFF);
        }
        let is_known = intent.name != IntentName::Other;
        let is_message = expected == Expected::Content && intent.name == IntentName::SendMessage;
        let words = token::tokens(text);
        let last = words.last().map_or("", |word| word.fold.as_str());
        if is_known && !is_message && (intent.score >= CLOSED || is_answer(&intent, expected)) {
            return Completeness::CERTAIN;
        }
        if expected == Expected::YesNo && voice_ms <= SHORT_ANSWER_MS && words.len() <= SHORT_ANSWER_WORDS {
            return Completeness::CERTAIN;
        }
        if NEVER_LAST.contains(&last) {
            return Completeness::new(BROKEN_OFF);
        }
        let open = SELDOM_LAST.contains(&last);
        let model = logit(transcript, voice_ms, open);
        if is_message || !is_known {
            let most = if open && !is_message { LACKING } else { 1.0 };
            return Completeness::new(logistic(model).min(most));
        }
        let most = if open || lacks_message(&intent) { LACKING } else { 1.0 };
        Completeness::new(logistic(model + UNDERSTOOD).min(most))
    }
}

/// A name or a choice that was asked for.
fn is_answer(intent: &Intent, expected: Expected) -> bool {
    matches!(expected, Expected::Recipient | Expected::Choice)
        && intent.slot(Slot::Content).is_none()
        && (intent.slot(Slot::Recipient).is_some() || intent.slot(Slot::Ordinal).is_some())
}

/// "Message Marion" may be all, but mostly the message follows.
fn lacks_message(intent: &Intent) -> bool {
    matches!(intent.name, IntentName::SendMessage | IntentName::ReplyMessage) && intent.slot(Slot::Content).is_none()
}

#[allow(clippy::cast_precision_loss, reason = "minutes of milliseconds")]
fn logit(transcript: &Transcript, voice_ms: u64, open: bool) -> f32 {
    let seconds = (voice_ms as f32 / 1_000.0).clamp(SECONDS.0, SECONDS.1);
    let goes_on = transcript.text.ends_with([',', '…', '-', '–', '—']) || transcript.text.ends_with("...");
    let [mark, length, word, written, constant] = WEIGHTS;
    constant
        + mark * (transcript.goes_on + LEAST_MARK).ln()
        + length * seconds.ln()
        + word * f32::from(u8::from(open))
        + written * f32::from(u8::from(goes_on))
}

fn logistic(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::{super::Known, *};
    use crate::config::Lang;

    static PARSER: LazyLock<Parser> = LazyLock::new(|| Parser::new().unwrap());

    struct Marion;

    impl Names for Marion {
        fn knows(&self, words: &str) -> Known {
            if words.eq_ignore_ascii_case("marion") { Known::Exact } else { Known::No }
        }
    }

    /// How complete a text is that took two seconds and that the recogniser has no doubt about.
    fn complete(text: &str, lang: Lang, expected: Expected) -> f32 {
        heard(text, lang, expected, 0.002)
    }

    fn heard(text: &str, lang: Lang, expected: Expected, goes_on: f32) -> f32 {
        let transcript =
            Transcript { text: text.to_owned(), lang, confidence: 0.9, no_speech: 0.0, decode_ms: 0, goes_on };
        let so_far = SoFar { transcript: &transcript, voice_ms: 2_500, expected };
        PARSER.completeness(so_far, &Marion).get()
    }

    #[test]
    fn answers_and_closed_commands_are_certainly_complete() {
        let table = [
            ("Yes.", Lang::En, Expected::YesNo),
            ("No.", Lang::En, Expected::YesNo),
            ("Oui, envoie.", Lang::Fr, Expected::YesNo),
            ("Marion.", Lang::En, Expected::Recipient),
            ("The second one.", Lang::En, Expected::Choice),
            ("Cancel.", Lang::En, Expected::Content),
            ("Undo that.", Lang::En, Expected::Command),
            ("I'll be there at six. Send it.", Lang::En, Expected::Content),
            ("J'arrive dans dix minutes. C'est tout.", Lang::Fr, Expected::Content),
        ];
        for (text, lang, expected) in table {
            assert_eq!(complete(text, lang, expected), 1.0, "{text:?}");
        }
    }

    #[test]
    fn what_breaks_off_is_not_complete() {
        let table = [
            ("Tell Marion that", Lang::En, Expected::Command),
            ("Message Marion.", Lang::En, Expected::Command),
            ("Dis à Marion que", Lang::Fr, Expected::Command),
            ("I will bring the", Lang::En, Expected::Content),
            ("Je serai là avec ma", Lang::Fr, Expected::Content),
            ("I want a coffee with.", Lang::En, Expected::Command),
        ];
        for (text, lang, expected) in table {
            assert!(complete(text, lang, expected) <= LACKING, "{text:?}");
        }
    }

    #[test]
    fn a_message_is_likelier_to_be_whole_than_any_sentence_and_doubt_makes_it_less_so() {
        let message = "Message Marion that dinner is ready.";
        let of = |text, expected, goes_on| heard(text, Lang::En, expected, goes_on);
        let content = "Dinner is ready.";
        assert!(of(message, Expected::Command, 0.01) > of(content, Expected::Content, 0.01));
        for (text, expected) in [(message, Expected::Command), (content, Expected::Content)] {
            let (sure, doubtful) = (of(text, expected, 0.002), of(text, expected, 0.5));
            assert!(sure > 0.6 && doubtful < 0.3, "{text:?} {sure} {doubtful}");
        }
    }
}
