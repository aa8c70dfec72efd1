//! The name of a cached session: a digest of every input that affects the result.

use std::fmt;

use sha2::{Digest, Sha256};

/// Names one cached session. Two requests have the same key only if every input that could change
/// the result is the same, the identity that signs the request included.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// Starts the digest of one kind of request.
    pub fn builder(kind: &str) -> SessionKeyBuilder {
        SessionKeyBuilder(Sha256::new()).field("kind", kind)
    }

    /// 64 hexadecimal digits; safe as a file name.
    pub fn to_hex(self) -> String {
        let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
        self.0.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }

    /// Reads what [`Self::to_hex`] wrote.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let digits = hex.as_bytes();
        if digits.len() != 64 || !digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The digest itself.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionKey({})", &self.to_hex()[..12])
    }
}

/// Digests named fields; lengths are part of the digest, so no two lists of fields collide.
pub struct SessionKeyBuilder(Sha256);

impl SessionKeyBuilder {
    /// Adds one input.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        for part in [name, value] {
            self.0.update((part.len() as u64).to_be_bytes());
            self.0.update(part.as_bytes());
        }
        self
    }

    /// Adds an input that may be absent; absent and empty differ.
    #[must_use]
    pub fn optional(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.field(name, value),
            None => self,
        }
    }

    /// Adds the key of the session or source that signs the request.
    #[must_use]
    pub fn upstream(self, key: &SessionKey) -> Self {
        self.field("upstream", &key.to_hex())
    }

    /// The finished key.
    pub fn build(self) -> SessionKey {
        SessionKey(self.0.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boundaries_between_fields_count() {
        let key = |pairs: &[(&str, &str)]| {
            pairs.iter().fold(SessionKey::builder("t"), |b, (n, v)| b.field(n, v)).build()
        };
        assert_ne!(key(&[("a", "bc")]), key(&[("ab", "c")]));
        assert_ne!(key(&[("a", "b"), ("c", "d")]), key(&[("a", "bcd")]));
        assert_ne!(key(&[("a", "")]), key(&[]));
    }

    #[test]
    fn hex_is_read_back() {
        let key = SessionKey::builder("t").build();
        assert_eq!(SessionKey::from_hex(&key.to_hex()), Some(key));
        assert_eq!(SessionKey::from_hex("zz"), None);
        assert_eq!(SessionKey::from_hex(&key.to_hex().to_uppercase()), None);
    }
}
