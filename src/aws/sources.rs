//! Credentials that STS does not mint: of a process, a web identity token, a `container`, an `instance`.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::http::Executor;
use super::token_file::is_token;
use super::{container, github, instance, proxy, token_file, trust};
use crate::credentials::document::parse_process_output;
use crate::credentials::{
    ContainerEndpoint, Expiration, InstanceMetadata, MfaCode, Secret, SessionCredentials,
    SessionKey, TokenOrigin,
};
use crate::env::Env;
use crate::ports::{CallError, RunCommand, SharedClock, SourceOf, Sources, catch};

/// The sources of this machine.
pub(crate) struct LocalSources {
    run: RunCommand,
    ca_bundle: Option<PathBuf>,
    /// Of which the proxies are read, for what is not of this machine
    env: Env,
    clock: SharedClock,
}

impl LocalSources {
    /// Keeps what the sources need; does no I/O. The CA bundle serves container endpoints with
    /// `https`, and GitHub.
    pub(crate) fn new(
        run: RunCommand,
        ca_bundle: Option<PathBuf>,
        env: &Env,
        clock: SharedClock,
    ) -> Self {
        Self { run, ca_bundle, env: env.clone(), clock }
    }

    /// What the command of this setting writes.
    fn output(
        &self,
        key: &str,
        command: &str,
        held: &[SessionKey],
    ) -> Result<Zeroizing<Vec<u8>>, CallError> {
        (self.run)(command, held).map_err(|error| match error {
            CallError::Source { of, origin, cause } => {
                CallError::Source { of, origin: format!("{key}: {origin}"), cause }
            }
            other => other,
        })
    }

    /// Refuses credentials that are over already: another request would give the same ones.
    fn refuse_expired(
        &self,
        found: SessionCredentials,
        of: SourceOf,
        origin: impl FnOnce() -> String,
    ) -> Result<SessionCredentials, CallError> {
        match found.expiration {
            Expiration::At(at) if at <= self.clock.now() => Err(CallError::Source {
                of,
                origin: origin(),
                cause: format!("gave credentials that expired {}", self.clock.on(at)),
            }),
            _ => Ok(found),
        }
    }
}

impl Sources for LocalSources {
    fn process(&self, command: &str, held: &[SessionKey]) -> Result<SessionCredentials, CallError> {
        let of = SourceOf::Command;
        let origin = || "the output of credential_process".to_owned();
        let output = self.output("credential_process", command, held)?;
        let found = parse_process_output(&output).map_err(|error| CallError::Source {
            of,
            origin: origin(),
            cause: error.to_string(),
        })?;
        self.refuse_expired(found, of, origin)
    }

    fn web_identity_token(
        &self,
        origin: &TokenOrigin,
        held: &[SessionKey],
    ) -> Result<Secret, CallError> {
        match origin {
            TokenOrigin::File(file) => token_file::read(&file.path, file.named_by),
            TokenOrigin::Github(job) => {
                let proxies = proxy::proxies(&self.env)?;
                let trust = || trust::trust_store(self.ca_bundle.as_deref());
                let executor = Executor::new()?;
                caught("the token of GitHub Actions", || {
                    executor.block_on(github::token(job, &proxies, trust))
                })
            }
            TokenOrigin::Variable { name, token } => token
                .clone()
                .filter(|token| is_token(token.expose()))
                .ok_or_else(|| CallError::Source {
                    of: match name == TokenOrigin::GITLAB {
                        true => SourceOf::Gitlab,
                        false => SourceOf::Variable,
                    },
                    origin: name.clone(),
                    cause: match token {
                        Some(_) => "holds no token".into(),
                        None => "is not set".into(),
                    },
                }),
            TokenOrigin::Command { line, .. } => {
                let output = self.output(TokenOrigin::SETTING, line, held)?;
                let text = std::str::from_utf8(&output).unwrap_or_default();
                let token = Some(text.trim()).filter(|text| is_token(text));
                token.map(Secret::new).ok_or_else(|| CallError::Source {
                    of: SourceOf::Command,
                    origin: "the output of oidc".into(),
                    cause: "is no token".into(),
                })
            }
        }
    }

    fn saml_assertion(
        &self,
        named_by: &str,
        command: &str,
        held: &[SessionKey],
    ) -> Result<Secret, CallError> {
        let output = self.output(named_by, command, held)?;
        let text = std::str::from_utf8(&output).map_err(|_| CallError::Source {
            of: SourceOf::Command,
            origin: format!("the output of {named_by}"),
            cause: "is not text".into(),
        })?;
        Ok(Secret::new(text))
    }

    fn container(&self, endpoint: &ContainerEndpoint) -> Result<SessionCredentials, CallError> {
        let trust = || trust::trust_store(self.ca_bundle.as_deref());
        let executor = Executor::new()?;
        let found = caught("the container's credential endpoint", || {
            executor.block_on(container::credentials(endpoint, trust))
        })?;
        self.refuse_expired(found, SourceOf::Container, || {
            "the container's credential endpoint".into()
        })
    }

    fn instance(&self, service: &InstanceMetadata) -> Result<SessionCredentials, CallError> {
        let executor = Executor::new()?;
        caught("the instance metadata service", || {
            executor.block_on(instance::credentials(service))
        })
    }

    fn mfa_code(&self, command: &str) -> Result<MfaCode, CallError> {
        let output = self.output("mfa_process", command, &[])?;
        let text = std::str::from_utf8(&output).unwrap_or_default();
        MfaCode::parse(text).map_err(|error| CallError::Source {
            of: SourceOf::Command,
            origin: "the output of mfa_process".into(),
            cause: error.to_string(),
        })
    }
}

/// What the work gives; a panic in it is an error.
fn caught<T>(
    call: &'static str,
    work: impl FnOnce() -> Result<T, CallError>,
) -> Result<T, CallError> {
    catch(work).unwrap_or_else(|place| Err(CallError::Bug { call, place }))
}

/// Names the token, or the job that asks for one, without showing it. None where there is none, which the call will
/// say; for a pipe, which gives its token only once; and for a command, which is named by its line.
pub(crate) fn web_identity_token_name(origin: &TokenOrigin) -> Option<SessionKey> {
    let name = |kind, secret: &Secret| SessionKey::builder(kind).field("token", secret.expose());
    Some(match origin {
        TokenOrigin::File(file) => {
            let is_file = std::fs::metadata(&file.path).is_ok_and(|found| found.is_file());
            let token = is_file.then(|| token_file::read(&file.path, "").ok())??;
            name("web identity token", &token).build()
        }
        TokenOrigin::Variable { token, .. } => name("web identity token", token.as_ref()?).build(),
        TokenOrigin::Github(job) => {
            let (url, bearer) = job.request.as_ref()?;
            name("job of GitHub Actions", bearer).field("url", url).build()
        }
        TokenOrigin::Command { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::credentials::{GithubJob, TokenFile};
    use crate::ports::testing::FixedClock;

    fn sources(output: &'static [u8]) -> LocalSources {
        let clock = FixedClock::at(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap());
        let run = Box::new(move |_: &str, _: &[SessionKey]| Ok(output.to_vec().into()));
        LocalSources::new(run, None, &Env::default(), clock)
    }

    #[test]
    fn expired_output_of_a_process_is_refused() {
        let error = sources(
            br#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"planted","Expiration":"2026-01-01T00:00:00Z"}"#,
        )
        .process("x", &[])
        .unwrap_err()
        .to_string();
        assert!(error.contains("gave credentials that expired 00:00 (just now)"), "{error}");
        assert!(!error.contains("planted"), "{error}");
    }

    #[test]
    fn the_output_of_an_mfa_process_is_a_code() {
        for (output, expected) in
            [(&b"123456\n"[..], Some("123456")), (b"planted", None), (b"", None), (b"\xff", None)]
        {
            let code = sources(output).mfa_code("x");
            assert!(!format!("{code:?}").contains("planted"));
            assert_eq!(code.ok().as_ref().map(|code| code.expose()), expected);
        }
    }

    #[test]
    fn token_files_hold_one_token() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        let missing = std::fs::read(&file).unwrap_err().to_string();
        let large = vec![b'x'; 64 * 1024 + 1];
        for (docs, content, expected) in [
            ("trimmed", Some(&b" a.b.c\r\n"[..]), Ok("a.b.c")),
            ("missing", None, Err(&*missing)),
            ("empty", Some(b"\n"), Err("is empty")),
            ("large", Some(&large), Err("larger than 64 KiB")),
            ("binary", Some(b"planted\xff"), Err("is not text")),
        ] {
            let _ = std::fs::remove_file(&file);
            if let Some(content) = content {
                std::fs::write(&file, content).unwrap();
            }
            let file = TokenOrigin::File(TokenFile { path: file.clone(), named_by: "NAME" });
            match (sources(b"").web_identity_token(&file, &[]), expected) {
                (Ok(token), Ok(expected)) => assert_eq!(token.expose(), expected, "{docs}"),
                (Err(error), Err(expected)) => {
                    let error = error.to_string();
                    assert!(error.contains(expected) && error.contains("NAME"), "{docs}: {error}");
                    assert!(!error.contains("planted"), "{docs}: {error}");
                }
                (result, _) => panic!("{docs}: {result:?}"),
            }
        }
    }

    #[test]
    fn jobs_have_tokens_or_learn_why_not() {
        let variable = |name: &str, token: Option<&str>| TokenOrigin::Variable {
            name: name.to_owned(),
            token: token.map(Secret::new),
        };
        let command = TokenOrigin::Command { line: "x".into(), job: None };
        let github =
            |is_job| TokenOrigin::Github(GithubJob { is_job, request: None, other_audience: None });
        for (origin, output, expected) in [
            (variable("V", Some("a.b.c")), &b""[..], "a.b.c"),
            (variable("V", None), b"", "V: is not set"),
            (variable("V", Some("planted text")), b"", "V: holds no token"),
            (variable("GITLAB_OIDC_TOKEN", None), b"", "GITLAB_OIDC_TOKEN: is not set"),
            (command.clone(), b" a.b.c\n", "a.b.c"),
            (command.clone(), b"planted text", "the output of oidc: is no token"),
            (command.clone(), b"", "the output of oidc: is no token"),
            (command, b"\xff", "the output of oidc: is no token"),
            (github(true), b"", "the token of GitHub Actions: this job may not ask for one"),
            (github(false), b"", "the token of GitHub Actions: this is no job of GitHub Actions"),
        ] {
            let shown = match sources(output).web_identity_token(&origin, &[]) {
                Ok(token) => token.expose().to_owned(),
                Err(error) => error.to_string(),
            };
            assert!(shown.starts_with(expected) && !shown.contains("planted"), "{shown}");
        }
    }

    #[test]
    fn each_job_has_a_name_of_its_own() {
        let github = |bearer: &str| {
            let request = Some(("https://x".to_owned(), Secret::new(bearer)));
            web_identity_token_name(&TokenOrigin::Github(GithubJob {
                is_job: true,
                request,
                other_audience: None,
            }))
        };
        assert!(github("a").is_some() && github("a") == github("a") && github("a") != github("b"));
        let job = GithubJob { is_job: true, request: None, other_audience: None };
        assert!(web_identity_token_name(&TokenOrigin::Github(job)).is_none());
    }
}
