//! Is the file there, and is it the right one?
//!
//! Hashing 150 MB takes a board seconds, so what was found is remembered: `verified.toml` in the models directory
//! holds size, time of change and hash of each file, and only a file that changed is hashed again. `derived.toml` holds
//! the hashes of files that Herald made out of verified ones in a way the manifest has no hash for (an eight-bit model
//! made of an official file).

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::{Manifest, Model, ModelError};

const STAMPS: &str = "verified.toml";
const DERIVED: &str = "derived.toml";
/// Bytes hashed at once.
const PIECE: usize = 256 * 1024;

/// What is known of a model's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// There, and its hash is accepted.
    Present,
    /// Not there.
    Missing,
    /// There, but not what it should be.
    Damaged,
}

/// A file's state and its hash, if it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// State.
    pub state: State,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    /// Time of change, nanoseconds since 1970.
    modified_ns: i64,
    sha256: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Derived {
    sha256: String,
    /// Hash of the verified file it was made of.
    from_sha256: String,
}

impl Manifest {
    /// Returns the path of a model that is present and verified.
    ///
    /// # Errors
    /// [`ModelError::Unknown`], [`ModelError::Missing`], [`ModelError::Damaged`] or [`ModelError::Io`].
    pub fn find(&self, models_dir: &Path, name: &str) -> Result<PathBuf, ModelError> {
        let model = self.model(name)?;
        let path = models_dir.join(&model.file);
        match check(models_dir, model)? {
            Checked { state: State::Present, .. } => Ok(path),
            Checked { state: State::Damaged, sha256: Some(found) } => {
                let expected = accepted(models_dir, model);
                Err(ModelError::Damaged { name: name.to_owned(), path, expected, found })
            }
            Checked { .. } => Err(ModelError::Missing { name: name.to_owned(), path }),
        }
    }
}

/// Checks a model's file; hashes it only if it changed since it was last checked.
///
/// # Errors
/// [`ModelError::Io`] if the file is there but cannot be read.
pub fn check(models_dir: &Path, model: &Model) -> Result<Checked, ModelError> {
    let path = models_dir.join(&model.file);
    let meta = match fs::metadata(&path) {
        Ok(meta) if meta.is_file() => meta,
        Ok(_) => return Ok(Checked { state: State::Missing, sha256: None }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Checked { state: State::Missing, sha256: None });
        }
        Err(error) => return Err(ModelError::io(&path, error)),
    };
    let fresh = Stamp { bytes: meta.len(), modified_ns: modified_ns(&meta), sha256: String::new() };
    let known = read_table::<Stamp>(models_dir, STAMPS).remove(&model.name);
    let sha256 = match known.filter(|known| known.bytes == fresh.bytes && known.modified_ns == fresh.modified_ns) {
        Some(stamp) => stamp.sha256,
        None => {
            let sha256 = sha256_file(&path).map_err(|error| ModelError::io(&path, error))?;
            keep(models_dir, &model.name, Stamp { sha256: sha256.clone(), ..fresh });
            sha256
        }
    };
    let state = if accepted(models_dir, model).contains(&sha256) { State::Present } else { State::Damaged };
    Ok(Checked { state, sha256: Some(sha256) })
}

/// Remembers the hash of a file just verified.
pub(super) fn remember(models_dir: &Path, model: &Model, sha256: &str) {
    if let Ok(meta) = fs::metadata(models_dir.join(&model.file)) {
        let stamp = Stamp { bytes: meta.len(), modified_ns: modified_ns(&meta), sha256: sha256.to_owned() };
        keep(models_dir, &model.name, stamp);
    }
}

fn keep(models_dir: &Path, name: &str, stamp: Stamp) {
    let mut stamps: BTreeMap<String, Stamp> = read_table(models_dir, STAMPS);
    stamps.insert(name.to_owned(), stamp);
    // A directory that cannot be written only costs the next start the same time again.
    if let Err(error) = write_table(models_dir, STAMPS, &stamps) {
        tracing::debug!(%error, "the result of a model's check cannot be kept");
    }
}

/// Returns a file's time of change, nanoseconds since 1970.
fn modified_ns(meta: &fs::Metadata) -> i64 {
    let since = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.and_then(|since| i64::try_from(since.as_nanos()).ok()).unwrap_or(0)
}

/// Hashes accepted for a model: those of the manifest and the one of what was derived here.
fn accepted(models_dir: &Path, model: &Model) -> Vec<String> {
    let derived: BTreeMap<String, Derived> = read_table(models_dir, DERIVED);
    let ours = derived.get(&model.name).map(|derived| derived.sha256.clone());
    model.sha256.iter().map(|accepted| accepted.sha256.clone()).chain(ours).collect()
}

/// Remembers the hash of a file made out of a verified one.
pub(super) fn remember_derived(models_dir: &Path, name: &str, sha256: &str, from_sha256: &str) -> io::Result<()> {
    let mut derived: BTreeMap<String, Derived> = read_table(models_dir, DERIVED);
    let entry = Derived { sha256: sha256.to_owned(), from_sha256: from_sha256.to_owned() };
    derived.insert(name.to_owned(), entry);
    write_table(models_dir, DERIVED, &derived)
}

/// Returns the SHA-256 of a file, lower-case hexadecimal.
pub(super) fn sha256_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => hash.update(&piece[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Reads a table; one that is missing or damaged counts as empty, what it held is found out again.
fn read_table<T: DeserializeOwned>(models_dir: &Path, name: &str) -> BTreeMap<String, T> {
    fs::read_to_string(models_dir.join(name)).ok().and_then(|text| toml::from_str(&text).ok()).unwrap_or_default()
}

fn write_table<T: Serialize>(models_dir: &Path, name: &str, table: &BTreeMap<String, T>) -> io::Result<()> {
    let text = toml::to_string(table).map_err(io::Error::other)?;
    let part = models_dir.join(format!(".{name}.{}", std::process::id()));
    fs::write(&part, text)?;
    fs::rename(&part, models_dir.join(name)).inspect_err(|_| drop(fs::remove_file(&part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn manifest() -> Manifest {
        Manifest::parse(&format!(
            "[[model]]\nname = \"m\"\nfile = \"m.bin\"\nkind = \"vad\"\nlanguages = [\"en\"]\nlicence = \"MIT\"\n\
             licence_from = \"-\"\nbytes = 3\nmemory_mb = 1\nsha256 = [{{ of = \"official\", is = \"{ABC}\" }}]\n\
             [[model.source]]\ntake = [{{ url = \"http://localhost/m\" }}]\n"
        ))
        .unwrap()
    }

    #[test]
    fn a_file_is_found_missing_or_damaged_by_its_hash() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = manifest();
        let find = || manifest.find(dir.path(), "m");
        assert!(matches!(find(), Err(ModelError::Missing { .. })));
        fs::write(dir.path().join("m.bin"), "abc").unwrap();
        assert_eq!(find().unwrap(), dir.path().join("m.bin"));
        fs::write(dir.path().join("m.bin"), "abcd").unwrap();
        let error = find().unwrap_err().to_string();
        let found = "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589";
        for part in ["m.bin", ABC, found, "herald models fetch m"] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }

    #[test]
    fn an_unchanged_file_is_not_hashed_again() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = manifest();
        let path = dir.path().join("m.bin");
        fs::write(&path, "abc").unwrap();
        manifest.find(dir.path(), "m").unwrap();
        // Other content under the same size and time: only a fresh hash could tell.
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "xyz").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        assert!(manifest.find(dir.path(), "m").is_ok());
        fs::remove_file(dir.path().join(STAMPS)).unwrap();
        assert!(matches!(manifest.find(dir.path(), "m"), Err(ModelError::Damaged { .. })));
    }

    #[test]
    fn a_damaged_stamp_file_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("m.bin"), "abc").unwrap();
        fs::write(dir.path().join(STAMPS), "[[[").unwrap();
        assert!(manifest().find(dir.path(), "m").is_ok());
        assert!(fs::read_to_string(dir.path().join(STAMPS)).unwrap().contains(ABC));
    }

    #[test]
    fn a_derived_file_is_accepted_by_the_hash_remembered_for_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("m.bin"), "xyz").unwrap();
        let sha256 = sha256_file(&dir.path().join("m.bin")).unwrap();
        assert!(manifest().find(dir.path(), "m").is_err());
        remember_derived(dir.path(), "m", &sha256, ABC).unwrap();
        assert!(manifest().find(dir.path(), "m").is_ok());
    }
}
