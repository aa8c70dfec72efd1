//! What `awsx login aws` does with the profile: what it asks, refuses and writes.

use crate::fake_aws::browser;
use crate::fake_aws::iam::Identity;
use crate::sandbox::Sandbox;
use crate::sign_in::{SESSION, config, signed_in};

#[test]
fn the_region_is_asked_for_and_written() {
    let sandbox = Sandbox::new();
    let mut terminal = sandbox.awsx_on_terminal(&["login", "aws", "console", "--no-browser"]);
    terminal.expect("AWS region of profile \"console\" [us-east-1]").type_line("eu-north-1");
    browser::approve(&terminal.line("http"));
    terminal.ends().ok();
    assert!(config(&sandbox).contains("region = eu-north-1\n"));
    sandbox.set("AWS_REGION", "eu-west-3");
    let mut terminal = sandbox.awsx_on_terminal(&["login", "aws", "other", "--no-browser"]);
    browser::approve(&terminal.line("http"));
    terminal.ends().ok();
    let text = config(&sandbox);
    assert!(text.ends_with(&format!("[profile other]\nlogin_session = {SESSION}\n")), "{text}");
    sandbox.unset("AWS_REGION");
    let mut terminal = sandbox.awsx_on_terminal(&["login", "aws", "third", "--no-browser"]);
    terminal.expect("AWS region").type_line("not a region");
    terminal.ends().fails(3, &["is not a region"]);
}

#[test]
fn a_profile_with_other_credentials_is_left_alone() {
    let sandbox = Sandbox::new();
    let settings = [
        ("role_arn", "arn:aws:iam::1:role/x"),
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
        assert_eq!(config(&sandbox), text, "{key}");
    }
    sandbox.set("AWSX_VAULT", "memory");
    sandbox
        .awsx(&["login", "aws", "q", "--region", "eu-west-1"])
        .fails(7, &["in memory", "--share"]);
}

/// Before anybody is sent to the browser.
#[test]
fn a_file_that_cannot_be_written_is_found_first() {
    let sandbox = Sandbox::new();
    let args = ["login", "aws", "two\nlines", "--region", "eu-west-1"];
    let words = ["cannot be written", "the files cannot hold a section of this name"];
    sandbox.awsx(&args).fails(3, &words);
    // AWS prefers what the credentials file says.
    sandbox.config("");
    sandbox.credentials(&format!("[console]\nlogin_session = {SESSION}x\n"));
    let mut terminal = sandbox.awsx_on_terminal(&[
        "login",
        "aws",
        "console",
        "--no-browser",
        "--region",
        "eu-west-1",
    ]);
    browser::approve(&terminal.line("http"));
    terminal.expect("Change it?").type_line("y");
    terminal.ends().ok();
    let text = std::fs::read_to_string(sandbox.home().join(".aws/credentials")).unwrap();
    assert_eq!(text, format!("[console]\nlogin_session = {SESSION}\nregion = eu-west-1\n"));
    assert_eq!(config(&sandbox), "");
}

#[test]
fn somebody_else_than_the_profile_says_is_confirmed() {
    let sandbox = signed_in(900, &[]);
    let before = config(&sandbox);
    let (arn, id) = ("arn:aws:iam::111111111111:user/eve".to_owned(), "AIDAEVE".to_owned());
    sandbox.aws.control(|state| state.signin.identity = Identity::User { arn, id });
    let question = format!("Profile \"console\" is for {SESSION}, but");
    for (answer, code) in [("", 3), ("y", 0)] {
        let mut terminal = sandbox.awsx_on_terminal(&["login", "aws", "console", "--no-browser"]);
        browser::approve(&terminal.line("http"));
        terminal.expect(&question).type_line(answer);
        let ran = terminal.ends();
        assert_eq!(ran.code, code, "{ran:?}");
        if code == 3 {
            ran.says(
                "signed in as arn:aws:iam::111111111111:user/eve, but profile \"console\" is for",
            )
            .says("nothing was changed");
            assert_eq!(config(&sandbox), before);
        }
    }
    assert_eq!(config(&sandbox), before.replace(SESSION, "arn:aws:iam::111111111111:user/eve"));
}
