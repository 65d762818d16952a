//! The six digits, the tokens, the paired devices.
//!
//! A code lives five minutes and bears three wrong tries; after it every further try waits for the next minute. So
//! whoever guesses is right once in 300,000 codes that the owner showed.

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Page;
use crate::store::{Store, StoreError};

/// How long a code is good, milliseconds.
pub const CODE_LIVES_MS: i64 = 5 * 60 * 1_000;
/// Wrong tries a code bears.
const TRIES: u32 = 3;
/// After a wrong code that ended it, or without one, so long nobody may try again, milliseconds.
const LOCKED_MS: i64 = 60 * 1_000;
/// Characters of a device's name that are kept.
const NAME_CHARS: usize = 60;

/// The settings keys of where the page is, and of the fingerprint of its certificate.
const LINK: &str = "companion.link";
const FINGERPRINT: &str = "companion.fingerprint";

/// Where the page is, and the code that lets one device in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// What to type into a browser; empty: there is no page.
    pub link: String,
    /// SHA-256 of the certificate; empty without one.
    pub fingerprint: String,
    /// Six digits.
    pub code: String,
}

/// Writes down where the page is, or that there is none, for whoever invites from another process.
///
/// # Errors
/// [`StoreError`] when the database cannot be written.
pub fn tell_where(store: &Store, page: Option<&Page>) -> Result<(), StoreError> {
    store.set_setting(LINK, page.map_or("", Page::link))?;
    store.set_setting(FINGERPRINT, page.and_then(Page::fingerprint).unwrap_or_default())
}

/// Makes a code; one made before is void.
///
/// # Errors
/// [`StoreError`] when the database cannot be written.
pub fn invite(store: &Store, now_ms: i64) -> Result<Invitation, StoreError> {
    let code = digits();
    store.write(|transaction| {
        transaction.execute("DELETE FROM pairing", [])?;
        transaction.execute(
            "INSERT INTO pairing (one, code, expires_ms, tries, locked_until_ms) VALUES (1, ?1, ?2, 0, 0)",
            params![hash(&code), now_ms + CODE_LIVES_MS],
        )?;
        Ok(())
    })?;
    let setting = |key| Ok::<_, StoreError>(store.setting(key)?.unwrap_or_default());
    Ok(Invitation { link: setting(LINK)?, fingerprint: setting(FINGERPRINT)?, code })
}

/// What came of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Paired {
    /// It was right: the token, which nobody keeps but the device.
    Token(String),
    /// It was wrong, or there is none.
    Wrong,
    /// Too many were wrong: how long to wait, seconds.
    Locked(u64),
}

/// Somebody offers a code.
///
/// # Errors
/// [`StoreError`] when the database cannot be used; then nobody is let in.
pub(super) fn pair(store: &Store, now_ms: i64, code: &str, name: &str) -> Result<Paired, StoreError> {
    store.write(|transaction| {
        let row: Option<(Vec<u8>, i64, u32, i64)> = transaction
            .query_row("SELECT code, expires_ms, tries, locked_until_ms FROM pairing", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .optional()?;
        let Some((right, expires_ms, tries, locked_until_ms)) = row else { return Ok(Paired::Wrong) };
        // A clock that was set back must not lock for longer than it would have.
        let locked_ms = (locked_until_ms - now_ms).clamp(0, LOCKED_MS);
        if locked_ms > 0 {
            return Ok(Paired::Locked(u64::try_from(locked_ms).unwrap_or_default().div_ceil(1_000)));
        }
        let is_right = tries < TRIES && now_ms < expires_ms && right == hash(code);
        if !is_right {
            let locked_until_ms = if tries + 1 >= TRIES { now_ms + LOCKED_MS } else { 0 };
            transaction.execute("UPDATE pairing SET tries = tries + 1, locked_until_ms = ?1", [locked_until_ms])?;
            return Ok(Paired::Wrong);
        }
        transaction.execute("DELETE FROM pairing", [])?;
        let token = BASE64_URL_SAFE_NO_PAD.encode(random::<32>());
        let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_CHARS).collect();
        transaction.execute(
            "INSERT INTO devices (id, name, token, paired_ms, seen_ms) VALUES (?1, ?2, ?3, ?4, ?4)",
            params![Uuid::now_v7().to_string(), name.trim(), hash(&token), now_ms],
        )?;
        Ok(Paired::Token(token))
    })
}

/// A device that was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Device {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was let in: RFC 3339.
    pub paired_at: String,
    /// When it was here last.
    pub seen_at: String,
    /// It is the one that asks.
    pub this: bool,
}

/// Whose token it is, if it is anybody's; writes down that they were here.
///
/// # Errors
/// [`StoreError`] when the database cannot be read; then nobody is let in.
pub(super) fn device_of(store: &Store, now_ms: i64, token: &str) -> Result<Option<String>, StoreError> {
    let mut select = store.connection().prepare_cached("SELECT id, seen_ms FROM devices WHERE token = ?1")?;
    let found: Option<(String, i64)> =
        select.query_row([hash(token)], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((id, seen_ms)) = found else { return Ok(None) };
    if (now_ms - seen_ms).abs() > 60_000 {
        store.connection().execute("UPDATE devices SET seen_ms = ?2 WHERE id = ?1", params![id, now_ms])?;
    }
    Ok(Some(id))
}

/// All devices that were let in, the first one first.
///
/// # Errors
/// [`StoreError`] when the database cannot be read.
pub(super) fn devices(store: &Store, this: &str) -> Result<Vec<Device>, StoreError> {
    let mut select =
        store.connection().prepare_cached("SELECT id, name, paired_ms, seen_ms FROM devices ORDER BY paired_ms, id")?;
    let rows = select.query_map([], |row| {
        let id: String = row.get(0)?;
        Ok(Device {
            this: id == this,
            id,
            name: row.get(1)?,
            paired_at: crate::action::rfc3339(row.get(2)?),
            seen_at: crate::action::rfc3339(row.get(3)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Lets a device in no more; returns whether it was one.
///
/// # Errors
/// [`StoreError`] when the database cannot be written.
pub(super) fn revoke(store: &Store, id: &str) -> Result<bool, StoreError> {
    Ok(store.connection().execute("DELETE FROM devices WHERE id = ?1", [id])? > 0)
}

/// A token or a code as it is stored. Both are random and used up or long: no salt is needed.
fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

/// Six random digits, all equally likely.
fn digits() -> String {
    loop {
        let number = u32::from_le_bytes(random());
        // The largest multiple of a million below 2^32: above it some codes would come more often.
        if number < 4_294_000_000 {
            let mut code = String::new();
            // Writing to a string cannot fail.
            let _ = write!(code, "{:06}", number % 1_000_000);
            return code;
        }
    }
}

/// Random bytes of the system.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[allow(clippy::expect_used, reason = "without randomness no secret can be made; the system always has some")]
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_700_000_000_000;

    fn wrong(code: &str) -> &'static str {
        if code == "000000" { "000001" } else { "000000" }
    }

    #[test]
    fn a_code_lets_one_device_in_and_its_token_is_known_until_it_is_revoked() {
        let store = Store::in_memory().unwrap();
        let code = invite(&store, NOW_MS).unwrap().code;
        assert_eq!((code.len(), code.chars().all(|c| c.is_ascii_digit())), (6, true));
        let Paired::Token(token) = pair(&store, NOW_MS, &code, "Anna's\u{7} phone").unwrap() else { panic!() };
        assert_eq!(pair(&store, NOW_MS, &code, "thief").unwrap(), Paired::Wrong, "a code is used once");
        let id = device_of(&store, NOW_MS, &token).unwrap().unwrap();
        assert_eq!(devices(&store, &id).unwrap()[0].name, "Anna's phone");
        assert_eq!(device_of(&store, NOW_MS, "guess").unwrap(), None);
        assert!(revoke(&store, &id).unwrap() && !revoke(&store, &id).unwrap());
        assert_eq!(device_of(&store, NOW_MS, &token).unwrap(), None);
    }

    #[test]
    fn three_wrong_codes_void_it_and_lock_for_a_minute() {
        let store = Store::in_memory().unwrap();
        let code = invite(&store, NOW_MS).unwrap().code;
        for _ in 0..3 {
            assert_eq!(pair(&store, NOW_MS, wrong(&code), "").unwrap(), Paired::Wrong);
        }
        assert_eq!(pair(&store, NOW_MS, &code, "").unwrap(), Paired::Locked(60));
        assert_eq!(pair(&store, NOW_MS - 86_400_000, &code, "").unwrap(), Paired::Locked(60), "the clock was set back");
        assert_eq!(pair(&store, NOW_MS + 61_000, &code, "").unwrap(), Paired::Wrong, "it is void");
        let code = invite(&store, NOW_MS).unwrap().code;
        assert!(matches!(pair(&store, NOW_MS, &code, "").unwrap(), Paired::Token(_)), "a new one is the owner's wish");
    }

    #[test]
    fn two_wrong_tries_are_forgiven_and_an_old_code_is_wrong() {
        let store = Store::in_memory().unwrap();
        let code = invite(&store, NOW_MS).unwrap().code;
        for _ in 0..2 {
            assert_eq!(pair(&store, NOW_MS, wrong(&code), "").unwrap(), Paired::Wrong);
        }
        assert!(matches!(pair(&store, NOW_MS + CODE_LIVES_MS - 1, &code, "").unwrap(), Paired::Token(_)));
        let code = invite(&store, NOW_MS).unwrap().code;
        assert_eq!(pair(&store, NOW_MS + CODE_LIVES_MS, &code, "").unwrap(), Paired::Wrong);
        assert_eq!(
            pair(&Store::in_memory().unwrap(), NOW_MS, "000000", "").unwrap(),
            Paired::Wrong,
            "nobody asked for one"
        );
    }

    #[test]
    fn no_secret_is_in_the_database() {
        let store = Store::in_memory().unwrap();
        let code = invite(&store, NOW_MS).unwrap().code;
        let stored: Vec<u8> = store.connection().query_row("SELECT code FROM pairing", [], |row| row.get(0)).unwrap();
        assert!(!String::from_utf8_lossy(&stored).contains(&code));
        let Paired::Token(token) = pair(&store, NOW_MS, &code, "").unwrap() else { panic!() };
        let stored: Vec<u8> = store.connection().query_row("SELECT token FROM devices", [], |row| row.get(0)).unwrap();
        assert_eq!((stored.len(), stored == token.as_bytes()), (32, false));
    }
}
