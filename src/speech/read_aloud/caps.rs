//! Capitals: a word that is shouted is read as a word, initials are spelled, names keep their shape.

use crate::config::Lang;

/// Acronyms that are said as words, as they are written then.
const WORDS: &[(&str, &str)] = &[
    ("NASA", "Nasa"),
    ("NATO", "Nato"),
    ("OTAN", "Otan"),
    ("ONU", "Onu"),
    ("UNESCO", "Unesco"),
    ("UNICEF", "Unicef"),
    ("FIFA", "Fifa"),
    ("UEFA", "Uefa"),
    ("COVID", "Covid"),
    ("IKEA", "Ikea"),
    ("LEGO", "Lego"),
    ("FNAC", "Fnac"),
    ("MAIF", "Maif"),
    ("ABBA", "Abba"),
    ("CAF", "Caf"),
    ("SMIC", "Smic"),
    ("URSSAF", "Urssaf"),
    ("INSEE", "Insee"),
    ("SAMU", "Samu"),
    ("EHPAD", "Ehpad"),
    ("RIB", "Rib"),
    ("IBAN", "Iban"),
    ("SIRET", "Siret"),
    ("CROUS", "Crous"),
    ("ADEME", "Ademe"),
    ("LASER", "laser"),
    ("RADAR", "radar"),
    ("SIDA", "sida"),
    ("OVNI", "ovni"),
    ("BAC", "bac"),
    ("PIN", "pin"),
    ("WIFI", "wifi"),
    ("RAM", "ram"),
    ("JPEG", "jay-peg"),
];

/// Initials that look like words, or have vowels: spelled even where everything is shouted.
const INITIALS: &[&str] = &[
    "USA", "UK", "EU", "UE", "UN", "US", "TV", "UFO", "BBC", "FBI", "CIA", "NHS", "GPS", "USB", "PDF", "HTML", "SMS",
    "MMS", "ATM", "DVD", "CD", "DJ", "PC", "CEO", "PDG", "VIP", "SUV", "NYC", "MRI", "IRM", "BMW", "IBM", "DIY",
    "BYOB", "RSVP", "TVA", "TTC", "SNCF", "TGV", "RATP", "RER", "EDF", "CGT", "PSG", "OM", "DRH", "BD", "WC", "CV",
    "QCM", "CHU", "RTT", "HLM", "SOS", "VTT", "ADN", "BFM", "LVMH", "RDA", "ETA", "LED", "API", "URL", "UTC", "GMT",
    "ISBN", "LGBT", "CDI", "CDD", "AAA", "AA", "HS", "HR", "IT", "AI", "IA", "OS",
];

/// Short English words that somebody may shout alone in a quiet sentence.
const EN_SHORT: &str = " a an am and any are as ask at ate bad be big boy buy but by bye can car cat day did do dog \
                        eat end far fat for fun get go god got guy had has he her hey him his hi hot how if in is \
                        it its job kid let lot mad man may me men mom mum my new no not now of off oh old on one or \
                        our out own pay put ran red run sad sat saw say see set she sir sit so son sun ten the to \
                        too top try two up us use very wait was way we wet who why win won wow yay yes yet you ";
/// Short French words.
const FR_SHORT: &str = " à ah ai air allô ami an ans as au aux ça ce ces cet ci dans de des dis dit dix du eh elle \
                        en es est et eu eux fin gai il ils ira ici jamais je la là le les leur lu lui ma mais me \
                        mer mes moi mon mot ni non nos nous nu oh on ont or ou où oui par pas peu peur plus pour \
                        pré qui que quoi rue sa sans se ses si six soi son sur ta tas te tes toi ton top tôt tous \
                        tu un une va vas ver vie vin vite vos vous vu y été ";

/// Sounds without a vowel that are no initials.
const SOUNDS: [&str; 12] = ["pff", "pfff", "grr", "grrr", "hmm", "mmm", "brr", "brrr", "psst", "pst", "shh", "shhh"];

/// Whether a text is written in capitals throughout.
pub(super) fn is_shouted(text: &str) -> bool {
    let upper = text.chars().filter(|letter| letter.is_uppercase()).count();
    let lower = text.chars().filter(|letter| letter.is_lowercase()).count();
    let words = text
        .split(|symbol: char| symbol.is_whitespace())
        .filter(|word| word.chars().all(|symbol| !symbol.is_ascii_digit()))
        .filter(|word| word.chars().filter(|letter| letter.is_uppercase()).count() > 1);
    let initial = text.split_whitespace().any(|word| word.chars().count() == 1 && word.chars().all(char::is_uppercase));
    upper > 4 * lower && words.count() + usize::from(initial) > 1
}

/// Reads the words in capitals.
pub(super) fn read(text: &str, shouted: bool, lang: Lang) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|symbol: char| !symbol.is_alphabetic()).unwrap_or(rest.len());
        if end == 0 {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let (word, after) = rest.split_at(end);
        let before = out.chars().next_back().unwrap_or(' ');
        out.push_str(&read_word(word, before, after, Voice { shouted, lang }));
        rest = after;
    }
    out
}

#[derive(Clone, Copy)]
struct Voice {
    shouted: bool,
    lang: Lang,
}

fn read_word(word: &str, before: char, after: &str, voice: Voice) -> String {
    let length = word.chars().count();
    // "TVs".
    let singular = word.strip_suffix('s').filter(|singular| is_capitals(singular));
    if let Some(singular) = singular.filter(|word| length > 2 && !has_vowel(word) || INITIALS.contains(word)) {
        return format!("{}s", spelled(singular));
    }
    if !is_capitals(word) {
        return word.to_owned();
    }
    let small = word.to_lowercase();
    if length == 1 {
        // In "N'OUBLIE PAS" the letter is a part of a word; "Y" in "JE VAIS Y ALLER" is one.
        let elided = after.starts_with(['\'', '’']) && voice.shouted;
        let tail = matches!(before, '\'' | '’') && voice.shouted;
        let pronoun = voice.lang == Lang::En && word == "I";
        let lone_word = voice.shouted && FR_SHORT.contains(&format!(" {small} "));
        return if (elided || tail || lone_word) && !pronoun { small } else { word.to_owned() };
    }
    if matches!(before, '\'' | '’') && length <= 2 && !INITIALS.contains(&word) {
        return small;
    }
    if let Some((_, said)) = WORDS.iter().find(|(known, _)| *known == word) {
        return (*said).to_owned();
    }
    let short = match voice.lang {
        Lang::En => EN_SHORT,
        Lang::Fr => FR_SHORT,
    };
    let is_short_word = short.contains(&format!(" {small} "));
    let initials = INITIALS.contains(&word) && !(voice.shouted && is_short_word) || !has_vowel(word);
    if SOUNDS.contains(&small.as_str()) {
        return small;
    }
    let word_like = voice.shouted || length > 3 || is_short_word || is_drawn_out(&small);
    if initials || !word_like { spelled(word) } else { small }
}

fn is_capitals(word: &str) -> bool {
    !word.is_empty() && word.chars().all(char::is_uppercase)
}

fn has_vowel(word: &str) -> bool {
    word.to_lowercase().chars().any(|letter| "aeiouyàâäéèêëîïôöùûüœæ".contains(letter))
}

/// "aaah".
fn is_drawn_out(small: &str) -> bool {
    let mut letters = small.chars();
    letters.next().is_some_and(|first| letters.clone().take(2).filter(|next| *next == first).count() == 2)
}

fn spelled(word: &str) -> String {
    let letters: Vec<String> = word.chars().map(String::from).collect();
    letters.join(" ")
}
