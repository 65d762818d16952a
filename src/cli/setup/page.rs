//! `herald setup page`: the six digits that let one browser see the touch page.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::json;

use crate::{
    cli::{CommandError, Context, Global, Kind, listen::needs_daemon},
    companion::{self, CODE_LIVES_MS},
    config::PageFor,
    store::Store,
};

pub(super) fn run(global: &Global) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    if context.config.companion.page == PageFor::Off {
        return Err(CommandError::new(Kind::Unavailable, "the touch page is turned off")
            .hint("set page = \"device\" or \"home\" under [companion], then restart Herald"));
    }
    needs_daemon(&context)?;
    let store = Store::open(&context.dirs.data)?;
    let invitation = companion::invite(&store, Timestamp::now().as_millisecond())?;
    if invitation.link.is_empty() {
        return Err(CommandError::new(Kind::Unavailable, "this Herald serves no touch page: its port was taken")
            .hint("set another port under [companion], or 0 for any that is free, then restart Herald"));
    }
    let minutes = CODE_LIVES_MS / 60_000;
    let (link, code) = (&invitation.link, &invitation.code);
    let text = if global.json {
        json!({"link": link, "code": code, "fingerprint": invitation.fingerprint, "minutes": minutes}).to_string()
    } else {
        let mut text =
            format!("Open {link}/#{code}\nor open {link} and type {code}. Good for one browser, {minutes} minutes.");
        if !invitation.fingerprint.is_empty() {
            text.push_str(
                "\nThe browser warns once, as nobody signs names at home. Compare the certificate's SHA-256:\n",
            );
            text.push_str(&invitation.fingerprint);
        }
        text
    };
    writeln!(io::stdout(), "{text}").map_err(|error| CommandError::new(Kind::CannotWrite, error))
}
