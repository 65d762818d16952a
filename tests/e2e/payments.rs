//! Readable conversations about money, one file each below `payments/`.
//!
//! A head of `profile` and `lang` comes first. A line is `user WORDS`, `mumbles WORDS` (hardly recognised), `over herald
//! WORDS` and `over media WORDS` (said while something else is heard), `wait SECONDS`, `noise`, `car moving`, `car parked`, `pin right`, `pin wrong`; or what is told to the rules, `rules allowed`,
//! `rules again`, `rules pin`, `rules refuse REASON`, to what moves the money, `bank moved`, `bank noted`, `bank handed over`,
//! `bank unknown`, `bank refuse REASON`, `bank slow` (the answer comes with `bank answers`), and to the tab: `tab NAME owes
//! AMOUNT`, `tab owed AMOUNT to NAME`, `tab NAME paid AMOUNT`. Under it stands everything that came of it. `UPDATE=1` writes
//! that into the files: read the difference before you believe it.
#![allow(clippy::wildcard_enum_match_arm, reason = "who looks at money looks at nothing else")]

use std::{collections::VecDeque, fmt::Write as _, fs, path::PathBuf};

use herald::{
    config::{self, Lang, LangChoice, Sources},
    dialogue::{
        Action, Debt, Effect, Event, Finding, LastPaid, Look, Over, PayRefusal, Payout, Person, Policy, Side, Verdict,
    },
    intent::Amount,
};

use crate::support::till::{Ears, Manner, Till, written};

/// A till on which a script is played.
struct Stage<'a> {
    till: Till<'a>,
    debts: Vec<Debt>,
    last: Option<LastPaid>,
    is_slow: bool,
    told: String,
}

impl Stage<'_> {
    fn act(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let clear = Manner::CLEAR;
        match (word, rest) {
            ("user", text) => self.hear(text, clear),
            ("mumbles", text) => self.hear(text, Manner { confidence: 0.2, ..clear }),
            ("over", rest) => {
                let (over, text) = rest.split_once(' ').unwrap();
                let over = if over == "herald" { Over::Herald } else { Over::Media };
                self.hear(text, Manner { over: Some(over), ..clear });
            }
            ("wait", seconds) => self.wait(seconds.parse().unwrap()),
            ("noise", _) => {
                self.feed(Event::SpeechStarted);
                self.feed(Event::HeardNothing);
            }
            ("car", state) => self.till.dialogue.drives(state == "moving"),
            ("pin", right) => self.feed(Event::PinGiven(self.till.pin, right == "right")),
            ("rules", "allowed") => self.till.verdict = Verdict::Allowed,
            ("rules", "again") => self.till.verdict = Verdict::AskAgain,
            ("rules", "pin") => self.till.verdict = Verdict::NeedsPin,
            ("rules", rest) => self.till.verdict = Verdict::Refused(refusal(rest)),
            ("bank", "moved") => self.till.payout = Payout::Moved,
            ("bank", "noted") => self.till.payout = Payout::Noted,
            ("bank", "handed over") => self.till.payout = Payout::HandedOver,
            ("bank", "unknown") => self.till.payout = Payout::Unknown,
            ("bank", "slow") => self.is_slow = true,
            ("bank", "answers") => {
                self.is_slow = false;
                self.settle();
            }
            ("bank", rest) => {
                self.till.payout = Payout::Refused(refusal(rest));
                self.till.requested = Err(refusal(rest));
            }
            ("tab", entry) => self.note(entry),
            _ => panic!("a script has no line like {line:?}"),
        }
    }

    fn hear(&mut self, text: &str, manner: Manner) {
        let event = self.till.said(text, manner);
        self.feed(event);
    }

    fn wait(&mut self, seconds: u64) {
        for _ in 0..seconds * 10 {
            self.till.now_ms += 100;
            while let Some(event) = self.till.ring() {
                self.feed(event);
            }
        }
    }

    fn note(&mut self, entry: &str) {
        let lang = self.till.lang;
        let read = |said: &str| Amount::read(said, lang).unwrap();
        let person = |name: &str| Person { id: 1, name: name.to_owned(), members: None };
        if let Some((name, amount)) = entry.split_once(" owes ") {
            self.debts.push(Debt { debtor: Side::Other, other: person(name), amount: read(amount) });
        } else if let Some((amount, name)) = entry.strip_prefix("owed ").and_then(|rest| rest.split_once(" to ")) {
            self.debts.push(Debt { debtor: Side::User, other: person(name), amount: read(amount) });
        } else if let Some((name, amount)) = entry.split_once(" paid ") {
            let amount = read(amount);
            self.last = Some(LastPaid { payer: Side::Other, other: person(name), amount, reason: None });
        }
    }

    /// Feeds an event and all that follows: what is said is spoken to its end, results come at once.
    fn feed(&mut self, event: Event) {
        self.take(event);
        self.settle();
    }

    fn settle(&mut self) {
        loop {
            let (paid, due): (Vec<_>, Vec<_>) =
                std::mem::take(&mut self.till.due).into_iter().partition(|event| matches!(event, Event::Paid(..)));
            let now: Vec<Event> = if self.is_slow {
                self.till.due = paid;
                due
            } else {
                due.into_iter().chain(paid).collect()
            };
            let spoken: VecDeque<_> = std::mem::take(&mut self.till.unspoken);
            if now.is_empty() && spoken.is_empty() {
                return;
            }
            now.into_iter().for_each(|event| self.take(event));
            spoken.into_iter().for_each(|reply| self.take(Event::Spoken(reply.id)));
        }
    }

    fn take(&mut self, event: Event) {
        for effect in self.till.feed(event) {
            match effect {
                Effect::Say(reply) => writeln!(self.told, "  bot   {}", reply.text).unwrap(),
                Effect::Pay(_, payment) => writeln!(self.told, "  pay   {}", written(&payment)).unwrap(),
                Effect::RequestPayment(_, payment) => writeln!(self.told, "  ask   {}", written(&payment)).unwrap(),
                Effect::AskPin(..) => writeln!(self.told, "  page  asks for the PIN").unwrap(),
                Effect::Act(_, Action::Send { to, body, .. }) => {
                    writeln!(self.told, "  send  {}: {body}", to[0].name).unwrap()
                }
                Effect::Look(turn, Look::Owed(who)) => {
                    let is_meant = |debt: &&Debt| who.as_ref().is_none_or(|who| who.name == debt.other.name);
                    let debts = self.debts.iter().filter(is_meant).cloned().collect();
                    self.till.due.push(Event::Found(turn, Finding::Owed(debts)));
                }
                Effect::Look(turn, Look::Waiting) => {
                    self.till.due.push(Event::Found(turn, Finding::Waiting { unread: 0, unsent: 0 }));
                }
                Effect::Look(turn, Look::LastPaid) => {
                    self.till.due.push(Event::Found(turn, Finding::LastPaid(self.last.clone())));
                }
                _ => {}
            }
        }
    }
}

fn refusal(rest: &str) -> PayRefusal {
    let name: String = rest.strip_prefix("refuse ").unwrap().split(' ').collect();
    let is_meant = |refusal: &PayRefusal| format!("{refusal:?}").eq_ignore_ascii_case(&name);
    PayRefusal::ALL.into_iter().find(is_meant).unwrap_or_else(|| panic!("no refusal is called {name}"))
}

fn policy(profile: &str) -> Policy {
    let sources = Sources { profile: Some(profile.to_owned()), cores: 2, ..Sources::default() };
    Policy::new(&config::load(&sources).unwrap().config.dialogue)
}

fn play(ears: &mut Ears, script: &str) -> String {
    let header = |key: &str| script.lines().find_map(|line| line.strip_prefix(key)).unwrap().trim();
    let lang = header("lang ").parse::<LangChoice>().unwrap().fixed().unwrap();
    let till = Till::new(ears, policy(header("profile ")), lang);
    let mut stage = Stage { till, debts: Vec::new(), last: None, is_slow: false, told: String::new() };
    let mut played = String::new();
    for line in script.lines().filter(|line| !line.starts_with("  ")) {
        played.push_str(line);
        played.push('\n');
        if !(line.is_empty() || ["#", "profile ", "lang "].iter().any(|key| line.starts_with(key))) {
            stage.act(line);
            played.push_str(&std::mem::take(&mut stage.told));
        }
    }
    played
}

#[test]
fn every_conversation_about_money_is_played_as_written() {
    let mut ears = Ears::new();
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/payments");
    let mut found: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    assert!(found.len() >= 24, "only {} scripts", found.len());
    let mut wrong = Vec::new();
    for path in &found {
        let script = fs::read_to_string(path).unwrap();
        let played = play(&mut ears, &script);
        if played != script {
            if std::env::var_os("UPDATE").is_some() {
                fs::write(path, &played).unwrap();
            }
            wrong.push(format!("{}\n--- written\n{script}--- played\n{played}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), found.len(), wrong.join("\n"));
}

#[test]
fn every_refusal_is_said_in_a_sentence_of_its_own_in_both_languages() {
    let mut ears = Ears::new();
    for (lang, text) in [(Lang::En, "pay Marion twenty euros"), (Lang::Fr, "paie vingt euros à Marion")] {
        let mut sentences = Vec::new();
        for refusal in PayRefusal::ALL {
            let mut till = Till::new(&mut ears, policy("home"), lang);
            let event = till.said(text, Manner::CLEAR);
            till.feed(event);
            let Some(Event::PaymentChecked(turn, _)) = till.due.pop() else { panic!("not checked") };
            till.feed(Event::PaymentChecked(turn, Verdict::Refused(refusal)));
            let said = till.unspoken.back().unwrap().text.clone();
            assert!(said.len() > 10 && !sentences.contains(&said), "{refusal:?}: {said}");
            assert!(till.dialogue.is_idle());
            sentences.push(said);
        }
    }
}
