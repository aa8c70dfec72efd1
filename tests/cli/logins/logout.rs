//! `awsx logout`: at AWS first, then everything that was kept.

use super::{LOGIN, LOGIN_NEEDED, is_shared, logged_in_for, shared_file};
use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample;
use crate::fake_aws::state::State;
use crate::given::{sso_config, token_files, wait_for};
use crate::ran::Ran;
use crate::sandbox::Sandbox;

const OTHER: &str = "https://other.awsapps.com/start";
const REMOVED: &str =
    "awsx: logged out of sso-session \"corp\", and removed it from the AWS CLI's cache";
const WAITS: &str = "awsx: waiting for another awsx that is refreshing the same login";
const LOGGED_OUT: &str = "awsx: logged out of sso-session \"corp\"";

/// How many logins and sessions are kept.
fn record_counts(sandbox: &Sandbox) -> (usize, usize) {
    (sandbox.records("logins").len(), sandbox.records("sessions").len())
}

/// How many access tokens are good at AWS.
fn good_tokens(sandbox: &Sandbox) -> usize {
    sandbox.aws.control(|state| state.portal.tokens.len())
}

fn log_out(sandbox: &Sandbox, words: &[&str]) -> Ran {
    sandbox.awsx(&[&["logout"], words].concat())
}

/// Two `[sso-session]`s.
fn two_sessions() -> Sandbox {
    let sandbox = Sandbox::not_logged_in();
    sandbox.aws.control(|state| state.oidc.start_urls.push(OTHER.into()));
    sandbox.config(&format!(
        "{}[sso-session other]\nsso_start_url = {OTHER}\nsso_region = eu-west-1\n\
         [profile other]\nsso_session = other\nsso_account_id = 222222222222\n\
         sso_role_name = Developer\n[profile dev]\n",
        sso_config()
    ));
    sandbox
}

#[test]
fn logout_removes_everything_of_a_login_and_nothing_else() {
    let sandbox = two_sessions();
    sandbox.log_in();
    sandbox.log_in_with(&["login", "sso", "other"]);
    for profile in ["sso", "behind", "other", "dev"] {
        sandbox.exec(profile, &[]).ok();
    }
    assert_eq!(record_counts(&sandbox), (2, 4));
    let token = sandbox.aws.control(|state| state.portal.tokens[0].token.clone());

    // What runs with it already goes on.
    let stays = "awsx: what was handed out before stays valid: sso 8h, behind 1h";
    log_out(&sandbox, &["corp"]).ok().stderr_is(&[LOGGED_OUT, stays]);
    assert_eq!(sandbox.aws.count("Logout"), 1);
    let is_good = sandbox.aws.control(|state| state.portal.tokens.iter().any(|t| t.token == token));
    assert!(!is_good);
    assert_eq!(record_counts(&sandbox), (1, 2));
    sandbox.exec("sso", &[]).fails(4, &LOGIN_NEEDED);
    let words = [&LOGIN_NEEDED[..], &["lasts 1h instead of 2h"]].concat();
    sandbox.exec("behind", &[]).fails(4, &words);
    let calls = sandbox.aws.calls().len();
    for profile in ["other", "dev"] {
        sandbox.exec(profile, &[]).ok();
    }
    assert_eq!(sandbox.aws.calls().len(), calls, "their sessions are kept");
    sandbox.awsx(&["credential-process", "other", "--refresh"]).ok();
    // Twice is no failure.
    let ran = log_out(&sandbox, &["corp"]).ok();
    ran.stderr_is(&["awsx: sso-session \"corp\": nobody was logged in"]);
    assert_eq!(sandbox.aws.count("Logout"), 1);
}

#[test]
fn logout_ends_the_login_that_is_named() {
    let sandbox = two_sessions();
    for words in [&[][..], &["--all"]] {
        log_out(&sandbox, words).ok().stderr_is(&["awsx: nobody is logged in"]);
    }
    sandbox.log_in();
    log_out(&sandbox, &[]).ok().stderr_is(&[LOGGED_OUT]);

    let url = "https://corp.awsapps.com/start";
    let all_three = || {
        sandbox.log_in();
        sandbox.log_in_with(&["login", "sso", "other"]);
        sandbox.log_in_with(&["login", "sso", "--profile", "old"]);
        assert_eq!(record_counts(&sandbox).0, 3);
    };
    all_three();
    let several = format!("error: there are several logins: corp, {url}, other");
    let hint = "hint: name one of them, or give --all";
    log_out(&sandbox, &[]).exits(2).stderr_is(&[&several, hint]);
    assert_eq!(record_counts(&sandbox).0, 3);
    let old = format!("awsx: logged out of {url}");
    log_out(&sandbox, &["-p", "old"]).ok().stderr_is(&[&old]);
    assert_eq!(record_counts(&sandbox).0, 2);
    let other = "awsx: logged out of sso-session \"other\"";
    log_out(&sandbox, &["--all"]).ok().stderr_is(&[LOGGED_OUT, other]);
    assert_eq!((record_counts(&sandbox).0, sandbox.aws.count("Logout")), (0, 4));

    all_three();
    let mut terminal = sandbox.awsx_on_terminal(&["logout"]);
    terminal.expect("other").type_text("oth\r");
    terminal.expect(other).end().ok();
    // As the list names it.
    log_out(&sandbox, &[url]).ok().stderr_is(&[&old]);
    assert_eq!(record_counts(&sandbox).0, 1);
    log_out(&sandbox, &[]).ok().stderr_is(&[LOGGED_OUT]);

    log_out(&sandbox, &["--all", "corp"]).fails(2, &["exclude each other"]);
    let unknown = "error: there is no [sso-session nobody] in [..]/.aws/config";
    let ran = log_out(&sandbox, &["nobody"]).exits(3);
    ran.stderr_is(&[unknown, "hint: there are: corp, other"]);
}

#[test]
fn logout_removes_the_shared_file() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in_with(&["login", "sso", "corp", "--share"]);
    assert!(shared_file(&sandbox).exists());
    log_out(&sandbox, &["corp"]).ok().stderr_is(&[REMOVED]);
    assert!(!is_shared(&sandbox));
}

/// It is the AWS CLI's own, and named, because awsx uses it.
#[test]
fn logout_leaves_the_aws_clis_login() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in();
    let url = sample::SSO_START_URL.0;
    let text = sandbox.aws.control(|state| state.log_in().cache_file(url));
    let [file, _] = token_files();
    sandbox.write(&file, &text);
    for words in [&[][..], &["corp"]] {
        let ran = log_out(&sandbox, words).ok();
        ran.says("the AWS CLI is still logged in").says("`aws sso logout` ends it").says(&file);
        assert_eq!(sandbox.read(&file), text);
    }
    assert_eq!(sandbox.aws.count("Logout"), 1);
    sandbox.exec("sso", &[]).ok();
}

#[test]
fn logout_fails_where_aws_cannot_be_told() {
    for (docs, fault) in [("no answer", Fault::Reset), ("an error", Fault::UNAVAILABLE)] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.log_in_with(&["login", "sso", "corp", "--share"]);
        sandbox.exec("sso", &[]).ok();
        sandbox.aws.fail("Logout", fault, 3);
        let not_told = "what awsx kept is removed, also from the AWS CLI's cache, but AWS was not told: \
                        the login may still be good";
        let stays = "what was handed out before stays valid: sso 8h";
        let words = [not_told, stays, "error: sso:Logout", "hint: "];
        log_out(&sandbox, &["corp"]).fails(6, &words);
        assert_eq!(record_counts(&sandbox), (0, 0), "{docs}");
        assert!(!is_shared(&sandbox), "{docs}");
        assert_eq!(good_tokens(&sandbox), 1, "{docs}");
    }
}

/// There is nothing left to tell it.
#[test]
fn logout_ends_what_aws_ended_before() {
    for (docs, end) in [
        ("the token", State::expire_access_tokens as fn(&mut State)),
        ("the login", State::end_logins),
    ] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.log_in();
        sandbox.aws.control(end);
        log_out(&sandbox, &["corp"]).ok().stderr_is(&[LOGGED_OUT]);
        assert_eq!(record_counts(&sandbox), (0, 0), "{docs}");
    }
}

/// A command that is about to refresh, and one that logs out: afterwards nobody is logged in.
#[test]
fn logout_waits_for_a_refresh() {
    let sandbox = logged_in_for(30, &LOGIN);
    let mut holder = sandbox.hang_at("CreateToken", &["credential-process", "sso"]);
    let mut logout = sandbox.start(&["logout", "corp"]);
    logout.says(WAITS);
    holder.kill();
    let _ = holder.end();
    logout.end().ok().stderr_is(&[WAITS, LOGGED_OUT]);
    wait_for("the end", || (record_counts(&sandbox) == (0, 0)).then_some(()));
    assert_eq!(good_tokens(&sandbox), 0);
}

/// A login through an endpoint that a profile's `services` names is one of those that there are.
#[test]
fn logout_finds_the_endpoints_of_a_profile() {
    let sandbox = Sandbox::not_logged_in();
    let here = sandbox.endpoints_of_its_own();
    for words in [&["--profile", "sso"][..], &["corp"], &["--all"], &[]] {
        sandbox.config(&here);
        sandbox.log_in_with(&["login", "sso", "--profile", "sso"]);
        sandbox.aws.forget_calls();
        log_out(&sandbox, words).ok().stderr_is(&[LOGGED_OUT]);
        assert_eq!((record_counts(&sandbox).0, sandbox.aws.count("Logout")), (0, 1), "{words:?}");
    }
    // The files name the endpoint no longer: AWS is told nothing, and no other endpoint is.
    sandbox.log_in_with(&["login", "sso", "--profile", "sso", "--share"]);
    sandbox.config(&sso_config());
    let not_told = "warning: sso-session \"corp\": what awsx kept is removed, also from the AWS CLI's \
                    cache, but AWS was not told: the login may still be good there";
    let error = "error: the endpoint of sso-session \"corp\": no profile and no variable names it any \
                 longer";
    let hint = "hint: correct it, or leave it out";
    log_out(&sandbox, &["corp"]).exits(3).stderr_is(&[not_told, error, hint]);
    assert_eq!((record_counts(&sandbox).0, sandbox.aws.count("Logout")), (0, 1));
    assert!(!is_shared(&sandbox));
}

/// As after a reboot: the kernel's key is gone.
#[test]
fn a_login_whose_key_is_gone_is_said_to_be_lost() {
    let sandbox = Sandbox::not_logged_in().vault("kernel");
    let status = || sandbox.awsx(&["login", "status", "--json"]).ok().json()["logins"][0].clone();
    sandbox.log_in();
    assert_eq!(status()["lost"], false);
    sandbox.awsx(&["lock"]).ok();
    assert_eq!(status()["lost"], true);
    let lost = "lost: the vault's key that sealed it is gone; run `awsx login sso corp`";
    sandbox.awsx(&["login", "status"]).ok().prints(lost);
    sandbox.awsx(&["explain", "sso"]).ok().prints(lost);
    sandbox.awsx(&["credential-process", "sso"]).fails(4, &LOGIN_NEEDED);
    let not_told = "but AWS was not told";
    let error = "what was kept of sso-session \"corp\" cannot be opened any longer";
    let hint = "hint: AWS ends it in time, and an administrator can at once: https://docs.aws";
    log_out(&sandbox, &["corp"]).fails(7, &[not_told, error, hint]);
    assert_eq!(record_counts(&sandbox).0, 0);
}

/// The AWS CLI's file may be root's, or none at all.
#[test]
fn a_file_of_the_aws_cli_that_cannot_be_read_is_no_end() {
    let sandbox = Sandbox::not_logged_in();
    std::fs::create_dir_all(sandbox.home().join(&token_files()[0])).unwrap();
    let words = [LOGIN_NEEDED[0], "nobody is logged in; SSO token file", "no regular file"];
    let ran = sandbox.awsx(&["credential-process", "sso"]).fails(4, &words);
    ran.says(LOGIN_NEEDED[1]);
}
