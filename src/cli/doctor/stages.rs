//! The stages of a conversation: sound, models, voices, network.

use std::net::{Ipv4Addr, TcpListener};

use super::{Check, Patient};
#[cfg(feature = "matrix")]
use crate::action::matrix::Access;
use crate::{
    audio::{AudioError, Loudspeaker, Microphone},
    cli::{models::Screen, wake},
    config::{Lang, NetworkKind, PageFor, Wake},
    listen::enrolled_words,
    models::{self, FetchError, Fetcher, Manifest, ModelError},
    runtime,
    speech::{SystemVoice, Voices},
    store::{self, Store, StoreError},
};

/// The microphone and the loudspeaker open; being listed proves nothing.
pub(super) fn sound(patient: &Patient<'_>) -> Vec<Check> {
    let audio = &patient.config.audio;
    let devices = [
        device("microphone", "input_device", &audio.input_device, Microphone::open(audio)),
        device("loudspeaker", "output_device", &audio.output_device, Loudspeaker::open(audio)),
    ];
    devices.into_iter().chain(turned_off(patient)).collect()
}

/// The microphone was turned off, by voice or by `herald mute`.
fn turned_off(patient: &Patient<'_>) -> Option<Check> {
    let is_muted = Store::open(&patient.dirs.data).and_then(|store| runtime::is_muted(&store)).unwrap_or(false);
    is_muted.then(|| Check::bad("muted", "the microphone is turned off", "herald unmute"))
}

fn device<T>(check: &'static str, key: &str, wanted: &str, opened: Result<T, AudioError>) -> Check {
    let which = if wanted.is_empty() { "the system's default".to_owned() } else { format!("{wanted:?}") };
    match opened {
        Ok(_) => Check::good(check, format!("{which} opens")),
        Err(error) => {
            let fix = format!("connect one, or name another in [audio] {key}; `herald run --input FILE` needs none");
            Check::bad(check, error.to_string(), fix)
        }
    }
}

/// Every model the configuration needs is there and undamaged.
pub(super) fn models(patient: &Patient<'_>) -> Vec<Check> {
    let names = needed_models(patient);
    let fetched = if patient.fix { fetch(patient, &names) } else { Ok(()) };
    let mut checks: Vec<_> = names.into_iter().map(|name| model(patient, name)).collect();
    if let Err(error) = fetched {
        checks.push(Check::bad("fetch", error.to_string(), "mend the network and repeat: herald doctor --fix"));
    }
    checks
}

/// Brings what is missing or damaged; what is there costs no network.
fn fetch(patient: &Patient<'_>, names: &[&str]) -> Result<(), FetchError> {
    let known = Manifest::embedded()?;
    let names: Vec<_> = names.iter().copied().filter(|name| known.model(name).is_ok()).collect();
    Fetcher::new(known, &patient.dirs.models, &Screen::new()).fetch(&names)
}

fn needed_models<'a>(patient: &Patient<'a>) -> Vec<&'a str> {
    let recogniser = match patient.config.asr.model.as_str() {
        "auto" => models::default_asr(patient.config.general.lang),
        name => name,
    };
    let wake: &[_] = if patient.config.listen.wake == Wake::Keyword { &models::WAKE_FEATURES } else { &[] };
    let voice: &[_] = match patient.config.speech.engine.as_str() {
        "auto" | "kokoro" => &["kokoro", "kokoro-voices", "kokoro-vocab"],
        _ => &[],
    };
    [&[recogniser, "silero"], voice, wake].concat()
}

fn model(patient: &Patient<'_>, name: &str) -> Check {
    match models::find(&patient.dirs.models, name) {
        Ok(path) => Check::good("model", format!("{name}: {}", path.display())),
        Err(error) => {
            let fix = if matches!(error, ModelError::Missing { .. } | ModelError::Damaged { .. }) {
                format!("herald models fetch {name}, or herald doctor --fix")
            } else if matches!(error, ModelError::Unknown { .. }) {
                "choose a model of `herald models list` in [asr] model".to_owned()
            } else {
                "mend the permissions of the models directory, or give another with --models-dir".to_owned()
            };
            Check::bad("model", error.to_string(), fix)
        }
    }
}

/// Every configured wake word is installed.
pub(super) fn wake_words(patient: &Patient<'_>) -> Vec<Check> {
    let listen = &patient.config.listen;
    if listen.wake != Wake::Keyword {
        return Vec::new();
    }
    // The database has a check of its own.
    let enrolled = Store::open(&patient.dirs.data).and_then(|store| enrolled_words(&store)).unwrap_or_default();
    let check = |name: &String| match wake::choose(patient.dirs, &enrolled, std::slice::from_ref(name)) {
        Ok(_) => Check::good("wake", format!("{name}: installed")),
        Err(error) => Check::bad("wake", error.message, error.hints.join("; ")),
    };
    listen.wake_words.iter().map(check).collect()
}

/// Says which engine speaks each language Herald may answer in, and what would bring a better one.
pub(super) fn voices(patient: &Patient<'_>) -> Vec<Check> {
    let speech = &patient.config.speech;
    let languages = patient.config.general.lang.fixed().map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
    let voices = match Voices::open_for(&languages, speech, &patient.dirs.models) {
        Ok(voices) => voices,
        Err(error) => {
            let fix = "install espeak-ng, fetch the models, or choose another [speech] engine or voice";
            return vec![Check::bad("voice", error.to_string(), fix)];
        }
    };
    let check = |lang: Lang| match voices.speaker(lang) {
        Some(spoken) => {
            let better = better_voice(&speech.engine, spoken.engine, lang);
            Check::good("voice", format!("{lang}: {} of {}{better}", spoken.voice, spoken.engine))
        }
        None => Check::bad("voice", format!("{lang}: none"), "install espeak-ng, or fetch the models"),
    };
    languages.into_iter().map(check).chain(system_voice(patient)).collect()
}

/// What is missing for a more pleasant voice than the one that speaks, where it was not chosen.
fn better_voice(configured: &str, engine: &str, lang: Lang) -> &'static str {
    match (configured, engine, lang) {
        ("auto", "espeak", Lang::En) => "; a natural one: herald models fetch kokoro kokoro-voices kokoro-vocab",
        ("auto", "espeak", Lang::Fr) => {
            "; a natural one: herald models fetch kokoro kokoro-voices kokoro-vocab, or a French Piper voice (NAME.onnx and \
             NAME.onnx.json) in the models directory"
        }
        _ => "",
    }
}

/// The speech server answers, if it is to speak.
fn system_voice(patient: &Patient<'_>) -> Option<Check> {
    let is_wanted = patient.config.speech.engine == "system";
    is_wanted.then(|| match SystemVoice::start() {
        Ok(_) => Check::good("voice", "the speech server answers; it speaks for `herald say`"),
        Err(error) => {
            let fix =
                "sudo apt install speech-dispatcher speech-dispatcher-espeak-ng, or choose another [speech] engine";
            Check::bad("voice", error.to_string(), fix)
        }
    })
}

/// The touch page has its port.
pub(super) fn page(patient: &Patient<'_>) -> Vec<Check> {
    let (who, port) = (patient.config.companion.page, patient.config.companion.port);
    let reach = match who {
        PageFor::Off => return vec![Check::good("touch page", "turned off")],
        PageFor::Device => "browsers of this device",
        PageFor::Home => "paired devices of the network",
    };
    let is_served = matches!(store::lock(&patient.dirs.data), Err(StoreError::AlreadyRunning { .. }));
    vec![match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Err(error) if !is_served => {
            let fix = "set another port under [companion], or 0 for any that is free";
            Check::bad("touch page", format!("port {port} cannot be used: {error}"), fix)
        }
        _ => Check::good("touch page", format!("for {reach}, port {port}: herald setup page")),
    }]
}

/// The chat with visitors has its port.
pub(super) fn chat(patient: &Patient<'_>) -> Vec<Check> {
    let chat = &patient.config.chat;
    if !chat.open {
        return vec![Check::good("visitors", "closed")];
    }
    let is_served = matches!(store::lock(&patient.dirs.data), Err(StoreError::AlreadyRunning { .. }));
    vec![match TcpListener::bind((chat.address, chat.port)) {
        Err(error) if !is_served => {
            let fix = "set another address or port under [chat]";
            Check::bad("visitors", format!("{} port {} cannot be used: {error}", chat.address, chat.port), fix)
        }
        _ => Check::good("visitors", format!("of {}, port {}: herald chat", chat.origins.join(", "), chat.port)),
    }]
}

/// The chat network can be reached.
pub(super) fn network(patient: &Patient<'_>) -> Vec<Check> {
    vec![match patient.config.action.network {
        NetworkKind::Local => Check::good("network", "local: needs no connection"),
        NetworkKind::Matrix => signed_in(patient),
    }]
}

#[cfg(feature = "matrix")]
fn signed_in(patient: &Patient<'_>) -> Check {
    match Access::read(&patient.dirs.data) {
        Ok(Some(access)) => Check::good("network", format!("matrix: signed in as {}", access.user())),
        Ok(None) => Check::bad("network", "matrix: this device is not signed in", "herald setup matrix"),
        Err(error) => Check::bad("network", format!("matrix: {error}"), "herald setup matrix"),
    }
}

#[cfg(not(feature = "matrix"))]
fn signed_in(_: &Patient<'_>) -> Check {
    let fix = "install the package, or build with `make run FEATURES=matrix`";
    Check::bad("network", "this Herald was built without matrix", fix)
}
