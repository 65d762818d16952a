//! Who is signed in: one device for ever, in one file that only its owner can read.
//!
//! The file holds the access token and the key that opens the SDK's stores: 32 random bytes, because a passphrase
//! would be stretched anew at every start, for seconds. Whoever can read the file can read the messages on the
//! network: that is as much as a messenger that starts without its user can do.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use matrix_sdk::{
    Client, SessionMeta, SessionTokens, SqliteStoreConfig,
    authentication::matrix::MatrixSession,
    config::RequestConfig,
    ruma::{OwnedDeviceId, OwnedUserId},
    store::StateStoreDataKey,
};
use serde::{Deserialize, Serialize};

use super::{failure, worker};
use crate::{
    action::{NetworkError, Reason},
    store::{self, StoreError},
};

/// Name of the device among the user's others.
const DEVICE_NAME: &str = "Herald";
/// A request that takes longer has failed; the outbox tries again.
const REQUEST: Duration = Duration::from_secs(20);

/// How to sign in.
#[derive(Clone)]
pub struct SignIn {
    /// Address of the homeserver: `https://matrix.org`.
    pub homeserver: String,
    /// User name, or the whole `@name:server`.
    pub user: String,
    /// Password.
    pub password: String,
}

/// The signed-in device, as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct Access {
    homeserver: String,
    user_id: OwnedUserId,
    device_id: OwnedDeviceId,
    access_token: String,
    /// Base64 of 32 bytes.
    store_key: String,
}

/// Only what is no secret.
impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}

impl Access {
    fn folder(data_dir: &Path) -> PathBuf {
        data_dir.join("matrix")
    }

    fn file(data_dir: &Path) -> PathBuf {
        Self::folder(data_dir).join("session.json")
    }

    /// Reads who is signed in; `None` where nobody is.
    ///
    /// # Errors
    /// [`NetworkError`] when the file is there and cannot be read or understood.
    pub fn read(data_dir: &Path) -> Result<Option<Self>, NetworkError> {
        let path = Self::file(data_dir);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StoreError::Io { path, source }.into()),
        };
        serde_json::from_str(&text).map(Some).map_err(|_| NetworkError::Damaged("matrix/session.json is damaged"))
    }

    /// Writes the file: whole or not at all, and on disk when this returns.
    pub(super) fn write(&self, data_dir: &Path) -> Result<(), StoreError> {
        let text = serde_json::to_string(self);
        let text = text.map_err(|error| StoreError::Io { path: Self::file(data_dir), source: error.into() })?;
        store::write_private(&Self::file(data_dir), &text)
    }

    /// A device that a homeserver of the tests knows.
    #[cfg(test)]
    pub(super) fn of_test(homeserver: &str, user: &str, token: &str) -> Self {
        Self {
            homeserver: homeserver.to_owned(),
            user_id: user.try_into().unwrap(),
            device_id: token.into(),
            access_token: token.to_owned(),
            store_key: BASE64_STANDARD.encode([7; 32]),
        }
    }

    /// The user's address.
    pub fn user(&self) -> &str {
        self.user_id.as_str()
    }

    /// The device's id on the server.
    pub fn device(&self) -> &str {
        self.device_id.as_str()
    }

    /// Opens the SDK's stores as this device. No server is asked. Stores that are damaged are set aside, undeleted, where
    /// the server knows what was in them; it says whether that was so. The keys of messages are in the one it does not.
    pub(super) async fn client(&self, data_dir: &Path) -> Result<(Client, bool), NetworkError> {
        match self.open(data_dir).await {
            Ok(client) => Ok((client, false)),
            Err(error) => {
                tracing::error!(%error, "what the server knows as well is fetched from it again");
                set_aside(&Self::folder(data_dir).join("store")).map_err(NetworkError::Store)?;
                Ok((self.open(data_dir).await?, true))
            }
        }
    }

    async fn open(&self, data_dir: &Path) -> Result<Client, NetworkError> {
        let key = BASE64_STANDARD.decode(&self.store_key).ok().and_then(|key| <[u8; 32]>::try_from(key).ok());
        let key = key.ok_or_else(|| NetworkError::Damaged("matrix/session.json has no key"))?;
        let stores = SqliteStoreConfig::new(Self::folder(data_dir).join("store")).key(Some(&key)).pool_max_size(2);
        let client = Client::builder()
            .homeserver_url(&self.homeserver)
            .sqlite_store_with_config_and_cache_path(stores, None::<PathBuf>)
            .request_config(request_config())
            .build()
            .await
            .map_err(|_| NetworkError::Damaged("the stores below matrix/store cannot be opened"))?;
        // The SDK passes over a sync that ends where it has been before. What it has seen and our journal has not must
        // come again: it forgets where it has been.
        let forgotten = client.state_store().remove_kv_data(StateStoreDataKey::SyncToken).await;
        forgotten.map_err(|_| NetworkError::Damaged("the stores below matrix/store cannot be written"))?;
        let session = MatrixSession {
            meta: SessionMeta { user_id: self.user_id.clone(), device_id: self.device_id.clone() },
            tokens: SessionTokens { access_token: self.access_token.clone(), refresh_token: None },
        };
        let restored = client.restore_session(session).await;
        restored.map_err(|_| NetworkError::Damaged("the stores below matrix/store are another device's"))?;
        Ok(client)
    }
}

/// Renames every store but that of the keys.
fn set_aside(stores: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Io { path: stores.to_owned(), source };
    for file in fs::read_dir(stores).map_err(failed)? {
        let name = file.map_err(failed)?.file_name().to_string_lossy().into_owned();
        if name.starts_with("matrix-sdk-") && !name.starts_with("matrix-sdk-crypto") {
            match fs::rename(stores.join(&name), stores.join(format!("damaged-{name}"))) {
                // The SDK's connections end in their own time, and take their side files with them.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                renamed => renamed.map_err(failed)?,
            }
        }
    }
    Ok(())
}

/// One attempt: the outbox decides about the next.
fn request_config() -> RequestConfig {
    RequestConfig::new().disable_retry().timeout(REQUEST)
}

/// Signs this device in and keeps the session. Somebody who was signed in before and whose token was revoked stays the
/// same device: a new one could not tell what the old one had sent.
///
/// # Errors
/// [`NetworkError`]: the server cannot be reached, or refuses ([`Reason::Forbidden`]: wrong user or password).
pub fn sign_in(data_dir: &Path, how: &SignIn) -> Result<Access, NetworkError> {
    worker::runtime()?.block_on(Box::pin(sign_in_to(data_dir, how)))
}

async fn sign_in_to(data_dir: &Path, how: &SignIn) -> Result<Access, NetworkError> {
    let client = Client::builder()
        .homeserver_url(&how.homeserver)
        .request_config(request_config())
        .build()
        .await
        .map_err(|_| NetworkError::Refused(Reason::UnknownRecipient))?;
    let before = Access::read(data_dir)?;
    let mut login =
        client.matrix_auth().login_username(&how.user, &how.password).initial_device_display_name(DEVICE_NAME);
    if let Some(before) = &before {
        login = login.device_id(before.device());
    }
    let session = login.send().await.map_err(|error| refused_or(failure::of(&error)))?;
    let store_key = match before {
        Some(before) if before.user_id == session.user_id => before.store_key,
        Some(_) => return Err(NetworkError::Refused(Reason::Refused)),
        None => BASE64_STANDARD.encode(random_key()?),
    };
    let access = Access {
        homeserver: how.homeserver.clone(),
        user_id: session.user_id,
        device_id: session.device_id,
        access_token: session.access_token,
        store_key,
    };
    access.write(data_dir)?;
    Ok(access)
}

/// A server that refuses a sign-in does so because of the user or the password.
fn refused_or(error: NetworkError) -> NetworkError {
    if matches!(error, NetworkError::Refused(_)) { NetworkError::Refused(Reason::Forbidden) } else { error }
}

fn random_key() -> Result<[u8; 32], StoreError> {
    let mut key = [0; 32];
    let failed = |error: getrandom::Error| StoreError::Io { path: "random numbers".into(), source: error.into() };
    getrandom::fill(&mut key).map_err(failed)?;
    Ok(key)
}
