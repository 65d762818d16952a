//! Honest figures for the owner: how many conversations, how quickly they are answered, how much of it by voice. By day
//! (UTC), on this device, and only where the owner asked for them.
//!
//! Conversations, messages and response times are read from the journal, so that what is erased there is erased here; only
//! what the journal does not know (voice or touch, suggestions) is counted. Nothing has words or names. What is told of
//! fewer than [`FEW`] is not told: few are somebody in particular (small-cell suppression, as statistical offices do it).

use std::{collections::BTreeMap, fmt::Write as _, rc::Rc};

use jiff::Timestamp;
use serde::Serialize;

use super::clock::rfc3339;
use crate::store::{Store, StoreError};

/// Figures of fewer than this are kept back.
pub const FEW: u32 = 5;
/// Days that are looked back.
const DAYS: i64 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What is counted as it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// A message was confirmed by voice.
    ByVoice,
    /// On the page.
    ByTouch,
    /// In the terminal.
    ByTyping,
    /// A suggestion was shown or said.
    Shown,
    /// It was taken.
    Taken,
    /// It was waved away.
    Dismissed,
}

impl Counted {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ByVoice => "by_voice",
            Self::ByTouch => "by_touch",
            Self::ByTyping => "by_typing",
            Self::Shown => "suggestions_shown",
            Self::Taken => "suggestions_taken",
            Self::Dismissed => "suggestions_dismissed",
        }
    }
}

/// The figures of a day; `None` is fewer than [`FEW`], and not zero.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Day {
    /// `2026-11-22`, UTC.
    pub day: String,
    /// Conversations in which somebody wrote.
    pub conversations: Option<u32>,
    /// Messages that arrived.
    pub received: Option<u32>,
    /// Messages that were confirmed.
    pub sent: Option<u32>,
    /// Median time from a message to the answer, seconds; of at least [`FEW`] answers.
    pub response_s: Option<u64>,
    /// Messages confirmed by voice.
    pub by_voice: Option<u32>,
    /// On the page.
    pub by_touch: Option<u32>,
    /// In the terminal.
    pub by_typing: Option<u32>,
    /// Suggestions shown or said.
    pub suggestions_shown: Option<u32>,
    /// Suggestions taken.
    pub suggestions_taken: Option<u32>,
    /// Suggestions waved away.
    pub suggestions_dismissed: Option<u32>,
}

impl Day {
    /// Its counts, each with its name.
    pub const fn counts(&self) -> [(&'static str, Option<u32>); 9] {
        [
            ("conversations", self.conversations),
            ("received", self.received),
            ("sent", self.sent),
            ("by_voice", self.by_voice),
            ("by_touch", self.by_touch),
            ("by_typing", self.by_typing),
            ("suggestions_shown", self.suggestions_shown),
            ("suggestions_taken", self.suggestions_taken),
            ("suggestions_dismissed", self.suggestions_dismissed),
        ]
    }
}

/// What a day, or several, came to before anything is kept back.
#[derive(Debug, Default)]
struct Sums {
    conversations: std::collections::BTreeSet<String>,
    received: u32,
    sent: u32,
    response_ms: Vec<i64>,
    counted: BTreeMap<String, u32>,
}

impl Sums {
    fn told(mut self, day: String) -> Day {
        let few = |count: u32| (count == 0 || count >= FEW).then_some(count);
        let counted = |what: Counted| few(self.counted.get(what.as_str()).copied().unwrap_or_default());
        self.response_ms.sort_unstable();
        let median = self.response_ms.get(self.response_ms.len() / 2).copied();
        let is_enough = u32::try_from(self.response_ms.len()).is_ok_and(|answers| answers >= FEW);
        Day {
            day,
            conversations: few(u32::try_from(self.conversations.len()).unwrap_or(u32::MAX)),
            received: few(self.received),
            sent: few(self.sent),
            response_s: median.filter(|_| is_enough).and_then(|ms| u64::try_from(ms / 1_000).ok()),
            by_voice: counted(Counted::ByVoice),
            by_touch: counted(Counted::ByTouch),
            by_typing: counted(Counted::ByTyping),
            suggestions_shown: counted(Counted::Shown),
            suggestions_taken: counted(Counted::Taken),
            suggestions_dismissed: counted(Counted::Dismissed),
        }
    }
}

/// The figures of one data directory.
#[derive(Debug)]
pub struct Figures {
    store: Rc<Store>,
}

impl Figures {
    /// Opens them.
    pub const fn new(store: Rc<Store>) -> Self {
        Self { store }
    }

    /// Counts something that happened at a time; days that are no longer looked at are deleted.
    ///
    /// # Errors
    /// [`StoreError`]; it was not counted.
    pub fn count(&self, what: Counted, now_ms: i64) -> Result<(), StoreError> {
        self.store.write(|transaction| {
            transaction.execute("DELETE FROM figures WHERE day < ?1", [day_of(now_ms - DAYS * DAY_MS)])?;
            transaction.execute(
                "INSERT INTO figures (day, name, count) VALUES (?1, ?2, 1)
                 ON CONFLICT (day, name) DO UPDATE SET count = count + 1",
                (day_of(now_ms), what.as_str()),
            )?;
            Ok(())
        })
    }

    /// Returns the days of the last 30 on which anything happened, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn by_day(&self, now_ms: i64) -> Result<Vec<Day>, StoreError> {
        Ok(self.sums(now_ms, str::to_owned)?.into_iter().rev().map(|(day, sums)| sums.told(day)).collect())
    }

    /// Returns the last 30 days together.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn together(&self, now_ms: i64) -> Result<Day, StoreError> {
        let mut sums = self.sums(now_ms, |_| String::new())?;
        Ok(sums.remove("").unwrap_or_default().told(format!("{DAYS}d")))
    }

    /// Adds up what happened, under what `under` makes of its day.
    fn sums(&self, now_ms: i64, under: impl Fn(&str) -> String) -> Result<BTreeMap<String, Sums>, StoreError> {
        let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
        let since_ms = now_ms - DAYS * DAY_MS;
        // What Herald says of its own (a driver's answer, "was read", "take it back") is nobody's message.
        let mut messages = self.store.connection().prepare_cached(
            "SELECT conversation, sender IS NULL, at FROM messages
             WHERE at >= ?1 AND kind NOT IN ('auto_reply', 'read', 'redact', 'join')
               AND status NOT IN ('undone', 'wedged', 'expired')
             ORDER BY conversation, seq",
        )?;
        let mut rows = messages.query([rfc3339(since_ms)])?;
        let mut waits: Option<(String, i64)> = None;
        while let Some(row) = rows.next()? {
            let (conversation, is_mine, at): (String, bool, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Ok(at_ms) = at.parse().map(Timestamp::as_millisecond) else { continue };
            let of_day = sums.entry(under(&day_of(at_ms))).or_default();
            let since = waits.take().filter(|(asked, _)| *asked == conversation);
            if is_mine {
                of_day.sent += 1;
                of_day.response_ms.extend(since.map(|(_, asked_ms)| (at_ms - asked_ms).max(0)));
            } else {
                of_day.received += 1;
                waits = Some(since.unwrap_or_else(|| (conversation.clone(), at_ms)));
            }
            of_day.conversations.insert(conversation);
        }
        let mut counted =
            self.store.connection().prepare_cached("SELECT day, name, count FROM figures WHERE day >= ?1")?;
        let mut rows = counted.query([day_of(since_ms)])?;
        while let Some(row) = rows.next()? {
            let (day, name, count): (String, String, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
            *sums.entry(under(&day)).or_default().counted.entry(name).or_default() += count;
        }
        Ok(sums)
    }
}

/// The figures in the text format of Prometheus, version 0.0.4.
pub fn prometheus(together: &Day) -> String {
    let mut text = String::new();
    for (name, count) in together.counts() {
        let Some(count) = count else { continue };
        let _ = writeln!(text, "# TYPE herald_{name} gauge\nherald_{name}{{window=\"{}\"}} {count}", together.day);
    }
    if let Some(seconds) = together.response_s {
        let name = "herald_response_median_seconds";
        let _ = writeln!(text, "# TYPE {name} gauge\n{name}{{window=\"{}\"}} {seconds}", together.day);
    }
    text
}

fn day_of(at_ms: i64) -> String {
    rfc3339(at_ms).chars().take("2026-11-22".len()).collect()
}
