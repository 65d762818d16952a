//! Signed requests under the owner's permission.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use open_payments::{
    AuthenticatedClient, AuthenticatedResources, ClientConfig, UnauthenticatedResources,
    http_signature::load_or_generate_key, types::WalletAddress,
};
use reqwest::{Client, Url, redirect};
use sha2::{Digest, Sha256};

use super::{
    ConnectError,
    access::{self, Access, Given},
    failure::Failure,
};
use crate::{action::pay::WalletError, store::StoreError};

/// A connection that was idle for longer is not used again: nobody watches it between two payments.
const IDLE: Duration = Duration::from_secs(2);

/// The key, the permission, and a client that signs with the one under the other.
pub(super) struct Session {
    pub(super) client: AuthenticatedClient,
    pub(super) access: Access,
    data_dir: PathBuf,
}

impl Session {
    pub(super) fn open(data_dir: &Path, timeout: Duration) -> Result<Self, ConnectError> {
        let private_key_path = access::key_file(data_dir)?;
        let unusable =
            |reason| StoreError::Io { path: private_key_path.clone(), source: std::io::Error::other(reason) };
        let signing_key = load_or_generate_key(&private_key_path).map_err(|_| unusable("it is no Ed25519 key"))?;
        let access = Access::read(data_dir)?;
        // A signature is for one address, so nothing is redirected.
        let http_client = Client::builder()
            .use_rustls_tls()
            .redirect(redirect::Policy::none())
            .timeout(timeout)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|_| unusable("no connection can be made with it"))?;
        let wallet_address_url = access.given.as_ref().map(|given| given.wallet.id.clone()).unwrap_or_default();
        let config = ClientConfig { key_id: String::new(), private_key_path, jwks_path: None, wallet_address_url };
        let mut client = AuthenticatedClient { http_client, config, signing_key };
        client.config.key_id = thumbprint(&client.public_jwk().x);
        Ok(Self { client, access, data_dir: data_dir.to_owned() })
    }

    pub(super) fn public_key(&self) -> String {
        serde_json::to_value(self.client.public_jwk()).unwrap_or_default().to_string()
    }

    /// Keeps what has changed of the permission.
    pub(super) fn keep(&mut self, access: Access) -> Result<(), StoreError> {
        access.write(&self.data_dir)?;
        self.access = access;
        Ok(())
    }

    /// Returns the permission.
    pub(super) fn given(&self) -> Result<&Given, WalletError> {
        self.access.given.as_ref().ok_or(WalletError::NotConnected)
    }

    /// Reads a wallet address. What it says of its servers is believed if they can be talked to in private.
    pub(super) async fn wallet(&self, address: &str) -> Result<WalletAddress, Failure> {
        let wallet = self.client.wallet_address().get(address).await?;
        let is_private =
            [&wallet.id, &wallet.auth_server, &wallet.resource_server].into_iter().all(|url| is_private(url));
        if is_private { Ok(wallet) } else { Err(Failure::Silent) }
    }

    /// Makes a request under the permission. A token that has expired is renewed once: a wallet that refuses it has
    /// done nothing.
    pub(super) async fn permitted<T>(
        &mut self,
        request: impl AsyncFn(&AuthenticatedClient, &Given) -> open_payments::Result<T>,
    ) -> Result<T, Failure> {
        let given = self.access.given.clone().ok_or(Failure::Status(401))?;
        let failure = match request(&self.client, &given).await {
            Ok(answer) => return Ok(answer),
            Err(error) => Failure::from(error),
        };
        if failure != Failure::Status(401) {
            return Err(failure);
        }
        let given = self.renewed(given).await?;
        Ok(request(&self.client, &given).await?)
    }

    /// Renews the token. The old one is void from then on: should the answer be lost, the owner has to allow anew.
    async fn renewed(&mut self, given: Given) -> Result<Given, Failure> {
        let renewed = self.client.token().rotate(&given.manage, Some(&given.token)).await;
        // Whatever the wallet says of its token ("not found"), it says it of the permission, not of what was asked for.
        let renewed = renewed.map_err(|error| match Failure::from(error) {
            Failure::Status(_) => Failure::Status(401),
            Failure::Silent => Failure::Silent,
        })?;
        let token = renewed.access_token;
        let given = Given { token: token.value, manage: token.manage, ..given };
        let access = Access { given: Some(given.clone()), ..self.access.clone() };
        if let Err(error) = self.keep(access.clone()) {
            // It serves as long as this process lives.
            tracing::error!(%error, "the renewed permission is not written down");
            self.access = access;
        }
        Ok(given)
    }
}

/// Names a key by what it is (RFC 7638, with the members RFC 8037 names).
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(members))
}

/// Whether nobody else reads what is sent to an address, or shown at it: it is encrypted, or stays on this device.
pub(super) fn is_private(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| {
        let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        url.scheme() == "https" || url.scheme() == "http" && is_here
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_is_that_of_the_standard() {
        // RFC 8037, appendix A.3.
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert_eq!(thumbprint(x), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn what_others_could_read_is_not_private() {
        for address in ["https://wallet.example/a?b=c", "http://127.0.0.1:4000/", "http://localhost", "http://[::1]:1/"]
        {
            assert!(is_private(address), "{address}");
        }
        for address in ["http://wallet.example/", "javascript:alert(1)", "http://127.0.0.1.evil.example/", "", "/a"] {
            assert!(!is_private(address), "{address}");
        }
    }
}
