//! Opening hours as a line of text: `mon-fri 9:00-12:00, mon-fri 14:00-18:00, sat 9:00-13:00`.

use jiff::civil::{DateTime, Weekday};
use serde::{Deserialize, Deserializer, de::Error};

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

const MINUTES_A_DAY: u16 = 24 * 60;

/// When somebody is there. Without any: always.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours(Vec<Span>);

/// From one minute of some days up to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    days: Vec<Weekday>,
    from: u16,
    to: u16,
}

impl Hours {
    /// Tells whether somebody is there at a time of the shop's own clock.
    pub fn hold(&self, now: DateTime) -> bool {
        let minute = u16::from(now.hour().unsigned_abs()) * 60 + u16::from(now.minute().unsigned_abs());
        let holds = |span: &Span| span.days.contains(&now.weekday()) && (span.from..span.to).contains(&minute);
        self.0.is_empty() || self.0.iter().any(holds)
    }

    /// Reads the text; `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            return Some(Self::default());
        }
        text.split(',').map(span).collect::<Option<_>>().map(Self)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("no opening hours"))
    }
}

/// `mon-fri 9:00-18:00`. Neither days nor hours go over their end.
fn span(text: &str) -> Option<Span> {
    let (days, hours) = text.trim().split_once(' ')?;
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let days = DAYS.get(day(first)?..=day(last)?)?.iter().map(|(_, day)| *day).collect();
    let (from, to) = hours.trim().split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from < to).then_some(Span { days, from, to })
}

fn day(word: &str) -> Option<usize> {
    DAYS.iter().position(|(name, _)| *name == word)
}

/// Minutes since midnight of `9:00`; the end of a day is `24:00`.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u16>().ok())?;
    let (hour, minute) = (number(hour)?, number(minute).filter(|_| minute.len() == 2)?);
    let all = hour.checked_mul(60)?.checked_add(minute)?;
    (minute < 60 && all <= MINUTES_A_DAY).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_hold_on_their_days_from_their_first_minute_up_to_their_last() {
        let hours = Hours::parse("mon-fri 9:00-12:30, sat 10:00-24:00").unwrap();
        // 2026-11-23 is a Monday.
        let holds = |day, hour, minute| hours.hold(jiff::civil::date(2026, 11, day).at(hour, minute, 0, 0));
        assert!(holds(23, 9, 0) && holds(27, 12, 29) && holds(28, 23, 59));
        assert!(!holds(23, 8, 59) && !holds(23, 12, 30) && !holds(28, 9, 59) && !holds(29, 11, 0));
        assert!(Hours::parse("").unwrap().hold(jiff::civil::date(2026, 11, 29).at(3, 0, 0, 0)), "none: always");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "always",
            "mon",
            "mon 9-18",
            "mon 9:00",
            "mon 18:00-9:00",
            "fri-mon 9:00-18:00",
            "mon 9:00-24:01",
            "mon 9:60-10:00",
            "lun 9:00-18:00",
            "mon 9:00-18:00,",
            "mon 9:0-18:00",
            "mon +9:00-18:00",
            "mon 99999:00-18:00",
        ] {
            assert_eq!(Hours::parse(text), None, "{text}");
        }
    }
}
