//! What comes of a call that fails.

use super::{Advice, Advise, Failure, Kind, word};
use crate::credentials::arn::{account, role_name};
use crate::credentials::{Login, SsoLogin};
use crate::ports::{CallError, SourceOf};

impl Advise for CallError {
    fn advice(&self) -> Advice {
        call_advice(self, None)
    }
}

/// The calls that no credentials sign.
const WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
const SAML: &str = "sts:AssumeRoleWithSAML";
const SESSION: &str = "sts:GetSessionToken";
const SCOPED: &str = "sts:GetScopedCredentials";
/// The calls that trust policies have no part in
const BY_POLICY: [&str; 5] = [
    "sts:GetFederationToken",
    "sts:AssumeRoot",
    "sts:GetWebIdentityToken",
    "sts:GetAccessKeyInfo",
    "sts:DecodeAuthorizationMessage",
];
const SSO_ROLE: &str = "sso:GetRoleCredentials";
const SIGN_IN: &str = "signin:CreateOAuth2Token";
const CONSOLE: &str = "signin:getSigninToken";

/// What comes of a failed call of this profile.
pub(super) fn call_advice(error: &CallError, profile: Option<&str>) -> Advice {
    let explain = match profile {
        Some(profile) => format!("`awsx explain {}` shows the calls", word(profile)),
        None => "`awsx explain` shows the calls".to_owned(),
    };
    match error {
        CallError::Refused { call, code, message, .. } => {
            let says = |words: &str| message.contains(words) || code.contains(words);
            let of_call = SCOPE_RULES.iter().filter(|_| *call == SCOPED);
            let rule = of_call.chain(&RULES).find(|(words, _)| says(words));
            let advice = Kind::Refused.with(match rule {
                Some((_, hint)) => (*hint).to_owned(),
                None if says(TAG_SESSION) => hint_of_tags(call, message, &explain),
                None => refusal_hint(call, code, explain),
            });
            Advice { code: Some(code.clone()), ..advice }
        }
        CallError::LoginNeeded { login, .. } => {
            Kind::InputNeeded.with(format!("run `{}`", login_command(login, profile)))
        }
        CallError::MfaCodeRefused { .. } => {
            Kind::Refused.with("run it again with the device's next code")
        }
        CallError::MfaCodeUnanswered { .. } => {
            Kind::Unreachable.with("run it again with the device's next code")
        }
        CallError::ClockSkew { .. } => {
            Kind::Refused.with("set this machine's clock: `timedatectl set-ntp true`")
        }
        // The words of rustls.
        CallError::Unreachable { cause, .. } if cause.contains("invalid peer certificate") => {
            Kind::Unreachable.with(
                "if it is your own network's authority (a proxy that opens TLS has one), name its \
                 PEM file in AWS_CA_BUNDLE or the profile's ca_bundle",
            )
        }
        CallError::Unreachable { cause, endpoint, .. } => {
            let trouble = TROUBLES.iter().find(|(words, _)| cause.contains(words));
            Kind::Unreachable.with(match trouble {
                Some((_, hint)) => *hint,
                None if endpoint.contains(" proxy ") => {
                    "check the proxy (HTTPS_PROXY), or name hosts in NO_PROXY that need none; -v says \
                     more"
                }
                None => "check network, proxy (HTTPS_PROXY) and region; -v says more",
            })
        }
        CallError::Source { of, .. } => match source_hint(*of) {
            Some(hint) => Kind::NoCredentials.with(hint),
            None => Kind::NoCredentials.without_hint(),
        },
        CallError::Bug { .. } => {
            Kind::Unexpected.with("report it, with what `awsx --version` says")
        }
        CallError::Settings { .. } => Kind::Config.with("correct it, or leave it out"),
        CallError::NoInstance { is_silent: true, .. } => Kind::NoCredentials.with(
            "in a container, raise the hop limit of the instance's metadata service to 2; elsewhere, \
             raise AWS_METADATA_SERVICE_TIMEOUT",
        ),
        CallError::NoInstance { is_silent: false, .. } => Kind::NoCredentials.with(
            "name a profile (`awsx profiles` lists them); `awsx explain` shows what was looked at",
        ),
    }
}

/// Words of AWS about who forbids a call, and what helps. The first that is found counts.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
const RULES: [(&str, &str); 10] = [
    (
        "MFA serial number",
        "AWS knows no such device of this user: correct mfa_serial; `aws iam list-mfa-devices` lists \
         those that there are (AWS takes no codes of security keys and passkeys here)",
    ),
    ("VPC endpoint policy", NETWORK),
    ("VpceAccessRequired", NETWORK),
    ("aws:SourceIp", NETWORK),
    ("aws:SourceVpc", NETWORK),
    ("service control policy", ORGANIZATION),
    ("resource control policy", ORGANIZATION),
    (
        "permissions boundary",
        "the permissions boundary of who asks forbids it: IAM shows which it is",
    ),
    (
        "session policy",
        "the session's own policy forbids it: see --scope, --policy, and scope and session_policy of the profile",
    ),
    (
        "with an explicit deny",
        "a policy forbids it whatever another one allows: look in it for conditions on the network \
         (aws:SourceIp, VPC endpoints), on MFA and on the region",
    ),
];

/// The same of a session that shall be narrowed. AWS does not document how it words the last one.
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetScopedCredentials.html>
const SCOPE_RULES: [(&str, &str); 9] = [
    ("VPC endpoint policy", NETWORK),
    ("service control policy", ORGANIZATION),
    ("resource control policy", ORGANIZATION),
    ("not authorized to perform", SCOPE_DENIED),
    (
        "InsufficientSessionLifetime",
        "a session is never made longer: ask for less (--scope-for D), or --refresh for one that lasts",
    ),
    ("InvalidSubjectCredentials", "what signs is no session any more: --refresh makes a new one"),
    (
        "MalformedPolicyDocument",
        "correct the policy of the scope: `awsx explain` shows which it is",
    ),
    (
        "PackedPolicyTooLarge",
        "the session's tags and policies and this one are too large together: name fewer services or \
         actions",
    ),
    (
        "AccessDenied",
        "AWS takes sessions only, no access keys of an IAM user, and lays three scopes on one at most: \
         `awsx whoami` shows how many there are",
    ),
];

const SCOPE_DENIED: &str = "the policies of who asks must allow sts:GetScopedCredentials: those of the role or \
                            the permission set, and of a scope that is there already";
const ORGANIZATION: &str =
    "a policy of the organization forbids it: only who administers the organization can allow it";

/// What helps where a rule looks at the network.
const NETWORK: &str = "a rule allows it from certain networks only: connect to yours (VPN), or ask who \
                       administers the VPC endpoint or the policy";

/// What went wrong between awsx and AWS, and what helps. The first that is found counts.
const TROUBLES: [(&str, &str); 6] = [
    (
        "not in the format of AWS",
        "something between answers in AWS's place: check proxy (HTTPS_PROXY), endpoint and network",
    ),
    ("throttled: ", "AWS gets too many requests: wait a little, then run it again"),
    ("HTTP 5", "AWS has a fault: run it again in a minute; -v says more"),
    ("does not speak TLS", "correct the endpoint's URL: http:// instead of https://"),
    (
        "the answer is longer than ",
        "that is no answer of AWS: check endpoint and proxy (HTTPS_PROXY)",
    ),
    (
        "the answer holds no complete ",
        "run it again; if it stays so, AWS or what stands in for it is at fault: -v says more",
    ),
];

/// What helps where a local source fails.
fn source_hint(of: SourceOf) -> Option<&'static str> {
    Some(match of {
        SourceOf::Command | SourceOf::Awsx => {
            "correct that line; to see what the command says, run it yourself"
        }
        SourceOf::TokenFile => "see that the file is there, and that whoever writes it still does",
        SourceOf::Github => {
            "give the workflow or the job `permissions:` with `id-token: write`, and `contents: read` beside \
             it; a pull request from a fork gets no token"
        }
        SourceOf::NoGithubJob => "name a profile that works here (`awsx profiles` lists them)",
        SourceOf::Gitlab => {
            "give the job `id_tokens:` with `GITLAB_OIDC_TOKEN:` and its `aud:`, the audience of the \
             provider in IAM"
        }
        SourceOf::Variable => "see that the job sets it, or correct the name behind env:",
        SourceOf::Container => "see that the container has a role, and its agent runs",
        SourceOf::Instance => {
            "give the instance a role, or name a profile (`awsx profiles` lists them)"
        }
        SourceOf::AwsCliFile => "see that you can read and write the file, or remove it",
        SourceOf::Machine => return None,
    })
}

/// Where an assertion or token has no provider in IAM, or names another audience than that one.
const PROVIDER_OF_TOKEN: &str = "see that it is whole and new, and that the role's account has its provider in IAM, \
                                 with that audience";

/// What AWS says of a session whose tags a role does not take.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required>
const TAG_SESSION: &str = "sts:TagSession";

/// The statement that is missing, and how it goes without.
fn hint_of_tags(call: &str, message: &str, explain: &str) -> String {
    let arn = message.split_whitespace().find(|word| word.contains(":role/"));
    let role = arn.and_then(|arn| Some(format!("{} in {}", role_name(arn)?, account(arn)?)));
    format!(
        "the trust policy of {} lacks `\"Action\": [\"{call}\", \"{TAG_SESSION}\"]` for whoever asks; without \
         --reason, --tag, session_tags, and transitive tags of a role before it, no tag is sent; {explain}",
        role.as_deref().unwrap_or("the role")
    )
}

/// What to do about an error code of AWS; `explain` names the command that shows the calls.
fn refusal_hint(call: &str, code: &str, explain: String) -> String {
    let hint = match code {
        "AccessDenied" if call == WEB_IDENTITY => {
            "check the role's trust policy: its identity provider, audience and subject"
        }
        "ExpiredTokenException" if call == WEB_IDENTITY => {
            "the web identity token is over: whoever writes its file must renew it; a job of GitHub Actions takes \
             `oidc = github`, which asks for a new one"
        }
        "AccessDenied" if call == SAML => {
            return "check the role's trust policy: its SAML provider and audience".to_owned();
        }
        "ExpiredTokenException" if call == SAML => {
            return "the assertion is over, AWS takes one for five minutes: get a new one"
                .to_owned();
        }
        "InvalidIdentityToken" | "IDPRejectedClaim" if call == SAML => PROVIDER_OF_TOKEN,
        "InvalidIdentityToken" | "IDPRejectedClaim" if call == WEB_IDENTITY => {
            return format!(
                "{PROVIDER_OF_TOKEN}; a job of GitHub Actions asks for another one with `oidc = github:AUDIENCE`"
            );
        }
        "OutboundWebIdentityFederationDisabledException" => {
            return "an administrator of the account turns it on: \
                    `aws iam enable-outbound-web-identity-federation`"
                .to_owned();
        }
        "SessionDurationEscalationException" => {
            return "ask for a shorter one with --duration-seconds: it may not outlast the session that \
                    signs"
                .to_owned();
        }
        "InvalidAuthorizationMessageException" => {
            return "see that the message is whole; AWS decodes it in the account that refused the \
                    request: name a profile of that with --profile"
                .to_owned();
        }
        "AccessDenied" if BY_POLICY.contains(&call) => {
            return format!("the policy of whoever asks must allow {call}; {explain}");
        }
        "InvalidAction" if call == SCOPED => {
            return "AWS has it since November 2026, at regional endpoints alone: name a region, or see what \
                    the endpoint is"
                .to_owned();
        }
        "MalformedPolicyDocument" => {
            return "correct the policy; what stands behind the code is AWS's reason".to_owned();
        }
        "PackedPolicyTooLarge" => {
            return "AWS packs policies and tags into the session's token: shorten or leave out some"
                .to_owned();
        }
        "AccessDenied" if call == SESSION => {
            return "a policy denies sts:GetSessionToken: --no-session (or session = false) hands over \
                    the long-term keys themselves; where MFA is demanded, add mfa_serial"
                .to_owned();
        }
        "AccessDenied" if call.starts_with("iam:") => {
            return format!("the policy of whoever asks must allow {call} on that user");
        }
        "AccessDenied" => {
            "check the role's trust policy, its external id and whether it requires MFA"
        }
        "ForbiddenException" | "ResourceNotFoundException" if call == SSO_ROLE => {
            "check sso_account_id and sso_role_name: the access portal lists the roles that are \
             yours"
        }
        "INSUFFICIENT_PERMISSIONS" if call == SIGN_IN => {
            return "who signs in needs the managed policy SignInLocalDevelopmentAccess: ask an \
                    administrator to attach it"
                .to_owned();
        }
        "AUTHCODE_EXPIRED" if call == SIGN_IN => {
            return "sign in again, and bring the whole code soon".to_owned();
        }
        _ if call == CONSOLE => {
            "AWS signs sessions of roles in, and federation tokens of users; --duration only where no session signs \
             for the role"
        }
        _ if call.starts_with("sso-oidc:") => {
            return "check the start URL, the region of IAM Identity Center and the scopes"
                .to_owned();
        }
        "InvalidClientTokenId" | "SignatureDoesNotMatch" => {
            return format!(
                "check the access key: is it active, and is its secret right? {explain}"
            );
        }
        "ExpiredToken" | "ExpiredTokenException" => {
            "the credentials that sign the call have expired or were revoked; --refresh renews \
             those that awsx made"
        }
        _ => return explain,
    };
    format!("{hint}; {explain}")
}

impl Failure {
    /// Whether AWS takes the call from no session.
    pub(crate) fn is_about_sessions(&self) -> bool {
        self.is_denial() && self.message.contains("with session credentials")
    }

    /// Whether a policy denies the call, or none allows it. A wrong code and an unknown device are denials too.
    pub(crate) fn is_denial_by_policy(&self) -> bool {
        self.is_denial()
            && !self.is_about_sessions()
            && !self.message.contains("MultiFactorAuthentication")
    }

    fn is_denial(&self) -> bool {
        self.refusal.as_ref().is_some_and(|code| code.starts_with("AccessDenied"))
    }
}

/// Profiles that a hint names, at most.
const SHOWN: usize = 3;

fn words(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| word(name)).collect();
    shown.join(", ")
}

/// What helps where sts:GetSessionToken is asked for by its name.
pub(crate) const SESSION_DENIED: &str =
    "a policy denies it: where MFA is demanded, give --serial-number ARN";

/// What helps where AWS takes a call from an IAM user's access keys alone; `profiles` have some.
pub(crate) fn hint_of_keys(profiles: &[String]) -> String {
    match profiles {
        [] => "no profile has any: `awsx keys add NAME` stores a user's key".to_owned(),
        [one] => format!("this profile has some: --profile {}", word(one)),
        several => format!("these profiles have some: --profile {}", words(several)),
    }
}

/// What helps where AWS does not decode: it does so for whoever may, in the account of the request. `others` are
/// further profiles of that.
pub(crate) fn hint_of_decoders(account: Option<&str>, others: &[String]) -> String {
    match (account, others) {
        (Some(account), [first, ..]) => format!(
            "only who has sts:DecodeAuthorizationMessage may; other profiles of {account}: {} \
             (--profile {})",
            words(others),
            word(first)
        ),
        _ => "only who has sts:DecodeAuthorizationMessage may: have a policy allow it, or name another \
              profile of the account with --profile"
            .to_owned(),
    }
}

/// What a person runs to log in.
pub(crate) fn login_command(login: &Login, profile: Option<&str>) -> String {
    match login {
        Login::IdentityCenter(SsoLogin { session, start_url, region, .. }) => {
            match (session, profile) {
                (Some(session), _) => format!("awsx login sso {}", word(session)),
                (None, Some(profile)) => format!("awsx login sso --profile {}", word(profile)),
                (None, None) => format!(
                    "awsx login sso --start-url {} --sso-region {}",
                    word(start_url),
                    word(region)
                ),
            }
        }
        Login::Console(_) => {
            let profile = profile.map(|profile| format!(" {}", word(profile))).unwrap_or_default();
            format!("awsx login aws{profile}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(call: &'static str, message: &str) -> CallError {
        let (code, message) = ("AccessDenied".into(), message.into());
        CallError::Refused { call, code, message, request_id: None }
    }

    fn unreachable(cause: &str) -> CallError {
        let endpoint = "https://h through the proxy http://p:1".into();
        CallError::Unreachable { call: "sts:X", endpoint, attempts: 1, cause: cause.into() }
    }

    #[test]
    fn a_hint_is_about_what_went_wrong() {
        let denied = "User: arn is not authorized to perform: sts:AssumeRole on resource: arn with an \
                      explicit deny in a ";
        let by = |what: &str| refused("sts:AssumeRole", &format!("{denied}{what}"));
        let device = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify \
                      your MFA serial number is valid and associated with this user.";
        for (error, expected) in [
            (refused("sts:GetSessionToken", device), "AWS knows no such device of this user"),
            (refused("sts:GetSessionToken", "User is not authorized"), "--no-session"),
            (refused("sts:AssumeRole", "User is not authorized"), "check the role's trust policy"),
            (
                refused(
                    "sts:AssumeRole",
                    "User: arn:aws:iam::1:user/x is not authorized to perform: sts:TagSession on resource: \
                     arn:aws:iam::111122223333:role/a/Ci because no",
                ),
                "the trust policy of Ci in 111122223333 lacks `\"Action\": [\"sts:AssumeRole\", \"sts:TagSession\"]`",
            ),
            (by("VPC endpoint policy"), "from certain networks only"),
            (by("service control policy"), "who administers the organization"),
            (by("resource control policy"), "who administers the organization"),
            (by("permissions boundary"), "the permissions boundary"),
            (by("session policy"), "see --scope, --policy"),
            (by("identity-based policy"), "conditions on the network (aws:SourceIp"),
            (unreachable("HTTP 503 ServiceUnavailable"), "AWS has a fault"),
            (unreachable("HTTP 503, and not in the format of AWS"), "in AWS's place"),
            (unreachable("throttled: Rate exceeded"), "wait a little, then run it again"),
            (
                unreachable("Connection refused"),
                "check the proxy (HTTPS_PROXY), or name hosts in NO",
            ),
            (unreachable("it does not speak TLS: x"), "http:// instead of https://"),
            (unreachable("the answer holds no complete x"), "run it again"),
            (unreachable("HTTP 200, but the answer is longer than 1 KiB"), "no answer of AWS"),
        ] {
            let hint = error.advice().hint.unwrap();
            assert!(hint.contains(expected), "{error}: {hint}");
        }
        let call = "sts:GetScopedCredentials";
        for (code, message, expected) in [
            (
                "AccessDenied",
                "User: arn is not authorized to perform: x",
                "must allow sts:GetScoped",
            ),
            ("AccessDenied", "no because no session policy allows it", "three scopes"),
            ("AccessDenied", denied, "must allow sts:GetScopedCredentials"),
            ("AccessDenied", "explicit deny in a service control policy", "organization"),
            ("InvalidSubjectCredentials", "", "--refresh makes a new one"),
            ("InsufficientSessionLifetime", "", "ask for less (--scope-for D)"),
            ("MalformedPolicyDocument", "", "correct the policy of the scope"),
            ("PackedPolicyTooLarge", "", "name fewer services or actions"),
            ("InvalidAction", "Could not find operation", "at regional endpoints alone"),
        ] {
            let (code, message) = (code.into(), message.into());
            let error = CallError::Refused { call, code, message, request_id: None };
            let hint = error.advice().hint.unwrap();
            assert!(hint.contains(expected), "{error}: {hint}");
        }
    }
}
