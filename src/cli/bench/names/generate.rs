//! Makes the list of names as they are heard: first names are spoken by the neural voices in commands and as bare
//! answers, and recognised. Which names, voices and sentences is decided by a hash, so the list is the same every time.
//!
//! A name outside the book that is pronounced like one in it is left out: nobody could tell them apart. Pronounced the
//! same means that `espeak-ng` gives the same sounds in the language that is spoken.
//!
//! A second list beside it has names of neither kind: from them is learnt how names are misheard, and nothing is measured.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    fs,
    io::Write,
    path::Path,
};

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::{
    Bencher,
    pairs::{self, Pair},
};
use crate::{
    asr::{Recognizer, Whisper},
    audio::RATE_HZ,
    cli::{CommandError, Kind},
    config::{Lang, LangChoice},
    models,
    speech::{self, Voices},
    testing::in_a_quiet_room,
};

const BENCH: &str = "names-heard";
/// Changes the whole list.
const SEED: &str = "names 1";
/// Where English and French first names come from; all other names are international.
const ENGLISH: [&str; 4] = ["en_US", "en_GB", "en_NZ", "ga_IE"];
const FRENCH: [&str; 2] = ["fr_FR", "fr_CA"];
/// Names of the book and outside it: English, French, international.
const IN_BOOK: [usize; 3] = [180, 160, 160];
const OUTSIDE: [usize; 3] = [190, 80, 310];
/// Names that are only learnt from: neither in the book nor in the list.
const TO_LEARN: [usize; 3] = [0, 0, 540];
/// How often a name of the book is spoken.
const TAKES: usize = 3;
/// Who speaks English, and who French: one voice is French, the others have an accent.
pub(in crate::cli::bench) const ENGLISH_VOICES: [&str; 6] =
    ["af_heart", "am_michael", "bf_emma", "bm_george", "af_bella", "am_fenrir"];
pub(in crate::cli::bench) const FRENCH_VOICES: [&str; 6] =
    ["ff_siwis", "ff_siwis", "ff_siwis", "ff_siwis", "bf_emma", "am_michael"];
/// Where the name is said; a bare one answers "To whom?".
const ENGLISH_SENTENCES: [&str; 6] = [
    "{}.",
    "Tell {} I'm late.",
    "Tell {} that I'm coming.",
    "Send this to {}.",
    "Send a message to {}.",
    "Message {} that I'm coming.",
];
const FRENCH_SENTENCES: [&str; 6] = [
    "{}.",
    "Dis à {} que j'arrive.",
    "Écris à {} que j'arrive.",
    "Envoie ça à {}.",
    "Envoie un message à {}.",
    "Préviens {} que j'arrive.",
];
/// Who speaks.
const ENGINE: &str = "kokoro";
/// How often a sentence is tried.
const TRIES: usize = 3;

/// A name, and where it is from: 0 English, 1 French, 2 another language.
type Origin = (String, usize);

/// A name to be spoken.
struct Spoken {
    name: String,
    lang: Lang,
    voice: &'static str,
    sentence: &'static str,
    in_book: bool,
}

pub(in crate::cli::bench) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let Chosen { book, outside, to_learn } = choose(bencher.first_names)?;
    let alike = Pronounced::new(&book)?;
    let list = bencher.heard_names;
    write_book(&list.with_file_name(super::BOOK), &book)?;
    let mut ears = Ears::new(bencher)?;
    ears.hear(list, &plan(&book, &outside, &alike)?, &alike)?;
    // Takes of an own number, so that these are said otherwise than the names of the list.
    let to_learn: Vec<Spoken> = to_learn.iter().map(|(name, origin)| speak(name, *origin, TAKES, false)).collect();
    ears.hear(&list.with_file_name(super::TO_LEARN), &to_learn, &alike)
}

/// Who hears the names, and who says them.
struct Ears<'a, 'b> {
    bencher: &'a Bencher<'b>,
    whisper: Whisper,
    speakers: HashMap<&'static str, Voices>,
}

impl<'a, 'b> Ears<'a, 'b> {
    fn new(bencher: &'a Bencher<'b>) -> Result<Self, CommandError> {
        let name = bencher.model.unwrap_or("base-q8_0");
        let whisper = Whisper::load(name, &models::find(&bencher.context.dirs.models, name)?, bencher.threads())?;
        Ok(Self { bencher, whisper, speakers: HashMap::new() })
    }

    /// Writes down what a list lacks of what is to be spoken.
    fn hear(&mut self, list: &Path, spoken: &[Spoken], alike: &Pronounced) -> Result<(), CommandError> {
        let known = if list.exists() { pairs::read(list)? } else { begin(list)? };
        for (spoken, _) in spoken.iter().zip(done(spoken, &known)).filter(|(_, done)| !done) {
            let voices = match self.speakers.entry(spoken.voice) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => new.insert(speaker(self.bencher, spoken.voice)?),
            };
            let samples = say(voices, &spoken.sentence.replace("{}", &spoken.name), spoken.lang)?;
            let heard = self
                .whisper
                .transcribe(&samples, LangChoice::Auto, Some(spoken.lang))
                .map_err(|error| CommandError::new(Kind::Unavailable, error))?;
            let pair = Pair {
                heard: slot(&heard.text, spoken.sentence),
                meant: spoken.name.clone(),
                lang: heard.lang,
                voice: spoken.voice.to_owned(),
                in_book: spoken.in_book,
                twins: alike.of(&spoken.name, spoken.lang)?,
            };
            append(list, &pair.line())?;
        }
        #[allow(clippy::cast_precision_loss, reason = "a small count")]
        self.bencher.figure(BENCH, "pairs", spoken.len() as f64, "")
    }
}

/// Writes the book as contacts without address.
fn write_book(path: &Path, book: &[Origin]) -> Result<(), CommandError> {
    let mut names: Vec<&str> = book.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let cards =
        names.iter().map(|name| format!("BEGIN:VCARD\nVERSION:4.0\nUID:{name}\nFN:{name}\nN:;{name};;;\nEND:VCARD\n"));
    fs::write(path, cards.collect::<String>()).map_err(|error| cannot_write(path, &error))
}

/// Returns the names of the book that people who speak a language have, or that are international; and such names that
/// are not in the book.
pub(super) fn names_of(file: &Path, lang: Lang) -> Result<(Vec<String>, Vec<String>), CommandError> {
    let Chosen { book, outside, .. } = choose(file)?;
    let foreign = if lang == Lang::En { 1 } else { 0 };
    let known = |names: Vec<Origin>| names.into_iter().filter(|(_, origin)| *origin != foreign).map(|(name, _)| name);
    Ok((known(book).collect(), known(outside).collect()))
}

/// Names by what they are for.
struct Chosen {
    book: Vec<Origin>,
    outside: Vec<Origin>,
    to_learn: Vec<Origin>,
}

/// Chooses the names of the book, those outside it, and those that are only learnt from.
fn choose(file: &Path) -> Result<Chosen, CommandError> {
    let text = fs::read_to_string(file)
        .map_err(|error| CommandError::new(Kind::Input, format!("cannot read {}: {error}", file.display())))?;
    let mut origins: [Vec<&str>; 3] = Default::default();
    for (name, locales) in text.lines().skip(1).filter_map(|line| line.split_once('\t')) {
        let from = |known: &[&str]| locales.split(',').any(|locale| known.contains(&locale));
        // A name of both languages is French here, as there are fewer French ones.
        let origin = if from(&FRENCH) { 1 } else { usize::from(!from(&ENGLISH)) * 2 };
        if name.chars().count() > 2 {
            origins[origin].push(name);
        }
    }
    let (mut book, mut outside, mut to_learn) = (Vec::new(), Vec::new(), Vec::new());
    for (origin, mut names) in origins.into_iter().enumerate() {
        names.sort_by_key(|name| hash(name));
        let mut names = names.into_iter().map(|name| (name.to_owned(), origin));
        book.extend(names.by_ref().take(IN_BOOK[origin]));
        outside.extend(names.by_ref().take(OUTSIDE[origin]));
        to_learn.extend(names.take(TO_LEARN[origin]));
    }
    book.sort_by_key(|(name, _)| hash(name));
    outside.sort_by_key(|(name, _)| hash(name));
    to_learn.sort_by_key(|(name, _)| hash(name));
    Ok(Chosen { book, outside, to_learn })
}

/// Decides who says which name how, so that each fourth name of any beginning of the list is outside the book.
fn plan(book: &[Origin], outside: &[Origin], alike: &Pronounced) -> Result<Vec<Spoken>, CommandError> {
    let mut outside = outside.iter();
    let mut spoken = Vec::new();
    for take in 0..TAKES {
        for (at, (name, origin)) in book.iter().enumerate() {
            spoken.push(speak(name, *origin, take, true));
            if at % 3 == 2 || at + 1 == book.len() {
                for (name, origin) in outside.by_ref() {
                    let stranger = speak(name, *origin, take, false);
                    if alike.of(name, stranger.lang)?.is_empty() {
                        spoken.push(stranger);
                        break;
                    }
                }
            }
        }
    }
    Ok(spoken)
}

fn speak(name: &str, origin: usize, take: usize, in_book: bool) -> Spoken {
    let dice = hash(&format!("{name} {take}"));
    // Some names of one language are said in a sentence of the other.
    let abroad = take == 2 && dice[0].is_multiple_of(3);
    let lang = match origin {
        0 => Lang::En,
        1 => Lang::Fr,
        _ if dice[1].is_multiple_of(2) => Lang::En,
        _ => Lang::Fr,
    };
    let lang = match lang {
        Lang::En if abroad => Lang::Fr,
        Lang::Fr if abroad => Lang::En,
        own @ (Lang::En | Lang::Fr) => own,
    };
    let (voices, sentences) = match lang {
        Lang::En => (ENGLISH_VOICES, ENGLISH_SENTENCES),
        Lang::Fr => (FRENCH_VOICES, FRENCH_SENTENCES),
    };
    let of = |die: u8| usize::from(die) % 6;
    Spoken { name: name.to_owned(), lang, voice: voices[of(dice[2])], sentence: sentences[of(dice[3])], in_book }
}

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(format!("{SEED} {text}")).to_vec()
}

/// How the names of the book are pronounced.
struct Pronounced(BTreeMap<(Lang, String), Vec<String>>);

impl Pronounced {
    fn new(book: &[Origin]) -> Result<Self, CommandError> {
        let mut sounds: BTreeMap<(Lang, String), Vec<String>> = BTreeMap::new();
        for lang in Lang::ALL {
            for (name, _) in book {
                sounds.entry((lang, pronunciation(name, lang)?)).or_default().push(name.clone());
            }
        }
        Ok(Self(sounds))
    }

    /// Returns the other names of the book that are pronounced the same.
    fn of(&self, name: &str, lang: Lang) -> Result<Vec<String>, CommandError> {
        let same = self.0.get(&(lang, pronunciation(name, lang)?));
        Ok(same.into_iter().flatten().filter(|other| *other != name).cloned().collect())
    }
}

/// Asks again where a busy machine had no answer in time.
fn pronunciation(name: &str, lang: Lang) -> Result<String, CommandError> {
    let again = |_| speech::pronunciation(name, lang);
    Ok(speech::pronunciation(name, lang).or_else(again).or_else(again)?)
}

pub(in crate::cli::bench) fn speaker(bencher: &Bencher<'_>, voice: &str) -> Result<Voices, CommandError> {
    let mut speech = bencher.context.config.speech.clone();
    ENGINE.clone_into(&mut speech.engine);
    voice.clone_into(&mut speech.voice_en);
    voice.clone_into(&mut speech.voice_fr);
    Ok(Voices::open(&speech, &bencher.context.dirs.models)?)
}

/// Says a sentence in a quiet room.
pub(in crate::cli::bench) fn say(voices: &mut Voices, sentence: &str, lang: Lang) -> Result<Vec<f32>, CommandError> {
    let (mut rate_hz, mut said) = (RATE_HZ, Vec::new());
    // Another engine speaks where the neural voice had no answer in time: ask again.
    let mut speaks = false;
    for _ in 0..TRIES {
        said.clear();
        let spoken = voices.speak(sentence, lang, &mut |clip| {
            rate_hz = clip.rate_hz;
            said.extend(clip.samples);
        })?;
        speaks = spoken.engine == ENGINE;
        if speaks {
            break;
        }
    }
    if !speaks {
        return Err(CommandError::new(Kind::Unavailable, "the neural voice does not speak"));
    }
    Ok(in_a_quiet_room(&said, rate_hz)?)
}

/// Returns the words of a transcript that stand where the sentence has its gap: what is left when the words before and
/// after it are laid on those of the sentence with the fewest changed letters.
pub(super) fn slot(transcript: &str, sentence: &str) -> String {
    let letters =
        |text: &str| -> String { text.nfd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let (before, after) = sentence.split_once("{}").unwrap_or((sentence, ""));
    let (before, after) = (letters(before), letters(after));
    let words: Vec<&str> = transcript.split_whitespace().collect();
    let part = |from: usize, to: usize| words.get(from..to).unwrap_or_default().join(" ");
    let places = (0..=words.len()).flat_map(|from| (from..=words.len()).map(move |to| (from, to)));
    let changed = |(from, to): &(usize, usize)| {
        let changes = strsim::levenshtein(&before, &letters(&part(0, *from)))
            + strsim::levenshtein(&after, &letters(&part(*to, words.len())));
        // Of equals, the one that leaves most words for the name.
        (changes, words.len() - (to - from))
    };
    let (from, to) = places.min_by_key(changed).unwrap_or_default();
    part(from, to).trim_matches(|c: char| !c.is_alphanumeric()).replace('\t', " ")
}

/// Says of each name to be spoken whether it is in the list. Pairs follow each other as planned, but may begin anywhere.
fn done(spoken: &[Spoken], known: &[Pair]) -> Vec<bool> {
    let mut done = vec![false; spoken.len()];
    let mut next = 0;
    for pair in known {
        let is_it = |at: &usize| !done[*at] && spoken[*at].name == pair.meant && spoken[*at].voice == pair.voice;
        if let Some(at) = (next..spoken.len()).chain(0..next).find(is_it) {
            done[at] = true;
            next = at + 1;
        }
    }
    done
}

fn begin(list: &Path) -> Result<Vec<Pair>, CommandError> {
    if let Some(parent) = list.parent() {
        fs::create_dir_all(parent).map_err(|error| cannot_write(list, &error))?;
    }
    append(
        list,
        "# First names of the Python package Faker (MIT), spoken and recognised by `herald bench names-heard`.",
    )?;
    append(list, "# heard\tmeant\tlanguage of the transcript\tvoice\tin the book or out\tits homophones in the book")?;
    Ok(Vec::new())
}

fn append(list: &Path, line: &str) -> Result<(), CommandError> {
    let file = fs::OpenOptions::new().create(true).append(true).open(list);
    file.and_then(|mut file| writeln!(file, "{line}")).map_err(|error| cannot_write(list, &error))
}

fn cannot_write(list: &Path, error: &std::io::Error) -> CommandError {
    CommandError::new(Kind::CannotWrite, format!("cannot write {}: {error}", list.display()))
}

#[cfg(test)]
mod tests {
    use super::{Spoken, done, slot};
    use crate::{cli::bench::names::pairs::Pair, config::Lang};

    #[test]
    fn a_list_goes_on_with_what_it_lacks() {
        let (voice, sentence, in_book, lang) = ("v", "{}.", true, Lang::En);
        let plan = ["a", "b", "c", "b", "d"].map(|name| Spoken { name: name.into(), lang, voice, sentence, in_book });
        let pair = |meant: &str| Pair {
            heard: String::new(),
            meant: meant.into(),
            lang,
            voice: voice.into(),
            in_book,
            twins: vec![],
        };
        assert_eq!(done(&plan, &[]), [false; 5]);
        assert_eq!(done(&plan, &["a", "c", "b"].map(pair)), [true, false, true, true, false]);
        assert_eq!(done(&plan, &["c", "b", "a", "b"].map(pair)), [true, true, true, true, false]);
    }

    #[test]
    fn the_name_is_what_the_sentence_leaves() {
        for (transcript, sentence, name) in [
            ("Tell Shavonne that I'm late.", "Tell {} that I'm late.", "Shavonne"),
            ("Tell she won that I'm late.", "Tell {} that I'm late.", "she won"),
            ("Dis-aleti que j'arrive.", "Dis à {} que j'arrive.", "Dis-aleti"),
            ("Marion.", "{}.", "Marion"),
            ("", "{}.", ""),
        ] {
            assert_eq!(slot(transcript, sentence), name);
        }
    }
}
