//! Proof Key for Code Exchange, RFC 7636: only who asked for the code can use it.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use sha2::{Digest, Sha256};

use crate::credentials::Secret;
use crate::text::random;

/// One question to the browser: what proves later who asked, and what the answer must repeat.
#[derive(Debug)]
pub(super) struct Pkce {
    /// `code_verifier`, 64 characters
    pub(super) verifier: Secret,
    /// `code_challenge` of the method S256
    pub(super) challenge: String,
    pub(super) state: String,
}

impl Pkce {
    pub(super) fn generate() -> Self {
        Self::of(&*random::<48>(), &*random::<32>())
    }

    fn of(verifier: &[u8], state: &[u8]) -> Self {
        let verifier = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(verifier));
        let challenge = Sha256::digest(verifier.expose());
        Self {
            verifier,
            challenge: BASE64_URL_SAFE_NO_PAD.encode(challenge),
            state: BASE64_URL_SAFE_NO_PAD.encode(state),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf %s VERIFIER | openssl dgst -sha256 -binary | base64`, made url-safe.
    #[test]
    fn the_challenge_is_the_verifiers_digest() {
        let pkce = Pkce::of(&[0; 48], &[255; 32]);
        assert_eq!(pkce.verifier.expose(), "A".repeat(64));
        assert_eq!(pkce.challenge, "1T7aemN8mcx_tWbZbp-hCb8VxHhBCj9etNTE4mzQgfY");
        assert_eq!(pkce.state, format!("{}8", "_".repeat(42)));
        let (one, two) = (Pkce::generate(), Pkce::generate());
        assert_eq!(one.verifier.expose().len(), 64);
        assert!(one.state != two.state && one.challenge != two.challenge);
    }
}
