use super::super::testing::{
    FakeCache, FakeClock, FakeOidc, FakePerson, kept, login, refused, token, unreachable_now, vault,
};
use super::*;

/// A login `a` of noon whose token lasts an hour, and what the tests look at.
struct World {
    vault: Vault,
    oidc: FakeOidc,
    cache: FakeCache,
    person: FakePerson,
    clock: FakeClock,
    settings: ClientSettings,
}

impl World {
    fn at(minutes: i64, answers: Vec<Result<SsoToken, CallError>>) -> Self {
        Self {
            vault: vault(),
            oidc: FakeOidc::answering(answers),
            cache: FakeCache::default(),
            person: FakePerson::default(),
            clock: FakeClock::at(minutes),
            settings: ClientSettings::default(),
        }
    }

    fn tokens(&self) -> SsoTokens<'_> {
        SsoTokens {
            vault: &self.vault,
            oidc: &self.oidc,
            shared: &self.cache,
            person: &self.person,
            clock: &self.clock,
            settings: &self.settings,
        }
    }

    fn keep(&self, token: SsoToken, shared: bool) {
        self.tokens().keep(&login(), &kept(token, shared)).unwrap();
    }

    /// The token that is given, or what is wrong; and the refresh tokens that were used.
    fn outcome(&self) -> (String, Vec<String>) {
        let said = match self.tokens().token(&login(), None) {
            Ok(token) => token.expose().to_owned(),
            Err(error) => error.to_string(),
        };
        (said, self.oidc.asked.borrow().clone())
    }

    /// Of the record: the access token and the refresh token.
    fn kept(&self) -> (Option<String>, Option<String>) {
        let stored = self.vault.login(&self.tokens().key(&login())).unwrap().unwrap();
        let text = |name| stored.secrets.get(name).map(|secret| secret.expose().to_owned());
        (text(ACCESS_TOKEN), text(REFRESH_TOKEN))
    }
}

#[test]
fn a_token_is_renewed_in_time_and_used_while_it_lasts() {
    type Answer = fn() -> Option<Result<SsoToken, CallError>>;
    let ended = "sso-session \"corp\" needs a login: the login of 2026-01-01T12:00:00Z ended at \
                 2026-01-01T13:00:00Z";
    let not_refreshed = "sso-session \"corp\" needs a login: AWS did not refresh the token: as AWS \
                         says (InvalidGrantException)";
    let new: Answer = || Some(Ok(token("b", 120)));
    let no: Answer = || Some(Err(refused("InvalidGrantException")));
    let down: Answer = || Some(Err(unreachable_now()));
    let unasked: Answer = || None;
    for (docs, name, minutes, answer, expected, asked) in [
        ("fresh", "a", 54, unasked, "a", 0),
        ("to its last minute where nothing renews it", "a!", 59, unasked, "a!", 0),
        ("in its last minute", "a!", 60, unasked, ended, 0),
        ("renewed five minutes before its end", "a", 56, new, "b", 1),
        ("renewed after its end", "a", 600, new, "b", 1),
        ("AWS refuses, but it lasts", "a", 56, no, "a", 1),
        ("AWS refuses, and it is over", "a", 61, no, not_refreshed, 1),
        ("no network, but it lasts", "a", 56, down, "a", 1),
        (
            "no network, and it is over",
            "a",
            61,
            down,
            "sso-oidc:CreateToken did not succeed after 3 attempt(s) at http://127.0.0.1: no answer \
             in time",
            1,
        ),
        ("after the registration's end", "a", 60 * 24 * 91, unasked, ended, 0),
    ] {
        let world = World::at(minutes, answer().into_iter().collect());
        world.keep(token(name, 60), false);
        let (found, used) = world.outcome();
        assert_eq!((&*found, used.len()), (expected, asked), "{docs}");
        assert!(used.iter().all(|used| used == "refresh-a"), "{docs}");
    }
}

#[test]
fn a_refresh_token_is_replaced_by_the_next_and_dropped_when_refused() {
    let world = World::at(58, vec![Ok(token("b", 120)), Err(refused("InvalidGrantException"))]);
    world.keep(token("a", 60), false);
    assert_eq!(world.outcome().0, "b");
    assert_eq!(world.kept(), (Some("b".into()), Some("refresh-b".into())));
    world.clock.sleep(std::time::Duration::from_secs(3600));
    assert_eq!(world.outcome().0, "b", "two minutes are left of it");
    assert_eq!(world.kept(), (Some("b".into()), None));
    assert_eq!(world.outcome().1, ["refresh-a", "refresh-b"], "a refused one is not tried again");
    // An answer without a refresh token leaves the old one in force.
    let world = World::at(58, vec![Ok(token("b!", 120))]);
    world.keep(token("a", 60), false);
    assert_eq!(world.outcome().0, "b!");
    assert_eq!(world.kept(), (Some("b!".into()), Some("refresh-a".into())));
}

#[test]
fn a_token_that_aws_refuses_is_dropped_and_renewed_once() {
    let ask = |world: &World, good: &'static str| {
        let calls = std::cell::Cell::new(0);
        let answer = world.tokens().with(&login(), |token| {
            calls.set(calls.get() + 1);
            match token.expose() == good {
                true => Ok("done"),
                false => Err(CallError::login_needed(&login(), "refused".into())),
            }
        });
        (answer.map_err(|error| error.to_string()), calls.get())
    };
    let needed = Err("sso-session \"corp\" needs a login: refused".to_owned());

    let world = World::at(1, vec![Ok(token("b", 120))]);
    world.keep(token("a", 60), false);
    assert_eq!(ask(&world, "b"), (Ok("done"), 2));
    assert_eq!(world.kept().0.as_deref(), Some("b"));

    let world = World::at(1, vec![Ok(token("b", 120))]);
    world.keep(token("a", 60), false);
    assert_eq!(ask(&world, "nothing"), (needed.clone(), 2));

    let world = World::at(1, vec![]);
    world.keep(token("a!", 60), false);
    assert_eq!(ask(&world, "nothing"), (needed.clone(), 1));
    assert_eq!(world.kept(), (None, None));

    // The AWS CLI's, refused: there is no other.
    let world = World::at(1, vec![]);
    *world.cache.0.borrow_mut() = Some(SharedToken { token: token("c", 60), registration: None });
    assert_eq!(ask(&world, "c"), (Ok("done"), 1));
    assert_eq!(ask(&world, "nothing"), (needed, 1));
}

#[test]
fn the_aws_clis_token_is_used_where_awsx_has_none() {
    let world = World::at(1, vec![]);
    let nobody = "sso-session \"corp\" needs a login: nobody is logged in";
    assert_eq!(world.outcome().0, nobody);
    *world.cache.0.borrow_mut() = Some(SharedToken { token: token("c", 60), registration: None });
    assert_eq!(world.outcome().0, "c");
    assert!(world.vault.login_headers().unwrap().is_empty(), "it stays the AWS CLI's");
    world.keep(token("a", 60), false);
    assert_eq!(world.outcome().0, "a");
    assert_eq!(world.cache.holds().as_deref(), Some("c"), "not shared, not touched");
}

#[test]
fn a_shared_login_is_kept_in_step() {
    let world = World::at(58, vec![Ok(token("b", 120))]);
    world.keep(token("a", 60), true);
    assert_eq!(world.cache.holds().as_deref(), Some("a"));
    assert_eq!(world.outcome().0, "b");
    assert_eq!(world.cache.holds().as_deref(), Some("b"));
    // The AWS CLI refreshed: awsx's refresh token is used up, and what is in the file is newer.
    let newer = SharedToken { token: token("c", 180), registration: None };
    *world.cache.0.borrow_mut() = Some(newer);
    world.clock.sleep(std::time::Duration::from_secs(3600));
    assert_eq!(world.outcome().0, "c");
    assert_eq!(world.kept(), (Some("c".into()), Some("refresh-c".into())));
    assert_eq!(world.outcome().1, ["refresh-a"]);
}

#[test]
fn a_clock_that_was_set_back_makes_no_token_fresh() {
    let world = World::at(-60, vec![Ok(token("b", 120))]);
    world.keep(token("a", 60), false);
    assert_eq!(world.outcome().0, "b");
}
