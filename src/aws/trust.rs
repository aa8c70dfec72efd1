//! Whom TLS connections trust: the operating system's roots, or the certificates of a CA bundle
//! instead (`AWS_CA_BUNDLE`, `ca_bundle`, `REQUESTS_CA_BUNDLE`).

use std::path::Path;

use aws_smithy_http_client::tls::TrustStore;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::ports::CallError;
use crate::state::files;

/// Bytes of a CA bundle, at most; those of the public authorities have some hundred thousand.
const LONGEST: u64 = 16 * 1024 * 1024;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The trust store for a CA bundle, or the operating system's where there is none.
///
/// Certificates of the bundle that TLS cannot use are left out, as OpenSSL does; the HTTP client
/// would panic on them. Fails if none is left.
pub(super) fn trust_store(ca_bundle: Option<&Path>) -> Result<TrustStore, CallError> {
    let Some(path) = ca_bundle else {
        return Ok(TrustStore::default());
    };
    let failure = |cause: String| CallError::Settings {
        origin: format!("CA bundle {}", path.display()),
        cause,
    };
    let bytes = files::read(path, LONGEST).map_err(|error| failure(error.to_string()))?;
    let text = String::from_utf8_lossy(&bytes);
    let mut usable = certificates(&text).filter(|pem| is_usable(pem)).peekable();
    if usable.peek().is_none() {
        return Err(failure("holds no usable certificate in PEM format".into()));
    }
    Ok(usable.fold(TrustStore::empty(), TrustStore::with_pem_certificate))
}

/// The PEM blocks of `text` that hold certificates.
fn certificates(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(END).filter_map(|block| Some(&block[block.rfind(BEGIN)?..]))
}

fn is_usable(pem: &str) -> bool {
    CertificateDer::from_pem_slice(pem.as_bytes())
        .is_ok_and(|certificate| RootCertStore::empty().add(certificate).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_a_usable_certificate_is_refused_with_its_path() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("bundle.pem");
        let missing = std::fs::read(&path).unwrap_err().to_string();
        for (content, expected) in [
            (None, &*missing),
            (Some(""), "no usable certificate"),
            (Some("planted text"), "no usable certificate"),
            (Some("-----BEGIN CERTIFICATE-----\n"), "no usable certificate"),
            (
                Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
                "no usable certificate",
            ),
            (
                Some("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"),
                "no usable certificate",
            ),
        ] {
            let _ = std::fs::remove_file(&path);
            if let Some(content) = content {
                std::fs::write(&path, content).unwrap();
            }
            let error = trust_store(Some(&path)).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("bundle.pem"), "{error}");
            assert!(!error.contains("planted"), "{error}");
        }
    }

    #[test]
    fn unusable_certificates_are_left_out() {
        let good = rcgen::generate_simple_self_signed(["ca.test".to_owned()]).unwrap().cert.pem();
        let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), format!("# comment\n{bad}{good}{bad}")).unwrap();
        trust_store(Some(file.path())).unwrap();
    }
}
