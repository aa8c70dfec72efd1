//! Operations of STS that few ask for: the root user of a member account, tokens for others, the account of a
//! key, encoded refusals.

use serde_json::json;

use super::answer::{Refusal, element};
use super::base64url;
use super::iam::{Caller, Identity, SessionContext, rfc3339};
use super::input::{ACCESS_KEY_ID, ALGORITHM, ARN, AUDIENCE, ENCODED_MESSAGE, Input, PRINCIPAL};
use super::request::Parameters;
use super::sigv4::hmac_sha256;
use super::state::State;
use super::tags::SessionTags;

/// The tasks that AWS has a policy for.
const TASKS: [&str; 5] = [
    "IAMAuditRootUserCredentials",
    "IAMCreateRootUserPassword",
    "IAMDeleteRootUserCredentials",
    "S3UnlockBucketPolicy",
    "SQSUnlockQueuePolicy",
];

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html>
pub(super) fn assume_root(
    state: &mut State,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let target = input.require("TargetPrincipal", &PRINCIPAL);
    let task = input.require("TaskPolicyArn.arn", &ARN);
    let seconds = input.duration_seconds(0..=900);
    input.check()?;
    state.iam.allow(caller, "sts:AssumeRoot")?;
    if !TASKS.iter().any(|known| task == format!("arn:aws:iam::aws:policy/root-task/{known}")) {
        return Err(Refusal::invalid(format!("TaskPolicyArn {task} is not a task policy")));
    }
    let account = target.split(':').nth(4).unwrap_or(target).to_owned();
    if !state.iam.member_accounts.contains(&account) {
        let who = caller.identity.arn();
        return Err(Refusal::access_denied(format!(
            "User: {who} is not authorized to perform: sts:AssumeRoot on resource: \
             arn:aws:iam::{account}:root"
        )));
    }
    let identity = Identity::User { arn: format!("arn:aws:iam::{account}:root"), id: account };
    let source_identity =
        caller.session.as_ref().and_then(|session| session.source_identity.clone());
    let who = source_identity.as_ref().map(|who| element("SourceIdentity", who));
    let context = SessionContext { source_identity, ..SessionContext::default() };
    let credentials = state.issue(identity, context, seconds.unwrap_or(900)).xml();
    Ok(credentials + &who.unwrap_or_default())
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html>
pub(super) fn access_key_info(
    state: &mut State,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let id = input.require("AccessKeyId", &ACCESS_KEY_ID);
    input.check()?;
    state.iam.allow(caller, "sts:GetAccessKeyInfo")?;
    let account = state.iam.account_of_key(id);
    let unknown = || Refusal::invalid("The access key ID is not valid");
    Ok(element("Account", &account.ok_or_else(unknown)?))
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html>
pub(super) fn web_identity_token(
    state: &mut State,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let audience = input.list("Audience.member", "", 10, &AUDIENCE);
    let algorithm = input.require("SigningAlgorithm", &ALGORITHM);
    let seconds = input.duration_seconds(60..=3600).unwrap_or(300);
    let tags = SessionTags::of(&mut input);
    input.check()?;
    if audience.is_empty() || !["RS256", "ES384"].contains(&algorithm) {
        return Err(Refusal::invalid("Audience or SigningAlgorithm is not valid"));
    }
    tags.transitive(&SessionContext::default())?;
    state.iam.allow(caller, "sts:GetWebIdentityToken")?;
    if !state.iam.outbound_federation {
        let message = "Outbound web identity federation is not enabled for this account";
        let code = "OutboundWebIdentityFederationDisabledException";
        return Err(Refusal::new(403, code, message));
    }
    let now = state.now();
    let end = now + chrono::TimeDelta::seconds(seconds);
    if caller.ends_at.is_some_and(|session_end| session_end < end) {
        let message = "The requested token duration would extend beyond the session's expiration";
        return Err(Refusal::new(403, "SessionDurationEscalationException", message));
    }
    let claims = json!({
        "iss": "https://00000000-0000-4000-8000-000000000000.tokens.sts.global.api.aws",
        "aud": audience, "sub": caller.identity.arn(),
        "iat": now.timestamp(), "exp": end.timestamp(),
    });
    let header = base64url::encode(json!({ "alg": algorithm, "typ": "JWT" }).to_string());
    let signed = format!("{header}.{}", base64url::encode(claims.to_string()));
    let signature = base64url::encode(hmac_sha256(&state.random.bytes(32), &signed));
    Ok(element("WebIdentityToken", &format!("{signed}.{signature}"))
        + &element("Expiration", &rfc3339(end)))
}

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html>
pub(super) fn decode(
    state: &mut State,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let encoded = input.require("EncodedMessage", &ENCODED_MESSAGE);
    input.check()?;
    state.iam.allow(caller, "sts:DecodeAuthorizationMessage")?;
    let is_it = |known: &&(String, String, String)| {
        known.0 == caller.identity.account() && known.1 == encoded
    };
    let message = "Message is not valid";
    let invalid = || Refusal::new(400, "InvalidAuthorizationMessageException", message);
    let (_, _, decoded) = state.iam.messages.iter().find(is_it).ok_or_else(invalid)?;
    Ok(element("DecodedMessage", decoded))
}

impl State {
    /// What AWS shows of a refusal in an account: its encoded message.
    pub(crate) fn encode_refusal(&mut self, account: &str, decoded: &str) -> String {
        let encoded = base64url::encode(self.random.bytes(450));
        self.iam.messages.push((account.to_owned(), encoded.clone(), decoded.to_owned()));
        encoded
    }
}
