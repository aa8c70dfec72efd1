//! The first login on a machine: from nothing to a command that runs.

use super::LOGIN;
use crate::fake_aws::browser::deny;
use crate::given::{LOGGED_IN, SETTINGS};
use crate::sandbox::{SSO_SESSION, Sandbox};
use crate::terminal::Terminal;

const SECTION: &str = "\
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
";

fn empty_machine() -> Sandbox {
    let sandbox = Sandbox::new().at_a_browser();
    sandbox.config("");
    sandbox.credentials("");
    sandbox
}

/// From the page on: the session is written, and profiles for all roles.
fn go_on<'a>(sandbox: &Sandbox, mut terminal: Terminal<'a>) -> Terminal<'a> {
    sandbox.allow();
    terminal.expect(LOGGED_IN).expect("+ [sso-session corp]").expect("Write it to ");
    terminal.expect("[Y/n]").type_line("");
    terminal.expect("List your accounts, and show a profile for each role? [Y/n]").type_line("");
    terminal
}

#[test]
fn an_empty_machine_is_set_up_by_the_first_login() {
    let sandbox = empty_machine();
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso"]);
    terminal.expect("Start URL: ").type_line("");
    terminal.expect("Ctrl-C cancels").expect("Start URL: ").type_line("corp");
    terminal.expect("Region of IAM Identity Center: ").type_line("eu-west1");
    terminal
        .expect("not a region: did you mean eu-west-1?")
        .expect("Center: ")
        .type_line("eu-west-1");
    let mut terminal = go_on(&sandbox, terminal);
    terminal
        .expect("Region of these profiles (that of IAM Identity Center, or none) [eu-west-1]: ");
    terminal.type_line("eu-central-1").expect("+ Workloads-Dev/Developer");
    terminal.expect("Write it to ").expect("[Y/n]").type_line("").expect("config is written");
    terminal.expect("try one: `awsx exec Workloads-Dev/Developer -- aws sts get-caller-identity`");
    terminal.expect("for aws, boto3 and terraform without awsx: `awsx login sso corp --share`");
    terminal
        .expect("kept for the next sync: region = \"eu-central-1\" under [sso.corp] in ")
        .end()
        .ok();
    assert!(sandbox.read_config().starts_with(SECTION), "{}", sandbox.read_config());
    assert_eq!(sandbox.read(SETTINGS), "[sso.corp]\nregion = \"eu-central-1\"\n");
    sandbox.env_of("Workloads-Dev/Developer").prints("AWS_REGION=eu-central-1\n");
    sandbox.awsx(&["sso", "sync"]).ok().says("is up to date: 1 profiles");
}

/// Flags say where; a login that nothing could use is offered a name.
#[test]
fn a_login_by_its_address_gets_a_session() {
    let url = ["login", "sso", "--start-url", "https://corp.awsapps.com/start", "--sso-region"];
    let words = &[&url[..], &["eu-west-1"]].concat();
    let sandbox = empty_machine();
    let terminal = sandbox.awsx_on_terminal(words);
    let mut terminal = go_on(&sandbox, terminal);
    terminal.expect("Region of these profiles").type_line("none");
    terminal.expect("Write it to ").type_line("");
    terminal.expect(
        "these profiles have no region: commands need --region, or run `awsx sso sync corp",
    );
    terminal.end().ok();
    assert!(sandbox.read_config().starts_with(SECTION));

    // Who gets a shell is told; a command that needs a region says so itself.
    let said = "profile \"Workloads-Dev/Developer\" has no region: give --region, or run `awsx config set region";
    sandbox.set("SHELL", "/bin/sh");
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "Workloads-Dev/Developer"]);
    terminal.expect("a shell with ").expect(said).type_line("exit").end().ok();
    let evaluated = "eval \"$(awsx env Workloads-Dev/Developer)\"";
    sandbox.sh_on_terminal(evaluated).expect(said).end().ok();
    sandbox.exec_on_terminal("Workloads-Dev/Developer", &[]).end().ok().says_no("region");
    sandbox.awsx(&["env", "Workloads-Dev/Developer"]).ok().says_no("region");

    let sandbox = empty_machine();
    let hint = "hint: run `awsx config sso`, or give --start-url URL --sso-region REGION";
    sandbox.awsx(&["login", "sso"]).fails(2, &["there is no [sso-session] in ", hint]);
    for command in ["accounts", "roles", "sync"] {
        let ran = sandbox.awsx(&["sso", command]).exits(2);
        ran.says("hint: `awsx config sso` makes one\n");
    }
}

/// What was typed is in the command that tries again.
#[test]
fn a_first_login_that_fails_can_be_repeated() {
    for command in ["login", "config"] {
        let sandbox = empty_machine();
        let mut terminal = sandbox.awsx_on_terminal(&[command, "sso"]);
        terminal.expect("Start URL: ").type_line("corp");
        terminal.expect("Region of IAM Identity Center: ").type_line("eu-west-1");
        if command == "config" {
            terminal.expect("Name of the session [corp]: ").type_line("");
        }
        deny(&sandbox.next_page());
        let again = format!(
            "hint: run `awsx {command} sso --start-url https://corp.awsapps.com/start --sso-region \
             eu-west-1` again"
        );
        if command == "config" {
            terminal.expect("Change the answers? [Y/n]").type_line("n");
        }
        terminal.end().fails(5, &["the login was denied", &again]);
        assert_eq!(sandbox.read_config(), "", "nothing is written");
    }
}

#[test]
fn who_does_not_want_it_written_is_logged_in_all_the_same() {
    let sandbox = Sandbox::new().at_a_browser();
    sandbox.config(SSO_SESSION);
    let mut terminal = sandbox.awsx_on_terminal(&LOGIN);
    sandbox.allow();
    terminal.expect("profile for each role? [Y/n]").type_line("n");
    terminal.expect(
        "`awsx sso sync corp` does it later, `awsx config sso --session corp` for one role",
    );
    terminal.end().ok();
    assert_eq!(sandbox.read_config(), SSO_SESSION);
    // And is not asked each day.
    sandbox.log_in_with(&LOGIN).says(LOGGED_IN).says_no("profile for each role");
}
