//! Shared places, photos, files and voice messages, as chat programs put them into words.

use super::{
    numerals::{Gender, count},
    rule::{Found, Say, in_lang},
};
use crate::config::Lang;

const PLACE: (&str, &str) = ("a shared place", "un lieu partagé");

/// Returns "a shared place".
pub(super) const fn place(lang: Lang) -> &'static str {
    in_lang(lang, PLACE.0, PLACE.1)
}

/// The endings of file names that are read, with what such a file is.
const ENDINGS: &[(&str, Kind)] = &[
    ("jpg", Kind::Picture),
    ("jpeg", Kind::Picture),
    ("png", Kind::Picture),
    ("heic", Kind::Picture),
    ("webp", Kind::Picture),
    ("bmp", Kind::Picture),
    ("gif", Kind::Animation),
    ("mp4", Kind::Video),
    ("mov", Kind::Video),
    ("avi", Kind::Video),
    ("mkv", Kind::Video),
    ("webm", Kind::Video),
    ("3gp", Kind::Video),
    ("mp3", Kind::Sound),
    ("m4a", Kind::Sound),
    ("ogg", Kind::Sound),
    ("opus", Kind::Sound),
    ("wav", Kind::Sound),
    ("aac", Kind::Sound),
    ("flac", Kind::Sound),
    ("vcf", Kind::Contact),
    ("ics", Kind::Event),
    ("pdf", Kind::File("P D F", "P D F")),
    ("docx", Kind::File("Word document", "document Word")),
    ("doc", Kind::File("Word document", "document Word")),
    ("odt", Kind::File("document", "document")),
    ("xlsx", Kind::File("spreadsheet", "tableur")),
    ("xls", Kind::File("spreadsheet", "tableur")),
    ("ods", Kind::File("spreadsheet", "tableur")),
    ("csv", Kind::File("spreadsheet", "tableur")),
    ("pptx", Kind::File("presentation", "présentation")),
    ("ppt", Kind::File("presentation", "présentation")),
    ("odp", Kind::File("presentation", "présentation")),
    ("txt", Kind::File("text", "texte")),
    ("md", Kind::File("text", "texte")),
    ("tar.gz", Kind::File("archive", "archive")),
    ("zip", Kind::File("archive", "archive")),
    ("rar", Kind::File("archive", "archive")),
    ("7z", Kind::File("archive", "archive")),
    ("tar", Kind::File("archive", "archive")),
    ("gz", Kind::File("archive", "archive")),
    ("html", Kind::File("web page", "page web")),
    ("json", Kind::File("data", "données")),
    ("apk", Kind::File("app", "application")),
    ("epub", Kind::File("book", "livre")),
];

/// What cameras and chat programs call files; such a name is not said.
const NAMELESS: [&str; 24] = [
    "",
    "img",
    "imgwa",
    "dsc",
    "dscn",
    "dscf",
    "pxl",
    "image",
    "photo",
    "picture",
    "vid",
    "vidwa",
    "video",
    "vidéo",
    "mov",
    "ptt",
    "pttwa",
    "aud",
    "audwa",
    "audio",
    "voicemessage",
    "messagevocal",
    "tenor",
    "giphy",
];

#[derive(Clone, Copy)]
enum Kind {
    Picture,
    Animation,
    Video,
    Sound,
    Contact,
    Event,
    /// What is said behind the name, in English and in French.
    File(&'static str, &'static str),
}

/// The rules of this file.
pub(super) fn rules(_: Lang) -> Vec<(String, Say)> {
    let endings: Vec<&str> = ENDINGS.iter().map(|(ending, _)| *ending).collect();
    let file = format!(r"(?i)([\p{{L}}\d][\p{{L}}\d_()-]*(?:\.[\p{{L}}\d_-]+){{0,3}}?)\.({})", endings.join("|"));
    let degrees = r#"\d{1,3}°\d{1,2}['’′]\d{1,2}(?:\.\d+)?["″]?"#;
    vec![
        (r"(?i)(?:user )?location (?:was shared at )?geo:\S+(?: as of \S+)?".into(), say_place),
        (r"geo:-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?(?:;[a-z]+=[\d.]+)*".into(), say_place),
        (r"-?\d{1,2}\.\d{4,},? ?-?\d{1,3}\.\d{4,}".into(), say_place),
        (r"-?\d{1,2},\d{4,}[,;]? -?\d{1,3},\d{4,}".into(), say_place),
        (format!("{degrees} ?[NS],? ?{degrees} ?[EWO]"), say_place),
        (r"📍\x{fe0f}? ?(a shared place|un lieu partagé)".into(), say_group_1),
        (r"📍\x{fe0f}? ?(?P<next>\S)".into(), say_pin),
        (r"(?i)(?:🎤|🎙\x{fe0f}?) ?(?:voice message|message vocal)? ?\(?(\d{1,2}):(\d\d)\)?".into(), say_voice),
        (r"(?i)(?:voice message|message vocal) \((\d{1,2}):(\d\d)\)".into(), say_voice),
        (r"(?i)<(?:media omitted|médias omis)>".into(), say_omitted),
        (r"(?i)<(?:attached|pièce jointe) ?: ?([^<>]+)>".into(), say_group_1),
        (r"mxc://[^\s<>]+".into(), say_attachment),
        (r"(?:file://)?(?:[A-Za-z]:\\|/)(?:[^\s\\/<>]+[\\/])+([^\s\\/<>]+\.[A-Za-z0-9]{2,5})".into(), say_base_name),
        (r"(?i)(?:voice|audio) message\.(?:ogg|opus|m4a|mp3)|message vocal\.(?:ogg|opus|m4a|mp3)".into(), say_spoken),
        (r"(?i)(?:screenshot|capture d['’]écran)[ _\p{L}\d.-]*\.(?:png|jpe?g)".into(), say_screenshot),
        (file, say_file),
        (
            [
                r"(?:📷|📸|📎|📹|🎥|🎤|🖼)\x{fe0f}? ?",
                r"(?P<next>(?:a|un|une) (?:photo|vid|file|fich|voice|mess|screen|capt)|Photo|Video|Vidéo)",
            ]
            .concat(),
            say_nothing,
        ),
    ]
}

fn say_place(found: &Found<'_>) -> Option<String> {
    Some(place(found.lang).to_owned())
}

fn say_pin(found: &Found<'_>) -> Option<String> {
    Some(found.say("a place: ", "un lieu : "))
}

fn say_group_1(found: &Found<'_>) -> Option<String> {
    Some(found.group(1).to_owned())
}

/// The words behind the picture say it.
fn say_nothing(_: &Found<'_>) -> Option<String> {
    Some(String::new())
}

fn say_base_name(found: &Found<'_>) -> Option<String> {
    // Of a web address it is the link that is said.
    let word = found.before.rsplit([' ', '\n']).next().unwrap_or_default();
    (!word.contains("://") && !word.ends_with([':', '/']) && !word.contains("www.")).then(|| found.group(1).to_owned())
}

fn say_omitted(found: &Found<'_>) -> Option<String> {
    Some(found.say("something that was left out", "quelque chose qui a été omis"))
}

fn say_attachment(found: &Found<'_>) -> Option<String> {
    Some(found.say("an attachment", "une pièce jointe"))
}

fn say_spoken(found: &Found<'_>) -> Option<String> {
    Some(found.say("a voice message", "un message vocal"))
}

fn say_screenshot(found: &Found<'_>) -> Option<String> {
    Some(found.say("a screenshot", "une capture d'écran"))
}

fn say_voice(found: &Found<'_>) -> Option<String> {
    let duration = duration(found.number(1)?, found.number(2)?, found.lang);
    Some(match found.lang {
        Lang::En => format!("a voice message of {duration}"),
        Lang::Fr if duration.starts_with("un") || duration.starts_with("onze") => {
            format!("un message vocal d'{duration}").replace("d'onze", "de onze")
        }
        Lang::Fr => format!("un message vocal de {duration}"),
    })
}

/// "one minute and five seconds".
fn duration(minutes: u64, seconds: u64, lang: Lang) -> String {
    let say = |number: u64, unit: &str| {
        let plural = if number > 1 { "s" } else { "" };
        format!("{} {unit}{plural}", count(number, Gender::Feminine, lang))
    };
    let (minute, second) = (say(minutes, "minute"), say(seconds, in_lang(lang, "second", "seconde")));
    match (minutes, seconds) {
        (0, _) => second,
        (_, 0) => minute,
        _ => format!("{minute} {} {second}", in_lang(lang, "and", "et")),
    }
}

fn say_file(found: &Found<'_>) -> Option<String> {
    if found.before.ends_with(['/', '@', '\\', '.']) {
        return None;
    }
    let ending = found.group(2).to_lowercase();
    let kind = ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, kind)| *kind)?;
    let name = found.group(1).replace(['_', '-', '.'], " ");
    let letters: String = name.chars().filter(|symbol| symbol.is_alphabetic()).flat_map(char::to_lowercase).collect();
    let nameless = NAMELESS.contains(&letters.as_str());
    let (alone, en, fr, behind) = match kind {
        Kind::Picture if letters == "sticker" => return Some(found.say("a sticker", "un autocollant")),
        Kind::Picture => (nameless, "a photo", "une photo", ""),
        Kind::Animation => (nameless, "an animated picture", "une image animée", ""),
        Kind::Video => (nameless, "a video", "une vidéo", ""),
        Kind::Sound if nameless => (true, "a voice message", "un message vocal", ""),
        Kind::Sound => (false, "an audio file", "un fichier audio", ""),
        Kind::Contact => (false, "a contact", "un contact", ""),
        Kind::Event => (false, "a calendar entry", "un rendez-vous", ""),
        Kind::File(en, fr) => (false, "a file", "un fichier", in_lang(found.lang, en, fr)),
    };
    let noun = found.say(en, fr);
    if alone {
        return Some(noun);
    }
    let called = match found.lang {
        Lang::En => "called",
        Lang::Fr if noun.starts_with("une ") => "appelée",
        Lang::Fr => "appelé",
    };
    let comma = if behind.is_empty() { "" } else { ", " };
    Some(format!("{noun} {called} {name}{comma}{behind}"))
}
