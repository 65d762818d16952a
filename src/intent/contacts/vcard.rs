//! vCard 3 and 4 to contacts.
//!
//! `calcard` reads the lines of one card (folding, escapes, parameters, base64); what belongs to one card is
//! found here, because a broken card must cost only itself and be reported with its line.

use calcard::{
    common::{IanaString, IanaType},
    vcard::{VCard, VCardEntry, VCardParameterName, VCardParameterValue, VCardProperty, VCardValue},
};

use super::{Contact, ContactId, ContactKind, DayOfYear, Handle};
use crate::config::Lang;

/// An entry that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Line the entry begins at, from 1.
    pub line: usize,
    /// Why.
    pub reason: String,
}

/// Returns the contacts of a file, not yet numbered, and what was skipped.
pub(super) fn read(text: &str) -> (Vec<Contact>, Vec<Skipped>) {
    let (entries, mut skipped) = split(text);
    let mut contacts = Vec::new();
    for Entry { line, text } in entries {
        match contact(&text) {
            Ok(contact) => contacts.push(contact),
            Err(reason) => skipped.push(Skipped { line, reason }),
        }
    }
    skipped.sort_by_key(|skipped| skipped.line);
    (contacts, skipped)
}

/// The text of one card.
struct Entry {
    line: usize,
    text: String,
}

fn split(text: &str) -> (Vec<Entry>, Vec<Skipped>) {
    let mut entries = Vec::new();
    let mut skipped = Vec::new();
    let mut open: Option<Entry> = None;
    let mut stray = false;
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let number = index + 1;
        let bare = line.trim_end();
        let begins = bare.eq_ignore_ascii_case("BEGIN:VCARD");
        let ends = bare.eq_ignore_ascii_case("END:VCARD");
        if begins && let Some(unfinished) = open.take() {
            skipped.push(Skipped { line: unfinished.line, reason: "the entry has no END:VCARD".to_owned() });
        }
        if begins {
            open = Some(Entry { line: number, text: String::new() });
        }
        match &mut open {
            Some(entry) => {
                entry.text.push_str(line);
                entry.text.push_str("\r\n");
                stray = false;
            }
            None if !bare.is_empty() && !stray => {
                skipped.push(Skipped { line: number, reason: "text outside of BEGIN:VCARD ... END:VCARD".to_owned() });
                stray = true;
            }
            None => {}
        }
        if ends && let Some(entry) = open.take() {
            entries.push(entry);
        }
    }
    if let Some(unfinished) = open {
        skipped.push(Skipped { line: unfinished.line, reason: "the entry has no END:VCARD".to_owned() });
    }
    (entries, skipped)
}

fn contact(text: &str) -> Result<Contact, String> {
    if text.contains('\u{fffd}') {
        return Err("the entry is not UTF-8 text".to_owned());
    }
    if let Some(at) = broken_line(text) {
        return Err(format!("line {at} of the entry has no property name and colon"));
    }
    let card = VCard::parse(text).map_err(|_| "not a vCard".to_owned())?;
    let (given, family) = name_parts(&card);
    let name = first_text(&card, &VCardProperty::Fn).unwrap_or_else(|| format!("{given} {family}"));
    let name = tidy(&name);
    if !name.chars().any(char::is_alphanumeric) {
        return Err("the entry has no name (FN or N)".to_owned());
    }
    let is_group = texts(&card, &VCardProperty::Kind)
        .chain(texts(&card, &other("X-ADDRESSBOOKSERVER-KIND")))
        .any(|kind| kind.eq_ignore_ascii_case("group"));
    let mut members: Vec<String> = texts(&card, &VCardProperty::Member)
        .chain(texts(&card, &other("X-ADDRESSBOOKSERVER-MEMBER")))
        .map(|member| identity(&member))
        .collect();
    dedup(&mut members);
    let mut nicknames: Vec<String> = texts(&card, &VCardProperty::Nickname)
        .map(|nickname| tidy(&nickname))
        .filter(|name| !name.is_empty())
        .collect();
    dedup(&mut nicknames);
    Ok(Contact {
        id: ContactId(0),
        uid: first_text(&card, &VCardProperty::Uid).map(|uid| identity(&uid)),
        name,
        given,
        family,
        nicknames,
        kind: if is_group { ContactKind::Group } else { ContactKind::Person },
        lang: first_text(&card, &VCardProperty::Lang)
            .or_else(|| first_text(&card, &VCardProperty::Language))
            .and_then(|tag| lang(&tag)),
        birthday: birthday(&card),
        handles: handles(&card),
        members,
    })
}

/// Returns the first line that is neither a property nor the continuation of one.
fn broken_line(text: &str) -> Option<usize> {
    let mut encoded = false;
    for (index, line) in text.lines().enumerate() {
        let continues = line.starts_with([' ', '\t']) || line.trim().is_empty() || encoded;
        encoded = (encoded || line.to_ascii_uppercase().contains("QUOTED-PRINTABLE")) && line.ends_with('=');
        let name_end = line.find([':', ';']).unwrap_or(line.len());
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == '_';
        let property = line.contains(':') && name_end > 0 && line.chars().take(name_end).all(is_name);
        if !continues && !property {
            return Some(index + 1);
        }
    }
    None
}

/// The day of `BDAY`; the year, which is often missing, is nobody's business.
fn birthday(card: &VCard) -> Option<DayOfYear> {
    let value = card.property(&VCardProperty::Bday)?.values.first()?;
    let VCardValue::PartialDateTime(date) = value else { return None };
    DayOfYear::new(date.month?, date.day?)
}

/// Given and family name: `N:Family;Given;...`; without it, the first word of the full name and the rest.
fn name_parts(card: &VCard) -> (String, String) {
    let parts: Vec<String> = card
        .property(&VCardProperty::N)
        .map(|entry| entry.values.iter().map(|value| tidy(&flat(value))).collect())
        .unwrap_or_default();
    let family = parts.first().cloned().unwrap_or_default();
    let given = parts.get(1).cloned().unwrap_or_default();
    if !given.is_empty() || !family.is_empty() {
        return (given, family);
    }
    let full = tidy(&first_text(card, &VCardProperty::Fn).unwrap_or_default());
    match full.split_once(' ') {
        Some((given, family)) => (given.to_owned(), family.to_owned()),
        None => (full, String::new()),
    }
}

fn handles(card: &VCard) -> Vec<Handle> {
    let mut found: Vec<(u32, Handle)> = Vec::new();
    for entry in &card.entries {
        let Some(value) = entry.values.first().map(flat) else { continue };
        if let Some(handle) = handle(entry, value.trim()) {
            found.push((preference(entry), handle));
        }
    }
    found.sort_by_key(|(preference, _)| *preference);
    let mut handles: Vec<Handle> = found.into_iter().map(|(_, handle)| handle).collect();
    dedup(&mut handles);
    handles
}

#[allow(clippy::wildcard_enum_match_arm, reason = "five of fifty properties are addresses")]
fn handle(entry: &VCardEntry, value: &str) -> Option<Handle> {
    let scheme =
        value.split_once(':').filter(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    let (network, address) = match &entry.name {
        VCardProperty::Tel => ("tel".to_owned(), value.trim_start_matches("tel:").to_owned()),
        VCardProperty::Email => ("email".to_owned(), value.trim_start_matches("mailto:").to_owned()),
        VCardProperty::Impp => scheme.map(|(scheme, address)| (scheme.to_ascii_lowercase(), address.to_owned()))?,
        VCardProperty::Socialprofile => {
            let service = entry.parameters(&VCardParameterName::ServiceType).find_map(|value| value.as_text())?;
            (service.to_ascii_lowercase(), value.to_owned())
        }
        VCardProperty::Other(name) => {
            let network = name.to_ascii_lowercase();
            let network = network.strip_prefix("x-").filter(|network| {
                matches!(
                    *network,
                    "matrix" | "signal" | "telegram" | "whatsapp" | "xmpp" | "jabber" | "messenger" | "skype" | "sip"
                )
            })?;
            (network.to_owned(), value.to_owned())
        }
        _ => return None,
    };
    (!address.is_empty()).then_some(Handle { network, address })
}

/// `PREF=1` of version 4 and `TYPE=PREF` of version 3 come first.
fn preference(entry: &VCardEntry) -> u32 {
    let order = entry.parameters(&VCardParameterName::Pref).find_map(VCardParameterValue::as_integer);
    let preferred = entry
        .parameters(&VCardParameterName::Type)
        .any(|value| value.as_text().is_some_and(|kind| kind.eq_ignore_ascii_case("pref")));
    match order {
        _ if preferred => 1,
        Some(IanaType::Iana(order)) => order,
        Some(IanaType::Other(_)) | None => 101,
    }
}

fn texts<'a>(card: &'a VCard, property: &VCardProperty) -> impl Iterator<Item = String> + use<'a> {
    let property = property.clone();
    card.entries.iter().filter(move |entry| entry.name == property).flat_map(|entry| entry.values.iter().map(flat))
}

fn first_text(card: &VCard, property: &VCardProperty) -> Option<String> {
    texts(card, property).find(|text| !text.trim().is_empty())
}

fn flat(value: &VCardValue) -> String {
    if let VCardValue::Component(parts) = value {
        return parts.join(" ");
    }
    if let VCardValue::Kind(kind) = value {
        return kind.as_str().to_owned();
    }
    value.as_text().unwrap_or_default().to_owned()
}

fn other(name: &str) -> VCardProperty {
    VCardProperty::Other(name.to_owned())
}

/// `urn:uuid:` or not, a UID is the same.
fn identity(uid: &str) -> String {
    let uid = uid.trim();
    let bare = uid.get(..9).filter(|scheme| scheme.eq_ignore_ascii_case("urn:uuid:")).and_then(|_| uid.get(9..));
    bare.unwrap_or(uid).to_owned()
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lang(tag: &str) -> Option<Lang> {
    let primary = tag.split(['-', '_']).next()?;
    Lang::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(primary.trim()))
}

fn dedup<T: PartialEq>(values: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::new();
    for value in values.drain(..) {
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    *values = kept;
}
