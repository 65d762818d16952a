//! The second factor: a PIN of 4 to 12 digits, entered on the touch page.
//!
//! It is kept as an Argon2id hash (RFC 9106; memory and passes as OWASP's password storage cheat sheet has them, which
//! are the defaults of the `argon2` crate: RustCrypto, MIT or Apache-2.0, the field's implementation). So few digits
//! stand no search by somebody who has the file; against guessing on the page stand the tries and the lock. A try counts
//! before it is checked: dying in between wins none.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash};
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::{Order, PayError, Rules, moment::Moment};

/// Proof that the PIN was entered for one order, and no other (dynamic linking).
#[derive(Debug)]
pub struct Approval(Vec<u8>);

impl Approval {
    pub(super) fn of(order: &Order) -> Self {
        Self(digest(order))
    }

    /// Whether it is for this order.
    pub(super) fn is_for(&self, order: &Order) -> bool {
        self.0 == digest(order)
    }
}

/// Everything of an order; the reason last, so that no two orders read the same.
fn digest(order: &Order) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(order.id.as_str());
    hash.update(order.payee.0.to_be_bytes());
    hash.update(order.money.minor().to_be_bytes());
    hash.update(order.money.currency().code());
    hash.update(&order.reason.0);
    hash.finalize().to_vec()
}

/// What is stored.
struct Stored {
    hash: String,
    wrong: u32,
    locked: Option<Moment>,
}

fn stored(connection: &Connection) -> Result<Option<Stored>, PayError> {
    let mut select =
        connection.prepare_cached("SELECT hash, wrong, locked_boot, locked_steady_ms FROM pay_pin WHERE one = 1")?;
    let row = select.query_row([], |row| {
        let locked = row.get::<_, Option<String>>(2)?.zip(row.get(3)?);
        let locked = locked.map(|(boot, steady_ms)| Moment { wall_ms: 0, steady_ms, boot });
        Ok(Stored { hash: row.get(0)?, wrong: row.get(1)?, locked })
    });
    Ok(row.optional()?)
}

/// Returns how long it is still locked, milliseconds; zero is open.
pub(super) fn locked_ms(connection: &Connection, rules: &Rules, now: &Moment) -> Result<i64, PayError> {
    let locked = stored(connection)?.and_then(|stored| stored.locked);
    Ok(locked.map_or(0, |since| (rules.pin_lock_ms - now.surely_since(&since)).max(0)))
}

/// Whether there is a PIN.
pub(super) fn is_set(connection: &Connection) -> Result<bool, PayError> {
    Ok(stored(connection)?.is_some())
}

/// Keeps a PIN in place of an older one. The limits go on counting.
pub(super) fn keep(connection: &Connection, pin: &str) -> Result<(), PayError> {
    if !(4..=12).contains(&pin.len()) || !pin.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(PayError::NotAPin);
    }
    let hash = Argon2::default().hash_password(pin.as_bytes()).map_err(|_| PayError::PinFailed)?;
    connection.execute(
        "INSERT INTO pay_pin (one, hash, wrong, counted_from) VALUES (1, ?1, 0, 0)
         ON CONFLICT (one) DO UPDATE SET hash = excluded.hash",
        [hash.to_string()],
    )?;
    Ok(())
}

/// Takes a try before the PIN is checked; returns the hash to check against, and how many tries are left. Where it was the
/// last, it is locked from now on, until the PIN turns out to be right.
///
/// # Errors
/// [`PayError::NoPin`], [`PayError::PinLocked`].
pub(super) fn take_try(connection: &Connection, rules: &Rules, now: &Moment) -> Result<(String, u32), PayError> {
    let locked_ms = locked_ms(connection, rules, now)?;
    if locked_ms > 0 {
        return Err(PayError::PinLocked { seconds: u64::try_from(locked_ms).unwrap_or_default().div_ceil(1_000) });
    }
    let stored = stored(connection)?.ok_or(PayError::NoPin)?;
    // A lock that is over gives all tries back.
    let wrong = if stored.locked.is_some() { 1 } else { stored.wrong + 1 };
    let left = rules.pin_tries.saturating_sub(wrong);
    let (boot, steady_ms) = if left == 0 { (Some(&now.boot), Some(now.steady_ms)) } else { (None, None) };
    connection
        .execute("UPDATE pay_pin SET wrong = ?1, locked_boot = ?2, locked_steady_ms = ?3", (wrong, boot, steady_ms))?;
    Ok((stored.hash, left))
}

/// Checks a PIN against a hash.
///
/// # Errors
/// [`PayError::WrongPin`], or [`PayError::PinLocked`] where no try is left.
pub(super) fn check(pin: &str, hash: &str, left: u32, rules: &Rules) -> Result<(), PayError> {
    match Argon2::default().verify_password(pin.as_bytes(), hash) {
        Ok(()) => Ok(()),
        Err(password_hash::Error::PasswordInvalid) if left == 0 => {
            Err(PayError::PinLocked { seconds: u64::try_from(rules.pin_lock_ms).unwrap_or_default().div_ceil(1_000) })
        }
        Err(password_hash::Error::PasswordInvalid) => Err(PayError::WrongPin { left }),
        Err(_) => Err(PayError::PinFailed),
    }
}

/// It was right: all tries are back, and the limits count from here.
pub(super) fn was_right(connection: &Connection) -> Result<(), PayError> {
    connection.execute(
        "UPDATE pay_pin SET wrong = 0, locked_boot = NULL, locked_steady_ms = NULL,
                            counted_from = (SELECT COALESCE(MAX(seq), 0) FROM payments)",
        [],
    )?;
    Ok(())
}
