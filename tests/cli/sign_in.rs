//! `awsx login aws`, and the credentials of a `login_session`: signed in once, renewed by one.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::json;

use crate::fake_aws::fault::Fault;
use crate::fake_aws::iam::{Identity, Trust};
use crate::fake_aws::{browser, sample};
use crate::sandbox::{Ran, Running, Sandbox, files_below};

pub(crate) const TOKEN: &str = "CreateOAuth2Token";
/// Who is at the stand-in's browser.
pub(crate) const SESSION: &str = sample::USER;

/// A sandbox whose profile `console` is signed in, with credentials for `seconds`.
pub(crate) fn signed_in(seconds: i64, flags: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| state.signin.seconds = seconds);
    sign_in(&sandbox, flags).ok();
    sandbox.aws.control(|state| state.signin.seconds = 900);
    sandbox
}

/// A person who allows awsx in the browser, for the profile `console`.
pub(crate) fn sign_in(sandbox: &Sandbox, flags: &[&str]) -> Ran {
    let args = [&["login", "aws", "console", "--no-browser"], flags].concat();
    let args = if flags.contains(&"--region") {
        args
    } else {
        [&args[..], &["--region", "eu-west-1"]].concat()
    };
    let mut terminal = sandbox.awsx_on_terminal(&args);
    let url = terminal.line("http");
    let page = browser::approve(&url);
    assert_eq!(page.status, 200, "{page:?}");
    terminal.ends()
}

pub(crate) fn config(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.home().join(".aws/config")).unwrap()
}

fn started<'a>(sandbox: &'a Sandbox, count: usize, args: &[&str]) -> Vec<Running<'a>> {
    (0..count).map(|_| sandbox.start(args)).collect()
}

#[test]
fn a_person_signs_in_once() {
    let sandbox = Sandbox::new();
    let before = config(&sandbox);
    sign_in(&sandbox, &[]).ok().says(&format!("signed in as {SESSION} for profile \"console\""));
    let added = format!("\n[profile console]\nlogin_session = {SESSION}\nregion = eu-west-1\n");
    assert_eq!(config(&sandbox), format!("{before}{added}"));
    let who = sandbox.awsx(&["whoami", "console", "--json"]).ok().json();
    assert_eq!((&who["arn"], &who["region"]), (&json!(SESSION), &json!("eu-west-1")));
    let found = sandbox.awsx(&["exec", "console", "--", "env"]).ok().stdout;
    for variable in
        ["AWS_SESSION_TOKEN=", "AWS_CREDENTIAL_EXPIRATION=", "AWS_ACCOUNT_ID=111111111111"]
    {
        assert!(found.contains(variable), "{variable}: {found}");
    }
    assert_eq!(sandbox.aws.count(TOKEN), 1);
    assert!(!sandbox.home().join(".aws/login").exists(), "nothing is shared unless asked for");
}

#[test]
fn the_browser_of_the_person_opens() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let script =
        "#!/bin/sh\nprintf %s \"$1\" > planted/opening && mv planted/opening planted/url\n";
    let script = sandbox.write("planted/browser", script);
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o700)).unwrap();
    sandbox.set("AWSX_BROWSER", script.to_str().unwrap());
    let args = ["login", "aws", "console", "--region", "eu-west-1"];
    let mut terminal = sandbox.awsx_on_terminal(&args);
    let shown = terminal.expect("signing in to AWS in the browser").line("http");
    let opened = loop {
        match std::fs::read_to_string(sandbox.home().join("planted/url")) {
            Ok(url) => break url,
            Err(_) => std::thread::yield_now(),
        }
    };
    assert_eq!(opened, shown);
    assert_eq!(browser::approve(&opened).status, 200);
    terminal.ends().ok().says(&format!("signed in as {SESSION}"));
}

#[test]
fn a_person_brings_the_code_from_another_device() {
    let sandbox = Sandbox::new();
    let mut terminal =
        sandbox.awsx_on_terminal(&["login", "aws", "console", "--remote", "--region", "eu-west-1"]);
    let page = browser::approve(&terminal.line("http"));
    let code = page.body.split_once("<code id=\"code\">").unwrap().1.split_once('<').unwrap().0;
    sandbox.plant(code);
    terminal.expect("Code that the page shows").type_line(&code[..20]);
    terminal.expect("That is not it").expect("once more").type_line(code);
    let ran = terminal.ends().ok();
    assert!(!ran.stdout.contains(code), "{ran:?}");
    assert_eq!(sandbox.awsx(&["whoami", "console", "--json"]).ok().json()["arn"], SESSION);

    // The code of an older question.
    let mut terminal = sandbox.awsx_on_terminal(&["login", "aws", "console", "--remote"]);
    for question in ["Code that the page shows", "once more", "once more"] {
        terminal.expect(question).type_line(code);
    }
    terminal
        .ends()
        .fails(4, &["its `state` is not that of this login", "awsx login aws console --remote"]);
}

#[test]
fn what_is_about_to_end_is_renewed_once() {
    let sandbox = signed_in(240, &[]);
    let all = started(&sandbox, 20, &["credential-process", "console"]);
    let keys: BTreeSet<String> = all
        .into_iter()
        .map(|running| running.end().ok().json()["AccessKeyId"].to_string())
        .collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_eq!(sandbox.aws.count(TOKEN), 2);
    sandbox.awsx(&["credential-process", "console"]).ok();
    assert_eq!(sandbox.aws.count(TOKEN), 2, "what was renewed is kept");
    sandbox.awsx(&["credential-process", "console", "--refresh"]).ok();
    assert_eq!(sandbox.aws.count(TOKEN), 3, "--refresh renews in any case");
}

/// AWS takes each refresh token once: the second one is the answer to the first.
#[test]
fn renewals_follow_each_other() {
    let sandbox = signed_in(200, &[]);
    for count in 2..6 {
        sandbox.aws.control(|state| state.signin.seconds = 200);
        sandbox.awsx(&["exec", "console", "--", "true"]).ok();
        assert_eq!(sandbox.aws.count(TOKEN), count);
    }
}

#[test]
fn a_sign_in_signs_the_roles_behind_it() {
    let sandbox = signed_in(240, &[]);
    let role = sample::READ_ONLY;
    sandbox.aws.control(|state| {
        let known = state.iam.roles.iter_mut().find(|known| known.arn == role).unwrap();
        known.trust = Trust { principals: vec![SESSION.into()], ..Trust::default() };
    });
    let text = config(&sandbox);
    sandbox
        .config(&format!("{text}[profile behind]\nrole_arn = {role}\nsource_profile = console\n"));
    let who = sandbox.awsx(&["whoami", "behind", "--json"]).ok().json();
    assert_eq!(who["arn"], "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann");
    // Four minutes are enough to sign a call.
    assert_eq!((sandbox.aws.count(TOKEN), sandbox.aws.count("AssumeRole")), (1, 1));
    sandbox.awsx(&["exec", "behind", "--", "true"]).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 1, "the role's session is kept");
}

#[test]
fn a_session_that_aws_ended_needs_a_person() {
    let sandbox = signed_in(240, &[]);
    sandbox.aws.control(|state| {
        let now = state.now();
        state.signin.end_sessions(now);
    });
    let words = [
        "config:",
        "profile \"console\"",
        "needs a sign-in: AWS renews the last one no longer",
        "TOKEN_EXPIRED",
        "run `awsx login aws console`",
    ];
    sandbox.awsx(&["exec", "console", "--", "true"]).fails(4, &words);
    assert_eq!(sandbox.aws.count(TOKEN), 2);
    sandbox.awsx(&["exec", "console", "--", "true"]).fails(4, &["awsx login aws console"]);
    assert_eq!(sandbox.aws.count(TOKEN), 2, "what was refused is not tried again");
    sign_in(&sandbox, &[]).ok();
    sandbox.awsx(&["exec", "console", "--", "true"]).ok();
}

#[test]
fn refusals_say_what_to_do() {
    for (docs, fault, code, words) in [
        (
            "the password was changed",
            ("USER_CREDENTIALS_CHANGED", 403),
            4,
            ["the password was changed since the last one", "run `awsx login aws console`"],
        ),
        (
            "a policy is missing",
            ("INSUFFICIENT_PERMISSIONS", 403),
            5,
            [
                "signin:CreateOAuth2Token was refused: INSUFFICIENT_PERMISSIONS",
                "SignInLocalDevelopmentAccess",
            ],
        ),
        (
            "AWS cannot read it",
            ("ValidationException", 400),
            5,
            [
                "signin:CreateOAuth2Token was refused: ValidationException: as AWS says",
                "awsx explain console",
            ],
        ),
        ("throttled", ("TooManyRequestsError", 429), 6, ["throttled: as AWS says", "-v says more"]),
    ] {
        let sandbox = signed_in(40, &[]);
        let (name, status) = fault;
        let fault = Fault::Refuse { status, code: name, message: "as AWS says" };
        sandbox.aws.control(|state| state.fail(TOKEN, fault, 9));
        let ran = sandbox.awsx(&["exec", "console", "--", "true"]);
        assert_eq!(ran.code, code, "{docs}: {ran:?}");
        ran.fails(code, &words);
    }
}

/// Whether AWS took the refresh token is not known, so it is not sent again at once.
#[test]
fn an_answer_that_is_lost_is_not_asked_for_again() {
    let sandbox = signed_in(240, &[]);
    sandbox.aws.control(|state| state.fail(TOKEN, Fault::LoseAnswer, 1));
    let ran = sandbox.awsx(&["exec", "console", "--", "true"]).ok();
    ran.says("not renewed: signin:CreateOAuth2Token did not succeed")
        .says("awsx cannot renew them");
    assert_eq!(sandbox.aws.count(TOKEN), 2);
    sandbox.awsx(&["exec", "console", "--", "true"]).fails(4, &["awsx login aws console"]);
}

/// Killed while AWS is asked, before or after it took the refresh token.
#[test]
fn a_killed_awsx_costs_a_sign_in_at_most() {
    let sandbox = signed_in(240, &[]);
    sandbox.aws.control(|state| state.fail(TOKEN, Fault::Hang, 1));
    let mut killed = sandbox.start(&["exec", "console", "--", "true"]);
    while sandbox.aws.count(TOKEN) < 2 {
        std::thread::yield_now();
    }
    killed.kill();
    killed.end();
    sandbox.awsx(&["exec", "console", "--", "true"]).ok();
    assert_eq!(sandbox.aws.count(TOKEN), 3);
}

#[test]
fn nobody_is_asked_where_nobody_is() {
    let sandbox = Sandbox::new();
    for (docs, args, words) in [
        (
            "no terminal",
            &["login", "aws", "console", "--region", "eu-west-1"][..],
            "run `awsx login aws console` in a terminal",
        ),
        (
            "--no-input",
            &["--no-input", "login", "aws", "console", "--region", "eu-west-1"],
            "in a terminal",
        ),
        (
            "no region",
            &["login", "aws", "console"],
            "profile \"console\" has no region to sign in to: nobody can be asked",
        ),
        (
            "a name with a blank",
            &["login", "aws", "my console"],
            "awsx login aws 'my console' --region",
        ),
    ] {
        let ran = sandbox.awsx(args);
        assert_eq!(ran.code, 4, "{docs}: {ran:?}");
        ran.says(words);
    }
    sandbox.config("[profile console]\nlogin_session = arn:aws:iam::111111111111:user/dev\n");
    let words =
        ["console", "needs a sign-in: nobody has signed in", "run `awsx login aws console`"];
    sandbox.awsx(&["credential-process", "console"]).fails(4, &words);
    assert!(sandbox.aws.calls().is_empty());
}

/// The sandbox searches what was said for codes, tokens and credentials.
#[test]
fn the_log_tells_no_secret() {
    let sandbox = Sandbox::new();
    sandbox.set("AWSX_LOG", "trace");
    sign_in(&sandbox, &["--share", "-vv"]).ok().says("asked AWS");
    let file = std::fs::read_dir(sandbox.home().join(".aws/login/cache")).unwrap().next();
    let text = std::fs::read(file.unwrap().unwrap().path()).unwrap();
    let shared: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let key = shared["dpopKey"].as_str().unwrap().lines().nth(1).unwrap();
    sandbox.plant(key);
    sandbox.plant(shared["idToken"].as_str().unwrap());
    let ran = sandbox.awsx(&["-vv", "exec", "console", "--refresh", "--", "true"]).ok();
    ran.says("asked AWS").says("CreateOAuth2Token");
    let fault = Fault::Refuse { status: 400, code: "ValidationException", message: "no" };
    sandbox.aws.control(|state| state.fail(TOKEN, fault, 1));
    sandbox.awsx(&["-vv", "exec", "console", "--refresh", "--", "true"]).fails(5, &["refused"]);
}

#[test]
fn a_denial_is_said() {
    let sandbox = Sandbox::new();
    let args = ["login", "aws", "console", "--no-browser", "--region", "eu-west-1"];
    let mut terminal = sandbox.awsx_on_terminal(&args);
    browser::deny(&terminal.line("http"));
    terminal
        .ends()
        .fails(5, &["the sign-in was denied", "access_denied", "awsx login aws console"]);
    assert!(!config(&sandbox).contains("console"));
}

#[test]
fn a_local_clock_that_is_off_is_corrected() {
    let sandbox = signed_in(240, &[]);
    sandbox.aws.control(|state| state.clock_offset = TimeDelta::hours(-1));
    sandbox.awsx(&["credential-process", "console", "--refresh"]).ok();
    assert_eq!(sandbox.aws.count(TOKEN), 3, "refused once, then proved with AWS's time");
}

#[test]
fn a_command_on_a_terminal_offers_the_sign_in_that_it_needs() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("[profile console]\nlogin_session = {SESSION}\nregion = eu-west-1\n"));
    let mut terminal = sandbox.awsx_on_terminal(&["whoami", "console"]);
    terminal.expect("press Enter to sign in").type_line("");
    let page = browser::approve(&terminal.line("http"));
    let code = page.body.split_once("<code id=\"code\">").unwrap().1.split_once('<').unwrap().0;
    terminal.expect("Code that the page shows").type_line(code);
    let ran = terminal.ends().ok();
    ran.says(&format!("arn      {SESSION}")).says("renews itself while AWS allows it");
    assert_eq!(sandbox.aws.count(TOKEN), 1);
    let status = sandbox.awsx(&["login", "status"]).ok().stdout;
    let place = format!("{SESSION} ({}, eu-west-1)\n", sandbox.aws.url());
    assert!(status.starts_with(&place) && status.contains("renews itself"), "{status}");

    sandbox.aws.control(|state| {
        let now = state.now();
        state.signin.end_sessions(now);
    });
    let mut terminal = sandbox.awsx_on_terminal(&["credential-process", "console", "--refresh"]);
    terminal.ends().fails(4, &["needs a sign-in", "run `awsx login aws console`"]);
    sandbox.write(".config/awsx/config.toml", "auto_login = false\n");
    let mut terminal = sandbox.awsx_on_terminal(&["whoami", "console", "--refresh"]);
    terminal.ends().fails(4, &["needs a sign-in", "run `awsx login aws console`"]);
    std::fs::remove_file(sandbox.home().join(".config/awsx/config.toml")).unwrap();
    let (arn, id) = ("arn:aws:iam::111111111111:user/eve".to_owned(), "AIDAEVE".to_owned());
    sandbox.aws.control(|state| state.signin.identity = Identity::User { arn, id });
    let mut terminal = sandbox.awsx_on_terminal(&["whoami", "console", "--refresh"]);
    terminal.expect("press Enter to sign in").type_line("");
    let page = browser::approve(&terminal.line("http"));
    let code = page.body.split_once("<code id=\"code\">").unwrap().1.split_once('<').unwrap().0;
    terminal.expect("Code that the page shows").type_line(code);
    terminal.ends().fails(3, &["user/eve signed in, but", "awsx login aws console"]);
}

/// What the vault lists in the clear is no sign-in where the rest of its record is lost.
#[test]
fn a_record_that_does_not_open_is_no_sign_in() {
    let sandbox = signed_in(900, &[]);
    let logins = files_below(&sandbox.state_dir().join("logins"));
    let [record] = logins.as_slice() else { panic!("{logins:?}") };
    let mut text = std::fs::read(record).unwrap();
    *text.last_mut().unwrap() ^= 1;
    std::fs::write(record, text).unwrap();
    let mut terminal = sandbox.awsx_on_terminal(&["whoami", "console"]);
    terminal.expect("counts as absent").expect("press Enter to sign in").type_line("\x03");
    terminal.ends().fails(130, &[]);
}
