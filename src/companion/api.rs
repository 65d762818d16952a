//! The requests. Who sends them was let in by the guard of `server.rs`.

use std::{convert::Infallible, rc::Rc, sync::atomic::Ordering::Relaxed, time::Duration};

use axum::{
    Extension, Json, Router,
    extract::{FromRequest, Path, Query, Request, State as Shared, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
    routing::{delete, get, post},
};
use jiff::Timestamp;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{sync::mpsc, time};
use tokio_stream::wrappers::ReceiverStream;

use super::{
    Setting, Touch, kept, money,
    pairing::{self, Paired},
    records::Records,
    refusal::Refusal,
    server::{Answer, App, Caller, Wish},
};
use crate::{
    action::{Account, ConversationId, ConversationLine, MessageId, MessageLine, Undo},
    intent::{
        contacts::{Contact, ContactId, ContactKind},
        fold,
    },
    store::StoreError,
};

/// The level is shown so often.
const LEVEL_EVERY: Duration = Duration::from_millis(100);
/// A page that takes nothing for so long has gone.
const PATIENCE: Duration = Duration::from_secs(10);
/// A line that says nothing keeps the connection, and finds out whether it is still there.
const STILL_HERE: Duration = Duration::from_secs(15);
/// Pages that may follow at once.
const FOLLOWERS: usize = 32;
/// Most lines of one answer.
pub(super) const LINES: u32 = 200;

const FILES: &[(&str, &str, &[u8])] = &[
    ("/car.js", "text/javascript; charset=utf-8", include_bytes!("assets/car.js")),
    ("/contacts.js", "text/javascript; charset=utf-8", include_bytes!("assets/contacts.js")),
    ("/conversations.js", "text/javascript; charset=utf-8", include_bytes!("assets/conversations.js")),
    ("/home.js", "text/javascript; charset=utf-8", include_bytes!("assets/home.js")),
    ("/icon.svg", "image/svg+xml", include_bytes!("assets/icon.svg")),
    ("/", "text/html; charset=utf-8", include_bytes!("assets/index.html")),
    ("/kept.js", "text/javascript; charset=utf-8", include_bytes!("assets/kept.js")),
    ("/live.js", "text/javascript; charset=utf-8", include_bytes!("assets/live.js")),
    ("/money.js", "text/javascript; charset=utf-8", include_bytes!("assets/money.js")),
    ("/outbox.js", "text/javascript; charset=utf-8", include_bytes!("assets/outbox.js")),
    ("/page.css", "text/css; charset=utf-8", include_bytes!("assets/page.css")),
    ("/page.js", "text/javascript; charset=utf-8", include_bytes!("assets/page.js")),
    ("/page.webmanifest", "application/manifest+json", include_bytes!("assets/page.webmanifest")),
    ("/pair.js", "text/javascript; charset=utf-8", include_bytes!("assets/pair.js")),
    ("/parts.js", "text/javascript; charset=utf-8", include_bytes!("assets/parts.js")),
    ("/payees.js", "text/javascript; charset=utf-8", include_bytes!("assets/payees.js")),
    ("/point.js", "text/javascript; charset=utf-8", include_bytes!("assets/point.js")),
    ("/proposal.js", "text/javascript; charset=utf-8", include_bytes!("assets/proposal.js")),
    ("/settings.js", "text/javascript; charset=utf-8", include_bytes!("assets/settings.js")),
    ("/trail.js", "text/javascript; charset=utf-8", include_bytes!("assets/trail.js")),
    ("/wallet.js", "text/javascript; charset=utf-8", include_bytes!("assets/wallet.js")),
    ("/words.js", "text/javascript; charset=utf-8", include_bytes!("assets/words.js")),
];

pub(super) fn routes() -> Router<App> {
    let mut router = Router::new()
        .route("/api/pair", post(pair))
        .route("/api/live", get(live))
        .route("/api/touch", post(touch))
        .route("/api/conversations", get(conversations))
        .route("/api/messages", get(messages))
        .route("/api/conversations/{id}/read", post(read))
        .route("/api/search", get(search))
        .route("/api/outbox", get(outbox))
        .route("/api/outbox/{id}/{act}", post(outbox_act))
        .route("/api/contacts", get(contacts))
        .route("/api/contacts/{id}/nicknames", post(nicknames))
        .route("/api/contacts/{id}/forget", post(forget))
        .route("/api/settings", get(settings).post(set))
        .route("/api/why", get(why))
        .merge(kept::routes())
        .merge(money::routes())
        .route("/api/erase", post(erase))
        .route("/api/devices", get(devices))
        .route("/api/devices/{id}", delete(revoke));
    for (path, kind, bytes) in FILES {
        router = router.route(path, get(|| async { ([(header::CONTENT_TYPE, *kind)], *bytes) }));
    }
    router.fallback(|headers: HeaderMap| async move { Refusal::Missing.told(&headers) })
}

/// A refusal with the headers it needs to speak the language of whoever asks.
pub(super) struct Refused(pub Refusal, pub HeaderMap);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.0.told(&self.1)
    }
}

pub(super) type Answered<T> = Result<T, Refused>;

/// A body of JSON, refused as the contract says where it is none.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        let headers = request.headers().clone();
        let read: Result<Json<T>, JsonRejection> = Json::from_request(request, app).await;
        read.map(|Json(value)| Self(value)).map_err(|_| Refused(Refusal::Malformed, headers))
    }
}

impl App {
    /// Has something looked up or changed.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        headers: &HeaderMap,
        work: impl FnOnce(&mut Records) -> Result<T, StoreError> + Send + 'static,
    ) -> Answered<T> {
        self.desk.ask(work).await.map_err(|unanswered| Refused(unanswered.into(), headers.clone()))
    }
}

// ── pairing ─────────────────────────────────────────────────────────────────

#[derive(Deserialize)]
struct Code {
    code: String,
    #[serde(default)]
    name: String,
}

async fn pair(Shared(app): Shared<App>, headers: HeaderMap, Body(code): Body<Code>) -> Answered<Json<Value>> {
    let now_ms = Timestamp::now().as_millisecond();
    let paired =
        app.look(&headers, move |records| pairing::pair(&records.store, now_ms, code.code.trim(), &code.name)).await?;
    match paired {
        Paired::Token(token) => Ok(Json(json!({"token": token}))),
        Paired::Wrong => Err(Refused(Refusal::WrongCode, headers)),
        Paired::Locked(seconds) => Err(Refused(Refusal::TooMany(seconds), headers)),
    }
}

async fn devices(
    Shared(app): Shared<App>,
    Extension(Caller(this)): Extension<Caller>,
    headers: HeaderMap,
) -> Answered<impl IntoResponse> {
    app.look(&headers, move |records| pairing::devices(&records.store, &this)).await.map(Json)
}

async fn revoke(Shared(app): Shared<App>, headers: HeaderMap, Path(id): Path<String>) -> Answered<StatusCode> {
    let was_one = app.look(&headers, move |records| pairing::revoke(&records.store, &id)).await?;
    app.revoked.send_modify(|count| *count += 1);
    if was_one { Ok(StatusCode::NO_CONTENT) } else { Err(Refused(Refusal::Missing, headers)) }
}

// ── what happens ────────────────────────────────────────────────────────────

async fn live(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<impl IntoResponse> {
    if app.followers.fetch_add(1, Relaxed) >= FOLLOWERS {
        app.followers.fetch_sub(1, Relaxed);
        return Err(Refused(Refusal::Busy, headers));
    }
    let (events, received) = mpsc::channel(4);
    tokio::spawn(async move {
        follow(&app, &events).await;
        app.followers.fetch_sub(1, Relaxed);
    });
    Ok(Sse::new(ReceiverStream::new(received)).keep_alive(KeepAlive::new().interval(STILL_HERE)))
}

type Events = mpsc::Sender<Result<sse::Event, Infallible>>;

/// Tells one page what changes, until it has gone or a device was let in no more: whoever may still come in comes again.
async fn follow(app: &App, events: &Events) {
    let (mut state, mut revoked) = (app.state.clone(), app.revoked.subscribe());
    state.mark_changed();
    let mut ticks = time::interval(LEVEL_EVERY);
    let mut shown_level = f32::NAN;
    loop {
        let event = tokio::select! {
            changed = state.changed() => match changed {
                Ok(()) => sse::Event::default().event("state").json_data(&**state.borrow_and_update()),
                Err(_) => return,
            },
            _ = ticks.tick() => {
                let level = f32::from_bits(app.level.load(Relaxed));
                if (level - shown_level).abs() < 0.01 || state.borrow().moving {
                    if events.is_closed() {
                        return;
                    }
                    continue;
                }
                shown_level = level;
                sse::Event::default().event("level").json_data(json!({"level": level}))
            },
            _ = revoked.changed() => return,
        };
        let Ok(event) = event else { return };
        if events.send_timeout(Ok(event), PATIENCE).await.is_err() {
            return;
        }
    }
}

async fn touch(Shared(app): Shared<App>, headers: HeaderMap, Body(touch): Body<Touch>) -> Answered<Response> {
    told(app.wish(Wish::Touch(touch)).await, headers)
}

pub(super) fn told(answer: Result<Answer, Refusal>, headers: HeaderMap) -> Answered<Response> {
    match answer {
        Ok(Answer::Done(state)) => Ok(Json(state).into_response()),
        Ok(Answer::Stale(state)) => {
            Ok((StatusCode::CONFLICT, Json(json!({"error": "stale", "state": state}))).into_response())
        }
        Ok(Answer::Invalid(field)) => Err(Refused(Refusal::Invalid(field), headers)),
        Ok(Answer::Refused) => Err(Refused(Refusal::Malformed, headers)),
        Ok(Answer::WrongPin(left)) => Err(Refused(Refusal::WrongPin(left), headers)),
        Ok(Answer::Locked(seconds)) => Err(Refused(Refusal::PinLocked(seconds), headers)),
        Err(refusal) => Err(Refused(refusal, headers)),
    }
}

async fn settings(Shared(app): Shared<App>) -> Json<Value> {
    let state = app.state.borrow();
    Json(json!({
        "lang": state.lang, "profile": state.profile, "moving": state.moving, "muted": state.muted,
        "volume": state.volume, "loudest": state.loudest,
        "quiet_from": state.quiet_from, "quiet_to": state.quiet_to,
    }))
}

async fn set(Shared(app): Shared<App>, headers: HeaderMap, Body(setting): Body<Setting>) -> Answered<Response> {
    told(app.wish(Wish::Set(setting)).await, headers)
}

// ── conversations ───────────────────────────────────────────────────────────

async fn conversations(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Json<Vec<Value>>> {
    let lines = app.look(&headers, |records| records.inbox.conversations(&Account::owner())).await?;
    Ok(Json(lines.iter().map(conversation).collect()))
}

fn conversation(line: &ConversationLine) -> Value {
    let names: Vec<&str> = line.people.iter().map(|person| person.name.as_str()).collect();
    let contact = if let [only] = line.people.as_slice() { only.contact_id } else { None };
    let last = line.last.as_ref().map(|last| json!({"body": last.body, "mine": last.mine, "at": last.at}));
    json!({
        "id": line.id.as_str(), "name": names.join(", "), "group": names.len() > 1, "contact": contact,
        "unread": line.unread, "last": last,
    })
}

fn message(line: &MessageLine) -> Value {
    json!({
        "id": line.id.as_str(), "conversation": line.conversation.as_str(), "from": line.from, "mine": line.mine,
        "body": line.body, "kind": line.kind.as_str(), "status": line.status.as_str(), "at": line.at,
    })
}

#[derive(Deserialize)]
struct Which {
    conversation: String,
    before: Option<String>,
    around: Option<String>,
    limit: Option<u32>,
}

async fn messages(
    Shared(app): Shared<App>,
    headers: HeaderMap,
    Query(which): Query<Which>,
) -> Answered<Json<Vec<Value>>> {
    let parse = |id: Option<&str>| id.map(MessageId::parse).transpose();
    let (Ok(before), Ok(around)) = (parse(which.before.as_deref()), parse(which.around.as_deref())) else {
        return Err(Refused(Refusal::Malformed, headers));
    };
    let (id, most) = (ConversationId::from_network(which.conversation), which.limit.unwrap_or(50).min(LINES));
    let is_own = id.account() == Account::owner();
    let lines = app
        .look(&headers, move |records| match around {
            _ if !is_own => Ok(Vec::new()),
            Some(middle) => records.inbox.around(&id, &middle, most),
            None => records.inbox.conversation(&id, before.as_ref(), most),
        })
        .await?;
    Ok(Json(lines.iter().map(message).collect()))
}

#[derive(Deserialize)]
struct UpTo {
    upto: String,
}

async fn read(
    Shared(app): Shared<App>,
    headers: HeaderMap,
    Path(id): Path<String>,
    Body(UpTo { upto }): Body<UpTo>,
) -> Answered<StatusCode> {
    let Ok(last) = MessageId::parse(&upto) else { return Err(Refused(Refusal::Malformed, headers)) };
    let conversation = ConversationId::from_network(id);
    match app.wish(Wish::Read { conversation, last }).await {
        Ok(Answer::Done(_)) => Ok(StatusCode::NO_CONTENT),
        Ok(Answer::Stale(_) | Answer::Refused | Answer::Invalid(_) | Answer::WrongPin(_) | Answer::Locked(_)) => {
            Err(Refused(Refusal::Missing, headers))
        }
        Err(refusal) => Err(Refused(refusal, headers)),
    }
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    id: Option<i64>,
    limit: Option<u32>,
}

async fn search(
    Shared(app): Shared<App>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Answered<Json<Vec<Value>>> {
    let most = wanted.limit.unwrap_or(50).min(LINES);
    let lines = app.look(&headers, move |records| records.inbox.search(&wanted.q, most)).await?;
    let own = lines.iter().filter(|line| line.conversation.account() == Account::owner());
    Ok(Json(own.map(found).collect()))
}

/// A message with the name of its conversation.
fn found(line: &MessageLine) -> Value {
    let mut value = message(line);
    value["name"] = if line.mine { line.to.join(", ") } else { line.from.clone() }.into();
    value
}

// ── outbox ──────────────────────────────────────────────────────────────────

async fn outbox(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Json<Vec<Value>>> {
    let waiting = app.look(&headers, |records| records.outbox.waiting()).await?;
    let own = waiting.iter().filter(|waiting| waiting.entry.conversation.account() == Account::owner());
    let line = own.map(|waiting| {
        let to: Vec<&str> = waiting.entry.to.iter().map(|person| person.name.as_str()).collect();
        json!({
            "id": waiting.entry.id.as_str(), "to": to, "body": waiting.entry.body, "status": waiting.status.as_str(),
            "reason": waiting.reason.map(|reason| reason.as_str()), "at": waiting.at,
        })
    });
    Ok(Json(line.collect()))
}

async fn outbox_act(
    Shared(app): Shared<App>,
    headers: HeaderMap,
    Path((id, act)): Path<(String, String)>,
) -> Answered<StatusCode> {
    let Ok(id) = MessageId::parse(&id) else { return Err(Refused(Refusal::Missing, headers)) };
    let done = match act.as_str() {
        "retry" => app.look(&headers, move |records| records.outbox.retry(&id)).await?,
        "drop" => {
            let dropped = app.look(&headers, move |records| records.outbox.undo(&id)).await?;
            dropped == Undo::Undone
        }
        _ => return Err(Refused(Refusal::Missing, headers)),
    };
    if done { Ok(StatusCode::NO_CONTENT) } else { Err(Refused(Refusal::TooLate, headers)) }
}

// ── contacts ────────────────────────────────────────────────────────────────

async fn contacts(
    Shared(app): Shared<App>,
    headers: HeaderMap,
    Query(wanted): Query<Wanted>,
) -> Answered<Json<Vec<Value>>> {
    let found = app.look(&headers, move |records| listed(records, &wanted)).await?;
    Ok(Json(found))
}

/// One contact, or those one of whose names holds the words, in the order of the letters.
fn listed(records: &mut Records, asked: &Wanted) -> Result<Vec<Value>, StoreError> {
    let wanted = fold(&asked.q);
    let is_wanted = |contact: &&Contact| {
        if let Some(id) = asked.id {
            return contact.id == ContactId(id);
        }
        let mut names = std::iter::once(&contact.name).chain(&contact.nicknames);
        names.any(|name| fold(name).contains(&wanted))
    };
    let mut found: Vec<Contact> = records.book()?.contacts().iter().filter(is_wanted).cloned().collect();
    found.sort_by_cached_key(|contact| fold(&contact.name));
    found.truncate(LINES as usize);
    let store = Rc::clone(&records.store);
    let book = records.book()?;
    found
        .into_iter()
        .map(|contact| {
            let learned = book.learned(&store, contact.id)?;
            Ok(json!({
                "id": contact.id.0, "name": contact.name, "group": contact.kind == ContactKind::Group,
                "nicknames": contact.nicknames, "learned": learned,
            }))
        })
        .collect()
}

#[derive(Deserialize)]
struct Nickname {
    add: Option<String>,
    remove: Option<String>,
}

async fn nicknames(
    Shared(app): Shared<App>,
    headers: HeaderMap,
    Path(id): Path<i64>,
    Body(change): Body<Nickname>,
) -> Answered<StatusCode> {
    let changed = app
        .look(&headers, move |records| {
            let store = Rc::clone(&records.store);
            let book = records.book()?;
            match (change.add, change.remove) {
                (Some(name), _) => book.add_nickname(&store, ContactId(id), &name),
                (None, Some(name)) => book.remove_nickname(&store, ContactId(id), &name),
                (None, None) => Ok(false),
            }
        })
        .await?;
    if changed { Ok(StatusCode::NO_CONTENT) } else { Err(Refused(Refusal::Taken, headers)) }
}

#[derive(Deserialize)]
struct HeardAs {
    heard: String,
}

async fn forget(
    Shared(app): Shared<App>,
    headers: HeaderMap,
    Path(id): Path<i64>,
    Body(HeardAs { heard }): Body<HeardAs>,
) -> Answered<StatusCode> {
    let forgot = app
        .look(&headers, move |records| {
            let store = Rc::clone(&records.store);
            records.book()?.forget(&store, ContactId(id), &heard)
        })
        .await?;
    if forgot { Ok(StatusCode::NO_CONTENT) } else { Err(Refused(Refusal::Missing, headers)) }
}

// ── what Herald did ─────────────────────────────────────────────────────────

async fn why(Shared(app): Shared<App>, headers: HeaderMap) -> Answered<Json<Vec<Value>>> {
    let lines = app.look(&headers, |records| records.audit.list()).await?;
    let newest = lines.iter().rev().take(LINES as usize);
    Ok(Json(newest.map(|line| json!({"at": line.at, "what": line.deed.as_str(), "who": line.who})).collect()))
}

#[derive(Deserialize)]
struct Sure {
    sure: String,
}

async fn erase(Shared(app): Shared<App>, headers: HeaderMap, Body(Sure { sure }): Body<Sure>) -> Answered<StatusCode> {
    if sure != "erase" {
        return Err(Refused(Refusal::Malformed, headers));
    }
    app.look(&headers, |records| {
        records.inbox.erase()?;
        let store = Rc::clone(&records.store);
        records.book()?.forget_all(&store)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
