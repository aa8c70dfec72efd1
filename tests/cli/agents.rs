//! An agent runs awsx: nobody is asked, and CloudTrail can tell.

use serde_json::Value;

use crate::fake_aws::sample::MFA_SERIAL;
use crate::fake_aws::state::Call;
use crate::given::{SETTINGS, sso_config};
use crate::guard;
use crate::ran::Ran;
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

/// What awsx's own settings say, and the agent that runs awsx now.
fn ruled(settings: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(SETTINGS, settings);
    sandbox.set("CODEX_THREAD_ID", "0198");
    sandbox
}

/// What a person at a terminal answers to all requests, or to one.
fn approve(sandbox: &Sandbox, request: &[&str], answer: &str) -> Ran {
    sandbox.unset("CODEX_THREAD_ID");
    let mut terminal = sandbox.awsx_on_terminal(&[&["approve"], request].concat());
    terminal.expect("[N]o? ").type_line(answer);
    let ran = terminal.end().ok();
    sandbox.set("CODEX_THREAD_ID", "0198");
    ran
}

fn request_of(refused: &Ran) -> String {
    let (_, behind) = refused.stderr.split_once("`awsx approve ").unwrap();
    behind.split('`').next().unwrap().to_owned()
}

#[test]
fn a_profile_that_is_denied_to_agents_needs_a_person_each_time() {
    let sandbox = ruled("[agents]\nallow = [\"d*\", \"au*\"]\ndeny = \"*PROD*\"\n");
    sandbox.exec("dev", &[]).ok();
    for (profile, why) in [
        ("prod", "deny names it (~/.config/awsx/config.toml:3)"),
        ("readonly", "allow does not name it (~/.config/awsx/config.toml:2)"),
    ] {
        let said = format!("error: profile \"{profile}\" is not for agents: {why}");
        for command in [
            &["exec", profile, "--", "true"][..],
            &["env", profile],
            &["credential-process", profile],
        ] {
            sandbox
                .awsx(command)
                .fails(5, &[&said, "hint: a person lets it through: `awsx approve "]);
        }
    }
    // It draws on prod.
    sandbox.exec("audit", &[]).fails(5, &["profile \"prod\" is not for agents: deny names it"]);
    // A person may, and is asked nothing of agents.
    sandbox.unset("CODEX_THREAD_ID");
    sandbox.exec("readonly", &[]).ok();
    sandbox.set("CODEX_THREAD_ID", "0198");

    let line = ["exec", "readonly", "--", "sh", "-c", "echo planted-argument"];
    let request = request_of(&sandbox.awsx(&line).exits(5));
    // Arguments may be secrets: sealed at rest, shown to the person alone.
    for file in std::fs::read_dir(sandbox.state_dir().join("requests")).unwrap() {
        let text = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains("planted"));
    }
    let asked = approve(&sandbox, &[&request], "once");
    asked.prints(
        "codex wants readonly (allow does not name it, ~/.config/awsx/config.toml:2), just now in ",
    );
    let other = ["exec", "readonly", "--", "sh", "-c", "echo other"];
    sandbox.awsx(&other).exits(5);
    assert_eq!(sandbox.awsx(&line).ok().stdout, "planted-argument\n");
    sandbox.awsx(&line).exits(5);
    // For an hour, and not for another agent nor elsewhere.
    let request = request_of(&sandbox.awsx(&line).exits(5));
    approve(&sandbox, &[&request], "h");
    sandbox.awsx(&line).ok();
    sandbox.awsx(&line).ok();
    sandbox.set("AWSX_CALLER", "agent");
    sandbox.unset("CODEX_THREAD_ID");
    sandbox.awsx(&line).exits(5);
    sandbox.unset("AWSX_CALLER");
    sandbox.set("CODEX_THREAD_ID", "0198");
    // No is an answer too.
    let request = request_of(&sandbox.awsx(&other).exits(5));
    approve(&sandbox, &[&request], "");
    sandbox.awsx(&other).exits(5);
}

/// What hands nothing over, but signs with a profile's credentials, is under the same rule.
#[test]
fn what_only_signs_with_a_denied_profile_needs_a_person_too() {
    let sandbox = ruled("[agents]\ndeny = \"dev\"\n");
    let readonly = ["whoami", "readonly"];
    for line in [
        &["whoami", "dev"][..],
        &readonly,
        &["sts", "get-caller-identity", "-p", "readonly"],
        &["mfa", "login", "prod"],
        &["mfa", "enable", "--for", "dev", "--yes"],
        &["keys", "rotate", "dev", "--from-file"],
    ] {
        let ran = sandbox.awsx(line).exits(5);
        assert!(ran.stderr.contains("profile \"dev\" is not for agents"), "{line:?}: {ran:?}");
        assert!(sandbox.aws.new_operations().is_empty(), "{line:?}: {ran:?}");
    }
    let request = request_of(&sandbox.awsx(&readonly).exits(5));
    approve(&sandbox, &[&request], "once");
    sandbox.awsx(&readonly).ok();
    sandbox.awsx(&readonly).exits(5);
    // What awsx has put into its environment, it has.
    sandbox.write(SETTINGS, "[agents]\ndeny = \"prod\"\n");
    sandbox.awsx(&["exec", "readonly", "--", AWSX, "whoami"]).ok();
    sandbox.unset("CODEX_THREAD_ID");
    sandbox.write(SETTINGS, "[agents]\ndeny = \"dev\"\n");
    sandbox.awsx(&readonly).ok();
}

/// A guard that says no leaves it for the command that comes through.
#[test]
fn what_is_let_through_once_is_spent_when_all_guards_hold() {
    let denied = "[agents]\ndeny = \"readonly\"\n";
    let sandbox = ruled(&format!("{denied}[guard.readonly]\nregions = \"eu-*\"\n"));
    let line = ["exec", "readonly", "--", "true"];
    let request = request_of(&sandbox.awsx(&line).fails(5, &["is not for agents: deny names it"]));
    approve(&sandbox, &[&request], "once");
    sandbox.awsx(&line).fails(5, &["profile \"readonly\" is for eu-* alone"]);
    sandbox.awsx(&line).fails(5, &["profile \"readonly\" is for eu-* alone"]);
    sandbox.write(SETTINGS, denied);
    sandbox.awsx(&line).ok();
    sandbox.awsx(&line).fails(5, &["is not for agents: deny names it"]);
}

#[test]
fn an_agent_approves_nothing() {
    let sandbox = ruled("[agents]\ndeny = [\"*\"]\n");
    let request = request_of(&sandbox.exec("dev", &[]).exits(5));
    let error = &refused(sandbox.awsx_in(24, 2000, &["approve", &request]))["error"];
    assert!(error["message"].as_str().unwrap().contains("an agent runs awsx"), "{error}");
    sandbox.unset("CODEX_THREAD_ID");
    sandbox.awsx(&["approve", &request]).fails(4, &["there is no terminal", "hint: a person runs"]);
    let unknown = ["approve", "00000000"];
    sandbox.awsx_on_terminal(&unknown).end().fails(2, &["no request 00000000 waits"]);
    // Only who can open the vault can make a grant.
    let mut terminal = sandbox.awsx_on_terminal(&["approve"]);
    terminal.expect("[N]o? ").type_line("what").expect("Answer o, h or n.").type_line("h");
    terminal.end().ok();
    let grants = std::fs::read_dir(sandbox.state_dir().join("grants")).unwrap();
    let grants: Vec<_> = grants.map(|grant| grant.unwrap().path()).collect();
    let [grant] = &grants[..] else { panic!("{grants:?}") };
    let text = std::fs::read(grant).unwrap();
    let forged = String::from_utf8_lossy(&text).contains("\"once\":false");
    assert!(forged, "the header is in the clear");
    let changed: Vec<u8> =
        text.iter().map(|byte| if *byte == b'2' { b'3' } else { *byte }).collect();
    sandbox.set("CODEX_THREAD_ID", "0198");
    sandbox.exec("dev", &[]).ok();
    std::fs::write(grant, changed).unwrap();
    sandbox.exec("dev", &[]).exits(5);
}

#[test]
fn what_settings_say_of_agents_must_be_right() {
    for (settings, said) in [
        ("[agents]\nallowed = []\n", "agents.allowed is not a setting of awsx"),
        ("[agents]\nallow = []\n", "agents.allow must be the name of a profile, or a list of such"),
        ("[agents]\ndeny = true\n", "agents.deny must be the name of a profile"),
        ("agents = 1\n", "agents must be a table"),
        ("[agents]\nmax_duration = \"soon\"\n", "agents.max_duration must be a length of time"),
        ("[agents]\nscope = 1\n", "agents.scope must be a text in quotes"),
    ] {
        let sandbox = ruled(settings);
        sandbox.exec("dev", &[]).fails(3, &["~/.config/awsx/config.toml:", said]);
    }
}

#[test]
fn every_command_that_hands_over_asks_what_agents_may() {
    let sandbox = guard::sandbox("confirm = false");
    let settings = sandbox.read(SETTINGS);
    sandbox.write(SETTINGS, &format!("{settings}[agents]\ndeny = \"readonly\"\n"));
    sandbox.set("CURSOR_AGENT", "1");
    for (name, line, stdin) in guard::HANDS_OVER {
        let ran = guard::run(&sandbox, line, "", stdin);
        let ran = ran.exits(5).says("is not for agents: deny names it").says("`awsx approve ");
        assert!(!ran.stdout.contains("ASIA") && !ran.stdout.contains("AKIA"), "{name}: {ran:?}");
    }
    assert!(sandbox.aws.operations().is_empty());
}

/// The calls since the last time: operation, policy, seconds.
fn narrowing(sandbox: &Sandbox) -> Vec<(String, String, String)> {
    let calls = sandbox.aws.calls();
    let get = |call: &Call, name: &str| call.parameters.get(name).cloned().unwrap_or_default();
    let calls = calls
        .iter()
        .map(|call| (call.operation.clone(), get(call, "Policy"), get(call, "DurationSeconds")));
    let calls = calls.collect();
    sandbox.aws.new_operations();
    calls
}

#[test]
fn an_agents_session_is_narrow_and_short_whatever_else_is_asked_for() {
    let sandbox = ruled("audit = true\n[agents]\nscope = \"read:s3\"\nmax_duration = \"20m\"\n");
    // Where a role is assumed last, that call has both.
    sandbox.exec("readonly", &[]).ok();
    let calls = narrowing(&sandbox);
    let [(role, s3, seconds)] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!((&**role, &**seconds), ("AssumeRole", "1200"));
    assert!(s3.contains("s3:"), "{s3}");
    // What is asked for beside it holds as well, and cannot take its place.
    sandbox.exec("readonly", &["--scope", "read:sqs", "--duration", "1h"]).ok();
    let calls = narrowing(&sandbox);
    let [(role, sqs, _), (scoped, again, seconds)] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!((&**role, &**scoped, &**seconds), ("AssumeRole", "GetScopedCredentials", "1200"));
    assert!(sqs.contains("sqs:") && !sqs.contains("s3:") && again == s3, "{calls:?}");
    let handed = sandbox.awsx(&["audit", "--json"]).ok().json();
    let handed = handed["entries"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&handed["agent"], &handed["scope"]),
        (&"codex".into(), &"read:sqs and read:s3".into())
    );
    sandbox.awsx(&["explain", "readonly"]).ok().prints("read:s3");
    // A session without a role is narrowed behind it; a person's is not.
    sandbox.exec("dev", &[]).ok();
    assert_eq!(sandbox.aws.new_operations(), ["GetSessionToken", "GetScopedCredentials"]);
    sandbox.unset("CODEX_THREAD_ID");
    sandbox.exec("dev", &[]).ok();
    sandbox.exec("readonly", &[]).ok();
    assert_eq!(sandbox.aws.new_operations(), ["AssumeRole"]);
    sandbox.set("CODEX_THREAD_ID", "0198");
    for (line, beyond) in [
        (
            &["exec", "dev", "--no-session", "--", "true"][..],
            "--no-session hands over the access keys",
        ),
        (
            &["token", "eks", "--cluster", "demo", "-p", "readonly", "--region", "eu-west-1"],
            "opens whatever its bearer may",
        ),
        (
            &["sts", "get-session-token", "-p", "dev"],
            "GetSessionToken gives is a session of its own",
        ),
    ] {
        let limits = "an agent's sessions have their limits (scope of [agents], ~/.config/awsx/config.toml:3), and ";
        sandbox.awsx(line).fails(5, &[limits, beyond, "hint: a person runs it"]);
    }
    assert!(sandbox.aws.new_operations().is_empty());
}
