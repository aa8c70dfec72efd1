//! Credentials that STS does not mint: of a process, a web identity token, a `container`, an `instance`.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::http::Executor;
use super::{container, instance, token_file, trust};
use crate::credentials::document::parse_process_output;
use crate::credentials::{
    ContainerEndpoint, Expiration, InstanceMetadata, MfaCode, Secret, SessionCredentials,
    SessionKey, TokenFile,
};
use crate::ports::{CallError, RunCommand, SharedClock, SourceOf, Sources, catch};

/// The sources of this machine.
pub(crate) struct LocalSources {
    run: RunCommand,
    ca_bundle: Option<PathBuf>,
    clock: SharedClock,
}

impl LocalSources {
    /// Keeps what the sources need; does no I/O. The CA bundle serves container endpoints with
    /// `https`.
    pub(crate) fn new(run: RunCommand, ca_bundle: Option<PathBuf>, clock: SharedClock) -> Self {
        Self { run, ca_bundle, clock }
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

    fn web_identity_token(&self, file: &TokenFile) -> Result<Secret, CallError> {
        token_file::read(&file.path, file.named_by)
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

/// Names the token in a `web_identity_token_file`, without showing it. None where the file holds
/// none, which the call will say, and for a pipe, which gives its token only once.
pub(crate) fn web_identity_token_name(file: &Path) -> Option<SessionKey> {
    let is_file = std::fs::metadata(file).is_ok_and(|found| found.is_file());
    let token = is_file.then(|| token_file::read(file, "").ok())??;
    Some(SessionKey::builder("web identity token").field("token", token.expose()).build())
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::ports::testing::FixedClock;

    fn sources(output: &'static [u8]) -> LocalSources {
        let clock = FixedClock::at(Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap());
        LocalSources::new(Box::new(move |_, _| Ok(output.to_vec().into())), None, clock)
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
            let file = TokenFile { path: file.clone(), named_by: "NAME" };
            match (sources(b"").web_identity_token(&file), expected) {
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
}
