//! An agent runs awsx: nobody is asked, and CloudTrail can tell.

use serde_json::Value;

use crate::fake_aws::sample::MFA_SERIAL;
use crate::given::sso_config;
use crate::sandbox::{AWSX, Sandbox};
use crate::terminal::{CTRL_C, Terminal};

/// What it says on a terminal that it ends with code 4: one document on one line.
fn refused(mut terminal: Terminal<'_>) -> Value {
    let ran = terminal.end().exits(4);
    let said: Vec<&str> = ran.stdout.lines().filter(|line| line.starts_with('{')).collect();
    let [line] = said[..] else { panic!("{ran:?}") };
    serde_json::from_str(line).unwrap()
}

#[test]
fn an_agent_at_a_terminal_is_asked_nothing_and_opens_nothing() {
    let sandbox = Sandbox::new();
    sandbox.open_browsers();
    sandbox.config(&sso_config());
    for (variable, value, agent) in [("CLAUDECODE", "1", true), ("CLAUDECODE", "0", false)] {
        sandbox.set(variable, value);
        let mut terminal = sandbox.awsx_in(24, 2000, &["exec", "sso", "--", "true"]);
        match agent {
            true => {
                let error = &refused(terminal)["error"];
                assert_eq!(error["kind"], "input_needed");
                assert_eq!(error["command"], "awsx login sso corp");
            }
            false => {
                terminal.expect("Log in to corp in the browser?").type_text(CTRL_C);
                terminal.end();
            }
        }
    }
    sandbox.set("CLAUDECODE", "1");
    for command in [
        &["login", "sso", "corp"][..],
        &["login", "aws"],
        &["login", "sso", "corp", "--no-browser"],
    ] {
        let error = &refused(sandbox.awsx_in(24, 2000, command))["error"];
        let said = error["message"].as_str().unwrap();
        assert!(said.contains("nobody can be asked: an agent runs awsx (CLAUDECODE)"), "{said}");
        let next = error["command"].as_str().unwrap();
        assert!(next.starts_with("awsx login "), "{next}");
    }
    assert!(sandbox.open_pages().is_empty());
    assert!(sandbox.aws.operations().is_empty());
}

#[test]
fn what_a_person_opened_serves_the_agent_under_its_own_name_where_it_can() {
    let sandbox = Sandbox::new();
    let session = |flags: &[&str]| {
        let line = [&["exec"], flags, &["--", AWSX, "whoami", "--json"]].concat();
        let who = sandbox.awsx(&line).ok().json();
        who["arn"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
    };
    sandbox.set("USER", "ann");
    // Above an hour the role is assumed with the code itself.
    for (flags, named) in
        [(&["prod"][..], "awsx-ann-agent"), (&["prod", "--duration", "2h"], "awsx-ann")]
    {
        sandbox.set("AWSX_CALLER", "agent");
        let line = [&["exec"], flags, &["--", "true"]].concat();
        let error = sandbox.awsx(&line).exits(4).error_json();
        let said = error["error"]["message"].as_str().unwrap();
        assert!(said.contains(MFA_SERIAL) && said.contains("(AWSX_CALLER)"), "{said}");
        // The person does what it says.
        let command = error["error"]["command"].as_str().unwrap();
        assert_eq!(command, format!("awsx {}", line.join(" ")));
        sandbox.unset("AWSX_CALLER");
        let mut terminal = sandbox.awsx_on_terminal(&line);
        terminal.expect("MFA code for").type_line(&sandbox.code());
        terminal.end().ok();
        sandbox.set("AWSX_CALLER", "agent");
        assert_eq!(session(flags), named);
        sandbox.unset("AWSX_CALLER");
        assert_eq!(session(flags), "awsx-ann");
    }
}
