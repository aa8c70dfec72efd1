//! Sessions that end while the command runs.

use super::{Address, UNTIL};
use crate::fake_aws::fault::Fault;
use crate::given::{pause, wait_for};
use crate::sandbox::{AWSX, CONFIG, PASSPHRASE, Sandbox};

/// Seconds that a session lasts: enough for a slow machine to use one, and few enough for a test.
const SHORT: i64 = 8;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.aws.control(|state| state.iam.longest_session = Some(SHORT));
    sandbox
}

fn enough(sandbox: &Sandbox) {
    sandbox.write("planted/enough", "");
}

#[test]
fn the_command_finds_a_server_and_no_keys() {
    let sandbox = Sandbox::new();
    sandbox.set("AWS_PROFILE", "audit");
    let ran = sandbox.awsx(&["exec", "--server", "readonly", "--region", "r-1", "--", "env"]).ok();
    let address = Address::read(&ran.stdout);
    let ran = ran.prints_each(&[
        "AWS_REGION=r-1\n",
        "AWS_DEFAULT_REGION=r-1\n",
        "AWS_EC2_METADATA_DISABLED=true\n",
        "AWSX_PROFILE=readonly\n",
        "AWS_ACCOUNT_ID=111111111111\n",
    ]);
    for name in [
        "AWS_ACCESS_KEY_ID=",
        "AWS_SECRET_ACCESS_KEY=",
        "AWS_SESSION_TOKEN=",
        "AWS_CREDENTIAL_EXPIRATION=",
        "AWS_PROFILE=",
        "AWSX_PASSPHRASE=",
    ] {
        assert!(!ran.stdout.lines().any(|line| line.starts_with(name)), "{name} in {ran:?}");
    }
    assert_eq!(ran.stderr, "");
    sandbox.nothing_is_left(&address);
}

#[test]
fn a_session_that_lasts_is_handed_over_without_a_call() {
    let sandbox = Sandbox::new();
    let served = sandbox.serve("readonly", UNTIL);
    let key = served.address.key();
    for _ in 0..50 {
        assert_eq!(served.address.key(), key);
    }
    let wrong = Address { token: "wrong".into(), ..served.address.clone() };
    assert_eq!(wrong.ask().map(|(status, _)| status), Some(401));
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
    enough(&sandbox);
    served.end().ok();
}

#[test]
fn each_end_costs_one_call_however_many_ask() {
    let sandbox = sandbox();
    let served = sandbox.serve("readonly", UNTIL);
    let address = &served.address;
    let keys: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..20)
            .map(|_| {
                scope.spawn(|| {
                    let mut keys = std::collections::BTreeSet::new();
                    while keys.len() < 3 {
                        keys.insert(address.key());
                        (0..100).for_each(|_| pause());
                    }
                    keys
                })
            })
            .collect();
        asking.into_iter().flat_map(|keys| keys.join().unwrap()).collect()
    });
    assert_eq!(sandbox.aws.count("AssumeRole"), keys.len(), "{keys:?}");
    enough(&sandbox);
    served.end().ok();
}

#[test]
fn what_another_awsx_renewed_is_found_in_the_vault() {
    let sandbox = sandbox();
    let served = sandbox.serve("readonly", UNTIL);
    let first = served.address.key();
    wait_for("the last quarter", || {
        sandbox.exec("readonly", &[]).ok();
        (sandbox.aws.count("AssumeRole") == 2).then_some(())
    });
    wait_for("the new session", || (served.address.key() != first).then_some(()));
    assert_eq!(sandbox.aws.count("AssumeRole"), 2);
    enough(&sandbox);
    served.end().ok();
}

#[test]
fn the_old_session_does_until_aws_answers_again_and_one_that_is_over_never() {
    let sandbox = sandbox();
    let served = sandbox.serve("readonly", UNTIL);
    sandbox.aws.fail("AssumeRole", Fault::UNAVAILABLE, 1000);
    let first = served.address.key();
    let refusal = wait_for("the end of the session", || match served.address.ask().unwrap() {
        (200, document) => {
            assert_eq!(document["AccessKeyId"], *first);
            None
        }
        (503, document) => Some(document),
        other => panic!("{other:?}"),
    });
    assert_eq!(refusal["code"], "CredentialsUnavailable", "{refusal}");
    // While it is still tried, that is what it says.
    wait_for("the reason", || {
        let (status, refusal) = served.address.ask().unwrap();
        assert_eq!(status, 503, "{refusal}");
        refusal["message"].as_str().unwrap().contains("sts:AssumeRole").then_some(())
    });
    sandbox.aws.control(|state| state.forget_faults());
    wait_for("the new session", || served.address.ask().filter(|(status, _)| *status == 200));
    enough(&sandbox);
    served.end().ok();
}

#[test]
fn an_awsx_inside_keeps_the_servers_credentials_or_takes_others() {
    let sandbox = Sandbox::new();
    let passphrase = sandbox.write_mode("planted/passphrase", PASSPHRASE, 0o600);
    sandbox.set("AWSX_PASSPHRASE_FILE", passphrase.to_str().unwrap());
    let outer = ["exec", "--server", "readonly", "--region", "r-1", "--", AWSX, "exec"];
    let kept = sandbox.awsx(&[&outer[..], &["--", "env"]].concat()).ok();
    let kept = kept.prints_each(&["AWS_ACCESS_KEY_ID=ASIA", "AWSX_PROFILE=readonly\n"]);
    kept.prints("AWS_REGION=r-1\n").prints_no("AWS_CONTAINER_");
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
    let other = sandbox.awsx(&[&outer[..], &["dev", "--", "env"]].concat()).ok();
    let other = other.prints("AWSX_PROFILE=dev\n").prints("AWS_REGION=eu-west-1\n");
    other.prints_no("AWS_CONTAINER_").prints_no("AWSX_CONTAINER_").prints_no("AWSX_EC2_METADATA_");
    let again = sandbox.awsx(&[&outer[..], &["--server", "--", "env"]].concat()).ok();
    again.prints("AWS_CONTAINER_CREDENTIALS_FULL_URI=").prints("AWSX_PROFILE=readonly\n");
}

#[test]
fn what_cannot_be_served_is_refused() {
    let sandbox = Sandbox::new();
    let home = sandbox.home().to_str().unwrap();
    let server = |args: &[&str]| {
        sandbox.awsx(&[&["exec", "--server"], args, &["--", "true", home]].concat())
    };
    server(&["dev", "--no-session"]).exits(2).says("state no end").says("leave --server out");
    server(&["nope"]).fails(3, &["\"nope\"", "awsx profiles"]);
    server(&["prod"]).fails(4, &["needs the MFA code"]);
    let ran = sandbox.awsx(&["exec", "--server", "readonly", "--", "no-such-command"]).exits(127);
    ran.stderr_is(&[
        "error: \"no-such-command\" was not found",
        "hint: check its spelling and PATH",
    ]);
    sandbox.config(&format!("{CONFIG}\n[default]\ncredential_process = true\n"));
    let rival = server(&["readonly"]).exits(3);
    rival.stderr_is(&[
        "error: ~/.aws/config:[..]: the command would find the credentials of the profile \"default\" \
         (credential-process) before the server's",
        "hint: give it another name: `awsx config profile rename default NAME`",
    ]);
    sandbox.nothing_runs();
}

#[test]
fn nothing_of_the_commands_is_held_open() {
    let sandbox = Sandbox::new();
    // Each file would end only with the command, which waits for the end of the other.
    let script = "\
        mkfifo planted/pipe\n\
        (exec 7>planted/pipe; exec \"$AWSX\" exec --server readonly -- \
            sh -c 'exec 7>&-; while test -d planted && ! test -e planted/enough; do sleep 0.02; done') &\n\
        cat planted/pipe\n\
        : > planted/enough\n\
        wait\n\
        echo done\n";
    std::fs::create_dir_all(sandbox.home().join("planted")).unwrap();
    let mut command = sandbox.command("sh");
    command.args(["-c", script]).env("AWSX", AWSX);
    sandbox.run(&mut command, b"", true).ok().prints("done");
    let closes =
        "exec >&- 2>&-; while test -d planted && ! test -e planted/seen; do sleep 0.02; done";
    let _ = std::fs::remove_file(sandbox.home().join("planted/enough"));
    let line =
        format!("\"$AWSX\" exec --server readonly -- sh -c '{closes}' | (cat; : > planted/seen)");
    let mut command = sandbox.command("sh");
    command.args(["-c", &line]).env("AWSX", AWSX);
    sandbox.run(&mut command, b"", true).ok();
}

#[test]
fn what_the_command_leaves_running_is_served_no_longer() {
    let sandbox = Sandbox::new();
    let served = sandbox.serve("readonly", &format!("({UNTIL}) >/dev/null 2>&1 &"));
    let address = served.address.clone();
    served.running.end().ok();
    wait_for("the end of the server", || address.ask().is_none().then_some(()));
    enough(&sandbox);
    sandbox.nothing_is_left(&address);
}
