//! What speaks for a name when something was heard.

use super::{
    channel::{self, Channel, Odds, Outline, Places},
    choice::Evidence,
};
use crate::{
    config::Lang,
    intent::{sound, token},
};

/// Words as they sound and as they are spelled.
#[derive(Debug, Clone)]
pub(super) struct Spoken {
    /// How readers of each language say them, in the order of [`Lang::ALL`].
    pub readings: [Places; Lang::ALL.len()],
    /// Outline of each reading.
    pub outlines: [Outline; Lang::ALL.len()],
    /// Letters and digits, folded.
    pub letters: Vec<char>,
}

impl Spoken {
    /// Reads words in both languages.
    pub fn new(words: &str) -> Self {
        let readings = Lang::ALL.map(|lang| channel::places(&sound::sounds(words, lang)));
        let outlines = readings.each_ref().map(|sounds| Outline::of(sounds));
        let letters = token::fold(words).chars().filter(|c| c.is_alphanumeric()).collect();
        Self { readings, outlines, letters }
    }

    /// Weighs what speaks for a name, when this was heard in `lang`.
    pub fn evidence(&self, name: &Self, lang: Option<Lang>, channel: &Channel) -> Evidence {
        let none = Odds { whole: f32::MIN, within: f32::MIN };
        let (mut own, mut any) = (none, none);
        for (heard_in, heard) in Lang::ALL.into_iter().zip(&self.readings) {
            for spoken in &name.readings {
                let odds = channel.odds(heard, spoken);
                any = any.max(odds);
                if lang.is_none_or(|lang| lang == heard_in) {
                    own = own.max(odds);
                }
            }
        }
        let longer = length(self.letters.len().max(name.letters.len()).max(1));
        let changed = length(strsim::generic_levenshtein(&self.letters, &name.letters));
        let alike = 1.0 - changed / longer;
        let unequal = length(self.letters.len().abs_diff(name.letters.len())) / longer;
        [own.whole, any.whole, own.within, any.within, alike, unequal]
    }

    /// How near a name comes to what was heard in `lang`: 1 where it sounds the same, 0 where nothing speaks for it.
    pub fn nearness(&self, name: &Self, lang: Option<Lang>, channel: &Channel) -> f32 {
        let readings = Lang::ALL.into_iter().zip(self.readings.iter().zip(&name.readings));
        let own = readings.filter(|(known, _)| lang.is_none_or(|lang| lang == *known));
        own.map(|(_, (heard, name))| {
            let most = channel.odds(heard, heard).whole.max(channel.odds(name, name).whole).max(1.0);
            channel.odds(heard, name).whole / most
        })
        .fold(0.0, f32::max)
    }

    /// How alike the readings of one language are in outline, at most 1.
    pub fn outline(&self, name: &Self) -> f32 {
        let pairs = self.outlines.iter().zip(&name.outlines);
        pairs.map(|(heard, name)| heard.overlap(*name)).fold(0.0, f32::max)
    }
}

fn length(count: usize) -> f32 {
    f32::from(u8::try_from(count).unwrap_or(u8::MAX))
}
