//! The words that people bring from other tools, and what stands in the place of a command.

use crate::given::{LOGGED_IN, console_profile};
use crate::sandbox::{CONFIG, SSO_SESSION, Sandbox};
use crate::terminal::CTRL_C;

#[test]
fn other_tools_names_work() {
    let sandbox = Sandbox::new();
    for word in ["list", "ls"] {
        sandbox.awsx(&[word]).ok().prints("readonly");
    }
    for word in ["shell", "assume"] {
        sandbox.awsx(&[word, "readonly", "--", "env"]).ok().prints("AWSX_PROFILE=readonly\n");
    }
    sandbox.awsx(&["version"]).ok().prints("awsx ");
    sandbox.awsx(&["configure", "sso", "--yes"]).fails(4, &["give --start-url URL"]);
}

#[test]
fn a_first_word_that_is_no_command_is_told() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("{CONFIG}{SSO_SESSION}[profile 'two words']\nregion = x\n"));
    for (line, said, hint) in [
        (&["dev", "ls", "-l"][..], "dev is a profile, and no", "run `awsx exec dev -- ls …`"),
        (&["dev"], "dev is a profile, and no", "run `awsx exec dev`"),
        (&["dev", "--", "ls"], "dev is a profile", "run `awsx exec dev -- ls`"),
        (&["dev", "--duration", "1h"], "dev is a profile", "run `awsx exec dev …`"),
        (&["two words", "a b"], "two words is a prof", "run `awsx exec 'two words' -- 'a b'`"),
        (&["corp"], "corp is an [sso-session]", "run `awsx login corp`"),
        (
            &["raedonly", "ls"],
            "awsx has no command",
            "did you mean the profile readonly? `awsx exec r",
        ),
    ] {
        let hint = format!("hint: {hint}");
        sandbox.awsx(line).fails(2, &[&format!("error: {said}"), &hint]);
    }
    sandbox.awsx(&["sso", "dev"]).exits(2).says_no("is a profile");
    sandbox.awsx(&["nonsense"]).fails(2, &["`awsx` has no command nonsense"]);
}

/// As `aws sso login` and `aws sso logout` have them.
#[test]
fn the_aws_clis_words_log_in_and_out() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in_with(&["sso", "login"]).says(LOGGED_IN);
    sandbox.awsx(&["sso", "logout"]).ok().says("logged out of sso-session \"corp\"");
    sandbox.log_in_with(&["sso", "login", "--profile", "behind"]).says(LOGGED_IN);
    sandbox.log_in_with(&["sso", "login", "--sso-session", "corp"]).says(LOGGED_IN);
    let help = sandbox.awsx(&["sso", "--help"]).ok().stdout;
    assert!(!help.contains("login") && !help.contains("logout"), "one name is shown: {help}");
}

#[test]
fn login_alone_takes_what_the_name_needs() {
    for words in [&["login"][..], &["login", "corp"], &["login", "sso"], &["login", "behind"]] {
        let sandbox = Sandbox::not_logged_in();
        sandbox.log_in_with(words).says(LOGGED_IN);
    }
    // A profile's name in the place of a session's.
    for words in [["login", "sso", "sso"], ["sso", "login", "behind"]] {
        Sandbox::not_logged_in().log_in_with(&words).says(LOGGED_IN);
    }
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in_with(&["login", "old"]).says("logged in to https://corp.awsapps.com/start");

    let sandbox = Sandbox::not_logged_in();
    sandbox.config(&console_profile());
    for words in [&["login"][..], &["login", "console"]] {
        let mut terminal = sandbox.awsx_on_terminal(words);
        terminal.expect("signing in to AWS in the browser");
        sandbox.next_page();
        terminal.type_text(CTRL_C).end().exits(130);
    }
}

#[test]
fn a_login_that_a_name_does_not_need_is_told() {
    let sandbox = Sandbox::new().sso_profiles();
    let config = sandbox.read_config();
    sandbox.config(&format!("{CONFIG}{config}[profile bare]\nregion = eu-west-1\n"));
    let own =
        ["profile \"readonly\" needs no login: it has credentials of its own", "awsx exec rea"];
    sandbox.awsx(&["login", "readonly"]).fails(2, &own);
    let none = "there is no profile and no [sso-session] \"crop\" in ";
    sandbox
        .awsx(&["login", "crop"])
        .fails(3, &[none, "did you mean \"corp\"? run `awsx login corp`"]);
    sandbox
        .awsx(&["login", "nobody"])
        .fails(3, &["\"nobody\"", "`awsx login aws nobody` signs in"]);
    // One without credentials gets a sign-in.
    let words = ["AWS sign-in: a person must sign in", "run `awsx login aws bare` in a terminal"];
    sandbox.awsx(&["login", "bare"]).fails(4, &words);
    let both = format!(
        "{config}{}[profile lab]\nsso_session = corp\n",
        SSO_SESSION.replace("corp]", "lab]")
    );
    sandbox.config(&both);
    let words =
        ["\"lab\" is an [sso-session], and a profile of another one", "login sso --profile lab`"];
    sandbox.awsx(&["login", "lab"]).fails(2, &words);
    let order = ["belongs behind it", "as in `awsx login sso SESSION --no-browser`"];
    sandbox.awsx(&["login", "--no-browser", "sso", "corp"]).fails(2, &order);
}

#[test]
fn on_an_empty_machine_login_asks_for_the_place() {
    let sandbox = Sandbox::new().at_a_browser();
    sandbox.config("");
    sandbox.credentials("");
    let words =
        ["says where to log in", "`awsx config sso` sets up IAM Identity Center, `awsx login"];
    sandbox.awsx(&["login"]).fails(2, &words);
    let mut terminal = sandbox.awsx_on_terminal(&["login"]);
    terminal.expect("Log in at").expect("IAM Identity Center").type_text("\r");
    terminal.expect("Start URL: ").type_text(CTRL_C).end().exits(130);
}
