//! Takes one file out of a package: a wheel (zip) or a source or npm package (tar.gz).

use std::{fs::File, io::BufReader, path::Path};

use flate2::read::GzDecoder;

use super::{ConvertError, copy::Output};

/// Writes the file `member` of the package `archive` to `out`. A name that ends in `.tgz` or `.tar.gz` is read
/// as a compressed tar file, any other as zip.
pub(in crate::models) fn extract(archive: &Path, member: &str, out: &Path) -> Result<(), ConvertError> {
    let file = File::open(archive).map_err(|source| ConvertError::Read { path: archive.to_owned(), source })?;
    let name = archive.to_string_lossy();
    if name.ends_with(".tgz") || name.ends_with(".tar.gz") {
        extract_tar(file, archive, member, out)
    } else {
        extract_zip(file, archive, member, out)
    }
}

fn extract_zip(file: File, archive: &Path, member: &str, out: &Path) -> Result<(), ConvertError> {
    let wrong = |what: String| ConvertError::Format { path: archive.to_owned(), what };
    let mut zip = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| wrong(format!("not a zip file: {e}")))?;
    let mut entry = zip.by_name(member).map_err(|e| wrong(format!("cannot take out {member}: {e}")))?;
    let mut output = Output::create(out)?;
    output.drain(&mut entry, archive)?;
    output.finish()
}

fn extract_tar(file: File, archive: &Path, member: &str, out: &Path) -> Result<(), ConvertError> {
    let read = |source| ConvertError::Read { path: archive.to_owned(), source };
    let mut tar = tar::Archive::new(GzDecoder::new(BufReader::new(file)));
    for entry in tar.entries().map_err(read)? {
        let mut entry = entry.map_err(read)?;
        if entry.path().map_err(read)?.as_ref() == Path::new(member) {
            let mut output = Output::create(out)?;
            output.drain(&mut entry, archive)?;
            return output.finish();
        }
    }
    Err(ConvertError::Format { path: archive.to_owned(), what: format!("holds no {member}") })
}
