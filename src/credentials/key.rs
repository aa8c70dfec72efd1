//! The name of a cached session: a digest of every input that affects the result.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::text::{hex, unhex};

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
        hex(&self.0)
    }

    /// Reads what [`Self::to_hex`] wrote.
    pub fn from_hex(digits: &str) -> Option<Self> {
        let is_lower_case = !digits.bytes().any(|digit| digit.is_ascii_uppercase());
        Some(Self(unhex(digits)?.try_into().ok()?)).filter(|_| is_lower_case)
    }

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
