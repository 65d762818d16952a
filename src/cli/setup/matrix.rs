//! `herald setup matrix`: signs this device in, and makes the user's other devices trust it. What is not given is asked for; the password is never an argument, which
//! others on the machine could see.

use std::{
    io::{self, BufRead, IsTerminal},
    path::Path,
};

use clap::Args;
use dialoguer::{Confirm, Input, Password};
use serde::Serialize;

use crate::{
    action::{
        NetworkError, Reason,
        matrix::{Access, Emoji, Recovered, SignIn, prepare_recovery, recover, sign_in, verify},
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
    /// Make this device trusted by the account's recovery key, which is asked for or read from standard input
    #[arg(long, conflicts_with_all = ["homeserver", "user"])]
    recover: bool,
    /// Wait for another device of the account that wants to verify this one, and compare emoji
    #[arg(long, conflicts_with_all = ["homeserver", "user", "recover"])]
    verify: bool,
}

/// What was done, as `--json` prints it.
#[derive(Debug, Default, Serialize)]
struct Done<'a> {
    user: &'a str,
    device: &'a str,
    /// Shown once, kept nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_key: Option<String>,
    /// The user's other devices trust this one.
    trusted: bool,
}

/// The emoji of a verification, as `--json` prints them.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    emoji: &'a [Emoji],
}

pub(in crate::cli) fn run(global: &Global, args: &MatrixArgs) -> Result<(), CommandError> {
    let context = Context::load(global)?;
    let _lock = store::lock(&context.dirs.data)?;
    let data_dir = &context.dirs.data;
    let (access, recovered) = if args.recover {
        let access = signed_in(&context)?;
        let key = secret("Recovery key")?;
        let recovered = recover(data_dir, &access, &key).map_err(|error| {
            if matches!(error, NetworkError::Refused(_)) {
                return CommandError::new(Kind::Input, "this is not the account's recovery key")
                    .hint("it has 12 groups of 4 letters and digits");
            }
            explained(error)
        })?;
        (access, recovered)
    } else if args.verify {
        let access = signed_in(&context)?;
        if !context.json {
            output::line("Begin the verification in your other client: choose this device, named Herald.")?;
        }
        let mut asked = Ok(false);
        let verified = verify(data_dir, &access, |emoji| {
            asked = are_equal(&context, emoji);
            matches!(asked, Ok(true))
        });
        asked?;
        let recovered = match verified.map_err(unverified)? {
            true => Recovered::Done,
            false => return Err(CommandError::new(Kind::Unavailable, "the emoji differ: nobody is trusted")),
        };
        (access, recovered)
    } else {
        let how = SignIn {
            homeserver: given(args.homeserver.as_ref(), "Homeserver", "--homeserver")?,
            user: given(args.user.as_ref(), "User", "--user")?,
            password: secret("Password")?,
        };
        let access = sign_in(data_dir, &how).map_err(explained)?;
        let recovered = prepare_recovery(data_dir, &access, &how.password)?;
        (access, recovered)
    };
    tell(&context, &access, recovered)
}

fn signed_in(context: &Context) -> Result<Access, CommandError> {
    Access::read(&context.dirs.data)?.ok_or_else(|| NetworkError::SignedOut.into())
}

fn unverified(error: NetworkError) -> CommandError {
    if matches!(error, NetworkError::NoAnswer) {
        return CommandError::new(Kind::Unavailable, "no other device verified this one")
            .hint("begin it there within three minutes, and compare the emoji");
    }
    error.into()
}

/// Shows the emoji and asks whether the other device shows the same.
fn are_equal(context: &Context, emoji: &[Emoji]) -> Result<bool, CommandError> {
    if context.json {
        output::json(&Shown { emoji })?;
    } else {
        output::line(emoji.iter().map(|(symbol, name)| format!("{symbol} {name}")).collect::<Vec<_>>().join("   "))?;
    }
    if io::stdin().is_terminal() {
        let question = Confirm::new().with_prompt("Does the other device show the same?");
        return question.interact().map_err(|error| unasked(&error));
    }
    Ok(line("\"yes\" or \"no\"")?.trim() == "yes")
}

fn tell(context: &Context, access: &Access, recovered: Recovered) -> Result<(), CommandError> {
    if context.json {
        let (recovery_key, trusted) = match recovered {
            Recovered::Made(key) => (Some(key), true),
            Recovered::Done => (None, true),
            Recovered::Wanted => (None, false),
        };
        return output::json(&Done { user: access.user(), device: access.device(), recovery_key, trusted });
    }
    output::line(format!("Signed in as {}, device {}.", access.user(), access.device()))?;
    match recovered {
        Recovered::Made(key) => {
            output::line(
                "This is the recovery key of your account. Write it down: it is shown once and kept nowhere.",
            )?;
            output::line(format!("    {key}"))?;
        }
        Recovered::Done => output::line("Your other devices trust this one.")?,
        Recovered::Wanted => output::line(
            "Your other devices do not trust this one yet: `herald setup matrix --recover` with the recovery key, \
             or `herald setup matrix --verify` beside another device.",
        )?,
    }
    output::line("`[action] network = \"matrix\"` in the configuration makes Matrix the network.")
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
        signed_in = sign_in_as(talk, data, &how).map(Some);
    }
}

fn sign_in_as(talk: &Talk, data: &Path, how: &SignIn) -> Result<Access, CommandError> {
    context::make_writable(data)?;
    let _lock = store::lock(data)?;
    let access = sign_in(data, how).map_err(explained)?;
    match prepare_recovery(data, &access, &how.password)? {
        Recovered::Made(key) => talk.tell_with(say::RECOVERY_KEY, &[&key])?,
        Recovered::Wanted => talk.tell(say::NOT_TRUSTED)?,
        Recovered::Done => {}
    }
    Ok(access)
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
        NetworkError::Busy { .. }
        | NetworkError::SignedOut
        | NetworkError::NotBuilt(_)
        | NetworkError::Damaged(_)
        | NetworkError::Store(_) => {
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

/// What must not be seen: asked for without an echo, or read from standard input.
fn secret(what: &str) -> Result<String, CommandError> {
    if io::stdin().is_terminal() {
        return Password::new().with_prompt(what).interact().map_err(|error| unasked(&error));
    }
    line(&what.to_lowercase())
}

fn line(what: &str) -> Result<String, CommandError> {
    let line = io::stdin().lock().lines().next();
    let line = line.transpose().map_err(|error| CommandError::new(Kind::Input, format!("standard input: {error}")))?;
    line.ok_or_else(|| CommandError::new(Kind::Usage, format!("no {what} on standard input")))
}

fn unasked(error: &dialoguer::Error) -> CommandError {
    CommandError::new(Kind::Input, format!("the terminal: {error}"))
}
