//! The requests of a visitor's window. Who sends them was let in by the guard of `site.rs`; all but the beginning of a visit
//! bear its token.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{ConnectInfo, FromRequest, FromRequestParts, Query, Request, State as Shared, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
    routing::{get, post},
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time};
use tokio_stream::wrappers::ReceiverStream;
use uuid::Uuid;

use super::{
    refusal::Refusal,
    site::{App, Window},
    visits::Line,
};
use crate::{action::web, config::Lang};

/// Where the script is.
pub(super) const SCRIPT: &str = "/chat.js";
/// A window that takes nothing for so long has gone.
const PATIENCE: Duration = Duration::from_secs(10);
/// A line that says nothing keeps the connection, and finds out whether it is still there.
const STILL_HERE: Duration = Duration::from_secs(15);
/// After a request that the database had no time for.
const AGAIN: Duration = Duration::from_millis(50);
/// Characters of a message, and of what a window calls it.
const LONGEST: usize = 2_000;
const LONGEST_NONCE: usize = 64;
/// Lines of one answer.
const LINES: u32 = 50;

pub(super) fn routes() -> Router<App> {
    let script =
        || async { ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("assets/chat.js")) };
    Router::new()
        .route(SCRIPT, get(script))
        .route("/chat/visits", post(begin))
        .route("/chat/messages", post(write))
        .route("/chat/history", get(history))
        .route("/chat/live", get(live))
        .fallback(|headers: HeaderMap| async move { Refusal::Missing.told(&headers) })
}

/// A refusal with the headers it needs to speak the language of whoever asks.
struct Refused(Refusal, HeaderMap);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.told(&self.1)
    }
}

type Answered<T> = Result<T, Refused>;

/// Whoever bears the token of a visit.
struct Visitor {
    id: String,
    headers: HeaderMap,
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let headers = parts.headers.clone();
        match web::bearer(&headers).and_then(|token| app.key.verify(token)) {
            Some(id) => Ok(Self { id: id.to_string(), headers }),
            None => Err(Refused(Refusal::Unknown, headers)),
        }
    }
}

impl Visitor {
    fn refused(&self, refusal: impl Into<Refusal>) -> Refused {
        Refused(refusal.into(), self.headers.clone())
    }
}

/// A body of JSON, refused as the contract says where it is none.
struct Body<T>(T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        let headers = request.headers().clone();
        let read: Result<Json<T>, JsonRejection> = Json::from_request(request, app).await;
        read.map(|Json(value)| Self(value)).map_err(|rejection| {
            let is_long = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
            Refused(if is_long { Refusal::TooLong } else { Refusal::Malformed }, headers)
        })
    }
}

/// Where a request comes from: behind a web server on this device, as that one says.
fn address(peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let named = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let nearest = named.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    nearest.filter(|_| peer.ip().is_loopback()).unwrap_or_else(|| peer.ip())
}

async fn begin(
    Shared(app): Shared<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Answered<Json<Value>> {
    let refused = |refusal: Refusal| Refused(refusal, headers.clone());
    app.count_visit(address(peer, &headers)).map_err(refused)?;
    let id = Uuid::now_v7();
    let (lang, bot) = (web::lang_of(&headers), app.bot.clone());
    let begun = app.desk.ask(move |visits| visits.begin(id, lang, &bot, Timestamp::now().as_millisecond())).await;
    begun.map_err(|unanswered| refused(unanswered.into()))?;
    Ok(Json(json!({"token": app.key.sign(id)})))
}

#[derive(Deserialize)]
struct Message {
    nonce: String,
    body: String,
}

async fn write(
    Shared(app): Shared<App>,
    visitor: Visitor,
    Body(Message { nonce, body }): Body<Message>,
) -> Answered<Json<Value>> {
    let body = body.trim().to_owned();
    let is_nonce = (1..=LONGEST_NONCE).contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_graphic());
    if body.is_empty() || !is_nonce {
        return Err(visitor.refused(Refusal::Malformed));
    }
    if body.chars().count() > LONGEST {
        return Err(visitor.refused(Refusal::TooLong));
    }
    app.count_message(&visitor.id).map_err(|refusal| visitor.refused(refusal))?;
    let (id, bot) = (visitor.id.clone(), app.bot.clone());
    let now_ms = Timestamp::now().as_millisecond();
    let written = app.desk.ask(move |visits| visits.write(&id, &nonce, &body, &bot, now_ms)).await;
    let written = written.map_err(|unanswered| visitor.refused(unanswered))?;
    let written = written.ok_or_else(|| visitor.refused(Refusal::Unknown))?;
    app.tell(&visitor.id, written.newest);
    Ok(Json(json!({"message": written.line, "bot": written.by_bot})))
}

#[derive(Deserialize)]
struct Before {
    before: Option<i64>,
}

async fn history(
    Shared(app): Shared<App>,
    visitor: Visitor,
    Query(Before { before }): Query<Before>,
) -> Answered<Json<Vec<Line>>> {
    let id = visitor.id.clone();
    let lines = app.desk.ask(move |visits| visits.before(&id, before.unwrap_or(i64::MAX), LINES)).await;
    lines.map(Json).map_err(|unanswered| visitor.refused(unanswered))
}

#[derive(Deserialize)]
struct After {
    after: Option<i64>,
}

async fn live(
    Shared(app): Shared<App>,
    visitor: Visitor,
    Query(After { after }): Query<After>,
) -> Answered<impl IntoResponse> {
    let id = visitor.id.clone();
    let stage = app.desk.ask(move |visits| visits.stage(&id)).await;
    let stage = stage.map_err(|unanswered| visitor.refused(unanswered))?;
    let by_bot = stage.ok_or_else(|| visitor.refused(Refusal::Unknown))?;
    let window = app.follow(&visitor.id).map_err(|refusal| visitor.refused(refusal))?;
    let lang = web::lang_of(&visitor.headers);
    let follower = Follower { app, visitor: visitor.id, window, lang, by_bot, seen: after.unwrap_or(0) };
    let (events, received) = mpsc::channel(4);
    tokio::spawn(follower.follow(events));
    Ok(Sse::new(ReceiverStream::new(received)).keep_alive(KeepAlive::new().interval(STILL_HERE)))
}

type Events = mpsc::Sender<Result<sse::Event, Infallible>>;

/// One open window.
struct Follower {
    app: App,
    visitor: String,
    window: Window,
    lang: Lang,
    by_bot: bool,
    /// The last line it was sent.
    seen: i64,
}

impl Follower {
    /// Tells the window what changes, until it has gone.
    async fn follow(mut self, events: Events) {
        let mut there = self.app.there.clone();
        there.mark_changed();
        self.window.newest.mark_changed();
        loop {
            let told = tokio::select! {
                changed = there.changed() => match changed {
                    Ok(()) => {
                        let state = self.state(*there.borrow_and_update());
                        send(&events, "state", &state).await
                    }
                    Err(_) => return,
                },
                changed = self.window.newest.changed() => match changed {
                    Ok(()) => self.lines(&events).await,
                    Err(_) => return,
                },
                () = events.closed() => return,
            };
            if told.is_none() {
                return;
            }
        }
    }

    /// Sends all lines that the window does not have; `None` when it has gone.
    async fn lines(&mut self, events: &Events) -> Option<()> {
        loop {
            let (visitor, seen) = (self.visitor.clone(), self.seen);
            let Ok(lines) = self.app.desk.ask(move |visits| visits.after(&visitor, seen, LINES)).await else {
                time::sleep(AGAIN).await;
                if events.is_closed() {
                    return None;
                }
                continue;
            };
            if lines.is_empty() {
                return Some(());
            }
            for line in lines {
                self.seen = line.seq;
                send(events, "line", &line).await?;
            }
        }
    }

    fn state(&self, is_there: bool) -> Value {
        let config = &self.app.config;
        let away = match self.lang {
            Lang::En => &config.away_en,
            Lang::Fr => &config.away_fr,
        };
        let menu = if self.by_bot { self.app.bot.labels(self.lang) } else { Vec::new() };
        json!({"there": is_there, "away": away, "name": config.name, "menu": menu})
    }
}

async fn send(events: &Events, name: &str, data: &impl serde::Serialize) -> Option<()> {
    let event = sse::Event::default().event(name).json_data(data).ok()?;
    events.send_timeout(Ok(event), PATIENCE).await.ok()
}
