use std::cell::RefCell;
use std::rc::Rc;

use super::*;
use crate::credentials::{Secret, SignInAnswer, SignInClient};
use crate::login::testing::{
    ANN, FakeBrowser, FakeClock, World, ann, answer, login, noon, refused, token, unreachable_now,
};
use crate::ports::testing::FakePerson;
use crate::ports::{AuthorizationAnswer, CallError, CallbackError, Clock, Unanswered};

const OPTIONS: LogInOptions = LogInOptions {
    elsewhere: false,
    no_browser: false,
    port: None,
    share: false,
    must_keep: false,
};
const ELSEWHERE: LogInOptions = LogInOptions { elsewhere: true, ..OPTIONS };
const SHOWN: LogInOptions = LogInOptions { no_browser: true, ..OPTIONS };
const FORWARDED: LogInOptions = LogInOptions { port: Some(1), ..OPTIONS };
const SSH: Option<&str> = Some("this is an SSH session");

fn answer_of(who: Option<&str>) -> SignInAnswer {
    SignInAnswer { session: who.map(str::to_owned), ..answer("a", 15) }
}

/// A world with a person, where AWS gives a token of either kind, once.
fn world() -> World {
    let world = World::with_a_person();
    world.oidc.tokens.borrow_mut().push_back(Ok(token("a", 60)));
    world.sign_in.answers.borrow_mut().push_back(Ok(answer_of(Some(ANN))));
    world
}

fn log_in_to_both(world: &World, options: LogInOptions) -> [Result<(), String>; 2] {
    let full = |error: LogInError| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        format!("{error}{}", cause.unwrap_or_default())
    };
    [
        world.log_in().identity_center(&login(), options).map(drop).map_err(full),
        world
            .log_in()
            .console("eu-west-1", options)
            .and_then(|login| world.log_in().keep_console(login))
            .map(drop)
            .map_err(full),
    ]
}

#[test]
fn who_can_come_back_logs_in_by_the_browser_and_others_by_a_code() {
    const HERE: &str = "http://127.0.0.1:1/oauth/callback";
    const PAGE: &str = "https://eu-west-1/v1/sessions/confirmation";
    for (docs, options, out_of_reach, is_elsewhere, opened) in [
        ("a desktop", OPTIONS, None, false, [1, 1]),
        ("SSH", OPTIONS, SSH, true, [0, 0]),
        ("a code is asked for", ELSEWHERE, None, true, [1, 0]),
        ("a port is forwarded", FORWARDED, SSH, false, [1, 1]),
        ("the address is pasted", SHOWN, SSH, false, [0, 0]),
        ("not opened", SHOWN, None, false, [0, 0]),
        (
            "a code, and nothing opened",
            LogInOptions { no_browser: true, ..ELSEWHERE },
            None,
            true,
            [0, 0],
        ),
    ] {
        let mut world = world();
        world.browser = FakeBrowser { out_of_reach, ..FakeBrowser::allowing() };
        let header = world.log_in().identity_center(&login(), options).unwrap();
        let grant = if is_elsewhere { "DeviceCode" } else { "AuthorizationCode" };
        assert_eq!(world.oidc.asked.borrow()[0], format!("register {grant}"), "{docs}");
        assert_eq!(world.browser.opened.borrow().len(), opened[0], "{docs}");
        let said = world.said();
        assert_eq!(said.contains("ABCD-EFGH"), is_elsewhere, "{docs}: the code is shown");
        let is_for_ssh = is_elsewhere && out_of_reach.is_some();
        assert_eq!(said.contains("SSH session, so"), is_for_ssh, "{docs}");
        assert!(said.contains("https://"), "{docs}: the address is shown");
        assert!(header.can_refresh && header.logged_in_at >= noon(), "{docs}");
        let kept = world.logins().current_of_awsx::<IdentityCenterLogin>(&login(), &None);
        assert_eq!(kept.unwrap().expose(), "a", "{docs}");
        assert!(world.tokens.holds.borrow().is_none(), "{docs}: nobody asked to share it");

        world.browser.opened.borrow_mut().clear();
        world.person.said.borrow_mut().clear();
        let signed_in = world.log_in().console("eu-west-1", options).unwrap();
        let (client, redirect_uri) = match is_elsewhere {
            true => (SignInClient::CrossDevice, PAGE),
            false => (SignInClient::SameDevice, HERE),
        };
        assert_eq!(signed_in.session, ann(), "{docs}");
        assert_eq!(world.browser.opened.borrow().len(), opened[1], "{docs}");
        assert_eq!(*world.sign_in.asked.borrow(), [format!("code c for {redirect_uri}")], "{docs}");
        let said = world.said();
        assert_eq!(said.contains("SSH session, so"), is_for_ssh, "{docs}: {said}");
        assert!(said.contains(&format!("https://eu-west-1/{client:?}?")), "{docs}: {said}");
        assert_eq!(signed_in.token.client_id, client.id(), "{docs}");
    }
}

#[test]
fn a_shared_login_is_in_the_aws_clis_cache() {
    let world = world();
    let options = LogInOptions { share: true, ..OPTIONS };
    assert_eq!(log_in_to_both(&world, options), [Ok(()), Ok(())]);
    let shared = world.tokens.holds.borrow().clone().unwrap();
    assert_eq!(shared.token.access_token.expose(), "a");
    let shared = world.sign_ins.holds.borrow().clone().unwrap();
    assert_eq!(shared.refresh_token.unwrap().expose(), "refresh-a");
    // What was shared once goes on being in step with a login that is not.
    world.oidc.tokens.borrow_mut().push_back(Ok(token("b", 60)));
    world.sign_in.answers.borrow_mut().push_back(Ok(answer_of(Some(ANN))));
    assert_eq!(log_in_to_both(&world, OPTIONS), [Ok(()), Ok(())]);
    let headers = world.vault.headers::<LoginHeader>().unwrap();
    assert!(headers.len() == 2 && headers.iter().all(|(_, header)| header.shared));
}

#[test]
fn what_ends_an_attempt_is_said_alike() {
    type Came = fn() -> Result<AuthorizationAnswer, CallbackError>;
    struct Case {
        docs: &'static str,
        came: Came,
        options: LogInOptions,
        corp: &'static str,
        console: &'static str,
    }
    let code: Came = || Ok(AuthorizationAnswer::Code(Secret::new("c")));
    let denied: Came = || {
        Ok(AuthorizationAnswer::Denied {
            error: "access_denied".into(),
            description: Some("not today".into()),
        })
    };
    for Case { docs, came, options, corp, console } in [
        Case {
            docs: "denied in the browser",
            came: denied,
            options: OPTIONS,
            corp: "the login was denied: not today (access_denied)",
            console: "the sign-in was denied: not today (access_denied)",
        },
        Case {
            docs: "nobody comes",
            came: || Err(CallbackError::TimedOut),
            options: OPTIONS,
            corp: "nobody confirmed the login in time",
            console: "nobody confirmed the sign-in in time",
        },
        Case {
            docs: "Ctrl-C",
            came: || Err(Unanswered::Cancelled.into()),
            options: OPTIONS,
            corp: "the login was cancelled",
            console: "the sign-in was cancelled",
        },
        Case {
            docs: "AWS refuses the code",
            came: code,
            options: OPTIONS,
            corp: "sso-oidc:CreateToken was refused: Code: as AWS says",
            console: "sso-oidc:CreateToken was refused: Code: as AWS says",
        },
        Case {
            docs: "a vault that keeps nothing, before the browser",
            came: || unreachable_browser(),
            options: LogInOptions { must_keep: true, ..OPTIONS },
            corp: "the vault is in memory, which forgets a login at the end of the command",
            console: "the vault is in memory, which forgets a sign-in at the end of the command",
        },
    ] {
        let mut world = World::with_a_person();
        world.oidc.tokens.borrow_mut().push_back(Err(refused("Code")));
        world.sign_in.answers.borrow_mut().push_back(Err(refused("Code")));
        world.browser = FakeBrowser::answering(came);
        let expected =
            [Err(format!("sso-session \"corp\": {corp}")), Err(format!("AWS sign-in: {console}"))];
        assert_eq!(log_in_to_both(&world, options), expected, "{docs}");
        assert!(world.vault.headers::<LoginHeader>().unwrap().is_empty(), "{docs}");
        let opened = if options.must_keep { 0 } else { 2 };
        assert_eq!(world.browser.opened.borrow().len(), opened, "{docs}");
    }
}

fn unreachable_browser() -> Result<AuthorizationAnswer, CallbackError> {
    panic!("no browser opens")
}

#[test]
fn what_only_the_console_can_end_with() {
    for (docs, came, reply, expected) in [
        ("never the right code", None, None, "what was pasted is not the code of the page: "),
        ("of whom nobody knows", Some(()), Some(Ok(answer_of(None))), "the answer names nobody"),
    ] {
        let mut world = World::with_a_person();
        world.sign_in.answers.borrow_mut().extend(reply);
        if came.is_none() {
            world.browser = FakeBrowser::answering(|| Err(CallbackError::TimedOut));
        }
        let options = LogInOptions { elsewhere: came.is_none(), ..OPTIONS };
        let error = world.log_in().console("eu-west-1", options).unwrap_err().to_string();
        assert!(error.contains(expected), "{docs}: {error}");
    }
}

#[test]
fn polls_for_a_device_code() {
    let pending = || Err(refused("AuthorizationPendingException"));
    let slow_down = || Err(refused("SlowDownException"));
    let granted = || Ok(token("a", 60));
    let timed_out = "sso-session \"corp\": nobody confirmed the login in time";
    for (docs, minutes, answers, expected, seconds) in [
        ("at once", 10, vec![granted()], "", 5),
        ("after a while", 10, vec![pending(), pending(), granted()], "", 15),
        ("slower when told so", 10, vec![slow_down(), slow_down(), granted()], "", 5 + 10 + 15),
        ("the network comes back", 10, vec![Err(unreachable_now()), granted()], "", 10),
        ("the code ends at AWS", 10, vec![Err(refused("ExpiredTokenException"))], timed_out, 5),
        ("and by the clock", 1, (0..12).map(|_| pending()).collect(), timed_out, 60),
        (
            "no code lasts longer than awsx waits",
            99,
            (0..120).map(|_| pending()).collect(),
            timed_out,
            600,
        ),
        (
            "denied",
            10,
            vec![Err(refused("AccessDeniedException"))],
            "sso-session \"corp\": the login was denied: as AWS says (AccessDeniedException)",
            5,
        ),
    ] {
        let mut world = World::with_a_person();
        world.oidc.tokens = RefCell::new(answers.into());
        world.oidc.device_minutes = minutes;
        let ended = world.log_in().identity_center(&login(), ELSEWHERE);
        let said = ended.err().map(|error| error.to_string());
        assert_eq!(said.unwrap_or_default(), expected, "{docs}");
        assert_eq!((world.clock.now() - noon()).num_seconds(), seconds, "{docs}");
    }
}

#[test]
fn a_wait_between_two_polls_ends_with_the_code() {
    let mut world = World::with_a_person();
    let pending: Result<_, CallError> = Err(refused("AuthorizationPendingException"));
    world.oidc.tokens.borrow_mut().push_back(pending);
    world.oidc.interval = 1 << 31;
    world.log_in().identity_center(&login(), ELSEWHERE).unwrap_err();
    assert_eq!((world.clock.now() - noon()).num_minutes(), 10);
}

#[test]
fn a_command_asks_before_it_logs_in_and_only_if_it_must() {
    for (place, question) in [
        (Login::IdentityCenter(login()), "Log in to corp in the browser? [Y/n] "),
        (
            Login::Console(ann()),
            "Sign in to AWS as arn:aws:iam::111111111111:user/ann in the browser? [Y/n] ",
        ),
    ] {
        let world = world();
        assert!(world.log_in().if_agreed(&place, "eu-west-1", OPTIONS).unwrap());
        assert_eq!(world.person.said.borrow()[0], question);
        world.person.said.borrow_mut().clear();
        assert!(world.log_in().if_agreed(&place, "eu-west-1", OPTIONS).unwrap());
        assert_eq!(world.said(), "", "another command has logged in meanwhile");
    }
}

#[test]
fn somebody_else_at_the_console_is_not_kept() {
    let world = World::with_a_person();
    let eve = "arn:aws:iam::1:user/eve";
    world.sign_in.answers.borrow_mut().push_back(Ok(answer_of(Some(eve))));
    let error = world.log_in().if_agreed(&Login::Console(ann()), "eu-west-1", OPTIONS);
    let expected = format!("AWS sign-in: {eve} signed in, but {ANN} was to");
    assert_eq!(error.unwrap_err().to_string(), expected);
    assert!(world.vault.headers::<LoginHeader>().unwrap().is_empty());
}

#[test]
fn a_clock_that_was_set_back_does_not_stand_in_for_a_login() {
    let mut world = world();
    world.oidc.tokens.borrow_mut().push_back(Ok(token("b", 60)));
    let log_in = |world: &World| world.log_in().identity_center(&login(), OPTIONS).unwrap();
    log_in(&world);
    world.clock = FakeClock::at(-120);
    assert!(log_in(&world).logged_in_at < noon());
    assert_eq!(world.browser.opened.borrow().len(), 2);
}

#[test]
fn nobody_logs_in_where_nobody_is() {
    let mut world = World::with_a_person();
    world.person = Rc::new(FakePerson::default());
    let nobody = "nobody can be asked: there is no terminal";
    let corp = format!("sso-session \"corp\": a person must log in, and {nobody}");
    let console = format!("AWS sign-in: a person must sign in, and {nobody}");
    assert_eq!(log_in_to_both(&world, OPTIONS), [Err(corp.clone()), Err(console.clone())]);
    for (place, expected) in
        [(Login::IdentityCenter(login()), corp), (Login::Console(ann()), console)]
    {
        let error = world.log_in().if_agreed(&place, "eu-west-1", OPTIONS).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    assert!(world.oidc.asked.borrow().is_empty() && world.sign_in.asked.borrow().is_empty());
}
