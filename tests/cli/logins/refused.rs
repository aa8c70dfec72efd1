//! Logins that cannot be: what the files or the command line get wrong, and what AWS answers.

use super::{LOGIN, LOGIN_NEEDED};
use crate::fake_aws::browser::Browser;
use crate::fake_aws::fault::Fault;
use crate::given::{LOGGED_IN, sso_config};
use crate::sandbox::{SSO_SESSION, Sandbox};
use crate::terminal::CTRL_C;

/// The config file, the words after `awsx login sso`, the exit code, and what is said.
type Row<'a> = (&'a str, &'a str, i32, &'a [&'a str]);

#[test]
fn mistakes_in_the_files_and_on_the_command_line_are_named() {
    let whole = SSO_SESSION;
    let half = &whole.replace("sso_region = eu-west-1\n", "");
    let two = &format!("{whole}{}", whole.replace("corp", "dept"));
    let evil = &whole.replace("eu-west-1", "eu.evil.example/");
    let dev = "[profile dev]\nregion = eu-west-1\n";
    let insecure = "--start-url http://corp.awsapps.com/start --sso-region eu-west-1";
    let elsewhere = "--start-url https://corp.awsapps.com/start --sso-region evil.example/";
    let no_region = ".aws/config:1: [sso-session corp] has no sso_region";
    let no_sso = "profile \"dev\" does not use IAM Identity Center";
    let rows: [Row<'_>; 15] = [
        (two, "nope", 3, &["there is no [sso-session nope] in ", "there are: corp, dept"]),
        ("", "nope", 3, &["there is no [sso-session nope] in ", "`awsx config sso`"]),
        ("", "", 2, &["there is no [sso-session] in ", "--start-url"]),
        (two, "", 2, &["there are several sessions: corp, dept", "name one of them"]),
        (half, "corp", 3, &[no_region, "hint: add sso_region at "]),
        (evil, "corp", 3, &[".aws/config:3", "hint: correct sso_region"]),
        (whole, "-p nope", 3, &["profile \"nope\"", "hint: "]),
        (dev, "-p dev", 2, &[no_sso, "hint: `awsx explain`"]),
        ("", insecure, 2, &["--start-url ", "not an https URL, such as https://"]),
        ("", elsewhere, 2, &["--sso-region ", "not a region, such as eu-west-1"]),
        ("", "--start-url https://corp.awsapps.com/start", 2, &["--sso-region"]),
        (whole, "corp -p sso", 2, &["exclude each other"]),
        (whole, "corp --port 0", 2, &["--port"]),
        (whole, "corp --port 65536", 2, &["--port"]),
        (whole, "corp --port 4000 --device-code", 2, &["exclude each other"]),
    ];
    for (config, words, code, said) in rows {
        let sandbox = Sandbox::not_logged_in();
        sandbox.config(config);
        let words = ["login", "sso", "--no-input"].into_iter().chain(words.split_whitespace());
        let ran = sandbox.awsx(&words.collect::<Vec<_>>()).fails(code, said);
        assert!(sandbox.aws.calls().is_empty(), "{ran:?}");
    }
}

#[test]
fn without_a_name_one_of_several_sessions_is_picked() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.config(&format!("{}{SSO_SESSION}", SSO_SESSION.replace("corp", "dept")));
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso"]);
    terminal.expect("dept").type_text("corp\r");
    sandbox.allow();
    // No profile uses it yet.
    terminal.expect(LOGGED_IN).expect("show a profile for each role? [Y/n]").type_line("n");
    terminal.expect("`awsx sso sync corp` does it later").end().ok();
    assert_eq!(sandbox.aws.count("ListAccounts"), 0);
}

#[test]
fn a_first_login_offers_a_profile_for_each_role() {
    for (docs, answer, shown, profiles) in [
        ("no", "n\r", "`awsx sso sync corp` does it later", 0),
        ("Ctrl-C: the login is done all the same", CTRL_C, "`awsx sso sync corp` does it later", 0),
        ("Enter", "\r", "Region of these profiles", 1),
    ] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.config(SSO_SESSION);
        let mut terminal = sandbox.awsx_on_terminal(&["login", "sso"]);
        sandbox.allow();
        terminal.expect(LOGGED_IN).expect("show a profile for each role? [Y/n]").type_text(answer);
        terminal.expect(shown);
        if profiles > 0 {
            terminal.type_line("").expect("Write it to ").type_line("y").expect("is written");
        }
        terminal.end().ok();
        let config = sandbox.read(".aws/config");
        assert_eq!(config.matches("\nsso_session = corp\n").count(), profiles, "{docs}: {config}");
    }
}

#[test]
fn without_a_name_the_selected_profile_decides() {
    let sandbox = Sandbox::not_logged_in();
    let dept = SSO_SESSION.replace("corp", "dept");
    sandbox.config(&format!("{dept}{}", sso_config()));
    sandbox.set("AWS_PROFILE", "behind");
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso"]);
    sandbox.allow();
    terminal.expect(LOGGED_IN).end().ok();
}

#[test]
fn a_login_that_aws_refuses_fails() {
    let denied = Fault::refuse(400, "AccessDeniedException", "not you");
    let sandbox = Sandbox::not_logged_in();
    sandbox.config(&sso_config().replace("corp.awsapps.com", "gone.awsapps.com"));
    let ran = sandbox.awsx_on_terminal(&LOGIN).end();
    ran.fails(5, &["sso-oidc:RegisterClient", "Invalid start url provided", "hint: "]);
    sandbox.config(&sso_config());
    for (fault, times, code) in
        [(denied, 1, 5), (Fault::TOO_MANY_REQUESTS, 3, 6), (Fault::Reset, 3, 6)]
    {
        sandbox.aws.fail("RegisterClient", fault, times);
        let ran = sandbox.awsx_on_terminal(&LOGIN).end();
        let ran = ran.fails(code, &["sso-session \"corp\"", "sso-oidc:RegisterClient", "hint: "]);
        assert!(sandbox.open_pages().is_empty(), "{ran:?}");
    }
    // After the page: a code is redeemed once, whatever comes of it.
    for fault in [Fault::LoseAnswer, Fault::Reset] {
        sandbox.aws.forget_calls();
        sandbox.aws.fail("CreateToken", fault, 1);
        let mut terminal = sandbox.awsx_on_terminal(&LOGIN);
        sandbox.allow();
        terminal.end().fails(6, &["sso-session \"corp\"", "sso-oidc:CreateToken", "hint: "]);
        assert_eq!(sandbox.aws.count("CreateToken"), 1, "{fault:?}");
        sandbox.exec("sso", &[]).fails(4, &LOGIN_NEEDED);
    }
    sandbox.log_in();
}

/// The scopes are the session's; one that AWS does not know is AWS's to refuse.
#[test]
fn a_login_asks_for_the_scopes_of_its_session() {
    let sandbox = Sandbox::not_logged_in();
    let with = |scopes: &str| {
        let line = format!("sso_registration_scopes = {scopes}\n[profile sso]");
        sandbox.config(&sso_config().replace("[profile sso]", &line));
    };
    with("sso:account:access, codewhisperer:completions");
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso"]);
    let mut browser = Browser::default();
    let url = browser.open(&sandbox.next_page()).url;
    assert!(url.contains("sso%3Aaccount%3Aaccess"), "{url}");
    assert!(url.contains("codewhisperer%3Acompletions"), "{url}");
    browser.choose(&url, "allow");
    terminal.expect(LOGGED_IN).end().ok();
    sandbox.exec("sso", &[]).ok();
    with("nonsense");
    let ran = sandbox.awsx_on_terminal(&["login", "sso"]).end();
    ran.fails(5, &["sso-oidc:RegisterClient", "Unknown scope nonsense"]);
}

/// What a vault in memory holds is gone with the process, and that is said where it matters.
#[test]
fn a_vault_in_memory_keeps_no_login() {
    let sandbox = Sandbox::not_logged_in().without_vault();
    sandbox.set("AWSX_VAULT", "memory");
    let words = ["the vault is in memory, which forgets a login", "unset AWSX_VAULT", "--share"];
    sandbox.awsx_on_terminal(&LOGIN).end().fails(7, &words);
    assert!(sandbox.open_pages().is_empty());
    assert_eq!(sandbox.awsx(&["login", "status"]).ok().stdout, "");
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "sso", "--", "echo", "ran"]);
    terminal.expect("Log in to corp in the browser?").type_line("");
    terminal.expect("the vault keeps nothing (memory), so this login ends with this command");
    sandbox.allow();
    terminal.expect("ran").end().ok();
    assert!(!sandbox.state_dir().exists());
}

/// Before a browser is opened, so that nobody logs in for nothing.
#[test]
fn a_vault_that_does_not_open_stops_the_login() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.exec("dev", &[]).ok();
    sandbox.awsx(&["lock"]).ok();
    sandbox.set("AWSX_PASSPHRASE", "another");
    let mut terminal = sandbox.awsx_on_terminal(&LOGIN);
    terminal
        .expect("wrong passphrase")
        .end()
        .fails(7, &["wrong passphrase (from AWSX_PASSPHRASE)", "hint: "]);
    assert!(sandbox.open_pages().is_empty());
    assert_eq!(sandbox.aws.count("RegisterClient"), 0);
}
