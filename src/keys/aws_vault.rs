//! What aws-vault keeps: an item of its keyring, which its `file` backend seals as a JWE with a passphrase.
//! <https://www.rfc-editor.org/rfc/rfc7518#section-4.8>, <https://www.rfc-editor.org/rfc/rfc3394>

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::generic_array::GenericArray;
use aes_gcm::aes::cipher::{BlockDecrypt, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::prelude::*;
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::given::NewKey;
use super::import::Candidate;
use crate::credentials::Secret;
use crate::credentials::document::Fields;

const ALGORITHM: &str = "PBES2-HS256+A128KW";
const ENCRYPTION: &str = "A256GCM";
/// Rounds of PBKDF2, at most: aws-vault has 8,192.
const MOST_ROUNDS: u32 = 10_000_000;

/// Why a sealed item is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotOpened {
    #[error("the passphrase is another one, or the item was altered")]
    Passphrase,
    #[error("it is no item of aws-vault's file backend")]
    Format,
}

#[derive(Deserialize)]
struct JweHeader {
    alg: String,
    enc: String,
    /// The salt
    p2s: String,
    /// How many rounds
    p2c: u32,
}

/// The content of a JWE in its compact form.
pub(crate) fn open_jwe(text: &str, passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
    let parts: Vec<&str> = text.trim().split('.').collect();
    let [protected, key, iv, content, tag] = parts[..] else { return Err(NotOpened::Format) };
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| NotOpened::Format);
    let header: JweHeader =
        serde_json::from_slice(&decode(protected)?).map_err(|_| NotOpened::Format)?;
    let iv = decode(iv)?;
    if header.alg != ALGORITHM
        || header.enc != ENCRYPTION
        || !(1..=MOST_ROUNDS).contains(&header.p2c)
        || iv.len() != 12
    {
        return Err(NotOpened::Format);
    }
    let salt = [ALGORITHM.as_bytes(), &[0], &decode(&header.p2s)?].concat();
    let wrapping = derive(passphrase, &salt, header.p2c);
    let content_key = unwrap_key(&wrapping, &decode(key)?).ok_or(NotOpened::Passphrase)?;
    let cipher = Aes256Gcm::new_from_slice(&content_key).map_err(|_| NotOpened::Format)?;
    let sealed = [decode(content)?, decode(tag)?].concat();
    let payload = Payload { msg: &sealed, aad: protected.as_bytes() };
    let opened = cipher.decrypt(Nonce::from_slice(&iv), payload);
    opened.map(Zeroizing::new).map_err(|_| NotOpened::Passphrase)
}

/// The first 16 bytes of PBKDF2 with HMAC-SHA-256, <https://www.rfc-editor.org/rfc/rfc8018#section-5.2>
fn derive(passphrase: &Secret, salt: &[u8], rounds: u32) -> Zeroizing<[u8; 16]> {
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(passphrase.expose().as_bytes())
        .expect("HMAC takes a key of any length");
    let sign = |text: &[&[u8]]| {
        let mac = text.iter().fold(mac.clone(), |mac, part| mac.chain_update(part));
        Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()))
    };
    let mut last = sign(&[salt, &1_u32.to_be_bytes()]);
    let mut sum = last.clone();
    for _ in 1..rounds {
        last = sign(&[&*last]);
        sum.iter_mut().zip(last.iter()).for_each(|(sum, last)| *sum ^= last);
    }
    let mut key = Zeroizing::new([0; 16]);
    key.copy_from_slice(&sum[..16]);
    key
}

/// AES Key Wrap, backwards; `None` where the key is another one.
fn unwrap_key(wrapping: &[u8; 16], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let cipher = Aes128::new(GenericArray::from_slice(wrapping));
    let (halves, []) = wrapped.as_chunks::<8>() else { return None };
    let (check, halves) = halves.split_first()?;
    let mut check = *check;
    let mut halves = Zeroizing::new(halves.to_vec());
    let count = halves.len() as u64;
    for round in (0..6).rev() {
        for (at, half) in halves.iter_mut().enumerate().rev() {
            let step = count * round + at as u64 + 1;
            let left = u64::from_be_bytes(check) ^ step;
            let mut block = [left.to_be_bytes(), *half].concat();
            cipher.decrypt_block(GenericArray::from_mut_slice(&mut block));
            check.copy_from_slice(&block[..8]);
            half.copy_from_slice(&block[8..]);
        }
    }
    (check == [0xa6; 8]).then(|| Zeroizing::new(halves.concat()))
}

/// An item of aws-vault's keyring.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    key: String,
    /// Base 64
    data: String,
}

/// The access key that an item holds. `None` for the sessions that aws-vault keeps beside them.
pub(crate) fn candidate(item: &[u8], place: &str) -> Option<Candidate> {
    let item: Item = serde_json::from_slice(item).ok()?;
    let data = Zeroizing::new(BASE64_STANDARD.decode(&item.data).ok()?);
    let mut fields = Fields::parse(&data).ok()?;
    if fields.string("SessionToken").ok()?.is_some() {
        return None;
    }
    let id = fields.string("AccessKeyID").ok()??;
    let secret = Secret::new(fields.string("SecretAccessKey").ok()??);
    Some(Candidate {
        name: item.key,
        place: place.to_owned(),
        key: NewKey::new(&id, &secret).map_err(|problem| problem.to_string()),
        section: None,
        mfa_serial: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made with jwcrypto, another implementation, in aws-vault's form.
    const KEY: &str = "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJjcmVhdGVkIjoiVGh1LCAyNiBOb3YgMjAyNiAwMDowMDowMCBVVEMiLCJlbmMiOiJBMjU2R0NNIiwicDJjIjo4MTkyLCJwMnMiOiJDaVJoTDBPNDZXZDBsM1FfMzF4MEVRIn0.ErHfUT_ILZVHl2LGHQ74ogZMw9FkQlWuUFhOIzbLuDFjd8ppbOfXNg.DBIOBnOCvykGK7FA.C4oj4fBW7Ck5r69JP1wzhjMil4tFd0D_3pb0AyuBRWdT2IBTntWi55lSCH6k28vYc5_I70rMwzr93AgqkArzsXD5cRvGLL9V1MXfRNQls8OGDG0C7r-2uJUdNnhjtA3uixNwLo7_R_Ojh4DcyQd66m5Z98osy8Jbi2ZtCMJC3Znax06tqDzamYjwAkg-tfa_c2YKO2W3KJifC69Bg8-DWQQPnGLgoau3q8UQExZPvw4pMDz0i4gwEqSk0lf33WqVLDd5yHHBiD80U-tEEFWvLqmSqUgEqjOkkm9rIqVkPprRQitVDPfp3zoi8XMj-zvVdvmh1Bu0GCA55pjjSBV1nlpAkoqhsYgPXUrznpLD5pcLtgw8r2-YTcqxkjdFBGrFmrGOOBysAHj5xzp2KLUpCBHV7kakldzht6ROMC1eKy-AObU4xTRMBO9B2IbwIuaDs6A8K_QVYnGbltaV4UjE9HnOWxctlydJsoAMpWNnRglj8oIEacQY0voGAiNs_CW55byiLIzy7kOdy473M7gncDlUPg.YUucp0H1fRPpT4Ua-3fYCw";
    const SESSION: &str = "eyJhbGciOiJQQkVTMi1IUzI1NitBMTI4S1ciLCJjcmVhdGVkIjoiVGh1LCAyNiBOb3YgMjAyNiAwMDowMDowMCBVVEMiLCJlbmMiOiJBMjU2R0NNIiwicDJjIjo4MTkyLCJwMnMiOiJKLWtNWVpzMzFobXVtT0ZfOVc4bmFBIn0.iE1RPS8obor6FsZTaYYaUGsQox70eyhqrJ5eITVEhxCMP5Z5gh48LA.4amrMlNtNrVXFEgq.NnPVgvSOyJ_56rTFk1rWgEoiC5Eyat11IrHSfleedv09Ffz4iCXkjGQ2I1tneAI35A8aMJqAdtE_r50Oh1BxIWwr3h31WRUXqcfnzaYkFxtVZOsNU1p13wnSLnJfNdqOlmONIggxEPk5P8wfCVWH4b6MYZDeNAl5is_jk6s1jsi3p3Z0y5LxUAd-rgSKLpEuLx6OWoutnP-1vYanN0FXLBWsX-QFMwMzYCCltHXbklGroN8_jJdyj3l-X3y1it7_2PjHgjGpvba8DTmiy79tApSCKMdXPNgidb_VOL8Iuip93QO_GyzBtd0EXYn0RDHH_jnf_K13uSZbdnL7LqzYgDl1_AcqqZLF-J161OblufA_BMTNsJ5yenIB6ZIG3jqcDgYLBfOnHR7sZTBo3kkxY3FJLzYXC48kQVTN3mcHW1tIX5TGSqKJXCIKR7EE3VnYtBS41Ynx6sIVhSGOWM5XxalITSv_I5N2XKZoQwBNfmXWHeDm-ZMCsXQ.GEg5yAF7s518XY3znU3UXA";

    #[test]
    fn items_of_the_file_backend_are_opened() {
        let passphrase = Secret::new("planted-9f3c8a-words-that-open");
        let opened = open_jwe(KEY, &passphrase).unwrap();
        let found = candidate(&opened, "f").unwrap();
        let key = found.key.unwrap().credentials;
        assert_eq!((&*found.name, &*key.access_key_id), ("dev", "AKIA2SANDBOXEXAMPLE7"));
        assert_eq!(key.secret_access_key.expose(), "sandbox/dev+wJalrXUtnFEMIbPxRfiCYEXAMPLE");
        let session = open_jwe(SESSION, &passphrase).unwrap();
        assert!(candidate(&session, "f").is_none(), "aws-vault's sessions are not taken over");
        assert_eq!(open_jwe(KEY, &Secret::new("another")).unwrap_err(), NotOpened::Passphrase);
    }

    #[test]
    fn what_was_altered_or_is_something_else_is_not_opened() {
        let passphrase = Secret::new("planted-9f3c8a-words-that-open");
        let parts: Vec<&str> = KEY.split('.').collect();
        for at in 0..5 {
            let mut other = parts.clone();
            let changed: String =
                other[at].chars().rev().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
            other[at] = &changed;
            assert!(open_jwe(&other.join("."), &passphrase).is_err(), "part {at}");
        }
        for text in ["", "a.b.c.d.e", "{}", &KEY[1..], &format!("{KEY}.x")] {
            assert_eq!(open_jwe(text, &passphrase).unwrap_err(), NotOpened::Format, "{text}");
        }
        let slow = r#"{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2s":"AA","p2c":4000000000}"#;
        let slow = format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(slow), parts[1..].join("."));
        assert_eq!(open_jwe(&slow, &passphrase).unwrap_err(), NotOpened::Format);
        for item in ["", "{}", r#"{"Key":"a","Data":"!"}"#, r#"{"Key":"a","Data":"e30="}"#] {
            assert!(candidate(item.as_bytes(), "f").is_none(), "{item}");
        }
    }
}
