//! `herald chat`: the line that a shop's page needs, and whether visitors are served.

use std::net::SocketAddr;

use serde::Serialize;

use super::{CommandError, Context, Global, output};
use crate::{
    action::chat,
    store::{self, Store, StoreError},
};

/// What there is to know.
#[derive(Debug, Serialize)]
struct Shop {
    /// The configuration wants it.
    open: bool,
    /// A Herald that runs serves visitors.
    served: bool,
    link: String,
    line: String,
    origins: Vec<String>,
}

pub(super) fn run(global: &Global) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let config = &context.config.chat;
    let is_running = matches!(store::lock(&context.dirs.data), Err(StoreError::AlreadyRunning { .. }));
    let told = if is_running { chat::link(&Store::open(&context.dirs.data)?)? } else { String::new() };
    let configured = || match config.link.as_str() {
        "" => format!("http://{}", SocketAddr::new(config.address, config.port)),
        link => link.to_owned(),
    };
    let served = config.open && !told.is_empty();
    let link = if served { told } else { configured() };
    let line = format!("<script src=\"{link}/chat.js\" async></script>");
    let shop = Shop { open: config.open, served, link, line, origins: config.origins.clone() };
    if context.json {
        return output::json(&shop);
    }
    output::line(&shop.line)?;
    if !shop.open {
        return output::line("closed: set open = true and origins under [chat]");
    }
    let who = shop.origins.join(", ");
    output::line(if shop.served {
        format!("open: visitors of {who} are served")
    } else {
        format!("open for {who}, but no Herald serves visitors now: herald run")
    })
}
