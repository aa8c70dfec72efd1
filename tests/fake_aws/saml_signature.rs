//! XML signatures as identity providers make them: enveloped in the assertion, of its exclusive canonical
//! form, by ECDSA with SHA-256. <https://www.w3.org/TR/xmldsig-core1/>
//!
//! What is signed here is written in that form already, and nothing else is accepted.

use std::sync::Arc;

use aws_smithy_types::base64::{decode, encode};
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};

/// Of the assertion
pub(super) const ID: &str = "_assertion";

const DS: &str = "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// The key of an identity provider; IAM has its public half.
#[derive(Clone)]
pub(crate) struct SigningKey(Arc<EcdsaKeyPair>);

impl SigningKey {
    pub(crate) fn generate() -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("ring makes P-256 keys");
        let pair = EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random);
        Self(Arc::new(pair.expect("ring reads its own keys")))
    }

    fn sign(&self, text: &str) -> String {
        let signature = self.0.sign(&SystemRandom::new(), text.as_bytes());
        encode(signature.expect("ring signs"))
    }

    fn has_signed(&self, text: &str, signature: &str) -> bool {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.0.public_key());
        decode(signature).is_ok_and(|signature| key.verify(text.as_bytes(), &signature).is_ok())
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningKey")
    }
}

/// An assertion, before and after the place of its signature.
pub(super) struct Unsigned {
    pub(super) before: String,
    pub(super) after: String,
}

impl Unsigned {
    pub(super) fn sign(&self, key: &SigningKey) -> String {
        let Self { before, after } = self;
        let info = signed_info(&format!("{before}{after}"));
        let signature = key.sign(&info);
        // The declaration of the canonical form is the signature's own here.
        let info = info.replacen(&format!(" {DS}"), "", 1);
        format!(
            "{before}<ds:Signature {DS}>{info}<ds:SignatureValue>{signature}</ds:SignatureValue>\
             </ds:Signature>{after}"
        )
    }
}

/// What is signed: that this is the digest of the assertion without its signature.
fn signed_info(assertion: &str) -> String {
    let digest = encode(digest(&SHA256, assertion.as_bytes()));
    format!(
        "<ds:SignedInfo {DS}>\
         <ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\">\
         </ds:SignatureMethod><ds:Reference URI=\"#{ID}\"><ds:Transforms><ds:Transform \
         Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>\
         <ds:Transform Algorithm=\"{EXCLUSIVE}\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    )
}

/// The assertion that this key signed, without the signature.
pub(super) fn check(response: &str, key: &SigningKey) -> Option<String> {
    let only = |text: &str, start: &str, end: &str| {
        let (_, rest) = text.split_once(start)?;
        let (found, after) = rest.split_once(end)?;
        (!after.contains(start)).then(|| format!("{start}{found}{end}"))
    };
    let assertion = only(response, "<saml:Assertion ", "</saml:Assertion>")?;
    let signature = only(&assertion, "<ds:Signature ", "</ds:Signature>")?;
    let assertion = assertion.replacen(&signature, "", 1);
    let value = only(&signature, "<ds:SignatureValue>", "</ds:SignatureValue>")?;
    let value = value.trim_start_matches("<ds:SignatureValue>");
    let value = value.trim_end_matches("</ds:SignatureValue>");
    let info = signed_info(&assertion);
    let written = info.replacen(&format!(" {DS}"), "", 1);
    (signature.contains(&written) && key.has_signed(&info, value)).then_some(assertion)
}
