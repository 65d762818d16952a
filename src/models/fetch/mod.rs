//! Brings models: sources in order, conversion, verification, and the file in its place in one step.
//!
//! What is under way lies in the models directory, so that an interrupted fetch goes on where it was: `FILE.part` is a
//! download, `.fetch/` holds packages and intermediate files. One fetch at a time works on a directory (`.lock`).

mod http;
mod package;
mod recipe;

use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use thiserror::Error;

use recipe::{Inputs, cook, same_package, step, take_out};

use super::{
    ConvertError, Manifest, Model, ModelError, State, check,
    manifest::{Origin, Recipe, Source, Take},
    verify,
};

/// Directory of what is under way, below the models directory.
const WORK: &str = ".fetch";
/// Lock file, below the models directory.
const LOCK: &str = ".lock";

/// Told what a fetch is doing.
pub trait Reporter {
    /// One line: what was decided or done.
    fn say(&self, line: &str);
    /// A step begins; `total_bytes` is 0 if it is not known how long it is.
    fn begin(&self, step: &str, total_bytes: u64);
    /// The step has so many bytes now.
    fn at(&self, bytes: u64);
    /// The step is over.
    fn end(&self);
}

/// Models could not be fetched.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The name, the manifest or a file in the models directory is wrong.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The models directory cannot be written: make room, or choose another.
    #[error("cannot write {path}: {source}", path = path.display())]
    CannotWrite {
        /// File or directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// No source delivered: mend the network, and run it again.
    #[error("no source delivered {}", list(failed))]
    Unavailable {
        /// The models, each with what was wrong with each source.
        failed: Vec<(String, Vec<String>)>,
    },
}

fn list(failed: &[(String, Vec<String>)]) -> String {
    failed.iter().map(|(name, reasons)| format!("{name}: {}", reasons.join("; "))).collect::<Vec<_>>().join("\n  and ")
}

/// Why a source did not deliver.
enum Failure {
    /// The source's fault: try the next one.
    Source(String),
    /// Nothing can be written: no source will help.
    Write { path: PathBuf, source: io::Error },
}

impl Failure {
    fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }
}

impl From<ConvertError> for Failure {
    fn from(error: ConvertError) -> Self {
        match error {
            ConvertError::Write { path, source } => Self::Write { path, source },
            ConvertError::Read { .. } | ConvertError::Format { .. } => Self::Source(error.to_string()),
        }
    }
}

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::CannotWrite { path, source } => Self::Write { path, source },
            FetchError::Model(error) => Self::Source(error.to_string()),
            FetchError::Unavailable { failed } => Self::Source(format!("it is made of {}", list(&failed))),
        }
    }
}

/// Fetches models of a manifest into a directory.
pub struct Fetcher<'a> {
    manifest: &'a Manifest,
    dir: PathBuf,
    reporter: &'a dyn Reporter,
    http: http::Client,
}

impl<'a> Fetcher<'a> {
    /// Prepares fetching into `models_dir`; nothing is touched yet.
    pub fn new(manifest: &'a Manifest, models_dir: &Path, reporter: &'a dyn Reporter) -> Self {
        // Package clients run elsewhere, so the directory must not be relative.
        let dir = std::path::absolute(models_dir).unwrap_or_else(|_| models_dir.to_owned());
        Self { manifest, dir, reporter, http: http::Client::new() }
    }

    /// Fetches the models of these names and those they need; those present and verified cost no network. What can be had is fetched also
    /// when another model cannot.
    ///
    /// # Errors
    /// [`ModelError::Unknown`] before anything is done; [`FetchError::CannotWrite`] at once;
    /// [`FetchError::Unavailable`] at the end.
    pub fn fetch(&self, names: &[&str]) -> Result<(), FetchError> {
        let models = self.manifest.with_needs(names)?;
        let wanted: BTreeSet<&str> = models.iter().map(|model| model.name.as_str()).collect();
        let mut missing = Vec::new();
        for model in models {
            if let Some(purpose) = &model.only_for {
                let (name, licence, from) = (&model.name, &model.licence, &model.licence_from);
                self.reporter.say(&format!("{name}: licence {licence}, for {purpose} only ({from})"));
            }
            match check(&self.dir, model)?.state {
                State::Present => self.reporter.say(&format!("{}: present", model.name)),
                State::Missing | State::Damaged => missing.push(model),
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        // A model that another one is made of comes first, so that it is not fetched twice.
        missing.sort_by_key(|model| is_derived(model));
        let _lock = self.lock()?;
        let mut failed = Vec::new();
        for model in missing {
            match self.bring(model, &wanted) {
                Ok(()) => {}
                Err(FetchError::Unavailable { failed: more }) => failed.extend(more),
                Err(error) => return Err(error),
            }
        }
        if failed.is_empty() { Ok(()) } else { Err(FetchError::Unavailable { failed }) }
    }

    /// Waits until no other fetch works on the directory.
    fn lock(&self) -> Result<File, FetchError> {
        let cannot = |path: &Path, source| FetchError::CannotWrite { path: path.to_owned(), source };
        fs::create_dir_all(&self.dir).map_err(|source| cannot(&self.dir, source))?;
        let path = self.dir.join(LOCK);
        let file = File::create(&path).map_err(|source| cannot(&path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                self.reporter.say(&format!("another fetch works in {}: waiting for it", self.dir.display()));
                file.lock().map_err(|source| cannot(&path, source))?;
                Ok(file)
            }
            // A file system without locks: go on without.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
            Err(TryLockError::Error(source)) => Err(cannot(&path, source)),
        }
    }

    /// Brings one model, from the first source that delivers it.
    fn bring(&self, model: &Model, wanted: &BTreeSet<&str>) -> Result<(), FetchError> {
        match check(&self.dir, model)?.state {
            // Another fetch brought it while this one waited.
            State::Present => return Ok(()),
            State::Missing => {}
            State::Damaged => self.reporter.say(&format!("{}: the file is damaged, fetching it again", model.name)),
        }
        let mut reasons = Vec::new();
        for (number, source) in model.sources.iter().enumerate() {
            match self.bring_from(model, source, wanted) {
                Ok(()) => {
                    self.clean();
                    self.reporter.say(&format!("{}: fetched and verified", model.name));
                    return Ok(());
                }
                Err(Failure::Source(reason)) => {
                    let next = if number + 1 < model.sources.len() { ", trying the next source" } else { "" };
                    self.reporter.say(&format!("{}: {reason}{next}", model.name));
                    if !reasons.contains(&reason) {
                        reasons.push(reason);
                    }
                }
                Err(Failure::Write { path, source }) => return Err(FetchError::CannotWrite { path, source }),
            }
        }
        Err(FetchError::Unavailable { failed: vec![(model.name.clone(), reasons)] })
    }

    fn bring_from(&self, model: &Model, source: &Source, wanted: &BTreeSet<&str>) -> Result<(), Failure> {
        match (source.recipe, &source.take[..]) {
            (Recipe::Join, [take]) if let Some(Origin::Url(url)) = take.origin() => self.download(model, url),
            _ => self.make(model, source, wanted),
        }
    }

    /// Downloads a model's file as it is.
    fn download(&self, model: &Model, url: &str) -> Result<(), Failure> {
        let part = self.dir.join(format!("{}.part", model.file));
        loop {
            let resumed = fs::metadata(&part).is_ok_and(|meta| meta.len() > 0);
            self.reporter.begin(&format!("{} from {}", model.name, http::host(url)), model.bytes);
            let done = self.http.download(url, &part, Some(model.bytes), self.reporter);
            self.reporter.end();
            done?;
            match self.install(model, &part, None) {
                // What was there before may have been something else: once more from the start.
                Err(Failure::Source(reason)) if resumed => {
                    self.reporter.say(&format!("{}: {reason}, starting again", model.name));
                }
                result => return result,
            }
        }
    }

    /// Collects the inputs of a recipe and carries it out.
    fn make(&self, model: &Model, source: &Source, wanted: &BTreeSet<&str>) -> Result<(), Failure> {
        let work = self.dir.join(WORK);
        fs::create_dir_all(&work).map_err(Failure::write(&work))?;
        let inputs = self.collect(source, &work, wanted)?;
        let out = work.join(format!("{}.made", model.file));
        self.reporter.begin(&format!("{}: {}", model.name, step(source.recipe)), 0);
        let made = cook(source, &inputs, &work, &out);
        self.reporter.end();
        made?;
        self.install(model, &out, inputs.verified.as_deref())?;
        if let Some(passing) = inputs.passing {
            fs::remove_file(&passing).map_err(Failure::write(&passing))?;
        }
        Ok(())
    }

    fn collect(&self, source: &Source, work: &Path, wanted: &BTreeSet<&str>) -> Result<Inputs, Failure> {
        let mut inputs = Inputs::default();
        let mut takes = source.take.iter().enumerate().peekable();
        while let Some((number, take)) = takes.next() {
            match take.origin() {
                Some(Origin::Url(url)) => inputs.add(take.role, self.download_input(url, take, work)?),
                Some(Origin::Package { client, package, .. }) => {
                    let archive = package::bring(client, package, take.sha256.as_deref(), work, self.reporter)?;
                    // All files of one package are taken out in one go.
                    let mut group = vec![(number, take)];
                    while let Some(next) = takes.next_if(|(_, next)| same_package(next, take)) {
                        group.push(next);
                    }
                    take_out(&archive, &group, work, &mut inputs)?;
                }
                Some(Origin::Model(name)) => {
                    let input = self.manifest.model(name).map_err(FetchError::from)?;
                    let present = check(&self.dir, input).map_err(FetchError::from)?.state == State::Present;
                    if !present {
                        self.bring(input, wanted)?;
                    }
                    inputs.verified = check(&self.dir, input).map_err(FetchError::from)?.sha256;
                    let path = self.dir.join(&input.file);
                    if !present && !wanted.contains(name) {
                        inputs.passing = Some(path.clone());
                    }
                    fs::create_dir_all(work).map_err(Failure::write(work))?;
                    inputs.add(take.role, path);
                }
                None => return Err(Failure::Source("the list of models names no origin".to_owned())),
            }
        }
        Ok(inputs)
    }

    /// Downloads a file that a recipe needs.
    fn download_input(&self, url: &str, take: &Take, work: &Path) -> Result<PathBuf, Failure> {
        let file = url.rsplit('/').next().unwrap_or(url);
        let (path, part) = (work.join(file), work.join(format!("{file}.part")));
        let good = |path: &Path| match &take.sha256 {
            Some(expected) => verify::sha256_file(path).is_ok_and(|found| &found == expected),
            None => path.exists(),
        };
        if !good(&path) {
            self.reporter.begin(&format!("{file} from {}", http::host(url)), 0);
            let done = self.http.download(url, &part, None, self.reporter);
            self.reporter.end();
            done?;
            if !good(&part) {
                fs::remove_file(&part).map_err(Failure::write(&part))?;
                return Err(Failure::Source(format!("{} sent another {file} than the expected one", http::host(url))));
            }
            fs::rename(&part, &path).map_err(Failure::write(&path))?;
        }
        Ok(path)
    }

    /// Verifies `part` and puts it in its place; a wrong file is deleted. A file derived from a verified one is
    /// accepted whatever its hash, which is remembered.
    fn install(&self, model: &Model, part: &Path, derived_from: Option<&str>) -> Result<(), Failure> {
        let sha256 = verify::sha256_file(part).map_err(Failure::write(part))?;
        if !model.sha256.iter().any(|accepted| accepted.sha256 == sha256) {
            match derived_from {
                Some(from) => verify::remember_derived(&self.dir, &model.name, &sha256, from)
                    .map_err(Failure::write(&self.dir))?,
                None => {
                    fs::remove_file(part).map_err(Failure::write(part))?;
                    return Err(Failure::Source(format!("the file has the wrong sha256 {sha256} and was deleted")));
                }
            }
        }
        let path = self.dir.join(&model.file);
        File::open(part).and_then(|file| file.sync_all()).map_err(Failure::write(part))?;
        fs::rename(part, &path).map_err(Failure::write(&path))?;
        File::open(&self.dir).and_then(|dir| dir.sync_all()).map_err(Failure::write(&self.dir))?;
        verify::remember(&self.dir, model, &sha256);
        Ok(())
    }

    /// Removes intermediate files once a model is complete.
    fn clean(&self) {
        let work = self.dir.join(WORK);
        if let Err(error) = fs::remove_dir_all(&work)
            && error.kind() != io::ErrorKind::NotFound
        {
            self.reporter.say(&format!("cannot remove {}: {error}", work.display()));
        }
    }
}

/// Tells whether a model can be made of another one.
fn is_derived(model: &Model) -> bool {
    let mut takes = model.sources.iter().flat_map(|source| &source.take);
    takes.any(|take| matches!(take.origin(), Some(Origin::Model(_))))
}
