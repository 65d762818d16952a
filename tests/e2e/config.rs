//! The samples beside this file: `valid/` loads, each file of `invalid/` gives the message that stands beside it.
//! `UPDATE=1` rewrites the messages.

use std::{fs, path::PathBuf};

use herald::config::{self, Sources};

use crate::repository;

fn samples(folder: &str) -> Vec<PathBuf> {
    repository::files(&repository::path("tests/e2e/config").join(folder), ".toml")
}

fn sources(file: PathBuf) -> Sources {
    Sources { file: Some(file), cores: 2, ..Sources::default() }
}

#[test]
fn every_valid_sample_loads() {
    let samples = samples("valid");
    assert!(!samples.is_empty());
    for sample in samples {
        config::load(&sources(sample.clone())).unwrap_or_else(|error| panic!("{}: {error}", sample.display()));
    }
}

#[test]
fn every_mistake_is_named_with_its_place_and_how_to_mend_it() {
    let folder = format!("{}/", repository::path("tests/e2e/config/invalid").display());
    let samples = samples("invalid");
    assert!(samples.len() > 10, "only {} samples were found", samples.len());
    for sample in samples {
        let error = config::load(&sources(sample.clone())).expect_err(&sample.display().to_string());
        let said = format!("{error}\n").replace(&folder, "");
        let beside = sample.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&beside, &said).unwrap();
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        assert_eq!(said, expected, "{}", sample.display());
    }
}

#[test]
fn every_profile_and_every_board_of_the_firmware_loads_by_its_name() {
    let stems = |folder: &str| -> Vec<String> {
        let files = repository::files(&repository::path("firmware-config").join(folder), ".toml");
        files.iter().map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    };
    let (profiles, boards) = (stems("profiles"), stems("boards"));
    assert_eq!(profiles, ["car", "home"]);
    assert!(boards.len() >= 3, "{boards:?}");
    for profile in &profiles {
        for board in &boards {
            let sources = Sources {
                profile: Some(profile.clone()),
                environment: vec![("HERALD_GENERAL_BOARD".to_owned(), board.clone())],
                ..Sources::default()
            };
            let loaded = config::load(&sources).unwrap_or_else(|error| panic!("{profile} on {board}: {error}"));
            assert_eq!((&loaded.config.general.profile, &loaded.config.general.board), (profile, board));
        }
    }
}

#[test]
fn the_car_asks_little_and_reads_in_pieces_where_home_has_no_limit() {
    let dialogue = |profile: &str| {
        config::load(&Sources { profile: Some(profile.to_owned()), ..Sources::default() }).unwrap().config.dialogue
    };
    let limits = |dialogue: config::Dialogue| (dialogue.questions_per_task, dialogue.prompt_words, dialogue.read_chars);
    assert_eq!(limits(dialogue("home")), (0, 0, 0));
    assert_eq!(limits(dialogue("car")), (2, 12, 120));
}
