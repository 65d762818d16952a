//! A visitor's token: the visit's id and its HMAC-SHA256, in base64.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

const ID_BYTES: usize = 16;

/// What tokens are signed with.
#[derive(Clone)]
pub(super) struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// Takes 32 random bytes; `None` for a key of another length.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() == 32).then(|| Hmac::new_from_slice(bytes).ok().map(Self)).flatten()
    }

    /// Makes the token of a visit.
    pub fn sign(&self, visit: Uuid) -> String {
        let tag = self.0.clone().chain_update(visit.as_bytes()).finalize().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode([visit.as_bytes(), tag.as_slice()].concat())
    }

    /// Returns the visit of a token, `None` for one that was not made here.
    pub fn verify(&self, token: &str) -> Option<Uuid> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, tag) = bytes.split_at_checked(ID_BYTES)?;
        self.0.clone().chain_update(id).verify_slice(tag).ok()?;
        Uuid::from_slice(id).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_as_it_was_made_and_with_its_own_key_alone() {
        let key = Key::new(&[7; 32]).unwrap();
        let visit = Uuid::now_v7();
        let token = key.sign(visit);
        assert_eq!(key.verify(&token), Some(visit));
        assert_eq!(Key::new(&[8; 32]).unwrap().verify(&token), None);
        let other = key.sign(Uuid::now_v7());
        let mixed = format!("{}{}", &token[..21], &other[21..]);
        for forged in
            ["", "x", &token[..30], &format!("{token}A"), &mixed, &BASE64_URL_SAFE_NO_PAD.encode(visit.as_bytes())]
        {
            assert_eq!(key.verify(forged), None, "{forged}");
        }
        assert!(Key::new(&[7; 31]).is_none());
    }
}
