//! A payment: an incoming payment at the payee's wallet, a quote and an outgoing payment at the owner's.
//!
//! The quote fixes what is debited, not what arrives: what leaves the owner's account is what was read back and
//! confirmed. Each quote has an incoming payment of its own, so an outgoing payment is recognised by either.

use std::time::Duration;

use open_payments::{
    AuthenticatedResources, UnauthenticatedResources,
    types::{
        AccessItem, AccessTokenRequest, Amount, GrantRequest, GrantResponse, IncomingPayment, IncomingPaymentAction,
        IncomingPaymentRequest, OutgoingPayment, OutgoingPaymentRequest, PaymentMethodType, QuoteRequest, Receiver,
        WalletAddress as Wallet,
    },
};
use serde_json::json;

use super::{amounts, failure::Failure, session::Session};
use crate::{
    action::pay::{Known, Order, Prepared, Refusal, Settled, WalletAddress, WalletError},
    telemetry::Redacted,
};

/// A payment that was made and has not arrived is looked at so often, with a pause between; then it is looked up later.
const LOOKS: (u32, Duration) = (8, Duration::from_millis(250));
/// Pages of outgoing payments that are looked through, and how many payments a page has (the most the API gives).
const PAGES: (u32, u32) = (1_000, 100);
/// How far the wallet's clock and ours may be apart.
const SKEW_MS: i64 = 60_000;

/// Where an outgoing payment stands.
enum Stage {
    Arrived,
    Underway,
    /// It failed before any money left.
    Failed,
}

impl Session {
    pub(super) async fn prepare(&mut self, order: &Order, to: &WalletAddress) -> Result<Prepared, WalletError> {
        let own = self.given()?.wallet.clone();
        let debit = amounts::of_money(order.money, &own.asset_code, own.asset_scale);
        let debit_amount = debit.ok_or(WalletError::Refused(Refusal::CurrencyUnsupported))?;
        self.client.config.wallet_address_url.clone_from(&own.id);
        let payee = self.wallet(to.as_str()).await.map_err(Failure::of_payee)?;
        let incoming = self.ask_to_be_paid(&payee, order).await?;
        let receiver = Receiver(incoming.id);
        let request = QuoteRequest::FixedSendAmountQuote {
            wallet_address: own.id,
            receiver: receiver.clone(),
            method: PaymentMethodType::Ilp,
            debit_amount,
        };
        let quote = self.permitted(async |client, given| {
            client.quotes().create(&given.wallet.resource_server, &request, Some(&given.token)).await
        });
        let quote = quote.await.map_err(Failure::unpaid)?;
        let debit = amounts::to_money(&quote.debit_amount, order.money.currency());
        match debit.filter(|_| quote.receiver == receiver) {
            Some(debit) => Ok(Prepared { reference: Redacted(quote.id), details: Redacted(receiver.0), debit }),
            None => Err(WalletError::Refused(Refusal::ProviderUnavailable)),
        }
    }

    /// Asks the payee's wallet for an incoming payment. Where it holds the same currency, that takes no more than the
    /// amount.
    async fn ask_to_be_paid(&self, payee: &Wallet, order: &Order) -> Result<IncomingPayment, WalletError> {
        let right = AccessItem::IncomingPayment {
            actions: vec![IncomingPaymentAction::Create],
            identifier: Some(payee.id.clone()),
        };
        let request = GrantRequest::new(AccessTokenRequest { access: vec![right] }, None);
        let answer = self.client.grant().request(&payee.auth_server, &request, None).await;
        let of_payee = |error| Failure::from(error).of_payee();
        let GrantResponse::WithToken { access_token, .. } = answer.map_err(of_payee)? else {
            return Err(WalletError::Refused(Refusal::PayeeWithoutAddress));
        };
        let reason = &order.reason.0;
        let request = IncomingPaymentRequest {
            wallet_address: payee.id.clone(),
            incoming_amount: amounts::of_money(order.money, &payee.asset_code, payee.asset_scale),
            expires_at: None,
            metadata: (!reason.is_empty()).then(|| json!({ "description": reason })),
        };
        let payments = self.client.incoming_payments();
        payments.create(&payee.resource_server, &request, Some(&access_token.value)).await.map_err(of_payee)
    }

    pub(super) async fn submit(&mut self, prepared: &Prepared) -> Result<Settled, WalletError> {
        let quote_id = prepared.reference.0.clone();
        let wallet_address = self.given()?.wallet.id.clone();
        let request = OutgoingPaymentRequest::FromQuote { wallet_address, quote_id, metadata: None };
        let answer = self.permitted(async |client, given| {
            client.outgoing_payments().create(&given.wallet.resource_server, &request, Some(&given.token)).await
        });
        match answer.await {
            Ok(payment) => self.settled(payment).await,
            Err(Failure::Silent) => Err(WalletError::NoAnswer),
            // A quote that was paid is refused like one that cannot be.
            Err(refused) => match self.find(prepared).await {
                Ok(Some(payment)) => self.settled(payment).await,
                Ok(None) => Err(refused.unpaid()),
                Err(_) => Err(WalletError::NoAnswer),
            },
        }
    }

    /// Waits a little for a payment to arrive.
    async fn settled(&mut self, mut payment: OutgoingPayment) -> Result<Settled, WalletError> {
        let (looks, pause) = LOOKS;
        for _ in 0..looks {
            match self.stage(&payment).await {
                Ok(Stage::Arrived) => return Ok(Settled { receipt: Redacted(payment.id) }),
                Ok(Stage::Failed) => return Err(WalletError::Refused(Refusal::ProviderUnavailable)),
                Ok(Stage::Underway) => {}
                Err(_) => break,
            }
            tokio::time::sleep(pause).await;
            let id = payment.id.clone();
            let again =
                self.permitted(async |client, given| client.outgoing_payments().get(&id, Some(&given.token)).await);
            match again.await {
                Ok(again) => payment = again,
                Err(_) => break,
            }
        }
        Err(WalletError::NoAnswer)
    }

    pub(super) async fn look_up(&mut self, prepared: &Prepared) -> Result<Known, WalletError> {
        // Asked for before the payments: what they do not hold afterwards can never come.
        let is_dead = self.is_dead(prepared).await.map_err(Failure::unpaid)?;
        let Some(payment) = self.find(prepared).await.map_err(Failure::unpaid)? else {
            return Ok(if is_dead { Known::Dead } else { Known::Open });
        };
        Ok(match self.stage(&payment).await.map_err(Failure::unpaid)? {
            Stage::Arrived => Known::Paid(Settled { receipt: Redacted(payment.id) }),
            Stage::Underway => Known::Open,
            Stage::Failed => Known::Dead,
        })
    }

    /// Whether a quote cannot be paid any more.
    async fn is_dead(&mut self, prepared: &Prepared) -> Result<bool, Failure> {
        let id = &prepared.reference.0;
        let quote = self.permitted(async |client, given| client.quotes().get(id, Some(&given.token)).await);
        match quote.await {
            Ok(quote) => {
                let now_ms = jiff::Timestamp::now().as_millisecond();
                Ok(quote.expires_at.is_some_and(|at| at.timestamp_millis().saturating_add(SKEW_MS) < now_ms))
            }
            Err(Failure::Status(404)) => Ok(true),
            Err(failure) => Err(failure),
        }
    }

    /// Finds the outgoing payment of a quote among all that Herald made.
    async fn find(&mut self, prepared: &Prepared) -> Result<Option<OutgoingPayment>, Failure> {
        let is_it = |payment: &OutgoingPayment| {
            payment.quote_id.as_ref() == Some(&prepared.reference.0) || payment.receiver.0 == prepared.details.0
        };
        let mut cursor: Option<String> = None;
        let (pages, size) = PAGES;
        for _ in 0..pages {
            let page = self.permitted(async |client, given| {
                let (server, wallet) = (&given.wallet.resource_server, &given.wallet.id);
                let payments = client.outgoing_payments();
                payments.list(server, wallet, cursor.as_deref(), Some(size), None, Some(&given.token)).await
            });
            let page = page.await?;
            if let Some(payment) = page.result.into_iter().find(is_it) {
                return Ok(Some(payment));
            }
            match page.pagination.end_cursor {
                _ if !page.pagination.has_next_page => return Ok(None),
                Some(end) => cursor = Some(end),
                None => break,
            }
        }
        // A list without an end says nothing about what it does not hold.
        Err(Failure::Silent)
    }

    /// Says where a payment stands. Costs may be part of what is debited and not of what is sent, so what counts in the
    /// end is what the payee has.
    async fn stage(&self, payment: &OutgoingPayment) -> Result<Stage, Failure> {
        let reaches = |amount: &Amount, goal: &Amount| amounts::value(amount) >= amounts::value(goal);
        if payment.failed && amounts::value(&payment.sent_amount) == Some(0) {
            return Ok(Stage::Failed);
        }
        if reaches(&payment.sent_amount, &payment.debit_amount) {
            return Ok(Stage::Arrived);
        }
        let received = self.client.public_incoming_payments().get(&payment.receiver.0).await?.received_amount;
        if reaches(&received, &payment.receive_amount) {
            return Ok(Stage::Arrived);
        }
        if payment.failed {
            tracing::error!("a payment failed after a part of it was sent; the wallet's own page tells how much");
        }
        Ok(Stage::Underway)
    }
}
