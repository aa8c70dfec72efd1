//! The data key, and sealing with it: XChaCha20-Poly1305.

use std::fmt;

use chacha20poly1305::aead::rand_core::RngCore;
use chacha20poly1305::aead::{AeadInPlace, KeyInit, OsRng};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::text::{hex, unhex};

/// Length of a nonce, bytes.
pub(super) const NONCE: usize = 24;
/// Length of an authentication tag, bytes.
pub(super) const TAG: usize = 16;

/// The 32-byte key that opens a vault's records. Never swapped out, where the system allows that; wiped
/// when dropped.
pub struct DataKey(Box<Zeroizing<[u8; 32]>>);

/// Tells records of different keys apart; says nothing about the key.
pub(super) type KeyId = [u8; 8];

impl DataKey {
    pub fn generate() -> Self {
        let mut key = Self::blank();
        fill_random(&mut **key.0);
        key
    }

    pub(super) fn from_hex(digits: &str) -> Option<Self> {
        Self::from_slice(&Zeroizing::new(unhex(digits)?))
    }

    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 32] = bytes.try_into().ok()?;
        let mut key = Self::blank();
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    fn blank() -> Self {
        let key = Box::new(Zeroizing::new([0; 32]));
        pin(&key);
        Self(key)
    }

    /// 64 hexadecimal digits: some keychains hold text only.
    pub(super) fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex(self.expose()))
    }

    /// The key itself, for the unlockers that keep it.
    pub(super) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn id(&self) -> KeyId {
        let digest =
            Sha256::new().chain_update(b"awsx key id").chain_update(self.expose()).finalize();
        std::array::from_fn(|i| digest[i])
    }

    /// Encrypts `buffer` in place under a new nonce; `associated` is authenticated with it.
    pub(super) fn seal(&self, associated: &[u8], buffer: &mut [u8]) -> ([u8; NONCE], [u8; TAG]) {
        let mut nonce = [0; NONCE];
        fill_random(&mut nonce);
        let tag = self
            .cipher()
            .encrypt_in_place_detached(XNonce::from_slice(&nonce), associated, buffer)
            .expect("a record is far below the cipher's limit of 256 GiB");
        (nonce, tag.into())
    }

    /// Decrypts `buffer` in place; false, and the buffer as it was, if anything was altered.
    pub(super) fn open(
        &self,
        nonce: &[u8; NONCE],
        associated: &[u8],
        buffer: &mut [u8],
        tag: &[u8; TAG],
    ) -> bool {
        let (nonce, tag) = (XNonce::from_slice(nonce), Tag::from_slice(tag));
        self.cipher().decrypt_in_place_detached(nonce, associated, buffer, tag).is_ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.expose().into())
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(***)")
    }
}

/// Keeps a key out of swap. A system that allows no more of that is no reason to refuse work; what was
/// kept so is given back at the end of the process.
#[cfg(unix)]
fn pin(key: &[u8; 32]) {
    #[expect(unsafe_code, reason = "a system call that takes an address")]
    // SAFETY: the range is the key's own; to lock it changes none of it.
    let _ = unsafe { rustix::mm::mlock(key.as_ptr().cast_mut().cast(), key.len()) };
}

#[cfg(not(unix))]
fn pin(_: &[u8; 32]) {}

/// Fills `bytes` from the operating system's generator.
pub(super) fn fill_random(bytes: &mut [u8]) {
    OsRng.fill_bytes(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_sealed_is_opened() {
        let key = DataKey::generate();
        let mut buffer = *b"text";
        let (nonce, tag) = key.seal(b"name", &mut buffer);
        assert_ne!(&buffer, b"text");
        let opened = |key: &DataKey, associated: &[u8], flip: u8| {
            let mut buffer = buffer;
            buffer[0] ^= flip;
            key.open(&nonce, associated, &mut buffer, &tag).then_some(buffer)
        };
        assert_eq!(opened(&key, b"name", 0), Some(*b"text"));
        assert_eq!(opened(&key, b"other", 0), None);
        assert_eq!(opened(&key, b"name", 1), None);
        assert_eq!(opened(&DataKey::generate(), b"name", 0), None);
    }

    #[test]
    fn hex_is_read_back() {
        let key = DataKey::generate();
        let again = DataKey::from_hex(&key.to_hex()).unwrap();
        assert_eq!((again.expose(), again.id()), (key.expose(), key.id()));
        for text in ["", "0", "00", "zz", "é", &"0".repeat(63), &"0".repeat(66), &"é".repeat(32)]
        {
            assert!(DataKey::from_hex(text).is_none(), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let key = DataKey::from_slice(&[7; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "DataKey(***)");
    }
}
