//! A command with a server is ended, stopped and resumed as one without.

use rustix::process::{Pid, Signal, kill_process};

use super::UNTIL;
use crate::fake_aws::fault::Fault;
use crate::given::wait_for;
use crate::sandbox::{AWSX, Sandbox};
use crate::terminal::{CTRL_BACKSLASH, CTRL_C, CTRL_Z, Terminal};

/// Without a server, and with one.
const BOTH: [&str; 2] = ["", "--server"];

#[test]
fn keys_of_the_terminal_reach_the_command_alone() {
    for (key, code) in [(CTRL_C, 128 + 2), (CTRL_BACKSLASH, 128 + 3)] {
        for server in BOTH {
            let sandbox = Sandbox::new();
            let sleep = sandbox.marked("echo up; exec sleep 1000");
            let line = format!("exec \"$AWSX\" exec {server} readonly -- sh -c '{sleep}'");
            let mut terminal = sandbox.sh_on_terminal(&line);
            terminal.expect("up").type_text(key);
            terminal.end().exits(code);
            sandbox.nothing_runs();
        }
    }
}

#[test]
fn a_command_that_heeds_ctrl_c_goes_on() {
    for server in BOTH {
        let sandbox = Sandbox::new();
        let trap = sandbox.marked("trap \"echo caught\" INT; echo up; read line; echo got $line");
        let line = format!("exec \"$AWSX\" exec {server} readonly -- bash -c '{trap}'");
        let mut terminal = sandbox.sh_on_terminal(&line);
        terminal.expect("up").type_text(CTRL_C).expect("caught");
        terminal.type_line("more");
        terminal.end().exits(0).prints("got");
        sandbox.nothing_runs();
    }
}

#[test]
fn ctrl_z_stops_and_fg_resumes() {
    for server in BOTH {
        let sandbox = Sandbox::new();
        let mut command = sandbox.command("bash");
        command.args(["--norc", "--noprofile", "--noediting", "-i"]).env("PS1", "ready> ");
        let mut terminal = Terminal::start(&sandbox, command);
        // Nothing is started here: a process that is stopped before it is another program stops its parent as well.
        let read = sandbox.marked("echo u\"\"p; read line; echo got $line");
        let line = format!("{AWSX} exec {server} readonly -- sh -c '{read}'");
        terminal.expect("ready> ").type_line(&line);
        terminal.expect("\nup").type_text(CTRL_Z).expect("Stopped").expect("ready> ");
        terminal.type_line("fg").expect("sh -c").type_line("words").expect("got words");
        terminal.expect("ready> ").type_line("exit");
        terminal.end().exits(0);
        sandbox.nothing_runs();
    }
}

#[test]
fn a_signal_ends_the_command_and_its_server() {
    for signal in [Signal::TERM, Signal::HUP, Signal::KILL] {
        for server in BOTH {
            let sandbox = Sandbox::new();
            let sleep = sandbox.marked("echo up; exec sleep 1000");
            let line = format!("exec \"$AWSX\" exec {server} readonly -- sh -c '{sleep}'");
            let mut terminal = sandbox.sh_on_terminal(&line);
            terminal.expect("up").signal(signal);
            terminal.end().exits(128 + signal.as_raw());
            sandbox.nothing_runs();
        }
    }
}

/// At a question, and while AWS is asked: as awsx without a server.
#[test]
fn awsx_can_be_ended_before_the_command_runs() {
    for server in BOTH {
        let flags: &[&str] = if server.is_empty() { &[] } else { &[server] };
        let start = |sandbox: &Sandbox, profile: &str| {
            let home = sandbox.home().to_str().unwrap().to_owned();
            [&["exec", profile], flags, &["--", "true", &*home]]
                .concat()
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        for (typed, signal, code) in [
            (Some(CTRL_C), None, 130),
            (Some(CTRL_BACKSLASH), None, 128 + 3),
            (None, Some(Signal::TERM), 128 + 15),
            (None, Some(Signal::HUP), 128 + 1),
        ] {
            let sandbox = Sandbox::new();
            let words = start(&sandbox, "prod");
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let mut terminal = sandbox.awsx_on_terminal(&words);
            terminal.expect("MFA code for");
            if let Some(typed) = typed {
                terminal.type_text(typed);
            }
            if let Some(signal) = signal {
                terminal.signal(signal);
            }
            terminal.end().exits(code);
            sandbox.nothing_runs();
        }
        let sandbox = Sandbox::new();
        sandbox.aws.fail("AssumeRole", Fault::Hang, 3);
        let words = start(&sandbox, "readonly");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut terminal = sandbox.awsx_on_terminal(&words);
        sandbox.wait_for_calls("AssumeRole", 1);
        terminal.type_text(CTRL_C);
        terminal.end().exits(128 + 2);
        sandbox.nothing_runs();
    }
}

#[test]
fn a_question_is_answered_before_the_command_has_the_terminal() {
    let sandbox = Sandbox::new();
    let line = sandbox.marked("read line; echo got $line; env | grep AWSX_PROFILE");
    let mut terminal =
        sandbox.awsx_on_terminal(&["exec", "--server", "prod", "--", "sh", "-c", &line]);
    terminal.expect("MFA code for").type_line(&sandbox.code());
    terminal.type_line("words");
    terminal.end().exits(0).prints("got words").prints("AWSX_PROFILE=prod");
    sandbox.nothing_runs();
}

#[test]
fn a_server_that_is_killed_leaves_the_command_alone() {
    let sandbox = Sandbox::new();
    let served = sandbox.serve("readonly", &format!("{UNTIL}; exit 7"));
    let own = |path: &std::path::PathBuf| -> Option<Pid> {
        let line = std::fs::read(path.join("cmdline")).ok()?;
        let is_awsx = line.split(|byte| *byte == 0).any(|word| word == b"--server");
        let pid = path.file_name()?.to_str()?.parse().ok()?;
        is_awsx.then(|| Pid::from_raw(pid)).flatten()
    };
    let servers: Vec<Pid> = sandbox.processes().iter().filter_map(own).collect();
    assert_eq!(servers.len(), 1, "{:?}", sandbox.processes());
    kill_process(servers[0], Signal::KILL).unwrap();
    wait_for("the end of the server", || served.address.ask().is_none().then_some(()));
    sandbox.write("planted/enough", "");
    served.end().exits(7);
}
