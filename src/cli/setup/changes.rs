//! What the answers change in the configuration file, and the writing of it.

use std::{
    ffi::OsString,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use toml_edit::{DocumentMut, Item, Value, table};

use crate::{
    cli::{CommandError, Kind},
    config::{self, Config, NetworkKind, Sources, Wake},
};

/// A key with its values before and after.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) section: &'static str,
    pub(super) key: &'static str,
    pub(super) old: String,
    pub(super) new: String,
}

/// Returns what is different, in the order of the questions.
pub(super) fn changes(before: &Config, after: &Config) -> Vec<Change> {
    let pairs = asked(before).into_iter().zip(asked(after));
    let pairs = pairs.filter(|((_, _, old), (_, _, new))| old != new);
    pairs.map(|((section, key, old), (_, _, new))| Change { section, key, old, new }).collect()
}

/// The keys that are asked for, with their values.
fn asked(config: &Config) -> [(&'static str, &'static str, String); 8] {
    let wake = match config.listen.wake {
        Wake::Transcript => "transcript",
        Wake::Button => "button",
        Wake::Keyword => "keyword",
    };
    let network = match config.action.network {
        NetworkKind::Local => "local",
        NetworkKind::Matrix => "matrix",
    };
    [
        ("general", "lang", config.general.lang.name().to_owned()),
        ("audio", "input_device", config.audio.input_device.clone()),
        ("audio", "output_device", config.audio.output_device.clone()),
        ("speech", "voice_en", config.speech.voice_en.clone()),
        ("speech", "voice_fr", config.speech.voice_fr.clone()),
        ("listen", "wake", wake.to_owned()),
        ("general", "owner", config.general.owner.clone()),
        ("action", "network", network.to_owned()),
    ]
}

/// Writes the changes into the file: all or none, and nothing else in it is touched.
///
/// # Errors
/// Kind `CannotWrite`; `Config` when the file is not TOML any more, or would not be a good configuration.
pub(super) fn write(path: &Path, changes: &[Change]) -> Result<(), CommandError> {
    let cannot_write = |error: io::Error| {
        CommandError::new(Kind::CannotWrite, format!("cannot write {}: {error}", path.display()))
            .hint("free some space or mend the permissions, or give another file with --config")
    };
    let present = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(cannot_write)?,
    };
    let text = changed(&present, changes).map_err(|reason| {
        CommandError::new(Kind::Config, format!("{}: {reason}", path.display())).hint("nothing was written")
    })?;
    let draft = Draft::write(path, &text).map_err(cannot_write)?;
    // A mistake is better seen now than at the next start. How many cores there are was not asked.
    config::load(&Sources { file: Some(draft.path.clone()), cores: usize::MAX, ..Sources::default() })
        .map_err(|error| CommandError::new(Kind::Config, error).hint("nothing was written"))?;
    draft.publish().map_err(cannot_write)
}

/// Returns a configuration file with the changes in it.
fn changed(present: &str, changes: &[Change]) -> Result<String, String> {
    let mut document: DocumentMut = present.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    for Change { section, key, new, .. } in changes {
        let section = document.entry(section).or_insert(table());
        let section = section.as_table_like_mut().ok_or("a section is not one")?;
        match section.get_mut(key) {
            Some(Item::Value(value)) => {
                // Spaces and the comment behind it.
                let decor = value.decor().clone();
                *value = Value::from(new);
                *value.decor_mut() = decor;
            }
            _ => drop(section.insert(key, Item::Value(Value::from(new)))),
        }
    }
    Ok(document.to_string())
}

/// The new file beside the old one; it goes away unless it is published.
struct Draft {
    path: PathBuf,
    target: PathBuf,
}

impl Draft {
    fn write(path: &Path, text: &str) -> io::Result<Self> {
        // Who keeps the file elsewhere and links to it goes on doing so.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        fs::create_dir_all(folder(&target))?;
        let mut name = target.file_name().map_or_else(OsString::new, OsString::from);
        name.push(".new");
        let draft = Self { path: target.with_file_name(name), target };
        let mut file = fs::File::create(&draft.path)?;
        if let Ok(present) = fs::metadata(&draft.target) {
            file.set_permissions(present.permissions())?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        Ok(draft)
    }

    fn publish(self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)?;
        fs::File::open(folder(&self.target))?.sync_all()
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After the renaming there is none.
        let _ = fs::remove_file(&self.path);
    }
}

/// The folder of a file, also of one that is named without any.
fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(section: &'static str, key: &'static str, new: &str) -> Change {
        Change { section, key, old: String::new(), new: new.to_owned() }
    }

    #[test]
    fn comments_order_and_unasked_keys_stay() {
        let present = "# mine\n[general] # who\nowner = 'Ada'   # me\nplace = \"here\"\n\n[asr]\nthreads = 2\n";
        let changes = [change("general", "owner", "Ada Lovelace"), change("audio", "input_device", "Jabra")];
        let expected = "# mine\n[general] # who\nowner = \"Ada Lovelace\"   # me\nplace = \"here\"\n\n[asr]\nthreads = 2\n\n\
                        [audio]\ninput_device = \"Jabra\"\n";
        assert_eq!(changed(present, &changes).unwrap(), expected);
    }

    #[test]
    fn sections_in_other_spellings_are_found() {
        let lang = [change("general", "lang", "fr")];
        assert_eq!(changed("general.lang = \"en\"\n", &lang).unwrap(), "general.lang = \"fr\"\n");
        assert_eq!(changed("general = { lang = \"en\" }\n", &lang).unwrap(), "general = { lang = \"fr\" }\n");
        assert_eq!(changed("", &lang).unwrap(), "[general]\nlang = \"fr\"\n");
    }

    #[test]
    fn a_value_that_would_break_the_configuration_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.toml");
        fs::write(&file, "[general]\naccounts = [\"Paul\"]\n").unwrap();
        let error = write(&file, &[change("general", "owner", "Paul")]).unwrap_err();
        assert_eq!(error.kind, Kind::Config);
        assert_eq!(fs::read_to_string(&file).unwrap(), "[general]\naccounts = [\"Paul\"]\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_a_link_stays_one_and_keeps_its_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("kept.toml"), folder.path().join("config.toml"));
        fs::write(&file, "").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&file, &link).unwrap();
        write(&link, &[change("general", "lang", "fr")]).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&file).unwrap(), "[general]\nlang = \"fr\"\n");
    }
}
