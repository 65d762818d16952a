//! The command line: one file a subcommand, this file holds the tree and what all of them share.

mod context;
mod error;
mod finder;

mod ask;
mod bench;
mod chat;
mod contacts;
mod detect;
mod doctor;
mod house;
mod inbox;
mod listen;
mod models;
mod outbox;
mod output;
mod parse;
mod recogniser;
mod run;
mod say;
mod setup;
mod stats;
mod transcribe;
mod wake;

pub use context::Context;
pub use error::{CommandError, Kind};

use std::{panic, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Lang, LangChoice},
    speech::{self, SpeechError, Voices},
    telemetry,
};

/// Hands-free messaging for home and car.
#[derive(Debug, Parser)]
#[command(name = "herald", version, about, long_about = None)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options every subcommand takes.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// Configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Behaviour: home, car, or a profile file
    #[arg(long, global = true, value_name = "NAME|PATH")]
    pub profile: Option<String>,
    /// Where Herald keeps its data [default: the XDG state directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Where the models are [default: $HERALD_MODELS, else the XDG data directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub models_dir: Option<PathBuf>,
    /// Language: en, fr or auto
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<LangChoice>,
    /// Speech recognition model
    #[arg(long, global = true, value_name = "NAME")]
    pub model: Option<String>,
    /// Voice
    #[arg(long, global = true, value_name = "NAME")]
    pub voice: Option<String>,
    /// Print results as JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Listen, understand, send and answer: the daemon, or a replay of audio files
    Run(run::RunArgs),
    /// Push to talk: the running daemon takes the next sentence as spoken to it
    Listen,
    /// Turn audio files into text
    Transcribe(transcribe::TranscribeArgs),
    /// Find speech and wake words in audio files
    Detect(detect::DetectArgs),
    /// Turn text into intents and slots (reads lines from standard input)
    Parse(parse::ParseArgs),
    /// Talk to Herald by typing
    Ask(ask::AskArgs),
    /// Speak a text, or write it to a WAV file
    Say(say::SayArgs),
    /// The contact book
    Contacts(contacts::ContactsArgs),
    /// Turn the microphone off, also for a Herald that runs
    Mute,
    /// Turn the microphone on again
    Unmute,
    /// Say whether the car stands or moves
    Car(house::CarArgs),
    /// What Herald did in the last 30 days, and why
    Why(house::WhyArgs),
    /// Figures of the last 30 days, without words or names, where stats = true is configured
    Stats(stats::StatsArgs),
    /// Messages received and sent
    Inbox(inbox::InboxArgs),
    /// Messages waiting to be sent
    Outbox(outbox::OutboxArgs),
    /// Chat with visitors of a shop's page: the line that the page needs
    Chat,
    /// First steps: language, sound, voice, network; a wake word of your own
    ///
    /// Enter keeps what is there. The answers go to the configuration file (--config FILE, else
    /// ~/.config/herald/config.toml) after the last question, and nothing else in it is touched; Ctrl-C leaves it as it
    /// was.
    Setup(setup::SetupArgs),
    /// Speech models: list and fetch
    Models(models::ModelsArgs),
    /// Check everything from the microphone to the chat network
    Doctor(doctor::DoctorArgs),
    /// Measure this machine
    Bench(bench::BenchArgs),
}

/// Opens the voices, with that of the command line in place of the configured one: for `lang`, or where nothing
/// else is known for the language the voice speaks.
fn voices(context: &Context, lang: Option<Lang>) -> Result<Voices, CommandError> {
    let mut speech = context.config.speech.clone();
    if let Some(voice) = &context.voice {
        match lang.unwrap_or_else(|| speech::voice_lang(voice)) {
            Lang::En => speech.voice_en.clone_from(voice),
            Lang::Fr => speech.voice_fr.clone_from(voice),
        }
    }
    let langs = lang.map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
    Voices::open_for(&langs, &speech, &context.dirs.models).map_err(|error| {
        // A voice of the command line is wrong usage, one of the configuration a wrong configuration.
        let asked_for = matches!(error, SpeechError::UnknownVoice { .. }) && context.voice.is_some();
        let error = CommandError::from(error);
        if asked_for { CommandError { kind: Kind::Usage, ..error } } else { error }
    })
}

/// Runs the program: parses the command line, runs the subcommand, prints its error, returns its exit code.
#[allow(clippy::print_stderr, reason = "the edge of the program is where errors are printed")]
pub fn main() -> ExitCode {
    telemetry::keep_panics_private();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Kind::Usage.exit_code() } else { 0 });
        }
    };
    let fault = || CommandError::new(Kind::Internal, "Herald met a fault of its own; the line above names the place");
    match panic::catch_unwind(|| dispatch(&cli)).unwrap_or_else(|_| Err(fault())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(error.kind.exit_code())
        }
    }
}

fn dispatch(cli: &Cli) -> Result<(), CommandError> {
    let global = &cli.global;
    match &cli.command {
        Command::Run(args) => run::run(global, args),
        Command::Listen => listen::run(global),
        Command::Transcribe(args) => transcribe::run(global, args),
        Command::Detect(args) => detect::run(global, args),
        Command::Parse(args) => parse::run(global, args),
        Command::Ask(args) => ask::run(global, args),
        Command::Say(args) => say::run(global, args),
        Command::Contacts(args) => contacts::run(global, args),
        Command::Mute => house::mute(global, true),
        Command::Unmute => house::mute(global, false),
        Command::Car(args) => house::car(global, args),
        Command::Why(args) => house::why(global, args),
        Command::Stats(args) => stats::run(global, args),
        Command::Inbox(args) => inbox::run(global, args),
        Command::Outbox(args) => outbox::run(global, args),
        Command::Chat => chat::run(global),
        Command::Setup(args) => setup::run(global, args),
        Command::Models(args) => models::run(global, args),
        Command::Doctor(args) => doctor::run(global, args),
        Command::Bench(args) => bench::run(global, args),
    }
}
