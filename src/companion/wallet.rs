//! The requests about the owner's wallet: its key, the permission that is asked for once at the wallet, and given back.
//!
//! The browser goes to the wallet's consent page and comes back with `hash` and `interact_ref` in the page's address, which
//! the page hands in here (RFC 9635, section 4.2.1).

use axum::{
    Json, Router,
    extract::State as Shared,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::{Answered, Body, Refused},
    records::Records,
    refusal::Refusal,
    server::App,
};
use crate::{
    action::{
        pay::{
            Money, WalletAddress,
            open_payments::{ConnectError, OpenPayments, TIMEOUT},
        },
        web::lang_of,
    },
    config::Lang,
    intent::Currency,
    store::StoreError,
};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/money/wallet", get(wallet).delete(withdraw))
        .route("/api/money/wallet/begin", post(begin))
        .route("/api/money/wallet/finish", post(finish))
}

type Connected<T> = Result<T, ConnectError>;

impl App {
    /// Has something done with the wallet, on the thread of the records: other lists wait meanwhile.
    async fn connect<T: Send + 'static>(
        &self,
        headers: &HeaderMap,
        work: impl FnOnce(&mut OpenPayments) -> Connected<T> + Send + 'static,
    ) -> Answered<Connected<T>> {
        self.look(headers, move |records| match open(records).and_then(|mut wallet| work(&mut wallet)) {
            Err(ConnectError::Store(error)) => Err(error),
            other => Ok(other),
        })
        .await
    }
}

fn open(records: &Records) -> Connected<OpenPayments> {
    let missing = || StoreError::Damaged("a database without a directory has no wallet".to_owned());
    OpenPayments::open(&records.store.dir().ok_or_else(missing)?, TIMEOUT)
}

async fn wallet(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Response> {
    let shown = |wallet: &mut OpenPayments| Ok(json!({"connected": wallet.is_connected(), "key": wallet.public_key()}));
    Ok(told(app.connect(&headers, shown).await?, &headers))
}

#[derive(Deserialize)]
struct Wanted {
    address: String,
    /// Whole units a month.
    monthly: u32,
    currency: String,
}

async fn begin(Shared(app): Shared<App>, headers: HeaderMap, Body(wanted): Body<Wanted>) -> Answered<Response> {
    let refused = |refusal| Refused(refusal, headers.clone());
    let address = WalletAddress::parse(&wanted.address).ok_or_else(|| refused(Refusal::NotAWallet))?;
    let currency = Currency::from_code(&wanted.currency).ok_or_else(|| refused(Refusal::Malformed))?;
    let monthly = Money::new(u64::from(wanted.monthly) * 100, currency).ok_or_else(|| refused(Refusal::Malformed))?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let page = format!("{}://{host}/", app.scheme);
    let now_ms = Timestamp::now().as_millisecond();
    let begun = app.connect(&headers, move |wallet| {
        let link = wallet.begin_grant(&address, monthly, &page, now_ms)?;
        Ok(json!({"link": link}))
    });
    Ok(told(begun.await?, &headers))
}

#[derive(Deserialize)]
struct Given {
    hash: String,
    interact_ref: String,
}

async fn finish(Shared(app): Shared<App>, headers: HeaderMap, Body(given): Body<Given>) -> Answered<Response> {
    let finished = app.connect(&headers, move |wallet| {
        wallet.finish_grant(&given.interact_ref, &given.hash)?;
        Ok(json!({"connected": true}))
    });
    Ok(told(finished.await?, &headers))
}

async fn withdraw(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Response> {
    let withdrawn = app.connect(&headers, |wallet| {
        wallet.withdraw_grant()?;
        Ok(json!({"connected": false}))
    });
    Ok(told(withdrawn.await?, &headers))
}

fn told(result: Connected<Value>, headers: &HeaderMap) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => {
            let message = sentence(&error, lang_of(headers));
            (StatusCode::BAD_GATEWAY, Json(json!({"error": "wallet", "message": message}))).into_response()
        }
    }
}

fn sentence(error: &ConnectError, lang: Lang) -> String {
    let french = match error {
        ConnectError::NoWallet => {
            "Il n'y a pas de portefeuille à cette adresse. Vérifiez-la sur la page du portefeuille."
        }
        ConnectError::KeyUnknown => {
            "Le portefeuille ne connaît pas cet appareil. Ajoutez sa clé dans les réglages du portefeuille."
        }
        ConnectError::OtherCurrency => "Le portefeuille a une autre monnaie que la limite.",
        ConnectError::NotAsked => "Cette permission n'a pas été demandée ici. Recommencez.",
        ConnectError::Declined => "La permission n'a pas été donnée. Recommencez.",
        ConnectError::Unreachable | ConnectError::Store(_) => "Le portefeuille est injoignable. Vérifiez le réseau.",
    };
    match lang {
        Lang::En => error.to_string(),
        Lang::Fr => french.to_owned(),
    }
}
