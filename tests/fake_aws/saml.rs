//! `AssumeRoleWithSAML`, unsigned: the assertion proves who asks.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>

use chrono::{DateTime, TimeDelta, Utc};

use super::answer::{Refusal, element};
use super::assume_role::{assumed_role_user, require_role_arn, role_session, session_seconds};
use super::base64url;
use super::iam::{Federation, Iam, SamlProvider, SessionContext, rfc3339};
use super::input::{ARN, Input, SAML_ASSERTION};
use super::request::Parameters;
use super::saml_signature::{self, Unsigned};
use super::state::State;
use super::tags::{SessionPolicies, SessionTags, packed_size};

/// Where an assertion goes, if it does not go to awsx.
pub(crate) const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";
/// For whom it is: either, says AWS.
const AUDIENCES: [&str; 2] = ["urn:amazon:webservices", SIGN_IN];

/// Assumes the role.
pub(super) fn result(state: &mut State, parameters: &Parameters) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let role = input.require("RoleArn", &ARN);
    let principal = input.require("PrincipalArn", &ARN);
    let assertion = input.require("SAMLAssertion", &SAML_ASSERTION);
    let seconds = input.duration_seconds(900..=43_200);
    let policies = SessionPolicies::of(&mut input);
    input.check()?;
    require_role_arn(role)?;
    policies.check()?;
    let packed = packed_size(&policies, &SessionTags::default())?;

    let said = Said::of(&state.iam, principal, assertion, state.now())?;
    let denied = || Refusal::access_denied("Not authorized to perform sts:AssumeRoleWithSAML");
    let pairs = [format!("{role},{principal}"), format!("{principal},{role}")];
    if !said.roles.iter().any(|pair| pairs.contains(pair)) {
        return Err(denied());
    }
    let role = state.iam.role(role).ok_or_else(denied)?;
    // The condition on `SAML:aud`, which is the recipient.
    let trusts = |trusted: &Federation| {
        let recipient = if trusted.subject.is_empty() { SIGN_IN } else { &trusted.subject };
        trusted.issuer == principal && said.recipient == recipient
    };
    if !role.trust.federation.as_ref().is_some_and(trusts) {
        return Err(denied());
    }
    let seconds = session_seconds(role, seconds, false)?;
    let session = role_session(role, &said.name);
    let credentials = state.issue(session.clone(), SessionContext::default(), seconds).xml();
    let provider = principal.rsplit('/').next().unwrap_or_default();
    let account = principal.split(':').nth(4).unwrap_or_default();
    let qualifier = base64url::sha256(&format!("{}{account}/{provider}", said.issuer));
    // The attributes are packed, too.
    let packed = element("PackedPolicySize", &packed.unwrap_or(6).to_string());
    Ok(element("Issuer", &said.issuer)
        + &element("Audience", &said.recipient)
        + &element("Subject", &said.name)
        + &element("SubjectType", "persistent")
        + &element("NameQualifier", &qualifier)
        + &assumed_role_user(&session)
        + &credentials
        + &packed)
}

/// What an assertion that holds says.
struct Said {
    issuer: String,
    recipient: String,
    /// The pairs of role and provider
    roles: Vec<String>,
    name: String,
}

impl Said {
    fn of(
        iam: &Iam,
        principal: &str,
        assertion: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let invalid = |message: &str| Refusal::new(400, "InvalidIdentityToken", message);
        let bytes = aws_smithy_types::base64::decode(assertion.trim())
            .map_err(|_| invalid("Invalid base64 SAMLResponse"))?;
        let text = String::from_utf8(bytes).map_err(|_| invalid("Invalid SAMLResponse"))?;
        let provider = iam.saml_providers.iter().find(|provider| provider.arn == principal);
        let provider = provider.ok_or_else(|| invalid("Specified provider doesn't exist"))?;
        // Only what is signed counts.
        let signed = saml_signature::check(&text, &provider.key)
            .ok_or_else(|| invalid("Response signature invalid"))?;
        let part = |start: &str, end: &str| {
            between(&signed, start, end).ok_or_else(|| invalid("Invalid SAMLResponse"))
        };
        let issuer = part("<saml:Issuer>", "</saml:Issuer>")?.to_owned();
        if issuer != provider.issuer {
            return Err(invalid("Issuer not present in specified provider"));
        }
        if !AUDIENCES.contains(&part("<saml:Audience>", "</saml:Audience>")?) {
            return Err(invalid("Audience is not AWS"));
        }
        let recipient = part("Recipient=\"", "\"")?.to_owned();
        let time = |text: &str| {
            let time = DateTime::parse_from_rfc3339(text);
            time.map_err(|_| invalid("Invalid SAMLResponse"))
        };
        if time(part("NotBefore=\"", "\"")?)? > now {
            return Err(invalid("The assertion is not valid yet"));
        }
        for rest in signed.split("NotOnOrAfter=\"").skip(1) {
            let end = time(rest.split('"').next().unwrap_or_default())?;
            if end <= now {
                let message = "Token must be redeemed within 5 minutes of issuance";
                return Err(Refusal::new(400, "ExpiredTokenException", message));
            }
        }
        let values = |attribute: &str| -> Vec<String> {
            let start = format!("Name=\"{ATTRIBUTES}/{attribute}\">");
            let found = between(&signed, &start, "</saml:Attribute>").unwrap_or_default();
            let values = found.split("<saml:AttributeValue>").skip(1);
            let values = values.filter_map(|rest| rest.split("</saml:AttributeValue>").next());
            values.map(str::to_owned).collect()
        };
        let name = values("RoleSessionName").into_iter().next();
        let name = name.ok_or_else(|| invalid("RoleSessionName is required"))?;
        Ok(Self { issuer, recipient, roles: values("Role"), name })
    }
}

const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes";

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    text.split_once(start)?.1.split_once(end).map(|(found, _)| found)
}

/// What an identity provider says of somebody.
#[derive(Clone, Debug)]
pub(crate) struct Statement<'a> {
    /// Pairs of role and provider, in either order
    pub(crate) roles: Vec<String>,
    pub(crate) name: &'a str,
    pub(crate) end: DateTime<Utc>,
    pub(crate) audience: &'a str,
    pub(crate) recipient: &'a str,
    /// `SessionDuration`
    pub(crate) seconds: Option<u32>,
}

impl SamlProvider {
    /// An assertion in base 64 for these roles of this provider, good until `end`.
    pub(crate) fn assertion(&self, roles: &[&str], name: &str, end: DateTime<Utc>) -> String {
        self.sign(&self.statement(roles, name, end))
    }

    /// What it says, for AWS.
    pub(crate) fn statement<'a>(
        &self,
        roles: &[&str],
        name: &'a str,
        end: DateTime<Utc>,
    ) -> Statement<'a> {
        let roles = roles.iter().map(|role| format!("{role},{}", self.arn)).collect();
        let (audience, recipient, seconds) = (SIGN_IN, SIGN_IN, None);
        Statement { roles, name, end, audience, recipient, seconds }
    }

    /// The response that says it, in base 64. The assertion is written as its exclusive canonical form.
    pub(crate) fn sign(&self, statement: &Statement<'_>) -> String {
        let Statement { roles, name, end, audience, recipient, seconds } = statement;
        let (start, end) = (rfc3339(*end - TimeDelta::minutes(5)), rfc3339(*end));
        let attribute = |name: &str, values: &[String]| {
            let value =
                |text: &String| format!("<saml:AttributeValue>{text}</saml:AttributeValue>");
            let values: String = values.iter().map(value).collect();
            format!("<saml:Attribute Name=\"{ATTRIBUTES}/{name}\">{values}</saml:Attribute>")
        };
        let seconds = seconds.map(|seconds| attribute("SessionDuration", &[seconds.to_string()]));
        let issuer = format!("<saml:Issuer>{}</saml:Issuer>", self.issuer);
        let assertion = Unsigned {
            before: format!(
                "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" \
                 ID=\"{}\" IssueInstant=\"{start}\" Version=\"2.0\">{issuer}",
                saml_signature::ID
            ),
            after: format!(
                "<saml:Subject><saml:NameID \
                 Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{name}\
                 </saml:NameID><saml:SubjectConfirmation \
                 Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\"><saml:SubjectConfirmationData \
                 NotOnOrAfter=\"{end}\" Recipient=\"{recipient}\"></saml:SubjectConfirmationData>\
                 </saml:SubjectConfirmation></saml:Subject>\
                 <saml:Conditions NotBefore=\"{start}\" NotOnOrAfter=\"{end}\">\
                 <saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience>\
                 </saml:AudienceRestriction></saml:Conditions><saml:AttributeStatement>{}{}{}\
                 </saml:AttributeStatement></saml:Assertion>",
                attribute("Role", roles),
                attribute("RoleSessionName", &[(*name).to_owned()]),
                seconds.unwrap_or_default()
            ),
        };
        let response = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
             xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" Destination=\"{recipient}\" \
             ID=\"_response\" IssueInstant=\"{start}\" Version=\"2.0\">{issuer}<samlp:Status>\
             <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>\
             {}</samlp:Response>\n",
            assertion.sign(&self.key)
        );
        aws_smithy_types::base64::encode(response)
    }
}
