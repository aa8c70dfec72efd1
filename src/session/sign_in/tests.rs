use chrono::TimeDelta;

use super::super::testing::{
    FakeClock, FakePerson, FakeSignIn, noon, refused, unreachable_now, vault,
};
use super::*;
use crate::credentials::{Expiration, Secret};

const SESSION: &str = "arn:aws:iam::111111111111:user/ann";

/// Credentials `name` until `minutes` after noon.
fn credentials(name: &str, minutes: i64) -> SessionCredentials {
    SessionCredentials {
        access_key_id: name.into(),
        secret_access_key: Secret::new("s"),
        session_token: Some(Secret::new("t")),
        expiration: Expiration::At(noon() + TimeDelta::minutes(minutes)),
        account_id: None,
    }
}

fn answer(name: &str, minutes: i64) -> SignInAnswer {
    SignInAnswer {
        credentials: credentials(name, minutes),
        refresh_token: Secret::new(format!("refresh-{name}")),
        id_token: None,
        session: None,
    }
}

fn token(name: &str, minutes: i64) -> SignInToken {
    let credentials = SessionCredentials {
        account_id: Some("111111111111".into()),
        ..credentials(name, minutes)
    };
    SignInToken {
        client_id: "arn:aws:signin:::devtools/same-device".into(),
        region: Some("eu-west-1".into()),
        credentials: Some(credentials),
        refresh_token: Some(Secret::new(format!("refresh-{name}"))),
        id_token: Some(Secret::new("id")),
        dpop_key: Secret::new("key"),
    }
}

/// A sign-in `a` of noon, and what the tests look at.
struct World {
    vault: Vault,
    sign_in: FakeSignIn,
    person: FakePerson,
    clock: FakeClock,
    settings: ClientSettings,
}

impl World {
    fn at(minutes: i64) -> Self {
        Self {
            vault: vault(),
            sign_in: FakeSignIn::default(),
            person: FakePerson::default(),
            clock: FakeClock::at(minutes),
            settings: ClientSettings::default(),
        }
    }

    fn answering(self, answers: impl IntoIterator<Item = Result<SignInAnswer, CallError>>) -> Self {
        self.sign_in.answers.borrow_mut().extend(answers);
        self
    }

    /// `a`, signed in at noon, for 15 minutes.
    fn signed_in(self, shared: bool) -> Self {
        let kept = Kept {
            token: token("a", 15),
            url: "https://eu-west-1".into(),
            region: "eu-west-1".into(),
            logged_in_at: noon(),
            refreshed_at: noon(),
            shared,
        };
        self.sign_ins().store(SESSION, &kept).unwrap();
        self
    }

    fn sign_ins(&self) -> SignIns<'_> {
        SignIns {
            vault: &self.vault,
            sign_in: &self.sign_in,
            shared: &self.sign_in,
            person: &self.person,
            clock: &self.clock,
            settings: &self.settings,
        }
    }

    /// Whose credentials are given, or what is wrong; and the refresh tokens that were used.
    fn outcome_with(&self, margin: u64, refresh: bool) -> (String, Vec<String>) {
        let need =
            Need { margin: Duration::from_secs(60 * margin), started: self.clock.now(), refresh };
        let said = match self.sign_ins().credentials(SESSION, need) {
            Ok(credentials) => credentials.access_key_id,
            Err(error) => error.to_string(),
        };
        (said, self.sign_in.asked.borrow().clone())
    }

    fn outcome(&self) -> (String, Vec<String>) {
        self.outcome_with(5, false)
    }

    /// The refresh token of the record, and of the AWS CLI's cache.
    fn kept(&self) -> (Option<String>, Option<String>) {
        let text = |token: &SignInToken| Some(token.refresh_token.as_ref()?.expose().to_owned());
        let stored = self.vault.login(&self.sign_ins().key(SESSION)).unwrap();
        let kept = stored.as_ref().and_then(Kept::of);
        (
            kept.and_then(|kept| text(&kept.token)),
            self.sign_in.cache.borrow().as_ref().and_then(text),
        )
    }
}

#[test]
fn credentials_are_renewed_in_time_and_used_while_they_last() {
    type Answer = fn() -> Option<Result<SignInAnswer, CallError>>;
    let new: Answer = || Some(Ok(answer("b", 30)));
    let down: Answer = || Some(Err(unreachable_now()));
    let other: Answer = || Some(Err(refused("INSUFFICIENT_PERMISSIONS")));
    let unasked: Answer = || None;
    let over = "login_session arn:aws:iam::111111111111:user/ann needs a sign-in: ";
    for (docs, minutes, margin, refresh, reply, expected, asked) in [
        ("fresh", 0, 5, false, unasked, "a", 0),
        ("to the last minute of its margin", 10, 5, false, unasked, "a", 0),
        ("within the margin", 11, 5, false, new, "b", 1),
        ("enough to sign a call", 14, 1, false, unasked, "a", 0),
        ("over", 600, 5, false, new, "b", 1),
        ("--refresh", 1, 5, true, new, "b", 1),
        ("the clock was set back", -60, 5, false, new, "b", 1),
        ("no network, but they last", 11, 5, false, down, "a", 1),
        ("no network, and they are over", 15, 5, false, down, "did not succeed", 1),
        (
            "a refusal that a sign-in does not mend",
            11,
            5,
            false,
            other,
            "INSUFFICIENT_PERMISSIONS",
            1,
        ),
        ("TOKEN_EXPIRED", 11, 5, false, || Some(Err(refused("TOKEN_EXPIRED"))), over, 1),
        (
            "USER_CREDENTIALS_CHANGED",
            11,
            5,
            false,
            || Some(Err(refused("USER_CREDENTIALS_CHANGED"))),
            over,
            1,
        ),
    ] {
        let world = World::at(minutes).signed_in(false).answering(reply());
        let (said, used) = world.outcome_with(margin, refresh);
        assert!(said.contains(expected), "{docs}: {said}");
        assert_eq!(used, vec!["refresh-a"; asked], "{docs}");
        let kept = match (expected, expected == over) {
            ("b", _) => Some("refresh-b".to_owned()),
            (_, true) => None,
            _ => Some("refresh-a".to_owned()),
        };
        assert_eq!(world.kept(), (kept, None), "{docs}");
    }
}

#[test]
fn a_renewal_keeps_what_aws_does_not_say_again() {
    let world =
        World::at(12).signed_in(false).answering([Ok(answer("b", 27)), Ok(answer("c", 42))]);
    assert_eq!(world.outcome().0, "b");
    let stored = world.vault.login(&world.sign_ins().key(SESSION)).unwrap().unwrap();
    let kept = Kept::of(&stored).unwrap();
    assert_eq!(kept.token.credentials.unwrap().account_id.as_deref(), Some("111111111111"));
    assert_eq!(kept.token.id_token.unwrap().expose(), "id");
    assert_eq!((kept.logged_in_at, kept.refreshed_at), (noon(), noon() + TimeDelta::minutes(12)));
    // Each refresh token is used once.
    world.clock.sleep(Duration::from_secs(15 * 60));
    assert_eq!(world.outcome(), ("c".into(), vec!["refresh-a".into(), "refresh-b".into()]));
}

#[test]
fn the_aws_clis_sign_in_is_the_last_resort() {
    let needed = |problem: &str| format!("login_session {SESSION} needs a sign-in: {problem}");
    let refused = || Err(refused("TOKEN_EXPIRED"));
    for (docs, own, cached, expected) in [
        ("nothing at all", false, None, needed("nobody has signed in")),
        ("the AWS CLI's", false, Some(14), "cli".to_owned()),
        ("the AWS CLI's, about to end", false, Some(12), "cli".to_owned()),
        (
            "the AWS CLI's is over",
            false,
            Some(10),
            needed("nobody has signed in, and the AWS CLI's in FILE is over"),
        ),
        ("awsx's own is over, the AWS CLI's is not", true, Some(14), "cli".to_owned()),
        (
            "both are over",
            true,
            Some(2),
            needed(
                "AWS renews the last one no longer: as AWS says (TOKEN_EXPIRED), and the AWS CLI's \
                 in FILE is over",
            ),
        ),
    ] {
        let mut world = World::at(11).answering([refused()]);
        if own {
            world = world.signed_in(false);
        }
        *world.sign_in.cache.borrow_mut() = cached.map(|minutes| token("cli", minutes));
        let (said, used) = world.outcome();
        assert_eq!(said, expected, "{docs}");
        assert!(!used.contains(&"refresh-cli".to_owned()), "{docs}: {used:?}");
        let file = cached.map(|_| "refresh-cli".to_owned());
        assert_eq!(world.kept().1, file, "{docs}: the file is as it was");
    }
    let mut world = World::at(0);
    world.sign_in.cache_is_broken = true;
    assert_eq!(world.outcome().0, "FILE: is broken");
}

#[test]
fn a_shared_sign_in_is_written_and_read() {
    for (docs, cached, expected, used, kept) in [
        ("as awsx left it", Some(token("a", 15)), "b", 1, ("refresh-b", Some("refresh-b"))),
        (
            "renewed by the AWS CLI",
            Some(token("cli", 25)),
            "cli",
            0,
            ("refresh-cli", Some("refresh-cli")),
        ),
        (
            "renewed, and about to end",
            Some(token("cli", 16)),
            "b",
            1,
            ("refresh-b", Some("refresh-b")),
        ),
        ("older than awsx's", Some(token("cli", 3)), "b", 1, ("refresh-b", Some("refresh-b"))),
        ("removed", None, "b", 1, ("refresh-b", None)),
    ] {
        let world = World::at(12).signed_in(true).answering([Ok(answer("b", 27))]);
        *world.sign_in.cache.borrow_mut() = cached;
        let (said, asked) = world.outcome();
        assert_eq!((&*said, asked.len()), (expected, used), "{docs}");
        let (own, file) = kept;
        assert_eq!(world.kept(), (Some(own.to_owned()), file.map(str::to_owned)), "{docs}");
    }
    let mut world = World::at(12).signed_in(true).answering([Ok(answer("b", 27))]);
    world.sign_in.cache_is_broken = true;
    assert_eq!(world.outcome().0, "b");
    assert!(world.person.said.borrow()[0].contains("left alone: FILE: is broken"));
}
