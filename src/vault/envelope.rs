//! The format of a sealed file: a header in clear text, a sealed body.
//!
//! ```text
//! "awsxrec" version key-id header-length header nonce sealed-body tag
//!  7        1       8      4 (BE)        …      24    …           16   bytes
//! ```
//!
//! Everything before the nonce, and the file's name, are authenticated with the body: a file that
//! was altered, cut or renamed does not open.

use zeroize::Zeroizing;

use super::seal::{DataKey, KeyId, NONCE, TAG};

const MAGIC: &[u8; 7] = b"awsxrec";
const VERSION: u8 = 1;

/// The largest file that is read, bytes. A session is near 2 kB.
pub(super) const MAX_LEN: u64 = 1 << 20;

/// Why a sealed file cannot be used. It counts as absent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("it is not a sealed record")]
    NotARecord,
    #[error("it is cut short")]
    Truncated,
    #[error("it is larger than any record")]
    TooLarge,
    #[error("it was written by a newer awsx (format {version})")]
    FutureVersion { version: u8 },
    #[error("its header is malformed")]
    Header,
    #[error("it was moved here from another name")]
    Renamed,
    /// The seal does not fit the content, the header or the file's name.
    #[error("it was altered")]
    Altered,
    /// The seal fits, but the content is not what awsx writes.
    #[error("its content is malformed")]
    Body,
    /// Another unlocker's key opens it, or a key that is gone.
    #[error("it is sealed with another key")]
    OtherKey,
}

/// A sealed file, not yet opened.
#[derive(Debug)]
pub struct Envelope<'a> {
    key_id: KeyId,
    /// In clear text; proved only by opening
    pub header: &'a [u8],
    clear: &'a [u8],
    nonce: &'a [u8; NONCE],
    sealed: &'a [u8],
    tag: &'a [u8; TAG],
}

impl<'a> Envelope<'a> {
    pub fn parse(file: &'a [u8]) -> Result<Self, Unreadable> {
        if file.len() as u64 > MAX_LEN {
            return Err(Unreadable::TooLarge);
        }
        let rest = match file.strip_prefix(MAGIC) {
            Some(rest) => rest,
            None if MAGIC.starts_with(file) => return Err(Unreadable::Truncated),
            None => return Err(Unreadable::NotARecord),
        };
        match rest.first() {
            None => return Err(Unreadable::Truncated),
            Some(&VERSION) => {}
            Some(0) => return Err(Unreadable::NotARecord),
            Some(&version) => return Err(Unreadable::FutureVersion { version }),
        }
        let parts = || {
            let (key_id, rest) = rest[1..].split_first_chunk::<8>()?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (header, rest) =
                rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
            let clear = &file[..file.len() - rest.len()];
            let (nonce, rest) = rest.split_first_chunk::<NONCE>()?;
            let (sealed, tag) = rest.split_last_chunk::<TAG>()?;
            Some(Self { key_id: *key_id, header, clear, nonce, sealed, tag })
        };
        parts().ok_or(Unreadable::Truncated)
    }

    pub(super) fn is_sealed_with(&self, key: &DataKey) -> bool {
        self.key_id == key.id()
    }

    /// The body, if `key` sealed it under this name and nothing was altered.
    pub fn open(&self, key: &DataKey, name: &str) -> Result<Zeroizing<Vec<u8>>, Unreadable> {
        if !self.is_sealed_with(key) {
            return Err(Unreadable::OtherKey);
        }
        let mut body = Zeroizing::new(self.sealed.to_vec());
        if key.open(self.nonce, &additional_data(name, self.clear), &mut body, self.tag) {
            Ok(body)
        } else {
            Err(Unreadable::Altered)
        }
    }
}

/// A file for `name` with this header and, sealed, this body.
pub(super) fn seal(key: &DataKey, name: &str, header: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(header.len()).expect("headers are a few hundred bytes");
    // Room for all of it at once: a buffer that grows leaves clear text behind.
    let mut file = Vec::with_capacity(20 + header.len() + NONCE + body.len() + TAG);
    file.extend_from_slice(MAGIC);
    file.push(VERSION);
    file.extend_from_slice(&key.id());
    file.extend_from_slice(&length.to_be_bytes());
    file.extend_from_slice(header);
    let associated = additional_data(name, &file);
    let nonce_at = file.len();
    file.extend_from_slice(&[0; NONCE]);
    file.extend_from_slice(body);
    let (nonce, tag) = key.seal(&associated, &mut file[nonce_at + NONCE..]);
    file[nonce_at..nonce_at + NONCE].copy_from_slice(&nonce);
    file.extend_from_slice(&tag);
    file
}

fn additional_data(name: &str, clear: &[u8]) -> Vec<u8> {
    [&(name.len() as u64).to_be_bytes(), name.as_bytes(), clear].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> DataKey {
        DataKey::from_slice(&[1; 32]).unwrap()
    }

    fn opened(file: &[u8], name: &str) -> Result<Vec<u8>, Unreadable> {
        Ok(Envelope::parse(file)?.open(&key(), name)?.to_vec())
    }

    #[test]
    fn a_file_is_read_back() {
        for body in [&b""[..], b"x", &[7; 5000]] {
            let file = seal(&key(), "n", b"head", body);
            assert_eq!(Envelope::parse(&file).unwrap().header, b"head");
            assert_eq!(opened(&file, "n").unwrap(), body);
        }
    }

    #[test]
    fn every_cut_and_every_flipped_bit_is_noticed() {
        let file = seal(&key(), "n", b"head", b"body");
        for length in 0..file.len() {
            let problem = opened(&file[..length], "n").unwrap_err();
            // The last bytes still leave room for a tag, which is then the wrong one.
            assert!(
                matches!(problem, Unreadable::Truncated | Unreadable::Altered),
                "{length}: {problem}"
            );
        }
        for at in 0..file.len() {
            for bit in 0..8 {
                let mut altered = file.clone();
                altered[at] ^= 1 << bit;
                opened(&altered, "n").expect_err("altered");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let good = seal(&key(), "n", b"head", b"body");
        let with = |change: fn(&mut Vec<u8>)| {
            let mut file = good.clone();
            change(&mut file);
            file
        };
        for (docs, file, expected) in [
            ("empty", vec![], Unreadable::Truncated),
            ("another file", b"[default]\nregion = x\n".to_vec(), Unreadable::NotARecord),
            ("version 0", with(|f| f[7] = 0), Unreadable::NotARecord),
            ("version 2", with(|f| f[7] = 2), Unreadable::FutureVersion { version: 2 }),
            ("another key", with(|f| f[8] ^= 1), Unreadable::OtherKey),
            ("a header longer than the file", with(|f| f[16] = 0xff), Unreadable::Truncated),
            ("a shorter header", with(|f| f[19] = 3), Unreadable::Altered),
            ("another header", with(|f| f[20] = b'H'), Unreadable::Altered),
            ("appended bytes", with(|f| f.push(0)), Unreadable::Altered),
            ("too large", with(|f| f.resize(1 << 21, 0)), Unreadable::TooLarge),
        ] {
            assert_eq!(opened(&file, "n").unwrap_err(), expected, "{docs}");
        }
        assert_eq!(opened(&good, "m").unwrap_err(), Unreadable::Altered, "renamed");
    }
}
