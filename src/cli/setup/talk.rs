//! Questions and answers in the terminal, all on stderr: stdout is for results, and there are none.

use std::{
    fmt::Display,
    io::{self, IsTerminal, Write},
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
        mpsc::{self, SyncSender},
    },
    thread,
};

use dialoguer::{Input, Select};
use rustix::termios::{self, OptionalActions, QueueSelector};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::{Handle, Signals},
};

use super::sentences::{self, Sentence};
use crate::{
    cli::{CommandError, Kind},
    config::Lang,
};

/// How a conversation came to its end.
enum Ending {
    Finished(thread::Result<Result<(), CommandError>>),
    Interrupted,
}

/// Holds a conversation that Ctrl-C ends at once, wherever it is: it has a thread of its own, which the end of the
/// program ends too.
///
/// # Errors
/// Those of the conversation; kind `Usage` without a terminal and when it was ended, `Internal` when signals cannot be
/// watched.
pub(super) fn hold(
    lang: Lang,
    conversation: impl FnOnce(Talk) -> Result<(), CommandError> + Send + 'static,
) -> Result<(), CommandError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(no_terminal());
    }
    let mode = termios::tcgetattr(io::stdin()).map_err(|error| terminal(&error.into()))?;
    let internal = |error| CommandError::new(Kind::Internal, error);
    // Two who may tell the end, once each.
    let (sender, ending) = mpsc::sync_channel(2);
    let watch = watch(sender.clone()).map_err(internal)?;
    let is_french = Arc::new(AtomicBool::new(lang == Lang::Fr));
    let talk = Talk { lang, is_french: Arc::clone(&is_french), watch };
    let talking = move || {
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| conversation(talk)));
        // Who has been interrupted does not listen any more.
        let _ = sender.send(Ending::Finished(outcome));
    };
    thread::Builder::new().name("herald-setup".into()).spawn(talking).map_err(internal)?;
    let outcome = match ending.recv() {
        Ok(Ending::Finished(outcome)) => outcome.unwrap_or_else(|fault| panic::resume_unwind(fault)),
        Ok(Ending::Interrupted) | Err(_) => Err(ended(if is_french.load(Relaxed) { Lang::Fr } else { Lang::En })),
    };
    if outcome.is_err() {
        // A question hides the cursor, one for a secret what is typed.
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &mode);
        let _ = writeln!(io::stderr(), "\r\u{1b}[?25h");
    }
    outcome
}

/// Waits on a thread of its own for Ctrl-C.
fn watch(sender: SyncSender<Ending>) -> io::Result<Handle> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let handle = signals.handle();
    thread::Builder::new().name("herald-setup-end".into()).spawn(move || {
        if signals.forever().next().is_some() {
            // Who has finished does not listen any more.
            let _ = sender.send(Ending::Interrupted);
        }
    })?;
    Ok(handle)
}

/// The person at the terminal, in their language.
pub(super) struct Talk {
    lang: Lang,
    is_french: Arc<AtomicBool>,
    watch: Handle,
}

impl Talk {
    pub(super) const fn lang(&self) -> Lang {
        self.lang
    }

    /// Goes on in another language.
    pub(super) fn turn_to(&mut self, lang: Lang) {
        self.lang = lang;
        self.is_french.store(lang == Lang::Fr, Relaxed);
    }

    /// Lets Ctrl-C do nothing from here on: what is being written is written.
    pub(super) fn shield(&self) {
        self.watch.close();
    }

    pub(super) fn text(&self, sentence: Sentence) -> &'static str {
        sentence.of(self.lang)
    }

    pub(super) fn tell(&self, sentence: Sentence) -> Result<(), CommandError> {
        self.show(sentence.of(self.lang))
    }

    pub(super) fn tell_with(&self, sentence: Sentence, values: &[&str]) -> Result<(), CommandError> {
        self.show(sentence.with(self.lang, values))
    }

    /// Shows a line as it is.
    ///
    /// # Errors
    /// Kind `CannotWrite` when the terminal is gone.
    pub(super) fn show(&self, line: impl Display) -> Result<(), CommandError> {
        writeln!(io::stderr(), "{line}").map_err(|error| terminal(&error))
    }

    /// Asks to choose one of `items`; Enter takes `preset`. Returns its place.
    ///
    /// # Errors
    /// Kind `CannotWrite` when the terminal is gone, `Usage` after Ctrl-C.
    pub(super) fn choose(&self, question: &str, items: &[&str], preset: usize) -> Result<usize, CommandError> {
        let select = Select::new().with_prompt(question).items(items).default(preset).report(true);
        self.answered(select.interact())
    }

    /// As [`Talk::choose`], with sentences.
    ///
    /// # Errors
    /// As [`Talk::choose`].
    pub(super) fn choose_of(&self, question: Sentence, items: &[Sentence]) -> Result<usize, CommandError> {
        let items: Vec<&str> = items.iter().map(|item| item.of(self.lang)).collect();
        self.choose(question.of(self.lang), &items, 0)
    }

    /// Asks for a text; Enter takes `present`, which may be empty.
    ///
    /// # Errors
    /// As [`Talk::choose`].
    pub(super) fn ask(&self, question: Sentence, present: &str) -> Result<String, CommandError> {
        let input = Input::<String>::new().with_prompt(question.of(self.lang)).allow_empty(true);
        let input = if present.is_empty() { input } else { input.default(present.to_owned()) };
        Ok(self.answered(input.interact_text())?.trim().to_owned())
    }

    /// Asks for a secret; nothing of it is shown.
    ///
    /// # Errors
    /// As [`Talk::choose`].
    #[cfg(feature = "matrix")]
    pub(super) fn ask_secret(&self, question: Sentence) -> Result<String, CommandError> {
        let password = dialoguer::Password::new().with_prompt(question.of(self.lang)).allow_empty_password(true);
        self.answered(password.interact())
    }

    fn answered<T>(&self, answer: dialoguer::Result<T>) -> Result<T, CommandError> {
        answer.map_err(|error| match io::Error::from(error) {
            interrupted if interrupted.kind() == io::ErrorKind::Interrupted => ended(self.lang),
            error => terminal(&error),
        })
    }

    /// Forgets what was typed while nothing was asked: it would answer the next question.
    pub(super) fn forget_typed(&self) {
        // A terminal that cannot do so has at worst an answer too early.
        let _ = termios::tcflush(io::stdin(), QueueSelector::IFlush);
    }
}

fn ended(lang: Lang) -> CommandError {
    CommandError::new(Kind::Usage, sentences::ENDED.of(lang))
}

fn terminal(error: &io::Error) -> CommandError {
    CommandError::new(Kind::CannotWrite, format!("the terminal: {error}"))
}

fn no_terminal() -> CommandError {
    CommandError::new(Kind::Usage, "herald setup asks its questions in a terminal, and this is none")
        .hint("without questions: herald setup wake NAME FILE...; herald setup matrix --homeserver URL --user NAME")
        .hint(
            "or write the configuration file: [general] lang, owner; [audio] input_device, output_device; \
             [listen] wake; [speech] voice_en, voice_fr; [action] network",
        )
}
