//! `awsx login aws`, and the credentials of a `login_session`: signed in once, renewed by one.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::fake_aws::fault::Fault;
use crate::fake_aws::iam::Trust;
use crate::fake_aws::{browser, sample};
use crate::given::{CONSOLE_TOKEN, SETTINGS, SHARED_SIGN_IN, allow_at, console_profile};
use crate::sandbox::{Sandbox, rewrite};
use crate::terminal::{CTRL_C, Terminal};

/// Who is at the stand-in's browser.
const SESSION: &str = sample::USER;
const CREDENTIALS: [&str; 2] = ["credential-process", "console"];

fn with_console(seconds: i64) -> Sandbox {
    Sandbox::new().console(seconds, &[])
}

/// How often AWS was asked for credentials.
fn token_calls(sandbox: &Sandbox) -> usize {
    sandbox.aws.count(CONSOLE_TOKEN)
}

/// AWS renews no session any longer.
fn end_sessions(sandbox: &Sandbox) {
    let now = sandbox.aws.now();
    sandbox.aws.control(|state| state.signin.end_sessions(now));
}

/// The person allows awsx at the address that the terminal shows, and types the code of the page.
fn type_code(terminal: &mut Terminal<'_>) {
    let page = browser::approve(&terminal.line("http"));
    terminal.expect("Code that the page shows").type_line(page.code());
}

#[test]
fn a_sign_in_makes_a_profile_that_works() {
    let sandbox = Sandbox::new();
    let before = sandbox.read_config();
    sandbox.sign_in(&[]).ok().says(&format!("signed in as {SESSION} for profile \"console\""));
    assert_eq!(sandbox.read_config(), format!("{before}\n{}", console_profile()));
    let who = sandbox.whoami("console");
    assert_eq!((&who["arn"], &who["region"]), (&json!(SESSION), &json!("eu-west-1")));
    let ran = sandbox.env_of("console").prints("AWS_ACCOUNT_ID=111111111111");
    ran.prints("AWS_SESSION_TOKEN=").prints("AWS_CREDENTIAL_EXPIRATION=");
    assert_eq!(token_calls(&sandbox), 1);
    assert!(!sandbox.home().join(".aws/login").exists(), "nothing is shared unless asked for");
}

#[test]
fn a_sign_in_opens_the_browser() {
    let sandbox = Sandbox::new().at_a_browser();
    let args = ["login", "aws", "console", "--region", "eu-west-1"];
    let mut terminal = sandbox.awsx_on_terminal(&args);
    let shown = terminal.expect("signing in to AWS in the browser").line("http");
    assert_ne!(sandbox.next_page(), shown, "what is opened is in an argument list");
    allow_at(&shown);
    terminal.expect("[y/N]").type_line("y");
    terminal.end().ok().says(&format!("signed in as {SESSION}"));
}

#[test]
fn a_code_from_another_device_signs_in() {
    let sandbox = Sandbox::new();
    let mut terminal =
        sandbox.awsx_on_terminal(&["login", "aws", "console", "--remote", "--region", "eu-west-1"]);
    let page = browser::approve(&terminal.line("http"));
    let code = page.code();
    sandbox.plant(code);
    terminal.expect("Code that the page shows").type_line(&code[..20]);
    terminal.expect("That is not it").expect("once more").type_line(code);
    terminal.expect("[y/N]").type_line("y").end().ok().prints_no(code);
    assert_eq!(sandbox.whoami("console")["arn"], SESSION);

    // The code of an older question.
    let mut terminal = sandbox.awsx_on_terminal(&["login", "aws", "console", "--remote"]);
    for question in ["Code that the page shows", "once more", "once more"] {
        terminal.expect(question).type_line(code);
    }
    let words = ["its `state` is not that of this login", "awsx login aws console --remote"];
    terminal.end().fails(4, &words);
}

#[test]
fn twenty_commands_renew_credentials_once() {
    let sandbox = with_console(200);
    let all = sandbox.many(20, &CREDENTIALS).ok();
    let keys: BTreeSet<String> =
        all.iter().map(|ran| ran.json()["AccessKeyId"].to_string()).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_eq!(token_calls(&sandbox), 2);
    sandbox.awsx(&CREDENTIALS).ok();
    assert_eq!(token_calls(&sandbox), 2, "what was renewed is kept");
    sandbox.awsx(&["credential-process", "console", "--refresh"]).ok();
    assert_eq!(token_calls(&sandbox), 3, "--refresh renews in any case");
}

/// AWS takes each refresh token once: the second one is the answer to the first.
#[test]
fn renewals_follow_each_other() {
    let sandbox = with_console(200);
    for count in 2..6 {
        sandbox.aws.control(|state| state.signin.seconds = 200);
        sandbox.exec("console", &[]).ok();
        assert_eq!(token_calls(&sandbox), count);
    }
}

#[test]
fn a_sign_in_signs_the_roles_behind_it() {
    let sandbox = with_console(200);
    let role = sample::READ_ONLY;
    sandbox.aws.control(|state| {
        let trust = Trust { principals: vec![SESSION.into()], ..Trust::default() };
        state.iam.role(role).unwrap().trust = trust;
    });
    let console = sandbox.read_config();
    let behind = format!("[profile behind]\nrole_arn = {role}\nsource_profile = console\n");
    sandbox.config(&(console + &behind));
    let who = sandbox.whoami("behind");
    assert_eq!(who["arn"], "arn:aws:sts::111111111111:assumed-role/ReadOnly/awsx-ann");
    // Four minutes are enough to sign a call.
    assert_eq!((token_calls(&sandbox), sandbox.aws.count("AssumeRole")), (1, 1));
    sandbox.exec("behind", &[]).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 1, "the role's session is kept");
}

#[test]
fn a_session_that_aws_ended_needs_a_sign_in() {
    let sandbox = with_console(200);
    end_sessions(&sandbox);
    let error = "error: [..]/.aws/config:20: profile \"console\": login_session \
                 arn:aws:iam::111111111111:user/dev needs a sign-in: AWS renews the last one no longer";
    let why = format!("{error}: The session is expired (TOKEN_EXPIRED)");
    let hint = "hint: run `awsx login aws console`";
    sandbox.exec("console", &[]).exits(4).stderr_is(&[&why, hint]);
    assert_eq!(token_calls(&sandbox), 2);
    sandbox.exec("console", &[]).exits(4).stderr_is(&[error, hint]);
    assert_eq!(token_calls(&sandbox), 2, "what was refused is not tried again");
    sandbox.sign_in(&[]).ok();
    sandbox.exec("console", &[]).ok();
}

/// AWS answers a grant that is over with HTTP 400 and no code of its own.
#[test]
fn a_dead_grant_needs_a_person() {
    let sandbox = with_console(200);
    let dead = Fault::Refuse {
        status: 400,
        code: "ValidationException",
        message: "The provided authorization grant is invalid, expired, revoked, does not match the \
                  redirection URI used in the authorization request, or was issued to another client.",
    };
    sandbox.aws.fail(CONSOLE_TOKEN, dead, 1);
    let words = [
        "needs a sign-in: AWS renews the last one no longer: The provided authorization grant is",
        "(ValidationException)",
        "run `awsx login aws console`",
    ];
    sandbox.awsx(&["exec", "console", "--", "true"]).fails(4, &words);
    let status = sandbox.awsx(&["login", "status"]).ok().stdout;
    assert!(!status.contains("renews itself"), "{status}");
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "console", "--", "true"]);
    terminal.expect("Sign in to AWS as ").type_line(CTRL_C);
    terminal.end().fails(130, &["the sign-in was cancelled"]);
    assert_eq!(token_calls(&sandbox), 2, "what was refused is not tried again");
}

#[test]
fn a_refusal_names_what_helps() {
    let refused = "signin:CreateOAuth2Token was refused: ";
    let changed = "the password was changed since the last one";
    for (name, status, code, said, hint) in [
        ("USER_CREDENTIALS_CHANGED", 403, 4, changed, "run `awsx login aws console`"),
        ("INSUFFICIENT_PERMISSIONS", 403, 5, refused, "SignInLocalDevelopmentAccess"),
        ("ValidationException", 400, 5, refused, "awsx explain console"),
        ("TooManyRequestsError", 429, 6, "throttled: as AWS says", "wait a little"),
    ] {
        let sandbox = with_console(40);
        sandbox.aws.fail(CONSOLE_TOKEN, Fault::refuse(status, name, "as AWS says"), 9);
        let said = if said == refused { format!("{refused}{name}") } else { said.to_owned() };
        sandbox.exec("console", &[]).fails(code, &[&said, hint]);
    }
}

/// Whether AWS took the refresh token is not known, so it is not sent again at once.
#[test]
fn a_lost_answer_is_not_asked_for_again() {
    let sandbox = with_console(200);
    sandbox.aws.fail(CONSOLE_TOKEN, Fault::LoseAnswer, 1);
    let not_renewed = "awsx: not renewed: signin:CreateOAuth2Token did not succeed after 1 attempt \
                       at [..]: Connection reset by peer (os error 104)";
    let ends = "awsx: the credentials of profile \"console\" end [..] (in [..]), and awsx cannot renew them";
    sandbox.exec("console", &[]).ok().stderr_is(&[not_renewed, ends]);
    assert_eq!(token_calls(&sandbox), 2);
    sandbox.exec("console", &[]).fails(4, &["awsx login aws console"]);
}

/// Killed while AWS is asked, before or after it took the refresh token.
#[test]
fn a_killed_awsx_costs_a_sign_in_at_most() {
    let sandbox = with_console(200);
    let mut holder = sandbox.hang_at(CONSOLE_TOKEN, &["exec", "console", "--", "true"]);
    holder.kill();
    holder.end();
    sandbox.exec("console", &[]).ok();
    assert_eq!(token_calls(&sandbox), 3);
}

#[test]
fn a_sign_in_needs_a_person() {
    let sandbox = Sandbox::new();
    let no_region = "profile \"console\" has no region to sign in to: nobody can be asked";
    for (name, flags, words) in [
        ("console", &["--region=eu-west-1"][..], "run `awsx login aws console` in a terminal"),
        ("console", &["--no-input", "--region=eu-west-1"], "in a terminal"),
        ("console", &[], no_region),
        ("my console", &[], "awsx login aws 'my console' --region"),
    ] {
        sandbox.awsx(&[&["login", "aws", name], flags].concat()).fails(4, &[words]);
    }
    sandbox.config("[profile console]\nlogin_session = arn:aws:iam::111111111111:user/dev\n");
    let words =
        ["console", "needs a sign-in: nobody has signed in", "run `awsx login aws console`"];
    sandbox.awsx(&["credential-process", "console"]).fails(4, &words);
    assert!(sandbox.aws.calls().is_empty());
}

/// The sandbox searches what was said for codes, tokens and credentials.
#[test]
fn the_log_tells_no_secret_of_a_sign_in() {
    let sandbox = Sandbox::new();
    sandbox.set("AWSX_LOG", "trace");
    sandbox.sign_in(&["--share", "-vv"]).ok().says("HTTP 200");
    let shared: Value = serde_json::from_str(&sandbox.read(SHARED_SIGN_IN)).unwrap();
    sandbox.plant(shared["dpopKey"].as_str().unwrap().lines().nth(1).unwrap());
    sandbox.plant(shared["idToken"].as_str().unwrap());
    let refresh = || sandbox.exec("console", &["-vv", "--refresh"]);
    refresh().ok().says("log: signin:CreateOAuth2Token at ");
    sandbox.aws.fail(CONSOLE_TOKEN, Fault::refuse(400, "ValidationException", "no"), 1);
    refresh().fails(5, &["refused"]);
}

#[test]
fn a_denial_ends_the_sign_in() {
    let sandbox = Sandbox::new();
    let args = ["login", "aws", "console", "--no-browser", "--region", "eu-west-1"];
    let mut terminal = sandbox.awsx_on_terminal(&args);
    browser::deny(&terminal.line("http"));
    let words = ["the sign-in was denied", "access_denied", "awsx login aws console"];
    terminal.end().fails(5, &words);
    assert!(!sandbox.read_config().contains("console"));
}

#[test]
fn a_proof_corrects_the_local_clock() {
    let sandbox = with_console(200);
    sandbox.aws.control(|state| state.clock_offset = TimeDelta::hours(-1));
    sandbox.awsx(&["credential-process", "console", "--refresh"]).ok();
    assert_eq!(token_calls(&sandbox), 3, "refused once, then proved with AWS's time");
}

#[test]
fn a_command_at_a_terminal_offers_the_sign_in() {
    let sandbox = Sandbox::new();
    sandbox.config(&console_profile());
    let mut terminal = sandbox.awsx_on_terminal(&["whoami", "console"]);
    terminal.expect("Sign in to AWS as ").type_line("");
    type_code(&mut terminal);
    let ran = terminal.end().ok();
    ran.says(&format!("arn      {SESSION}")).says("signed in just now, renews itself until ");
    assert_eq!(token_calls(&sandbox), 1);
    let status = sandbox.awsx(&["login", "status"]).ok().stdout;
    let expected = format!("{SESSION}  signed in just now, renews itself until ");
    assert!(status.starts_with(&expected) && status.contains("(in 12h)"), "{status}");

    end_sessions(&sandbox);
    let refresh = |command| sandbox.awsx_on_terminal(&[command, "console", "--refresh"]);
    let words = ["needs a sign-in", "run `awsx login aws console`"];
    refresh("credential-process").end().fails(4, &words);
    sandbox.write(SETTINGS, "auto_login = false\n");
    refresh("whoami").end().fails(4, &words);
    sandbox.write(SETTINGS, "");
    sandbox.be_eve();
    let mut terminal = refresh("whoami");
    terminal.expect("Sign in to AWS as ").type_line("");
    type_code(&mut terminal);
    terminal.end().fails(3, &["user/eve signed in, but", "awsx login aws console"]);
}

/// What the vault lists in the clear is no sign-in where the rest of its record is lost.
#[test]
fn a_record_that_does_not_open_is_no_sign_in() {
    let sandbox = with_console(900);
    rewrite(&sandbox.only_record("logins"), |bytes| *bytes.last_mut().unwrap() ^= 1);
    let mut terminal = sandbox.awsx_on_terminal(&["whoami", "console"]);
    terminal.expect("counts as absent").expect("Sign in to AWS as ").type_text(CTRL_C);
    terminal.end().exits(130);
}
