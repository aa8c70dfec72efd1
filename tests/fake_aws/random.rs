//! Unpredictable bytes and the identifiers made of them.

use std::hash::{BuildHasher, RandomState};

use sha2::{Digest, Sha256};

/// A generator of unique values; no two instances repeat each other.
pub(crate) struct Random {
    seed: u64,
    counter: u64,
}

impl Random {
    /// Seeded by the operating system, through the standard library's hash keys.
    pub(crate) fn new() -> Self {
        Self { seed: RandomState::new().hash_one("fake_aws"), counter: 0 }
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while bytes.len() < length {
            self.counter += 1;
            let block = [self.seed.to_be_bytes(), self.counter.to_be_bytes()].concat();
            bytes.extend_from_slice(&Sha256::digest(block));
        }
        bytes.truncate(length);
        bytes
    }

    /// `ASIA` or the like, and sixteen characters.
    pub(crate) fn identifier(&mut self, prefix: &str) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let tail = self.bytes(16).into_iter().map(|byte| ALPHABET[usize::from(byte % 32)] as char);
        prefix.chars().chain(tail).collect()
    }

    /// Forty characters, with the two that URLs and shells trip over.
    pub(crate) fn secret_key(&mut self) -> String {
        let mut secret = aws_smithy_types::base64::encode(self.bytes(30));
        secret.replace_range(7..8, "/");
        secret.replace_range(19..20, "+");
        secret
    }

    /// A session token: long, opaque, with `/`, `+` and `=`, as AWS's begin; as large as is asked for.
    pub(crate) fn session_token(&mut self, least: usize) -> String {
        let random = aws_smithy_types::base64::encode(self.bytes(450.max(least)));
        let longest = least.max(620);
        format!("IQoJb3JpZ2luX2Vj{}/+==", &random[..random.len().min(longest - 20)])
    }

    /// A version 4 UUID, as in `x-amzn-RequestId`.
    pub(crate) fn request_id(&mut self) -> String {
        let mut hex = super::sigv4::hex(&self.bytes(16));
        hex.replace_range(12..13, "4");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}
