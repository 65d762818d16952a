//! The typed configuration: one struct a stage.
//!
//! Layers, later ones win: `defaults.toml` < board < profile < configuration file < environment
//! (`HERALD_SECTION_KEY`) < flags. Unknown keys, wrong types and impossible values are all reported at once,
//! each with its file, line and key.

mod hours;
mod lang;
mod layer;
mod load;
mod menu;
mod problem;
mod profile;
mod schema;
mod validate;

pub use hours::Hours;
pub use lang::{Lang, LangChoice};
pub use load::{Loaded, Sources, Value, load};
pub use menu::Choice;
pub use problem::{ConfigError, Fault, Layer, Origin, Problem};

use std::{net::IpAddr, path::PathBuf};

use jiff::civil::Time;
use serde::{Deserialize, Deserializer, de::Error};

/// The whole configuration after all layers were merged and checked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Language, profile and board.
    pub general: General,
    /// Sound devices.
    pub audio: Audio,
    /// Speech detection and endpointing.
    pub listen: Listen,
    /// Speech recognition.
    pub asr: Asr,
    /// Understanding.
    pub intent: Intent,
    /// The conversation's rules; a profile is mostly this section.
    pub dialogue: Dialogue,
    /// What is told of messages that arrive.
    pub announce: Announcing,
    /// Driving.
    pub car: Car,
    /// Chat network and outbox.
    pub action: Action,
    /// Money.
    pub pay: Pay,
    /// Voices.
    pub speech: Speech,
    /// The touch page.
    pub companion: Companion,
    /// Chat with visitors of a shop's page.
    pub chat: Chat,
    /// Logging.
    pub telemetry: Telemetry,
}

/// Language, profile and board.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct General {
    /// Language Herald listens for; `auto` decides per utterance.
    pub lang: LangChoice,
    /// Name of the person whose device this is; messages are sent in this name on the local network.
    pub owner: String,
    /// Full names of others who share the device, each with an inbox of their own.
    pub accounts: Vec<String>,
    /// Behaviour: `home`, `car`, or the path of a profile file.
    pub profile: String,
    /// What the user is told to call in an emergency.
    pub emergency_number: String,
    /// Where the device is, in words; empty = unknown.
    pub place: String,
    /// Hardware: the name of a board, or the path of a board file.
    pub board: String,
}

/// Sound devices.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audio {
    /// Part of the microphone's name; empty = the system's default.
    pub input_device: String,
    /// Part of the loudspeaker's name; empty = the system's default.
    pub output_device: String,
    /// What is done about Herald's own voice in the microphone.
    pub echo: Echo,
}

/// What is done about Herald's own voice in the microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Echo {
    /// It is taken out.
    Cancel,
    /// Nothing: it does not come in (headphones), or the sound system takes it out.
    None,
}

/// Whether a voice stops Herald while it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BargeIn {
    /// Any voice does.
    On,
    /// Only "stop" and "cancel" do.
    Off,
}

/// How a turn is opened when the microphone is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wake {
    /// The utterance must begin with "Herald" (sound-alike allowed).
    Transcript,
    /// The microphone counts as opened by a button: every utterance is for Herald.
    Button,
    /// One of the `wake_words` was said: keyword models, or words the user enrolled.
    Keyword,
}

/// Speech detection and endpointing. Times in milliseconds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// How a turn is opened.
    pub wake: Wake,
    /// Names of keyword models or enrolled words, or paths of ONNX files in the layout of openWakeWord.
    pub wake_words: Vec<String>,
    /// Score from which a wake word counts as said, 0 to 1.
    pub wake_threshold: f32,
    /// Pause before the same wake word may be heard again.
    pub wake_refractory_ms: u32,
    /// Audio kept from before the onset of speech.
    pub preroll_ms: u32,
    /// Speech needed to call it speech.
    pub onset_ms: u32,
    /// Silence after which a decode may start, before the hangover is over.
    pub pause_ms: u32,
    /// Hangover while a yes or no is expected.
    pub hangover_yes_no_ms: u32,
    /// Hangover while a command is expected.
    pub hangover_command_ms: u32,
    /// Hangover while a message is dictated.
    pub hangover_dictation_ms: u32,
    /// Longest command or answer; what is longer is cut here.
    pub longest_utterance_ms: u32,
    /// Longest dictated message; what is longer is cut here.
    pub longest_dictation_ms: u32,
    /// Whether a voice stops Herald while it speaks.
    pub barge_in: BargeIn,
    /// Speech probability at which speech begins, 0 to 1.
    pub vad_threshold: f32,
}

/// Speech recognition.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asr {
    /// Model name from the manifest; `auto` chooses by language.
    pub model: String,
    /// Threads of one decode.
    pub threads: u32,
}

/// Understanding.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// What is told or asked is put into the words one says to the recipient, where that is sure.
    pub rephrase: bool,
}

/// When a message must be confirmed by a "yes".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confirm {
    /// Every message.
    Always,
    /// Those with doubtful words or recipients, many readers or risky words: see the `confirm_` keys.
    Unsure,
}

/// When Herald says what could be done because of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offers {
    /// Once, after the last message that was read.
    Spoken,
    /// When the user asks.
    Asked,
    /// Never.
    Off,
}

/// What happens when a message arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Announce {
    /// Say who wrote.
    Name,
    /// A sound, and no words.
    Chime,
    /// It is told later, together with others.
    Digest,
    /// Say nothing; it waits in the inbox.
    Hold,
}

/// What is told of messages that arrive, beside [`Dialogue::announce`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcing {
    /// What happens when a message to several people arrives.
    pub groups: Announce,
    /// Whose messages are announced by name.
    pub always: Vec<String>,
    /// Whose messages wait in the inbox.
    pub never: Vec<String>,
    /// Quiet hours begin; none if either end is missing.
    #[serde(deserialize_with = "time_of_day")]
    pub quiet_from: Option<Time>,
    /// Quiet hours end.
    #[serde(deserialize_with = "time_of_day")]
    pub quiet_to: Option<Time>,
    /// Time zone of all these times; empty = the system's.
    pub time_zone: String,
    /// When a digest is told.
    #[serde(deserialize_with = "times_of_day")]
    pub digest_at: Vec<Time>,
}

/// Reads a time of the day, empty for none.
fn time_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(D::Error::custom) }
}

fn times_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Time>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}

/// Driving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Car {
    /// While the driving state is unknown, the car counts as moving.
    pub assume_moving: bool,
    /// Who writes while the car moves is told so, once a drive.
    pub auto_reply: bool,
}

/// The conversation's rules.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialogue {
    /// When a message must be confirmed.
    pub confirm: Confirm,
    /// When an answer is offered aloud.
    pub offers: Offers,
    /// With `unsure`: recipients less certain than this need a yes, 0 to 1; 1 = only replies go without.
    pub confirm_recipient: f32,
    /// With `unsure`: messages to more people than this need a yes.
    pub confirm_people: u32,
    /// With `unsure`: messages with money, long numbers, codes or passwords need a yes.
    pub confirm_risky: bool,
    /// What happens when a message arrives.
    pub announce: Announce,
    /// How long Herald waits for an answer before it asks again, milliseconds.
    pub answer_timeout_ms: u32,
    /// How long "wait" holds a question before the draft is kept, milliseconds.
    pub pause_timeout_ms: u32,
    /// Questions Herald may ask in one task (asking again after silence not counted); 0 = no limit.
    pub questions_per_task: u32,
    /// Longest prompt in words, the user's own words excepted; 0 = no limit.
    pub prompt_words: u32,
    /// Characters of a message read before "continue?"; 0 = no limit.
    pub read_chars: u32,
    /// Time at rest after which it is the owner who speaks again, milliseconds.
    pub speaker_timeout_ms: u32,
    /// Time in which "undo" stops a confirmed message before it leaves, milliseconds; 0 = none.
    pub undo_window_ms: u32,
}

/// Chat networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkKind {
    /// The household's own conversations on this device.
    Local,
    /// Matrix, end-to-end encrypted.
    Matrix,
}

/// Chat network and outbox.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Which chat network carries the messages.
    pub network: NetworkKind,
    /// Whether people see that somebody is writing to them.
    pub typing: bool,
}

/// How money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PayMethod {
    /// Not at all.
    Off,
    /// It does not: the tab is a record of who owes whom.
    Tab,
    /// The owner's own bank does it, from a code or a link on the touch page.
    Bank,
    /// A wallet does it, within what the owner allowed there once.
    Wallet,
}

impl PayMethod {
    /// Returns its word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Tab => "tab",
            Self::Bank => "bank",
            Self::Wallet => "wallet",
        }
    }

    /// Returns what a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Off, Self::Tab, Self::Bank, Self::Wallet].into_iter().find(|method| method.as_str() == word)
    }
}

/// Money. Amounts in whole units of a currency, times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pay {
    /// The name on the owner's own account.
    pub holder: String,
    /// The owner's own account; empty: nobody is told of it.
    pub iban: String,
    /// How it moves.
    pub method: PayMethod,
    /// The most that is paid by voice alone, each time.
    pub by_voice: u32,
    /// The most that is paid by voice alone in sum since the last PIN.
    pub since_pin: u32,
    /// The most payments by voice alone since the last PIN.
    pub payments_since_pin: u32,
    /// The most that is paid with the PIN.
    pub with_pin: u32,
    /// How long after the read-back a "yes, pay" counts.
    pub confirm_ms: u32,
    /// How long the same payment again is asked about.
    pub again_ms: u32,
    /// Wrong PINs until it is locked.
    pub pin_tries: u32,
    /// How long it is locked.
    pub pin_lock_ms: u32,
    /// Whether a driver may pay.
    pub driving: bool,
}

/// Voices.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speech {
    /// `auto` (best installed), `kokoro`, `piper`, `espeak`, `system` (the sound goes straight to the system's speaker),
    /// or `command`.
    pub engine: String,
    /// Program that speaks for the engine `command`, with its arguments.
    pub command: String,
    /// English voice; empty = the engine's best.
    pub voice_en: String,
    /// French voice; empty = the engine's best.
    pub voice_fr: String,
    /// Speaking rate, 1.0 = the voice's own.
    pub rate: f32,
    /// Whether short sounds say that something was heard, sent or failed.
    pub earcons: bool,
    /// Loudest volume in quiet hours, 1 to 6; 0 = as by day.
    pub night_volume: u8,
}

/// The touch page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// Who can reach it.
    pub page: PageFor,
    /// Where it is; 0 = any port that is free.
    pub port: u16,
    /// Whether next steps are offered there, from what somebody wrote.
    pub suggestions: bool,
}

/// Who can reach the touch page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PageFor {
    /// Browsers on this device.
    Device,
    /// Paired devices on the network, encrypted.
    Home,
    /// Nobody.
    Off,
}

/// Chat with visitors of a shop's page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chat {
    /// Whether visitors are served.
    pub open: bool,
    /// The address they are served on.
    pub address: IpAddr,
    /// Where that is; 0 = any port that is free.
    pub port: u16,
    /// The origin under which a web server in front of it is reached; empty = there is none.
    pub link: String,
    /// The origins of the shop's pages.
    pub origins: Vec<String>,
    /// What the shop is called.
    pub name: String,
    /// When somebody is there.
    pub hours: Hours,
    /// What a visitor is told first, in English; empty = nothing.
    pub greeting_en: String,
    /// The same in French.
    pub greeting_fr: String,
    /// What a visitor is told when nobody is there, in English; empty = the window's own words.
    pub away_en: String,
    /// The same in French.
    pub away_fr: String,
    /// Choices that are answered without anybody.
    pub menu: Vec<Choice>,
    /// Days after its last message in which a visit is kept.
    pub keep_days: u32,
}

/// Logging.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Whether figures are kept for the owner.
    pub stats: bool,
    /// `error`, `warn`, `info`, `debug` or `trace`.
    pub level: String,
}

/// Where Herald keeps its data and its models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    /// Everything Herald writes, models excepted.
    pub data: PathBuf,
    /// Model files.
    pub models: PathBuf,
}

#[cfg(test)]
mod tests;
