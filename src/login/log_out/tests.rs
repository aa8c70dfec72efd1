use std::rc::Rc;

use super::*;
use crate::credentials::{GetRoleCredentials, Secret, SessionCredentials};
use crate::env::Env;
use crate::login::testing::{
    World, ann, console_login, identity_center_login, login, sign_in_token, token,
};
use crate::ports::testing::{FakePerson, no_command};
use crate::vault::UnlockerKind;
use crate::vault::Vault;

/// A portal that ends logins.
struct Portal;

impl Sso for Portal {
    fn role_credentials(
        &self,
        _token: &Secret,
        _request: &GetRoleCredentials,
    ) -> Result<SessionCredentials, CallError> {
        panic!("nobody asks for a role")
    }

    fn logout(&self, _login: &SsoLogin, _token: &Secret) -> Result<(), CallError> {
        Ok(())
    }
}

fn both() -> [Login; 2] {
    [Login::IdentityCenter(login()), Login::Console(ann())]
}

fn log_in_to_both(world: &World, shared: bool) {
    let logins = world.logins();
    logins.store(&login(), &identity_center_login(token("a", 60), shared)).unwrap();
    logins.store(&ann(), &console_login(sign_in_token("a", 15), shared)).unwrap();
}

#[test]
fn what_awsx_keeps_and_shares_is_removed() {
    for shared in [false, true] {
        let world = World::at(1);
        log_in_to_both(&world, shared);
        for place in both() {
            let done = world.logins().log_out(&Portal, &place).unwrap();
            assert!(done.was_logged_in && done.not_told.is_none(), "{done:?}");
            assert_eq!(done.shared.unwrap(), shared);
            let is_console = matches!(place, Login::Console(_));
            assert_eq!(done.honoured_until.is_some(), is_console, "of the console's credentials");
            let again = world.logins().log_out(&Portal, &place).unwrap();
            assert!(!again.was_logged_in && !again.shared.unwrap());
        }
        assert!(world.vault.headers::<LoginHeader>().unwrap().is_empty());
    }
}

#[test]
fn a_file_of_the_aws_cli_that_stays_keeps_nothing_here() {
    let world = World::at(1);
    log_in_to_both(&world, true);
    world.tokens.broken.set("remove");
    world.sign_ins.broken.set("remove");
    for place in both() {
        let done = world.logins().log_out(&Portal, &place).unwrap();
        assert!(done.was_logged_in);
        assert_eq!(done.shared.unwrap_err().to_string(), "FILE: is broken");
    }
    assert!(world.vault.headers::<LoginHeader>().unwrap().is_empty());
}

/// What comes of a login that one awsx keeps and another ends, after `meanwhile` on the disk.
fn log_out_after(meanwhile: impl FnOnce(&std::path::Path)) -> LoggedOut {
    let root = tempfile::tempdir().unwrap();
    let vars =
        [("AWSX_STATE_DIR", root.path().to_str().unwrap()), ("AWSX_PASSPHRASE", "planted words")];
    let env = Env::from_pairs(vars);
    let vault = || {
        Vault::new(&env, UnlockerKind::Passphrase, Rc::new(FakePerson::default()), no_command())
            .unwrap()
    };
    let (mut keeping, mut ending) = (World::at(1), World::at(1));
    (keeping.vault, ending.vault) = (vault(), vault());
    keeping.logins().store(&login(), &identity_center_login(token("a", 60), false)).unwrap();
    let logins = root.path().join("logins");
    meanwhile(&std::fs::read_dir(&logins).unwrap().next().unwrap().unwrap().path());
    let done = ending.logins().log_out(&Portal, &Login::IdentityCenter(login())).unwrap();
    assert_eq!(std::fs::read_dir(&logins).unwrap().count(), 0);
    let _ = ending.vault.lock();
    done
}

#[test]
fn a_record_that_does_not_open_is_no_end_that_aws_made() {
    let done = log_out_after(|_| ());
    assert!(done.was_logged_in && done.not_told.is_none(), "{done:?}");
    let done = log_out_after(|record| {
        let mut bytes = std::fs::read(record).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(record, bytes).unwrap();
    });
    let why = done.not_told.expect("AWS was not told").to_string();
    assert_eq!(
        why,
        "what was kept of sso-session \"corp\" cannot be opened any longer, so awsx cannot end it"
    );
}
