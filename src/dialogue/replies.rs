//! Every sentence Herald can say, per language, in `replies/*.ftl`.
//!
//! Project Fluent (`fluent-bundle`, MIT or Apache-2.0, kept by Mozilla) rather than string pasting: plurals,
//! word order and elision ("d'Anna") are the translator's, in the file of the language.

use std::{borrow::Cow, sync::OnceLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

use crate::config::Lang;

/// A sentence of `replies/*.ftl`, with what is filled in.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Sentence {
    key: &'static str,
    args: Vec<(&'static str, String)>,
    count: Option<u32>,
}

impl Sentence {
    pub const fn new(key: &'static str) -> Self {
        Self { key, args: Vec::new(), count: None }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// A number of people or messages; the file chooses the plural.
    pub const fn count(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }
}

/// The sentences of all languages, parsed once.
pub(super) struct Replies {
    en: FluentBundle<FluentResource>,
    fr: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Replies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replies")
    }
}

impl Replies {
    /// The sentences; parsed by the first who asks.
    pub fn shared() -> &'static Self {
        static REPLIES: OnceLock<Replies> = OnceLock::new();
        REPLIES.get_or_init(Self::new)
    }

    fn new() -> Self {
        Self { en: bundle("en", include_str!("replies/en.ftl")), fr: bundle("fr", include_str!("replies/fr.ftl")) }
    }

    /// Says a sentence in a language. A key that is missing (a test rules it out) is said as its name.
    pub fn text(&self, lang: Lang, sentence: &Sentence) -> String {
        let bundle = match lang {
            Lang::En => &self.en,
            Lang::Fr => &self.fr,
        };
        let Some(pattern) = bundle.get_message(sentence.key).and_then(|message| message.value()) else {
            return sentence.key.to_owned();
        };
        let mut args = FluentArgs::new();
        for (name, value) in &sentence.args {
            args.set(*name, value.as_str());
        }
        if let Some(count) = sentence.count {
            args.set("count", count);
        }
        bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }
}

fn bundle(lang: &str, source: &str) -> FluentBundle<FluentResource> {
    // Both files are embedded; a test checks that they parse whole, so a partial resource cannot ship.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
    let mut bundle = FluentBundle::new_concurrent(lang.parse().into_iter().collect());
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    // Fails only when the name is taken, which it is not in a new bundle.
    let _ = bundle.add_function("DE", |args, _| match args.first() {
        Some(FluentValue::String(name)) => FluentValue::String(Cow::Owned(de(name))),
        Some(_) | None => FluentValue::Error,
    });
    bundle
}

/// "de Marion", "d'Anna": French elides before a vowel or a mute h.
fn de(name: &str) -> String {
    let elides = name
        .chars()
        .next()
        .is_some_and(|first| "aàâeéèêëiîïoôuùûhyœæ".contains(first.to_lowercase().next().unwrap_or(first)));
    if elides { format!("d'{name}") } else { format!("de {name}") }
}

/// Ends a message with a full stop where it has no mark of its own, so that what follows is heard apart.
pub(super) fn as_sentence(body: &str) -> String {
    let body = body.trim();
    if body.ends_with(['.', '!', '?', '…']) { body.to_owned() } else { format!("{body}.") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Sources};

    const FILES: [&str; 2] = [include_str!("replies/en.ftl"), include_str!("replies/fr.ftl")];

    fn keys(source: &str) -> Vec<&str> {
        source.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key).collect()
    }

    #[test]
    fn both_files_parse_and_hold_the_same_sentences() {
        for file in FILES {
            FluentResource::try_new(file.to_owned()).expect("parses whole");
        }
        assert_eq!(keys(FILES[0]), keys(FILES[1]));
    }

    #[test]
    fn every_sentence_named_in_the_code_exists() {
        let known = keys(FILES[0]);
        let sources = [
            include_str!("mod.rs"),
            include_str!("idle.rs"),
            include_str!("asking.rs"),
            include_str!("confirming.rs"),
            include_str!("editing.rs"),
            include_str!("pausing.rs"),
            include_str!("readback.rs"),
            include_str!("reading.rs"),
            include_str!("house.rs"),
            include_str!("reaction.rs"),
            include_str!("suggesting.rs"),
            include_str!("waiting.rs"),
            include_str!("paying.rs"),
            include_str!("payee.rs"),
            include_str!("consent.rs"),
            include_str!("payment.rs"),
            include_str!("money.rs"),
        ];
        let mut used: Vec<&str> = Vec::new();
        for source in sources {
            used.extend(source.split("Sentence::new(\"").skip(1).filter_map(|rest| rest.split('"').next()));
        }
        for key in &used {
            assert!(known.contains(key), "{key} is in no file");
        }
        for key in known {
            assert!(used.contains(&key), "{key} is never said");
        }
    }

    #[test]
    fn every_sentence_fits_the_prompt_of_the_car_profile() {
        let car = Sources { profile: Some("car".to_owned()), cores: 2, ..Sources::default() };
        let most = config::load(&car).expect("the profile loads").config.dialogue.prompt_words as usize;
        assert!(most > 0, "the car profile limits prompts");
        let sentences = FILES.iter().flat_map(|file| file.lines()).filter_map(|line| {
            // Variants of a plural stand on lines of their own.
            let variant =
                line.trim_start().trim_start_matches('*').strip_prefix('[').and_then(|_| line.split_once(']'));
            line.split_once(" = ").or(variant)
        });
        for (key, sentence) in sentences {
            // What is filled in are the user's own words and names; they do not count.
            let own = sentence.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
            let words = own.flat_map(str::split_whitespace).filter(|word| word.chars().any(char::is_alphanumeric));
            let words = words.count();
            assert!(words <= most, "{key} has {words} words: {sentence}");
        }
    }

    #[test]
    fn french_elides_before_a_vowel() {
        let replies = Replies::shared();
        let said = |name: &str| replies.text(Lang::Fr, &Sentence::new("incoming").with("from", name));
        assert_eq!(said("Anna"), "Nouveau message d'Anna.");
        assert_eq!(said("Élodie"), "Nouveau message d'Élodie.");
        assert_eq!(said("Marion"), "Nouveau message de Marion.");
    }

    #[test]
    fn what_is_filled_in_is_never_taken_for_markup() {
        let replies = Replies::shared();
        let text =
            replies.text(Lang::En, &Sentence::new("message").with("from", "Eve").with("body", "{ $to } { DE(1) }"));
        assert_eq!(text, "Eve: { $to } { DE(1) }");
    }
}
