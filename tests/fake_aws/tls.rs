//! A certificate authority that signs for whatever name a client asks, as a test of `ca_bundle` needs:
//! `sts.eu-west-1.amazonaws.com` behind a proxy as well as `127.0.0.1`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

/// The authority and the certificates it has signed.
pub(crate) struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    signed: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().expect("ring makes P-256 keys");
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "awsx fake AWS authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).expect("the parameters are complete");
        Self { pem: certificate.pem(), issuer: Issuer::new(params, key), signed: Mutex::default() }
    }

    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    fn certificate(&self, names: Vec<String>) -> CertifiedKey {
        let key = KeyPair::generate().expect("ring makes P-256 keys");
        let mut params = CertificateParams::new(names).expect("an asked server name is a DNS name");
        params.use_authority_key_identifier_extension = true;
        let certificate =
            params.signed_by(&key, &self.issuer).expect("the parameters are complete");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("rcgen writes PKCS #8");
        let key = ring::sign::any_supported_type(&key).expect("ring reads its own keys");
        CertifiedKey::new(vec![certificate.der().clone()], key)
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().unwrap_or_default().to_owned();
        let mut signed = self.signed.lock().unwrap_or_else(PoisonError::into_inner);
        let names = match name.as_str() {
            // An IP address is not sent.
            "" => vec!["localhost".into(), "127.0.0.1".into(), "::1".into()],
            name => vec![name.into()],
        };
        Some(signed.entry(name).or_insert_with(|| Arc::new(self.certificate(names))).clone())
    }
}

/// TLS 1.2 and 1.3 with the authority's certificates.
pub(crate) fn acceptor(authority: Authority) -> TlsAcceptor {
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(authority));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
