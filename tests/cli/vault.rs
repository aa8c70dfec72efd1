//! Care for the vault: `awsx vault status`, `move`, `passphrase` and `reset`.

use serde_json::json;

use crate::desktop::Desktop;
use crate::fake_aws::sample;
use crate::sandbox::{PASSPHRASE, Sandbox};

const NEW: &str = "planted new passphrase";

fn is_cached(sandbox: &Sandbox) -> bool {
    let before = sandbox.aws.count("AssumeRole");
    sandbox.exec("readonly", &[]).ok();
    sandbox.aws.count("AssumeRole") == before
}

fn status(sandbox: &Sandbox) -> serde_json::Value {
    sandbox.awsx(&["vault", "status", "--json"]).ok().json()
}

/// A file that gives the passphrase to change to.
fn with_new_passphrase(sandbox: &Sandbox) {
    sandbox.plant(NEW);
    let file = sandbox.write_mode("planted/new", &format!("{NEW}\n"), 0o600);
    sandbox.set("AWSX_NEW_PASSPHRASE_FILE", file.to_str().unwrap());
}

#[test]
fn status_says_where_the_key_rests_and_what_is_kept() {
    let sandbox = Sandbox::new();
    sandbox.exec("readonly", &[]).ok();
    sandbox.exec("prod", &["--mfa-code", &sandbox.code()]).ok();
    let text = sandbox.awsx(&["vault", "status"]).ok().stdout;
    let lines: Vec<&str> = text.lines().collect();
    let place = "key in     vault.json in the state directory, wrapped with a passphrase";
    assert_eq!(lines[..3], ["passphrase", place, "chosen by  AWSX_VAULT"]);
    assert!(lines[3].starts_with("since      ") && lines[3].ends_with("(just now)"), "{text}");
    assert_eq!(lines[4], "open       yes");
    assert!(lines[5].starts_with("holds      1 note, 3 sessions ("), "{text}");
    assert_eq!(lines[6], "where      ~/.local/state/awsx");
    sandbox.awsx(&["lock"]).ok();
    sandbox.unset("AWSX_PASSPHRASE");
    let shut = "open       no: `awsx unlock` asks for the passphrase\n";
    sandbox.awsx(&["vault", "status"]).ok().prints(shut);
    let document = status(&sandbox);
    assert_eq!((&document["version"], &document["unlocker"]), (&json!(1), &json!("passphrase")));
    assert_eq!((&document["named"], &document["open"]), (&json!(true), &json!(false)));
    assert_eq!(document["holds"]["sessions"]["records"], 3);
    assert_eq!(document["holds"]["sessions"]["lost"], json!(null), "nobody knows while it is shut");
    let sandbox = Sandbox::new().vault("memory");
    let text = sandbox.awsx(&["vault", "status"]).ok().stdout;
    let memory =
        "memory\nkey in     memory: nothing is kept\nchosen by  AWSX_VAULT\nholds      nothing\n";
    assert_eq!(text, memory);
}

#[test]
fn another_passphrase_opens_the_same_vault() {
    let sandbox = Sandbox::new();
    assert!(!is_cached(&sandbox));
    let vault = || sandbox.read(".local/state/awsx/vault.json");
    let before = vault();
    let hint = "hint: run it in a terminal, or set AWSX_NEW_PASSPHRASE_FILE";
    sandbox.awsx(&["vault", "passphrase"]).fails(4, &["the vault's passphrase is needed", hint]);
    with_new_passphrase(&sandbox);
    sandbox.awsx(&["vault", "passphrase"]).ok().stderr_is(&[
        "awsx: the passphrase is changed; what is kept stays as it is",
        "awsx: AWSX_PASSPHRASE must give the new one from now on",
    ]);
    assert_ne!(vault(), before);
    assert!(is_cached(&sandbox), "the kernel keeps the key");
    sandbox.awsx(&["lock"]).ok();
    sandbox.exec("readonly", &[]).fails(7, &["wrong passphrase (from AWSX_PASSPHRASE)"]);
    sandbox.set("AWSX_PASSPHRASE", NEW);
    assert!(is_cached(&sandbox));
}

/// The passphrase is forgotten, but the vault is still open.
#[test]
fn a_person_is_asked_for_a_new_passphrase_alone_where_the_vault_is_open() {
    let sandbox = Sandbox::new();
    sandbox.exec("readonly", &[]).ok();
    sandbox.unset("AWSX_PASSPHRASE");
    sandbox.plant(NEW);
    let mut terminal = sandbox.awsx_on_terminal(&["vault", "passphrase"]);
    terminal.expect("New passphrase for awsx's vault: ").type_line(NEW);
    terminal.expect("The same again: ").type_line(NEW).expect("is changed").end().ok();
    sandbox.awsx(&["lock"]).ok();
    sandbox.set("AWSX_PASSPHRASE", NEW);
    assert!(is_cached(&sandbox));
    for vault in ["kernel", "memory"] {
        let sandbox = Sandbox::new().vault(vault);
        let none = "the vault has no passphrase: its key rests in ";
        sandbox.awsx(&["vault", "passphrase"]).exits(7).says(none);
    }
}

#[test]
fn the_key_moves_to_the_keychain_and_back() {
    let sandbox = Sandbox::new();
    assert!(!is_cached(&sandbox));
    let desktop = sandbox.desktop();
    sandbox.unset("AWSX_VAULT");
    let moved = "awsx: the vault's key now rests in the keychain's item `awsx`";
    sandbox.awsx(&["vault", "move", "--to", "keychain"]).ok().stderr_is(&[moved]);
    assert!(is_cached(&sandbox));
    assert_eq!(desktop.items(), 1);
    assert!(!sandbox.state_dir().join("vault.json").exists());
    assert_eq!(status(&sandbox)["unlocker"], "keychain");
    let there = "awsx: the vault's key is there: the keychain's item `awsx`";
    sandbox.awsx(&["vault", "move", "--to", "keychain"]).ok().stderr_is(&[there]);
    with_new_passphrase(&sandbox);
    sandbox.set("AWSX_VAULT", "keychain");
    sandbox.awsx(&["vault", "move", "--to", "passphrase"]).ok().stderr_is(&[
        "awsx: the vault's key now rests in vault.json in the state directory, wrapped with a passphrase",
        "awsx: AWSX_VAULT=keychain is set: later commands find the vault with AWSX_VAULT=passphrase, or \
         without it",
    ]);
    assert_eq!(desktop.items(), 0);
    sandbox.unset("AWSX_VAULT");
    sandbox.set("AWSX_PASSPHRASE", NEW);
    sandbox.awsx(&["lock"]).ok();
    assert!(is_cached(&sandbox));
}

/// The hints lead to a vault that keeps access keys too.
#[test]
fn where_there_is_no_keychain_the_key_stays() {
    for (vault, hint) in [
        ("passphrase", "hint: the key stays where it is: `awsx vault status`"),
        ("kernel", "hint: `awsx vault move --to passphrase` needs no keychain"),
        ("keychain", "hint: set AWSX_VAULT=passphrase where there is no keychain"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.set("AWSX_VAULT", if vault == "keychain" { "auto" } else { vault });
        sandbox.exec("readonly", &[]).ok();
        sandbox.set("AWSX_VAULT", vault);
        let none = "there is no keychain to keep the vault's key in: no D-Bus session";
        sandbox.awsx(&["vault", "move", "--to", "keychain"]).fails(7, &[none, hint]);
        sandbox.set("AWSX_VAULT", if vault == "keychain" { "auto" } else { vault });
        assert!(is_cached(&sandbox), "{vault}");
    }
}

#[test]
fn what_the_kernel_kept_outlives_a_reboot_once_it_is_moved() {
    let sandbox = Sandbox::new().vault("auto");
    assert!(!is_cached(&sandbox));
    assert_eq!(status(&sandbox)["unlocker"], "kernel");
    sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
    sandbox.awsx(&["vault", "move", "--to", "passphrase"]).ok();
    sandbox.awsx(&["lock"]).ok().says("the passphrase opens the vault again");
    assert!(is_cached(&sandbox));
    let sandbox = Sandbox::new().vault("memory");
    sandbox.awsx(&["vault", "move", "--to", "passphrase"]).fails(7, &["the vault is in memory"]);
}

#[test]
fn a_place_that_another_vault_has_is_not_taken() {
    let sandbox = Sandbox::new();
    sandbox.exec("readonly", &[]).ok();
    sandbox.set("AWSX_VAULT", "kernel");
    sandbox.exec("readonly", &[]).ok();
    let before = sandbox.read(".local/state/awsx/vault.json");
    let occupied = "there is another vault already: its key rests in vault.json";
    let hint =
        "hint: set AWSX_VAULT=passphrase to use it; `AWSX_VAULT=passphrase awsx vault status`";
    sandbox.awsx(&["vault", "move", "--to", "passphrase"]).fails(7, &[occupied, hint]);
    assert_eq!(sandbox.read(".local/state/awsx/vault.json"), before);
    assert!(is_cached(&sandbox));
}

/// A desktop whose keychain would be chosen else.
#[test]
fn what_a_named_vault_keeps_is_found_without_the_name() {
    let sandbox = Sandbox::new();
    let _desktop: Desktop<'_> = sandbox.desktop();
    assert!(!is_cached(&sandbox));
    sandbox.unset("AWSX_VAULT");
    assert!(is_cached(&sandbox));
    assert_eq!(status(&sandbox)["unlocker"], "passphrase");
    // Where another one was chosen before, that is said.
    std::fs::write(sandbox.state_dir().join("unlocker"), "keychain\n").unwrap();
    sandbox.exec("dev", &[]).ok();
    sandbox.exec("readonly", &[]).ok().stderr_is(&[
        "awsx: there is another vault, its key in vault.json in the state directory, wrapped with a \
         passphrase, and something that is needed here is in it: AWSX_VAULT=passphrase uses it; this one's \
         key is in the keychain's item `awsx`",
    ]);
}

#[test]
fn a_reset_says_what_is_lost_and_wants_a_word() {
    let sandbox = Sandbox::new();
    sandbox.exec("readonly", &[]).ok();
    let mut add = sandbox.command(crate::sandbox::AWSX);
    add.args(["mfa", "add", "prod", "--stdin", "--yes"]);
    sandbox.run(&mut add, b"MZXW6YTBOJTG633CMFZGM33P", true).ok();
    // Forgotten.
    sandbox.awsx(&["lock"]).ok();
    sandbox.set("AWSX_PASSPHRASE", "planted and wrong");
    let hint = "if it is forgotten, `awsx vault reset` starts anew, and says first what is lost";
    sandbox.exec("readonly", &[]).exits(7).says("correct AWSX_PASSPHRASE");
    sandbox.unset("AWSX_PASSPHRASE");
    let mut terminal = sandbox.exec_on_terminal("readonly", &[]);
    terminal.expect("Passphrase of awsx's vault: ").type_line("planted a");
    terminal.expect("Wrong.").type_line("planted b").expect("Wrong.").type_line("planted c");
    terminal.expect(hint).end().exits(7);
    let no = sandbox.awsx(&["vault", "reset"]).exits(4);
    no.says("there is no terminal").says("hint: `awsx vault reset --yes` does not ask");
    let device = format!("awsx:   1 MFA device: {}", sample::MFA_SERIAL);
    for word in ["", "y", "yes"] {
        let mut terminal = sandbox.awsx_on_terminal(&["vault", "reset"]);
        terminal.expect("awsx: this is lost:").expect(&device).expect("awsx:   1 session");
        terminal.expect("your AWS files stay").expect("Type reset to remove it: ");
        terminal.type_line(word).expect("nothing is removed").end().ok();
    }
    assert_eq!(sandbox.records("sessions").len(), 1);
    let config = sandbox.read_config();
    let mut terminal = sandbox.awsx_on_terminal(&["vault", "reset"]);
    terminal.expect("Type reset to remove it: ").type_line("reset");
    terminal.expect("the vault is empty").end().ok();
    assert!(sandbox.records("sessions").is_empty() && sandbox.records("mfa").is_empty());
    assert_eq!(sandbox.read_config(), config);
    let empty = "awsx: the vault is empty (nothing was kept); the next command makes a new one";
    sandbox.awsx(&["vault", "reset", "--yes"]).ok().stderr_is(&[empty]);
    sandbox.set("AWSX_PASSPHRASE", PASSPHRASE);
    assert!(!is_cached(&sandbox));
    assert!(is_cached(&sandbox));
}
