use chrono::TimeDelta;

use super::super::testing::{FakeBrowser, FakeClock, FakePerson, FakeSignIn, noon, refused, vault};
use super::*;
use crate::client_settings::ClientSettings;
use crate::credentials::{Expiration, SessionCredentials};
use crate::ports::Unanswered;
use crate::vault::Vault;

fn answer(session: Option<&str>) -> SignInAnswer {
    SignInAnswer {
        credentials: SessionCredentials {
            access_key_id: "a".into(),
            secret_access_key: Secret::new("s"),
            session_token: Some(Secret::new("t")),
            expiration: Expiration::At(noon() + TimeDelta::minutes(15)),
            account_id: None,
        },
        refresh_token: Secret::new("r"),
        id_token: None,
        session: session.map(str::to_owned),
    }
}

fn signing_in<'a>(
    sign_in: &'a FakeSignIn,
    browser: &'a FakeBrowser,
    person: &'a FakePerson,
    vault: &'a Vault,
    clock: &'a FakeClock,
    settings: &'a ClientSettings,
) -> SigningIn<'a> {
    let sign_ins = SignIns { vault, sign_in, shared: sign_in, person, clock, settings };
    SigningIn { sign_ins, browser }
}

const ON_THIS_MACHINE: &str = "http://127.0.0.1:1/oauth/callback";
const ELSEWHERE: &str = "https://eu-west-1/v1/sessions/confirmation";

#[test]
fn ways() {
    let (clock, settings) = (FakeClock::at(0), ClientSettings::default());
    let way = SignInWay::default();
    let remote = SignInWay { remote: true, ..way };
    let shown = SignInWay { no_browser: true, ..way };
    let forwarded = SignInWay { port: Some(1), ..way };
    let ssh = Some("this is an SSH session");
    for (docs, way, out_of_reach, opened, redirect_uri) in [
        ("a browser here", way, None, 1, ON_THIS_MACHINE),
        ("a browser here, not opened", shown, None, 0, ON_THIS_MACHINE),
        ("no browser here", way, ssh, 0, ELSEWHERE),
        ("the address is brought back by hand", shown, ssh, 0, ON_THIS_MACHINE),
        ("a forwarded port", forwarded, ssh, 1, ON_THIS_MACHINE),
        ("--remote", remote, None, 0, ELSEWHERE),
    ] {
        let sign_in = FakeSignIn::default();
        sign_in.answers.borrow_mut().push_back(Ok(answer(Some("arn:aws:iam::1:user/ann"))));
        let browser = FakeBrowser { out_of_reach, ..FakeBrowser::allowing() };
        let person = FakePerson::agreeing();
        let vault = vault();
        let signing_in = signing_in(&sign_in, &browser, &person, &vault, &clock, &settings);
        let signed_in = signing_in.signed_in("eu-west-1", way).unwrap();
        assert_eq!(signed_in.session, "arn:aws:iam::1:user/ann", "{docs}");
        assert_eq!(browser.opened.borrow().len(), opened, "{docs}");
        assert_eq!(*sign_in.asked.borrow(), [format!("code c for {redirect_uri}")], "{docs}");
        let said = person.said.borrow().join("\n");
        assert_eq!(
            said.contains("this is an SSH session, so"),
            redirect_uri == ELSEWHERE && ssh == out_of_reach,
            "{docs}: {said}"
        );
        let client = match redirect_uri == ELSEWHERE {
            true => SignInClient::CrossDevice,
            false => SignInClient::SameDevice,
        };
        assert!(said.contains(&format!("https://eu-west-1/{client:?}?")), "{docs}: {said}");
        assert_eq!(signed_in.token.client_id, client.id(), "{docs}");
    }
}

#[test]
fn what_ends_a_sign_in() {
    let (clock, settings) = (FakeClock::at(0), ClientSettings::default());
    type Came = fn() -> Result<AuthorizationAnswer, BrowserError>;
    let code: Came = || Ok(AuthorizationAnswer::Code(Secret::new("c")));
    let denied: Came = || {
        let description = Some("The person said no".to_owned());
        Ok(AuthorizationAnswer::Denied { error: "access_denied".into(), description })
    };
    let nobody: Came = || Err(BrowserError::TimedOut { limit: LOGIN_LIMIT });
    let cancelled: Came = || Err(Unanswered::Cancelled.into());
    for (docs, remote, is_there, came, reply, expected) in [
        ("nobody is there", false, false, code, None, "a sign-in to AWS needs a person"),
        ("denied", false, true, denied, None, "denied: The person said no (access_denied)"),
        (
            "denied elsewhere",
            true,
            true,
            denied,
            None,
            "denied: The person said no (access_denied)",
        ),
        ("nobody came back", false, true, nobody, None, "nobody signed in within 10 minutes"),
        ("cancelled", false, true, cancelled, None, "a sign-in to AWS needs a person"),
        (
            "never the right code",
            true,
            true,
            nobody,
            None,
            "what was pasted is not the code of the page",
        ),
        ("refused", false, true, code, Some(Err(refused("AUTHCODE_EXPIRED"))), "AUTHCODE_EXPIRED"),
        ("of whom nobody knows", false, true, code, Some(Ok(answer(None))), "names nobody"),
    ] {
        let sign_in = FakeSignIn::default();
        sign_in.answers.borrow_mut().extend(reply);
        let browser = FakeBrowser::answering(came);
        let person = FakePerson { is_there, ..FakePerson::default() };
        let vault = vault();
        let signing_in = signing_in(&sign_in, &browser, &person, &vault, &clock, &settings);
        let way = SignInWay { remote, ..SignInWay::default() };
        let error = signing_in.signed_in("eu-west-1", way).unwrap_err().to_string();
        assert!(error.contains(expected), "{docs}: {error}");
        assert_eq!(browser.opened.borrow().len(), usize::from(is_there && !remote), "{docs}");
    }
}

#[test]
fn a_command_that_needs_it_offers_a_sign_in() {
    let (clock, settings) = (FakeClock::at(0), ClientSettings::default());
    for (docs, is_there, who, expected, asked) in [
        ("the person agrees", true, "ann", "", 1),
        ("nobody is there", false, "ann", "a sign-in to AWS needs a person", 0),
        (
            "somebody else",
            true,
            "eve",
            "arn:aws:iam::1:user/eve signed in, but arn:aws:iam::1:user/ann was to",
            1,
        ),
    ] {
        let sign_in = FakeSignIn::default();
        let signed_in = answer(Some(&format!("arn:aws:iam::1:user/{who}")));
        sign_in.answers.borrow_mut().push_back(Ok(signed_in));
        let browser = FakeBrowser::allowing();
        let person = FakePerson { is_there, ..FakePerson::default() };
        let vault = vault();
        let signing_in = signing_in(&sign_in, &browser, &person, &vault, &clock, &settings);
        let ask = || match signing_in.sign_in_if_agreed("arn:aws:iam::1:user/ann", "eu-west-1") {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(ask(), expected, "{docs}");
        assert_eq!(sign_in.asked.borrow().len(), asked, "{docs}");
        if expected.is_empty() {
            assert!(person.said.borrow()[0].contains("press Enter to sign in"), "{docs}");
            assert_eq!((ask().as_str(), sign_in.asked.borrow().len()), ("", 1), "{docs}: once");
        }
    }
}
