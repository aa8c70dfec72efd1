//! DPoP (RFC 9449): a request proves, with a signature over what it is, that it comes from the holder of
//! a key. Which key a token is bound to is the service's matter.

use chrono::{DateTime, Utc};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::Value;

use super::base64url;
use super::request::Request;

/// How far from AWS's time a proof may have been made, in seconds.
const TOLERANCE: i64 = 300;

/// The proofs that have come, none of which may come again.
#[derive(Debug, Default)]
pub(super) struct Proofs(Vec<String>);

impl Proofs {
    /// The thumbprint (RFC 7638) of the key that made the request's proof.
    pub(super) fn key(
        &mut self,
        request: &Request,
        now: DateTime<Utc>,
    ) -> Result<String, &'static str> {
        let mut headers = request.headers.iter().filter(|(name, _)| name == "dpop");
        let (_, proof) = headers.next().ok_or("the DPoP header is missing")?;
        if headers.next().is_some() {
            return Err("there is more than one DPoP header");
        }
        let (signed, signature) = proof.rsplit_once('.').ok_or("the DPoP proof is no JWT")?;
        let (header, claims) = signed.split_once('.').ok_or("the DPoP proof is no JWT")?;
        let (header, claims) = base64url::json(header)
            .zip(base64url::json(claims))
            .ok_or("the DPoP proof is no JWT")?;
        if header["typ"] != "dpop+jwt" {
            return Err("typ of the DPoP proof must be dpop+jwt");
        }
        if header["alg"] != "ES256" {
            return Err("alg of the DPoP proof must be ES256");
        }
        let (point, thumbprint) = public_key(&header["jwk"])?;
        let signature = base64url::decode(signature).filter(|signature| signature.len() == 64);
        let signature = signature.ok_or("the signature of the DPoP proof must be 64 bytes")?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(signed.as_bytes(), &signature)
            .map_err(|_| "the signature of the DPoP proof does not fit")?;
        if claims["htm"] != request.method.as_str() {
            return Err("htm of the DPoP proof is not the method");
        }
        if claims["htu"] != format!("{}{}", request.origin(), request.path) {
            return Err("htu of the DPoP proof is not the address");
        }
        let made = claims["iat"].as_i64().ok_or("iat of the DPoP proof is no number")?;
        if (now.timestamp() - made).abs() > TOLERANCE {
            return Err("iat of the DPoP proof is too far from now");
        }
        let id = claims["jti"].as_str().filter(|id| !id.is_empty());
        let id = id.ok_or("jti of the DPoP proof is missing")?.to_owned();
        if self.0.contains(&id) {
            return Err("the DPoP proof has come before");
        }
        self.0.push(id);
        Ok(thumbprint)
    }
}

/// The point of a P-256 key, uncompressed, and its thumbprint.
fn public_key(jwk: &Value) -> Result<(Vec<u8>, String), &'static str> {
    if jwk["kty"] != "EC" || jwk["crv"] != "P-256" {
        return Err("jwk of the DPoP proof must be a P-256 key");
    }
    if jwk.get("d").is_some() {
        return Err("jwk of the DPoP proof must not have the private key");
    }
    let coordinate = |name: &str| {
        let text = jwk[name].as_str()?;
        base64url::decode(text).filter(|bytes| bytes.len() == 32).map(|bytes| (text, bytes))
    };
    let (x, y) = coordinate("x")
        .zip(coordinate("y"))
        .ok_or("the coordinates of jwk of the DPoP proof must be 32 bytes")?;
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, x.0, y.0);
    Ok(([vec![4], x.1, y.1].concat(), base64url::sha256(&canonical)))
}
