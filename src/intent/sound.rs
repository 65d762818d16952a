//! Spelling to sound, and how far two sounds are apart.
//!
//! Names are heard by one recogniser and written by somebody else: what can be compared is how they sound. The
//! published codes (Double Metaphone, Beider-Morse) drop the vowels or expand a name into dozens of variants and
//! know French only as an origin of English names, so that "Marion" and "Marianne" meet. Here both languages are
//! read by their own spelling rules, longest piece first, into one small alphabet, and two results are compared
//! by an edit distance whose costs follow how alike two sounds are (after Kondrak's weighted phonetic alignment,
//! "A new algorithm for the alignment of phonetic sequences", 2000).
//!
//! The alphabet: `p b t d k g f v s z m n l r h w j`, `S` sh, `Z` zh, `C` ch, `J` as in John, `T` th, the vowels
//! `a e i o u @` (`@` weak or French eu), and `N`, which makes the vowel before it nasal.

use unicode_normalization::UnicodeNormalization;

use crate::config::Lang;

/// Where in its word a spelling may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Anywhere,
    Start,
    End,
    /// At the end, after another vowel: the e of "Anne", not that of "she".
    Mute,
    /// Before e, i or y.
    Soft,
    /// Before a consonant other than n and m, or at the end.
    Closed,
    /// Before a vowel.
    Vowel,
    /// Between vowels.
    Between,
    /// After the first syllable, before one consonant and a vowel: "Josselin".
    Weak,
}
use At::{Anywhere, Between, Closed, End, Mute, Soft, Start, Vowel, Weak};

/// A spelling, where it stands, and its sounds. The first that fits is taken: longer spellings come first.
type Spelling = (&'static str, At, &'static str);

#[rustfmt::skip]
const FRENCH: &[Spelling] = &[
    ("ouille", Anywhere, "uj"), ("eille", Anywhere, "ej"), ("aille", Anywhere, "aj"), ("tion", Anywhere, "sjoN"),
    ("illon", Anywhere, "ijoN"), ("ille", End, "ij"), ("ill", Vowel, "ij"), ("eau", Anywhere, "o"),
    ("oeu", Anywhere, "@"), ("ain", Closed, "eN"), ("aim", Closed, "eN"), ("ein", Closed, "eN"),
    ("ien", Closed, "jeN"), ("oin", Closed, "weN"), ("yen", Closed, "jeN"), ("sch", Anywhere, "S"),
    ("eil", End, "ej"), ("ail", End, "aj"), ("ent", End, "aN"), ("ois", End, "wa"), ("ais", End, "e"),
    ("ait", End, "e"), ("aud", End, "o"), ("ault", End, "o"), ("aut", End, "o"), ("ert", End, "er"),
    ("chr", Anywhere, "kr"),
    ("an", Closed, "aN"), ("am", Closed, "aN"), ("en", Closed, "aN"), ("em", Closed, "aN"), ("in", Closed, "eN"),
    ("im", Closed, "eN"), ("yn", Closed, "eN"), ("ym", Closed, "eN"), ("un", Closed, "eN"), ("on", Closed, "oN"),
    ("om", Closed, "oN"), ("au", Anywhere, "o"), ("ou", Anywhere, "u"), ("oi", Anywhere, "wa"), ("oy", Anywhere, "waj"),
    ("eu", Anywhere, "@"), ("ai", Anywhere, "e"), ("ei", Anywhere, "e"), ("ay", Anywhere, "e"), ("ey", Anywhere, "e"),
    ("gn", Anywhere, "nj"), ("ph", Anywhere, "f"), ("ch", Anywhere, "S"), ("sh", Anywhere, "S"), ("th", Anywhere, "t"),
    ("qu", Anywhere, "k"), ("ck", Anywhere, "k"), ("gu", Soft, "g"), ("ge", Vowel, "Z"), ("cc", Soft, "ks"),
    ("sc", Soft, "s"), ("ss", Anywhere, "s"), ("er", End, "e"), ("ez", End, "e"), ("et", End, "e"), ("es", End, ""),
    ("ée", End, "e"), ("ie", End, "i"), ("ue", End, "u"),
    ("é", Anywhere, "e"), ("è", Anywhere, "e"), ("ê", Anywhere, "e"), ("ë", Anywhere, "e"), ("à", Anywhere, "a"),
    ("â", Anywhere, "a"), ("î", Anywhere, "i"), ("ï", Anywhere, "i"), ("ô", Anywhere, "o"), ("ö", Anywhere, "o"),
    ("û", Anywhere, "u"), ("ù", Anywhere, "u"), ("ü", Anywhere, "u"), ("ç", Anywhere, "s"), ("ñ", Anywhere, "nj"),
    ("á", Anywhere, "a"), ("í", Anywhere, "i"), ("ó", Anywhere, "o"), ("ú", Anywhere, "u"), ("ä", Anywhere, "e"),
    ("c", Soft, "s"), ("c", Anywhere, "k"), ("g", Soft, "Z"), ("s", Between, "z"), ("j", Anywhere, "Z"),
    ("y", Vowel, "j"), ("y", Anywhere, "i"), ("i", Vowel, "j"), ("q", Anywhere, "k"), ("x", End, ""), ("x", Anywhere, "ks"),
    ("h", Anywhere, ""), ("d", End, ""), ("t", End, ""), ("s", End, ""), ("z", End, ""), ("e", End, ""),
    ("a", Anywhere, "a"), ("e", Anywhere, "@"), ("i", Anywhere, "i"), ("o", Anywhere, "o"), ("u", Anywhere, "u"),
];

#[rustfmt::skip]
const ENGLISH: &[Spelling] = &[
    // Names that are written in a way English readers must know.
    ("siobhan", Start, "Sivon"), ("sean", Start, "Son"), ("niamh", Start, "niv"), ("aoife", Start, "ifa"),
    ("saoirse", Start, "s@rSa"), ("caoimhe", Start, "kiva"), ("joaquin", Start, "wakin"), ("nguyen", Start, "win"),
    ("wojciech", Start, "vojCek"), ("jorge", Start, "horhe"), ("jose", Start, "hose"), ("juan", Start, "hwan"),
    ("xavier", Start, "zevi@r"), ("stephen", Start, "stiv@n"), ("sophia", Start, "sofia"), ("yvonne", Start, "ivon"),
    ("michael", Start, "majk@l"), ("hugh", Start, "hju"), ("thomas", Start, "tom@s"), ("theresa", Start, "t@risa"),
    ("geoff", Start, "Jef"), ("leigh", Start, "li"), ("eileen", Start, "ajlin"), ("zoe", Start, "zoi"), ("chloe", Start, "kloi"),
    ("tion", Anywhere, "S@n"), ("tch", Anywhere, "C"), ("dge", Anywhere, "J"), ("sch", Anywhere, "S"), ("chr", Anywhere, "kr"),
    ("igh", Anywhere, "aj"), ("eau", Anywhere, "o"), ("augh", Anywhere, "o"), ("ough", Anywhere, "o"), ("eigh", Anywhere, "e"),
    ("gh", Start, "g"), ("gh", Anywhere, ""), ("kn", Start, "n"), ("wr", Start, "r"), ("ps", Start, "s"), ("mb", End, "m"),
    ("sh", Anywhere, "S"), ("ch", Anywhere, "C"), ("ph", Anywhere, "f"), ("th", Anywhere, "T"), ("ck", Anywhere, "k"),
    ("qu", Anywhere, "kw"), ("wh", Anywhere, "w"), ("cc", Soft, "ks"), ("sc", Soft, "s"), ("ah", End, "a"), ("eh", End, "e"),
    ("ee", Anywhere, "i"), ("ea", Anywhere, "i"), ("ie", End, "i"), ("ey", End, "i"), ("oo", Anywhere, "u"), ("ou", Anywhere, "u"),
    ("ew", Anywhere, "u"), ("ue", End, "u"), ("ow", Anywhere, "o"), ("oa", Anywhere, "o"), ("oe", End, "o"), ("au", Anywhere, "o"),
    ("aw", Anywhere, "o"), ("oy", Anywhere, "oj"), ("oi", Anywhere, "oj"), ("ai", Anywhere, "e"), ("ay", Anywhere, "e"),
    ("ei", Anywhere, "e"), ("er", Closed, "@r"), ("ir", Closed, "@r"), ("ur", Closed, "@r"), ("yr", Closed, "@r"),
    ("é", Anywhere, "e"), ("è", Anywhere, "e"), ("ê", Anywhere, "e"), ("ë", Anywhere, "e"), ("à", Anywhere, "a"), ("â", Anywhere, "a"),
    ("î", Anywhere, "i"), ("ï", Anywhere, "i"), ("ô", Anywhere, "o"), ("ö", Anywhere, "o"), ("û", Anywhere, "u"), ("ù", Anywhere, "u"),
    ("ü", Anywhere, "u"), ("ç", Anywhere, "s"), ("ñ", Anywhere, "nj"), ("á", Anywhere, "a"), ("í", Anywhere, "i"), ("ó", Anywhere, "o"),
    ("ú", Anywhere, "u"), ("ä", Anywhere, "e"),
    ("c", Soft, "s"), ("c", Anywhere, "k"), ("g", Soft, "J"), ("j", Anywhere, "J"), ("x", Start, "z"), ("x", Anywhere, "ks"),
    ("y", Vowel, "j"), ("y", Anywhere, "i"), ("q", Anywhere, "k"), ("e", Mute, ""), ("e", Weak, "@"), ("s", Between, "z"),
    ("a", Anywhere, "a"), ("e", Anywhere, "e"), ("i", Anywhere, "i"), ("o", Anywhere, "o"), ("u", Anywhere, "u"),
];

/// Returns how words sound when a reader of the language says them, in the alphabet above, without spaces.
pub(super) fn sounds(words: &str, lang: Lang) -> String {
    let table = match lang {
        Lang::En => ENGLISH,
        Lang::Fr => FRENCH,
    };
    let mut said = String::new();
    for word in words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letters: Vec<char> = word.nfc().flat_map(char::to_lowercase).flat_map(|c| native(c, lang)).collect();
        let before = said.len();
        read_word(&letters, table, &mut said);
        if said.len() == before {
            // "E" or "H": a word of silent letters is said by their names.
            said.extend(letters.iter().filter(|letter| letter.is_ascii_alphabetic()));
        }
    }
    smooth(&said)
}

/// Returns a letter that neither language has as readers of the language spell its sound.
fn native(letter: char, lang: Lang) -> Vec<char> {
    let spelled = match (letter, lang) {
        ('ş' | 'š' | 'ś' | 'ș', Lang::En) => "sh",
        ('ş' | 'š' | 'ś' | 'ș', Lang::Fr) => "ch",
        ('č' | 'ć', Lang::En) => "ch",
        ('č' | 'ć', Lang::Fr) => "tch",
        ('ž' | 'ż', _) => "j",
        ('ł', _) => "l",
        ('ø', _) => "ö",
        ('å', _) => "o",
        ('ı', _) => "i",
        ('ğ', _) => "",
        ('ß', _) => "ss",
        ('æ', _) => "e",
        ('œ', _) => "oe",
        ('đ' | 'ð', _) => "d",
        ('þ', _) => "th",
        _ if letter.is_ascii() || FRENCH.iter().any(|(spelling, ..)| spelling.starts_with(letter)) => {
            return vec![letter];
        }
        _ => return letter.nfd().filter(char::is_ascii_alphanumeric).collect(),
    };
    spelled.chars().collect()
}

fn read_word(letters: &[char], table: &[Spelling], said: &mut String) {
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let rule = table.iter().find(|(spelling, place, _)| stands(letters, at, spelling, *place));
        match rule {
            Some((spelling, _, sounds)) => {
                said.push_str(sounds);
                at += spelling.chars().count();
            }
            None => {
                if letter.is_ascii_alphanumeric() {
                    said.push(*letter);
                }
                at += 1;
            }
        }
    }
}

fn stands(letters: &[char], at: usize, spelling: &str, place: At) -> bool {
    let length = spelling.chars().count();
    let Some(here) = letters.get(at..at + length) else { return false };
    if !here.iter().copied().eq(spelling.chars()) {
        return false;
    }
    let next = letters.get(at + length).copied();
    match place {
        Anywhere => true,
        Start => at == 0,
        // A word is not all ending.
        End => next.is_none() && at > 0,
        Mute => next.is_none() && vowel_before(letters, at),
        Soft => next.is_some_and(|c| "eiyéèêëîï".contains(c)),
        Closed => next.is_none_or(|c| !is_vowel_letter(c) && c != 'n' && c != 'm' && c != 'h'),
        Vowel => next.is_some_and(is_vowel_letter),
        Between => {
            next.is_some_and(is_vowel_letter) && letters.get(at.wrapping_sub(1)).copied().is_some_and(is_vowel_letter)
        }
        Weak => {
            vowel_before(letters, at)
                && next.is_some_and(|c| !is_vowel_letter(c))
                && letters.get(at + length + 1).copied().is_some_and(is_vowel_letter)
        }
    }
}

fn vowel_before(letters: &[char], at: usize) -> bool {
    letters.get(..at).is_some_and(|before| before.iter().copied().any(is_vowel_letter))
}

fn is_vowel_letter(c: char) -> bool {
    "aeiouyéèêëàâîïôöûùüáíóúä".contains(c)
}

/// Doubled sounds are one, and the glide after an i is heard or not.
fn smooth(said: &str) -> String {
    let mut smooth = String::with_capacity(said.len());
    for c in said.chars() {
        if smooth.ends_with(c) {
            continue;
        }
        if c == 'j' && smooth.ends_with('i') {
            smooth.pop();
        }
        smooth.push(c);
    }
    smooth
}

/// Returns how alike two sound strings are, 1 for the same, or `None` when less than `least`.
pub(super) fn likeness(a: &[u8], b: &[u8], least: f32) -> Option<f32> {
    let longest = length(a.len().max(b.len()).max(3));
    let most = (1.0 - least) * longest;
    let distance = distance(a, b, most)? + endings(a, b);
    (distance <= most).then_some(1.0 - distance / longest)
}

/// What different vowels at the end cost on top: they tell Angelina from Angelino.
const fn endings(a: &[u8], b: &[u8]) -> f32 {
    match (a.last(), b.last()) {
        (Some(b'a'), Some(b'o' | b'i' | b'u' | b'e')) | (Some(b'o' | b'i' | b'u' | b'e'), Some(b'a')) => 0.3,
        (Some(b'o'), Some(b'i' | b'e')) | (Some(b'i' | b'e'), Some(b'o')) => 0.3,
        _ => 0.0,
    }
}

/// Returns how alike `piece` is to the piece of `whole` that is most like it, 1 for the same, at least 0.
pub(super) fn within(piece: &[u8], whole: &[u8]) -> f32 {
    // As below, but a way may begin and end anywhere in `whole`.
    let mut row = vec![0.0_f32; whole.len() + 1];
    for sound in piece {
        let mut diagonal = row[0];
        row[0] += alone(*sound);
        for (at, other) in whole.iter().enumerate() {
            let changed = diagonal + unlike(*sound, *other);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(diagonal + alone(*sound)).min(row[at] + alone(*other));
        }
    }
    let distance = row.into_iter().fold(f32::MAX, f32::min);
    (1.0 - distance / length(piece.len().max(3))).max(0.0)
}

/// Weighted edit distance, `None` when more than `most`.
fn distance(a: &[u8], b: &[u8], most: f32) -> Option<f32> {
    const LONGEST: usize = 48;
    let a = a.get(..a.len().min(LONGEST))?;
    let b = b.get(..b.len().min(LONGEST))?;
    let mut row = [0.0_f32; LONGEST + 1];
    for (at, sound) in b.iter().enumerate() {
        row[at + 1] = row[at] + alone(*sound);
    }
    for sound in a {
        let mut diagonal = row[0];
        row[0] += alone(*sound);
        let mut least = row[0];
        for (at, other) in b.iter().enumerate() {
            let changed = diagonal + unlike(*sound, *other);
            diagonal = row[at + 1];
            row[at + 1] = changed.min(diagonal + alone(*sound)).min(row[at] + alone(*other));
            least = least.min(row[at + 1]);
        }
        if least > most {
            return None;
        }
    }
    let distance = *row.get(b.len())?;
    (distance <= most).then_some(distance)
}

/// Cost of a sound that only one side has.
pub(super) const fn alone(sound: u8) -> f32 {
    match sound {
        b'@' => 0.25,
        b'h' => 0.3,
        b'N' | b'j' | b'w' => 0.45,
        b'a' | b'e' | b'i' | b'o' | b'u' => 0.7,
        b's' | b't' | b'd' | b'r' => 0.8,
        _ => 1.0,
    }
}

/// Cost of one sound heard as another.
pub(super) const fn unlike(a: u8, b: u8) -> f32 {
    if a == b {
        return 0.0;
    }
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    match (low, high) {
        (b'@', b'a' | b'e' | b'i' | b'o' | b'u') | (b'e', b'i') | (b'i', b'j') | (b'u', b'w') => 0.3,
        (b'N', b'n') | (b'N', b'm') | (b'J', b'Z') | (b'C', b'S') => 0.3,
        (b'a', b'e') | (b'o', b'u') => 0.4,
        (b'a', b'o' | b'i' | b'u') | (b'e' | b'i', b'o' | b'u') => 0.55,
        (b'b', b'p') | (b'd', b't') | (b'g', b'k') | (b'f', b'v') | (b's', b'z') | (b'S', b'Z') | (b'C', b'J') => 0.4,
        (b'T', b't' | b'f' | b's' | b'd') | (b'm', b'n') | (b'v', b'w') | (b'b', b'v') | (b'J', b'g' | b'j') => 0.5,
        (b'S', b's') | (b'Z', b'z') | (b'l', b'r') | (b'r', b'w') => 0.6,
        _ => 1.0,
    }
}

/// Returns one letter for all consonants that are easily taken for each other; weak ones and vowels have none.
pub(super) const fn consonant_class(sound: u8) -> Option<u8> {
    Some(match sound {
        b'p' | b'b' | b'v' | b'f' => b'p',
        b't' | b'd' | b'T' => b't',
        b'k' | b'g' => b'k',
        b's' | b'z' => b's',
        b'S' | b'Z' | b'C' | b'J' => b'S',
        b'm' | b'n' | b'N' => b'n',
        b'l' | b'r' => b'l',
        _ => return None,
    })
}

fn length(count: usize) -> f32 {
    f32::from(u8::try_from(count).unwrap_or(u8::MAX))
}

#[cfg(test)]
mod tests {
    use super::{likeness, sounds};
    use crate::config::Lang::{self, En, Fr};

    fn alike(a: (&str, Lang), b: (&str, Lang)) -> f32 {
        likeness(sounds(a.0, a.1).as_bytes(), sounds(b.0, b.1).as_bytes(), 0.0).unwrap_or_default()
    }

    #[test]
    fn spellings_of_one_sound_are_the_same() {
        for (a, b, lang) in [
            ("Marc", "Mark", En),
            ("Sara", "Sarah", En),
            ("Mary on", "Marion", En),
            ("Marillon", "Marion", Fr),
            ("Philippe", "Filip", Fr),
            ("Thibaut", "Tibo", Fr),
            ("Jean Marc", "Jean-Marc", Fr),
            ("Shivon", "Siobhan", En),
        ] {
            assert_eq!(sounds(a, lang), sounds(b, lang), "{a} {b}");
        }
    }

    #[test]
    fn close_names_stay_apart() {
        for (a, b, lang) in
            [("Marion", "Marianne", Fr), ("Marion", "Marie", Fr), ("Paul", "Paula", En), ("Anna", "Anne", En)]
        {
            let alike = alike((a, lang), (b, lang));
            assert!(alike < 0.93, "{a} {b} {alike}");
        }
    }

    #[test]
    fn a_name_read_by_either_language_is_near_itself() {
        assert!(alike(("Josslyn", En), ("Josselin", En)) > 0.93);
        assert!(alike(("Marion", En), ("Marion", Fr)) > 0.75);
    }

    #[test]
    fn any_text_has_a_sound_without_panic() {
        for text in ["", "é", "x", "李雷", "-", "O'Neil", "H"] {
            let _ = (sounds(text, En), sounds(text, Fr));
        }
        assert_eq!(sounds("é", Fr), "e");
    }
}
