//! What this device keeps of the owner's wallet: its key and the permission, below `wallet/`, for their owner alone.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use open_payments::types::WalletAddress;
use serde::{Deserialize, Serialize};

use crate::store::{self, StoreError};

/// What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, section 7).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

/// The permission, as far as it has come.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Access {
    /// Asked for: the owner is on the consent page.
    pub(super) asked: Option<Asked>,
    /// Given.
    pub(super) given: Option<Given>,
}

/// A permission that was asked for.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) wallet: WalletAddress,
    /// Our secret of the interaction.
    pub(super) nonce: String,
    /// The wallet's.
    pub(super) finish: String,
    pub(super) next: Next,
}

/// A permission that was given.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Given {
    pub(super) wallet: WalletAddress,
    pub(super) token: String,
    /// Where the token is renewed.
    pub(super) manage: String,
    pub(super) next: Next,
}

/// Where a permission is continued or withdrawn.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Next {
    pub(super) uri: String,
    pub(super) token: String,
}

fn folder(data_dir: &Path) -> PathBuf {
    data_dir.join("wallet")
}

/// Returns the file of the key, with a new key in it where there was none.
pub(super) fn key_file(data_dir: &Path) -> Result<PathBuf, StoreError> {
    let path = folder(data_dir).join("key.pem");
    if !path.exists() {
        let key = PKCS8.iter().chain(&random()?).copied().collect::<Vec<u8>>();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", BASE64_STANDARD.encode(key));
        store::write_private(&path, &pem)?;
    }
    Ok(path)
}

/// Returns 32 random bytes.
pub(super) fn random() -> Result<[u8; 32], StoreError> {
    let mut bytes = [0; 32];
    let failed = |error: getrandom::Error| StoreError::Io { path: "random numbers".into(), source: error.into() };
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

impl Access {
    fn file(data_dir: &Path) -> PathBuf {
        folder(data_dir).join("grant.json")
    }

    /// Reads what is kept; nothing where there is no file.
    pub(super) fn read(data_dir: &Path) -> Result<Self, StoreError> {
        let path = Self::file(data_dir);
        let read = match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            // What the parser complains of may quote a token.
            Ok(text) => serde_json::from_str(&text).map_err(|_| io::Error::from(io::ErrorKind::InvalidData)),
            Err(error) => Err(error),
        };
        read.map_err(|source| StoreError::Io { path, source })
    }

    /// Writes the file.
    pub(super) fn write(&self, data_dir: &Path) -> Result<(), StoreError> {
        let path = Self::file(data_dir);
        let text = serde_json::to_string(self);
        let text = text.map_err(|error| StoreError::Io { path: path.clone(), source: error.into() })?;
        store::write_private(&path, &text)
    }
}
