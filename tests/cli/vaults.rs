//! Where secrets rest, for real: gnome-keyring on a private D-Bus, the kernel's keyring, files with
//! a passphrase; and what is said when one of them is locked, gone, damaged or unsafe.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use crate::ran::Ran;
use crate::sandbox::{PASSPHRASE, Sandbox, rewrite};

const NOTHING_TO_LOCK: &str = "awsx: nothing to lock: awsx keeps no key at hand";

fn run(sandbox: &Sandbox) -> Ran {
    sandbox.exec("readonly", &[])
}

/// Runs it, and it must have been minted.
fn mint(sandbox: &Sandbox) -> Ran {
    let before = sandbox.aws.count("AssumeRole");
    let ran = run(sandbox).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), before + 1, "{ran:?}");
    ran
}

fn is_cached(sandbox: &Sandbox) -> bool {
    let before = sandbox.aws.count("AssumeRole");
    run(sandbox).ok().stderr_is(&[]);
    sandbox.aws.count("AssumeRole") == before
}

/// A vault of this kind that is opened by the passphrase, if it has one.
fn with_passphrase(kind: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.set("AWSX_VAULT", kind);
    sandbox
}

#[test]
fn the_keychain_holds_one_item_and_the_files_are_sealed() {
    for vault in ["keychain", "auto"] {
        let sandbox = Sandbox::new().vault(vault);
        let mut desktop = sandbox.desktop();
        assert!(!is_cached(&sandbox), "{vault}");
        assert!(is_cached(&sandbox), "{vault}");
        sandbox.exec("dev", &[]).ok();
        assert_eq!(desktop.items(), 1, "{vault}");
        for record in sandbox.records("sessions") {
            assert!(fs::read(&record).unwrap().starts_with(b"awsxrec\x01"), "{record:?}");
        }
        sandbox.awsx(&["unlock"]).ok().stderr_is(&["awsx: the vault is open (keychain)"]);
        sandbox.awsx(&["lock"]).ok().stderr_is(&[NOTHING_TO_LOCK]);
        assert!(is_cached(&sandbox), "{vault}");
        // What auto chose it keeps to.
        desktop.stop_keyring();
        run(&sandbox).fails(7, &["there is no keychain", "no Secret Service", "AWSX_VAULT="]);
        desktop.start_keyring();
        assert!(is_cached(&sandbox), "{vault}");
    }
}

#[test]
fn many_at_once_make_one_item_in_a_new_keychain() {
    let sandbox = Sandbox::new().vault("auto");
    let desktop = sandbox.desktop();
    let profiles = ["readonly", "dev"].into_iter().cycle().take(12);
    sandbox.together(profiles.map(|profile| ["exec", profile, "--", "true"])).ok();
    assert_eq!(desktop.items(), 1);
    assert_eq!((sandbox.aws.count("AssumeRole"), sandbox.aws.count("GetSessionToken")), (1, 1));
}

#[test]
fn a_locked_keychain_is_an_error_and_never_a_miss() {
    let sandbox = Sandbox::new().vault("keychain");
    let mut desktop = sandbox.desktop();
    run(&sandbox).ok();
    desktop.lock_keyring();
    let hint = "hint: run `awsx unlock` on the desktop, or set AWSX_VAULT=passphrase";
    run(&sandbox).exits(7).stderr_is(&["error: the keychain is locked", hint]);
    // Nobody shows the dialog on this desktop, which counts as dismissed.
    sandbox.set("DISPLAY", ":0");
    let dismissed = "error: the keychain is locked and its dialog was dismissed";
    run(&sandbox).fails(7, &[dismissed, "hint: run it again and answer the keychain's dialog"]);
    // In use, and for the first time.
    for profile in ["readonly", "dev"] {
        let ran = sandbox.exec(profile, &["--no-input"]).exits(7);
        ran.stderr_is(&["error: the keychain is locked", hint]);
    }
    let json = sandbox.awsx(&["whoami", "readonly", "--json"]).exits(7).error_json();
    assert_eq!(json["error"]["kind"], "vault");
    sandbox.awsx(&["explain", "readonly"]).ok();
    sandbox.awsx(&["profiles"]).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
    desktop.stop_keyring();
    desktop.start_keyring();
    assert!(is_cached(&sandbox));
}

#[test]
fn an_item_that_is_gone_or_foreign_is_named() {
    let sandbox = Sandbox::new().vault("keychain");
    let desktop = sandbox.desktop();
    run(&sandbox).ok();
    desktop.remove_items();
    let lost = "awsx: the keychain no longer holds the vault's key: what it sealed is lost";
    mint(&sandbox).stderr_is(&[lost]);
    assert!(is_cached(&sandbox));
    desktop.replace_item("somebody else's planted value");
    let ran = run(&sandbox).says_no("planted");
    ran.fails(7, &["the keychain's item `awsx` / `", "is not a key of awsx", "remove the item"]);
}

#[test]
fn without_a_keychain_auto_takes_another_vault() {
    let silent = tempfile::tempdir().unwrap();
    let silent = silent.path().join("bus");
    // Takes connections, answers nothing.
    let _listener = UnixListener::bind(&silent).unwrap();
    let silent = format!("unix:path={}", silent.display());
    for (docs, bus, problem) in [
        ("no bus", "", "no D-Bus session (DBUS_SESSION_BUS_ADDRESS is not set)"),
        ("a bus that is gone", "unix:path=/nonexistent/bus", "no D-Bus session at unix:path="),
        ("nonsense", "nonsense", "no D-Bus session at nonsense"),
        ("a bus that is silent", &silent, "the keychain did not answer within 10 s"),
    ] {
        let sandbox = Sandbox::new().vault("keychain");
        sandbox.set("DBUS_SESSION_BUS_ADDRESS", bus);
        run(&sandbox).fails(7, &[problem, "hint: ", "AWSX_VAULT=passphrase"]);
        assert!(sandbox.aws.calls().len() < 2, "{docs}");
        for (passphrase, chosen) in [("", "kernel"), (PASSPHRASE, "passphrase")] {
            let sandbox = Sandbox::new().vault("auto");
            sandbox.set("DBUS_SESSION_BUS_ADDRESS", bus);
            sandbox.set("AWSX_PASSPHRASE", passphrase);
            let ran = sandbox.awsx(&["-v", "exec", "readonly", "--", "true"]).ok();
            ran.says("passed over").says(&format!("the vault's key rests in: {chosen}"));
            let choice = sandbox.read(".local/state/awsx/unlocker");
            assert_eq!(choice, format!("{chosen}\n"), "{docs}");
            assert!(is_cached(&sandbox), "{docs}");
        }
    }
}

/// A desktop that is reached by SSH, or that logs in by itself: nobody is asked to open a keychain that was
/// never chosen.
#[test]
fn auto_passes_over_a_locked_keychain() {
    for display in ["", ":0"] {
        let sandbox = Sandbox::new().vault("auto");
        let desktop = sandbox.desktop();
        sandbox.exec("dev", &[]).ok();
        fs::remove_dir_all(sandbox.state_dir()).unwrap();
        desktop.lock_keyring();
        sandbox.set("DISPLAY", display);
        assert!(!is_cached(&sandbox), "{display}");
        assert!(is_cached(&sandbox), "{display}");
        assert_eq!(sandbox.read(".local/state/awsx/unlocker"), "kernel\n", "{display}");
    }
}

/// Whoever runs the bus is given the key.
#[test]
fn a_bus_of_another_user_is_passed_over() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let address = format!("unix:path={}/bus", place.path().display());
    let conf = place.path().join("conf");
    let text = format!("<busconfig><type>session</type><listen>{address}</listen></busconfig>");
    fs::write(&conf, text).unwrap();
    let mut daemon = std::process::Command::new("setpriv");
    daemon.args(["--reuid", "65534", "--regid", "65534", "--clear-groups", "dbus-daemon"]);
    let mut bus =
        daemon.args(["--nofork", "--nopidfile", "--config-file"]).arg(conf).spawn().unwrap();
    crate::given::wait_for("the bus", || place.path().join("bus").exists().then_some(()));
    let sandbox = Sandbox::new().vault("keychain");
    sandbox.set("DBUS_SESSION_BUS_ADDRESS", &address);
    let refused = run(&sandbox);
    sandbox.set("AWSX_VAULT", "auto");
    let passed_over = run(&sandbox);
    bus.kill().unwrap();
    bus.wait().unwrap();
    refused.fails(7, &["there is no keychain", "no D-Bus session at", "user 65534 runs it"]);
    passed_over.ok();
    assert_eq!(sandbox.read(".local/state/awsx/unlocker"), "kernel\n");
}

#[test]
fn the_kernel_keeps_the_key_until_it_is_locked() {
    let sandbox = Sandbox::new().vault("kernel");
    assert!(!is_cached(&sandbox));
    assert!(is_cached(&sandbox));
    sandbox.awsx(&["unlock"]).ok().stderr_is(&["awsx: the vault is open (kernel)"]);
    let locked = "awsx: locked; the sessions that the kernel kept open are lost";
    sandbox.awsx(&["lock"]).ok().stderr_is(&[locked]);
    assert!(!is_cached(&sandbox));
    assert!(is_cached(&sandbox));
    // Another state directory has another key.
    sandbox.set("AWSX_STATE_DIR", "~/elsewhere");
    assert!(!is_cached(&sandbox));
    sandbox.awsx(&["lock"]).ok();
    sandbox.unset("AWSX_STATE_DIR");
    assert!(is_cached(&sandbox));
}

#[test]
fn memory_keeps_nothing() {
    let sandbox = Sandbox::new().vault("memory");
    assert!(!is_cached(&sandbox) && !is_cached(&sandbox));
    assert!(!sandbox.state_dir().exists());
    let open =
        "awsx: the vault is open (memory); nothing can keep it open, so each command opens it";
    sandbox.awsx(&["unlock"]).ok().stderr_is(&[open]);
    sandbox.awsx(&["lock"]).ok().stderr_is(&[NOTHING_TO_LOCK]);
}

#[test]
fn the_passphrase_comes_from_a_variable_a_file_or_a_command() {
    let sandbox = Sandbox::new().vault("passphrase");
    let text = format!("{PASSPHRASE}\r\nanother line\n");
    let secret = sandbox.write_mode("planted/secret", &text, 0o600);
    let secret = secret.to_str().unwrap();
    sandbox.write_mode("planted/open", PASSPHRASE, 0o644);
    sandbox.write("planted/wrong", "planted but wrong");
    sandbox.write_mode("planted/long", &"x".repeat(4097), 0o600);
    sandbox.write_mode("planted/blank", "\0\0\n", 0o600);
    let (file, command) = ("AWSX_PASSPHRASE_FILE", "AWSX_PASSPHRASE_COMMAND");
    let cat = &*format!("cat {secret} && echo to the person >&2");
    let open = "planted/open can be read by other users (chmod 600 would end that)";
    let ended = "AWSX_PASSPHRASE_COMMAND gave no passphrase: sh: failed with exit status: ";
    for (variable, value, code, said) in [
        (file, secret, 0, ""),
        (file, "~/planted/secret", 0, ""),
        (file, "planted/open", 0, open),
        (file, "planted/wrong", 7, "wrong passphrase (from AWSX_PASSPHRASE_FILE)"),
        (file, "nope", 7, "AWSX_PASSPHRASE_FILE gave no passphrase: No such"),
        (command, cat, 0, "to the person"),
        (command, "echo planted; exit 3", 7, &format!("{ended}3")),
        (command, "no-such-command", 7, &format!("{ended}127")),
        (command, "true", 7, "passphrase"),
        (command, "yes planted", 7, "gave no passphrase: sh: wrote more than 128 KiB"),
        (file, "planted/long", 7, "gave no passphrase: the line is longer than 4096 bytes"),
        (file, "/dev/zero", 7, "gave no passphrase: it is larger than 64 KiB"),
        (file, "planted/blank", 7, "gave no passphrase: the line is not text"),
    ] {
        sandbox.awsx(&["lock"]).ok();
        sandbox.set(variable, value);
        run(&sandbox).exits(code).says(said);
        sandbox.unset(variable);
    }
    sandbox.awsx(&["lock"]).ok();
    run(&sandbox).fails(4, &["the vault's passphrase is needed"]);
    // The passphrase itself counts first.
    sandbox.set(file, "planted/wrong");
    sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
    run(&sandbox).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn a_damaged_record_is_named_and_minted_again() {
    type Change = fn(&mut Vec<u8>);
    let changes: [(&str, Change, &str); 9] = [
        ("its last bit", |file| *file.last_mut().unwrap() ^= 1, "it was altered"),
        ("a letter of its header", |file| file[40] ^= 1, "it "),
        ("half of it", |file| file.truncate(file.len() / 2), "it was altered"),
        ("its beginning alone", |file| file.truncate(30), "it is cut short"),
        ("nothing of it", Vec::clear, "it is cut short"),
        ("a newer awsx's", |file| file[7] = 9, "it was written by a newer awsx (format 9)"),
        ("something else", |file| *file = b"[dev]\n".to_vec(), "not a sealed record"),
        ("far too large", |file| file.resize(3 << 20, 0), "larger than any record"),
        ("appended bytes", |file| file.push(b'x'), "it was altered"),
    ];
    let sandbox = with_passphrase("passphrase");
    run(&sandbox).ok();
    for (docs, change, problem) in changes {
        let record = sandbox.only_record("sessions");
        rewrite(&record, change);
        let name = record.strip_prefix(sandbox.home()).unwrap().display();
        let said = format!("awsx: ~/{name} counts as absent: [..]{problem}[..]");
        mint(&sandbox).stderr_is(&[&said]);
        assert!(is_cached(&sandbox), "{docs}");
    }
}

#[test]
fn a_record_counts_under_its_own_name_only() {
    let sandbox = Sandbox::new().vault("kernel");
    run(&sandbox).ok();
    let readonly = sandbox.only_record("sessions");
    sandbox.exec("dev", &[]).ok();
    let dev = sandbox.records("sessions").into_iter().find(|record| *record != readonly).unwrap();
    fs::copy(&dev, &readonly).unwrap();
    let ran = sandbox.awsx(&["exec", "readonly", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"]).ok();
    ran.stderr_is(&["awsx: [..].rec counts as absent: it was moved here from another name"]);
    assert_eq!(sandbox.aws.count("AssumeRole"), 2);
}

#[test]
fn a_damaged_note_of_a_used_code_is_named() {
    let sandbox = Sandbox::new().vault("kernel");
    let run = |sandbox: &Sandbox| {
        let code = sandbox.code();
        sandbox.exec("prod", &["--refresh", "--mfa-code", &code]).ok()
    };
    run(&sandbox);
    let note = &sandbox.records("notes")[0];
    fs::write(note, "planted").unwrap();
    let name = note.strip_prefix(sandbox.home()).unwrap().display();
    let absent = format!("awsx: ~/{name} counts as absent: it is not a sealed record");
    run(&sandbox).stderr_is(&[&absent]);
    assert!(fs::read(note).unwrap().starts_with(b"awsxrec"));
}

#[test]
fn damaged_files_of_the_vault_are_told_apart() {
    for (file, text, code, said) in [
        ("vault.json", "{", 7, "vault.json is not a vault"),
        ("vault.json", r#"{"version":2}"#, 7, "vault.json"),
        ("vault.json", "", 7, "vault.json is not a vault"),
        ("unlocker", "nonsense", 0, "unlocker is ignored: it names no unlocker\n"),
    ] {
        let sandbox = with_passphrase("auto");
        run(&sandbox).ok();
        sandbox.awsx(&["lock"]).ok();
        fs::write(sandbox.state_dir().join(file), text).unwrap();
        let ran = run(&sandbox).exits(code).says(said);
        ran.says(if code == 0 { "" } else { "hint: `awsx vault reset` starts anew" });
    }
}

#[test]
fn where_nothing_can_be_written_nothing_is_kept() {
    for (vault, said) in [
        ("auto", "sessions are not kept"),
        ("kernel", "going on without the cache: "),
        ("passphrase", "going on without the cache: "),
        ("memory", ""),
    ] {
        let sandbox = with_passphrase(vault);
        let file = sandbox.write("file", "");
        // Below a file, and where even root makes no directory.
        for state in [file.join("state"), PathBuf::from("/sys/awsx/state")] {
            sandbox.set("AWSX_STATE_DIR", state.to_str().unwrap());
            let ran = run(&sandbox).ok().says(said);
            assert_eq!(ran.stderr.contains("cannot be written"), vault != "memory", "{ran:?}");
        }
    }
}

#[test]
fn a_record_that_cannot_be_replaced_costs_the_cache_not_the_session() {
    let sandbox = Sandbox::new().vault("kernel");
    run(&sandbox).ok();
    let record = sandbox.only_record("sessions");
    fs::remove_file(&record).unwrap();
    fs::create_dir(&record).unwrap();
    mint(&sandbox)
        .stderr_is(&["awsx: going on without the cache: [..].rec cannot be read: it is no [..]"]);
}

#[test]
fn a_state_directory_that_others_can_write_is_refused() {
    fn mode(path: &Path, bits: u32) {
        fs::create_dir_all(path).unwrap();
        fs::set_permissions(path, PermissionsExt::from_mode(bits)).unwrap();
    }
    for (docs, make) in [
        ("for all", (|path: &Path| mode(path, 0o777)) as fn(&Path)),
        ("for the group", |path| mode(path, 0o770)),
        ("sticky, as /tmp", |path| mode(path, 0o1777)),
        ("a link to such", |path| {
            let open = path.with_file_name("open");
            mode(&open, 0o777);
            symlink(open, path).unwrap();
        }),
        ("a file", |path| fs::write(path, "").unwrap()),
    ] {
        for vault in ["auto", "kernel", "passphrase"] {
            let sandbox = with_passphrase(vault);
            let state = sandbox.home().join("state");
            sandbox.set("AWSX_STATE_DIR", state.to_str().unwrap());
            make(&state);
            let hint = "hint: make it yours alone (chmod 700), or set AWSX_STATE_DIR";
            run(&sandbox).fails(7, &["is not safe to keep credentials in", hint]);
            assert!(sandbox.aws.calls().is_empty(), "{docs}, {vault}");
        }
    }
}

#[test]
fn an_unknown_vault_is_a_usage_error() {
    let sandbox = Sandbox::new().vault("kernal");
    let error = "error: `kernal` is not a vault: one of auto, keychain, passphrase, kernel, memory";
    run(&sandbox).exits(2).stderr_is(&[error, "hint: correct AWSX_VAULT, or unset it"]);
}
