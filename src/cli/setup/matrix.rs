//! `herald setup matrix`: signs this device in. What is not given is asked for; the password is never an argument, which
//! others on the machine could see.

use std::{
    io::{self, BufRead, IsTerminal},
    path::Path,
};

use clap::Args;
use dialoguer::{Input, Password};
use serde::Serialize;

use crate::{
    action::{
        NetworkError, Reason,
        matrix::{Access, SignIn, sign_in},
    },
    cli::{CommandError, Context, Global, Kind, context, output},
    store,
};

use super::{sentences as say, talk::Talk};

/// Arguments of `herald setup matrix`.
#[derive(Debug, Args)]
pub struct MatrixArgs {
    /// Address of the homeserver, such as https://matrix.org
    #[arg(long, value_name = "URL")]
    homeserver: Option<String>,
    /// User name on it; the password is asked for, or read from standard input
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
}

/// Who is signed in, as `--json` prints it.
#[derive(Debug, Serialize)]
struct SignedIn<'a> {
    user: &'a str,
    device: &'a str,
}

pub(in crate::cli) fn run(global: &Global, args: &MatrixArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let _lock = store::lock(&context.dirs.data)?;
    let how = SignIn {
        homeserver: given(args.homeserver.as_ref(), "Homeserver", "--homeserver")?,
        user: given(args.user.as_ref(), "User", "--user")?,
        password: password()?,
    };
    let access = sign_in(&context.dirs.data, &how).map_err(explained)?;
    if context.json {
        return output::json(&SignedIn { user: access.user(), device: access.device() });
    }
    output::line(format!("Signed in as {}, device {}.", access.user(), access.device()))?;
    output::line("`[action] network = \"matrix\"` in the configuration makes it the network.")
}

/// Asks who to sign in as and does so, where nobody is signed in; returns whether somebody is now.
///
/// # Errors
/// Kind `CannotWrite` when the terminal is gone. What else fails is told, and may be tried again.
pub(super) fn walk(talk: &Talk, data: &Path) -> Result<bool, CommandError> {
    let mut signed_in = Access::read(data).map_err(CommandError::from);
    loop {
        match signed_in {
            Ok(Some(access)) => {
                talk.tell_with(say::SIGNED_IN, &[access.user(), access.device()])?;
                return Ok(true);
            }
            Ok(None) => {}
            Err(error) => {
                talk.show(error)?;
                if talk.choose_of(say::WHAT_NOW, &[say::GO_ON, say::TRY_AGAIN])? == 0 {
                    return Ok(false);
                }
            }
        }
        let homeserver = talk.ask(say::HOMESERVER, "")?;
        if homeserver.is_empty() {
            return Ok(false);
        }
        let how = SignIn { homeserver, user: talk.ask(say::USER, "")?, password: talk.ask_secret(say::PASSWORD)? };
        signed_in = sign_in_as(data, &how).map(Some);
    }
}

fn sign_in_as(data: &Path, how: &SignIn) -> Result<Access, CommandError> {
    context::make_writable(data)?;
    let _lock = store::lock(data)?;
    sign_in(data, how).map_err(explained)
}

fn explained(error: NetworkError) -> CommandError {
    let (kind, message, hint) = match error {
        NetworkError::Refused(Reason::Forbidden) => (
            Kind::Unavailable,
            "the homeserver refuses this user and password",
            "try them in another Matrix client; the user is `name` or `@name:server`",
        ),
        NetworkError::Refused(Reason::Refused) => {
            (Kind::Usage, "somebody else is signed in here", "give another --data-dir")
        }
        NetworkError::Refused(_) | NetworkError::Unreachable | NetworkError::NoAnswer => (
            Kind::Unavailable,
            "there is no homeserver at this address",
            "give it as https://server, as another Matrix client shows it",
        ),
        NetworkError::Busy { .. } | NetworkError::SignedOut | NetworkError::NotBuilt(_) | NetworkError::Store(_) => {
            return error.into();
        }
    };
    CommandError::new(kind, message).hint(hint)
}

fn given(given: Option<&String>, what: &str, flag: &str) -> Result<String, CommandError> {
    match given {
        Some(given) => Ok(given.clone()),
        None if io::stdin().is_terminal() => {
            Input::new().with_prompt(what).interact_text().map_err(|error| unasked(&error))
        }
        None => Err(CommandError::new(Kind::Usage, format!("{flag} is missing"))),
    }
}

fn password() -> Result<String, CommandError> {
    if io::stdin().is_terminal() {
        return Password::new().with_prompt("Password").interact().map_err(|error| unasked(&error));
    }
    let line = io::stdin().lock().lines().next();
    let line = line.transpose().map_err(|error| CommandError::new(Kind::Input, format!("standard input: {error}")))?;
    line.ok_or_else(|| CommandError::new(Kind::Usage, "no password on standard input"))
}

fn unasked(error: &dialoguer::Error) -> CommandError {
    CommandError::new(Kind::Input, format!("the terminal: {error}"))
}
