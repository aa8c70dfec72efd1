//! What `awsx login aws` does with the profile: what it asks, refuses and writes.

use crate::fake_aws::sample::USER;
use crate::given::{EVE, allow_at};
use crate::sandbox::Sandbox;
use crate::terminal::Terminal;

fn start<'a>(sandbox: &'a Sandbox, profile: &str) -> Terminal<'a> {
    sandbox.awsx_on_terminal(&["login", "aws", profile, "--no-browser"])
}

/// The person allows awsx at the address that the terminal shows.
fn allow(terminal: &mut Terminal<'_>) {
    allow_at(&terminal.line("http"));
}

/// The same, for a profile that does not say yet whose it is.
fn allow_for(profile: &str, terminal: &mut Terminal<'_>) {
    allow(terminal);
    let question = format!("{USER} signed in. Write that to profile \"{profile}\"? [y/N]");
    terminal.expect(&question).type_line("y");
}

#[test]
fn the_region_is_asked_for_and_written() {
    let sandbox = Sandbox::new();
    let mut terminal = start(&sandbox, "console");
    terminal.expect("AWS region of profile \"console\" [us-east-1]").type_line("eu-north-1");
    allow_for("console", &mut terminal);
    terminal.end().ok();
    assert!(sandbox.read_config().contains("region = eu-north-1\n"));
    sandbox.set("AWS_REGION", "eu-west-3");
    let mut terminal = start(&sandbox, "other");
    allow_for("other", &mut terminal);
    terminal.end().ok();
    let text = sandbox.read_config();
    let written = format!("[profile other]\nlogin_session = {USER}\n");
    assert!(text.ends_with(&written), "{text}");
    // What the command line says is the profile's, whatever the shell has.
    let region = ["login", "aws", "said", "--no-browser", "--region", "eu-west-1"];
    let mut terminal = sandbox.awsx_on_terminal(&region);
    allow_for("said", &mut terminal);
    terminal.end().ok();
    let text = sandbox.read_config();
    let written = format!("[profile said]\nlogin_session = {USER}\nregion = eu-west-1\n");
    assert!(text.ends_with(&written), "{text}");
    sandbox.unset("AWS_REGION");
    let mut terminal = start(&sandbox, "third");
    terminal.expect("AWS region").type_line("not a region").end().fails(3, &["is not a region"]);
}

#[test]
fn a_profile_with_other_credentials_is_left_alone() {
    let sandbox = Sandbox::new();
    let settings = [
        ("role_arn", "arn:aws:iam::111122223333:role/x"),
        ("credential_process", "true"),
        ("sso_account_id", "111111111111"),
        ("sso_role_name", "Admin"),
        ("aws_access_key_id", "AKIAEXAMPLE"),
        ("web_identity_token_file", "/t"),
    ];
    for (key, value) in settings {
        let text = format!("# c\n[profile p]\n{key} = {value}\n");
        sandbox.config(&text);
        let place = format!("config:3: profile \"p\" has {key}, which would count instead");
        let words = [&*place, "name another profile, which need not exist yet"];
        sandbox.awsx(&["login", "aws", "p"]).fails(3, &words);
        assert_eq!(sandbox.read_config(), text, "{key}");
    }
    sandbox.set("AWSX_VAULT", "memory");
    let ran = sandbox.awsx(&["login", "aws", "q", "--region", "eu-west-1"]);
    ran.fails(7, &["in memory", "--share"]);
}

/// Before anybody is sent to the browser.
#[test]
fn a_file_that_cannot_be_written_is_named_first() {
    let sandbox = Sandbox::new();
    let args = ["login", "aws", "two\nlines", "--region", "eu-west-1"];
    let words = ["cannot be written", "the files cannot hold a section of this name"];
    sandbox.awsx(&args).fails(3, &words);
    // AWS prefers what the credentials file says.
    sandbox.config("");
    sandbox.credentials(&format!("[console]\nlogin_session = {USER}x\n"));
    let args = ["login", "aws", "console", "--no-browser", "--region", "eu-west-1"];
    let mut terminal = sandbox.awsx_on_terminal(&args);
    allow(&mut terminal);
    terminal.expect("Change it?").type_line("y").end().ok();
    let text = sandbox.read(".aws/credentials");
    assert_eq!(text, format!("[console]\nlogin_session = {USER}\nregion = eu-west-1\n"));
    assert_eq!(sandbox.read_config(), "");
}

#[test]
fn a_new_profile_needs_a_yes_for_whoever_signed_in() {
    let sandbox = Sandbox::new();
    sandbox.be_eve();
    let before = sandbox.read_config();
    let region = ["login", "aws", "mine", "--no-browser", "--region", "eu-west-1"];
    let mut terminal = sandbox.awsx_on_terminal(&region);
    allow(&mut terminal);
    terminal.expect(&format!("{EVE} signed in. Write that to profile \"mine\"?")).type_line("");
    let words = format!("signed in as {EVE}, but not for profile \"mine\"; nothing was changed");
    terminal.end().fails(3, &[&words, "name another profile"]);
    assert_eq!(sandbox.read_config(), before);
    assert!(sandbox.records("logins").is_empty());
}

#[test]
fn somebody_else_than_the_profile_says_needs_a_yes() {
    let sandbox = Sandbox::new().console(900, &[]);
    let before = sandbox.read_config();
    sandbox.be_eve();
    let question = format!("Profile \"console\" is for {USER}, but");
    let answer = |answer: &str| {
        let mut terminal = start(&sandbox, "console");
        allow(&mut terminal);
        terminal.expect(&question).type_line(answer).end()
    };
    let words = format!("signed in as {EVE}, but profile \"console\" is for");
    answer("").fails(3, &[&words, "nothing was changed"]);
    assert_eq!(sandbox.read_config(), before);
    answer("y").ok();
    assert_eq!(sandbox.read_config(), before.replace(USER, EVE));
}
