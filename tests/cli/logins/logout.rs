//! `awsx logout`: at AWS first, then everything that was kept.

use super::{LOGIN_NEEDED, awaited, is_shared, log_in, log_in_with, sandbox, shared_file};
use crate::fake_aws::fault::Fault;
use crate::sandbox::{Sandbox, files_below};

const OTHER: &str = "https://other.awsapps.com/start";

/// How many records there are: logins and sessions.
fn records(sandbox: &Sandbox) -> (usize, usize) {
    let count = |name: &str| {
        let directory = sandbox.state_dir().join(name);
        if directory.exists() { files_below(&directory).len() } else { 0 }
    };
    (count("logins"), count("sessions"))
}

/// Two `[sso-session]`s.
fn two_sessions() -> Sandbox {
    let sandbox = sandbox();
    sandbox.aws.control(|state| state.oidc.start_urls.push(OTHER.into()));
    sandbox.config(&format!(
        "{}[sso-session other]\nsso_start_url = {OTHER}\nsso_region = eu-west-1\n\
         [profile other]\nsso_session = other\nsso_account_id = 222222222222\n\
         sso_role_name = Developer\n[profile dev]\n",
        crate::sso::CONFIG
    ));
    sandbox
}

#[test]
fn everything_of_a_login_goes_and_nothing_else() {
    let sandbox = two_sessions();
    log_in(&sandbox);
    log_in_with(&sandbox, &["login", "sso", "other"]);
    for profile in ["sso", "behind", "other", "dev"] {
        sandbox.awsx(&["exec", profile, "--", "true"]).ok();
    }
    assert_eq!(records(&sandbox), (2, 4));
    let token = sandbox.aws.control(|state| state.portal.tokens[0].token.clone());

    let ran = sandbox.awsx(&["logout", "corp"]).ok();
    let ran = ran.says("awsx: logged out of sso-session \"corp\"");
    // What runs with it already goes on.
    for what in ["sso: sso:GetRoleCredentials", "behind: sts:AssumeRole"] {
        let line = ran.stderr.lines().find(|line| line.contains(what)).unwrap();
        assert!(line.contains("AWS honours until 20") && line.contains("Z (in "), "{line}");
    }
    assert_eq!(sandbox.aws.count("Logout"), 1);
    let is_good = |known: &crate::fake_aws::portal::AccessToken| known.token == token;
    assert!(!sandbox.aws.control(|state| state.portal.tokens.iter().any(is_good)));
    assert_eq!(records(&sandbox), (1, 2));
    for profile in ["sso", "behind"] {
        sandbox.awsx(&["exec", profile, "--", "true"]).fails(4, &LOGIN_NEEDED);
    }
    let calls = sandbox.aws.calls().len();
    for profile in ["other", "dev"] {
        sandbox.awsx(&["exec", profile, "--", "true"]).ok();
    }
    assert_eq!(sandbox.aws.calls().len(), calls, "their sessions are kept");
    sandbox.awsx(&["credential-process", "other", "--refresh"]).ok();
    // Twice is no failure.
    let ran = sandbox.awsx(&["logout", "corp"]).ok();
    ran.says("awsx: sso-session \"corp\": nobody was logged in");
    assert_eq!(sandbox.aws.count("Logout"), 1);
}

#[test]
fn which_login_is_meant() {
    let sandbox = two_sessions();
    for words in [&["logout"][..], &["logout", "--all"]] {
        sandbox.awsx(words).ok().says("awsx: nobody is logged in");
    }
    log_in(&sandbox);
    sandbox.awsx(&["logout"]).ok().says("logged out of sso-session \"corp\"");

    let url = "https://corp.awsapps.com/start";
    let all_three = || {
        log_in(&sandbox);
        log_in_with(&sandbox, &["login", "sso", "other"]);
        log_in_with(&sandbox, &["login", "sso", "--profile", "old"]);
        assert_eq!(records(&sandbox).0, 3);
    };
    all_three();
    let ran = sandbox.awsx(&["logout"]);
    let words = [
        &*format!("there are several logins: corp, {url}, other"),
        "hint: name one of them, or give --all",
    ];
    ran.fails(2, &words);
    assert_eq!(records(&sandbox).0, 3);
    let old = format!("logged out of {url}");
    sandbox.awsx(&["logout", "-p", "old"]).ok().says(&old);
    assert_eq!(records(&sandbox).0, 2);
    let ran = sandbox.awsx(&["logout", "--all"]).ok();
    ran.says("logged out of sso-session \"corp\"").says("logged out of sso-session \"other\"");
    assert_eq!((records(&sandbox).0, sandbox.aws.count("Logout")), (0, 4));

    all_three();
    let mut terminal = sandbox.awsx_on_terminal(&["logout"]);
    terminal.expect("other").type_text("oth\r");
    terminal.expect("logged out of sso-session \"other\"").ends().ok();
    // As the list names it.
    sandbox.awsx(&["logout", url]).ok().says(&old);
    assert_eq!(records(&sandbox).0, 1);
    sandbox.awsx(&["logout"]).ok().says("logged out of sso-session \"corp\"");

    sandbox.awsx(&["logout", "--all", "corp"]).fails(2, &["cannot be used with"]);
    let ran = sandbox.awsx(&["logout", "nobody"]);
    ran.fails(3, &["there is no [sso-session nobody] in ", "hint: there are: corp, other"]);
}

#[test]
fn the_shared_file_goes_with_it() {
    let sandbox = sandbox();
    log_in_with(&sandbox, &["login", "sso", "corp", "--share"]);
    assert!(shared_file(&sandbox).exists());
    let ran = sandbox.awsx(&["logout", "corp"]).ok();
    ran.says("removed it from the AWS CLI's cache too");
    assert!(!is_shared(&sandbox));
}

/// It is the AWS CLI's own, and named, because awsx uses it.
#[test]
fn the_login_of_the_aws_cli_is_left_to_it() {
    let sandbox = sandbox();
    log_in(&sandbox);
    let text = sandbox
        .aws
        .control(|state| state.log_in().cache_file(crate::fake_aws::sample::SSO_START_URL.0));
    let file = format!(".aws/sso/cache/{}.json", crate::fake_aws::sample::SSO_SESSION.1);
    sandbox.write(&file, &text);
    for words in [&["logout"][..], &["logout", "corp"]] {
        let ran = sandbox.awsx(words).ok();
        let ran = ran.says("the AWS CLI is still logged in").says("`aws sso logout` ends it");
        assert!(ran.stderr.contains(&file), "{ran:?}");
        assert_eq!(std::fs::read_to_string(shared_file(&sandbox)).unwrap(), text);
    }
    assert_eq!(sandbox.aws.count("Logout"), 1);
    sandbox.awsx(&["exec", "sso", "--", "true"]).ok();
}

#[test]
fn aws_cannot_be_told() {
    for (docs, fault) in [("no answer", Fault::Reset), ("an error", Fault::UNAVAILABLE)] {
        let sandbox = sandbox();
        log_in_with(&sandbox, &["login", "sso", "corp", "--share"]);
        sandbox.awsx(&["exec", "sso", "--", "true"]).ok();
        sandbox.aws.control(|state| state.fail("Logout", fault, 3));
        let words = [
            "what awsx kept is removed, but AWS was not told: the login may still be good there",
            "AWS honours until ",
            "error: sso:Logout",
            "hint: ",
        ];
        sandbox.awsx(&["logout", "corp"]).fails(6, &words);
        assert_eq!(records(&sandbox), (0, 0), "{docs}");
        assert!(!is_shared(&sandbox), "{docs}");
        assert_eq!(sandbox.aws.control(|state| state.portal.tokens.len()), 1, "{docs}");
    }
}

/// There is nothing left to tell it.
#[test]
fn what_aws_ended_before() {
    type End = fn(&Sandbox);
    let rows: [(&str, End); 2] = [
        ("the token", |sandbox| sandbox.aws.control(|state| state.expire_access_tokens())),
        ("the login", |sandbox| sandbox.aws.control(|state| state.end_logins())),
    ];
    for (docs, end) in rows {
        let sandbox = sandbox();
        log_in(&sandbox);
        end(&sandbox);
        sandbox.awsx(&["logout", "corp"]).ok().says("logged out of sso-session \"corp\"");
        assert_eq!(records(&sandbox), (0, 0), "{docs}");
    }
}

/// A command that is about to refresh, and one that logs out: afterwards nobody is logged in.
#[test]
fn logout_waits_for_a_refresh() {
    let sandbox = sandbox();
    super::log_in_shortly(&sandbox, 30, &["login", "sso", "corp"]);
    let mut holder = super::hanging(&sandbox, "CreateToken", &["credential-process", "sso"]);
    let mut logout = sandbox.start(&["logout", "corp"]);
    logout.says("waiting for another awsx that is refreshing the same login");
    holder.kill();
    let _ = holder.end();
    logout.end().ok().says("logged out of");
    awaited("the end", || (records(&sandbox) == (0, 0)).then_some(()));
    assert_eq!(sandbox.aws.control(|state| state.portal.tokens.len()), 0);
}

/// A login through an endpoint that a profile's `services` names is one of those that there are.
#[test]
fn the_login_of_a_profile_with_endpoints_of_its_own() {
    let sandbox = sandbox();
    let here = super::endpoints_of_its_own(&sandbox);
    let all = [
        &["logout", "--profile", "sso"][..],
        &["logout", "corp"],
        &["logout", "--all"],
        &["logout"],
    ];
    for (number, words) in all.into_iter().enumerate() {
        sandbox.config(&here);
        log_in_with(&sandbox, &["login", "sso", "--profile", "sso"]);
        sandbox.awsx(words).ok().says("logged out of sso-session \"corp\"");
        assert_eq!(
            (records(&sandbox).0, sandbox.aws.count("Logout")),
            (0, number + 1),
            "{words:?}"
        );
    }
    // The files name the endpoint no longer: AWS is told nothing, and no other endpoint is.
    log_in_with(&sandbox, &["login", "sso", "--profile", "sso", "--share"]);
    sandbox.config(crate::sso::CONFIG);
    let words = ["AWS was not told", "error: the endpoint of sso-session \"corp\": no profile"];
    sandbox.awsx(&["logout", "corp"]).fails(3, &words);
    assert_eq!((records(&sandbox).0, sandbox.aws.count("Logout")), (0, all.len()));
    assert!(!is_shared(&sandbox));
}
