//! `herald contacts`: import a vCard file, list the book, ask who is meant by a name.

use std::{
    fs,
    io::{self, BufRead},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{CommandError, Context, Global, Kind, output};
use crate::{
    config::Lang,
    intent::contacts::{Book, Contact, ContactKind, Decision, ImportReport, Resolution, Surroundings},
    store::Store,
};

/// Arguments of `herald contacts`.
#[derive(Debug, Args)]
pub struct ContactsArgs {
    #[command(subcommand)]
    command: ContactsCommand,
}

#[derive(Debug, Subcommand)]
enum ContactsCommand {
    /// Add and renew contacts from a vCard file (version 3 or 4)
    Import {
        /// The vCard file
        #[arg(value_name = "FILE.vcf")]
        file: PathBuf,
    },
    /// List all contacts
    List,
    /// Say who is meant by a name as it was heard
    Resolve {
        /// The name; `-` reads names from standard input, one a line
        #[arg(value_name = "NAME")]
        name: String,
    },
}

/// An import as JSON.
#[derive(Serialize)]
struct ImportLine {
    imported: usize,
    unchanged: usize,
    skipped: Vec<SkippedLine>,
}

/// A skipped entry as JSON.
#[derive(Serialize)]
struct SkippedLine {
    line: usize,
    reason: String,
}

pub(super) fn run(global: &Global, args: &ContactsArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    // A file that cannot be read is told before the book is touched.
    let text = match &args.command {
        ContactsCommand::Import { file } => Some((file, read_file(file)?)),
        ContactsCommand::List | ContactsCommand::Resolve { .. } => None,
    };
    let store = Store::open(&context.dirs.data)?;
    let mut book = Book::open(&store)?;
    if let Some((file, text)) = text {
        let report = book.import(&store, &text)?;
        return print_report(file, report, context.json);
    }
    match &args.command {
        ContactsCommand::Import { .. } => Ok(()),
        ContactsCommand::List => {
            book.contacts().iter().try_for_each(|contact| print_contact(&book, contact, context.json))
        }
        ContactsCommand::Resolve { name } => resolve(&book, name, context.config.general.lang.fixed(), context.json),
    }
}

/// Reads a contact file; bytes that are no UTF-8 spoil only the entries they stand in.
pub(super) fn read_file(path: &Path) -> Result<String, CommandError> {
    let bytes = fs::read(path)
        .map_err(|error| CommandError::new(Kind::Input, format!("cannot read {}: {error}", path.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn print_report(file: &Path, report: ImportReport, json: bool) -> Result<(), CommandError> {
    let ImportReport { imported, unchanged, skipped } = report;
    let skipped: Vec<SkippedLine> =
        skipped.into_iter().map(|skipped| SkippedLine { line: skipped.line, reason: skipped.reason }).collect();
    let broken = skipped.len();
    if json {
        output::json(&ImportLine { imported, unchanged, skipped })?;
    } else {
        output::line(format!("imported {imported}, unchanged {unchanged}, skipped {broken}"))?;
        for SkippedLine { line, reason } in &skipped {
            output::line(format!("{}:{line}: {reason}", file.display()))?;
        }
    }
    if broken > 0 {
        return Err(CommandError::new(Kind::Input, format!("{broken} entries of {} were skipped", file.display()))
            .hint("mend the lines named above and import the file again; what was good is in the book already"));
    }
    if imported + unchanged == 0 {
        return Err(CommandError::new(Kind::Input, format!("{} holds no vCard entry", file.display()))
            .hint("export the contacts as vCard (.vcf), version 3 or 4"));
    }
    Ok(())
}

fn print_contact(book: &Book, contact: &Contact, json: bool) -> Result<(), CommandError> {
    if json {
        return output::json(contact);
    }
    let mut text = format!("{:>4}  {}", contact.id.0, contact.name);
    if !contact.nicknames.is_empty() {
        text.push_str(&format!(" ({})", contact.nicknames.join(", ")));
    }
    if contact.kind == ContactKind::Group {
        let members: Vec<&str> = book.members(contact).into_iter().map(|member| member.name.as_str()).collect();
        text.push_str(&format!(": {}", members.join(", ")));
    }
    for handle in &contact.handles {
        text.push_str(&format!("  {}:{}", handle.network, handle.address));
    }
    output::line(text)
}

fn resolve(book: &Book, name: &str, lang: Option<Lang>, json: bool) -> Result<(), CommandError> {
    if name != "-" {
        return print_resolution(&book.resolve(name, lang, Surroundings::default()), json);
    }
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| CommandError::new(Kind::Input, format!("cannot read the names: {error}")))?;
        let heard = line.trim();
        if !heard.is_empty() {
            print_resolution(&book.resolve(heard, lang, Surroundings::default()), json)?;
        }
    }
    Ok(())
}

fn print_resolution(found: &Resolution, json: bool) -> Result<(), CommandError> {
    if json {
        return output::json(found);
    }
    let decision = match found.decision {
        Decision::One => "one",
        Decision::Several => "several",
        Decision::None => "none",
    };
    let candidates: Vec<String> =
        found.close().iter().map(|candidate| format!("{} ({:.2})", candidate.name, candidate.score)).collect();
    output::line(format!("{}: {decision}  {}", found.heard, candidates.join(", ")).trim_end())
}
