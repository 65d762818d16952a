//! `espeak-ng` as a child process: a voice for every language, and phonemes for the neural voice.
//!
//! It is GPL-3, so it stays a program of its own; text goes in by standard input, never through a shell.

use std::{ffi::OsString, time::Duration};

use super::{
    Clip, SpeechError, Synthesizer,
    child::{self, ChildError},
    clause, wav,
};
use crate::config::Lang;

/// Its name in the configuration.
pub(super) const ENGINE: &str = "espeak";
const PROGRAM: &str = "espeak-ng";
/// How to get it, for error messages.
pub(super) const INSTALL: &str = "install the package espeak-ng (on Debian: sudo apt install espeak-ng)";
/// A clause takes 10 to 50 ms; a busy small board ten times that.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Words a minute of espeak-ng's normal speech.
const WORDS_A_MINUTE: f32 = 170.0;

/// The formant voice of `espeak-ng`: always the same, quick, robotic.
#[derive(Debug)]
pub(super) struct Espeak {
    program: OsString,
    voice_en: String,
    voice_fr: String,
    rate: f32,
}

impl Espeak {
    /// Makes the engine after asking the program for its version.
    ///
    /// # Errors
    /// [`SpeechError::Missing`] when the program does not run.
    pub(super) fn open(rate: f32) -> Result<Self, SpeechError> {
        Self::with_program(PROGRAM, rate)
    }

    fn with_program(program: &str, rate: f32) -> Result<Self, SpeechError> {
        child::run(program.as_ref(), &["--version"], &[], "", TIMEOUT).map_err(|error| SpeechError::Missing {
            engine: ENGINE,
            reason: format!("{program}: {error}; {INSTALL}"),
        })?;
        Ok(Self { program: program.into(), voice_en: "en-us".into(), voice_fr: "fr".into(), rate })
    }

    /// Uses another voice for a language: a name of `espeak-ng --voices`, such as `en-gb` or `fr-be`.
    #[must_use]
    pub(super) fn with_voice(mut self, lang: Lang, voice: &str) -> Self {
        match lang {
            Lang::En => self.voice_en = voice.to_owned(),
            Lang::Fr => self.voice_fr = voice.to_owned(),
        }
        self
    }

    fn render(&self, text: &str, lang: Lang) -> Result<Clip, SpeechError> {
        // "[[...]]" would be phonemes to espeak-ng.
        let text = text.replace(['[', ']'], " ");
        let speed = format!("{:.0}", (WORDS_A_MINUTE * self.rate).clamp(80.0, 450.0));
        let voice = self.voice(lang);
        let args = ["--stdin", "--stdout", "-z", "-b", "1", "-s", &speed, "-v", &voice];
        let wav = child::run(&self.program, &args, &[], &text, TIMEOUT).map_err(|error| failed(&error))?;
        wav::clip(&wav).ok_or(SpeechError::Engine { engine: ENGINE, reason: "its answer is not a WAV".into() })
    }
}

impl Synthesizer for Espeak {
    fn engine(&self) -> &'static str {
        ENGINE
    }

    fn voice(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.voice_en.clone(),
            Lang::Fr => self.voice_fr.clone(),
        }
    }

    fn synthesize(&mut self, text: &str, lang: Lang, play: &mut dyn FnMut(Clip)) -> Result<(), SpeechError> {
        clause::in_turn(text, play, |clause| self.render(clause, lang))
    }
}

/// Returns the voices the program has for a language, sorted; none where it is missing.
pub(super) fn installed_voices(lang: Lang) -> Vec<String> {
    let list = format!("--voices={}", lang.code());
    let listing = child::run(PROGRAM.as_ref(), &[list], &[], "", TIMEOUT).unwrap_or_default();
    let mut voices = voice_tags(&String::from_utf8_lossy(&listing));
    voices.sort();
    voices.dedup();
    voices
}

/// Tells whether the program is there.
#[cfg(test)]
pub(super) fn installed() -> bool {
    child::run(PROGRAM.as_ref(), &["--version"], &[], "", TIMEOUT).is_ok()
}

/// Returns the IPA phonemes of a text, diphthongs and affricates tied by `^`, on one line.
///
/// # Errors
/// [`SpeechError::Engine`] when the program is missing or fails.
pub(super) fn ipa(text: &str, voice: &str) -> Result<String, SpeechError> {
    let args = ["--stdin", "-b", "1", "-q", "--ipa", "--tie=^", "-v", voice];
    let out = child::run(PROGRAM.as_ref(), &args, &[], &text.replace(['[', ']'], " "), TIMEOUT)
        .map_err(|error| failed(&error))?;
    Ok(one_line(&String::from_utf8_lossy(&out)))
}

/// Returns the same, with the punctuation of the text, which espeak-ng drops and the neural voices need for their melody.
///
/// # Errors
/// As [`ipa`].
pub(super) fn ipa_with_signs(text: &str, voice: &str) -> Result<String, SpeechError> {
    let mut phonemes = String::new();
    let mut words = String::new();
    for word in text.split_whitespace() {
        let stem = word.trim_end_matches(is_sign);
        words.push_str(stem);
        words.push(' ');
        if stem.len() < word.len() {
            say(&words, voice, &mut phonemes)?;
            words.clear();
            phonemes.truncate(phonemes.trim_end().len());
            phonemes.push_str(&word[stem.len()..]);
            phonemes.push(' ');
        }
    }
    say(&words, voice, &mut phonemes)?;
    phonemes.truncate(phonemes.trim_end().len());
    Ok(phonemes)
}

const fn is_sign(symbol: char) -> bool {
    matches!(symbol, ',' | '.' | ';' | ':' | '!' | '?' | '…' | '—')
}

fn say(words: &str, voice: &str, phonemes: &mut String) -> Result<(), SpeechError> {
    if words.chars().any(char::is_alphanumeric) {
        // espeak-ng 1.51 spells the pronoun of "vas-y" and "allons-y" as the letter Y.
        let words = if voice.starts_with("fr") { words.replace("s-y ", " zi ") } else { words.to_owned() };
        phonemes.push_str(&ipa(&words, voice)?);
        phonemes.push(' ');
    }
    Ok(())
}

/// Replaces sequences of phonemes, in the order of the table.
pub(super) fn replace(ipa: &str, table: &[(&str, &str)]) -> String {
    table.iter().fold(ipa.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Joins espeak-ng's lines and takes out its language marks, such as `(en)`.
fn one_line(ipa: &str) -> String {
    let mut line = String::new();
    let mut in_mark = false;
    for symbol in ipa.chars() {
        match symbol {
            '(' => in_mark = true,
            ')' => in_mark = false,
            _ if in_mark => {}
            _ if symbol.is_whitespace() => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            _ => line.push(symbol),
        }
    }
    line.truncate(line.trim_end().len());
    line
}

fn failed(error: &ChildError) -> SpeechError {
    SpeechError::Engine { engine: ENGINE, reason: format!("{PROGRAM}: {error}; {INSTALL}") }
}

/// Reads the language column of `espeak-ng --voices`.
fn voice_tags(listing: &str) -> Vec<String> {
    let tags = listing.lines().skip(1).filter_map(|line| line.split_whitespace().nth(1));
    tags.filter(|tag| *tag != "variant").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str, lang: Lang) -> Option<Clip> {
        let Ok(mut espeak) = Espeak::open(1.0) else {
            println!("skipped: no espeak-ng");
            return None;
        };
        let mut whole = Clip::default();
        espeak
            .synthesize(text, lang, &mut |clip| {
                whole.rate_hz = clip.rate_hz;
                whole.samples.extend(clip.samples);
            })
            .unwrap();
        Some(whole)
    }

    #[test]
    fn both_languages_sound_and_last_about_as_long_as_a_person() {
        for (lang, text) in [
            (Lang::En, "To Marion: I'll be ten minutes late. Send it?"),
            (Lang::Fr, "À Marion : j'aurai dix minutes de retard. J'envoie ?"),
        ] {
            let Some(clip) = render(text, lang) else { return };
            assert!((1500..6000).contains(&clip.duration_ms()), "{lang}: {} ms", clip.duration_ms());
            let peak = clip.samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
            assert!((0.05..=1.0).contains(&peak), "{peak}");
        }
    }

    #[test]
    fn the_same_text_gives_the_same_samples() {
        assert_eq!(render("Sent to Paul.", Lang::En), render("Sent to Paul.", Lang::En));
    }

    #[test]
    fn options_and_markup_in_a_text_are_read_as_text() {
        let Some(clip) = render("--version -f /etc/passwd [[h@loU]] <speak>", Lang::En) else { return };
        assert!(clip.duration_ms() > 1000);
    }

    #[test]
    fn a_missing_program_says_how_to_get_it() {
        let error = Espeak::with_program("no-such-espeak", 1.0).unwrap_err();
        assert!(error.to_string().contains("install the package espeak-ng"), "{error}");
    }

    #[test]
    fn language_marks_and_line_ends_are_taken_out_of_phonemes() {
        assert_eq!(one_line("mɛsˈaʒ (en)wiːkˈɛnd(fr)\n sa\n"), "mɛsˈaʒ wiːkˈɛnd sa");
    }

    #[test]
    fn punctuation_stays_and_a_french_pronoun_is_not_spelled() {
        if !installed() {
            println!("skipped: no espeak-ng");
            return;
        }
        assert_eq!(ipa_with_signs("Oui, vas-y.", "fr").unwrap(), "wˈi, vˈa zˈi.");
    }
}
