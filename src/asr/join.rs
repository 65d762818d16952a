//! Pieces of one utterance to one transcript.

use super::Transcript;
use crate::config::Lang;

/// Joins the transcripts of pieces that follow each other: the words in order, the language most of them are in, and
/// the means of the rest, weighted by length. Pieces without words add only their time. No pieces give no words.
pub fn join(parts: &[Transcript]) -> Transcript {
    let decode_ms = parts.iter().map(|part| part.decode_ms).sum();
    let first = parts.first().map_or(Lang::En, |part| part.lang);
    let said: Vec<&Transcript> = parts.iter().filter(|part| !part.text.is_empty()).collect();
    let length = |lang| said.iter().filter(|part| part.lang == lang).map(|part| part.text.len()).sum::<usize>();
    let lang = match (length(Lang::En), length(Lang::Fr)) {
        (0, 0) => first,
        (english, french) if english >= french => Lang::En,
        _ => Lang::Fr,
    };
    Transcript {
        text: said.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(" "),
        lang,
        confidence: mean(&said, |part| part.confidence).unwrap_or(0.0),
        no_speech: mean(&said, |part| part.no_speech).unwrap_or_else(|| least_speech(parts)),
        decode_ms,
        goes_on: said.last().map_or(0.0, |part| part.goes_on),
    }
}

#[allow(clippy::cast_precision_loss, reason = "weights of a mean")]
fn mean(parts: &[&Transcript], value: impl Fn(&Transcript) -> f32) -> Option<f32> {
    let weight = |part: &&Transcript| part.text.len() as f32;
    let total: f32 = parts.iter().map(weight).sum();
    (total > 0.0).then(|| parts.iter().fold(0.0, |sum, part| sum + value(part) * weight(part)) / total)
}

fn least_speech(parts: &[Transcript]) -> f32 {
    parts.iter().map(|part| part.no_speech).reduce(f32::min).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(text: &str, lang: Lang, confidence: f32) -> Transcript {
        Transcript { text: text.to_owned(), lang, confidence, no_speech: 0.1, decode_ms: 10, goes_on: confidence }
    }

    #[test]
    fn words_follow_each_other_and_the_longer_language_wins() {
        let parts =
            vec![part("Bonjour.", Lang::Fr, 0.5), part("", Lang::Fr, 0.0), part("How are you today?", Lang::En, 0.9)];
        let joined = join(&parts);
        assert_eq!((joined.text.as_str(), joined.lang), ("Bonjour. How are you today?", Lang::En));
        assert_eq!((joined.decode_ms, joined.goes_on), (30, 0.9));
        assert!(joined.confidence > 0.7 && joined.confidence < 0.9);
    }

    #[test]
    fn no_words_stay_no_words() {
        let silent = Transcript { no_speech: 0.8, ..part("", Lang::Fr, 0.0) };
        assert_eq!(join(std::slice::from_ref(&silent)), silent);
        assert_eq!((join(&[]).text.as_str(), join(&[]).no_speech), ("", 1.0));
    }

    #[test]
    fn one_piece_is_itself() {
        let only = part("Salut.", Lang::Fr, 0.7);
        assert_eq!(join(std::slice::from_ref(&only)), only);
    }
}
