//! Keys that somebody is known to have.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

/// By id and by the digest of the secret; the number is whose they are.
#[derive(Default)]
pub(crate) struct Known {
    ids: HashMap<String, usize>,
    digests: HashMap<String, usize>,
}

impl Known {
    pub(crate) fn add_id(&mut self, id: &str, whose: usize) {
        self.ids.entry(id.to_owned()).or_insert(whose);
    }

    pub(crate) fn add_digest(&mut self, digest: &str, whose: usize) {
        self.digests.entry(digest.to_owned()).or_insert(whose);
    }

    pub(super) fn whose_id(&self, id: &[u8]) -> Option<usize> {
        self.ids.get(std::str::from_utf8(id).ok()?).copied()
    }

    pub(super) fn whose_secret(&self, secret: &[u8]) -> Option<usize> {
        match self.digests.is_empty() {
            true => None,
            false => self.digests.get(&digest(secret)).copied(),
        }
    }
}

/// What a secret access key is known by to who does not have it. AWS drew it of 2^240: a digest is no way back.
pub(crate) fn digest(secret: &[u8]) -> String {
    let mut digest = Sha256::new();
    digest.update(b"awsx scan: secret access key\0");
    digest.update(secret);
    crate::text::hex(&digest.finalize())
}
