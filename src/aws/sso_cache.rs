//! The access tokens that `aws sso login` leaves in `~/.aws/sso/cache`. Read only: to renew and to
//! write them is the AWS CLI's.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::document::parse_sso_token;
use crate::credentials::{Secret, SsoLogin};
use crate::session::ports::CallError;

/// What must be left of a token: a call with all its attempts takes up to half of it.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// Tokens have a few hundred characters, registrations and refresh tokens a few thousand.
const FILE_LIMIT: u64 = 64 * 1024;

/// The access token of a login.
///
/// # Errors
/// [`CallError::LoginNeeded`] where there is no token, or none that is good any longer;
/// [`CallError::Source`] naming the file if it cannot be read.
pub(super) fn token(
    login: &SsoLogin,
    home: Option<&Path>,
    now: DateTime<Utc>,
) -> Result<Secret, CallError> {
    let home = home.ok_or_else(|| CallError::Settings {
        origin: "home directory".into(),
        cause: "is not known, so the tokens of the AWS CLI cannot be found".into(),
    })?;
    let path = path(login, home);
    let file = path.display();
    let needed = |problem| CallError::login_needed(login, problem);
    let text = read(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => needed(format!("there is no {file}")),
        _ => {
            CallError::Source { origin: format!("SSO token file {file}"), cause: error.to_string() }
        }
    })?;
    let found = parse_sso_token(&text)
        .map_err(|error| needed(format!("{file} holds no usable token: {error}")))?;
    if found.expires_at - now < MARGIN {
        let expires = if found.expires_at > now { "expires" } else { "expired" };
        let at = found.expires_at.format("%Y-%m-%dT%H:%M:%SZ");
        return Err(needed(format!("the token in {file} {expires} at {at}")));
    }
    Ok(found.access_token)
}

/// Where the AWS CLI keeps the token: wherever its other files are, these stay below the home
/// directory.
fn path(login: &SsoLogin, home: &Path) -> PathBuf {
    let name = login.session.as_ref().unwrap_or(&login.start_url);
    home.join(".aws/sso/cache").join(format!("{:x}.json", Sha1::digest(name)))
}

/// The file, as far as it can be a token's.
fn read(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut text = Zeroizing::new(Vec::new());
    std::fs::File::open(path)?.take(FILE_LIMIT).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn login(session: Option<&str>) -> SsoLogin {
        SsoLogin {
            session: session.map(str::to_owned),
            start_url: "https://corp.awsapps.com/start".into(),
            region: "eu-west-1".into(),
            scopes: vec![SsoLogin::DEFAULT_SCOPE.into()],
        }
    }

    /// `printf %s NAME | sha1sum`
    #[test]
    fn files_are_named_as_the_aws_cli_names_them() {
        for (session, expected) in [
            (Some("corp"), "ee0bfd2552fbd840c02cc48b6e823320543c450f"),
            (None, "a51746d4aa793ae07b25e90c3a5db96fc7832bd7"),
        ] {
            let expected = format!("/h/.aws/sso/cache/{expected}.json");
            assert_eq!(path(&login(session), Path::new("/h")), Path::new(&expected));
        }
    }

    #[test]
    fn tokens() {
        let home = tempfile::tempdir().unwrap();
        let login = login(Some("corp"));
        let file = path(&login, home.path());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let now = Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap();
        let until = |end: &str| {
            format!(r#"{{"region":"r","accessToken":"planted-token","expiresAt":"{end}"}}"#)
        };
        let wrong = r#"{"accessToken":"planted\ntoken","expiresAt":"2026-01-01T13:00:00Z"}"#;
        for (docs, content, expected) in [
            ("good", until("2026-01-01T12:01:00Z"), ""),
            ("as AWS CLI 2.0 wrote it", until("2026-01-01T13:00:00UTC"), ""),
            ("almost over", until("2026-01-01T12:00:59Z"), " expires at 2026-01-01T12:00:59Z"),
            ("over", until("2026-01-01T12:00:00Z"), " expired at 2026-01-01T12:00:00Z"),
            ("no end", until("soon"), "`expiresAt` is not an ISO 8601 time with a zone"),
            ("no token", "{}".into(), "holds no usable token: `accessToken` is missing or empty"),
            ("no header value", wrong.into(), "`accessToken` has characters that no token has"),
            ("being written", String::new(), "holds no usable token: not JSON (line 1, column 0)"),
            ("cut off", until("x")[..40].into(), "not JSON (line 1, column 40)"),
        ] {
            std::fs::write(&file, content).unwrap();
            match token(&login, Some(home.path()), now) {
                Ok(token) => {
                    assert_eq!((token.expose(), expected), ("planted-token", ""), "{docs}")
                }
                Err(error) => {
                    assert!(matches!(error, CallError::LoginNeeded { .. }), "{docs}: {error:?}");
                    let said = error.to_string();
                    assert!(!expected.is_empty() && said.contains(expected), "{docs}: {said}");
                    assert!(said.contains(file.to_str().unwrap()), "{docs}: {said}");
                    assert!(!said.contains("planted"), "{docs}: {said}");
                }
            }
        }
        std::fs::remove_file(&file).unwrap();
        let error = token(&login, Some(home.path()), now).unwrap_err();
        assert!(matches!(error, CallError::LoginNeeded { .. }), "{error:?}");
        assert!(error.to_string().contains("there is no "), "{error}");
        std::fs::create_dir(&file).unwrap();
        let error = token(&login, Some(home.path()), now).unwrap_err();
        assert!(matches!(error, CallError::Source { .. }), "{error:?}");
        assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    }
}
