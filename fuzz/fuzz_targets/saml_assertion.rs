//! What an identity provider, a command or a person brings: never a panic, nothing of it in an error's
//! message, and where it is taken for an assertion it has roles that AWS could know, none of them of an entity.

#![no_main]

use awsx::for_tests::{Secret, roles_of_assertion};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;

/// Planted where a person's name would be.
const SECRET: &str = "PLANTED-NAME";
const BEFORE: &str = "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
                      xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"><p:Status>\
                      <p:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></p:Status>\
                      <Assertion>";
const ROLE: &str = "<AttributeStatement>\
                    <Attribute Name=\"https://aws.amazon.com/SAML/Attributes/Role\"><AttributeValue>\
                    arn:aws:iam::222222222222:role/R,arn:aws:iam::222222222222:saml-provider/P\
                    </AttributeValue></Attribute></AttributeStatement>";
const AFTER: &str = "</Assertion></p:Response>";

fn read(xml: &str) -> Result<Vec<[String; 2]>, String> {
    let read = roles_of_assertion(&Secret::new(STANDARD.encode(xml)));
    if let Ok(roles) = &read {
        assert!(!roles.is_empty());
        for [role, provider] in roles {
            assert!(role.starts_with("arn:") && role.contains(":role/"), "{role:?}");
            assert!(provider.starts_with("arn:"), "{provider:?}");
        }
    }
    read
}

fuzz_target!(|text: &str| {
    let _ = roles_of_assertion(&Secret::new(text));
    let _ = read(text);
    // Within a good one: what stands beside the role cannot take it away unseen.
    if let Ok(roles) = read(&format!("{BEFORE}{text}{ROLE}{AFTER}")) {
        assert!(roles.iter().any(|[role, _]| role.ends_with(":role/R")), "{text:?}: {roles:?}");
    }
    let entity = format!("<!DOCTYPE a [<!ENTITY e \"{SECRET}\">]>{BEFORE}{ROLE}&e;{text}{AFTER}");
    assert!(read(&entity).is_err(), "a document type is taken");
    if let Err(problem) = read(&format!("{BEFORE}<Issuer>{SECRET}</Issuer>{text}{ROLE}")) {
        assert!(!problem.contains(SECRET), "{problem}");
    }
});
