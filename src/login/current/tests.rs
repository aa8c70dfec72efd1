//! What a login gives: the rows of one table hold for both kinds.

use std::time::Duration;

use super::*;
use crate::credentials::Margin;
use crate::login::testing::{
    ANN, World, ann, answer, console_login, identity_center_login, login, noon, refused,
    sign_in_token, token, unreachable_now,
};
use crate::ports::{Clock, SharedToken};

/// What AWS answers to a refresh.
#[derive(Clone, Copy)]
enum Reply {
    /// AWS is not asked
    Unasked,
    /// A new token, `b`
    New,
    /// A refusal with this code, and AWS's message
    Refused(&'static str, &'static str),
    Unreachable,
}
use Reply::*;

/// The AWS CLI's cache. Its token is `cli`.
#[derive(Clone, Copy, PartialEq)]
enum Cache {
    Empty,
    /// As awsx left it
    AsShared,
    /// Its token has so many minutes left
    Left(i64),
    Unreadable,
    Unwritable,
}

/// One row: a login `a` of noon, its refresh token `refresh-a`.
struct Case {
    docs: &'static str,
    /// Minutes that are left of the login's token; `None`: nobody logged in
    left: Option<i64>,
    shared: bool,
    cache: Cache,
    reply: Reply,
    /// Whose token is given, or what the sentence has
    expected: &'static str,
    /// The refresh token that is kept
    keeps: Option<&'static str>,
    /// What the person is told
    told: &'static str,
}

const CASE: Case = Case {
    docs: "",
    left: Some(6),
    shared: false,
    cache: Cache::Empty,
    reply: Unasked,
    expected: "a",
    keeps: Some("refresh-a"),
    told: "",
};

/// A kind of login as the table needs it.
trait Sample: Kind {
    /// How long AWS gives its token, minutes
    const LASTS: i64;

    fn name() -> Self::Name;
    fn of_noon(shared: bool) -> Self;
    fn need(world: &World) -> Self::Need;
    fn text(current: &Self::Current) -> String;
    fn reply(world: &World, reply: Result<i64, CallError>);
    fn asked(world: &World) -> Vec<String>;
    fn fill_cache(world: &World, minutes: i64);
    fn break_cache(world: &World, what: &'static str);
    fn kept_refresh_token(&self) -> Option<&Secret>;
}

impl Sample for IdentityCenterLogin {
    const LASTS: i64 = 60;

    fn name() -> SsoLogin {
        login()
    }

    fn of_noon(shared: bool) -> Self {
        identity_center_login(token("a", Self::LASTS), shared)
    }

    fn need(_: &World) -> Option<RefusedToken> {
        None
    }

    fn text(current: &Secret) -> String {
        current.expose().to_owned()
    }

    fn reply(world: &World, reply: Result<i64, CallError>) {
        world.oidc.tokens.borrow_mut().push_back(reply.map(|minutes| token("b", minutes)));
    }

    fn asked(world: &World) -> Vec<String> {
        world.oidc.asked.borrow().clone()
    }

    fn fill_cache(world: &World, minutes: i64) {
        let shared = SharedToken { token: token("cli", minutes), registration: None };
        *world.tokens.holds.borrow_mut() = Some(shared);
    }

    fn break_cache(world: &World, what: &'static str) {
        world.tokens.broken.set(what);
    }

    fn kept_refresh_token(&self) -> Option<&Secret> {
        self.refresh_token.as_ref()
    }
}

impl Sample for ConsoleLogin {
    const LASTS: i64 = 15;

    fn name() -> LoginSession {
        ann()
    }

    fn of_noon(shared: bool) -> Self {
        console_login(sign_in_token("a", Self::LASTS), shared)
    }

    fn need(world: &World) -> Freshness {
        let margin = Margin::DELIVERY;
        Freshness { margin, started: world.clock.now(), refresh: false }
    }

    fn text(current: &SessionCredentials) -> String {
        current.access_key_id.clone()
    }

    fn reply(world: &World, reply: Result<i64, CallError>) {
        world.sign_in.answers.borrow_mut().push_back(reply.map(|minutes| answer("b", minutes)));
    }

    fn asked(world: &World) -> Vec<String> {
        world.sign_in.asked.borrow().clone()
    }

    fn fill_cache(world: &World, minutes: i64) {
        *world.sign_ins.holds.borrow_mut() = Some(sign_in_token("cli", minutes));
    }

    fn break_cache(world: &World, what: &'static str) {
        world.sign_ins.broken.set(what);
    }

    fn kept_refresh_token(&self) -> Option<&Secret> {
        self.token.refresh_token.as_ref()
    }
}

fn refusal(code: &str, message: &str) -> CallError {
    CallError::Refused {
        call: "CreateToken",
        code: code.into(),
        message: message.into(),
        request_id: None,
    }
}

fn check<K: Sample>(case: &Case) {
    let now = K::LASTS - case.left.unwrap_or(K::LASTS);
    let world = World::at(now);
    if case.left.is_some() {
        world.logins().store(&K::name(), &K::of_noon(case.shared)).unwrap();
    }
    match case.cache {
        Cache::Left(left) => K::fill_cache(&world, now + left),
        Cache::Unreadable => K::break_cache(&world, "read"),
        Cache::Unwritable => K::break_cache(&world, "write"),
        Cache::Empty => {
            *world.tokens.holds.borrow_mut() = None;
            *world.sign_ins.holds.borrow_mut() = None;
        }
        Cache::AsShared => {}
    }
    match case.reply {
        Unasked => {}
        New => K::reply(&world, Ok(now + K::LASTS)),
        Refused(code, message) => K::reply(&world, Err(refusal(code, message))),
        Unreachable => K::reply(&world, Err(unreachable_now())),
    }
    let (name, docs) = (K::name(), format!("{:?}: {}", K::name(), case.docs));
    let said = match world.logins().current::<K>(&name, &K::need(&world)) {
        Ok(current) => K::text(&current),
        Err(error) => error.to_string(),
    };
    match case.expected.len() <= 3 {
        true => assert_eq!(said, case.expected, "{docs}"),
        false => assert!(said.contains(case.expected), "{docs}: {said}"),
    }
    let asked = usize::from(!matches!(case.reply, Unasked));
    assert_eq!(K::asked(&world), vec!["refresh-a"; asked], "{docs}");
    let kept = world.vault.get::<K>(&K::key(&name, &world.logins())).unwrap();
    let keeps = kept.as_ref().and_then(|kept| kept.kept_refresh_token()).map(Secret::expose);
    assert_eq!(keeps, case.keeps, "{docs}");
    match case.told {
        "not renewed: " if !K::IS_HANDED_OVER => assert_eq!(world.said(), "", "{docs}"),
        "" => assert_eq!(world.said(), "", "{docs}"),
        told => assert!(world.said().contains(told), "{docs}: {}", world.said()),
    }
}

#[test]
fn both_kinds_are_renewed_kept_and_shared_alike() {
    let new = Case { left: Some(3), reply: New, expected: "b", keeps: Some("refresh-b"), ..CASE };
    let lost = Case { reply: Unreachable, told: "not renewed: ", left: Some(3), ..CASE };
    let shared = Case { shared: true, cache: Cache::AsShared, ..CASE };
    for case in [
        Case { docs: "nobody logged in", left: None, expected: "nobody ", keeps: None, ..CASE },
        Case { docs: "fresh", ..CASE },
        Case { docs: "to the last minute before its margin", left: Some(5), ..CASE },
        Case { docs: "just before its end", ..new },
        Case { docs: "after its end", left: Some(-600), ..new },
        Case { docs: "the clock was set back", left: Some(120), ..new },
        Case { docs: "no network, but it lasts", ..lost },
        Case {
            docs: "no network, and it is over",
            left: Some(-1),
            expected: "did not succeed",
            told: "",
            ..lost
        },
        Case { docs: "shared, and fresh", ..shared },
        Case { docs: "shared, and renewed", shared: true, cache: Cache::AsShared, ..new },
        Case {
            docs: "the AWS CLI's cache cannot be written: a notice, and the token",
            shared: true,
            cache: Cache::Unwritable,
            told: "the new token is not in the AWS CLI's cache: FILE: is broken",
            ..new
        },
        Case {
            docs: "the AWS CLI's cache cannot be read: it is left alone",
            shared: true,
            cache: Cache::Unreadable,
            told: "is left alone: FILE: is broken",
            ..new
        },
        Case {
            docs: "renewed by the AWS CLI",
            shared: true,
            cache: Cache::Left(14),
            reply: Unasked,
            expected: "cli",
            keeps: Some("refresh-cli"),
            ..new
        },
        Case { docs: "older than awsx's", shared: true, cache: Cache::Left(2), ..new },
        Case { docs: "removed: not shared any longer", shared: true, cache: Cache::Empty, ..new },
        Case {
            docs: "the AWS CLI's, where awsx has none",
            left: None,
            cache: Cache::Left(3),
            expected: "cli",
            keeps: None,
            ..CASE
        },
    ] {
        check::<IdentityCenterLogin>(&case);
        check::<ConsoleLogin>(&case);
    }
}

/// Only the codes that mean "it is over" end a login; the refresh token is kept for any other.
#[test]
fn a_refusal_ends_a_login_only_if_it_says_so() {
    fn check_kind<K: Sample>(passing: &[(&'static str, &'static str)]) {
        for end in K::ENDS {
            let message = if end.message.is_empty() { "as AWS says" } else { end.message };
            check::<K>(&Case {
                docs: end.code,
                left: Some(-1),
                reply: Refused(end.code, message),
                expected: end.meaning,
                keeps: None,
                ..CASE
            });
        }
        for (code, message) in passing {
            let passing = Case { docs: code, reply: Refused(code, message), ..CASE };
            check::<K>(&Case { left: Some(3), told: "not renewed: ", ..passing });
            check::<K>(&Case { left: Some(-1), expected: "was refused", ..passing });
        }
    }
    check_kind::<IdentityCenterLogin>(&[
        ("SlowDownException", ""),
        ("InvalidRequestException", ""),
        ("InternalServerException", ""),
        ("AccessDeniedException", "the key of the organization cannot be used"),
    ]);
    check_kind::<ConsoleLogin>(&[
        ("INSUFFICIENT_PERMISSIONS", ""),
        ("ValidationException", "1 validation error detected"),
        ("InternalServerException", ""),
    ]);
}

/// AWS's answer to a dead grant of the console, as it comes.
#[test]
fn a_dead_grant_of_the_console_ends_the_login() {
    let message = "The provided authorization grant is invalid, expired, revoked, does not match \
                   the redirection URI used in the authorization request, or was issued to \
                   another client.";
    check::<ConsoleLogin>(&Case {
        docs: "dead",
        left: Some(-1),
        reply: Refused("ValidationException", message),
        expected: "needs a sign-in: AWS renews the last one no longer: The provided",
        keeps: None,
        ..CASE
    });
}

/// What is given, or what is wrong; and the refresh tokens that were used.
fn outcome<K: Sample>(world: &World, need: &K::Need) -> (String, Vec<String>) {
    let said = match world.logins().current::<K>(&K::name(), need) {
        Ok(current) => K::text(&current),
        Err(error) => error.to_string(),
    };
    (said, K::asked(world))
}

fn kept<K: Sample>(world: &World) -> K {
    world.vault.get::<K>(&K::key(&K::name(), &world.logins())).unwrap().unwrap()
}

mod identity_center {
    use super::*;

    fn world(
        minutes: i64,
        name: &str,
        answers: Vec<Result<crate::credentials::SsoToken, CallError>>,
    ) -> World {
        let world = World::at(minutes);
        world.oidc.tokens.borrow_mut().extend(answers);
        let kept = identity_center_login(token(name, 60), false);
        world.logins().store(&login(), &kept).unwrap();
        world
    }

    /// Of the record: the access token and the refresh token.
    fn tokens(world: &World) -> (Option<String>, Option<String>) {
        let text = |secret: &Secret| secret.expose().to_owned();
        let kept = kept::<IdentityCenterLogin>(world);
        (kept.access.map(|(token, _)| text(&token)), kept.refresh_token.as_ref().map(text))
    }

    #[test]
    fn a_token_that_nothing_renews_is_used_to_its_last_minute() {
        let needed = "sso-session \"corp\" needs a login: ";
        for (docs, name, minutes, expected) in [
            ("to its last minute", "a!", 59, "a!".to_owned()),
            (
                "in its last minute",
                "a!",
                60,
                format!("{needed}the login of 12:00 (1h ago) ended 13:00 (just now)"),
            ),
            (
                "after the registration's end",
                "a",
                60 * 24 * 91,
                format!(
                    "{needed}the login of 2026-01-01 12:00 (91 days ago) ended 2026-01-01 13:00 (91 days \
                     ago)"
                ),
            ),
        ] {
            let world = world(minutes, name, vec![]);
            let (said, asked) = outcome::<IdentityCenterLogin>(&world, &None);
            assert_eq!((said, asked.len()), (expected, 0), "{docs}");
        }
        let world = world(59, "a!", vec![]);
        world.clock.sleep(Duration::from_secs(20));
        let (said, _) = outcome::<IdentityCenterLogin>(&world, &None);
        assert!(said.ends_with("ends 13:00 (in 1m)"), "it has not ended yet: {said}");
    }

    #[test]
    fn a_refresh_token_is_replaced_by_the_next_and_dropped_when_over() {
        let over = || Err(refused("InvalidGrantException"));
        let world = world(58, "a", vec![Ok(token("b", 120)), over()]);
        assert_eq!(outcome::<IdentityCenterLogin>(&world, &None).0, "b");
        assert_eq!(tokens(&world), (Some("b".into()), Some("refresh-b".into())));
        world.clock.sleep(Duration::from_secs(3600));
        assert_eq!(outcome::<IdentityCenterLogin>(&world, &None).0, "b", "two minutes are left");
        assert_eq!(tokens(&world), (Some("b".into()), None));
        let (_, asked) = outcome::<IdentityCenterLogin>(&world, &None);
        assert_eq!(asked, ["refresh-a", "refresh-b"], "a refused one is not tried again");
        world.clock.sleep(Duration::from_secs(90));
        let (said, _) = outcome::<IdentityCenterLogin>(&world, &None);
        assert!(said.contains("needs a login: the login of "), "{said}");
    }

    #[test]
    fn an_answer_without_a_refresh_token_leaves_the_old_one_in_force() {
        let world = world(58, "a", vec![Ok(token("b!", 120))]);
        assert_eq!(outcome::<IdentityCenterLogin>(&world, &None).0, "b!");
        assert_eq!(tokens(&world), (Some("b!".into()), Some("refresh-a".into())));
    }

    #[test]
    fn a_token_that_aws_refuses_is_dropped_and_renewed_once() {
        let ask = |world: &World, good: &'static str| {
            let calls = std::cell::Cell::new(0);
            let answer = world.logins().with_token(&login(), |token| {
                calls.set(calls.get() + 1);
                match token.expose() == good {
                    true => Ok("done"),
                    false => Err(CallError::login_needed(&login(), "refused".into())),
                }
            });
            (answer.map_err(|error| error.to_string()), calls.get())
        };
        let needed = Err("sso-session \"corp\" needs a login: refused".to_owned());

        let renewed = world(1, "a", vec![Ok(token("b", 120))]);
        assert_eq!(ask(&renewed, "b"), (Ok("done"), 2));
        assert_eq!(tokens(&renewed).0.as_deref(), Some("b"));

        let refused_twice = world(1, "a", vec![Ok(token("b", 120))]);
        assert_eq!(ask(&refused_twice, "nothing"), (needed.clone(), 2));

        let not_renewable = world(1, "a!", vec![]);
        assert_eq!(ask(&not_renewable, "nothing"), (needed.clone(), 1));
        assert_eq!(tokens(&not_renewable), (None, None));

        // The AWS CLI's, refused: there is no other.
        let of_the_aws_cli = World::at(1);
        IdentityCenterLogin::fill_cache(&of_the_aws_cli, 60);
        assert_eq!(ask(&of_the_aws_cli, "cli"), (Ok("done"), 1));
        assert_eq!(ask(&of_the_aws_cli, "nothing"), (needed, 1));
    }

    #[test]
    fn a_login_that_is_not_shared_leaves_the_aws_clis_alone() {
        let world = World::at(1);
        IdentityCenterLogin::fill_cache(&world, 60);
        assert_eq!(outcome::<IdentityCenterLogin>(&world, &None).0, "cli");
        assert!(world.vault.headers::<LoginHeader>().unwrap().is_empty(), "it stays the AWS CLI's");
        let own = IdentityCenterLogin::of_noon(false);
        world.logins().store(&login(), &own).unwrap();
        assert_eq!(outcome::<IdentityCenterLogin>(&world, &None).0, "a");
        let shared = world.tokens.holds.borrow().clone().unwrap();
        assert_eq!(shared.token.access_token.expose(), "cli");
    }
}

mod console {
    use super::*;
    use crate::credentials::Margin;

    fn world(minutes: i64) -> World {
        let world = World::at(minutes);
        world.logins().store(&ann(), &ConsoleLogin::of_noon(false)).unwrap();
        world
    }

    /// `--refresh` asks for new credentials: the old ones are no answer to a refusal.
    #[test]
    fn refresh_fails_where_aws_refuses() {
        let world = world(1);
        ConsoleLogin::reply(&world, Err(refused("INSUFFICIENT_PERMISSIONS")));
        let (said, _) = outcome::<ConsoleLogin>(&world, &need(&world, 5, true));
        assert!(said.contains("was refused: INSUFFICIENT_PERMISSIONS"), "{said}");
    }

    fn need(world: &World, minutes: u64, refresh: bool) -> Freshness {
        let margin = Margin::NONE.at_least(Duration::from_secs(60 * minutes));
        Freshness { margin, started: world.clock.now(), refresh }
    }

    #[test]
    fn what_a_command_needs_decides_whether_it_is_renewed() {
        for (docs, minutes, margin, refresh, expected) in [
            ("enough to sign a call", 14, 1, false, "a"),
            ("not enough to hand over", 14, 5, false, "b"),
            ("--refresh", 1, 5, true, "b"),
        ] {
            let world = world(minutes);
            ConsoleLogin::reply(&world, Ok(minutes + 15));
            let need = need(&world, margin, refresh);
            assert_eq!(outcome::<ConsoleLogin>(&world, &need).0, expected, "{docs}");
        }
    }

    #[test]
    fn a_renewal_keeps_what_aws_does_not_say_again() {
        let world = world(12);
        world.sign_in.answers.borrow_mut().extend([Ok(answer("b", 27)), Ok(answer("c", 42))]);
        assert_eq!(outcome::<ConsoleLogin>(&world, &need(&world, 5, false)).0, "b");
        let login = kept::<ConsoleLogin>(&world);
        assert_eq!(login.token.credentials.unwrap().account_id.as_deref(), Some("111111111111"));
        assert_eq!(login.token.id_token.unwrap().expose(), "id");
        let minutes = chrono::TimeDelta::minutes;
        assert_eq!((login.logged_in_at, login.refreshed_at), (noon(), noon() + minutes(12)));
        // Each refresh token is used once.
        world.clock.sleep(Duration::from_secs(15 * 60));
        let (said, asked) = outcome::<ConsoleLogin>(&world, &need(&world, 5, false));
        assert_eq!((&*said, asked), ("c", vec!["refresh-a".into(), "refresh-b".into()]));
    }

    /// Its rest may be void: the password was changed, or the session revoked.
    #[test]
    fn of_a_login_that_aws_ended_no_rest_is_given() {
        let world = world(11);
        ConsoleLogin::reply(&world, Err(refused("USER_CREDENTIALS_CHANGED")));
        let (said, _) = outcome::<ConsoleLogin>(&world, &need(&world, 5, false));
        let needed = "the password was changed since the last one: as AWS says \
                      (USER_CREDENTIALS_CHANGED)";
        assert_eq!(said, format!("login_session {ANN} needs a sign-in: {needed}"));
    }

    #[test]
    fn the_aws_clis_login_is_the_last_resort() {
        let needed = |problem: &str| format!("login_session {ANN} needs a sign-in: {problem}");
        for (docs, own, cached, expected) in [
            ("nothing at all", false, None, needed("nobody has signed in")),
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
                    "AWS renews the last one no longer: as AWS says (TOKEN_EXPIRED), and the AWS \
                     CLI's in FILE is over",
                ),
            ),
        ] {
            let world = if own { world(11) } else { World::at(11) };
            ConsoleLogin::reply(&world, Err(refused("TOKEN_EXPIRED")));
            if let Some(minutes) = cached {
                ConsoleLogin::fill_cache(&world, minutes);
            }
            let (said, asked) = outcome::<ConsoleLogin>(&world, &need(&world, 5, false));
            assert_eq!(said, expected, "{docs}");
            assert!(!asked.contains(&"refresh-cli".to_owned()), "{docs}: {asked:?}");
            let file = world.sign_ins.holds.borrow().clone();
            let file = file.and_then(|token| Some(token.refresh_token?.expose().to_owned()));
            assert_eq!(file, cached.map(|_| "refresh-cli".to_owned()), "{docs}: as it was");
        }
        let world = World::at(0);
        world.sign_ins.broken.set("read");
        let (said, _) = outcome::<ConsoleLogin>(&world, &need(&world, 5, false));
        assert_eq!(said, needed("nobody has signed in; FILE: is broken"), "a sign-in helps");
    }

    #[test]
    fn a_shared_login_that_the_aws_cli_renewed_long_ago_is_renewed() {
        let world = World::at(12);
        world.logins().store(&ann(), &ConsoleLogin::of_noon(true)).unwrap();
        ConsoleLogin::fill_cache(&world, 16);
        world.sign_in.answers.borrow_mut().push_back(Ok(answer("b", 27)));
        let (said, asked) = outcome::<ConsoleLogin>(&world, &need(&world, 5, false));
        assert_eq!((&*said, asked), ("b", vec!["refresh-cli".to_owned()]));
    }
}
