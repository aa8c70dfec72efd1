//! Reads an assertion.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html>

use std::time::Duration;

use chrono::{DateTime, Utc};
use roxmltree::{Document, Error, Node, ParsingOptions};

use super::encoded::decode;
use super::flaw::AssertionFlaw;
use crate::credentials::arn::check_role_arn;
use crate::credentials::{Secret, SessionKey};

/// What an identity provider says of a person to AWS.
#[derive(Clone, Debug)]
pub(crate) struct Assertion {
    /// Base 64, as AWS takes it
    pub encoded: Secret,
    /// In the order of the assertion; never empty
    pub roles: Vec<SamlRole>,
    /// `RoleSessionName`
    pub session_name: Option<String>,
    /// `SessionDuration`, where AWS takes it
    pub duration: Option<Duration>,
    /// The first `NotOnOrAfter`
    pub ends: Option<DateTime<Utc>>,
}

/// A role, and the provider in IAM that vouches for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SamlRole {
    pub role_arn: String,
    pub principal_arn: String,
}

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// AWS's bounds, in seconds.
const DURATION: std::ops::RangeInclusive<u64> = 900..=43_200;

/// Elements, attributes and texts of a document, at most.
const NODES: u32 = 10_000;

impl Assertion {
    /// Names it, without showing it.
    pub(crate) fn name(&self) -> SessionKey {
        SessionKey::builder("SAML assertion").field("assertion", self.encoded.expose()).build()
    }

    /// Reads base 64, also as a browser's tools show the form that holds it.
    pub(crate) fn read(given: &Secret) -> Result<Self, AssertionFlaw> {
        let (encoded, xml) = decode(given)?;
        let options = ParsingOptions { nodes_limit: NODES, ..ParsingOptions::default() };
        let document =
            Document::parse_with_options(&xml, options).map_err(|error| match error {
                Error::DtdDetected => AssertionFlaw::Dtd,
                Error::UnknownEntityReference(..) | Error::MalformedEntityReference(_) => {
                    AssertionFlaw::Entity
                }
                _ => AssertionFlaw::Xml,
            })?;
        let assertion = find(&document)?;
        let audience = only_text(assertion, "Audience")?;
        let roles = roles(assertion)?;
        if roles.is_empty() {
            return Err(AssertionFlaw::NoRole(audience));
        }
        let seconds = attribute(assertion, "SessionDuration")?;
        let seconds = seconds.and_then(|text| text.parse().ok());
        Ok(Self {
            encoded,
            roles,
            session_name: attribute(assertion, "RoleSessionName")?,
            duration: seconds.filter(|s| DURATION.contains(s)).map(Duration::from_secs),
            ends: end(assertion)?,
        })
    }
}

fn is(node: Node<'_, '_>, space: &str, name: &str) -> bool {
    node.tag_name().namespace() == Some(space) && node.tag_name().name() == name
}

/// The one assertion of a response that says yes.
fn find<'a, 'input>(document: &'a Document<'input>) -> Result<Node<'a, 'input>, AssertionFlaw> {
    let root = document.root_element();
    if is(root, PROTOCOL, "AuthnRequest") {
        return Err(AssertionFlaw::Request);
    }
    if !is(root, PROTOCOL, "Response") {
        return Err(AssertionFlaw::NotResponse);
    }
    let codes = root.descendants().filter(|node| is(*node, PROTOCOL, "StatusCode"));
    let codes: Vec<&str> = codes.filter_map(|code| code.attribute("Value")).collect();
    if let (Some(first), Some(last)) = (codes.first(), codes.last())
        && *first != SUCCESS
    {
        let last = last.rsplit(':').next().unwrap_or_default();
        return Err(AssertionFlaw::Refusal(last.chars().take(64).collect()));
    }
    let named = |name| root.descendants().filter(move |node| is(*node, ASSERTION, name));
    let found: Vec<_> = named("Assertion").collect();
    match found[..] {
        [only] if only.parent() == Some(root) => Ok(only),
        [] if named("EncryptedAssertion").next().is_some() => Err(AssertionFlaw::Encrypted),
        [] => Err(AssertionFlaw::NoAssertion),
        _ if found.iter().all(|node| node.parent() == Some(root)) => {
            Err(AssertionFlaw::Several(found.len()))
        }
        _ => Err(AssertionFlaw::Nested),
    }
}

/// The text of an element, which has nothing else: what stands behind a comment is read by some and not by
/// others.
fn text(node: Node<'_, '_>, what: &'static str) -> Result<String, AssertionFlaw> {
    let mut children = node.children();
    let text = children.next();
    if children.next().is_some() || text.is_some_and(|child| !child.is_text()) {
        return Err(AssertionFlaw::Markup(what));
    }
    Ok(text.and_then(|text| text.text()).unwrap_or_default().trim().to_owned())
}

/// The text of the first element with this name.
fn only_text(assertion: Node<'_, '_>, name: &'static str) -> Result<Option<String>, AssertionFlaw> {
    let found = assertion.descendants().find(|node| is(*node, ASSERTION, name));
    found.map(|node| text(node, name)).transpose()
}

/// The values of AWS's attribute. Some providers write an element for each value.
fn attributes(assertion: Node<'_, '_>, name: &'static str) -> Result<Vec<String>, AssertionFlaw> {
    let is_it = |node: &Node<'_, '_>| {
        let found = node.attribute("Name");
        is(*node, ASSERTION, "Attribute")
            && found.and_then(|found| found.strip_prefix("https://aws.amazon.com/SAML/Attributes/"))
                == Some(name)
    };
    let found = assertion.descendants().filter(is_it);
    let values = found.flat_map(|node| node.children());
    let values = values.filter(|node| is(*node, ASSERTION, "AttributeValue"));
    values.map(|node| text(node, name)).collect()
}

/// The only value of AWS's attribute.
fn attribute(assertion: Node<'_, '_>, name: &'static str) -> Result<Option<String>, AssertionFlaw> {
    let mut values = attributes(assertion, name)?.into_iter();
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(AssertionFlaw::Twice(name)),
        (first, None) => Ok(first.filter(|text| !text.is_empty())),
    }
}

/// Each pair once. What is no pair is of no use to AWS either.
fn roles(assertion: Node<'_, '_>) -> Result<Vec<SamlRole>, AssertionFlaw> {
    let mut roles: Vec<SamlRole> = Vec::new();
    for value in attributes(assertion, "Role")? {
        if let Some(role) = pair(&value)
            && !roles.contains(&role)
        {
            roles.push(role);
        }
    }
    Ok(roles)
}

/// A role and its provider, in either order. A name may have a comma in it.
fn pair(value: &str) -> Option<SamlRole> {
    let commas = value.match_indices(',');
    let mut halves = commas.map(|(at, _)| (value[..at].trim(), value[at + 1..].trim()));
    let (first, second) = halves.find(|(_, second)| second.starts_with("arn:"))?;
    let is_provider = |arn: &str| arn.starts_with("arn:") && arn.contains(":saml-provider/");
    let (role_arn, principal_arn) = match (is_provider(first), is_provider(second)) {
        (true, false) => (second, first),
        (false, true) => (first, second),
        _ => return None,
    };
    check_role_arn(role_arn).ok()?;
    let is_plain = |arn: &str| !arn.contains(|c: char| c.is_whitespace() || c.is_control());
    (is_plain(role_arn) && is_plain(principal_arn) && !principal_arn.contains(',')).then(|| {
        SamlRole { role_arn: role_arn.to_owned(), principal_arn: principal_arn.to_owned() }
    })
}

/// When AWS takes it no more.
fn end(assertion: Node<'_, '_>) -> Result<Option<DateTime<Utc>>, AssertionFlaw> {
    let mut first = None;
    for element in ["Conditions", "SubjectConfirmationData"] {
        let found = assertion.descendants().filter(|node| is(*node, ASSERTION, element));
        for text in found.filter_map(|node| node.attribute("NotOnOrAfter")) {
            let end = DateTime::parse_from_rfc3339(text.trim());
            let end = end.map_err(|_| AssertionFlaw::Time(element))?.to_utc();
            first = Some(first.map_or(end, |first: DateTime<Utc>| first.min(end)));
        }
    }
    Ok(first)
}

#[cfg(test)]
mod tests;
