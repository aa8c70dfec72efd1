//! What cannot be renewed without a person, and who says that a command is served.

use crate::fake_aws::sample;
use crate::given::wait_for;
use crate::sandbox::{CONFIG, Sandbox};
use crate::terminal::Terminal;

use super::{Address, UNTIL};

/// `awsx exec --server prod` on a terminal, whose sessions last so many seconds, with its first code.
fn start<'a>(sandbox: &'a Sandbox, seconds: i64) -> (Terminal<'a>, Address) {
    sandbox.aws.control(|state| state.iam.longest_session = Some(seconds));
    start_with(sandbox, &["prod", "--mfa-code", &sandbox.code()])
}

fn start_with<'a>(sandbox: &'a Sandbox, profile: &[&str]) -> (Terminal<'a>, Address) {
    std::fs::create_dir_all(sandbox.home().join("planted")).unwrap();
    let line = sandbox.marked(&format!(
        "env > planted/server.new; mv planted/server.new planted/server; {UNTIL}; echo done"
    ));
    let words = [&["exec", "--server"], profile, &["--", "sh", "-c", &line]].concat();
    let terminal = sandbox.awsx_on_terminal(&words);
    let file = sandbox.home().join("planted/server");
    let lines = wait_for("the command", || std::fs::read_to_string(&file).ok());
    let address = Address::read(&lines);
    sandbox.plant(&address.token);
    (terminal, address)
}

fn end(sandbox: &Sandbox, terminal: &mut Terminal<'_>, address: &Address) -> String {
    sandbox.write("planted/enough", "");
    let ran = terminal.end().exits(0).prints("done");
    sandbox.nothing_is_left(address);
    ran.stdout
}

/// Asks until the server answers so.
fn wait_for_status(address: &Address, status: u16) -> serde_json::Value {
    wait_for("the answer", || match address.ask() {
        Some((found, document)) if found == status => Some(document),
        _ => None,
    })
}

/// Asks until the server says that, and no more that it is trying.
fn wait_for_refusal(address: &Address, words: &str) {
    wait_for(words, || {
        let refusal = wait_for_status(address, 503);
        refusal["message"].as_str()?.starts_with(words).then_some(())
    });
}

#[test]
fn what_needs_a_code_is_said_once_and_renewed_from_another_terminal() {
    let sandbox = Sandbox::new();
    let notify = r#"notify_command = "env > planted/told.new; mv planted/told.new planted/told""#;
    sandbox.write(".config/awsx/config.toml", notify);
    let (mut terminal, address) = start(&sandbox, 4);
    let words = "the session of prod is over: `awsx renew prod` in any terminal makes a new one (";
    wait_for_refusal(&address, words);
    terminal.expect("\nawsx: the session of prod ends ");
    terminal.expect(": `awsx renew prod` in any terminal makes a new one");
    let told = wait_for("notify_command", || {
        std::fs::read_to_string(sandbox.home().join("planted/told")).ok()
    });
    for line in ["AWSX_NOTIFY_PROFILE=prod", "AWSX_NOTIFY_COMMAND=awsx renew prod"] {
        assert!(told.lines().any(|found| found == line), "{line}: {told}");
    }
    assert!(!told.contains("AWSX_PASSPHRASE=") && !told.contains("AWS_SECRET"), "{told}");
    (0..20).for_each(|_| drop(wait_for_status(&address, 503)));
    sandbox.awsx(&["renew"]).fails(4, &["needs the MFA code"]);

    sandbox.aws.control(|state| state.iam.longest_session = None);
    let mut another = sandbox.awsx_on_terminal(&["renew"]);
    another.expect("MFA code for").type_line(&sandbox.code());
    another.end().exits(0).prints("awsx: the session of prod holds until ");
    wait_for_status(&address, 200);
    sandbox.awsx(&["renew"]).ok().stderr_is(&["awsx: nothing waits to be renewed"]);
    let shown = end(&sandbox, &mut terminal, &address);
    assert_eq!(shown.matches("in any terminal").count(), 1, "{shown}");
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);
}

#[test]
fn a_login_that_ends_is_done_again_from_another_terminal() {
    let sandbox = Sandbox::not_logged_in();
    sandbox.log_in();
    let last = |seconds| {
        sandbox.aws.control(|state| {
            state.portal.assignments.iter_mut().for_each(|role| role.seconds = seconds);
        });
    };
    last(8);
    let (mut terminal, address) = start_with(&sandbox, &["sso"]);
    wait_for_status(&address, 200);
    sandbox.aws.control(|state| state.end_logins());
    wait_for_refusal(&address, "the session of sso is over: `awsx renew sso` in any terminal");
    terminal.expect("\nawsx: the session of sso ends ");
    sandbox.awsx(&["renew"]).fails(4, &["corp", "awsx login sso"]);
    last(3600);
    let mut another = sandbox.awsx_on_terminal(&["renew"]);
    another.expect("[Y/n]").type_line("");
    sandbox.allow();
    another.end().exits(0).prints("awsx: the session of sso holds until ");
    wait_for_status(&address, 200);
    let shown = end(&sandbox, &mut terminal, &address);
    assert_eq!(shown.matches("in any terminal").count(), 1, "{shown}");
}

#[test]
fn a_login_that_is_over_is_renewed_by_name() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("{CONFIG}\n[profile stays]\n"));
    sandbox.awsx(&["renew", "readonly"]).ok().says("awsx: the session of readonly holds until ");
    let held = "awsx: the session of readonly holds until ";
    sandbox
        .awsx(&["renew", "nope", "readonly", "never"])
        .fails(3, &["\"nope\"", held, "\"never\""]);
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn what_a_killed_server_left_is_swept() {
    let sandbox = Sandbox::new();
    let text = r#"{"version":1,"name":"prod","profile":"prod","flags":[],"pid":1,"ends_at":null}"#;
    sandbox.write_mode(".local/state/awsx/waiting/0011aabb0011aabb.json", text, 0o600);
    let folder = sandbox.state_dir().join("waiting");
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    sandbox.awsx(&["renew"]).ok().stderr_is(&["awsx: nothing waits to be renewed"]);
    assert!(sandbox.records("waiting").is_empty());
}

#[test]
fn a_vault_in_memory_cannot_be_helped() {
    let sandbox = Sandbox::new();
    sandbox.set("AWSX_VAULT", "memory");
    let (mut terminal, address) = start(&sandbox, 4);
    wait_for_refusal(&address, "the session of prod is over: start the command again");
    terminal.expect("start the command again, as the vault is in memory alone");
    end(&sandbox, &mut terminal, &address);
}

#[test]
fn the_profile_or_min_ttl_may_ask_for_a_server() {
    let sandbox = Sandbox::new();
    let served = format!(
        "[profile served]\nrole_arn = {}\nsource_profile = dev\nserver = true\n",
        sample::READ_ONLY
    );
    sandbox.config(&format!("{CONFIG}\n{served}"));
    let env = |flags: &[&str], profile: &str| {
        sandbox.awsx(&[&["exec"], flags, &[profile, "--", "env"]].concat()).ok()
    };
    const SERVER: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI=";
    env(&[], "served").prints(SERVER).prints_no("AWS_SECRET_ACCESS_KEY=");
    env(&["--no-server"], "served").prints("AWS_SECRET_ACCESS_KEY=").prints_no(SERVER);
    assert_eq!(sandbox.explain("served")["server"], true);
    assert_eq!(sandbox.explain("readonly")["server"], false);
    sandbox.awsx(&["explain", "served"]).ok().prints("server   `awsx exec` lets the command ask");

    let ran = env(&["--min-ttl", "2h"], "readonly").prints(SERVER);
    ran.stderr_is(&[
        "awsx: no session lasts as long as --min-ttl, so a server renews it (--no-server: none does)",
    ]);
    let refused =
        sandbox.awsx(&["exec", "--no-server", "--min-ttl", "2h", "readonly", "--", "env"]);
    refused.exits(2).says("--min-ttl 2h cannot be had");
    env(&["--min-ttl", "30m"], "readonly").prints_no(SERVER);
    sandbox.config(&format!("{CONFIG}\n{}", served.replace("true", "perhaps")));
    sandbox.exec("served", &[]).fails(3, &["server", "is neither true nor false"]);
}
