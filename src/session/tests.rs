//! What a minter does with a plan, a vault, AWS and a person.

use std::path::Path;
use std::time::Duration;

use chrono::TimeDelta;

use super::testing::{World, code, plan_of};
use crate::credentials::{Expiration, Login, Secret, SessionCredentials};
use crate::env::Env;
use crate::login::testing::{self, credentials, identity_center_login, login, noon, token};
use crate::mfa::{SetUp, StoredDevice};
use crate::ports::testing::no_command;
use crate::ports::{CallError, Clock, SourceOf};
use crate::resolve::{Purpose, SessionRules, login_key};
use crate::vault::{KeptSession, SessionOf, UnlockerKind, Vault};

const ROLE: &str = "role_arn = arn:aws:iam::111122223333:role/r\nsource_profile = keys\n";
const MFA_ROLE: &str = "role_arn = arn:aws:iam::111122223333:role/r\nsource_profile = keys\nmfa_serial = serial-number\n";
const PROCESS: &str = "credential_process = tool\n";

const RULES: SessionRules = SessionRules {
    duration: None,
    min_ttl: None,
    refresh: false,
    no_session: false,
    purpose: Purpose::Deliver,
    is_scoped: false,
};

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

fn mfa_code_refused() -> CallError {
    CallError::MfaCodeRefused { call: "sts:AssumeRole", message: "as AWS says".into() }
}

#[test]
fn a_cached_session_is_used_until_its_margin() {
    for (docs, later, rules, expected) in [
        ("at once", 0, RULES, "first"),
        ("until five minutes are left", 55, RULES, "first"),
        ("then a new one is minted", 56, RULES, "second"),
        ("when it has expired too", 61, RULES, "second"),
        (
            "--min-ttl, as long as it is left",
            30,
            SessionRules { min_ttl: Some(minutes(30)), ..RULES },
            "first",
        ),
        ("--min-ttl", 31, SessionRules { min_ttl: Some(minutes(30)), ..RULES }, "second"),
        (
            "whoami needs a minute only",
            56,
            SessionRules { purpose: Purpose::Sign, ..RULES },
            "first",
        ),
        ("--refresh", 1, SessionRules { refresh: true, ..RULES }, "second"),
    ] {
        let world =
            World::answering([Ok(credentials("first", 60)), Ok(credentials("second", 200))]);
        assert_eq!(world.key_of(&plan_of(ROLE, RULES)), "first", "{docs}");
        world.base.clock.sleep(minutes(later));
        assert_eq!(world.key_of(&plan_of(ROLE, rules)), expected, "{docs}");
    }
}

#[test]
fn a_short_session_is_used_until_its_last_quarter() {
    for (later, expected) in [(44, "first"), (46, "second")] {
        let world = World::answering([Ok(credentials("first", 1)), Ok(credentials("second", 60))]);
        assert_eq!(world.key_of(&plan_of(ROLE, RULES)), "first");
        world.base.clock.sleep(Duration::from_secs(later));
        assert_eq!(world.key_of(&plan_of(ROLE, RULES)), expected, "{later}");
    }
}

#[test]
fn each_step_is_signed_with_the_result_of_the_one_before() {
    let world = World::answering([
        Ok(credentials("session", 720)),
        Ok(credentials("role", 60)),
        Ok(credentials("role again", 120)),
    ]);
    let plan = plan_of(MFA_ROLE, RULES);
    let mut from_flag = code("123456");
    world.mint(&plan, &mut from_flag).unwrap();
    assert_eq!(world.asked(), ["GetSessionToken by AKIA with 123456", "AssumeRole r by session"]);
    world.base.clock.sleep(minutes(60));
    assert_eq!(world.key_of(&plan), "role again", "without a code");
    assert_eq!(world.asked(), ["AssumeRole r by session"], "the session is still good");
}

#[test]
fn refresh_uses_a_session_minted_meanwhile() {
    let world = World::answering([]);
    let plan = plan_of(ROLE, SessionRules { refresh: true, ..RULES });
    let (key, _) = plan.sessions().next().unwrap();
    let started = world.base.clock.now();
    let kept = KeptSession::new(credentials("theirs", 1), "", started, None, SessionOf::default())
        .unwrap();
    kept.keep(&world.base.vault, &key).unwrap();
    assert_eq!(world.key_of(&plan), "theirs", "however little AWS gave");
}

#[test]
fn tokens_give_sessions_that_are_kept() {
    let sso = "sso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Admin\n\
               [sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n\
               sso_region = eu-west-1\n";
    let saml = "role_arn = arn:aws:iam::111122223333:role/r\nsaml_command = print\n";
    let web = "role_arn = arn:aws:iam::111122223333:role/r\nweb_identity_token_file = /t\n";
    for (config, call) in [
        (sso, "GetRoleCredentials Admin by access"),
        (web, "AssumeRoleWithWebIdentity r by token of /t"),
        (saml, "sts:AssumeRoleWithSAML"),
    ] {
        let world = World::answering([Ok(credentials("a", 60))]);
        let key = login_key(&Login::IdentityCenter(login()), &world.base.settings);
        world.base.vault.put(&key, &identity_center_login(token("access", 60), false)).unwrap();
        assert_eq!([(); 2].map(|()| world.key_of(&plan_of(config, RULES))), ["a", "a"]);
        assert_eq!(world.asked(), [call]);
    }
}

#[test]
fn what_a_source_hands_over_must_last() {
    let min_ttl = SessionRules { min_ttl: Some(minutes(30)), ..RULES };
    let ends = "the credentials of profile \"p\" end";
    for (docs, lasts, rules, expected, said) in [
        ("long enough", Some(60), RULES, "given".to_owned(), String::new()),
        ("no end is stated", None, min_ttl, "given".into(), String::new()),
        (
            "about to end",
            Some(4),
            RULES,
            "given".into(),
            format!("{ends} 12:04 (in 4m), and awsx cannot renew them"),
        ),
        (
            "over",
            Some(-1),
            RULES,
            "the credentials of profile \"p\" expired 11:59 (1m ago)".into(),
            String::new(),
        ),
        (
            "less than --min-ttl",
            Some(29),
            min_ttl,
            format!("{ends} 12:29 (in 29m), before the 30m that --min-ttl asks for"),
            String::new(),
        ),
    ] {
        let expiration = match lasts {
            Some(minutes) => Expiration::At(noon() + TimeDelta::minutes(minutes)),
            None => Expiration::Unstated,
        };
        let given = SessionCredentials { expiration, ..credentials("given", 0) };
        let world = World::answering([Ok(given)]);
        assert_eq!(world.key_of(&plan_of(PROCESS, rules)), expected, "{docs}");
        assert_eq!(world.said(), said, "{docs}");
    }
}

#[test]
fn what_a_source_hands_over_is_not_kept() {
    let world = World::answering([Ok(credentials("a", 60)), Ok(credentials("b", 60))]);
    let plan = plan_of(PROCESS, RULES);
    assert_eq!([world.key_of(&plan), world.key_of(&plan)], ["a", "b"]);
}

#[test]
fn a_session_without_an_end_is_not_kept() {
    let endless =
        |name| Ok(SessionCredentials { expiration: Expiration::Unstated, ..credentials(name, 0) });
    let world = World::answering([endless("a"), endless("b")]);
    let plan = plan_of(ROLE, RULES);
    assert_eq!([world.key_of(&plan), world.key_of(&plan)], ["a", "b"]);
}

#[test]
fn a_place_that_cannot_be_written_costs_the_cache_alone() {
    let place = tempfile::tempdir().unwrap();
    let mut world = World::answering([Ok(credentials("a", 60)), Ok(credentials("b", 60))]);
    let variables = [("AWSX_STATE_DIR", place.path()), ("AWSX_PASSPHRASE", Path::new("p"))];
    let env = Env::from_pairs(variables);
    let kind =
        if cfg!(target_os = "linux") { UnlockerKind::Kernel } else { UnlockerKind::Passphrase };
    let person = world.base.person.clone();
    world.base.vault = Vault::new(&env, kind, person, no_command()).unwrap();
    world.base.vault.unlock().unwrap();
    std::fs::write(place.path().join("sessions"), "a file where a directory should be").unwrap();
    let plan = plan_of(ROLE, RULES);
    assert_eq!([world.key_of(&plan), world.key_of(&plan)], ["a", "b"]);
    assert!(world.said().starts_with("going on without the cache: "), "{}", world.said());
    world.base.vault.lock().unwrap();
}

#[test]
fn long_term_keys_leave_with_permission_only() {
    let keys = "aws_access_key_id = AKIAP\naws_secret_access_key = s\n";
    let sign = SessionRules { purpose: Purpose::Sign, ..RULES };
    let world = World::answering([Ok(credentials("session", 720))]);
    for (docs, rules, expected) in [
        ("a session takes their place", RULES, "session"),
        ("--no-session", SessionRules { no_session: true, ..RULES }, "AKIAP"),
        (
            "a plan that is for signing only",
            sign,
            "the access keys of profile \"p\" never leave awsx; a session does",
        ),
    ] {
        assert_eq!(world.key_of(&plan_of(keys, rules)), expected, "{docs}");
    }
    let (identity, expiration) = world.minter().identity(&plan_of(keys, sign), &mut None).unwrap();
    assert_eq!((&*identity.user_id, expiration), ("AKIAP", Expiration::Unstated));
}

#[test]
fn the_code_of_the_flag_moves_into_the_call_that_needs_it() {
    let given = "role_arn = arn:aws:iam::111122223333:role/r\nsource_profile = given\nmfa_serial = serial-number\n[profile given]\n\
                 credential_process = tool\n";
    let world = World::answering([
        Err(CallError::Source {
            of: SourceOf::Command,
            origin: "tool".into(),
            cause: "is broken".into(),
        }),
        Ok(credentials("given", 60)),
        Ok(credentials("role", 60)),
    ]);
    let (plan, mut from_flag) = (plan_of(given, RULES), code("123456"));
    world.mint(&plan, &mut from_flag).unwrap_err();
    assert!(from_flag.is_some(), "the call was not reached");
    world.mint(&plan, &mut from_flag).unwrap();
    assert!(from_flag.is_none());
    assert_eq!(world.asked()[1..], ["process tool", "AssumeRole r by given with 123456"]);
    let mut unused = code("654321");
    world.mint(&plan, &mut unused).unwrap();
    assert!(unused.is_some(), "a cached session needs no code");
}

/// The codes that are sent, and what comes of it.
#[test]
fn no_code_is_sent_twice_and_a_refused_one_is_asked_for_again() {
    let ok = || Ok(credentials("role", 60));
    let refused = || Err(mfa_code_refused());
    let attempts = "AWS did not accept the MFA code of serial-number (3 tried): as AWS says";
    let used = "the MFA code of serial-number was sent before; AWS takes each code once";
    for (docs, typed, answers, sent, expected) in [
        ("the first", &["111111"][..], vec![ok()], &["111111"][..], "role"),
        (
            "another after a refusal",
            &["111111", "222222"],
            vec![refused(), ok()],
            &["111111", "222222"],
            "role",
        ),
        (
            "three times at most",
            &["111111", "222222", "333333", "444444"],
            vec![refused(), refused(), refused()],
            &["111111", "222222", "333333"],
            attempts,
        ),
        (
            "not one that was sent",
            &["111111", "111111", "222222"],
            vec![refused(), ok()],
            &["111111", "222222"],
            "role",
        ),
        (
            "that is said three times at most",
            &["111111", "111111", "111111", "111111"],
            vec![refused()],
            &["111111"],
            used,
        ),
        (
            "what has nothing to do with the code ends it",
            &["111111", "222222"],
            vec![Err(testing::refused("AccessDenied"))],
            &["111111"],
            "profile \"p\": sso-oidc:CreateToken was refused: AccessDenied: as AWS says",
        ),
    ] {
        let world = World::typing(typed, answers);
        let rules = SessionRules { no_session: true, ..RULES };
        assert_eq!(world.key_of(&plan_of(MFA_ROLE, rules)), expected, "{docs}");
        let calls: Vec<_> =
            sent.iter().map(|code| format!("AssumeRole r by AKIA with {code}")).collect();
        assert_eq!(world.asked(), calls, "{docs}");
    }
}

#[test]
fn a_code_that_aws_did_not_look_at_may_be_given_again() {
    let world = World::answering([Err(testing::unreachable_now()), Ok(credentials("role", 60))]);
    let plan = plan_of(MFA_ROLE, SessionRules { no_session: true, ..RULES });
    world.mint(&plan, &mut code("111111")).unwrap_err();
    world.mint(&plan, &mut code("111111")).unwrap();
}

#[test]
fn mfa_process_is_asked_for_the_next_code_when_that_is_shown() {
    let world = World::answering([Err(mfa_code_refused()), Ok(credentials("role", 60))]);
    world.aws.codes.borrow_mut().extend(["111111", "222222"]);
    let config = format!("{MFA_ROLE}mfa_process = otp\n");
    let plan = plan_of(&config, SessionRules { no_session: true, ..RULES });
    assert_eq!(world.key_of(&plan), "role");
    assert_eq!(world.base.clock.now(), noon() + TimeDelta::seconds(31));
    let world = World::answering([]);
    let error = world.mint(&plan, &mut None).unwrap_err();
    assert_eq!(error.to_string(), "profile \"p\" needs the MFA code of serial-number");
    let cause = std::error::Error::source(&error).unwrap();
    assert_eq!(cause.to_string(), "otp: is broken");
}

/// What AWS refuses may have been sent by the same device elsewhere.
#[test]
fn a_stored_device_gives_its_next_code_when_one_is_refused() {
    let refused = || Err(mfa_code_refused());
    for (docs, answers, expected, waited) in [
        ("at once", vec![Ok(credentials("role", 60))], "role", 0),
        ("the second", vec![refused(), Ok(credentials("role", 60))], "role", 30),
        (
            "none",
            vec![refused(), refused(), refused()],
            "AWS did not accept the MFA code of serial-number (3 tried): as AWS says",
            60,
        ),
    ] {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().to_str().unwrap();
        let env = Env::from_pairs([("AWSX_STATE_DIR", path), ("AWSX_PASSPHRASE", "p")]);
        let mut world = World::answering(answers);
        let person = world.base.person.clone();
        world.base.vault =
            Vault::new(&env, UnlockerKind::Passphrase, person, no_command()).unwrap();
        let set_up = SetUp::read(&Secret::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")).unwrap();
        let device = StoredDevice::new("serial-number", set_up.seed, noon());
        world.base.vault.put(&StoredDevice::key("serial-number"), &device).unwrap();
        let plan = plan_of(MFA_ROLE, SessionRules { no_session: true, ..RULES });
        assert_eq!(world.key_of(&plan), expected, "{docs}");
        assert_eq!(world.base.clock.now(), noon() + TimeDelta::seconds(waited), "{docs}");
        let mut asked = world.asked();
        let calls = asked.len();
        asked.dedup();
        assert_eq!(asked.len(), calls, "{docs}: each code once");
        // The kernel has room for few opened keys.
        world.base.vault.lock().unwrap();
    }
}
