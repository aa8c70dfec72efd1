//! `AssumeRoleWithSAML`, unsigned: the assertion proves who asks.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>

use chrono::{DateTime, TimeDelta, Utc};

use super::answer::{Refusal, element};
use super::assume_role::{assumed_role_user, require_role_arn, role_session, session_seconds};
use super::base64url;
use super::iam::{Iam, SamlProvider, SessionContext, rfc3339};
use super::input::{ARN, Input, SAML_ASSERTION};
use super::request::Parameters;
use super::sigv4::hmac_sha256;
use super::state::State;
use super::tags::{SessionPolicies, SessionTags, packed_size};

/// Where an assertion goes, and for whom it is.
pub(crate) const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";

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
    if role.trust.federation.as_ref().is_none_or(|trusted| trusted.issuer != principal) {
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
        + &element("Audience", SIGN_IN)
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
        let signature = between(&text, "<ds:SignatureValue>", "</ds:SignatureValue>");
        let signature = signature.ok_or_else(|| invalid("Response signature invalid"))?;
        let signed = text.replace(signature, "");
        if base64url::encode(hmac_sha256(provider.key.as_bytes(), &signed)) != signature {
            return Err(invalid("Response signature invalid"));
        }
        let part = |start: &str, end: &str| {
            between(&text, start, end).ok_or_else(|| invalid("Invalid SAMLResponse"))
        };
        let issuer = part("<saml:Issuer>", "</saml:Issuer>")?.to_owned();
        if issuer != provider.issuer {
            return Err(invalid("Issuer not present in specified provider"));
        }
        let audience = part("<saml:Audience>", "</saml:Audience>")?;
        if audience != SIGN_IN || part("Recipient=\"", "\"")? != SIGN_IN {
            return Err(invalid("Specified audience or recipient is not AWS"));
        }
        let end = DateTime::parse_from_rfc3339(part("NotOnOrAfter=\"", "\"")?);
        if end.map_err(|_| invalid("Invalid SAMLResponse"))? <= now {
            let message = "Token must be redeemed within 5 minutes of issuance";
            return Err(Refusal::new(400, "ExpiredTokenException", message));
        }
        let values = text.split("<saml:AttributeValue>").skip(1);
        let values = values.filter_map(|rest| rest.split("</saml:AttributeValue>").next());
        let (roles, names): (Vec<_>, Vec<_>) =
            values.map(str::to_owned).partition(|value| value.contains(":saml-provider/"));
        let name =
            names.into_iter().next().ok_or_else(|| invalid("RoleSessionName is required"))?;
        Ok(Self { issuer, roles, name })
    }
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    text.split_once(start)?.1.split_once(end).map(|(found, _)| found)
}

impl SamlProvider {
    /// An assertion in base 64 for these roles of this provider, good until `end`.
    pub(crate) fn assertion(&self, roles: &[&str], name: &str, end: DateTime<Utc>) -> String {
        self.assertion_for(roles, name, end, SIGN_IN)
    }

    /// The same for another audience than AWS.
    pub(crate) fn assertion_for(
        &self,
        roles: &[&str],
        name: &str,
        end: DateTime<Utc>,
        audience: &str,
    ) -> String {
        let (start, end) = (rfc3339(end - TimeDelta::minutes(5)), rfc3339(end));
        let value = |text: &str| format!("<saml:AttributeValue>{text}</saml:AttributeValue>");
        let pairs: String =
            roles.iter().map(|role| value(&format!("{role},{}", self.arn))).collect();
        let attributes = "https://aws.amazon.com/SAML/Attributes";
        let response = |signature: &str| {
            format!(
                "<samlp:Response Destination=\"{SIGN_IN}\"><saml:Assertion>\
                 <saml:Issuer>{}</saml:Issuer><ds:Signature><ds:SignatureValue>{signature}\
                 </ds:SignatureValue></ds:Signature><saml:Subject>\
                 <saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{name}\
                 </saml:NameID><saml:SubjectConfirmation><saml:SubjectConfirmationData \
                 NotOnOrAfter=\"{end}\" Recipient=\"{SIGN_IN}\"/></saml:SubjectConfirmation>\
                 </saml:Subject><saml:Conditions NotBefore=\"{start}\" NotOnOrAfter=\"{end}\">\
                 <saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience>\
                 </saml:AudienceRestriction></saml:Conditions><saml:AttributeStatement>\
                 <saml:Attribute Name=\"{attributes}/Role\">{pairs}</saml:Attribute>\
                 <saml:Attribute Name=\"{attributes}/RoleSessionName\">{}</saml:Attribute>\
                 </saml:AttributeStatement></saml:Assertion></samlp:Response>",
                self.issuer,
                value(name)
            )
        };
        let signature = base64url::encode(hmac_sha256(self.key.as_bytes(), &response("")));
        aws_smithy_types::base64::encode(response(&signature))
    }
}
