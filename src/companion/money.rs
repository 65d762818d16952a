//! The requests about money: what stands open, the hand-over to the owner's bank, who may be paid, the PIN, the trail.
//!
//! None of them moves money, and none needs a wallet. Setting a PIN over another one and trusting a payee take the PIN,
//! whose tries count in the database, for all pages and the conversation together. PINs, accounts and amounts are in
//! answers to a paired device, and in no log.

use axum::{
    Json, Router,
    extract::{Path, State as Shared},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::{Answered, Body, LINES, Refused, told},
    records::Records,
    refusal::Refusal,
    server::{App, Wish},
};
use crate::{
    action::pay::{Chain, Closed, Debtor, PayError, Payee, Payment, PaymentId, PaymentKind, TrailLine, verify_trail},
    intent::{Currency, contacts::ContactId},
    store::StoreError,
    telemetry::Redacted,
};

/// So much of a hash is shown: enough to compare, all of it is in the CSV.
const SHOWN_OF_HASH: usize = 12;

pub(super) fn routes() -> Router<App> {
    let router = Router::new();
    #[cfg(feature = "open-payments")]
    let router = router.merge(super::wallet::routes());
    router
        .route("/api/money", get(money))
        .route("/api/money/even", post(even))
        .route("/api/money/pin", post(set_pin))
        .route("/api/money/payees", get(payees).post(trust))
        .route("/api/money/payees/{contact}", delete(distrust))
        .route("/api/money/trail", get(trail))
        .route("/api/money/trail.csv", get(trail_csv))
        .route("/api/money/{id}/handoff", get(handoff))
        .route("/api/money/{id}/qr.svg", get(code))
        .route("/api/money/{id}/{act}", post(act))
        .route("/api/pin", post(enter_pin))
}

impl App {
    /// Has something about money looked up or changed.
    async fn pay<T: Send + 'static>(
        &self,
        headers: &HeaderMap,
        work: impl FnOnce(&mut Records) -> Result<T, PayError> + Send + 'static,
    ) -> Answered<T> {
        let done = self.look(headers, move |records| match work(records) {
            Err(PayError::Store(error)) => Err(error),
            other => Ok(other),
        });
        done.await?.map_err(|error| Refused(error.into(), headers.clone()))
    }
}

// ── what stands open, and what was done ─────────────────────────────────────

async fn money(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Json<Value>> {
    let method = app.method.as_str();
    app.pay(&headers, move |records| {
        let payments = &records.payments;
        let (has_pin, owed, waiting) = (payments.has_pin()?, payments.owed(None)?, payments.waiting()?);
        let history: Vec<Value> = payments.history(LINES)?.iter().map(payment).collect();
        let (requests, handed_over): (Vec<_>, Vec<_>) =
            waiting.iter().partition(|waiting| waiting.kind == PaymentKind::Request);
        let debts = owed
            .into_iter()
            .map(|debt| {
                let debtor = match debt.debtor {
                    Debtor::Contact => "contact",
                    Debtor::Owner => "owner",
                };
                let (amount, currency) = (debt.money.decimal(), debt.money.currency().code());
                let name = name(records, debt.contact)?;
                let contact = debt.contact.0;
                Ok(json!({"contact": contact, "name": name, "debtor": debtor, "amount": amount, "currency": currency}))
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        Ok(json!({
            "method": method, "can_connect": cfg!(feature = "open-payments"), "has_pin": has_pin, "debts": debts, "history": history,
            "waiting": handed_over.into_iter().map(payment).collect::<Vec<_>>(),
            "requests": requests.into_iter().map(payment).collect::<Vec<_>>(),
        }))
    })
    .await
    .map(Json)
}

fn payment(payment: &Payment) -> Value {
    json!({
        "id": payment.id.as_str(), "kind": payment.kind.as_str(), "name": payment.name.0,
        "amount": payment.money.decimal(), "currency": payment.money.currency().code(), "reason": payment.reason.0,
        "method": payment.method.as_str(), "standing": payment.standing.as_str(),
        "refusal": payment.refusal.map(|refusal| refusal.as_str()),
        "closed": payment.closed.map(|closed| closed.as_str()), "at": payment.at(),
    })
}

/// The name of a contact; empty for one who is none any more.
fn name(records: &mut Records, contact: ContactId) -> Result<String, StoreError> {
    Ok(records.book()?.contact(contact).map(|contact| contact.name.clone()).unwrap_or_default())
}

#[derive(Deserialize)]
struct Tab {
    contact: i64,
    currency: String,
}

async fn even(Shared(app): Shared<App>, headers: HeaderMap, Body(tab): Body<Tab>) -> Answered<StatusCode> {
    let Some(currency) = Currency::from_code(&tab.currency) else { return Err(Refused(Refusal::Malformed, headers)) };
    app.pay(&headers, move |records| records.payments.make_even(ContactId(tab.contact), currency)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How a payment that was handed over, or a request, came out.
async fn act(
    Shared(app): Shared<App>,
    headers: HeaderMap,
    Path((id, act)): Path<(String, String)>,
) -> Answered<Json<Value>> {
    let Some(id) = PaymentId::parse(&id) else { return Err(Refused(Refusal::Missing, headers)) };
    app.pay(&headers, move |records| {
        let payments = &records.payments;
        let changed = match act.as_str() {
            "done" => payments.done(&id),
            "not_done" => payments.not_done(&id),
            "settled" => payments.close_request(&id, Closed::Settled),
            "withdrawn" => payments.close_request(&id, Closed::Withdrawn),
            _ => Err(PayError::NoSuchPayment),
        };
        changed.map(|changed| payment(&changed))
    })
    .await
    .map(Json)
}

// ── what the bank's app takes ───────────────────────────────────────────────

async fn handoff(Shared(app): Shared<App>, headers: HeaderMap, Path(id): Path<String>) -> Answered<Json<Value>> {
    let Some(id) = PaymentId::parse(&id) else { return Err(Refused(Refusal::Missing, headers)) };
    let handoff = app.pay(&headers, move |records| records.payments.handoff(&id)).await?;
    Ok(Json(json!({
        "iban": handoff.iban.0, "holder": handoff.holder.0, "amount": handoff.money.decimal(),
        "currency": handoff.money.currency().code(), "reason": handoff.remittance.0, "payto": handoff.payto(),
    })))
}

async fn code(Shared(app): Shared<App>, headers: HeaderMap, Path(id): Path<String>) -> Answered<Response> {
    let Some(id) = PaymentId::parse(&id) else { return Err(Refused(Refusal::Missing, headers)) };
    let handoff = app.pay(&headers, move |records| records.payments.handoff(&id)).await?;
    let Some(picture) = handoff.svg() else { return Err(Refused(Refusal::Missing, headers)) };
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], picture).into_response())
}

// ── the PIN, and who may be paid ────────────────────────────────────────────

#[derive(Deserialize)]
struct NewPin {
    old: Option<String>,
    new: String,
}

async fn set_pin(Shared(app): Shared<App>, headers: HeaderMap, Body(pin): Body<NewPin>) -> Answered<StatusCode> {
    app.pay(&headers, move |records| records.payments.set_pin(pin.old.as_deref(), &pin.new)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Pin {
    pin: String,
}

/// The PIN for the payment that waits for it: the conversation decides.
async fn enter_pin(Shared(app): Shared<App>, headers: HeaderMap, Body(Pin { pin }): Body<Pin>) -> Answered<Response> {
    told(app.wish(Wish::Pin(Redacted(pin))).await, headers)
}

async fn payees(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Json<Vec<Value>>> {
    app.pay(&headers, |records| {
        let payees = records.payments.payees()?.into_iter().map(|payee| {
            let name = name(records, payee.contact)?;
            let iban = payee.iban.map(|iban| iban.0);
            let wallet = payee.wallet.as_ref().map(|wallet| wallet.as_str().to_owned());
            let (contact, holder) = (payee.contact.0, payee.holder.0);
            Ok(json!({"contact": contact, "name": name, "holder": holder, "iban": iban, "wallet": wallet}))
        });
        payees.collect()
    })
    .await
    .map(Json)
}

#[derive(Deserialize)]
struct Trusted {
    contact: i64,
    #[serde(default)]
    holder: String,
    #[serde(default)]
    iban: String,
    #[serde(default)]
    wallet: String,
    pin: String,
}

async fn trust(Shared(app): Shared<App>, headers: HeaderMap, Body(trusted): Body<Trusted>) -> Answered<StatusCode> {
    app.pay(&headers, move |records| {
        let Trusted { contact, holder, iban, wallet, pin } = trusted;
        records.payments.trust(&Payee::typed(ContactId(contact), &holder, &iban, &wallet)?, &pin)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn distrust(Shared(app): Shared<App>, headers: HeaderMap, Path(contact): Path<i64>) -> Answered<StatusCode> {
    let was_one = app.pay(&headers, move |records| records.payments.distrust(ContactId(contact))).await?;
    if was_one { Ok(StatusCode::NO_CONTENT) } else { Err(Refused(Refusal::Missing, headers)) }
}

// ── the audit trail ─────────────────────────────────────────────────────────

async fn trail(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Json<Value>> {
    app.pay(&headers, |records| {
        let broken = match verify_trail(&records.store)? {
            Chain::Whole(_) => None,
            Chain::Broken(row) => Some(row),
        };
        let lines = records.payments.trail()?;
        let newest = lines.iter().rev().take(LINES as usize);
        Ok(json!({"broken": broken, "count": lines.len(), "rows": newest.map(trail_row).collect::<Vec<_>>()}))
    })
    .await
    .map(Json)
}

fn trail_row(line: &TrailLine) -> Value {
    json!({
        "seq": line.seq, "at": line.at, "event": line.event.as_str(), "name": line.name.0, "amount": line.amount.0,
        "currency": line.currency, "before": short(&line.before), "hash": short(&line.hash),
    })
}

fn short(hash: &str) -> &str {
    hash.get(..SHOWN_OF_HASH).unwrap_or(hash)
}

async fn trail_csv(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Response> {
    let csv = app.pay(&headers, |records| records.payments.trail_csv()).await?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response())
}
