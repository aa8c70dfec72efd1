//! SIGKILL at each system call that touches a file or a socket: what a killed awsx leaves never stops the
//! next one, and a config file is the old one or the new one.
//!
//! Here a sample of the calls; all of them with `cargo test --test adversary`.

use std::collections::BTreeMap;

use crate::EVERY;
use crate::fake_aws::sample::{INACTIVE_KEY_ID, KEY_ID, SECRET_KEY};
use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox, files_below, keys};

/// What makes or changes a file, takes a lock, or speaks to AWS.
const CALLS: [&str; 17] = [
    "openat",
    "mkdir",
    "write",
    "ftruncate",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "unlink",
    "unlinkat",
    "flock",
    "chmod",
    "fchmod",
    "connect",
    "sendto",
    "sendmsg",
    "keyctl",
];

/// Names that tell all accounts of the stand-in apart.
const BY_ID: &str = "--profile-name={account_name:kebab}-{account_id}/{role_name}";

/// awsx below strace, which is told what to do at these calls.
fn traced(sandbox: &Sandbox, args: &[&str], what: &[&str]) -> Ran {
    let mut command = sandbox.command("strace");
    command.args(["-f", "-qq", "-e", "signal=none"]).args(what).arg(AWSX).args(args);
    sandbox.run(&mut command, b"", false)
}

/// How often each thread of awsx makes each of the calls, at most.
fn count_calls(sandbox: &Sandbox, args: &[&str]) -> Vec<(String, usize)> {
    let log = sandbox.home().join("planted-trace");
    let trace = format!("trace={}", CALLS.join(","));
    traced(sandbox, args, &["-e", &trace, "-o", log.to_str().unwrap()]).ok();
    let text = sandbox.read("planted-trace");
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.contains("resumed>")) {
        let (thread, call) = line.split_once(' ').unwrap();
        let Some((name, _)) = call.trim_start().split_once('(') else { continue };
        *counts.entry((name, thread)).or_default() += 1;
    }
    let mut most: BTreeMap<String, usize> = BTreeMap::new();
    for ((name, _), count) in counts {
        let at = most.entry(name.to_owned()).or_default();
        *at = (*at).max(count);
    }
    most.into_iter().collect()
}

/// Kills awsx at each of its calls, in a sandbox of its own each time, and looks at what is left.
fn kill_everywhere(given: impl Fn() -> Sandbox, args: &[&str], look: impl Fn(&Sandbox, &str)) {
    inject_everywhere(given, args, "signal=KILL", look);
}

/// The same with another fault, in strace's words.
pub(crate) fn inject_everywhere(
    given: impl Fn() -> Sandbox,
    args: &[&str],
    fault: &str,
    look: impl Fn(&Sandbox, &str),
) {
    let counts = count_calls(&given(), args);
    let points = counts.iter().flat_map(|(name, count)| (1..=*count).map(move |at| (name, at)));
    let mut killed = 0;
    for (name, at) in points.skip(EVERY / 2).step_by(EVERY) {
        let sandbox = given();
        let trace = format!("trace={name}");
        let inject = format!("inject={name}:{fault}:when={at}");
        let ran = traced(&sandbox, args, &["-o", "/dev/null", "-e", &trace, "-e", &inject]);
        killed += usize::from(ran.code != 0);
        look(&sandbox, &format!("{name} {at}"));
    }
    assert!(killed > 0, "nothing was killed: {counts:?}");
}

#[test]
fn the_first_use_of_a_vault() {
    let args = ["exec", "readonly", "--", "true"];
    for vault in ["passphrase", "kernel"] {
        kill_everywhere(
            || {
                let sandbox = Sandbox::new().without_vault();
                sandbox.set("AWSX_VAULT", vault);
                sandbox
            },
            &args,
            |sandbox, docs| {
                let ran = sandbox.awsx(&args);
                assert_eq!(ran.code, 0, "{vault}, {docs}: {ran:?}");
                sandbox.aws.forget_calls();
                sandbox.awsx(&args).ok().stderr_is(&[]);
                assert!(sandbox.aws.calls().is_empty(), "{vault}, {docs}: kept");
            },
        );
    }
}

/// Whatever is left, it is one vault that works, and another run does the rest.
#[test]
fn the_move_of_a_vault() {
    let host = Sandbox::new();
    let _desktop = host.desktop();
    let run = host.home().join("run");
    for (from, to) in
        [("kernel", "passphrase"), ("passphrase", "keychain"), ("keychain", "passphrase")]
    {
        let given = || {
            let sandbox = Sandbox::new().without_vault();
            sandbox.set("XDG_RUNTIME_DIR", run.to_str().unwrap());
            let bus = format!("unix:path={}", run.join("bus").display());
            sandbox.set("DBUS_SESSION_BUS_ADDRESS", &bus);
            sandbox.set("AWSX_VAULT", from);
            sandbox.exec("readonly", &[]).ok();
            sandbox.unset("AWSX_VAULT");
            sandbox
        };
        let args = ["vault", "move", "--to", to];
        kill_everywhere(given, &args, |sandbox, docs| {
            for _ in 0..2 {
                sandbox.exec("readonly", &[]).ok().stderr_is(&[]);
                assert_eq!(sandbox.aws.count("AssumeRole"), 1, "{from} to {to}, {docs}: kept");
                sandbox.awsx(&args).ok();
            }
            let status = sandbox.awsx(&["vault", "status", "--json"]).ok().json();
            assert_eq!(status["unlocker"], to, "{from}, {docs}");
        });
    }
}

#[test]
fn the_refresh_of_a_login() {
    let args = ["credential-process", "sso", "--refresh"];
    let given = || {
        let sandbox = Sandbox::not_logged_in();
        sandbox.aws.control(|state| state.oidc.token_seconds = 1);
        sandbox.log_in();
        sandbox.aws.control(|state| state.oidc.token_seconds = 28_800);
        sandbox
    };
    kill_everywhere(given, &args, |sandbox, docs| {
        let ran = sandbox.awsx(&args);
        // AWS may have used the token up, and the new one was not kept yet: one login more.
        assert!([0, 4].contains(&ran.code), "{docs}: {ran:?}");
        if ran.code == 4 {
            sandbox.log_in();
            sandbox.awsx(&args).ok();
        }
    });
}

#[test]
fn a_sync_of_profiles() {
    let args = ["sso", "sync", "corp", "--yes", BY_ID];
    let given = || {
        let sandbox = Sandbox::with_sso(2, 2).logged_in();
        // Listed before: what is killed is the writing.
        sandbox.awsx(&["sso", "sync", "corp", "--dry-run", BY_ID]).ok();
        sandbox
    };
    let new = {
        let sandbox = given();
        sandbox.awsx(&args).ok();
        sandbox.read_config()
    };
    kill_everywhere(given, &args, |sandbox, docs| {
        let left = sandbox.read_config();
        assert!(left == new || !left.contains("awsx:"), "{docs}: {left}");
        sandbox.awsx(&args).ok();
        assert_eq!(sandbox.read_config(), new, "{docs}");
        let beside = std::fs::read_dir(sandbox.home().join(".aws")).unwrap();
        let names: Vec<_> = beside.map(|file| file.unwrap().file_name()).collect();
        assert!(!names.iter().any(|name| name.to_string_lossy().contains(".new")), "{names:?}");
    });
}

/// A key is in the file or in the vault whenever awsx ends, and the next import does the rest.
#[test]
fn the_import_of_keys() {
    let args = ["keys", "import", "--all", "--remove", "--yes"];
    let given = || {
        let sandbox = Sandbox::new();
        let other = sandbox.activate_other_key();
        let more = keys(INACTIVE_KEY_ID, &other).replace("[dev]", "# mine\r\n[spare]");
        sandbox
            .credentials(&format!("{}{more}region = eu-west-1", sandbox.read(".aws/credentials")));
        sandbox
    };
    kill_everywhere(given, &args, |sandbox, at| {
        for name in ["dev", "spare"] {
            let id = sandbox.explain(name)["plan"][0]["access_key_id"].clone();
            let expected = if name == "dev" { KEY_ID } else { INACTIVE_KEY_ID };
            assert_eq!(id, expected, "{at}: {name}");
            sandbox.awsx(&["whoami", name]).ok();
        }
        sandbox.awsx(&args).ok();
        let left = sandbox.read(".aws/credentials");
        assert_eq!(left, "[dev]\n# mine\r\n[spare]\nregion = eu-west-1", "{at}");
        for name in ["dev", "spare"] {
            assert_eq!(sandbox.explain(name)["chosen"], "stored-keys", "{at}: {name}");
            sandbox.awsx(&["whoami", name]).ok();
        }
    });
}

/// The file has the whole session or is as it was, whenever awsx ends; the next write or removal does the rest.
#[test]
fn the_writing_of_a_session() {
    let write = ["sessions", "write", "readonly"];
    let remove = ["sessions", "write", "--remove", "readonly"];
    let before = keys(KEY_ID, SECRET_KEY);
    let lines = |sandbox: &Sandbox| {
        let text = sandbox.read(".aws/credentials");
        let added = text.strip_prefix(&before).map(|added| added.lines().count());
        added.unwrap_or_else(|| panic!("{text}"))
    };
    let settle = |sandbox: &Sandbox, at: &str| {
        // A blank line, the header, eight settings.
        assert!([0, 10].contains(&lines(sandbox)), "{at}");
        sandbox.exec("readonly", &[]).ok();
        sandbox.awsx(&write).ok();
        assert_eq!(lines(sandbox), 10, "{at}");
        let mut files: Vec<_> = files_below(&sandbox.home().join(".aws"));
        files.retain(|file| !file.ends_with("config"));
        assert_eq!(files, [sandbox.home().join(".aws/credentials")], "{at}: in clear text, once");
        sandbox.awsx(&remove).ok();
        assert_eq!(lines(sandbox), 0, "{at}");
    };
    kill_everywhere(Sandbox::new, &write, settle);
    let given = || {
        let sandbox = Sandbox::new();
        sandbox.awsx(&write).ok();
        sandbox
    };
    kill_everywhere(given, &remove, settle);
}

/// Both files are the old ones or the new ones, each as a whole, and `undo` gives back what was there.
#[test]
fn the_change_of_a_setting_and_of_a_name() {
    let before = Sandbox::new();
    let after = Sandbox::new();
    let rename = ["config", "profile", "rename", "dev", "work"];
    after.awsx(&rename).ok();
    let texts = |sandbox: &Sandbox| [sandbox.read_config(), sandbox.read(".aws/credentials")];
    let (old, new) = (texts(&before), texts(&after));
    kill_everywhere(Sandbox::new, &rename, |sandbox, at| {
        for (file, (old, new)) in texts(sandbox).iter().zip(old.iter().zip(&new)) {
            assert!(file == old || file == new, "{at}: {file}");
        }
        if texts(sandbox) != old {
            sandbox.awsx(&["config", "undo"]).ok();
        }
        assert_eq!(texts(sandbox), old, "{at}");
    });
    let set = ["config", "set", "region", "eu-west-3", "-p", "dev"];
    kill_everywhere(Sandbox::new, &set, |sandbox, at| {
        let text = sandbox.read_config();
        assert!(
            text == old[0] || text == old[0].replacen("eu-west-1", "eu-west-3", 1),
            "{at}: {text}"
        );
        sandbox.awsx(&set).ok();
        sandbox.awsx(&["config", "undo"]).ok();
        assert_eq!(texts(sandbox), old, "{at}");
    });
}

/// The vault's passphrase is the old one or the new one, and what it holds stays.
#[test]
fn the_change_of_a_passphrase() {
    const NEW: &str = "planted new passphrase";
    let args = ["vault", "passphrase"];
    let given = || {
        let sandbox = Sandbox::new();
        sandbox.exec("readonly", &[]).ok();
        sandbox.plant(NEW);
        let file = sandbox.write_mode("planted/new", NEW, 0o600);
        sandbox.set("AWSX_NEW_PASSPHRASE_FILE", file.to_str().unwrap());
        sandbox
    };
    kill_everywhere(given, &args, |sandbox, at| {
        sandbox.awsx(&["lock"]).ok();
        if sandbox.exec("readonly", &[]).code != 0 {
            sandbox.set("AWSX_PASSPHRASE", NEW);
            sandbox.exec("readonly", &[]).ok();
        }
        sandbox.awsx(&args).ok();
        sandbox.awsx(&["lock"]).ok();
        sandbox.set("AWSX_PASSPHRASE", NEW);
        sandbox.exec("readonly", &[]).ok();
        assert_eq!(sandbox.aws.count("AssumeRole"), 1, "{at}: kept");
    });
}

/// A key that goes is gone after the next run, whole, and what an import took out comes back all the same.
#[test]
fn the_removal_of_a_key() {
    let args = ["keys", "remove", "dev", "--yes"];
    let given = || {
        let sandbox = Sandbox::new();
        sandbox.awsx(&["keys", "import", "dev", "--remove", "--yes"]).ok();
        sandbox.exec("readonly", &[]).ok();
        sandbox
    };
    kill_everywhere(given, &args, |sandbox, at| {
        let again = sandbox.awsx(&args);
        assert!(matches!(again.code, 0 | 3), "{at}: {again:?}");
        assert!(sandbox.records("keys").is_empty(), "{at}");
        assert!(sandbox.records("sessions").is_empty(), "{at}: nothing of its sessions");
        sandbox.awsx(&["keys", "import", "--undo"]).ok();
        assert_eq!(sandbox.read(".aws/credentials"), keys(KEY_ID, SECRET_KEY), "{at}");
        sandbox.exec("readonly", &[]).ok();
    });
}
