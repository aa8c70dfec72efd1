use super::super::testing::{
    FakeBrowser, FakeCache, FakeClock, FakeOidc, FakePerson, login, noon, refused, token,
    unreachable_now, vault,
};
use super::*;
use crate::client_settings::ClientSettings;
use crate::ports::AuthorizationAnswer;
use crate::vault::Vault;

struct World {
    vault: Vault,
    oidc: FakeOidc,
    cache: FakeCache,
    person: FakePerson,
    clock: FakeClock,
    browser: FakeBrowser,
    settings: ClientSettings,
}

impl World {
    fn new(browser: FakeBrowser, answers: Vec<Result<SsoToken, CallError>>) -> Self {
        Self {
            vault: vault(),
            oidc: FakeOidc::answering(answers),
            cache: FakeCache::default(),
            person: FakePerson::agreeing(),
            clock: FakeClock::at(0),
            browser,
            settings: ClientSettings::default(),
        }
    }

    fn logins(&self) -> SsoLogins<'_> {
        SsoLogins {
            tokens: SsoTokens {
                vault: &self.vault,
                oidc: &self.oidc,
                shared: &self.cache,
                person: &self.person,
                clock: &self.clock,
                settings: &self.settings,
            },
            browser: &self.browser,
        }
    }

    fn said(&self) -> String {
        self.person.said.borrow().join("\n")
    }
}

#[test]
fn who_can_come_back_logs_in_by_the_browser_and_others_by_a_code() {
    let way = LoginWay::default();
    let ssh = Some("this is an SSH session");
    for (docs, way, out_of_reach, grant, opened) in [
        ("a desktop", way, None, "AuthorizationCode", 1),
        ("SSH", way, ssh, "DeviceCode", 0),
        ("a code is asked for", LoginWay { device_code: true, ..way }, None, "DeviceCode", 1),
        ("a port is forwarded", LoginWay { port: Some(1), ..way }, ssh, "AuthorizationCode", 1),
        ("pasted", LoginWay { no_browser: true, ..way }, ssh, "AuthorizationCode", 0),
        (
            "a code, and nothing opened",
            LoginWay { device_code: true, no_browser: true, ..way },
            None,
            "DeviceCode",
            0,
        ),
    ] {
        let browser = FakeBrowser { out_of_reach, ..FakeBrowser::allowing() };
        let world = World::new(browser, vec![Ok(token("a", 60))]);
        let header = world.logins().log_in(&login(), way).unwrap();
        assert_eq!(world.oidc.asked.borrow()[0], format!("register {grant}"), "{docs}");
        assert_eq!(world.browser.opened.borrow().len(), opened, "{docs}");
        let is_code = grant == "DeviceCode";
        assert_eq!(world.said().contains("ABCD-EFGH"), is_code, "{docs}: the code is shown");
        assert_eq!(world.said().contains("SSH"), is_code && out_of_reach.is_some(), "{docs}");
        assert!(world.said().contains("https://"), "{docs}: the address is shown");
        assert!(header.can_refresh && header.logged_in_at >= noon(), "{docs}");
        let token = world.logins().tokens.own(&login(), None).unwrap().unwrap();
        assert_eq!(token.expose(), "a", "{docs}");
        assert_eq!(world.cache.holds(), None, "{docs}: nobody asked to share it");
    }
}

#[test]
fn a_shared_login_is_in_the_aws_clis_cache() {
    let world = World::new(FakeBrowser::allowing(), vec![Ok(token("a", 60))]);
    let way = LoginWay { share: true, ..LoginWay::default() };
    assert!(world.logins().log_in(&login(), way).unwrap().shared);
    assert_eq!(world.cache.holds().as_deref(), Some("a"));
}

#[test]
fn what_ends_a_login() {
    let denied = || {
        Ok(AuthorizationAnswer::Denied {
            error: "access_denied".into(),
            description: Some("not today".into()),
        })
    };
    let timed_out = || Err(BrowserError::TimedOut { limit: LOGIN_LIMIT });
    let cancelled = || Err(BrowserError::Unanswered(Unanswered::Cancelled));
    let allowing = || Ok(AuthorizationAnswer::Code(crate::credentials::Secret::new("c")));
    type Answer = fn() -> Result<AuthorizationAnswer, BrowserError>;
    for (docs, answer, tokens, expected) in [
        (
            "denied in the browser",
            denied as Answer,
            vec![],
            "sso-session \"corp\": the login was denied: not today (access_denied)",
        ),
        (
            "nobody comes",
            timed_out,
            vec![],
            "sso-session \"corp\": nobody confirmed the login in time",
        ),
        ("Ctrl-C", cancelled, vec![], "sso-session \"corp\": the login was cancelled"),
        (
            "AWS takes no code twice",
            allowing,
            vec![Err(refused("InvalidGrantException"))],
            "sso-session \"corp\": sso-oidc:CreateToken was refused: InvalidGrantException: as AWS says",
        ),
    ] {
        let world = World::new(FakeBrowser::answering(answer), tokens);
        let error = world.logins().log_in(&login(), LoginWay::default()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{docs}");
        assert!(world.vault.login_headers().unwrap().is_empty(), "{docs}");
    }
}

#[test]
fn polls_for_a_device_code() {
    let pending = || Err(refused("AuthorizationPendingException"));
    let slow_down = || Err(refused("SlowDownException"));
    let granted = || Ok(token("a", 60));
    let timed_out = "sso-session \"corp\": nobody confirmed the login in time";
    let way = LoginWay { device_code: true, ..LoginWay::default() };
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
        let mut world = World::new(FakeBrowser::allowing(), answers);
        world.oidc.device_minutes = minutes;
        let said = world.logins().log_in(&login(), way).err().map(|error| error.to_string());
        assert_eq!(said.unwrap_or_default(), expected, "{docs}");
        assert_eq!((world.logins().now() - noon()).num_seconds(), seconds, "{docs}");
    }
}

#[test]
fn a_wait_between_two_polls_ends_with_the_code() {
    let way = LoginWay { device_code: true, ..LoginWay::default() };
    let mut world =
        World::new(FakeBrowser::allowing(), vec![Err(refused("AuthorizationPendingException"))]);
    world.oidc.interval = 1 << 31;
    world.logins().log_in(&login(), way).unwrap_err();
    assert_eq!((world.logins().now() - noon()).num_minutes(), 10);
}

#[test]
fn a_command_asks_before_it_logs_in_and_only_if_it_must() {
    let world = World::new(FakeBrowser::allowing(), vec![Ok(token("a", 60))]);
    world.logins().log_in_if_agreed(&login(), false).unwrap();
    assert!(world.said().contains("press Enter to log in"), "{}", world.said());
    world.person.said.borrow_mut().clear();
    world.logins().log_in_if_agreed(&login(), false).unwrap();
    assert_eq!(world.said(), "", "another command has logged in meanwhile");
}

#[test]
fn a_clock_that_was_set_back_does_not_stand_in_for_a_login() {
    let mut world =
        World::new(FakeBrowser::allowing(), vec![Ok(token("a", 60)), Ok(token("b", 60))]);
    let log_in = |world: &World| world.logins().log_in(&login(), LoginWay::default()).unwrap();
    log_in(&world);
    world.clock = FakeClock::at(-120);
    assert!(log_in(&world).logged_in_at < noon());
    assert_eq!(world.browser.opened.borrow().len(), 2);
}

#[test]
fn nobody_logs_in_where_nobody_is() {
    let mut world = World::new(FakeBrowser::allowing(), vec![]);
    world.person = FakePerson::default();
    for error in [
        world.logins().log_in(&login(), LoginWay::default()).unwrap_err(),
        world.logins().log_in_if_agreed(&login(), false).unwrap_err(),
    ] {
        assert!(error.to_string().contains("there is no terminal"), "{error}");
    }
    assert!(world.oidc.asked.borrow().is_empty());
}
