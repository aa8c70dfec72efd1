//! `awsx config sso`: one profile, asked for step by step or said in flags.

use crate::given::SETTINGS;
use crate::sandbox::{AWSX, Sandbox};
use crate::terminal::{CTRL_C, CTRL_D, CTRL_Z, ESCAPE, Terminal};

const FLAGS: [&str; 7] = [
    "config",
    "sso",
    "--start-url=https://corp.awsapps.com/start",
    "--sso-region=eu-west-1",
    "--session=corp",
    "--account=222222222222",
    "--role=Developer",
];

const SESSION: &str = "\
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
";

const PROFILE: &str = "\
sso_session = corp
sso_account_id = 222222222222
sso_role_name = Developer
";

fn with_login() -> Sandbox {
    let sandbox = Sandbox::new().logged_in();
    sandbox.config("# mine");
    sandbox
}

#[test]
fn flags_can_say_everything() {
    let sandbox = with_login();
    let more = ["--profile-name=team", "--region=eu-north-1", "--yes"];
    let ran = sandbox.awsx(&[&FLAGS[..], &more].concat()).ok();
    let written = "awsx: [..]/.aws/config is written; use it: `awsx exec team -- aws sts get-caller-identity`, or `eval \
                   \"$(awsx env team)\"`";
    ran.stderr_is(&[written]);
    let first = format!("# mine\n\n{SESSION}\n[profile team]\n{PROFILE}region = eu-north-1\n");
    assert_eq!(sandbox.read_config(), first);
    sandbox.exec("team", &[]).ok();

    // The session is there now; a name and a region come from awsx's own settings.
    sandbox.write(
        SETTINGS,
        "[sso.corp]\nregion = \"eu-south-1\"\nprofile_name = \"{role_name:lower}\"\n\
         [[sso.corp.rules]]\nskip = true\n",
    );
    sandbox.awsx(&["config", "sso", "--role", "Developer", "--yes"]).ok();
    let second = format!("{first}\n[profile developer]\n{PROFILE}region = eu-south-1\n");
    assert_eq!(sandbox.read_config(), second);
}

#[test]
fn a_person_is_asked_for_the_rest() {
    let sandbox = with_login();
    sandbox.aws.control(|state| state.portal.grow(2, 2));
    let mut terminal = sandbox.awsx_on_terminal(&["config", "sso"]);
    terminal.expect("Start URL: ").type_line("http://corp.awsapps.com/start");
    terminal.expect("not an https URL").expect("Start URL: ");
    terminal.type_line("corp");
    terminal.expect("Region of IAM Identity Center: ").type_line("nowhere");
    terminal.expect("not a region, such as eu-west-1").expect("Center: ").type_line("eu-west-1");
    terminal.expect("Name of the session [corp]: ").type_line("");
    terminal.expect("Account").expect("Workloads Dev 1 (500000007919)");
    terminal.type_text("dev 1").type_text("\r");
    terminal.expect("Role").expect("ReadOnly").type_text("read").type_text("\r");
    terminal.expect("Name of the profile [Workloads-Dev-1/ReadOnly]: ").type_line("a b");
    terminal.expect("not all AWS tools read such a name").expect("Name of the profile");
    terminal.type_line("work");
    terminal.expect("Region of the profile (that of IAM Identity Center, or none) [eu-west-1]: ");
    terminal.type_line("none");
    terminal.expect("+ [profile work]").expect("Write it to ~/.aws/config? [Y/n]").type_line("y");
    terminal.expect("is written").expect("profile \"work\" has no region: give --region, or run");
    terminal.end().ok();
    let profile = "sso_session = corp\nsso_account_id = 500000007919\nsso_role_name = ReadOnly\n";
    assert_eq!(sandbox.read_config(), format!("# mine\n\n{SESSION}\n[profile work]\n{profile}"));

    let mut terminal = sandbox.awsx_on_terminal(&["config", "sso", "--session=corp", "--yes"]);
    terminal.expect("Account").type_text(ESCAPE).end().exits(130);
}

/// Arrows and the keys of a shell's line edit an answer; nothing of them gets into it.
#[test]
fn answers_are_edited() {
    let sandbox = with_login();
    let mut terminal = sandbox.awsx_in(10, 60, &["config", "sso"]);
    terminal.expect("Start URL: ").type_text("\x1b[Aconrp\x1b[D\x1b[D\x7f\x1b[B");
    terminal.expect_screen(&["Start URL: corp"]).type_line("");
    terminal.expect("Center: ").type_text("us-east-1 eu-west-1\x01\x1b[3~\x1b[C\x15");
    terminal
        .expect_screen(&["Start URL: corp", "Region of IAM Identity Center: -east-1 eu-west-1"]);
    terminal.type_text("\x05\x17\x15eu-west-1").type_line("").expect("session [corp]: ");
    let name = "日本語の名前はどこにでもあるので長い行はここで折り返すよ";
    terminal.type_text(name).expect_screen(&[
        "Start URL: corp",
        "Region of IAM Identity Center: eu-west-1",
        "Name of the session [corp]: 日本語の名前はどこにでもあるの",
        "で長い行はここで折り返すよ",
    ]);
    terminal.resize(10, 70).expect_screen(&[
        "Start URL: corp",
        "Region of IAM Identity Center: eu-west-1",
        "Name of the session [corp]: 日本語の名前はどこにでもあるので長い行は",
        "ここで折り返すよ",
    ]);
    terminal.type_line("").expect("not all AWS tools read such a name").expect("[corp]: ");
    terminal.type_text(CTRL_D).end().exits(130);
    assert_eq!(sandbox.read_config(), "# mine");
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_has_lines_of_its_own() {
    let sandbox = with_login();
    let mut terminal = sandbox.sh_on_terminal("TERM=dumb awsx config sso");
    terminal.expect("Start URL: ").type_line("corp").expect("Identity Center: ");
    terminal.type_text(CTRL_C).end().exits(130).prints_no("\u{1b}");
}

#[test]
fn a_question_that_is_stopped_keeps_what_was_typed() {
    let sandbox = with_login();
    let mut command = sandbox.command("bash");
    command.args(["--norc", "--noprofile", "--noediting", "-i"]).env("PS1", "ready> ");
    let mut terminal = Terminal::start(&sandbox, command);
    terminal.expect("ready> ").type_line(&format!("{AWSX} config sso")).expect("Start URL: ");
    terminal.type_text("corp").expect("corp").type_text(CTRL_Z).expect("Stopped").expect("ready> ");
    assert!(terminal.echoes(), "the shell has its terminal back");
    terminal.type_line("fg").expect("Start URL: corp").type_text(CTRL_C);
    terminal.expect("cancelled at the prompt").expect("ready> ").type_line("exit").end();
}

/// Who does not want what is shown is asked again; Enter alone says what was said before.
#[test]
fn answers_can_be_taken_back() {
    let sandbox = with_login();
    sandbox.aws.control(|state| state.portal.grow(2, 2));
    let mut terminal = sandbox.awsx_on_terminal(&["config", "sso"]);
    terminal.expect("Start URL: ").type_line("corp").expect("Center: ").type_line("eu-west-1");
    terminal.expect("session [corp]: ").type_line("").expect("Account").type_text("dev 1\r");
    terminal.expect("Role").type_text("read\r");
    terminal.expect("profile [Workloads-Dev-1/ReadOnly]: ").type_line("worl");
    terminal.expect("[eu-west-1]: ").type_line("none").expect("+ [profile worl]");
    terminal.expect("[Y/n]").type_line("n").expect("nothing is written");
    terminal.expect("Change the answers? [Y/n]").type_line("");
    let before = "Start URL [https://corp.awsapps.com/start]: ";
    terminal.expect(before).type_line("").expect("Center [eu-west-1]: ").type_line("");
    terminal.expect("session [corp]: ").type_line("").expect("Account").type_text("dev 1\r");
    terminal.expect("Role").type_text("read\r").expect("profile [worl]: ").type_line("work");
    terminal.expect("Region of the profile (or none) [none]: ").type_line("eu-north-1");
    terminal.expect("+ [profile work]").expect("[Y/n]").type_line("n");
    // Another role has another name.
    terminal.expect("Change the answers? [Y/n]").type_line("").expect(before).type_line("");
    terminal.expect("Center [eu-west-1]: ").type_line("").expect("[corp]: ").type_line("");
    terminal.expect("Account").type_text("222222222222\r");
    terminal.expect("profile [").type_line("").expect("[eu-north-1]: ").type_line("");
    terminal.expect("Write it to").expect("[Y/n]").type_line("n");
    terminal.expect("Change the answers? [Y/n]").type_line("n").end().ok();
    assert_eq!(sandbox.read_config(), "# mine");
}

#[test]
fn answers_that_aws_does_not_know_can_be_taken_back() {
    let sandbox = Sandbox::new().at_a_browser();
    sandbox.config("# mine");
    let refused = "error: sso-session \"crop\": sso-oidc:RegisterClient was refused";
    for (docs, answer, code) in [("no", "n", 5), ("yes", "", 0)] {
        let mut terminal = sandbox.awsx_on_terminal(&["config", "sso"]);
        terminal.expect("Start URL: ").type_line("crop").expect("Center: ").type_line("eu-west-1");
        terminal.expect("session [crop]: ").type_line("").expect(refused).expect("hint: check");
        terminal.expect("Change the answers? [Y/n]").type_line(answer);
        if code == 0 {
            let before = "Start URL [https://crop.awsapps.com/start]: ";
            terminal.expect(before).type_line("corp").expect("Center [eu-west-1]: ").type_line("");
            terminal.expect("session [corp]: ").type_line("");
            sandbox.allow();
            terminal.expect("logged in to sso-session \"corp\"").expect("Name of the profile");
            terminal.type_line("work").expect("Region of").type_line("");
            terminal.expect("Write it to").type_line("");
        }
        let ran = terminal.end().exits(code);
        assert_eq!(ran.stdout.matches(refused).count(), 1, "{docs}: {ran:?}");
    }
    assert!(sandbox.read_config().starts_with(&format!("# mine\n\n{SESSION}\n[profile work]\n")));
    // Flags are no answers.
    let mut flags = FLAGS.to_vec();
    flags[2] = "--start-url=https://crop.awsapps.com/start";
    flags[4] = "--session=crop";
    sandbox.awsx_on_terminal(&flags).end().exits(5).prints_no("Change the answers?");
}

/// Nobody logs in for a name that cannot be had, and where the login is done that is said.
#[test]
fn the_name_is_checked_before_the_login() {
    let sandbox = Sandbox::new().at_a_browser();
    let words = [&FLAGS[..], &["--yes", "--region=eu-west-3", "--profile-name"]].concat();
    let taken = [".aws/config:3: profile \"prod\" has role_arn already", "another --profile-name"];
    sandbox.config("# mine\n[profile prod]\nrole_arn = x\n");
    sandbox.awsx_on_terminal(&[&words[..], &["prod"]].concat()).end().fails(3, &taken);
    assert!(sandbox.open_pages().is_empty());
    let mut terminal = sandbox.awsx_on_terminal(&[&words[..], &["team"]].concat());
    sandbox.allow();
    terminal.expect("logged in to sso-session \"corp\"").expect("config is written").end().ok();
}

/// What the environment or the profile `default` says is what most people want.
#[test]
fn a_region_at_hand_is_offered() {
    for (docs, variables, default) in [
        ("the environment's", "AWS_REGION=eu-south-1", "eu-south-1"),
        ("that of default", "AWSX_LOG=off", "eu-north-1"),
    ] {
        let sandbox = with_login();
        sandbox.set_all(variables);
        sandbox.config("[default]\nregion = eu-north-1\n");
        let mut terminal =
            sandbox.awsx_on_terminal(&[&FLAGS[..], &["--profile-name=team"]].concat());
        terminal.expect(&format!("Region of the profile (or none) [{default}]: ")).type_line("");
        terminal.expect("Write it to ").type_line("").end().ok();
        let written = sandbox.read_config();
        assert!(written.ends_with(&format!("region = {default}\n")), "{docs}: {written}");
    }
}

/// As `aws configure sso` does: what the profile has stays.
#[test]
fn a_profile_without_credentials_gets_them() {
    let sandbox = with_login();
    let session = SESSION.replace("corp]", "'Old Corp']");
    sandbox.config(&format!("[default]\nregion = eu-west-3\n{session}"));
    let words = ["config", "sso", "--session=Old Corp", "--profile-name=default"];
    let ran = sandbox.awsx(&[&words[..], &["--yes"]].concat());
    ran.fails(4, &["needs a login", "run `awsx login sso"]);
    sandbox.config(&format!("[default]\nregion = eu-west-3\n{SESSION}"));
    let ran = sandbox.awsx(&["config", "sso", "--profile-name=default", "--yes"]).ok();
    let keys = PROFILE.lines().map(|line| format!("+ {line}\n")).collect::<String>();
    assert_eq!(ran.stdout, format!("~/.aws/config\n  [default]\n{keys}"));
    let expected = format!("[default]\nregion = eu-west-3\n{PROFILE}{SESSION}");
    assert_eq!(sandbox.read_config(), expected);
    sandbox.exec("default", &[]).ok();
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    // Without the flag that begins so, but with others.
    let but = |flag: &str, others: &[&'static str]| -> Vec<&'static str> {
        let rest = FLAGS.into_iter().filter(|known| !known.starts_with(flag));
        rest.chain(others.iter().copied()).collect()
    };
    let yes = &["--yes"][..];
    let there = &*format!("{SESSION}[profile team]\nrole_arn = x\n");
    let asked = "nobody can be asked";
    let no_account = ["no account of yours at sso-session \"corp\" is 111111111111", "hint: "];
    let no_role = ["no role of yours in account 222222222222 is Admin", "awsx sso roles"];
    let taken = [".aws/config:6: profile \"team\" has role_arn already", "another --profile-name"];
    let name = ["not all AWS tools read such a name", "give --session another name"];
    let differs =
        ["[sso-session corp] is there already, and --start-url differs", "leave the flag out"];
    let no_login = ["sso-session \"lab\" needs a login", "run `awsx config sso` in a terminal"];
    for (written, args, code, words) in [
        ("", but("--start-url", yes), 4, [asked, "give --start-url URL"]),
        ("", but("--sso-region", yes), 4, [asked, "give --sso-region REG"]),
        ("", but("--session", yes), 4, [asked, "give --session NAME"]),
        ("", but("--account", yes), 4, [asked, "give --account NAME|ID"]),
        ("", but("none", &["--region=x", "--profile-name=a"]), 4, ["nobody", "give --yes"]),
        ("", but("none", &[]), 4, [asked, "give --profile-name NAME"]),
        ("", but("--account", &["--account=111111111111", "--yes"]), 2, no_account),
        ("", but("--role", &["--yes", "--role=Admin"]), 2, no_role),
        (there, but("none", &["--profile-name=team", "--yes"]), 3, taken),
        (there, but("--start-url", &["--yes", "--start-url=https://other"]), 2, differs),
        ("", but("--session", &["--yes", "--session=lab"]), 4, no_login),
        ("", but("--session", &["--session=two words", "--yes"]), 2, name),
        ("", vec!["config", "sso", "--start-url=x"], 2, ["not an https URL", "--help"]),
    ] {
        let sandbox = Sandbox::with_sso(1, 1).logged_in();
        sandbox.config(written);
        sandbox.awsx(&args).fails(code, &words);
        assert_eq!(sandbox.read_config(), written, "{args:?}");
    }
}
