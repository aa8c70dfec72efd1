//! Many awsx at once: one call and one question between them, and nobody waits for the dead.

use std::collections::BTreeSet;

use rustix::process::Signal;

use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample;
use crate::given::Crowd;
use crate::ran::Ran;
use crate::running::Running;
use crate::sandbox::{PASSPHRASE, Sandbox, rewrite};
use crate::terminal::{CTRL_Z, Terminal};

const WAITS: &str = "waiting for another awsx that is getting the same session";

/// `awsx exec` of each profile at once.
fn exec_all<'a>(sandbox: &'a Sandbox, names: &[String]) -> Crowd<'a> {
    sandbox.together(names.iter().map(|name| ["exec", name, "--", "true"]))
}

/// An awsx whose call of this operation hangs, and so many others that wait for it.
fn hold<'a>(
    sandbox: &'a Sandbox,
    operation: &str,
    first: &[&str],
    (count, others): (usize, &[&str]),
) -> (Running<'a>, Crowd<'a>) {
    let holder = sandbox.hang_at(operation, first);
    let mut others = sandbox.many(count, others);
    others.each_says(WAITS);
    (holder, others)
}

/// The others go on where the first is killed.
fn kill((mut holder, others): (Running<'_>, Crowd<'_>)) {
    holder.kill();
    holder.end().exits(128 + 9);
    others.ok();
}

#[test]
fn a_hundred_that_need_a_session_make_one_call() {
    let sandbox = Sandbox::new();
    let all = sandbox.many(100, &["credential-process", "readonly"]).ok();
    let keys: BTreeSet<String> =
        all.iter().map(|ran| ran.json()["AccessKeyId"].to_string()).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_eq!(sandbox.aws.operations(), ["AssumeRole"]);
}

#[test]
fn a_chain_of_steps_makes_one_call_for_each() {
    let sandbox = Sandbox::new();
    let code = sandbox.code();
    sandbox.many(20, &["exec", "audit", "--mfa-code", &code, "--", "true"]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    assert_eq!(sandbox.aws.count("AssumeRole"), 2);
}

#[test]
fn roles_behind_one_device_ask_for_one_code() {
    let sandbox = Sandbox::new();
    let serial = sample::MFA_SERIAL;
    let process = "sh -c 'echo asked >> planted/asked; cat planted/code'";
    let settings = format!("mfa_serial = {serial}\nmfa_process = {process}");
    let names = sandbox.roles_of_dev(20, &settings);
    sandbox.write("planted/code", &sandbox.code());
    exec_all(&sandbox, &names).ok();
    assert_eq!(sandbox.read("planted/asked"), "asked\n");
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    assert_eq!(sandbox.aws.count("AssumeRole"), 20);
}

const NEEDS_CODE: [&str; 2] =
    ["profile \"prod\" needs the MFA code of arn:aws:iam::111111111111:mfa/dev", "--mfa-code"];
const ASKS: &str = ", which asks for a code of the same MFA device; Ctrl-C stops waiting";

/// awsx at the prompt for the code of `prod`, where nobody answers.
fn forgotten_prompt(sandbox: &Sandbox) -> Terminal<'_> {
    let mut terminal = sandbox.exec_on_terminal("prod", &[]);
    terminal.expect("MFA code for");
    terminal
}

#[test]
fn one_terminal_is_asked_and_the_others_wait() {
    let sandbox = Sandbox::new();
    let mut terminal = forgotten_prompt(&sandbox);
    let mut others: Vec<Terminal<'_>> =
        (0..10).map(|_| sandbox.exec_on_terminal("prod", &[])).collect();
    for other in &mut others {
        other.expect(ASKS);
    }
    terminal.type_line(&sandbox.code()).end().ok();
    for other in &mut others {
        other.end().ok();
    }
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn many_at_one_terminal_ask_once() {
    let sandbox = Sandbox::new();
    let line = "for i in $(seq 40); do awsx exec prod -- true & done; wait; echo all ended";
    let mut terminal = sandbox.sh_on_terminal(line);
    terminal.expect("MFA code for");
    for ran in sandbox.many(10, &["credential-process", "prod"]).end() {
        ran.fails(4, &NEEDS_CODE);
    }
    let ran = terminal.type_line(&sandbox.code()).expect("all ended").end().ok();
    assert_eq!(ran.stdout.matches("MFA code for").count(), 1, "{ran:?}");
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    ran.says_no("error:");
}

#[test]
fn who_cannot_ask_waits_for_no_person() {
    let sandbox = Sandbox::new();
    let mut forgotten = forgotten_prompt(&sandbox);
    sandbox.exec("prod", &[]).fails(4, &NEEDS_CODE);
    sandbox.exec_on_terminal("prod", &["--no-input"]).end().fails(4, &NEEDS_CODE);
    // Behind the same device.
    sandbox.exec("audit", &[]).fails(4, &NEEDS_CODE[1..]);
    let mut waits = sandbox.exec_on_terminal("prod", &[]);
    waits.expect(ASKS);
    // Who has the code does not wait, and gives those a session that do.
    sandbox.exec("prod", &["--mfa-code", &sandbox.code()]).ok();
    waits.end().ok();
    forgotten.type_line("654321").end().ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_job_in_the_background_asks_nobody() {
    let sandbox = Sandbox::new();
    let line = "set -m; awsx exec prod -- true & wait %1; echo ended with $?";
    let ran = sandbox.sh_on_terminal(line).end().ok();
    ran.says("nobody can be asked: awsx runs in the background").says("ended with 4");
}

#[test]
fn a_prompt_that_is_stopped_blocks_nobody() {
    for (docs, key, signal) in [("Ctrl-Z", CTRL_Z, None), ("a signal", "", Some(Signal::STOP))] {
        let sandbox = Sandbox::new();
        let line = "set -m; awsx exec prod -- true; sleep 1000";
        let mut stopped = match signal {
            None => sandbox.sh_on_terminal(line),
            Some(_) => sandbox.exec_on_terminal("prod", &[]),
        };
        stopped.expect("MFA code for").type_text(key);
        if let Some(signal) = signal {
            stopped.signal(signal);
        }
        let mut next = sandbox.exec_on_terminal("prod", &[]);
        next.expect("MFA code for").type_line(&sandbox.code()).end().ok();
        assert_eq!(sandbox.aws.count("GetSessionToken"), 1, "{docs}");
    }
}

#[test]
fn who_waited_shares_the_failure() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    let first = sandbox.hang_at("AssumeRole", &["exec", "readonly", "--", "true"]);
    let mut others = sandbox.many(5, &["exec", "readonly", "--", "true"]);
    others.each_says(WAITS);
    for ran in std::iter::once(first.end()).chain(others.end()) {
        ran.exits(6).says("profile \"readonly\": sts:AssumeRole did not succeed after 1 attempt");
    }
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
    sandbox.exec("readonly", &[]).ok();
}

#[test]
fn a_holder_killed_in_the_middle_of_a_call_blocks_nobody() {
    for (docs, profile, call) in
        [("its only call", "readonly", "AssumeRole"), ("its first", "prod", "GetSessionToken")]
    {
        let sandbox = Sandbox::new();
        // The first noted its code as sent, and nobody knows what came of it.
        let [first, next] = [sandbox.code(), sandbox.next_code()];
        let [first, next] =
            [&first, &next].map(|code| ["exec", profile, "--mfa-code", code, "--", "true"]);
        kill(hold(&sandbox, call, &first, (10, &next)));
        assert_eq!(sandbox.aws.count(call), 2, "{docs}");
    }
}

#[test]
fn refresh_uses_a_session_minted_meanwhile() {
    let sandbox = Sandbox::new();
    let refresh = ["exec", "readonly", "--refresh", "--", "true"];
    sandbox.awsx(&refresh).ok();
    let all = hold(&sandbox, "AssumeRole", &refresh, (20, &refresh));
    // Nobody has to wait for what is there.
    sandbox.exec("readonly", &[]).ok();
    kill(all);
    assert_eq!(sandbox.aws.count("AssumeRole"), 3, "the first, the killed, one for the 20");
    sandbox.awsx(&refresh).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 4);
}

/// All that a session can give is gone a moment later: that is no reason to mint one for each.
#[test]
fn a_min_ttl_of_the_whole_session_uses_one_minted_meanwhile() {
    let sandbox = Sandbox::new();
    let all = ["exec", "readonly", "--min-ttl", "1h", "--", "true"];
    kill(hold(&sandbox, "AssumeRole", &all, (5, &all)));
    assert_eq!(sandbox.aws.count("AssumeRole"), 2, "the killed, one for the 5");
    sandbox.awsx(&all).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 3);
}

#[test]
fn each_gets_an_answer_where_the_first_is_refused() {
    let denied = Fault::refuse(403, "AccessDenied", "not today");
    for (docs, times, refused) in [("only the first", 1, 1), ("all", 10, 10)] {
        let sandbox = Sandbox::new();
        sandbox.aws.fail("AssumeRole", denied, times);
        let all = sandbox.many(10, &["exec", "readonly", "--", "true"]).end();
        let (ok, failed): (Vec<Ran>, Vec<Ran>) = all.into_iter().partition(|ran| ran.code == 0);
        assert_eq!(failed.len(), refused, "{docs}: {failed:?}");
        for ran in failed {
            ran.fails(5, &["profile \"readonly\"", "sts:AssumeRole", "AccessDenied: not today"]);
        }
        let calls = refused + usize::from(!ok.is_empty());
        assert_eq!(sandbox.aws.count("AssumeRole"), calls, "{docs}");
    }
}

/// What stderr says without what is said by whoever waits for more than a moment: how long the first one takes is the
/// machine's business.
fn but_for_waiting(stderr: &str) -> String {
    let waits = |line: &&str| line.starts_with("awsx: waiting for another awsx that is ");
    stderr.split_inclusive('\n').filter(|line| !waits(line)).collect()
}

#[test]
fn the_vaults_key_is_made_once() {
    for vault in ["passphrase", "kernel", "auto"] {
        let sandbox = Sandbox::new().without_vault();
        sandbox.set("AWSX_VAULT", vault);
        let names = sandbox.roles_of_dev(20, "");
        // Made, and found again.
        for _ in 0..2 {
            for ran in exec_all(&sandbox, &names).ok() {
                assert_eq!(but_for_waiting(&ran.stderr), "", "{vault}");
            }
        }
        assert_eq!(sandbox.aws.count("AssumeRole"), 20, "{vault}");
    }
}

#[test]
fn a_wrong_passphrase_fails_each_of_many() {
    let sandbox = Sandbox::new().with_locked_vault();
    sandbox.set("AWSX_PASSPHRASE", "another");
    for ran in sandbox.many(10, &["exec", "readonly", "--", "true"]).end() {
        let ran = Ran { stderr: but_for_waiting(&ran.stderr), ..ran };
        ran.fails(7, &["wrong passphrase (from AWSX_PASSPHRASE)", "hint: "]);
    }
}

/// Who knows the passphrase does not wait for a person who is asked for it.
#[test]
fn an_unanswered_question_keeps_nobody_else() {
    let sandbox = Sandbox::new().with_locked_vault();
    let run = ["exec", "readonly", "--refresh", "--", "true"];
    sandbox.unset("AWSX_PASSPHRASE");
    let mut terminal = sandbox.awsx_on_terminal(&run);
    terminal.expect("Passphrase of awsx's vault");
    sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
    sandbox.awsx(&run).ok().stderr_is(&[]);
    terminal.type_line(PASSPHRASE).end().ok();
}

/// The same at first use: whoever is first makes the vault, and the other opens it.
#[test]
fn an_unanswered_choice_of_a_passphrase_keeps_nobody_else() {
    for (typed, is_asked) in [(PASSPHRASE, false), ("planted and another", true)] {
        let sandbox = Sandbox::new().without_vault();
        let run = ["exec", "readonly", "--refresh", "--", "true"];
        sandbox.unset("AWSX_PASSPHRASE");
        let mut terminal = sandbox.awsx_on_terminal(&run);
        terminal.expect("New passphrase for awsx's vault");
        // Nobody can be asked here: that is an end, and no wait.
        sandbox.awsx(&run).fails(4, &["the vault's passphrase is needed", "hint: "]);
        sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
        sandbox.awsx(&run).ok().stderr_is(&[]);
        sandbox.awsx(&["lock"]).ok();
        terminal.type_line(typed).expect("The same again").type_line(typed);
        if is_asked {
            terminal.expect("another awsx made the vault meanwhile, with another passphrase");
            terminal.expect("Passphrase of awsx's vault").type_line(PASSPHRASE);
        }
        terminal.end().ok();
        sandbox.exec("readonly", &[]).ok().stderr_is(&[]);
    }
}

/// The sweep of expired records removes them and their locks while others take them.
#[test]
fn sweeping_races_with_readers() {
    let sandbox = Sandbox::new();
    let names = sandbox.roles_of_dev(12, "");
    for minted in [12, 24, 36] {
        let exec = names.iter().map(|name| vec!["exec", name, "--", "true"]);
        sandbox.together(exec.chain(names.iter().map(|name| vec!["whoami", name]))).ok();
        assert_eq!(sandbox.aws.count("AssumeRole"), minted);
        // What the sweep goes by is in the clear.
        for record in sandbox.records("sessions") {
            rewrite(&record, |bytes| {
                let end = br#""expires_at":""#;
                let at = bytes.windows(end.len()).position(|part| part == end).unwrap() + end.len();
                bytes[at..at + 2].copy_from_slice(b"19");
            });
        }
    }
}
