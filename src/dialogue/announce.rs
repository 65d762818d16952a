//! Which messages are told when they arrive, and how: by the rules of the profile, the time of day, and whether a
//! conversation is under way. Time comes in as an event here too; where none ever comes (a replay, typed turns),
//! there are no quiet hours and no times of a digest.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::{Person, Post};
use crate::config::{self, Announce, Config};

/// A message that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Its id in the inbox.
    pub id: String,
    /// Who wrote it, and to whom.
    pub post: Post,
    /// Others read it as well.
    pub is_group: bool,
}

/// What to do about messages that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Say who wrote.
    Name(Post),
    /// A sound, and no words.
    Chime,
    /// Tell these together.
    Digest(Vec<Post>),
    /// Say nothing: the rules want it so.
    Held(Person),
    /// Say nothing now: these are quiet hours.
    Quiet(Person),
}

/// Holds what arrived until it may be told.
#[derive(Debug)]
pub struct Announcer {
    rules: config::Announcing,
    people: Announce,
    zone: TimeZone,
    /// The time of the day, where it is known.
    local: Option<civil::DateTime>,
    waiting: Vec<Arrival>,
    digest: Vec<Arrival>,
    digest_is_due: bool,
    was_quiet: bool,
}

impl Announcer {
    /// Takes the rules out of the configuration.
    pub fn new(config: &Config) -> Self {
        let rules = config.announce.clone();
        // A name that is unknown was refused when the configuration was read.
        let named = Some(rules.time_zone.as_str()).filter(|name| !name.is_empty());
        let zone = named.and_then(|name| TimeZone::get(name).ok()).unwrap_or_else(TimeZone::system);
        Self {
            rules,
            people: config.dialogue.announce,
            zone,
            local: None,
            waiting: Vec::new(),
            digest: Vec::new(),
            digest_is_due: false,
            was_quiet: false,
        }
    }

    /// Takes in what time it is.
    pub fn tell_time(&mut self, now: Timestamp) {
        let local = now.to_zoned(self.zone.clone()).datetime();
        match self.local {
            Some(last) => {
                let passed = |time: &civil::Time| last < latest(*time, local);
                self.digest_is_due |= self.rules.digest_at.iter().any(passed);
            }
            // What an earlier run left untold is told as soon as it may be.
            None => self.digest_is_due |= !self.digest.is_empty(),
        }
        self.local = Some(local);
        let is_quiet = self.is_quiet();
        // What came in quiet hours is told at their end.
        self.digest_is_due |= self.was_quiet && !is_quiet;
        self.was_quiet = is_quiet;
    }

    /// A message arrived.
    pub fn arrived(&mut self, arrival: Arrival) {
        self.waiting.push(arrival);
    }

    /// An earlier run left a message for the digest.
    pub fn keep(&mut self, arrival: Arrival) {
        self.digest.push(arrival);
    }

    /// The ids of what waits for the digest.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        self.digest.iter().map(|arrival| arrival.id.as_str())
    }

    /// Messages were read aloud: there is no more to tell of them.
    pub fn were_read(&mut self, ids: &[String]) {
        self.waiting.retain(|arrival| !ids.contains(&arrival.id));
        self.digest.retain(|arrival| !ids.contains(&arrival.id));
    }

    /// Returns what is to be told now. While a conversation is under way that is nothing.
    pub fn take(&mut self, is_free: bool) -> Vec<News> {
        if !is_free {
            return Vec::new();
        }
        let is_quiet = self.is_quiet();
        let mut news = Vec::new();
        for arrival in std::mem::take(&mut self.waiting) {
            let post = arrival.post.clone();
            match self.rule(&arrival) {
                Announce::Hold => news.push(News::Held(post.from)),
                Announce::Name | Announce::Chime | Announce::Digest if is_quiet => {
                    self.digest.push(arrival);
                    news.push(News::Quiet(post.from));
                }
                Announce::Name => news.push(News::Name(post)),
                Announce::Chime => news.push(News::Chime),
                Announce::Digest => {
                    self.digest.push(arrival);
                    news.push(News::Held(post.from));
                }
            }
        }
        if self.digest_is_due && !is_quiet {
            self.digest_is_due = false;
            let posts: Vec<Post> = std::mem::take(&mut self.digest).into_iter().map(|it| it.post).collect();
            if !posts.is_empty() {
                news.push(News::Digest(posts));
            }
        }
        news
    }

    fn rule(&self, arrival: &Arrival) -> Announce {
        let names = |list: &[String]| list.iter().any(|name| name.eq_ignore_ascii_case(&arrival.post.from.name));
        if names(&self.rules.never) {
            Announce::Hold
        } else if names(&self.rules.always) {
            Announce::Name
        } else if arrival.is_group {
            self.rules.groups
        } else {
            self.people
        }
    }

    /// The day, where it is known.
    pub fn today(&self) -> Option<civil::Date> {
        self.local.map(civil::DateTime::date)
    }

    /// When quiet hours begin and end.
    pub const fn quiet_hours(&self) -> (Option<civil::Time>, Option<civil::Time>) {
        (self.rules.quiet_from, self.rules.quiet_to)
    }

    /// Has quiet hours at other times from now on.
    pub const fn set_quiet_hours(&mut self, from: Option<civil::Time>, to: Option<civil::Time>) {
        (self.rules.quiet_from, self.rules.quiet_to) = (from, to);
    }

    /// From the first time up to the second, over midnight where the second is earlier.
    pub fn is_quiet(&self) -> bool {
        let (Some(local), Some(from), Some(to)) = (self.local, self.rules.quiet_from, self.rules.quiet_to) else {
            return false;
        };
        let now = local.time();
        if from <= to { from <= now && now < to } else { from <= now || now < to }
    }
}

/// The last moment up to `now` at which it was that time of day.
fn latest(time: civil::Time, now: civil::DateTime) -> civil::DateTime {
    let today = now.date().to_datetime(time);
    if today <= now { today } else { now.date().yesterday().map_or(today, |yesterday| yesterday.to_datetime(time)) }
}

#[cfg(test)]
mod tests;
