//! The tokens in `~/.aws/sso/cache`, which the AWS CLI, boto3 and terraform use: what
//! `aws sso login` left, and what awsx leaves there where it is asked to share a login.
//!
//! The one place outside the vault where awsx writes secrets; whether it does is the session's
//! decision. The AWS CLI also keeps registrations in files of their own, for its next login; these
//! are left alone, because to refresh a token takes only what is beside it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::Serialize;
use sha1::{Digest, Sha1};

use super::{problem, read, to_json};
use crate::credentials::document::{Fields, InvalidDocument, instant, word};
use crate::credentials::{Registration, Secret, SsoLogin, SsoToken};
use crate::env::Env;
use crate::ports::{AwsCliCache, CallError, SharedClock, SharedToken, SourceOf};
use crate::state::files;
use crate::text::utc;

/// What must be left of a token: a call with all its attempts takes up to half of it.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// The cache in a home directory. Does no I/O before it is asked.
pub(crate) struct TokenCache {
    /// None where no home directory is known
    directory: Option<PathBuf>,
    clock: SharedClock,
}

impl TokenCache {
    /// Of `env` only the home directory is read.
    pub(crate) fn new(env: &Env, clock: SharedClock) -> Self {
        Self { directory: env.in_home(".aws/sso/cache"), clock }
    }

    /// Where the AWS CLI keeps the token: wherever its other files are, these stay below the home
    /// directory. Fails where that is not known.
    pub(crate) fn path(&self, login: &SsoLogin) -> Result<PathBuf, CallError> {
        let directory = self.directory.as_deref().ok_or_else(|| CallError::Settings {
            origin: "home directory".into(),
            cause: "is not known, so the tokens of the AWS CLI cannot be found".into(),
        })?;
        let name = login.session.as_ref().unwrap_or(&login.start_url);
        Ok(directory.join(format!("{:x}.json", Sha1::digest(name))))
    }
}

impl AwsCliCache for TokenCache {
    type Name = SsoLogin;
    type Token = SharedToken;

    fn place(&self, login: &SsoLogin) -> String {
        self.path(login)
            .map_or_else(|_| "~/.aws/sso/cache".into(), |path| path.display().to_string())
    }

    fn read(&self, login: &SsoLogin) -> Result<Option<SharedToken>, CallError> {
        let path = self.path(login)?;
        let file = path.display();
        let needed = |problem| CallError::login_needed(login, problem);
        let text = match read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failure(&path, &error)),
        };
        let found = parse(&text)
            .map_err(|error| needed(format!("{file} holds no usable token: {error}")))?;
        // Another portal's token is not for this one to see.
        if !is_of(&text, login) {
            return Err(needed(format!("the token in {file} is for another start URL or region")));
        }
        let (now, end) = (self.clock.now(), found.token.expires_at);
        if end - now < MARGIN {
            let over = match end > now {
                true => format!("expires {}", self.clock.until(end)),
                false => format!("expired {}", self.clock.on(end)),
            };
            return Err(needed(format!("the token in {file} {over}")));
        }
        Ok(Some(found))
    }

    fn has(&self, login: &SsoLogin) -> bool {
        match self.path(login).map(|path| read(&path)) {
            Ok(Ok(text)) => is_of(&text, login),
            Ok(Err(error)) => error.kind() != ErrorKind::NotFound,
            Err(_) => false,
        }
    }

    fn write(&self, login: &SsoLogin, token: &SharedToken) -> Result<(), CallError> {
        let path = self.path(login)?;
        let written = files::replace_private(&path, &to_json(&document(login, token)));
        written.map_err(|error| failure(&path, &error))
    }

    fn remove(&self, login: &SsoLogin) -> Result<bool, CallError> {
        let path = self.path(login)?;
        if read(&path).is_ok_and(|text| !is_of(&text, login)) {
            return Ok(false);
        }
        files::remove(&path).map_err(|error| failure(&path, &error))
    }
}

fn failure(path: &Path, error: &io::Error) -> CallError {
    CallError::Source {
        of: SourceOf::AwsCliFile,
        origin: format!("SSO token file {}", path.display()),
        cause: problem(path, error),
    }
}

/// Reads the token of a file. A registration that is not whole counts as none; an expiration in the past
/// is no error.
pub fn parse(text: &[u8]) -> Result<SharedToken, InvalidDocument> {
    let mut fields = Fields::parse(text)?;
    let token = word("accessToken", fields.require("accessToken")?)?;
    let expires_at = instant(&fields.require("expiresAt")?)
        .ok_or(InvalidDocument::Expiration { field: "expiresAt" })?;
    let refresh_token = fields.string("refreshToken").unwrap_or_default().map(Secret::new);
    let mut registration = || {
        Some(Registration {
            client_id: fields.require("clientId").ok()?,
            client_secret: Secret::new(fields.require("clientSecret").ok()?),
            expires_at: instant(&fields.require("registrationExpiresAt").ok()?)?,
        })
    };
    let registration = registration();
    let token = SsoToken { access_token: Secret::new(token), expires_at, refresh_token };
    Ok(SharedToken { token, registration })
}

/// Whether the token is of this login, as far as the file says: its name says no more than what the
/// session is called, and many are called alike.
fn is_of(text: &[u8], login: &SsoLogin) -> bool {
    let Ok(mut fields) = Fields::parse(text) else { return true };
    // The same page, however it was copied from the browser.
    let page = |url: &str| url.trim_end_matches(['/', '#']).to_ascii_lowercase();
    let mut is = |field, is_same: &dyn Fn(&str) -> bool| {
        fields.string(field).unwrap_or_default().is_none_or(|text| is_same(&text))
    };
    is("startUrl", &|url| page(url) == page(&login.start_url))
        && is("region", &|region| region == login.region)
}

/// A file, its fields in the order of the AWS CLI.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    start_url: &'a str,
    region: &'a str,
    access_token: &'a str,
    expires_at: String,
    #[serde(flatten)]
    registration: Option<Client<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    registration_expires_at: String,
}

fn document<'a>(login: &'a SsoLogin, shared: &'a SharedToken) -> Document<'a> {
    Document {
        start_url: &login.start_url,
        region: &login.region,
        access_token: shared.token.access_token.expose(),
        expires_at: utc(shared.token.expires_at),
        registration: shared.registration.as_ref().map(|registration| Client {
            client_id: &registration.client_id,
            client_secret: registration.client_secret.expose(),
            registration_expires_at: utc(registration.expires_at),
        }),
        refresh_token: shared.token.refresh_token.as_ref().map(|token| token.expose()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeZone, Utc};

    use super::*;
    use crate::credentials::testing::sso_login;
    use crate::ports::testing::FixedClock;

    fn login(session: Option<&str>) -> SsoLogin {
        SsoLogin { session: session.map(str::to_owned), ..sso_login() }
    }

    fn at(hour: u32, minute: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 1, 1, hour, minute, 0).unwrap()
    }

    fn cache(home: &Path) -> TokenCache {
        TokenCache {
            directory: Some(home.join(".aws").join("sso").join("cache")),
            clock: FixedClock::at(at(12, 0)),
        }
    }

    /// A token with what refreshes it, until 13:00.
    fn whole() -> SharedToken {
        SharedToken {
            token: SsoToken {
                access_token: Secret::new("planted-token"),
                expires_at: at(13, 0) + TimeDelta::milliseconds(999),
                refresh_token: Some(Secret::new("planted-refresh\"")),
            },
            registration: Some(Registration {
                client_id: "planted-id".into(),
                client_secret: Secret::new("planted-client"),
                expires_at: at(23, 0),
            }),
        }
    }

    /// Token, refresh token, client and the ends.
    fn shown(shared: &SharedToken) -> String {
        let token = &shared.token;
        let client = shared.registration.as_ref().map_or("-".into(), |client| {
            let (id, secret) = (&client.client_id, client.client_secret.expose());
            format!("{id} {secret} {}", utc(client.expires_at))
        });
        format!(
            "{} {} {} {client}",
            token.access_token.expose(),
            utc(token.expires_at),
            token.refresh_token.as_ref().map_or("-", |token| token.expose()),
        )
    }

    /// `printf %s NAME | sha1sum`
    #[test]
    fn files_are_named_as_the_aws_cli_names_them() {
        for (session, expected) in [
            (Some("corp"), "ee0bfd2552fbd840c02cc48b6e823320543c450f"),
            (None, "a51746d4aa793ae07b25e90c3a5db96fc7832bd7"),
        ] {
            let expected = format!("/h/.aws/sso/cache/{expected}.json");
            let path = cache(Path::new("/h")).path(&login(session)).unwrap();
            assert_eq!(path, Path::new(&expected));
        }
    }

    #[test]
    fn a_token_is_read_or_a_login_needed() {
        let home = tempfile::tempdir().unwrap();
        let (cache, login) = (cache(home.path()), login(Some("corp")));
        let file = cache.path(&login).unwrap();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let until = |end: &str| {
            format!(r#"{{"region":"eu-west-1","accessToken":"planted-token","expiresAt":"{end}"}}"#)
        };
        let more =
            |fields: &str| until("2026-01-01T13:00:00Z").replace('}', &format!(",{fields}}}"));
        let wrong = r#"{"accessToken":"planted\ntoken","expiresAt":"2026-01-01T13:00:00Z"}"#;
        let (good, client) =
            ("planted-token 2026-01-01T13:00:00Z", r#""clientId":"i","clientSecret":"s""#);
        for (docs, content, expected) in [
            ("a minute", until("2026-01-01T12:01:00Z"), "planted-token 2026-01-01T12:01:00Z - -"),
            ("as AWS CLI 2.0 wrote it", until("2026-01-01T13:00:00UTC"), &format!("{good} - -")),
            (
                "what refreshes it",
                more(&format!(
                    r#"{client},"registrationExpiresAt":"2026-03-01T00:00:00Z","refreshToken":"r""#
                )),
                &format!("{good} r i s 2026-03-01T00:00:00Z"),
            ),
            (
                "a registration without an end is none",
                more(&format!(r#"{client},"refreshToken":"r""#)),
                &format!("{good} r -"),
            ),
            (
                "nor is one of other types",
                more(r#""clientId":1,"registrationExpiresAt":"soon","refreshToken":[]"#),
                &format!("{good} - -"),
            ),
            (
                "the same page",
                more(r#""startUrl":"https://CORP.awsapps.com/start/#/""#),
                &format!("{good} - -"),
            ),
            (
                "another portal",
                more(r#""startUrl":"https://planted.awsapps.com/start""#),
                " is for another start URL or region",
            ),
            (
                "another region",
                until("2026-01-01T13:00:00Z").replace("eu-west-1", "us-east-1"),
                " is for another start URL or region",
            ),
            ("almost over", until("2026-01-01T12:00:59Z"), " expires 12:00 (in 1m)"),
            ("over", until("2026-01-01T12:00:00Z"), " expired 12:00 (just now)"),
            ("no end", until("soon"), "`expiresAt` is not an ISO 8601 time with a zone"),
            ("no token", "{}".into(), "holds no usable token: `accessToken` is missing or empty"),
            ("no header value", wrong.into(), "`accessToken` has a line break"),
            ("being written", String::new(), "holds no usable token: not JSON (line 1, column 0)"),
            ("cut off", until("x")[..40].into(), "not JSON (line 1, column 40)"),
        ] {
            std::fs::write(&file, content).unwrap();
            match cache.read(&login) {
                Ok(found) => assert_eq!(shown(&found.unwrap()), expected, "{docs}"),
                Err(error) => {
                    assert!(matches!(error, CallError::LoginNeeded { .. }), "{docs}: {error:?}");
                    let said = error.to_string();
                    assert!(said.contains(expected), "{docs}: {said}");
                    assert!(said.contains(file.to_str().unwrap()), "{docs}: {said}");
                    assert!(!said.contains("planted"), "{docs}: {said}");
                }
            }
        }
        std::fs::remove_file(&file).unwrap();
        assert!(cache.read(&login).unwrap().is_none());
    }

    #[test]
    fn a_written_token_is_as_the_aws_cli_writes_it() {
        let home = tempfile::tempdir().unwrap();
        let cache = cache(home.path());
        let own = login(Some("corp"));
        cache.write(&own, &whole()).unwrap();
        let file = cache.path(&own).unwrap();
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            r#"{"startUrl":"https://corp.awsapps.com/start","region":"eu-west-1","accessToken":"planted-token","expiresAt":"2026-01-01T13:00:00Z","clientId":"planted-id","clientSecret":"planted-client","registrationExpiresAt":"2026-01-01T23:00:00Z","refreshToken":"planted-refresh\""}"#
        );
        let found = cache.read(&own).unwrap().unwrap();
        assert_eq!(
            shown(&found),
            "planted-token 2026-01-01T13:00:00Z planted-refresh\" planted-id planted-client \
             2026-01-01T23:00:00Z"
        );

        // What awsx does not have is not written, and nothing of the old token stays.
        let alone = SharedToken {
            token: SsoToken { refresh_token: None, ..whole().token },
            registration: None,
        };
        cache.write(&own, &alone).unwrap();
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            r#"{"startUrl":"https://corp.awsapps.com/start","region":"eu-west-1","accessToken":"planted-token","expiresAt":"2026-01-01T13:00:00Z"}"#
        );
        let names: Vec<_> = std::fs::read_dir(file.parent().unwrap()).unwrap().collect();
        assert_eq!(names.len(), 1, "no temporary file stays: {names:?}");
    }

    #[test]
    fn each_login_has_its_own_file() {
        let home = tempfile::tempdir().unwrap();
        let cache = cache(home.path());
        let (own, other) = (login(Some("corp")), login(None));
        cache.write(&own, &whole()).unwrap();
        cache.write(&other, &whole()).unwrap();
        let file = cache.path(&other).unwrap();
        assert!(cache.remove(&own).unwrap());
        assert!(!cache.remove(&own).unwrap(), "there is none any longer");
        assert!(cache.read(&own).unwrap().is_none());
        assert!(file.exists());
        assert!(cache.read(&other).unwrap().unwrap().registration.is_some());
    }

    #[test]
    fn the_token_of_another_portal_under_the_same_name_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let cache = cache(home.path());
        let own = login(Some("corp"));
        let other = SsoLogin { region: "us-east-1".into(), ..own.clone() };
        cache.write(&other, &whole()).unwrap();
        assert!(!cache.has(&own) && cache.has(&other));
        assert!(!cache.remove(&own).unwrap());
        assert!(cache.remove(&other).unwrap());
        assert!(!cache.has(&other));
    }

    #[test]
    fn failures_name_the_file() {
        let home = tempfile::tempdir().unwrap();
        let (cache, login) = (cache(home.path()), login(Some("corp")));
        let file = cache.path(&login).unwrap();
        std::fs::create_dir_all(&file).unwrap();
        for error in [
            cache.read(&login).unwrap_err(),
            cache.write(&login, &whole()).unwrap_err(),
            cache.remove(&login).unwrap_err(),
        ] {
            assert!(matches!(error, CallError::Source { .. }), "{error:?}");
            let said = error.to_string();
            assert!(said.contains(file.to_str().unwrap()) && !said.contains("planted"), "{said}");
        }
        let nowhere = TokenCache { directory: None, clock: FixedClock::at(at(12, 0)) };
        let error = nowhere.read(&login).unwrap_err();
        assert!(error.to_string().starts_with("home directory: is not known"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_person_reads_it() {
        use std::os::unix::fs::PermissionsExt;

        let home = tempfile::tempdir().unwrap();
        let cache = cache(home.path());
        let login = login(Some("corp"));
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        cache.write(&login, &whole()).unwrap();
        let file = cache.path(&login).unwrap();
        assert_eq!(mode(&file), 0o600);
        for directory in [".aws", ".aws/sso", ".aws/sso/cache"] {
            assert_eq!(mode(&home.path().join(directory)), 0o700, "{directory}");
        }
        // One that others could read is replaced, a directory stays as it is.
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).unwrap();
        std::fs::set_permissions(file.parent().unwrap(), PermissionsExt::from_mode(0o755)).unwrap();
        cache.write(&login, &whole()).unwrap();
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o755));
    }
}
