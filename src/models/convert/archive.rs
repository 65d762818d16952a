//! Takes files out of a package: a wheel (zip) or a source or npm package (tar.gz).

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;

use super::{ConvertError, copy::Output};

/// Writes files of the package `archive`, given by their names in it, to the paths beside them. A package whose name
/// ends in `.tgz` or `.tar.gz` is read as a compressed tar file, once; any other as zip.
pub(in crate::models) fn extract(archive: &Path, wanted: &[(&str, PathBuf)]) -> Result<(), ConvertError> {
    let file = File::open(archive).map_err(|source| ConvertError::Read { path: archive.to_owned(), source })?;
    let name = archive.to_string_lossy();
    if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
        extract_tar(file, archive, wanted)
    } else {
        extract_zip(file, archive, wanted)
    }
}

fn extract_zip(file: File, archive: &Path, wanted: &[(&str, PathBuf)]) -> Result<(), ConvertError> {
    let wrong = |what: String| ConvertError::Format { path: archive.to_owned(), what };
    let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| wrong(format!("not a zip file: {e}")))?;
    for (member, out) in wanted {
        let mut entry = zip.by_name(member).map_err(|e| wrong(format!("cannot take out {member}: {e}")))?;
        let mut output = Output::create(out)?;
        output.drain(&mut entry, archive)?;
        output.finish()?;
    }
    Ok(())
}

fn extract_tar(file: File, archive: &Path, wanted: &[(&str, PathBuf)]) -> Result<(), ConvertError> {
    let read = |source| ConvertError::Read { path: archive.to_owned(), source };
    let mut left: Vec<_> = wanted.iter().collect();
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    for entry in tar.entries().map_err(read)? {
        let mut entry = entry.map_err(read)?;
        let path = entry.path().map_err(read)?.into_owned();
        if let Some(index) = left.iter().position(|(member, _)| path == Path::new(member)) {
            let (_, out) = left.swap_remove(index);
            let mut output = Output::create(out)?;
            output.drain(&mut entry, archive)?;
            output.finish()?;
        }
        if left.is_empty() {
            return Ok(());
        }
    }
    let missing = left.iter().map(|(member, _)| *member).collect::<Vec<_>>().join(", ");
    Err(ConvertError::Format { path: archive.to_owned(), what: format!("holds no {missing}") })
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write};

    use super::*;

    #[test]
    fn files_come_out_of_both_kinds_of_package_and_missing_ones_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let (wheel, tgz) = (dir.path().join("p-1.whl"), dir.path().join("p-1.tgz"));
        let mut zip = zip::ZipWriter::new(File::create(&wheel).unwrap());
        let mut tar = tar::Builder::new(flate2::write::GzEncoder::new(File::create(&tgz).unwrap(), Default::default()));
        for (name, content) in [("p/one", "1"), ("p/two", "22")] {
            zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, content.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        tar.into_inner().unwrap().finish().unwrap();
        for archive in [&wheel, &tgz] {
            let (one, two) = (dir.path().join("1"), dir.path().join("2"));
            extract(archive, &[("p/two", two.clone()), ("p/one", one.clone())]).unwrap();
            assert_eq!((fs::read(one).unwrap(), fs::read(&two).unwrap()), (b"1".to_vec(), b"22".to_vec()));
            let error = extract(archive, &[("p/one", two.clone()), ("p/three", two)]).unwrap_err().to_string();
            assert!(error.contains("p/three") && !error.contains("p/one"), "{error}");
        }
    }

    #[test]
    fn what_is_no_package_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["p.whl", "p.tgz"] {
            let path = dir.path().join(name);
            fs::write(&path, "<html>").unwrap();
            assert!(extract(&path, &[("p/one", dir.path().join("1"))]).is_err());
        }
    }
}
