//! Logins that cannot be: what the files or the command line get wrong, and what AWS answers.

use super::{DONE, LOGIN_NEEDED, allow, opened, sandbox};
use crate::fake_aws::fault::Fault;
use crate::sandbox::Sandbox;
use crate::terminal::CTRL_C;

/// What it is about, the config file, the arguments of `awsx login sso`, the exit code, the words.
type Row<'a> = (&'a str, &'a str, &'a [&'a str], i32, &'a [&'a str]);

#[test]
fn what_the_files_and_the_command_line_get_wrong() {
    let corp = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n";
    let whole = &*format!("{corp}sso_region = eu-west-1\n");
    let two = &*format!("{whole}{}", whole.replace("corp", "dept"));
    let (url, region) = ("https://corp.awsapps.com/start", "eu-west-1");
    let rows: [Row<'_>; 15] = [
        (
            "unknown",
            two,
            &["nope"],
            3,
            &["there is no [sso-session nope] in ", "there are: corp, dept"],
        ),
        (
            "none at all",
            "",
            &["nope"],
            3,
            &["there is no [sso-session nope] in ", "`awsx config sso`"],
        ),
        ("none to choose", "", &[], 2, &["there is no [sso-session] in ", "--start-url"]),
        ("several", two, &[], 2, &["there are several sessions: corp, dept", "name one of them"]),
        (
            "no region",
            corp,
            &["corp"],
            3,
            &[".aws/config:1: [sso-session corp] has no sso_region", "hint: add sso_region at "],
        ),
        (
            "no region that is one",
            &*whole.replace("eu-west-1", "eu.evil.example/"),
            &["corp"],
            3,
            &[".aws/config:3", "hint: edit "],
        ),
        ("no such profile", whole, &["-p", "nope"], 3, &["profile \"nope\"", "hint: "]),
        (
            "a profile without a login",
            "[profile dev]\nregion = eu-west-1\n",
            &["-p", "dev"],
            2,
            &["profile \"dev\" does not use IAM Identity Center", "hint: `awsx explain`"],
        ),
        (
            "not https",
            "",
            &["--start-url", "http://corp.awsapps.com/start", "--sso-region", region],
            2,
            &["--start-url <URL>", "not an https URL, such as https://"],
        ),
        (
            "no host of AWS",
            "",
            &["--start-url", url, "--sso-region", "evil.example/"],
            2,
            &["--sso-region <REGION>", "not a region, such as eu-west-1"],
        ),
        ("half of it", "", &["--start-url", url], 2, &["--sso-region"]),
        ("twice", whole, &["corp", "-p", "sso"], 2, &["cannot be used with"]),
        ("port 0", whole, &["corp", "--port", "0"], 2, &["--port"]),
        ("no port", whole, &["corp", "--port", "65536"], 2, &["--port"]),
        (
            "a code needs no port",
            whole,
            &["corp", "--port", "4000", "--device-code"],
            2,
            &["cannot be used with"],
        ),
    ];
    for (docs, config, arguments, code, words) in rows {
        let sandbox = sandbox();
        sandbox.config(config);
        let words_of = [&["login", "sso", "--no-input"], arguments].concat();
        let ran = sandbox.awsx(&words_of).fails(code, words);
        assert!(sandbox.aws.calls().is_empty(), "{docs}: {ran:?}");
    }
}

#[test]
fn without_a_name_one_of_several_sessions_is_picked() {
    let sandbox = sandbox();
    let corp = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n\
                sso_region = eu-west-1\n";
    sandbox.config(&format!("{}{corp}", corp.replace("corp", "dept")));
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso"]);
    terminal.expect("dept").type_text("corp\r");
    allow(&sandbox);
    // No profile uses it yet.
    terminal.expect(DONE).expect("show a profile for each role? [y/N]").type_line("n");
    terminal.expect("`awsx sso sync corp` does it later").ends().ok();
    assert_eq!(sandbox.aws.count("ListAccounts"), 0);
}

#[test]
fn a_first_login_offers_a_profile_for_each_role() {
    for (docs, answer, shown, profiles) in [
        ("no", "n\r", "`awsx sso sync corp` does it later", 0),
        ("Ctrl-C: the login is done all the same", CTRL_C, "`awsx sso sync corp` does it later", 0),
        ("yes", "y\r", "Write it to ", 1),
    ] {
        let sandbox = sandbox();
        sandbox.config(
            "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\n\
             sso_region = eu-west-1\n",
        );
        let mut terminal = sandbox.awsx_on_terminal(&["login", "sso"]);
        allow(&sandbox);
        terminal.expect(DONE).expect("show a profile for each role? [y/N]").type_text(answer);
        terminal.expect(shown);
        if profiles > 0 {
            terminal.type_line("y").expect("is written");
        }
        terminal.ends().ok();
        let config = std::fs::read_to_string(sandbox.home().join(".aws/config")).unwrap();
        assert_eq!(config.matches("\nsso_session = corp\n").count(), profiles, "{docs}: {config}");
    }
}

#[test]
fn without_a_name_it_is_the_selected_profiles() {
    let sandbox = sandbox();
    let dept = "[sso-session dept]\nsso_start_url = https://dept.awsapps.com/start\n\
                sso_region = eu-west-1\n";
    sandbox.config(&format!("{dept}{}", crate::sso::CONFIG));
    sandbox.set("AWS_PROFILE", "behind");
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso"]);
    allow(&sandbox);
    terminal.expect("logged in to sso-session \"corp\"").ends().ok();
}

#[test]
fn what_aws_refuses() {
    let denied = Fault::Refuse { status: 400, code: "AccessDeniedException", message: "not you" };
    let throttled = Fault::TOO_MANY_REQUESTS;
    let sandbox = sandbox();
    sandbox.config(&crate::sso::CONFIG.replace("corp.awsapps.com", "gone.awsapps.com"));
    let login = ["login", "sso", "corp"];
    let ran = sandbox.awsx_on_terminal(&login).ends();
    ran.fails(5, &["sso-oidc:RegisterClient", "Invalid start url provided", "hint: "]);
    sandbox.config(crate::sso::CONFIG);
    for (docs, fault, times, code) in
        [("denied", denied, 1, 5), ("throttled", throttled, 3, 6), ("reset", Fault::Reset, 3, 6)]
    {
        sandbox.aws.control(|state| state.fail("RegisterClient", fault, times));
        let ran = sandbox.awsx_on_terminal(&login).ends();
        let ran = ran.fails(code, &["sso-session \"corp\"", "sso-oidc:RegisterClient", "hint: "]);
        assert!(super::unseen(&sandbox).is_empty(), "{docs}: {ran:?}");
    }
    // After the page: a code is redeemed once, whatever comes of it.
    for (docs, fault) in [("lost", Fault::LoseAnswer), ("reset", Fault::Reset)] {
        sandbox.aws.control(|state| {
            state.forget_calls();
            state.fail("CreateToken", fault, 1);
        });
        let mut terminal = sandbox.awsx_on_terminal(&login);
        allow(&sandbox);
        terminal.ends().fails(6, &["sso-session \"corp\"", "sso-oidc:CreateToken", "hint: "]);
        assert_eq!(sandbox.aws.count("CreateToken"), 1, "{docs}");
        sandbox.awsx(&["exec", "sso", "--", "true"]).fails(4, &LOGIN_NEEDED);
    }
    super::log_in(&sandbox);
}

/// The scopes are the session's; one that AWS does not know is AWS's to refuse.
#[test]
fn the_scopes_are_those_of_the_session() {
    let sandbox = sandbox();
    let with = |scopes: &str| {
        let line = format!("sso_registration_scopes = {scopes}\n[profile sso]");
        sandbox.config(&crate::sso::CONFIG.replace("[profile sso]", &line));
    };
    with("sso:account:access, codewhisperer:completions");
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso"]);
    let url = opened(&sandbox);
    assert!(url.contains("sso%3Aaccount%3Aaccess"), "{url}");
    assert!(url.contains("codewhisperer%3Acompletions"), "{url}");
    crate::fake_aws::browser::approve(&url);
    terminal.expect(DONE).ends().ok();
    sandbox.awsx(&["exec", "sso", "--", "true"]).ok();
    with("nonsense");
    let ran = sandbox.awsx_on_terminal(&["login", "sso"]).ends();
    ran.fails(5, &["sso-oidc:RegisterClient", "Unknown scope nonsense"]);
}

/// What a vault in memory holds is gone with the process, and that is said where it matters.
#[test]
fn a_vault_in_memory_keeps_no_login() {
    let sandbox = sandbox();
    sandbox.set("AWSX_VAULT", "memory");
    let login = sandbox.awsx_on_terminal(&["login", "sso", "corp"]).ends();
    login.fails(
        7,
        &["the vault is in memory, which forgets a login", "unset AWSX_VAULT", "--share"],
    );
    assert!(super::unseen(&sandbox).is_empty(), "no browser was opened");
    assert_eq!(sandbox.awsx(&["login", "status"]).ok().stdout, "");
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "sso", "--", "echo", "ran"]);
    terminal.expect("press Enter").type_line("");
    terminal.expect("the vault keeps nothing (memory), so this login ends with this command");
    allow(&sandbox);
    terminal.expect("ran").ends().ok();
    assert!(!sandbox.state_dir().exists());
}

/// Before a browser is opened, so that nobody logs in for nothing.
#[test]
fn a_vault_that_does_not_open() {
    let sandbox = Sandbox::new();
    super::furnish(&sandbox);
    sandbox.awsx(&["exec", "dev", "--", "true"]).ok();
    sandbox.awsx(&["lock"]).ok();
    sandbox.set("AWSX_PASSPHRASE", "another");
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp"]);
    terminal.expect("wrong passphrase");
    terminal.ends().fails(7, &["wrong passphrase (from AWSX_PASSPHRASE)", "hint: "]);
    assert!(super::unseen(&sandbox).is_empty());
    assert_eq!(sandbox.aws.count("RegisterClient"), 0);
}
