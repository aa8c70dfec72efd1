//! The AWS CLI's cache of sign-ins, which the SDKs use too: `~/.aws/login/cache`. Read when awsx has no
//! sign-in of its own, written only for a sign-in that a person shares.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::{problem, read, to_json};
use crate::credentials::document::instant;
use crate::credentials::{
    Expiration, LoginSession, Secret, SessionCredentials, SignInToken, arn, check_line, check_word,
};
use crate::env::Env;
use crate::ports::{AwsCliCache, CallError, SourceOf};
use crate::state::files;
use crate::text::utc;

/// The directory with one file for each `login_session`.
pub(crate) struct LoginCache {
    /// None where no home directory is known
    directory: Option<PathBuf>,
}

impl LoginCache {
    /// `AWS_LOGIN_CACHE_DIRECTORY`, else `~/.aws/login/cache`: wherever the AWS CLI's other files
    /// are, these stay below the home directory.
    pub(crate) fn new(env: &Env) -> Self {
        let directory = match env.path("AWS_LOGIN_CACHE_DIRECTORY") {
            Some(directory) => Some(env.expand_home(directory)),
            None => env.in_home(".aws/login/cache"),
        };
        Self { directory }
    }

    /// The file is named by the ARN's SHA-256, as the AWS CLI names it.
    fn path(&self, session: &LoginSession) -> Option<PathBuf> {
        let name = format!("{:x}.json", Sha256::digest(session.arn().trim()));
        self.directory.as_ref().map(|directory| directory.join(name))
    }
}

impl AwsCliCache for LoginCache {
    type Name = LoginSession;
    type Token = SignInToken;

    fn place(&self, session: &LoginSession) -> String {
        match self.path(session) {
            Some(path) => path.display().to_string(),
            None => "~/.aws/login/cache".to_owned(),
        }
    }

    fn read(&self, session: &LoginSession) -> Result<Option<SignInToken>, CallError> {
        let Some(path) = self.path(session) else { return Ok(None) };
        let text = match read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|error| failure(&path, &problem(&path, &error)))?,
        };
        parse(&text).map(Some).map_err(|cause| failure(&path, &cause))
    }

    fn has(&self, session: &LoginSession) -> bool {
        !matches!(self.read(session), Ok(None))
    }

    fn write(&self, session: &LoginSession, token: &SignInToken) -> Result<(), CallError> {
        let no_place = || CallError::Settings {
            origin: "home directory".into(),
            cause: "is not known, so the AWS CLI's cache cannot be found".into(),
        };
        let path = self.path(session).ok_or_else(no_place)?;
        let document = document(session, token)
            .ok_or_else(|| failure(&path, "cannot be written: the sign-in is not whole"))?;
        files::replace_private(&path, &to_json(&document)).map_err(|error| {
            failure(&path, &format!("cannot be written: {}", problem(&path, &error)))
        })
    }

    fn remove(&self, session: &LoginSession) -> Result<bool, CallError> {
        let Some(path) = self.path(session) else { return Ok(false) };
        files::remove(&path).map_err(|error| {
            failure(&path, &format!("cannot be removed: {}", problem(&path, &error)))
        })
    }
}

fn failure(path: &Path, cause: &str) -> CallError {
    CallError::Source {
        of: SourceOf::AwsCliFile,
        origin: format!("sign-in file {}", path.display()),
        cause: cause.to_owned(),
    }
}

/// A file: credentials, and what renews them.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    access_token: WrittenCredentials,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_type: Option<String>,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    refresh_token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(default)]
    dpop_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in_region: Option<String>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct WrittenCredentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    expires_at: String,
}

/// Wipes the secrets.
impl Drop for Written {
    fn drop(&mut self) {
        self.access_token.secret_access_key.zeroize();
        self.access_token.session_token.zeroize();
        self.refresh_token.zeroize();
        self.id_token.zeroize();
        self.dpop_key.zeroize();
    }
}

/// Reads the sign-in of a file; else what is wrong with it, as the end of a sentence that begins with the
/// file. Nothing of its content.
pub fn parse(text: &[u8]) -> Result<SignInToken, String> {
    match serde_json::from_slice::<Written>(text) {
        Ok(mut written) => token(&mut written).map_err(str::to_owned),
        // What serde says may hold a piece of the file.
        Err(error) => Err(format!(
            "is no sign-in of the AWS CLI (line {}, column {})",
            error.line(),
            error.column()
        )),
    }
}

/// Takes the texts out of the file; they are not copied.
fn token(written: &mut Written) -> Result<SignInToken, &'static str> {
    let expiration = instant(&written.access_token.expires_at)
        .and_then(Expiration::new)
        .ok_or("has no `expiresAt` that is an ISO 8601 time with a zone")?;
    let filled = |text: &mut String, problem| match text.is_empty() {
        true => Err(problem),
        false => Ok(std::mem::take(text)),
    };
    let secret = |text: &mut String, problem| filled(text, problem).map(Secret::new);
    let found = &mut written.access_token;
    let account = found.account_id.as_deref().unwrap_or_default();
    let is_flawed = [&*found.access_key_id, &*found.session_token, account]
        .iter()
        .any(|word| check_word(word).is_err())
        || check_line(&found.secret_access_key).is_err();
    if is_flawed {
        return Err(
            "has credentials with a line break, a blank or another character that none have",
        );
    }
    let credentials = SessionCredentials {
        access_key_id: filled(&mut found.access_key_id, "has no `accessKeyId`")?,
        secret_access_key: secret(&mut found.secret_access_key, "has no `secretAccessKey`")?,
        session_token: Some(secret(&mut found.session_token, "has no `sessionToken`")?),
        expiration,
        account_id: found.account_id.take(),
    };
    Ok(SignInToken {
        client_id: filled(&mut written.client_id, "has no `clientId`")?,
        region: written.sign_in_region.take(),
        credentials: Some(credentials),
        refresh_token: Some(secret(&mut written.refresh_token, "has no `refreshToken`")?),
        id_token: written.id_token.take().map(Secret::new),
        dpop_key: secret(&mut written.dpop_key, "has no `dpopKey`")?,
    })
}

/// None where there is nothing to share.
fn document(session: &LoginSession, token: &SignInToken) -> Option<Written> {
    let credentials = token.credentials.as_ref()?;
    let account = credentials.account_id.as_deref().or_else(|| arn::account(session.arn()));
    Some(Written {
        access_token: WrittenCredentials {
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.expose().to_owned(),
            session_token: credentials.session_token.as_ref()?.expose().to_owned(),
            account_id: account.map(str::to_owned),
            expires_at: utc(credentials.expiration.at()?),
        },
        token_type: Some("aws_sigv4".to_owned()),
        client_id: token.client_id.clone(),
        refresh_token: token.refresh_token.as_ref()?.expose().to_owned(),
        id_token: token.id_token.as_ref().map(|token| token.expose().to_owned()),
        dpop_key: token.dpop_key.expose().to_owned(),
        sign_in_region: token.region.clone(),
    })
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;

    const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/Admin/ann";

    fn session(arn: &str) -> LoginSession {
        LoginSession::new(arn)
    }

    fn cache(directory: &Path) -> LoginCache {
        LoginCache::new(&Env::from_pairs([("AWS_LOGIN_CACHE_DIRECTORY", directory)]))
    }

    fn token() -> SignInToken {
        SignInToken {
            client_id: "arn:aws:signin:::devtools/same-device".into(),
            region: Some("eu-west-1".into()),
            credentials: Some(SessionCredentials {
                access_key_id: "ASIAEXAMPLE".into(),
                secret_access_key: Secret::new("planted-secret"),
                session_token: Some(Secret::new("planted-token")),
                expiration: Expiration::At(Utc.with_ymd_and_hms(2026, 1, 1, 12, 15, 0).unwrap()),
                account_id: None,
            }),
            refresh_token: Some(Secret::new("planted-refresh")),
            id_token: Some(Secret::new("planted-id")),
            dpop_key: Secret::new("planted-key\n"),
        }
    }

    /// `printf %s ARN | sha256sum`
    #[test]
    fn files_are_where_the_aws_cli_has_them() {
        let name = "7bc5b7a22c92d4ddba346d2a0732837e8175579112aa716aeff69859306f5220.json";
        for (docs, vars, expected) in [
            ("by default", &[("HOME", "/h")][..], "/.aws/login/cache/"),
            (
                "where the variable says",
                &[("HOME", "/h"), ("AWS_LOGIN_CACHE_DIRECTORY", "~/c")],
                "/c/",
            ),
        ] {
            let cache = LoginCache::new(&Env::from_pairs(vars.iter().copied()));
            let below = format!("{expected}{name}").replace('/', std::path::MAIN_SEPARATOR_STR);
            assert_eq!(cache.place(&session(SESSION)), format!("/h{below}"), "{docs}");
            assert_eq!(
                cache.place(&session(&format!(" {SESSION} "))),
                cache.place(&session(SESSION)),
                "{docs}"
            );
        }
        let nowhere = LoginCache::new(&Env::from_pairs::<&str, &str>([]));
        assert!(nowhere.read(&session(SESSION)).unwrap().is_none());
        let error = nowhere.write(&session(SESSION), &token()).unwrap_err();
        assert!(matches!(error, CallError::Settings { .. }), "{error:?}");
    }

    #[test]
    fn a_written_sign_in_is_as_the_aws_cli_writes_it() {
        let home = tempfile::tempdir().unwrap();
        let cache = cache(&home.path().join("new/cache"));
        assert!(cache.read(&session(SESSION)).unwrap().is_none());
        cache.write(&session(SESSION), &token()).unwrap();
        let text = std::fs::read(cache.place(&session(SESSION))).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "accessToken": {
                    "accessKeyId": "ASIAEXAMPLE",
                    "secretAccessKey": "planted-secret",
                    "sessionToken": "planted-token",
                    "accountId": "111111111111",
                    "expiresAt": "2026-01-01T12:15:00Z",
                },
                "tokenType": "aws_sigv4",
                "clientId": "arn:aws:signin:::devtools/same-device",
                "refreshToken": "planted-refresh",
                "idToken": "planted-id",
                "dpopKey": "planted-key\n",
                "signInRegion": "eu-west-1",
            })
        );
        #[cfg(unix)]
        for (path, mode) in
            [(home.path().join("new/cache"), 0o700), (cache.place(&session(SESSION)).into(), 0o600)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode);
        }
        let read = cache.read(&session(SESSION)).unwrap().unwrap();
        assert_eq!(read.refresh_token.unwrap().expose(), "planted-refresh");
        assert_eq!(read.dpop_key.expose(), "planted-key\n");
        assert_eq!(read.credentials.unwrap().account_id.as_deref(), Some("111111111111"));
        let dropped = SignInToken { refresh_token: None, ..token() };
        let error = cache.write(&session(SESSION), &dropped).unwrap_err().to_string();
        assert!(error.contains("the sign-in is not whole"), "{error}");
    }

    #[test]
    fn other_files_are_an_error_without_their_content() {
        let home = tempfile::tempdir().unwrap();
        let cache = cache(home.path());
        cache.write(&session(SESSION), &token()).unwrap();
        let whole = std::fs::read_to_string(cache.place(&session(SESSION))).unwrap();
        let without = |field: &str| whole.replace(field, "planted");
        for (docs, text, expected) in [
            ("empty", String::new(), "line 1, column 0"),
            (
                "cut off",
                whole[..whole.len() - 9].to_owned(),
                "is no sign-in of the AWS CLI (line 1,",
            ),
            ("a list", r#"["planted"]"#.to_owned(), "is no sign-in of the AWS CLI"),
            ("a number", whole.replace("\"planted-refresh\"", "5"), "is no sign-in"),
            ("no end", without("2026-01-01T12:15:00Z"), "has no `expiresAt`"),
            ("no key", without("dpopKey"), "has no `dpopKey`"),
            ("no refresh token", without("refreshToken"), "has no `refreshToken`"),
            ("no session token", without("sessionToken"), "has no `sessionToken`"),
            ("no client", without("clientId"), "has no `clientId`"),
        ] {
            std::fs::write(cache.place(&session(SESSION)), text).unwrap();
            let said = cache.read(&session(SESSION)).unwrap_err().to_string();
            assert!(said.contains(expected) && !said.contains("planted"), "{docs}: {said}");
            assert!(said.contains(&cache.place(&session(SESSION))), "{docs}: {said}");
        }
    }
}
