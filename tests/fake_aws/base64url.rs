//! The alphabet of JSON Web Tokens and of PKCE: base64 for URLs, without padding.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What `text` means; None where it is no base64url, or has padding.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// The JSON in a part of a token.
pub(crate) fn json(part: &str) -> Option<Value> {
    serde_json::from_slice(&decode(part)?).ok()
}

/// The base64url of the SHA-256 of `text`: PKCE's `S256`, a key's thumbprint.
pub(crate) fn sha256(text: &str) -> String {
    encode(Sha256::digest(text))
}
