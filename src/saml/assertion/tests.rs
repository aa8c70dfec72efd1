//! What is read of an assertion, and what is refused.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

const ROLE: &str = "arn:aws:iam::111122223333:role/Dev";
const PROVIDER: &str = "arn:aws:iam::111122223333:saml-provider/Corp";
const PAIR: &str =
    "arn:aws:iam::111122223333:role/Dev,arn:aws:iam::111122223333:saml-provider/Corp";

fn read(xml: &str) -> Result<Assertion, AssertionFlaw> {
    Assertion::read(&Secret::new(STANDARD.encode(xml)))
}

fn attribute(name: &str, values: &[&str]) -> String {
    let value = |text: &&str| format!("<saml:AttributeValue>{text}</saml:AttributeValue>");
    let values: String = values.iter().map(value).collect();
    format!(
        "<saml:Attribute Name=\"https://aws.amazon.com/SAML/Attributes/{name}\">{values}</saml:Attribute>"
    )
}

fn assertion(attributes: &str) -> String {
    format!(
        "<saml:Assertion xmlns:saml=\"{ASSERTION}\"><saml:Subject><saml:SubjectConfirmation>\
         <saml:SubjectConfirmationData NotOnOrAfter=\"2026-01-02T03:09:05.123Z\"/>\
         </saml:SubjectConfirmation></saml:Subject><saml:Conditions \
         NotOnOrAfter=\"2026-01-02T04:04:05+01:00\"><saml:AudienceRestriction><saml:Audience>\
         urn:amazon:webservices</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
         <saml:AttributeStatement>{attributes}</saml:AttributeStatement></saml:Assertion>"
    )
}

fn response(inner: &str) -> String {
    format!(
        "<samlp:Response xmlns:samlp=\"{PROTOCOL}\"><samlp:Status><samlp:StatusCode \
         Value=\"{SUCCESS}\"/></samlp:Status>{inner}</samlp:Response>"
    )
}

fn of_roles(values: &[&str]) -> String {
    response(&assertion(&attribute("Role", values)))
}

#[test]
fn all_that_awsx_needs_is_read() {
    let more = attribute("Role", &[PAIR])
        + &attribute("RoleSessionName", &[" ann@corp.example "])
        + &attribute("SessionDuration", &["28800"])
        + "<saml:Attribute Name=\"other\"><saml:AttributeValue><a/></saml:AttributeValue></saml:Attribute>";
    let found = read(&format!("<?xml version=\"1.0\"?><!-- x -->{}", response(&assertion(&more))));
    let found = found.unwrap();
    assert_eq!(found.roles, [SamlRole { role_arn: ROLE.into(), principal_arn: PROVIDER.into() }]);
    assert_eq!(found.session_name.as_deref(), Some("ann@corp.example"));
    assert_eq!(found.duration, Some(Duration::from_secs(28_800)));
    assert_eq!(found.ends.unwrap().to_rfc3339(), "2026-01-02T03:04:05+00:00");
    assert!(!format!("{found:?}").contains("UmVzcG9uc2U"), "{found:?}");
}

#[test]
fn roles_are_pairs_in_either_order() {
    let turned = format!("{PROVIDER},{ROLE}");
    let comma = "arn:aws:iam::111122223333:role/a,b";
    for (docs, values, expected) in [
        ("role first", vec![PAIR.to_owned()], vec![ROLE]),
        ("provider first", vec![turned.clone()], vec![ROLE]),
        ("blanks", vec![format!("\n  {ROLE} ,\n  {PROVIDER}\n")], vec![ROLE]),
        ("the same twice", vec![PAIR.to_owned(), turned], vec![ROLE]),
        ("a comma in a name", vec![format!("{comma},{PROVIDER}")], vec![comma]),
        ("the same, turned", vec![format!("{PROVIDER},{comma}")], vec![comma]),
        ("one that is none among them", vec!["Dev".into(), PAIR.into()], vec![ROLE]),
        ("CDATA", vec![format!("<![CDATA[{PAIR}]]>")], vec![ROLE]),
        ("no pair", vec![ROLE.into()], vec![]),
        ("two roles", vec![format!("{ROLE},{ROLE}")], vec![]),
        ("two providers", vec![format!("{PROVIDER},{PROVIDER}")], vec![]),
        ("a user", vec![format!("arn:aws:iam::111122223333:user/x,{PROVIDER}")], vec![]),
        ("three", vec![format!("{PAIR},{ROLE}")], vec![]),
        ("nothing", vec![String::new()], vec![]),
        ("none", vec![], vec![]),
    ] {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        match read(&of_roles(&values)) {
            Ok(found) => {
                let roles: Vec<&str> = found.roles.iter().map(|role| &*role.role_arn).collect();
                assert_eq!(roles, expected, "{docs}");
            }
            Err(flaw) => {
                assert!(expected.is_empty(), "{docs}: {flaw}");
                let audience = Some("urn:amazon:webservices".to_owned());
                assert_eq!(flaw, AssertionFlaw::NoRole(audience), "{docs}");
            }
        }
    }
    // An element for each, as Keycloak writes them.
    let other = format!("arn:aws:iam::111122223333:role/Other,{PROVIDER}");
    let two = attribute("Role", &[PAIR]) + &attribute("Role", &[&other]);
    assert_eq!(read(&response(&assertion(&two))).unwrap().roles.len(), 2);
}

#[test]
fn what_aws_does_not_take_for_a_duration_does_not_count() {
    for (text, expected) in
        [("900", Some(900)), ("899", None), ("43201", None), ("1h", None), ("-1", None), ("", None)]
    {
        let more = attribute("Role", &[PAIR]) + &attribute("SessionDuration", &[text]);
        let found = read(&response(&assertion(&more))).unwrap().duration;
        assert_eq!(found.map(|duration| duration.as_secs()), expected, "{text}");
    }
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    use AssertionFlaw as F;
    let right = assertion(&attribute("Role", &[PAIR]));
    let name = |text: &str| {
        response(&assertion(&(attribute("Role", &[PAIR]) + &attribute("RoleSessionName", &[text]))))
    };
    let twice = attribute("Role", &[PAIR]) + &attribute("RoleSessionName", &["a", "b"]);
    let billion = "<!DOCTYPE r [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]>";
    let external = "<!DOCTYPE r [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    let deep = |n: usize| "<a>".repeat(n) + &"</a>".repeat(n);
    for (docs, xml, expected) in [
        ("a DTD", format!("<!DOCTYPE r>{}", response(&right)), F::Dtd),
        ("entities", format!("{billion}{}", response(&right)), F::Dtd),
        ("a file", format!("{external}{}", response(&right)), F::Dtd),
        ("an unknown entity", name("&a;"), F::Entity),
        ("half an entity", name("a & b"), F::Entity),
        (
            "a comment in a role",
            of_roles(&[&PAIR.replace("Dev", "Dev<!-- x -->X")]),
            F::Markup("Role"),
        ),
        ("a comment in a name", name("ann<!-- x -->@corp"), F::Markup("RoleSessionName")),
        ("a comment before it", name("<!-- x -->ann"), F::Markup("RoleSessionName")),
        ("an element", name("ann<b/>"), F::Markup("RoleSessionName")),
        ("an instruction", name("ann<?x?>"), F::Markup("RoleSessionName")),
        (
            "a comment in the audience",
            response(&right).replace("urn:amazon", "urn<!-- -->:amazon"),
            F::Markup("Audience"),
        ),
        ("two names", response(&assertion(&twice)), F::Twice("RoleSessionName")),
        ("two assertions", response(&format!("{right}{right}")), F::Several(2)),
        (
            "one in the other",
            response(&right.replace("</saml:Assertion>", &format!("{right}</saml:Assertion>"))),
            F::Nested,
        ),
        ("one beside, within", response(&format!("{right}<x>{right}</x>")), F::Nested),
        (
            "within something",
            response(&format!("<samlp:Extensions>{right}</samlp:Extensions>")),
            F::Nested,
        ),
        ("no response", right.clone(), F::NotResponse),
        ("another namespace", response(&right).replace(PROTOCOL, "urn:x"), F::NotResponse),
        ("of another namespace", response(&right).replace(ASSERTION, "urn:x"), F::NoAssertion),
        ("none", response(""), F::NoAssertion),
        (
            "an encrypted one",
            response(&format!("<e:EncryptedAssertion xmlns:e=\"{ASSERTION}\"/>")),
            F::Encrypted,
        ),
        ("a request", format!("<samlp:AuthnRequest xmlns:samlp=\"{PROTOCOL}\"/>"), F::Request),
        (
            "a refusal",
            response(&right).replace(
                "Success\"/>",
                "Responder\"><samlp:StatusCode Value=\"urn:x:AuthnFailed\"/></samlp:StatusCode>",
            ),
            F::Refusal("AuthnFailed".into()),
        ),
        ("a time", response(&right).replace("2026-01-02T04", "soon"), F::Time("Conditions")),
        ("cut", response(&right)[..300].to_owned(), F::Xml),
        ("two roots", format!("{0}{0}", response(&right)), F::Xml),
        ("no XML", "hello".into(), F::Xml),
        ("a crowd", response(&"<a/>".repeat(12_000)), F::Xml),
        ("a deep one", response(&deep(9000)), F::NoAssertion),
    ] {
        assert_eq!(read(&xml).err(), Some(expected), "{docs}");
    }
}
