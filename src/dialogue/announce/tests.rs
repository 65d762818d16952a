//! Ten thousand days of quiet hours, counted by other means than the code counts them.

use jiff::civil::{Date, Weekday, date};

use super::*;
use crate::config::Sources;

const DAYS: i32 = 10_000;
const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

fn announcer(zone: &str, quiet: (&str, &str)) -> Announcer {
    let environment = [
        ("HERALD_ANNOUNCE_TIME_ZONE", zone),
        ("HERALD_ANNOUNCE_QUIET_FROM", quiet.0),
        ("HERALD_ANNOUNCE_QUIET_TO", quiet.1),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let sources = Sources { environment, cores: 2, ..Sources::default() };
    Announcer::new(&config::load(&sources).unwrap().config)
}

fn arrival(id: i64) -> Arrival {
    let from = Person { id, name: "Marion Petit".to_owned(), members: None };
    Arrival { id: id.to_string(), post: Post { from, to: "Me".to_owned(), is_visit: false }, is_group: false }
}

/// The last Sunday of a month of 31 days.
fn last_sunday(year: i16, month: i8) -> Date {
    let mut day = date(year, month, 31);
    while day.weekday() != Weekday::Sunday {
        day = day.yesterday().unwrap();
    }
    day
}

fn first_sunday(year: i16, month: i8) -> Date {
    let mut day = date(year, month, 1);
    while day.weekday() != Weekday::Sunday {
        day = day.tomorrow().unwrap();
    }
    day
}

/// Seconds since 1970 of a date's midnight UTC.
fn midnight(day: Date) -> i64 {
    day.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second()
}

/// Offset from UTC by the rules in force since 2007: Europe changes at 01:00 UTC on the last Sundays of March and
/// October, the United States at 02:00 local time on the second Sunday of March and the first of November.
fn offset(zone: &str, second: i64) -> i64 {
    let year = Timestamp::from_second(second).unwrap().to_zoned(TimeZone::UTC).year();
    let hour = 60 * MINUTE;
    let (standard, from, to) = match zone {
        "Europe/Paris" => (hour, midnight(last_sunday(year, 3)) + hour, midnight(last_sunday(year, 10)) + hour),
        "America/New_York" => {
            let second_sunday = first_sunday(year, 3).checked_add(jiff::Span::new().days(7)).unwrap();
            (-5 * hour, midnight(second_sunday) + 7 * hour, midnight(first_sunday(year, 11)) + 6 * hour)
        }
        _ => (0, 0, 0),
    };
    if from <= second && second < to { standard + hour } else { standard }
}

fn minute_of_day(zone: &str, second: i64) -> i64 {
    (second + offset(zone, second)).rem_euclid(DAY) / MINUTE
}

#[test]
fn ten_thousand_days_of_quiet_hours_hold_no_announcement_and_lose_none() {
    let start = midnight(date(2008, 1, 1));
    for (zone, quiet, minutes) in [
        ("Europe/Paris", ("22:00", "07:00"), (22 * 60, 7 * 60)),
        ("America/New_York", ("22:00", "07:00"), (22 * 60, 7 * 60)),
        // The hour that is left out in spring and lived twice in autumn.
        ("Europe/Paris", ("02:15", "02:45"), (2 * 60 + 15, 2 * 60 + 45)),
        ("UTC", ("12:00", "14:30"), (12 * 60, 14 * 60 + 30)),
    ] {
        let mut announcer = announcer(zone, quiet);
        let is_quiet = |minute: i64| match minutes {
            (from, to) if from <= to => from <= minute && minute < to,
            (from, to) => from <= minute || minute < to,
        };
        // A small generator of its own: the same days on every run.
        let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
        let (mut sent, mut told, mut kept_quiet) = (0_usize, 0_usize, 0_usize);
        let mut second = start;
        while second < start + i64::from(DAYS) * DAY {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // 1 to 40 minutes, so that every minute of the day is met over the years.
            second += i64::try_from(seed >> 33).unwrap() % (40 * MINUTE) + MINUTE;
            announcer.tell_time(Timestamp::from_second(second).unwrap());
            if seed & 0x300 == 0 {
                announcer.arrived(arrival(second));
                sent += 1;
            }
            // Sometimes a conversation is under way.
            for news in announcer.take(seed & 0x1C00 != 0) {
                let count = match news {
                    News::Name(_) => 1,
                    News::Digest(people) => people.len(),
                    News::Quiet(_) => {
                        kept_quiet += 1;
                        0
                    }
                    News::Chime | News::Held(_) => panic!("no rule asks for it"),
                };
                let minute = minute_of_day(zone, second);
                assert!(count == 0 || !is_quiet(minute), "{zone}: told at minute {minute} of a day, second {second}");
                told += count;
            }
        }
        announcer.tell_time(Timestamp::from_second(second + 12 * 60 * MINUTE).unwrap());
        let rest = announcer.waiting.len() + announcer.digest.len();
        println!("{zone} {quiet:?}: {DAYS} days, {sent} messages, {kept_quiet} in quiet hours, {told} told");
        assert!(rest < 60, "{rest} messages are left");
        assert_eq!(told + rest, sent, "every message is told once");
        assert!(kept_quiet > 1_000);
    }
}

#[test]
fn without_a_clock_there_are_no_quiet_hours() {
    let mut announcer = announcer("UTC", ("00:00", "23:59"));
    announcer.arrived(arrival(1));
    assert_eq!(announcer.take(true), [News::Name(arrival(1).post)]);
}

#[test]
fn what_was_read_is_not_told_any_more() {
    let mut announcer = announcer("UTC", ("22:00", "07:00"));
    let night = date(2026, 1, 15).at(23, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
    announcer.tell_time(night);
    announcer.arrived(arrival(1));
    announcer.arrived(arrival(2));
    assert_eq!(announcer.take(true).len(), 2);
    announcer.were_read(&["1".to_owned()]);
    announcer.tell_time(night + jiff::SignedDuration::from_hours(8));
    assert_eq!(announcer.take(true), [News::Digest(vec![arrival(2).post])]);
}
