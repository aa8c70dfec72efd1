use std::path::PathBuf;
use std::rc::Rc;

use super::super::testing::{
    FakeCache, FakeClock, FakeOidc, FakePerson, kept, login, token, vault,
};
use super::*;
use crate::client_settings::ClientSettings;
use crate::credentials::{GetRoleCredentials, Secret, SessionCredentials};
use crate::env::Env;
use crate::ports::{SharedToken, SharedTokens};
use crate::vault::UnlockerKind;

/// A cache that can be written and not be tidied.
struct StuckCache;

impl SharedTokens for StuckCache {
    fn read(&self, _login: &SsoLogin) -> Result<Option<SharedToken>, CallError> {
        Ok(None)
    }

    fn has(&self, _login: &SsoLogin) -> bool {
        true
    }

    fn write(&self, _login: &SsoLogin, _token: &SharedToken) -> Result<PathBuf, CallError> {
        Ok(PathBuf::from("cache"))
    }

    fn remove(&self, _login: &SsoLogin) -> Result<bool, CallError> {
        Err(CallError::Source { origin: "FILE".into(), cause: "is stuck".into() })
    }
}

#[test]
fn a_file_of_the_aws_cli_that_stays_keeps_nothing_here() {
    let (vault, oidc, person) = (vault(), FakeOidc::default(), FakePerson::default());
    let (clock, settings) = (FakeClock::at(1), ClientSettings::default());
    let tokens = SsoTokens {
        vault: &vault,
        oidc: &oidc,
        shared: &StuckCache,
        person: &person,
        clock: &clock,
        settings: &settings,
    };
    let kept = kept(token("a", 60), true);
    tokens.keep(&login(), &kept).unwrap();
    let error = tokens.forget(&login(), &tokens.key(&login()), None).unwrap_err();
    assert_eq!(error.to_string(), "FILE: is stuck");
    assert!(vault.login_headers().unwrap().is_empty());
}

/// A portal that ends logins.
struct Portal;

impl Sso for Portal {
    fn role_credentials(
        &self,
        _token: &Secret,
        _request: &GetRoleCredentials,
    ) -> Result<SessionCredentials, CallError> {
        unreachable!("nobody asks for a role")
    }

    fn logout(&self, _login: &SsoLogin, _token: &Secret) -> Result<(), CallError> {
        Ok(())
    }
}

/// What comes of a login that one awsx keeps and another ends, after `meanwhile` on the disk.
fn ended(meanwhile: impl FnOnce(&std::path::Path)) -> LoggedOut {
    let root = tempfile::tempdir().unwrap();
    let vars =
        [("AWSX_STATE_DIR", root.path().to_str().unwrap()), ("AWSX_PASSPHRASE", "planted words")];
    let env = Env::from_pairs(vars);
    let opened =
        || Vault::new(&env, UnlockerKind::Passphrase, Rc::new(FakePerson::default())).unwrap();
    let (keeping, ending) = (opened(), opened());
    let (oidc, shared) = (FakeOidc::answering([]), FakeCache::default());
    let (person, clock) = (FakePerson::default(), FakeClock::at(1));
    let settings = ClientSettings::default();
    let tokens = |vault| SsoTokens {
        vault,
        oidc: &oidc,
        shared: &shared,
        person: &person,
        clock: &clock,
        settings: &settings,
    };
    let kept = kept(token("a", 60), false);
    tokens(&keeping).keep(&login(), &kept).unwrap();
    let logins = root.path().join("logins");
    meanwhile(&std::fs::read_dir(&logins).unwrap().next().unwrap().unwrap().path());
    let done = tokens(&ending).log_out(&Portal, &login()).unwrap();
    assert_eq!(std::fs::read_dir(&logins).unwrap().count(), 0);
    let _ = ending.lock();
    done
}

#[test]
fn a_record_that_does_not_open_is_no_end_that_aws_made() {
    let done = ended(|_| ());
    assert!(done.was_logged_in && done.not_told.is_none(), "{done:?}");
    let done = ended(|record| {
        let mut bytes = std::fs::read(record).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(record, bytes).unwrap();
    });
    let why = done.not_told.expect("AWS was not told").to_string();
    assert_eq!(why, "the record of sso-session \"corp\": cannot be opened any longer");
}
