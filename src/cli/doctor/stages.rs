//! The stages of a conversation: models, network.

use super::{Check, Patient};
use crate::{
    config::NetworkKind,
    models::{self, ModelError},
};

/// Every model the configuration needs is there and undamaged.
pub(super) fn models(patient: &Patient<'_>) -> Vec<Check> {
    needed_models(patient).into_iter().map(|name| model(patient, name)).collect()
}

fn needed_models<'a>(patient: &Patient<'a>) -> Vec<&'a str> {
    let recogniser = match patient.config.asr.model.as_str() {
        "auto" => models::default_asr(patient.config.general.lang),
        name => name,
    };
    let voice: &[_] = match patient.config.speech.engine.as_str() {
        "auto" | "kokoro" => &["kokoro", "kokoro-voices", "kokoro-vocab"],
        _ => &[],
    };
    [&[recogniser, "silero"], voice].concat()
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

/// The chat network can be reached.
pub(super) fn network(patient: &Patient<'_>) -> Vec<Check> {
    vec![match patient.config.action.network {
        NetworkKind::Local => Check::good("network", "local: needs no connection"),
    }]
}
