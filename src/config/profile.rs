//! Profiles and boards: those of `firmware-config`, which are part of the program, and files of the user's own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    layer::{Reading, Setting},
    problem::{Fault, Layer},
    schema,
};

/// Profiles by name.
const PROFILES: &[(&str, &str)] = &[
    ("home", include_str!("../../firmware-config/profiles/home.toml")),
    ("car", include_str!("../../firmware-config/profiles/car.toml")),
];

/// Boards by name.
const BOARDS: &[(&str, &str)] = &[
    ("generic", include_str!("../../firmware-config/boards/generic.toml")),
    ("raspberry-pi-4", include_str!("../../firmware-config/boards/raspberry-pi-4.toml")),
    ("raspberry-pi-5", include_str!("../../firmware-config/boards/raspberry-pi-5.toml")),
];

/// Reads the board that was chosen.
pub(super) fn read_board(reading: &mut Reading, choice: &Setting, file: Option<&Path>) {
    read(reading, choice, file, &Shelf { layer: Layer::Board, folder: "boards", files: BOARDS });
}

/// Reads the profile that was chosen.
pub(super) fn read_profile(reading: &mut Reading, choice: &Setting, file: Option<&Path>) {
    read(reading, choice, file, &Shelf { layer: Layer::Profile, folder: "profiles", files: PROFILES });
}

/// The files of one kind.
struct Shelf {
    layer: Layer,
    folder: &'static str,
    files: &'static [(&'static str, &'static str)],
}

fn read(reading: &mut Reading, choice: &Setting, file: Option<&Path>, shelf: &Shelf) {
    let wanted = choice.value.as_str().unwrap_or_default();
    if let Some((name, text)) = shelf.files.iter().find(|(name, _)| *name == wanted) {
        return reading.toml(shelf.layer, &format!("{}/{name}.toml", shelf.folder), text);
    }
    if !is_path(wanted) {
        let names = || shelf.files.iter().map(|(name, _)| *name);
        let expected = schema::nearest(wanted, names(), |name| name).map_or_else(
            || format!("{}, or the path of a file", names().collect::<Vec<_>>().join(", ")),
            |name| format!("{name:?}, or the path of a file"),
        );
        let found = format!("{wanted:?}");
        return reading.problem(&choice.origin.place, choice.key, Fault::Impossible { found, expected });
    }
    let path = match (choice.origin.layer, file.and_then(Path::parent)) {
        (Layer::File, Some(beside)) => beside.join(wanted),
        _ => PathBuf::from(wanted),
    };
    match read_bytes(&path) {
        Ok(bytes) => reading.bytes(shelf.layer, &path.display().to_string(), &bytes),
        Err(fault) => reading.problem(&choice.origin.place, choice.key, fault),
    }
}

/// Reads a file; the fault says which file and why.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>, Fault> {
    fs::read(path).map_err(|error| Fault::Unreadable { path: path.display().to_string(), reason: error.to_string() })
}

fn is_path(choice: &str) -> bool {
    choice.contains('/') || Path::new(choice).extension().is_some_and(|extension| extension == "toml")
}
