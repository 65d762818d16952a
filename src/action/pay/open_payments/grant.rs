//! The standing permission: asked for by [`Session::begin_grant`], given by the owner on the wallet's consent page, taken
//! by [`Session::finish_grant`]. GNAP (RFC 9635) with a redirect (section 2.5.2.1), in the profile of Open Payments.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use open_payments::{
    AuthenticatedResources,
    types::{
        AccessItem, AccessTokenRequest, Continue, ContinueResponse, GrantRequest, GrantResponse, InteractFinish,
        InteractRequest, Interval, LimitsOutgoing, OutgoingPaymentAction, QuoteAction,
    },
};
use sha2::{Digest, Sha256};

use super::{
    ConnectError,
    access::{self, Access, Asked, Given, Next},
    amounts,
    failure::Failure,
    session::{Session, is_private},
};
use crate::action::{
    clock::rfc3339,
    pay::{Money, WalletAddress},
};

/// Months that a permission lasts.
const MONTHS: u32 = 12;

impl Session {
    pub(super) async fn begin_grant(
        &mut self,
        wallet: &WalletAddress,
        monthly: Money,
        return_to: &str,
        at_ms: i64,
    ) -> Result<String, ConnectError> {
        let not_found =
            |failure: Failure| if failure == Failure::Status(404) { ConnectError::NoWallet } else { failure.into() };
        let wallet = self.wallet(wallet.as_str()).await.map_err(not_found)?;
        let debit = amounts::of_money(monthly, &wallet.asset_code, wallet.asset_scale);
        let limits = LimitsOutgoing {
            receiver: None,
            debit_amount: Some(debit.ok_or(ConnectError::OtherCurrency)?),
            receive_amount: None,
            interval: Some(Interval(format!("R{MONTHS}/{}/P1M", rfc3339(at_ms)))),
        };
        let nonce = BASE64_URL_SAFE_NO_PAD.encode(access::random()?);
        let finish = InteractFinish { method: "redirect".into(), uri: return_to.to_owned(), nonce: nonce.clone() };
        let interact = InteractRequest { start: vec!["redirect".into()], finish: Some(finish) };
        let request = GrantRequest::new(AccessTokenRequest { access: rights(&wallet.id, limits) }, Some(interact));
        self.client.config.wallet_address_url.clone_from(&wallet.id);
        let answer = self.client.grant().request(&wallet.auth_server, &request, None).await.map_err(Failure::from)?;
        // A wallet that gives such a permission without asking its owner is none to trust.
        let GrantResponse::WithInteraction { interact, continue_ } = answer else { return Err(ConnectError::Declined) };
        if !is_private(&interact.redirect) {
            return Err(ConnectError::Unreachable);
        }
        let asked = Asked { wallet, nonce, finish: interact.finish, next: continue_.into() };
        self.keep(Access { asked: Some(asked), ..self.access.clone() })?;
        Ok(interact.redirect)
    }

    pub(super) async fn finish_grant(&mut self, interact_ref: &str, hash: &str) -> Result<(), ConnectError> {
        let asked = self.access.asked.clone().ok_or(ConnectError::NotAsked)?;
        if !is_ours(&asked, interact_ref, hash) {
            return Err(ConnectError::NotAsked);
        }
        self.client.config.wallet_address_url.clone_from(&asked.wallet.id);
        let next = &asked.next;
        let answer = self.client.grant().continue_grant(&next.uri, interact_ref, Some(&next.token)).await;
        match answer.map_err(Failure::from) {
            Ok(ContinueResponse::WithToken { access_token, continue_, .. }) => {
                let (token, manage) = (access_token.value, access_token.manage);
                let given = Given { wallet: asked.wallet, token, manage, next: continue_.into() };
                Ok(self.keep(Access { asked: None, given: Some(given) })?)
            }
            Err(Failure::Silent | Failure::Status(429)) => Err(ConnectError::Unreachable),
            Ok(ContinueResponse::WithSubject { .. } | ContinueResponse::Pending { .. }) | Err(Failure::Status(_)) => {
                Err(ConnectError::Declined)
            }
        }
    }

    pub(super) async fn withdraw_grant(&mut self) -> Result<(), ConnectError> {
        let Some(given) = &self.access.given else { return Ok(()) };
        let next = &given.next;
        let answer = self.client.grant().cancel(&next.uri, Some(&next.token)).await.map_err(Failure::from);
        match answer {
            // A wallet that does not know the permission has none to withdraw.
            Ok(()) | Err(Failure::Status(401 | 404)) => Ok(self.keep(Access::default())?),
            Err(_) => Err(ConnectError::Unreachable),
        }
    }
}

impl From<Continue> for Next {
    fn from(next: Continue) -> Self {
        Self { uri: next.uri, token: next.access_token.value }
    }
}

/// What Herald may do at the owner's wallet: one token for quotes and payments.
fn rights(wallet: &str, limits: LimitsOutgoing) -> Vec<AccessItem> {
    use OutgoingPaymentAction::{Create, List, Read};
    let outgoing = AccessItem::OutgoingPayment {
        actions: vec![Create, Read, List],
        identifier: wallet.to_owned(),
        limits: Some(limits),
    };
    vec![AccessItem::Quote { actions: vec![QuoteAction::Create, QuoteAction::Read] }, outgoing]
}

/// Whether the wallet itself sent the owner back, after what was asked here: only it knows both secrets (RFC 9635,
/// section 4.2.3). Wallets differ in whether the address ends in a slash, and in the alphabet of the Base64.
fn is_ours(asked: &Asked, interact_ref: &str, hash: &str) -> bool {
    let said: String = hash.trim_end_matches('=').replace('+', "-").replace('/', "_");
    let server = asked.wallet.auth_server.trim_end_matches('/');
    [server.to_owned(), format!("{server}/")].into_iter().any(|server| {
        let expected = [asked.nonce.as_str(), &asked.finish, interact_ref, &server].join("\n");
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(expected)) == said
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 9635, section 4.2.3.
    #[test]
    fn the_hash_is_that_of_the_standard() {
        let wallet = serde_json::json!({
            "id": "https://w.example/a", "assetCode": "EUR", "assetScale": 2,
            "authServer": "https://server.example.com/tx", "resourceServer": "https://w.example",
        });
        let next = Next { uri: String::new(), token: String::new() };
        let (nonce, finish) = ("VJLO6A4CATR0KRO".to_owned(), "MBDOFXG4Y5CVJCX821LH".to_owned());
        let asked = Asked { wallet: serde_json::from_value(wallet).unwrap(), nonce, finish, next };
        let hash = "x-gguKWTj8rQf7d7i3w3UhzvuJ5bpOlKyAlVpLxBffY";
        assert!(is_ours(&asked, "4IFWWIKYB2PQ6U56NL1", hash));
        assert!(is_ours(&asked, "4IFWWIKYB2PQ6U56NL1", "x+gguKWTj8rQf7d7i3w3UhzvuJ5bpOlKyAlVpLxBffY="));
        assert!(!is_ours(&asked, "4IFWWIKYB2PQ6U56NL2", hash));
        assert!(!is_ours(&asked, "4IFWWIKYB2PQ6U56NL1", ""));
    }
}
