//! The certificate of this device: made once, kept below the data directory, known by its fingerprint.
//!
//! No authority signs a name inside a home: whoever pairs compares the fingerprint with the one that Herald shows, once.

use std::{
    fs, io,
    net::IpAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use io::Write as _;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use sha2::{Digest, Sha256};

use super::CompanionError;

/// The certificate and its key.
pub(super) struct Certificate {
    der: Vec<u8>,
    key: Vec<u8>,
}

impl Certificate {
    /// Reads the certificate of a data directory, or makes one for these addresses and keeps it.
    ///
    /// # Errors
    /// [`CompanionError::Certificate`] when it cannot be read or written.
    pub fn open(data_dir: &Path, names: &[String], addresses: &[IpAddr]) -> Result<Self, CompanionError> {
        let (certificate_path, key_path) = (data_dir.join("companion.crt"), data_dir.join("companion.key"));
        if let (Ok(der), Ok(key)) = (fs::read(&certificate_path), fs::read(&key_path)) {
            return Ok(Self { der, key });
        }
        let made = Self::make(names, addresses)?;
        write_private(&key_path, &made.key)?;
        write_private(&certificate_path, &made.der)?;
        Ok(made)
    }

    fn make(names: &[String], addresses: &[IpAddr]) -> Result<Self, CompanionError> {
        let unmade = |error: rcgen::Error| CompanionError::Certificate {
            path: PathBuf::from("companion.crt"),
            reason: error.to_string(),
        };
        let subjects: Vec<String> = names.iter().cloned().chain(addresses.iter().map(IpAddr::to_string)).collect();
        let made = rcgen::generate_simple_self_signed(subjects).map_err(unmade)?;
        Ok(Self { der: made.cert.der().to_vec(), key: made.signing_key.serialize_der() })
    }

    /// SHA-256 of the certificate as browsers show it: pairs of digits with colons.
    pub fn fingerprint(&self) -> String {
        let digits: Vec<String> = Sha256::digest(&self.der).iter().map(|byte| format!("{byte:02X}")).collect();
        digits.join(":")
    }

    /// What a server needs to be this device.
    ///
    /// # Errors
    /// [`CompanionError::Certificate`] when the files are no certificate and key that belong together.
    pub fn server(&self) -> Result<Arc<ServerConfig>, CompanionError> {
        let wrong = |error: rustls::Error| CompanionError::Certificate {
            path: PathBuf::from("companion.crt"),
            reason: error.to_string(),
        };
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(wrong)?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(self.der.clone())], key)
            .map_err(wrong)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }
}

/// Writes a file that only its owner can read.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), CompanionError> {
    let unwritten = |error: io::Error| CompanionError::Certificate { path: path.to_owned(), reason: error.to_string() };
    let mut file =
        fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(unwritten)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(unwritten)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_device_keeps_its_certificate_and_nobody_else_reads_its_key() {
        let dir = tempfile::tempdir().unwrap();
        let address = [IpAddr::from([192, 168, 1, 7])];
        let first = Certificate::open(dir.path(), &["kitchen.local".to_owned()], &address).unwrap();
        let again = Certificate::open(dir.path(), &[], &[]).unwrap();
        assert_eq!(first.fingerprint(), again.fingerprint());
        assert_eq!(first.fingerprint().len(), 32 * 3 - 1);
        assert!(first.server().is_ok());
        let mode = fs::metadata(dir.path().join("companion.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn damaged_files_are_told_and_not_replaced() {
        let dir = tempfile::tempdir().unwrap();
        Certificate::open(dir.path(), &["kitchen.local".to_owned()], &[]).unwrap();
        fs::write(dir.path().join("companion.crt"), "damaged").unwrap();
        assert!(Certificate::open(dir.path(), &[], &[]).unwrap().server().is_err());
    }
}
