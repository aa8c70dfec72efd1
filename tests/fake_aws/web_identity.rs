//! `AssumeRoleWithWebIdentity`, unsigned: the token proves who asks.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::answer::{Refusal, element};
use super::assume_role::{assumed_role_user, require_role_arn, role_session, session_seconds};
use super::base64url;
use super::iam::{Federation, Iam, IdentityProvider, SessionContext};
use super::input::{ARN, Input, NAME, PROVIDER_ID, WEB_IDENTITY_TOKEN};
use super::request::Parameters;
use super::sigv4::hmac_sha256;
use super::state::State;
use super::tags::{SessionPolicies, SessionTags, packed_size};

/// Assumes the role.
pub(crate) fn result(state: &mut State, parameters: &Parameters) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let arn = input.require("RoleArn", &ARN);
    let name = input.require("RoleSessionName", &NAME);
    let token = input.require("WebIdentityToken", &WEB_IDENTITY_TOKEN);
    let provider = input.text("ProviderId", &PROVIDER_ID);
    let seconds = input.duration_seconds(900..=43_200);
    let policies = SessionPolicies::of(&mut input);
    input.check()?;
    require_role_arn(arn)?;
    policies.check()?;

    let identity = match provider {
        Some(provider) => oauth_identity(&state.iam, provider, token)?,
        None => token_identity(&state.iam, token, state.now())?,
    };
    let trusts = |federation: &Federation| {
        federation.issuer == identity.issuer && federation.subject == identity.subject
    };
    let role = state
        .iam
        .role(arn)
        .filter(|role| role.trust.federation.as_ref().is_some_and(trusts))
        .ok_or_else(|| {
            Refusal::access_denied("Not authorized to perform sts:AssumeRoleWithWebIdentity")
        })?;
    let seconds = session_seconds(role, seconds, false)?;
    let session = role_session(role, name);
    let packed = packed_size(&policies, &SessionTags::default())?;
    let packed = packed.map(|size| element("PackedPolicySize", &size.to_string()));
    let context = SessionContext { limits: policies.limits(), ..SessionContext::default() };
    let credentials = state.issue(session.clone(), context, seconds).xml();
    Ok(element("SubjectFromWebIdentityToken", &identity.subject)
        + &element("Audience", &identity.audience)
        + &assumed_role_user(&session)
        + &credentials
        + &element("Provider", &identity.issuer)
        + &packed.unwrap_or_default())
}

/// Whose access token of OAuth 2.0 it is. `ProviderId` is for those alone.
fn oauth_identity(iam: &Iam, provider: &str, token: &str) -> Result<TokenIdentity, Refusal> {
    let mut tokens = iam.oauth_tokens.iter();
    match tokens.find(|(host, known, _)| host == provider && known == token) {
        Some((_, _, subject)) => Ok(TokenIdentity {
            issuer: provider.to_owned(),
            subject: subject.clone(),
            audience: format!("client.5498841531868486423.1548@{provider}"),
        }),
        None => Err(Refusal::new(
            400,
            "InvalidIdentityToken",
            format!("The access token was not accepted by {provider}"),
        )),
    }
}

/// What a token that holds says.
struct TokenIdentity {
    issuer: String,
    subject: String,
    audience: String,
}

fn token_identity(iam: &Iam, token: &str, now: DateTime<Utc>) -> Result<TokenIdentity, Refusal> {
    let refused = |message: String| Err(Refusal::new(400, "InvalidIdentityToken", message));
    let Some((claims, signed, signature)) = token_parts(token) else {
        return refused(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access \
             Token)"
                .into(),
        );
    };
    let claim =
        |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (issuer, subject, audience) = (claim("iss"), claim("sub"), claim("aud"));
    let Some(provider) = iam.identity_providers.iter().find(|provider| provider.issuer == issuer)
    else {
        return refused(format!("No OpenIDConnect provider found in your account for {issuer}"));
    };
    if base64url::encode(hmac_sha256(provider.key.as_bytes(), signed)) != signature {
        return refused("The web identity token provided could not be validated by AWS".into());
    }
    let Some(expiry) = claims.get("exp").and_then(Value::as_i64) else {
        return refused("Missing a required claim: exp".into());
    };
    if expiry <= now.timestamp() {
        // AWS leaves the last space out, too.
        return Err(Refusal::new(
            400,
            "ExpiredTokenException",
            format!(
                "Token expired: current date/time {} must be before the expiration date/time{expiry}",
                now.timestamp()
            ),
        ));
    }
    if provider.audience != audience {
        return refused("Incorrect token audience".into());
    }
    Ok(TokenIdentity { issuer, subject, audience })
}

/// The claims, what is signed, and the signature.
fn token_parts(token: &str) -> Option<(Value, &str, &str)> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    base64url::json(header)?.get("alg").filter(|alg| *alg == "HS256")?;
    Some((base64url::json(claims)?, signed, signature))
}

impl IdentityProvider {
    /// A token for `subject` that ends at `expiry`, for AWS.
    pub(crate) fn token(&self, subject: &str, expiry: DateTime<Utc>) -> String {
        self.token_of(&json!({
            "iss": self.issuer, "sub": subject, "aud": self.audience, "exp": expiry.timestamp(),
        }))
    }

    /// A token with any claims.
    pub(crate) fn token_of(&self, claims: &Value) -> String {
        let header = base64url::encode(br#"{"alg":"HS256","typ":"JWT"}"#);
        let signed = format!("{header}.{}", base64url::encode(claims.to_string()));
        let signature = base64url::encode(hmac_sha256(self.key.as_bytes(), &signed));
        format!("{signed}.{signature}")
    }
}
