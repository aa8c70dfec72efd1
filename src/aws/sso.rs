//! The calls to the access portal of IAM Identity Center. They are not signed: the access token
//! proves who asks. Where the token comes from is decided elsewhere.

use aws_sdk_sso::config::{Config, Region};
use aws_sdk_sso::types::RoleCredentials;
use chrono::{DateTime, Utc};

use super::attempt::{OneUse, Seen};
use super::client::{Aws, line, word};
use super::error::incomplete;
use crate::credentials::{Expiration, GetRoleCredentials, Secret, SessionCredentials, SsoLogin};
use crate::ports::{CallError, Sso};

const NAME: &str = "sso:GetRoleCredentials";

impl Sso for Aws {
    fn role_credentials(
        &self,
        token: &Secret,
        request: &GetRoleCredentials,
    ) -> Result<SessionCredentials, CallError> {
        let answer = self.call(NAME, OneUse::Nothing, |live, witness| {
            live.sso
                .get_role_credentials()
                .account_id(&request.account_id)
                .role_name(&request.role_name)
                .access_token(token.expose())
                .customize()
                .config_override(
                    Config::builder().region(Region::new(request.login.region.clone())),
                )
                .interceptor(witness)
                .send()
        });
        let (output, seen) = answer.map_err(|error| needs_login(error, &request.login))?;
        session(output.role_credentials, request, &seen)
    }

    fn logout(&self, login: &SsoLogin, token: &Secret) -> Result<(), CallError> {
        let answer = self.call("sso:Logout", OneUse::Nothing, |live, witness| {
            live.sso
                .logout()
                .access_token(token.expose())
                .customize()
                .config_override(Config::builder().region(Region::new(login.region.clone())))
                .interceptor(witness)
                .send()
        });
        match answer {
            Ok(_) => Ok(()),
            Err(error) if is_refused_token(&error) => Ok(()),
            Err(other) => Err(other),
        }
    }
}

/// Whether AWS does not accept the access token (HTTP 401).
pub(super) fn is_refused_token(error: &CallError) -> bool {
    matches!(error, CallError::Refused { code, .. } if code == "UnauthorizedException")
}

/// A token that AWS does not accept is a login that is needed.
pub(super) fn needs_login(error: CallError, login: &SsoLogin) -> CallError {
    match error {
        CallError::Refused { ref message, .. } if is_refused_token(&error) => {
            let problem = format!("AWS does not accept the access token: {message}");
            CallError::login_needed(login, problem)
        }
        other => other,
    }
}

/// The credentials of an answer; `expiration` is in milliseconds, and 0 where it is missing.
fn session(
    credentials: Option<RoleCredentials>,
    request: &GetRoleCredentials,
    seen: &Seen,
) -> Result<SessionCredentials, CallError> {
    let complete = |found: RoleCredentials| {
        let expiration = Some(found.expiration).filter(|milliseconds| *milliseconds > 0)?;
        let expiration = DateTime::<Utc>::from_timestamp_millis(expiration)?;
        Some(SessionCredentials {
            access_key_id: word(found.access_key_id)?,
            secret_access_key: line(found.secret_access_key)?,
            session_token: Some(Secret::new(word(found.session_token)?)),
            expiration: Expiration::new(seen.in_local_time(expiration))?,
            account_id: Some(request.account_id.clone()),
        })
    };
    credentials
        .and_then(complete)
        .ok_or_else(|| incomplete(NAME, "roleCredentials", seen, OneUse::Nothing))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::aws::testing::{Reply, Server};
    use crate::client_settings::ClientSettings;
    use crate::credentials::testing::sso_login;
    use crate::env::Env;
    use crate::ports::testing::FixedClock;

    fn aws(settings: ClientSettings, vars: &[(&str, &str)]) -> Aws {
        let clock = FixedClock::at(Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap());
        let mut aws = Aws::new(settings, &Env::from_pairs(vars.iter().copied()), clock);
        aws.bounds.first_pause = std::time::Duration::from_millis(1);
        aws
    }

    fn ask(aws: &Aws, region: &str) -> Result<SessionCredentials, CallError> {
        let request = GetRoleCredentials {
            login: SsoLogin { region: region.into(), ..sso_login() },
            account_id: "111111111111".into(),
            role_name: "Power User+".into(),
        };
        aws.role_credentials(&Secret::new("planted-token"), &request)
    }

    fn granted(expiration: &str) -> Reply {
        Reply::new(
            200,
            format!(
                r#"{{"roleCredentials":{{"accessKeyId":"ASIAEXAMPLE","secretAccessKey":"planted-answer","sessionToken":"t","expiration":{expiration}}}}}"#
            ),
        )
    }

    fn refused(status: u16, code: &str) -> Reply {
        let body = format!(
            r#"{{"message":"as AWS says","__type":"com.amazonaws.switchboard.portal#{code}"}}"#
        );
        Reply::new(status, body)
    }

    #[test]
    fn answers_are_credentials_or_an_error() {
        // 2026-01-01T20:00:00.500Z
        let good = || granted("1767297600500");
        for (docs, script, requests, expected) in [
            ("granted", vec![good()], 1, "granted"),
            ("throttled", vec![refused(429, "TooManyRequestsException"), good()], 2, "granted"),
            ("server fault", vec![Reply::new(503, ""), Reply::Close, good()], 3, "granted"),
            (
                "throttled past the bound",
                vec![refused(429, "TooManyRequestsException")],
                3,
                "sso:GetRoleCredentials did not succeed after 3 attempts at http://127.0.0.1:",
            ),
            (
                "the token is over",
                vec![refused(401, "UnauthorizedException"), good()],
                1,
                "sso-session \"corp\" needs a login: AWS does not accept the access token: as AWS",
            ),
            (
                "not this person's role",
                vec![refused(403, "ForbiddenException"), good()],
                1,
                "sso:GetRoleCredentials was refused: ForbiddenException: as AWS says",
            ),
            ("a captive portal", vec![Reply::new(401, "<html>planted")], 1, "not in the format of"),
            ("no end", vec![granted("0")], 1, "holds no complete roleCredentials"),
            ("nothing", vec![Reply::new(200, "{}")], 1, "holds no complete roleCredentials"),
        ] {
            let server = Server::start(script);
            let endpoint = Some(server.url.clone());
            let settings = ClientSettings { sso_endpoint_url: endpoint, ..Default::default() };
            let said = match ask(&aws(settings, &[]), "eu-west-1") {
                Ok(session) => {
                    let end = session.expiration.at().unwrap().to_rfc3339();
                    assert_eq!(end, "2026-01-01T20:00:00.500+00:00");
                    assert_eq!(session.account_id.as_deref(), Some("111111111111"));
                    "granted".to_owned()
                }
                Err(error) => error.to_string(),
            };
            assert!(said.contains(expected) && !said.contains("planted"), "{docs}: {said}");
            assert_eq!(server.requests().len(), requests, "{docs}");
            let sent = server.requests().remove(0);
            assert_eq!(
                sent.line.trim_end(),
                "GET /federation/credentials?role_name=Power%20User%2B&account_id=111111111111 \
                 HTTP/1.1"
            );
            assert_eq!(sent.header("x-amz-sso_bearer_token"), Some("planted-token"), "{docs}");
            assert_eq!(sent.header("authorization"), None, "{docs}");
        }
    }

    #[test]
    fn a_logout_ends_the_token_or_is_an_error() {
        let over = || Reply::new(200, "");
        for (docs, script, requests, expected) in [
            ("logged out", vec![over()], 1, "over"),
            ("it was over already", vec![refused(401, "UnauthorizedException")], 1, "over"),
            ("throttled", vec![refused(429, "TooManyRequestsException"), over()], 2, "over"),
            (
                "not a token at all",
                vec![refused(400, "InvalidRequestException")],
                1,
                "sso:Logout was refused: InvalidRequestException: as AWS says",
            ),
            ("a captive portal", vec![Reply::new(401, "<html>planted")], 1, "not in the format of"),
            ("down", vec![Reply::new(503, "")], 3, "sso:Logout did not succeed after 3 attempts"),
        ] {
            let server = Server::start(script);
            let endpoint = Some(server.url.clone());
            let settings = ClientSettings { sso_endpoint_url: endpoint, ..Default::default() };
            let token = Secret::new("planted-token");
            let said = match aws(settings, &[]).logout(&sso_login(), &token) {
                Ok(()) => "over".to_owned(),
                Err(error) => error.to_string(),
            };
            assert!(said.contains(expected) && !said.contains("planted"), "{docs}: {said}");
            assert_eq!(server.requests().len(), requests, "{docs}");
            let sent = server.requests().remove(0);
            assert_eq!(sent.line.trim_end(), "POST /logout HTTP/1.1", "{docs}");
            assert_eq!(sent.header("x-amz-sso_bearer_token"), Some("planted-token"), "{docs}");
            assert_eq!(sent.header("authorization"), None, "{docs}");
        }
    }

    /// The region is Identity Center's, not the one that the profile works in.
    #[test]
    fn the_portal_is_in_the_logins_region() {
        for (region, expected) in [
            ("eu-west-1", "portal.sso.eu-west-1.amazonaws.com"),
            ("cn-north-1", "portal.sso.cn-north-1.amazonaws.com.cn"),
            ("us-gov-west-1", "portal.sso.us-gov-west-1.amazonaws.com"),
        ] {
            let proxy = Server::start([Reply::new(407, "")]);
            let settings =
                ClientSettings { region: Some("us-east-2".into()), ..Default::default() };
            let vars = [("HTTPS_PROXY", proxy.url.as_str()), ("AWS_MAX_ATTEMPTS", "1")];
            let error = ask(&aws(settings, &vars), region).unwrap_err();
            assert!(matches!(error, CallError::Unreachable { .. }), "{error}");
            let line = format!("CONNECT {expected}:443 HTTP/1.1");
            assert_eq!(proxy.requests()[0].line.trim_end(), line);
        }
    }
}
