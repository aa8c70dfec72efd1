//! Many awsx at once: one call and one question between them, and nobody waits for the dead.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::fake_aws::fault::Fault;
use crate::fake_aws::iam::{Role, Trust};
use crate::fake_aws::sample;
use crate::sandbox::{PASSPHRASE, Ran, Running, Sandbox, files_below};

const WAITS: &str = "waiting for another awsx that is getting the same session";

fn started<'a>(sandbox: &'a Sandbox, count: usize, args: &[&str]) -> Vec<Running<'a>> {
    (0..count).map(|_| sandbox.start(args)).collect()
}

fn ended(running: Vec<Running<'_>>) -> Vec<Ran> {
    running.into_iter().map(Running::end).collect()
}

/// Starts an awsx whose first `call` never gets an answer, and waits until it has sent it.
fn hanging<'a>(sandbox: &'a Sandbox, call: &str, args: &[&str]) -> Running<'a> {
    sandbox.aws.control(|state| state.fail(call, Fault::Hang, 1));
    let before = sandbox.aws.count(call);
    let holder = sandbox.start(args);
    while sandbox.aws.count(call) == before {
        std::thread::yield_now();
    }
    holder
}

/// Roles `r0`, `r1`, …, each with a profile of that name behind the device of `prod`.
fn many_roles(sandbox: &Sandbox, count: usize, settings: &str) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|n| format!("r{n}")).collect();
    let mut config = "[profile dev]\n".to_owned();
    for name in &names {
        let arn = format!("arn:aws:iam::222222222222:role/{name}");
        write!(config, "[profile {name}]\nrole_arn = {arn}\nsource_profile = dev\n{settings}\n")
            .unwrap();
        let trust = Trust { principals: vec![sample::USER.into()], ..Trust::default() };
        let id = format!("AROA2{:X<16}", name.to_uppercase());
        let role = Role { arn, id, max_session_seconds: 3600, trust };
        sandbox.aws.control(|state| state.iam.roles.push(role));
    }
    sandbox.config(&config);
    names
}

#[test]
fn a_hundred_that_need_a_session_make_one_call() {
    let sandbox = Sandbox::new();
    let all = ended(started(&sandbox, 100, &["credential-process", "readonly"]));
    let keys: BTreeSet<String> =
        all.into_iter().map(|ran| ran.ok().json()["AccessKeyId"].to_string()).collect();
    assert_eq!(keys.len(), 1, "{keys:?}");
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
    assert_eq!(sandbox.aws.calls().len(), 1);
}

#[test]
fn a_chain_of_steps_makes_one_call_for_each() {
    let sandbox = Sandbox::new();
    let code = sandbox.code();
    ended(started(&sandbox, 20, &["exec", "audit", "--mfa-code", &code, "--", "true"]))
        .into_iter()
        .for_each(|ran| drop(ran.ok()));
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    assert_eq!(sandbox.aws.count("AssumeRole"), 2);
}

#[test]
fn roles_behind_one_device_ask_for_one_code() {
    let sandbox = Sandbox::new();
    let serial = sample::MFA_SERIAL;
    let process = "sh -c 'echo asked >> planted/asked; cat planted/code'";
    let settings = format!("mfa_serial = {serial}\nmfa_process = {process}");
    let names = many_roles(&sandbox, 20, &settings);
    sandbox.write("planted/code", &sandbox.code());
    let all = names.iter().map(|name| sandbox.start(&["exec", name, "--", "true"])).collect();
    ended(all).into_iter().for_each(|ran| drop(ran.ok()));
    let asked = std::fs::read_to_string(sandbox.home().join("planted/asked")).unwrap();
    assert_eq!(asked, "asked\n");
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    assert_eq!(sandbox.aws.count("AssumeRole"), 20);
}

#[test]
fn one_terminal_is_asked_and_the_others_wait_for_its_answer() {
    let sandbox = Sandbox::new();
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "prod", "--", "true"]);
    terminal.expect("MFA code for");
    let mut waiting = started(&sandbox, 10, &["exec", "prod", "--", "true"]);
    waiting.iter_mut().for_each(|awsx| awsx.says(WAITS));
    terminal.type_line(&sandbox.code()).ends().ok();
    ended(waiting).into_iter().for_each(|ran| drop(ran.ok()));
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_holder_that_is_killed_in_the_middle_of_a_call_blocks_nobody() {
    for (docs, profile, call) in
        [("its only call", "readonly", "AssumeRole"), ("its first", "prod", "GetSessionToken")]
    {
        let sandbox = Sandbox::new();
        let code = sandbox.code();
        let mut holder =
            hanging(&sandbox, call, &["exec", profile, "--mfa-code", &code, "--", "true"]);
        // It noted its code as sent, and nobody knows what came of it.
        let next = sandbox.aws.control(|state| {
            let later = state.now() + chrono::TimeDelta::seconds(30);
            state.iam.mfa_device(sample::MFA_SERIAL).unwrap().code(later)
        });
        let args = ["exec", profile, "--mfa-code", &next, "--", "true"];
        let mut others = started(&sandbox, 10, &args);
        others.iter_mut().for_each(|awsx| awsx.says(WAITS));
        holder.kill();
        assert_eq!(holder.end().code, 128 + 9, "{docs}");
        ended(others).into_iter().for_each(|ran| drop(ran.ok()));
        assert_eq!(sandbox.aws.count(call), 2, "{docs}");
    }
}

#[test]
fn who_asks_to_refresh_takes_what_another_minted_meanwhile() {
    let sandbox = Sandbox::new();
    let refresh = ["exec", "readonly", "--refresh", "--", "true"];
    sandbox.awsx(&refresh).ok();
    let mut holder = hanging(&sandbox, "AssumeRole", &refresh);
    let mut others = started(&sandbox, 20, &refresh);
    others.iter_mut().for_each(|awsx| awsx.says(WAITS));
    // Nobody has to wait for what is there.
    sandbox.awsx(&["exec", "readonly", "--", "true"]).ok();
    holder.kill();
    assert_eq!(holder.end().code, 128 + 9);
    ended(others).into_iter().for_each(|ran| drop(ran.ok()));
    assert_eq!(sandbox.aws.count("AssumeRole"), 3, "the first, the killed, one for the 20");
    sandbox.awsx(&refresh).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 4);
}

/// All that a session can give is gone a moment later: that is no reason to mint one for each.
#[test]
fn who_asks_for_all_of_a_session_takes_what_another_minted_meanwhile() {
    let sandbox = Sandbox::new();
    let all = ["exec", "readonly", "--min-ttl", "1h", "--", "true"];
    let mut holder = hanging(&sandbox, "AssumeRole", &all);
    let mut others = started(&sandbox, 5, &all);
    others.iter_mut().for_each(|awsx| awsx.says(WAITS));
    holder.kill();
    assert_eq!(holder.end().code, 128 + 9);
    ended(others).into_iter().for_each(|ran| drop(ran.ok()));
    assert_eq!(sandbox.aws.count("AssumeRole"), 2, "the killed, one for the 5");
    sandbox.awsx(&all).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 3);
}

#[test]
fn where_the_first_is_refused_each_gets_an_answer() {
    let denied = Fault::Refuse { status: 403, code: "AccessDenied", message: "not today" };
    for (docs, times, refused) in [("only the first", 1, 1), ("all", 10, 10)] {
        let sandbox = Sandbox::new();
        sandbox.aws.control(|state| state.fail("AssumeRole", denied, times));
        let all = ended(started(&sandbox, 10, &["exec", "readonly", "--", "true"]));
        let (ok, failed): (Vec<Ran>, Vec<Ran>) = all.into_iter().partition(|ran| ran.code == 0);
        assert_eq!(failed.len(), refused, "{docs}: {failed:?}");
        for ran in failed {
            ran.fails(5, &["profile \"readonly\"", "sts:AssumeRole", "AccessDenied: not today"]);
        }
        let calls = refused + usize::from(!ok.is_empty());
        assert_eq!(sandbox.aws.count("AssumeRole"), calls, "{docs}");
    }
}

#[test]
fn the_vaults_key_is_made_once() {
    for vault in ["passphrase", "kernel", "auto"] {
        let sandbox = Sandbox::new();
        sandbox.set("AWSX_VAULT", vault);
        let names = many_roles(&sandbox, 20, "");
        for docs in ["made", "found again"] {
            let all = names.iter().map(|name| sandbox.start(&["exec", name, "--", "true"]));
            for ran in ended(all.collect()) {
                assert_eq!(ran.ok().stderr, "", "{vault}: {docs}");
            }
        }
        assert_eq!(sandbox.aws.count("AssumeRole"), 20, "{vault}");
    }
}

#[test]
fn many_that_need_a_passphrase_that_is_wrong_all_say_so() {
    let sandbox = Sandbox::new();
    sandbox.awsx(&["exec", "readonly", "--", "true"]).ok();
    sandbox.awsx(&["lock"]).ok();
    sandbox.set("AWSX_PASSPHRASE", "another");
    for ran in ended(started(&sandbox, 10, &["exec", "readonly", "--", "true"])) {
        ran.fails(7, &["wrong passphrase (from AWSX_PASSPHRASE)", "hint: "]);
    }
}

/// Who knows the passphrase does not wait for a person who is asked for it.
#[test]
fn a_question_that_nobody_answers_keeps_nobody_else() {
    let sandbox = Sandbox::new();
    sandbox.awsx(&["exec", "readonly", "--", "true"]).ok();
    sandbox.awsx(&["lock"]).ok();
    let run = ["exec", "readonly", "--refresh", "--", "true"];
    sandbox.unset("AWSX_PASSPHRASE");
    let mut terminal = sandbox.awsx_on_terminal(&run);
    terminal.expect("Passphrase of awsx's vault");
    sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
    assert_eq!(sandbox.awsx(&run).ok().stderr, "");
    terminal.type_line(PASSPHRASE);
    terminal.ends().ok();
}

/// The vault's sweep removes records and their locks while others take them.
#[test]
fn expired_records_are_swept_away_under_everybodys_feet() {
    let sandbox = Sandbox::new();
    let names = many_roles(&sandbox, 12, "");
    for minted in [12, 24, 36] {
        let all = names.iter().flat_map(|name| {
            [sandbox.start(&["exec", name, "--", "true"]), sandbox.start(&["whoami", name])]
        });
        ended(all.collect()).into_iter().for_each(|ran| drop(ran.ok()));
        assert_eq!(sandbox.aws.count("AssumeRole"), minted);
        // What the sweep goes by is in the clear.
        for record in files_below(&sandbox.state_dir().join("sessions")) {
            let bytes = std::fs::read(&record).unwrap();
            let end = br#""expires_at":""#;
            let at = bytes.windows(end.len()).position(|part| part == end).unwrap() + end.len();
            std::fs::write(&record, [&bytes[..at], b"19", &bytes[at + 2..]].concat()).unwrap();
        }
    }
}
