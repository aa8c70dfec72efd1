//! Where secrets rest, for real: gnome-keyring on a private D-Bus, the kernel's keyring, files with
//! a passphrase; and what is said when one of them is locked, gone, damaged or unsafe.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use crate::sandbox::{PASSPHRASE, Ran, Sandbox, files_below};

const RUN: [&str; 4] = ["exec", "readonly", "--", "true"];

/// A sandbox that says nothing about a vault.
fn sandbox(vault: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.set("AWSX_VAULT", vault);
    sandbox.unset("AWSX_PASSPHRASE");
    sandbox
}

/// Runs it, and says whether it was minted.
fn run(sandbox: &Sandbox) -> (Ran, bool) {
    let before = sandbox.aws.count("AssumeRole");
    (sandbox.awsx(&RUN), sandbox.aws.count("AssumeRole") > before)
}

fn is_cached(sandbox: &Sandbox) -> bool {
    let (ran, minted) = run(sandbox);
    assert_eq!(ran.ok().stderr, "");
    !minted
}

fn the_record(sandbox: &Sandbox) -> PathBuf {
    let mut records = files_below(&sandbox.state_dir().join("sessions"));
    assert_eq!(records.len(), 1, "{records:?}");
    records.remove(0)
}

#[test]
fn the_keychain_holds_one_item_and_the_files_are_sealed() {
    for vault in ["keychain", "auto"] {
        let sandbox = sandbox(vault);
        let mut desktop = sandbox.desktop();
        desktop.start_keyring();
        assert!(!is_cached(&sandbox), "{vault}");
        assert!(is_cached(&sandbox), "{vault}");
        sandbox.awsx(&["exec", "dev", "--", "true"]).ok();
        assert_eq!(desktop.items(), 1, "{vault}");
        for record in files_below(&sandbox.state_dir().join("sessions")) {
            assert!(fs::read(&record).unwrap().starts_with(b"awsxrec\x01"), "{record:?}");
        }
        sandbox.awsx(&["unlock"]).ok().says("the vault is open (keychain)");
        sandbox.awsx(&["lock"]).ok().says("nothing to lock");
        assert!(is_cached(&sandbox), "{vault}");
        // What auto chose it keeps to.
        desktop.stop_keyring();
        run(&sandbox).0.fails(7, &["there is no keychain", "no Secret Service", "AWSX_VAULT="]);
        desktop.start_keyring();
        assert!(is_cached(&sandbox), "{vault}");
    }
}

#[test]
fn many_that_meet_a_new_keychain_make_one_item() {
    let sandbox = sandbox("auto");
    let mut desktop = sandbox.desktop();
    desktop.start_keyring();
    let profiles = ["readonly", "dev"].into_iter().cycle().take(12);
    let all: Vec<_> = profiles.map(|p| sandbox.start(&["exec", p, "--", "true"])).collect();
    all.into_iter().for_each(|awsx| drop(awsx.end().ok()));
    assert_eq!(desktop.items(), 1);
    assert_eq!((sandbox.aws.count("AssumeRole"), sandbox.aws.count("GetSessionToken")), (1, 1));
}

#[test]
fn a_locked_keychain_is_an_error_and_never_a_miss() {
    let sandbox = sandbox("keychain");
    let mut desktop = sandbox.desktop();
    desktop.start_keyring();
    run(&sandbox).0.ok();
    desktop.lock_keyring();
    let hint = "hint: run `awsx unlock` on the desktop, or set AWSX_VAULT=passphrase";
    run(&sandbox).0.fails(7, &["error: the keychain is locked", hint]);
    let no_input = sandbox.awsx(&["exec", "readonly", "--no-input", "--", "true"]);
    no_input.fails(7, &["error: the keychain is locked\n", hint]);
    let first_use = sandbox.awsx(&["exec", "dev", "--no-input", "--", "true"]);
    first_use.fails(7, &["error: the keychain is locked\n", hint]);
    let json = sandbox.awsx(&["whoami", "readonly", "--json"]).fails(7, &[]);
    let error: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
    assert_eq!(error["error"]["kind"], "vault");
    sandbox.awsx(&["explain", "readonly"]).ok();
    sandbox.awsx(&["profiles"]).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
    desktop.stop_keyring();
    desktop.start_keyring();
    assert!(is_cached(&sandbox));
}

#[test]
fn an_item_that_is_gone_or_not_awsxs_is_said() {
    let sandbox = sandbox("keychain");
    let mut desktop = sandbox.desktop();
    desktop.start_keyring();
    run(&sandbox).0.ok();
    desktop.remove_items();
    let (ran, minted) = run(&sandbox);
    ran.ok().says("the keychain no longer holds the vault's key");
    assert!(minted);
    assert!(is_cached(&sandbox));
    desktop.replace_item("somebody else's planted value");
    let (ran, _) = run(&sandbox);
    assert!(!ran.stderr.contains("planted"), "{ran:?}");
    ran.fails(7, &["the keychain's item `awsx` / `", "is not a key of awsx", "remove the item"]);
}

#[test]
fn without_a_keychain_it_is_said_or_auto_takes_another() {
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
        let sandbox = sandbox("keychain");
        sandbox.set("DBUS_SESSION_BUS_ADDRESS", bus);
        run(&sandbox).0.fails(7, &[problem, "hint: ", "AWSX_VAULT=passphrase"]);
        assert!(sandbox.aws.calls().len() < 2, "{docs}");
        for (passphrase, chosen) in [("", "kernel"), (PASSPHRASE, "passphrase")] {
            let sandbox = self::sandbox("auto");
            sandbox.set("DBUS_SESSION_BUS_ADDRESS", bus);
            sandbox.set("AWSX_PASSPHRASE", passphrase);
            let ran = sandbox.awsx(&["-v", "exec", "readonly", "--", "true"]).ok();
            ran.says("passed over").says(&format!("the vault's key rests in unlocker={chosen}"));
            let remembered = fs::read_to_string(sandbox.state_dir().join("unlocker")).unwrap();
            assert_eq!(remembered, format!("{chosen}\n"), "{docs}");
            assert!(is_cached(&sandbox), "{docs}");
        }
    }
}

#[test]
fn the_kernel_keeps_the_key_until_it_is_locked() {
    let sandbox = sandbox("kernel");
    assert!(!is_cached(&sandbox));
    assert!(is_cached(&sandbox));
    sandbox.awsx(&["unlock"]).ok().says("the vault is open (kernel)\n");
    sandbox.awsx(&["lock"]).ok().says("the sessions that the kernel kept open are lost");
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
    let sandbox = sandbox("memory");
    assert!(!is_cached(&sandbox) && !is_cached(&sandbox));
    assert!(!sandbox.state_dir().exists());
    sandbox.awsx(&["unlock"]).ok().says("nothing can keep it open");
    sandbox.awsx(&["lock"]).ok().says("nothing to lock");
}

#[test]
fn the_passphrase_comes_from_where_it_is_told() {
    let sandbox = sandbox("passphrase");
    let secret = sandbox.write("planted/secret", &format!("{PASSPHRASE}\r\nanother line\n"));
    fs::set_permissions(&secret, PermissionsExt::from_mode(0o600)).unwrap();
    let open = sandbox.write("planted/open", PASSPHRASE);
    fs::set_permissions(&open, PermissionsExt::from_mode(0o644)).unwrap();
    let wrong = sandbox.write("planted/wrong", "planted but wrong");
    let secret = secret.to_str().unwrap().to_owned();
    let (file, command) = ("AWSX_PASSPHRASE_FILE", "AWSX_PASSPHRASE_COMMAND");
    let cat = format!("cat {secret} && echo to the person >&2");
    let wrong = wrong.to_str().unwrap();
    for (docs, variables, code, said) in [
        ("a file's first line", vec![(file, secret.as_str())], 0, ""),
        ("from home", vec![(file, "~/planted/secret")], 0, ""),
        (
            "readable by others",
            vec![(file, "planted/open")],
            0,
            "planted/open can be read by other users (chmod 600 would end that)",
        ),
        ("a command", vec![(command, cat.as_str())], 0, "to the person"),
        ("the variable first", vec![("AWSX_PASSPHRASE", PASSPHRASE), (file, wrong)], 0, ""),
        ("a wrong file", vec![(file, wrong)], 7, "wrong passphrase (from AWSX_PASSPHRASE_FILE)"),
        ("no file", vec![(file, "nope")], 7, "AWSX_PASSPHRASE_FILE gave no passphrase: No such"),
        (
            "a command that fails",
            vec![(command, "echo planted; exit 3")],
            7,
            "AWSX_PASSPHRASE_COMMAND gave no passphrase: it ended with exit status: 3",
        ),
        (
            "a command that is not there",
            vec![(command, "no-such-command")],
            7,
            "AWSX_PASSPHRASE_COMMAND gave no passphrase: it ended with exit status: 127",
        ),
        ("a command that says nothing", vec![(command, "true")], 7, "passphrase"),
        ("none", vec![], 4, "the vault's passphrase is needed"),
    ] {
        sandbox.awsx(&["lock"]).ok();
        variables.iter().for_each(|(name, value)| sandbox.set(name, value));
        let (ran, _) = run(&sandbox);
        assert_eq!(ran.code, code, "{docs}: {ran:?}");
        ran.says(said);
        variables.iter().for_each(|(name, _)| sandbox.unset(name));
    }
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn a_damaged_record_is_reported_and_minted_again() {
    fn altered(at: usize) -> impl Fn(&mut Vec<u8>) {
        move |file| {
            let at = if at == usize::MAX { file.len() - 1 } else { at };
            file[at] ^= 1;
        }
    }
    type Change = Box<dyn Fn(&mut Vec<u8>)>;
    let changes: [(&str, Change, &str); 9] = [
        ("its last bit", Box::new(altered(usize::MAX)), "it was altered"),
        ("a letter of its header", Box::new(altered(40)), "it "),
        ("half of it", Box::new(|file| file.truncate(file.len() / 2)), "it was altered"),
        ("its beginning alone", Box::new(|file| file.truncate(30)), "it is cut short"),
        ("nothing of it", Box::new(Vec::clear), "it is cut short"),
        (
            "a newer awsx's",
            Box::new(|file| file[7] = 9),
            "it was written by a newer awsx (format 9)",
        ),
        ("something else", Box::new(|file| *file = b"[dev]\n".to_vec()), "not a sealed record"),
        ("far too large", Box::new(|file| file.resize(3 << 20, 0)), "larger than any record"),
        ("appended bytes", Box::new(|file| file.push(b'x')), "it was altered"),
    ];
    let sandbox = sandbox("passphrase");
    sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
    run(&sandbox).0.ok();
    for (docs, change, problem) in changes {
        let record = the_record(&sandbox);
        let mut file = fs::read(&record).unwrap();
        change(&mut file);
        fs::write(&record, &file).unwrap();
        let (ran, minted) = run(&sandbox);
        let said = format!("awsx: {} counts as absent: ", record.display());
        let ran = ran.ok().says(&said).says(problem);
        assert_eq!(ran.stderr.matches(&said).count(), 1, "{docs}: {ran:?}");
        assert!(minted, "{docs}");
        assert!(is_cached(&sandbox), "{docs}");
    }
}

#[test]
fn a_record_answers_to_its_own_name_only() {
    let sandbox = sandbox("kernel");
    run(&sandbox).0.ok();
    let readonly = the_record(&sandbox);
    sandbox.awsx(&["exec", "dev", "--", "true"]).ok();
    let dev = files_below(&sandbox.state_dir().join("sessions"))
        .into_iter()
        .find(|record| *record != readonly)
        .unwrap();
    fs::copy(&dev, &readonly).unwrap();
    let ran = sandbox.awsx(&["exec", "readonly", "--", "sh", "-c", "echo $AWS_ACCOUNT_ID"]).ok();
    ran.says("it was moved here from another name");
    assert_eq!(sandbox.aws.count("AssumeRole"), 2);
}

#[test]
fn a_damaged_note_of_a_used_code_is_reported_too() {
    let sandbox = sandbox("kernel");
    let run = |sandbox: &Sandbox| {
        let code = sandbox.code();
        sandbox.awsx(&["exec", "prod", "--refresh", "--mfa-code", &code, "--", "true"]).ok()
    };
    run(&sandbox);
    let note = &files_below(&sandbox.state_dir().join("notes"))[0];
    fs::write(note, "planted").unwrap();
    run(&sandbox).says(&format!("{} counts as absent: it is not a sealed record", note.display()));
    assert!(fs::read(note).unwrap().starts_with(b"awsxrec"));
}

#[test]
fn damaged_files_of_the_vault_are_told_apart() {
    for (docs, file, text, code, said) in [
        ("no JSON", "vault.json", "{", 7, "vault.json is not a vault"),
        ("a newer one", "vault.json", r#"{"version":2}"#, 7, "vault.json"),
        ("nothing", "vault.json", "", 7, "vault.json is not a vault"),
        ("auto's choice", "unlocker", "nonsense", 0, "ignored: it names no unlocker"),
    ] {
        let sandbox = sandbox("auto");
        sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
        run(&sandbox).0.ok();
        sandbox.awsx(&["lock"]).ok();
        fs::write(sandbox.state_dir().join(file), text).unwrap();
        let (ran, _) = run(&sandbox);
        assert_eq!(ran.code, code, "{docs}: {ran:?}");
        ran.says(said).says(if code == 0 { "" } else { "hint: remove the file to begin anew" });
    }
}

#[test]
fn where_nothing_can_be_written_auto_goes_on_and_a_chosen_vault_says_so() {
    for (vault, code, said) in [
        ("auto", 0, "cannot be written"),
        ("kernel", 7, "cannot be written"),
        ("passphrase", 7, "cannot be written"),
        ("memory", 0, ""),
    ] {
        let sandbox = sandbox(vault);
        sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
        let file = sandbox.write("file", "");
        // Below a file, and where even root makes no directory.
        for state in [file.join("state"), PathBuf::from("/sys/awsx/state")] {
            sandbox.set("AWSX_STATE_DIR", state.to_str().unwrap());
            let (ran, _) = run(&sandbox);
            assert_eq!(ran.code, code, "{vault}: {ran:?}");
            ran.says(said).says(if code == 0 { "" } else { "hint: set AWSX_STATE_DIR" });
        }
    }
}

#[test]
fn a_record_that_cannot_be_replaced_costs_the_cache_not_the_session() {
    let sandbox = sandbox("kernel");
    run(&sandbox).0.ok();
    let record = the_record(&sandbox);
    fs::remove_file(&record).unwrap();
    fs::create_dir(&record).unwrap();
    let (ran, minted) = run(&sandbox);
    ran.ok().says("the session is not kept: ").says("cannot be written");
    assert!(minted);
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
            let sandbox = sandbox(vault);
            sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
            let state = sandbox.home().join("state");
            sandbox.set("AWSX_STATE_DIR", state.to_str().unwrap());
            make(&state);
            let (ran, _) = run(&sandbox);
            assert_eq!(ran.code, 7, "{docs}, {vault}: {ran:?}");
            let hint = "hint: make it yours alone (chmod 700), or set AWSX_STATE_DIR";
            ran.says("is not safe to keep credentials in").says(hint);
            assert!(sandbox.aws.calls().is_empty(), "{docs}, {vault}");
        }
    }
}

#[test]
fn an_unknown_vault_is_a_usage_error() {
    let sandbox = sandbox("kernal");
    run(&sandbox).0.fails(2, &["`kernal` is not a vault", "hint: correct AWSX_VAULT"]);
}
