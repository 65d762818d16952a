//! `herald parse`: text to meaning, a line in, a line out.

use std::{
    io::{self, BufRead},
    path::{Path, PathBuf},
};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{CommandError, Context, Global, Kind, contacts, output};
use crate::{
    config::Lang,
    intent::{
        Expected, Intent, IntentName, Names, NoNames, Parser, Slot, Slots,
        contacts::{Book, Decision, Surroundings},
        rephrase,
    },
    store::Store,
};

/// Arguments of `herald parse`.
#[derive(Debug, Args)]
pub struct ParseArgs {
    /// Look names up in this vCard file, and say who is meant
    #[arg(long, value_name = "FILE.vcf")]
    contacts: Option<PathBuf>,
}

/// A line of the input as an object.
#[derive(Deserialize)]
struct Line {
    id: Option<Value>,
    text: String,
    lang: Option<Lang>,
}

/// An answer.
#[derive(Serialize)]
struct Answer<'a> {
    id: Value,
    intent: IntentName,
    slots: &'a Slots,
    score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    rephrased: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<Vec<Resolved>>,
}

/// Who is meant by a name in the sentence.
#[derive(Serialize)]
struct Resolved {
    said: String,
    decision: Decision,
    names: Vec<String>,
}

/// The answer to a line that cannot be used.
#[derive(Serialize)]
struct Fault {
    id: Value,
    error: String,
}

pub(super) fn run(global: &Global, args: &ParseArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let parser = Parser::new().map_err(|error| CommandError::new(Kind::Internal, error))?;
    let book = args.contacts.as_deref().map(book_of).transpose()?;
    let reader = Reader { parser, book, rephrases: context.config.intent.rephrase, json: context.json };
    let lang = context.config.general.lang.fixed();
    let mut broken = 0_usize;
    for (index, line) in io::stdin().lock().split(b'\n').enumerate() {
        let line = line.map_err(|error| CommandError::new(Kind::Input, format!("cannot read the input: {error}")))?;
        match read_line(&line, index + 1) {
            None => {}
            Some(Ok((id, line))) => reader.answer(id, &line, line.lang.or(lang))?,
            Some(Err(fault)) => {
                broken += 1;
                report(&fault, context.json)?;
            }
        }
    }
    if broken > 0 {
        return Err(CommandError::new(Kind::Input, format!("{broken} input lines could not be read"))
            .hint("a line is plain text or an object {\"id\", \"text\", \"lang\"}"));
    }
    Ok(())
}

/// Returns a line's id and content, `None` for a blank line.
fn read_line(bytes: &[u8], number: usize) -> Option<Result<(Value, Line), Fault>> {
    let fault = |id: Value, error: String| Some(Err(Fault { id, error }));
    let Ok(text) = std::str::from_utf8(bytes) else {
        return fault(number.into(), "not UTF-8 text".to_owned());
    };
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return None;
    }
    if !text.starts_with('{') {
        return Some(Ok((number.into(), Line { id: None, text: text.to_owned(), lang: None })));
    }
    match serde_json::from_str::<Line>(text) {
        Ok(mut line) => Some(Ok((line.id.take().unwrap_or_else(|| number.into()), line))),
        Err(error) => {
            // The line may be sound JSON that says too little: its id is used then.
            let id =
                serde_json::from_str::<Value>(text).ok().and_then(|mut value| value.get_mut("id").map(Value::take));
            fault(id.unwrap_or_else(|| number.into()), error.to_string())
        }
    }
}

/// What lines are understood with.
struct Reader {
    parser: Parser,
    book: Option<Book>,
    rephrases: bool,
    json: bool,
}

impl Reader {
    fn answer(&self, id: Value, line: &Line, lang: Option<Lang>) -> Result<(), CommandError> {
        let names: &dyn Names = self.book.as_ref().map_or(&NoNames as &dyn Names, |book| book);
        let intent = self.parser.parse(&line.text, lang, Expected::Command, names);
        let rephrased = if self.rephrases { rephrase(&line.text, &intent, names) } else { None };
        let resolved = self.book.as_ref().map(|book| resolved(book, &intent));
        if self.json {
            let Intent { name: intent, slots, score, .. } = &intent;
            return output::json(&Answer { id, intent: *intent, slots, score: *score, rephrased, resolved });
        }
        let mut text = for_a_person(&intent, &resolved.unwrap_or_default());
        if let Some(rephrased) = rephrased {
            text.push_str(&format!("  rephrased: {rephrased}"));
        }
        output::line(text)
    }
}

fn report(fault: &Fault, json: bool) -> Result<(), CommandError> {
    if json { output::json(fault) } else { output::line(format!("line {}: {}", fault.id, fault.error)) }
}

/// The word of the outer contract for an intent or a slot.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn for_a_person(intent: &Intent, resolved: &[Resolved]) -> String {
    let mut text = format!("{} ({:.2})", word(&intent.name), intent.score);
    for (slot, values) in &intent.slots {
        for value in values {
            text.push_str(&format!("  {}: {value}", word(slot)));
        }
    }
    for resolved in resolved {
        text.push_str(&format!("  [{} = {}]", resolved.said, resolved.names.join(" or ")));
    }
    text
}

/// Says who is meant by each name of the sentence.
fn resolved(book: &Book, intent: &Intent) -> Vec<Resolved> {
    [Slot::Recipient, Slot::Sender, Slot::Group]
        .iter()
        .filter_map(|slot| intent.slots.get(slot))
        .flatten()
        .map(|said| {
            let found = book.resolve(said, Some(intent.lang), Surroundings::default());
            let names = found.close().iter().map(|candidate| candidate.name.clone()).collect();
            Resolved { said: said.clone(), decision: found.decision, names }
        })
        .collect()
}

/// Reads a contact file into a book of its own; broken entries are left out.
fn book_of(path: &Path) -> Result<Book, CommandError> {
    let text = contacts::read_file(path)?;
    let store = Store::in_memory()?;
    let mut book = Book::open(&store)?;
    book.import(&store, &text)?;
    Ok(book)
}
