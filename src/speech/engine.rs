//! The engines by name, and the voices they have on this machine.
//!
//! Best first is Piper, then Kokoro, then `espeak-ng`. A Piper voice is only there if somebody fetched it by name or put
//! it there. It takes a quarter of Kokoro's time (0.11 of the speech's duration on one idle core, Kokoro 0.46), so that an
//! answer begins sooner, and is understood: of the replies of `herald bench voice` a small recogniser missed 3 % of the
//! words of the English voice, about 7 % of Kokoro's and 21 % of those of `espeak-ng`. In French it missed 82 % of those of
//! `espeak-ng`, and about a third of Kokoro's.

use std::{path::Path, str::FromStr};

use super::{SpeechError, espeak, kokoro, piper};
use crate::config::Lang;

/// A voice engine as named in the configuration (`speech.engine`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Engine {
    /// The best installed for each language.
    #[default]
    Auto,
    /// Neural, in process: the most pleasant.
    Kokoro,
    /// Neural, in process: the quickest, and any voice of one's own.
    Piper,
    /// `espeak-ng` as a child process.
    Espeak,
    /// The system's voice plays by itself ([`super::SystemVoice`]); what must be samples is made by `espeak-ng`,
    /// which is also what most systems' voices use.
    System,
    /// The program of `speech.command`.
    Command,
}

impl FromStr for Engine {
    type Err = SpeechError;

    fn from_str(name: &str) -> Result<Self, SpeechError> {
        match name {
            "auto" => Ok(Self::Auto),
            "kokoro" => Ok(Self::Kokoro),
            "piper" => Ok(Self::Piper),
            "espeak" => Ok(Self::Espeak),
            "system" => Ok(Self::System),
            "command" => Ok(Self::Command),
            other => Err(SpeechError::UnknownEngine(other.to_owned())),
        }
    }
}

/// The engines that make samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    Kokoro,
    Piper,
    Espeak,
    Command,
}

impl Maker {
    /// Engines of `auto`, the best first: see the page of this module.
    pub(super) const BEST_FIRST: [Self; 3] = [Self::Piper, Self::Kokoro, Self::Espeak];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Kokoro => kokoro::ENGINE,
            Self::Piper => piper::ENGINE,
            Self::Espeak => espeak::ENGINE,
            Self::Command => super::command::ENGINE,
        }
    }

    /// Returns the voices it has for a language, without loading one; the program of the user has but its own.
    pub(super) fn voices(self, models_dir: &Path, lang: Lang) -> Vec<String> {
        match self {
            Self::Kokoro => kokoro::installed_voices(models_dir, lang),
            Self::Piper => piper::installed_voices(models_dir, lang),
            Self::Espeak => espeak::installed_voices(lang),
            Self::Command => Vec::new(),
        }
    }
}

impl Engine {
    /// Returns the engine that must speak; `None` where any may.
    pub(super) const fn forced(self) -> Option<Maker> {
        match self {
            Self::Auto | Self::System => None,
            Self::Kokoro => Some(Maker::Kokoro),
            Self::Piper => Some(Maker::Piper),
            Self::Espeak => Some(Maker::Espeak),
            Self::Command => Some(Maker::Command),
        }
    }

    /// Returns the engines whose voices may be named.
    fn makers(self) -> Vec<Maker> {
        match (self, self.forced()) {
            (_, Some(forced)) => vec![forced],
            (Self::System, None) => vec![Maker::Espeak],
            (_, None) => Maker::BEST_FIRST.to_vec(),
        }
    }

    /// Returns all engines in the order in which they are tried: the one asked for, then the others.
    pub(super) fn order(self) -> Vec<Maker> {
        let mut order = self.makers();
        order.extend(Maker::BEST_FIRST);
        let mut known = Vec::new();
        order.retain(|maker| {
            !known.contains(maker) && {
                known.push(*maker);
                true
            }
        });
        order
    }
}

/// Who spoke, or would speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Engine name: `kokoro`, `piper`, `espeak` or `command`.
    pub engine: &'static str,
    /// Voice name of that engine.
    pub voice: String,
}

/// Returns the voices that `engine` can speak a language with, the best engine's first; loads nothing. `system` has none:
/// its voice is the system's choice.
pub fn installed_voices(engine: Engine, models_dir: &Path, lang: Lang) -> Vec<Spoken> {
    let makers = if engine == Engine::System { Vec::new() } else { engine.makers() };
    let of = |maker: Maker| {
        let voices = maker.voices(models_dir, lang).into_iter();
        voices.map(move |voice| Spoken { engine: maker.name(), voice })
    };
    makers.into_iter().flat_map(of).collect()
}

/// Returns the engine that has a voice of this name, for a language.
///
/// # Errors
/// [`SpeechError::UnknownVoice`] with all voices there are; [`SpeechError::Missing`] if the engine it is named like has
/// none at all.
pub(super) fn maker_of(engine: Engine, models_dir: &Path, lang: Lang, voice: &str) -> Result<Maker, SpeechError> {
    let mut known = Vec::new();
    for maker in engine.makers() {
        // A voice of Kokoro speaks any language, with its own accent.
        let langs = if maker == Maker::Piper { &[lang][..] } else { &Lang::ALL };
        let voices: Vec<String> = langs.iter().flat_map(|lang| maker.voices(models_dir, *lang)).collect();
        // "en-us+f3" is the voice "en-us" of espeak-ng in variant 3.
        let base = match maker {
            Maker::Espeak => voice.split_once('+').map_or(voice, |(base, _)| base),
            Maker::Kokoro | Maker::Piper | Maker::Command => voice,
        };
        if voices.iter().any(|name| name == base) {
            return Ok(maker);
        }
        let is_named_alike = match maker {
            Maker::Kokoro => kokoro::is_voice_name(voice),
            Maker::Piper => piper::is_voice_name(voice),
            Maker::Espeak | Maker::Command => false,
        };
        // Another engine's default would be a surprise to who asked for this voice.
        if voices.is_empty() && is_named_alike {
            return Ok(maker);
        }
        known.extend(voices);
    }
    Err(SpeechError::UnknownVoice { voice: voice.to_owned(), known })
}

/// Returns the language of a voice by its name: `ff_siwis`, `fr-ca` and `fr_FR-siwis-medium` are French.
pub fn voice_lang(voice: &str) -> Lang {
    match voice.as_bytes() {
        [b'f', b'f' | b'm', b'_', ..] | [b'f', b'r', ..] => Lang::Fr,
        _ => Lang::En,
    }
}
