//! The requests about what was kept: links that somebody sent, and figures for the owner.

use axum::{
    Json, Router,
    extract::{Query, State as Shared},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    api::{Answered, Refused},
    refusal::Refusal,
    server::App,
};
use crate::action::{FEW, Link, prometheus};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/links", get(links).delete(forget_link))
        .route("/api/figures", get(figures))
        .route("/metrics", get(metrics))
}

async fn links(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Json<Vec<Link>>> {
    Ok(Json(app.look(&headers, |records| records.links.all()).await?))
}

#[derive(Deserialize)]
struct Gone {
    link: String,
}

async fn forget_link(
    Shared(app): Shared<App>,
    headers: HeaderMap,
    Query(Gone { link }): Query<Gone>,
) -> Answered<StatusCode> {
    app.look(&headers, move |records| records.links.forget(&link)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn figures(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Json<Value>> {
    if !app.has_figures {
        return Ok(Json(json!({"kept": false})));
    }
    let now_ms = Timestamp::now().as_millisecond();
    let (together, days) = app
        .look(&headers, move |records| Ok((records.figures.together(now_ms)?, records.figures.by_day(now_ms)?)))
        .await?;
    Ok(Json(json!({"kept": true, "few": FEW, "together": together, "days": days})))
}

/// The same for a program that collects figures.
async fn metrics(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Response> {
    if !app.has_figures {
        return Err(Refused(Refusal::Missing, headers));
    }
    let now_ms = Timestamp::now().as_millisecond();
    let together = app.look(&headers, move |records| records.figures.together(now_ms)).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], prometheus(&together)).into_response())
}
