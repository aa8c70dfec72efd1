//! What comes of a call that fails.

use super::{Advice, Advise, Kind, word};
use crate::credentials::{Login, SsoLogin};
use crate::ports::CallError;

impl Advise for CallError {
    fn advice(&self) -> Advice {
        call_advice(self, None)
    }
}

/// The calls that no credentials sign.
const WEB_IDENTITY: &str = "sts:AssumeRoleWithWebIdentity";
const SSO_ROLE: &str = "sso:GetRoleCredentials";
const SIGN_IN: &str = "signin:CreateOAuth2Token";

/// What comes of a failed call of this profile.
pub(super) fn call_advice(error: &CallError, profile: Option<&str>) -> Advice {
    let explain = match profile {
        Some(profile) => format!("`awsx explain {}` shows the calls", word(profile)),
        None => "`awsx explain` shows the calls".to_owned(),
    };
    match error {
        CallError::Refused { call, code, .. } => {
            Kind::Refused.with(refusal_hint(call, code, explain))
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
        CallError::Unreachable { .. } => {
            Kind::Unreachable.with("check network, proxy (HTTPS_PROXY) and region; -v says more")
        }
        CallError::Source { .. } => Kind::NoCredentials.with(explain),
        CallError::Settings { .. } => Kind::Config.with("correct it, or leave it out"),
        CallError::NoInstance { .. } => Kind::NoCredentials.with(
            "name a profile (`awsx profiles` lists them); `awsx explain` shows what was looked at",
        ),
    }
}

/// What to do about an error code of AWS; `explain` names the command that shows the calls.
fn refusal_hint(call: &str, code: &str, explain: String) -> String {
    let hint = match code {
        "AccessDenied" if call == WEB_IDENTITY => {
            "check the role's trust policy: its identity provider, audience and subject"
        }
        "ExpiredTokenException" if call == WEB_IDENTITY => {
            "the web identity token is over: whoever writes its file must renew it"
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
