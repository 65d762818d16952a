//! Results on stdout: one line each, flushed, as JSON or as text for a person.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use serde::Serialize;

use super::{CommandError, Kind};

/// Prints a line of text.
///
/// # Errors
/// Kind `CannotWrite`; a reader that has gone away (`herald ... | head`) is no error.
pub(super) fn line(text: impl Display) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(CommandError::new(Kind::CannotWrite, format!("cannot write the results: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a value as one line of JSON.
///
/// # Errors
/// As [`line`]; kind `Internal` when the value has no JSON form.
pub(super) fn json(value: &impl Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string(value).map_err(|error| CommandError::new(Kind::Internal, error))?;
    line(text)
}
