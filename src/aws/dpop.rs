//! DPoP, RFC 9449: a token is bound to a private key, and each request proves that it has the key.
//! How the tokens are got is [`super::signin`]'s.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use p256::SecretKey;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::elliptic_curve::rand_core::OsRng;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::der::pem::{LineEnding, encode_string};
use serde_json::json;
use zeroize::Zeroizing;

use crate::credentials::Secret;
use crate::text::{hex, random};

/// `ECPrivateKey` of RFC 5915 up to the 32 bytes of the key: a sequence of 119 bytes, version 1.
const BEFORE_KEY: [u8; 7] = [0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20];
/// What is between the private key and the 65 bytes of the public one: the curve, prime256v1, and the
/// tag of the public key.
const BEFORE_PUBLIC_KEY: [u8; 17] = [
    0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0xa1, 0x44, 0x03, 0x42,
    0x00,
];

/// A private key on P-256. Wiped when dropped.
pub(super) struct DpopKey(SecretKey);

impl DpopKey {
    pub(super) fn generate() -> Self {
        Self(SecretKey::random(&mut OsRng))
    }

    /// Reads what [`Self::to_pem`] or the AWS CLI wrote; none where it is no such key.
    pub(super) fn from_pem(pem: &Secret) -> Option<Self> {
        SecretKey::from_sec1_pem(pem.expose()).ok().map(Self)
    }

    /// SEC1 in PEM. The curve is in it, as the AWS CLI needs it; the crate's own writer leaves it
    /// out.
    pub(super) fn to_pem(&self) -> Secret {
        let (key, public) = (Zeroizing::new(self.0.to_bytes()), self.0.public_key());
        let mut der = Zeroizing::new(Vec::with_capacity(121));
        der.extend_from_slice(&BEFORE_KEY);
        der.extend_from_slice(&key);
        der.extend_from_slice(&BEFORE_PUBLIC_KEY);
        der.extend_from_slice(public.to_encoded_point(false).as_bytes());
        let pem = encode_string("EC PRIVATE KEY", LineEnding::LF, &der);
        Secret::new(pem.expect("121 bytes become PEM"))
    }

    /// The value of the header `DPoP` of one POST request: a JWT signed with ES256. `issued_at` is in
    /// seconds since 1970; `id` is used once.
    pub(super) fn proof(&self, url: &str, issued_at: i64, id: &str) -> String {
        let public = self.0.public_key().to_encoded_point(false);
        let coordinate = |bytes: Option<&p256::FieldBytes>| {
            BASE64_URL_SAFE_NO_PAD.encode(bytes.expect("an uncompressed point has both"))
        };
        let header = json!({
            "typ": "dpop+jwt",
            "alg": "ES256",
            "jwk": {
                "kty": "EC",
                "x": coordinate(public.x()),
                "y": coordinate(public.y()),
                "crv": "P-256",
            },
        });
        let payload = json!({ "htm": "POST", "htu": url, "iat": issued_at, "jti": id });
        let part =
            |json: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string().as_bytes());
        let message = format!("{}.{}", part(header), part(payload));
        let signature: Signature = SigningKey::from(&self.0).sign(message.as_bytes());
        format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }
}

/// A new name for a proof, a UUID of version 4.
pub(super) fn new_id() -> String {
    let mut bytes = random::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let fields = [&bytes[..4], &bytes[4..6], &bytes[6..8], &bytes[8..10], &bytes[10..]];
    fields.map(hex).join("-")
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;
    use serde_json::Value;

    use super::*;

    /// `openssl ecparam -name prime256v1 -genkey -noout`
    const PEM: &str = "\
-----BEGIN EC PRIVATE KEY-----\n\
MHcCAQEEINwgCntQnqxF9bq4fETB6e3621X9TPeKVQZCp/aS42bLoAoGCCqGSM49\n\
AwEHoUQDQgAEiv1U7OjlNLuDRe1dMJU7To8XJa0xr5h/IL5O1KXpRdEzT8Qp4N+4\n\
AAzZ1KBX++Wi2MCPrzITFqKxvpiXkLXMGA==\n\
-----END EC PRIVATE KEY-----\n";

    #[test]
    fn a_key_is_written_as_openssl_writes_it() {
        let key = DpopKey::from_pem(&Secret::new(PEM)).unwrap();
        assert_eq!(key.to_pem().expose(), PEM);
        let new = DpopKey::generate();
        assert_eq!(DpopKey::from_pem(&new.to_pem()).unwrap().0, new.0);
        assert_ne!(DpopKey::generate().0, new.0);
    }

    #[test]
    fn other_texts_are_no_key() {
        let cut = &PEM[..PEM.len() / 2];
        let other = PEM.replace("EC PRIVATE", "RSA PRIVATE");
        for (docs, text) in
            [("nothing", ""), ("words", "planted"), ("cut off", cut), ("RSA", &other)]
        {
            assert!(DpopKey::from_pem(&Secret::new(text)).is_none(), "{docs}");
        }
    }

    #[test]
    fn a_proof_is_what_rfc_9449_says() {
        let key = DpopKey::from_pem(&Secret::new(PEM)).unwrap();
        let proof =
            key.proof("https://eu-west-1.signin.aws.amazon.com/v1/token", 1_767_268_800, "i");
        let parts: Vec<&str> = proof.split('.').collect();
        let [header, payload, signature] = parts[..] else { panic!("{proof}") };
        let decoded = |part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap();
        let read = |part| -> Value { serde_json::from_slice(&decoded(part)).unwrap() };
        let (header_json, payload_json) = (read(header), read(payload));
        assert_eq!(header_json["typ"], "dpop+jwt");
        assert_eq!(header_json["alg"], "ES256");
        assert_eq!(header_json["jwk"]["kty"], "EC");
        assert_eq!(header_json["jwk"]["crv"], "P-256");
        assert_eq!(
            payload_json,
            json!({
                "htm": "POST",
                "htu": "https://eu-west-1.signin.aws.amazon.com/v1/token",
                "iat": 1_767_268_800,
                "jti": "i",
            })
        );
        // The key as the header says it, not as the test knows it.
        let mut point = vec![4];
        for coordinate in ["x", "y"] {
            point.extend(decoded(header_json["jwk"][coordinate].as_str().unwrap()));
        }
        let public = VerifyingKey::from_sec1_bytes(&point).unwrap();
        let signature = Signature::from_slice(&decoded(signature)).unwrap();
        public.verify(format!("{header}.{payload}").as_bytes(), &signature).unwrap();
        assert!(public.verify(b"something else", &signature).is_err());
    }

    #[test]
    fn names_of_proofs_are_uuids() {
        let id = new_id();
        assert_eq!((id.len(), &id[14..15]), (36, "4"), "{id}");
        assert!(id.chars().all(|c| c.is_ascii_hexdigit() || c == '-'), "{id}");
        assert_ne!(new_id(), id);
    }
}
