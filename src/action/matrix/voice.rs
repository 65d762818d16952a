//! A voice message as an event: the sound is uploaded, encrypted where the room is, and the event says where it lies.
//!
//! Its form is `m.audio` with the marks of a voice message that clients agree on (MSC3245, MSC1767); the words that were
//! recognised go along as its caption (MSC2530), for who cannot listen.

use std::io::Cursor;

use matrix_sdk::Room;
use serde_json::{Map, Value, json};

use super::failure;
use crate::action::{NetworkError, Reason, Recording};

/// Ogg with Opus (RFC 7845, 9).
const MEDIA_TYPE: &str = "audio/ogg";
/// What the file is called where it is saved.
const FILE_NAME: &str = "voice.ogg";

/// Uploads a voice message; returns the fields that make an event of it.
pub(super) async fn content(
    room: &Room,
    recording: &Recording,
    words: &str,
) -> Result<Map<String, Value>, NetworkError> {
    let state = room.latest_encryption_state().await.map_err(|error| failure::of(&error))?;
    let mut content = Map::new();
    if state.is_encrypted() {
        let mut sound = Cursor::new(&recording.ogg);
        let uploaded = room.client().upload_encrypted_file(&mut sound).await;
        let file = serde_json::to_value(uploaded.map_err(|error| failure::of(&error))?);
        content.insert("file".to_owned(), file.map_err(|_| NetworkError::Refused(Reason::Refused))?);
    } else {
        let media_type = MEDIA_TYPE.parse().map_err(|_| NetworkError::Refused(Reason::Refused))?;
        let uploaded = room.client().media().upload(&media_type, recording.ogg.clone(), None).await;
        let uploaded = uploaded.map_err(|error| failure::of(&error))?;
        content.insert("url".to_owned(), json!(uploaded.content_uri));
    }
    let duration_ms = recording.duration_ms;
    let about = json!({
        "msgtype": "m.audio",
        "body": words,
        "filename": FILE_NAME,
        "info": { "mimetype": MEDIA_TYPE, "size": recording.ogg.len(), "duration": duration_ms },
        "org.matrix.msc1767.audio": { "duration": duration_ms },
        "org.matrix.msc3245.voice": {},
    });
    content.extend(about.as_object().cloned().unwrap_or_default());
    Ok(content)
}
