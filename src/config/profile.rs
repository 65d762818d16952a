//! Profiles and boards: those of `firmware-config`, which are part of the program, and files of the user's own.

use std::{
    fs, io,
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
    read_file(reading, shelf.layer, &path);
}

/// Reads a file into the layer; a file that cannot be read is a problem of its own.
pub(super) fn read_file(reading: &mut Reading, layer: Layer, path: &Path) {
    let name = path.display().to_string();
    match fs::read(path).and_then(|bytes| String::from_utf8(bytes).map_err(|_| not_text())) {
        Ok(text) => reading.toml(layer, &name, &text),
        Err(error) => reading.problem(name, "", Fault::Unreadable { reason: error.to_string() }),
    }
}

fn not_text() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text")
}

fn is_path(choice: &str) -> bool {
    choice.contains('/') || Path::new(choice).extension().is_some_and(|extension| extension == "toml")
}
