//! `herald models train`: the tagger for free text, from annotated sentences.

use std::{io::ErrorKind, path::Path};

use crate::{
    cli::{CommandError, Kind},
    intent::tagger::train::{self, Effort, TrainError},
};

pub(super) fn run(data: &Path, output: &Path) -> Result<(), CommandError> {
    train::train(data, output, Effort::default(), &mut say).map_err(|error| {
        let kind = match &error {
            TrainError::File { error, .. } if error.kind() == ErrorKind::StorageFull => Kind::CannotWrite,
            TrainError::File { .. } | TrainError::Line { .. } | TrainError::Phrases(..) => Kind::Input,
            TrainError::Optimiser(_) | TrainError::Labeller(_) => Kind::Internal,
        };
        CommandError::new(kind, error).hint("--data DIR names the directory of train.jsonl and first_names.tsv")
    })
}

/// Says on standard error what is being done: it takes minutes.
#[allow(clippy::print_stderr, reason = "for the person at the terminal, not for the log")]
fn say(what: &str) {
    eprintln!("training: {what}");
}
