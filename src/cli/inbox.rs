//! `herald inbox`: messages received and sent; `search` finds them; `deliver` puts one on the local network.

use std::rc::Rc;

use clap::{Args, Subcommand};

use super::{CommandError, Global, Kind, context::Context, output};
use crate::{
    action::{Account, Household, Inbox, Local, MessageLine, Person},
    intent::contacts::{Book, ContactKind, Decision, Surroundings, Via},
    store::Store,
};

/// Arguments of `herald inbox`.
#[derive(Debug, Args)]
pub struct InboxArgs {
    #[command(subcommand)]
    what: Option<What>,
    /// Only the last N messages
    #[arg(long, value_name = "N")]
    last: Option<u32>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Find messages by their words, or how words begin; case and accents do not matter, the newest come first
    Search {
        /// The words, all of which a message holds
        #[arg(value_name = "WORD", required = true)]
        words: Vec<String>,
        /// At most N messages
        #[arg(long, value_name = "N", default_value_t = 20)]
        most: u32,
    },
    /// Put a message on the local network, as if a contact had written it
    Deliver {
        /// Who wrote it: the contact's full name or nickname
        #[arg(long, value_name = "NAME")]
        from: String,
        /// Whose inbox it comes to: the owner's, or that of somebody who shares the device
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        /// The words
        #[arg(value_name = "TEXT")]
        text: String,
    },
}

pub(super) fn run(global: &Global, args: &InboxArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let store = Rc::new(Store::open(&context.dirs.data)?);
    let household = Household::new(&context.config.general);
    let inbox = Inbox::new(Rc::clone(&store), household.clone());
    let print_all = |messages: Vec<MessageLine>| messages.iter().try_for_each(|message| print(&context, message));
    match &args.what {
        None => print_all(args.last.map_or_else(|| inbox.list(), |last| inbox.last(last))?),
        Some(What::Search { words, most }) => print_all(inbox.search(&words.join(" "), *most)?),
        Some(What::Deliver { from, to, text }) => {
            let account = account(&household, to.as_deref())?;
            let from = sender(&store, from)?;
            let mut local = Local::new(store, household);
            local.deliver(&account, &from, &[], text)?;
            // A running Herald finds it on the network; whoever lists the inbox finds it here.
            inbox.receive(&mut local)?;
            Ok(())
        }
    }
}

/// Finds whose account a name is; without one it is the owner's.
fn account(household: &Household, name: Option<&str>) -> Result<Account, CommandError> {
    let Some(name) = name else { return Ok(Account::owner()) };
    let is_called = |account: &Account| household.name(account).to_lowercase() == name.to_lowercase();
    household.accounts().find(is_called).ok_or_else(|| {
        CommandError::new(Kind::Input, "--to: nobody of this name shares the device")
            .hint("`owner` and `accounts` under [general] in the configuration name everybody")
    })
}

/// Finds the one person with this name, be it the full name, a nickname or a part; by sound is not enough here.
fn sender(store: &Store, name: &str) -> Result<Person, CommandError> {
    let book = Book::open(store)?;
    let found = book.resolve(name, None, Surroundings::default());
    let likely = found.candidates.first().filter(|candidate| candidate.via != Via::Sound);
    let contact = likely.and_then(|candidate| book.contact(candidate.id));
    match (found.decision, contact) {
        (Decision::One, Some(contact)) if contact.kind == ContactKind::Person => {
            Ok(Person::on_local(contact.id.0, &contact.name))
        }
        (Decision::One, Some(_)) => Err(unusable("--from: this is a group, and a message is written by one person")),
        (Decision::Several, Some(_)) => Err(unusable("--from: several contacts may be meant: give the full name")),
        (Decision::One | Decision::Several | Decision::None, _) => Err(unusable("--from: no contact has this name")),
    }
}

fn unusable(message: &str) -> CommandError {
    CommandError::new(Kind::Input, message).hint("`herald contacts resolve NAME` shows who may be meant")
}

/// Prints a message, for programs or for a person.
pub(super) fn print(context: &Context, message: &MessageLine) -> Result<(), CommandError> {
    if context.json { output::json(message) } else { output::line(for_a_person(message)) }
}

/// One line a message; what could move a terminal's cursor or turn its text around is shown as `\u{fffd}`.
fn for_a_person(message: &MessageLine) -> String {
    let MessageLine { id, conversation: _, kind: _, mine: _, from, to, body, status, at, reason } = message;
    let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    harmless(&format!("{at}  {id}  {status}{reason}  {from} → {}: {body}", to.join(", ")))
}

/// The same text, without what could move a terminal's cursor or turn its text around.
pub(super) fn harmless(line: &str) -> String {
    line.chars().map(|letter| if is_harmless(letter) { letter } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// Neither a control character nor one of Unicode's bidirectional controls (UAX #9).
fn is_harmless(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::{Outbox, OutboxEntry};

    #[test]
    fn a_hostile_message_cannot_take_over_the_terminal() {
        let store = Rc::new(Store::in_memory().unwrap());
        let mut outbox = Outbox::new(store).unwrap();
        let to = Person::on_local(1, "Marion\u{1b}[2J");
        outbox.queue(&OutboxEntry::send("local", &Account::owner(), vec![to], "a\nb\u{202e}c\u{7}\u{9b}é 🦀")).unwrap();
        let household = Household { owner: "Me".to_owned(), others: Vec::new() };
        let line = for_a_person(&outbox.waiting().unwrap().remove(0).into_line(&household));
        assert!(line.ends_with("queued  Me → Marion\u{fffd}[2J: a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}é 🦀"), "{line}");
        assert!(line.chars().all(is_harmless));
    }
}
