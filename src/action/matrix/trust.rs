//! Trust between the user's devices: the recovery key, and verification by comparing emoji.
//!
//! Cross-signing vouches for the devices of a user, and the key backup brings the keys of older messages to a new one;
//! both are locked by the recovery key (Matrix 1.3 and later). A device is verified with another by SAS: both show the
//! same seven emoji, and the user says that they do.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use matrix_sdk::{
    Client,
    config::{SyncSettings, SyncToken},
    encryption::{
        recovery::RecoveryState,
        verification::{SasVerification, Verification},
    },
    ruma::{
        OwnedUserId,
        api::client::uiaa::{AuthData, MatrixUserIdentifier, Password, UserIdentifier},
    },
    sync::SyncResponse,
};
use serde_json::Value;

use super::{Access, failure, worker};
use crate::action::{NetworkError, Reason};

/// Another device must begin within this time, and finish.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long the server holds a sync meanwhile.
const LONG_POLL: Duration = Duration::from_secs(2);

/// What a recovery key did or is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// The account had none: this is it. It is not kept anywhere.
    Made(String),
    /// The account has one that this device has not seen.
    Wanted,
    /// This device is vouched for.
    Done,
}

/// An emoji of a verification, and its English name.
pub type Emoji = (String, String);

/// Gives the account a recovery key if it has none. The password proves to the server who asks.
///
/// # Errors
/// [`NetworkError`].
pub fn prepare_recovery(data_dir: &Path, access: &Access, password: &str) -> Result<Recovered, NetworkError> {
    worker::runtime()?.block_on(Box::pin(async {
        let client = ready(data_dir, access).await?;
        let encryption = client.encryption();
        let recovery = encryption.recovery();
        match recovery.state() {
            RecoveryState::Enabled => Ok(Recovered::Done),
            RecoveryState::Incomplete => Ok(Recovered::Wanted),
            RecoveryState::Unknown | RecoveryState::Disabled => {
                let user = UserIdentifier::Matrix(MatrixUserIdentifier::new(access.user().to_owned()));
                let proof = AuthData::Password(Password::new(user, password.to_owned()));
                let signed = encryption.bootstrap_cross_signing_if_needed(Some(proof)).await;
                signed.map_err(|error| failure::of(&error))?;
                let key = recovery.enable().await.map_err(|_| NetworkError::NoAnswer)?;
                Ok(Recovered::Made(key))
            }
        }
    }))
}

/// Makes this device one of those the account trusts, by its recovery key.
///
/// # Errors
/// [`NetworkError::Refused`] with [`Reason::Forbidden`]: it is another key.
pub fn recover(data_dir: &Path, access: &Access, key: &str) -> Result<Recovered, NetworkError> {
    worker::runtime()?.block_on(Box::pin(async {
        let client = ready(data_dir, access).await?;
        let encryption = client.encryption();
        let recovered = encryption.recovery().recover(key.trim()).await;
        recovered.map_err(|_| NetworkError::Refused(Reason::Forbidden))?;
        Ok(if is_vouched_for(&client).await { Recovered::Done } else { Recovered::Wanted })
    }))
}

/// Opens the device and learns what the account has.
async fn ready(data_dir: &Path, access: &Access) -> Result<Client, NetworkError> {
    let (client, _) = access.client(data_dir).await?;
    sync(&client, None, Duration::ZERO).await?;
    client.encryption().wait_for_e2ee_initialization_tasks().await;
    Ok(client)
}

async fn is_vouched_for(client: &Client) -> bool {
    let device = client.encryption().get_own_device().await;
    device.is_ok_and(|device| device.is_some_and(|device| device.is_cross_signed_by_owner()))
}

/// Waits for another device that wants to verify this one, and lets `are_equal` show the emoji to the user, who says
/// whether the other shows the same. Returns what they said.
///
/// # Errors
/// [`NetworkError::NoAnswer`] when no other device began or it gave up.
pub fn verify(
    data_dir: &Path,
    access: &Access,
    mut are_equal: impl FnMut(&[Emoji]) -> bool,
) -> Result<bool, NetworkError> {
    worker::runtime()?.block_on(Box::pin(async {
        let (client, _) = access.client(data_dir).await?;
        // A request of a device that is not known would be passed over.
        let own_user = access.user().try_into().map_err(|_| NetworkError::SignedOut)?;
        let known = client.encryption().request_user_identity(own_user).await;
        known.map_err(|error| failure::of(&error))?;
        let mut token = None;
        let mut sas: Option<SasVerification> = None;
        let mut answer = None;
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let response = sync(&client, token, LONG_POLL).await?;
            for (user, flow) in flows(&response) {
                begin(&client, &user, &flow, &mut sas).await?;
            }
            token = Some(response.next_batch);
            let Some(sas) = &sas else { continue };
            if sas.is_cancelled() {
                break;
            }
            if sas.is_done() {
                return Ok(true);
            }
            if answer.is_none()
                && let Some(emoji) = sas.emoji()
            {
                let shown: Vec<Emoji> =
                    emoji.iter().map(|one| (one.symbol.to_owned(), one.description.to_owned())).collect();
                let is_equal = are_equal(&shown);
                answer = Some(is_equal);
                let told = if is_equal { sas.confirm().await } else { sas.mismatch().await };
                told.map_err(|error| failure::of(&error))?;
                if !is_equal {
                    return Ok(false);
                }
            }
        }
        Err(NetworkError::NoAnswer)
    }))
}

/// The verifications a sync is about: whose, and which.
fn flows(response: &SyncResponse) -> Vec<(OwnedUserId, String)> {
    let flow = |event: Value| {
        let kind = event["type"].as_str()?;
        let flow = event["content"]["transaction_id"].as_str()?.to_owned();
        let user = event["sender"].as_str()?.try_into().ok()?;
        kind.starts_with("m.key.verification.").then_some((user, flow))
    };
    let events = response.to_device.iter().filter_map(|event| event.as_raw().deserialize_as_unchecked::<Value>().ok());
    events.filter_map(flow).collect()
}

/// Says yes to a verification, as far as it has come.
async fn begin(
    client: &Client,
    user: &OwnedUserId,
    flow: &str,
    sas: &mut Option<SasVerification>,
) -> Result<(), NetworkError> {
    let encryption = client.encryption();
    if let Some(request) = encryption.get_verification_request(user, flow).await
        && !request.is_ready()
        && !request.is_done()
        && !request.is_cancelled()
        && sas.is_none()
    {
        request.accept().await.map_err(|error| failure::of(&error))?;
    }
    if sas.is_none()
        && let Some(Verification::SasV1(begun)) = encryption.get_verification(user, flow).await
    {
        begun.accept().await.map_err(|error| failure::of(&error))?;
        *sas = Some(begun);
    }
    Ok(())
}

/// One sync; what it brings to the inbox comes again to the conversation, which keeps its own place.
async fn sync(client: &Client, token: Option<String>, wait: Duration) -> Result<SyncResponse, NetworkError> {
    let token = token.map_or(SyncToken::NoToken, SyncToken::Specific);
    let synced = Box::pin(client.sync_once(SyncSettings::new().token(token).timeout(wait))).await;
    synced.map_err(|error| failure::of(&error))
}
