//! `awsx doctor --sandbox`: each way around awsx, open and closed.

use std::os::unix::net::UnixListener;
use std::process::Stdio;

use serde_json::Value;

use crate::fake_aws::sample::{KEY_ID, SECRET_KEY};
use crate::sandbox::{AWSX, Sandbox, keys};

/// What a machine of tests may have beside the sandbox: other tests, docker, a pod, its user's own home.
const OF_THE_MACHINE: [&str; 4] = ["processes", "containers", "pod-tokens", "other-homes"];

/// A home where nothing of it is open.
fn closed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.unset("AWSX_PASSPHRASE");
    sandbox.credentials("");
    sandbox.config(
        "[profile sso]\nregion = eu-west-1\ncredential_process = awsx credential-process x\n",
    );
    sandbox
}

fn ways(sandbox: &Sandbox, flags: &[&str]) -> Vec<Value> {
    let ran = sandbox.awsx(&[&["doctor", "--sandbox", "--json"], flags].concat());
    let document: Value = serde_json::from_str(&ran.stdout).unwrap();
    let open = document["open"].as_u64().unwrap();
    assert_eq!(ran.code, i32::from(open > 0), "{ran:?}");
    assert_eq!(ran.stderr.contains("around awsx"), open > 0, "{ran:?}");
    document["ways"].as_array().unwrap().clone()
}

fn places(sandbox: &Sandbox, flags: &[&str], way: &str) -> Vec<String> {
    let ways = ways(sandbox, flags);
    let found = ways.iter().find(|found| found["way"] == way).unwrap();
    let places: Vec<_> = found["places"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found["state"] == "open", !places.is_empty(), "{found}");
    places
}

#[test]
fn a_closed_home_has_no_way_but_those_of_the_machine() {
    let sandbox = closed();
    for way in ways(&sandbox, &[]) {
        let name = way["way"].as_str().unwrap();
        let expected = if name == "metadata" { "unknown" } else { "closed" };
        assert!(OF_THE_MACHINE.contains(&name) || way["state"] == expected, "{way}");
    }
    sandbox.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
    assert_eq!(places(&sandbox, &["--online"], "metadata"), [""; 0]);
}

/// What opens it, and what the place that is named ends with.
type Opening = (&'static str, fn(&Sandbox), &'static str);

const OPENINGS: [Opening; 15] = [
    ("variables", |home| home.set("AWS_SECRET_ACCESS_KEY", SECRET_KEY), "AWS_SECRET_ACCESS_KEY"),
    (
        "endpoints",
        |home| home.set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/x"),
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    ),
    (
        "identity-tokens",
        |home| home.set("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere"),
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    ),
    ("passphrases", |home| home.set("AWS_SSO_FILE_PASSWORD", "planted"), "AWS_SSO_FILE_PASSWORD"),
    ("keys-in-files", |home| home.credentials(&keys(KEY_ID, SECRET_KEY)), ".aws/credentials:3"),
    (
        // A variable is soon unset.
        "keys-in-files",
        |home| {
            home.credentials(&keys(KEY_ID, SECRET_KEY));
            home.set("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
        },
        ".aws/credentials:3",
    ),
    (
        "programs-in-files",
        |home| home.config("[profile x]\ncredential_process = /opt/other awsx\n"),
        ".aws/config:2",
    ),
    ("caches", |home| drop(home.write(".aws/sso/cache/a.json", "{}")), ".aws/sso/cache (1 file)"),
    ("other-tools", |home| drop(home.write(".awsvault/keys/dev", "x")), ".awsvault/keys (1 file)"),
    (
        "texts",
        |home| {
            // The sources hold none.
            let id = ["AKIAQ3ZB", "7XKD5LWN", "2VTM"].concat();
            drop(home.write(".bashrc", &format!("#\nexport ID={id}\n")))
        },
        ".bashrc:2",
    ),
    ("vault", |home| home.set("AWSX_PASSPHRASE", crate::sandbox::PASSPHRASE), ".local/state/awsx"),
    (
        "keychain",
        |home| {
            let path = listen(home, "bus");
            home.set("DBUS_SESSION_BUS_ADDRESS", &format!("unix:path={path},guid=1"));
        },
        "/bus",
    ),
    (
        "ssh-agent",
        |home| {
            let path = listen(home, "agent.1");
            home.set("SSH_AUTH_SOCK", &path);
        },
        "/agent.1",
    ),
    (
        "containers",
        |home| {
            let path = listen(home, "docker.sock");
            home.set("DOCKER_HOST", &format!("unix://{path}"));
        },
        "/docker.sock",
    ),
    (
        // Neither a socket nor a fifo is read, or waited for.
        "caches",
        |home| {
            listen(home, "a.json");
            std::fs::create_dir_all(home.home().join(".aws/cli/cache")).unwrap();
            std::fs::rename(home.home().join("a.json"), home.home().join(".aws/cli/cache/a.json"))
                .unwrap();
            home.write(".aws/cli/cache/b.json", "{}");
        },
        ".aws/cli/cache (1 file)",
    ),
];

/// A socket where somebody listens until the test process ends.
fn listen(home: &Sandbox, name: &str) -> String {
    let path = home.home().join(name);
    std::mem::forget(UnixListener::bind(&path).unwrap());
    path.display().to_string()
}

#[test]
fn each_way_is_found_where_it_is_open() {
    for (way, open, expected) in OPENINGS {
        let sandbox = closed();
        open(&sandbox);
        let places = places(&sandbox, &[], way);
        assert!(places.iter().any(|place| place.ends_with(expected)), "{way}: {places:?}");
    }
}

#[test]
fn an_instance_metadata_service_is_asked_only_where_a_person_says_so() {
    let sandbox = closed();
    sandbox.set("AWS_EC2_METADATA_SERVICE_ENDPOINT", sandbox.aws.url());
    let metadata = |flags: &[&str]| places(&sandbox, flags, "metadata");
    assert_eq!(metadata(&[]), [""; 0]);
    assert_eq!(metadata(&["--online"]), [sandbox.aws.url()]);
}

#[test]
fn the_environment_of_another_process_is_a_way() {
    let sandbox = closed();
    let mut command = sandbox.command("sleep");
    command.arg("60").env("AWS_SECRET_ACCESS_KEY", SECRET_KEY).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    let expected = format!("AWS_SECRET_ACCESS_KEY of process {} (", child.id());
    let found = places(&sandbox, &[], "processes");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(found.iter().any(|place| place.starts_with(&expected)), "{found:?}");
}

#[test]
fn a_server_of_awsx_is_a_way() {
    let sandbox = Sandbox::new();
    let mut server = sandbox.start(&["serve", "readonly"]);
    server.says(" at http://");
    let found = places(&sandbox, &[], "servers");
    assert!(found.len() == 1 && found[0].ends_with(".sock"), "{found:?}");
    server.kill();
}

#[test]
fn what_awsx_handed_over_is_none() {
    let sandbox = Sandbox::new();
    for flags in [&["readonly"][..], &["--server", "readonly"]] {
        let line = [&["exec"], flags, &["--", AWSX, "doctor", "--sandbox", "--json"]].concat();
        let ran = sandbox.awsx(&line).exits(1);
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        for way in document["ways"].as_array().unwrap() {
            if way["way"] == "variables" || way["way"] == "endpoints" {
                assert_eq!(way["state"], "closed", "{way}");
            }
        }
    }
}

#[test]
fn a_person_is_told_what_is_open_first_and_how_it_is_closed() {
    let sandbox = closed();
    sandbox.set("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
    let ran = sandbox.awsx(&["doctor", "--sandbox"]).exits(1);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("✗ variables "), "{ran:?}");
    assert!(lines[1].trim_start().starts_with("unset them where the agent is started"), "{ran:?}");
    assert!(ran.stdout.contains("! metadata "), "{ran:?}");
    assert!(
        ran.stderr.contains("hint: close them, then look again: `awsx doctor --sandbox`"),
        "{ran:?}"
    );
}
