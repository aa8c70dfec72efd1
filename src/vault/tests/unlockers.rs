//! Where the key rests, as users see it. The real keychain is in `tests/cli`.

use std::fs;
use std::rc::Rc;

use super::{OWN, Place, id, nobody, session, shell};
use crate::ports::testing::FakePerson;
use crate::vault::*;

/// A person who types these passphrases in turn.
fn typist(passphrases: &[&str]) -> Rc<FakePerson> {
    Rc::new(FakePerson::typing(passphrases))
}

#[test]
fn processes_that_make_the_key_at_once_end_with_one() {
    let place = Place::new();
    let pairs = [("AWSX_PASSPHRASE", "p")];
    // Elsewhere `auto` is the developer's keychain.
    let auto = cfg!(target_os = "linux").then_some(UnlockerKind::Auto);
    for kind in [OWN, UnlockerKind::Passphrase].into_iter().chain(auto) {
        let names: Vec<String> = (0..4).map(|n| format!("{kind} {n}")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                let vault = || place.vault_with(kind, &pairs, nobody());
                scope.spawn(move || vault().store(&id(name), &session(60)).unwrap());
            }
        });
        let vault = place.vault_with(kind, &pairs, nobody());
        for name in &names {
            assert!(vault.session(&id(name)).unwrap().is_some(), "{name}");
        }
        place.own().lock().unwrap();
    }
}

#[cfg(target_os = "linux")] // its kernel keeps the opened key
#[test]
fn a_new_passphrase_is_typed_twice_and_then_once_until_locked() {
    let place = Place::new();
    let person = typist(&["", "one", "other", "right", "right"]);
    let pairs = [("AWSX_VAULT", "passphrase")];
    let vault = place.vault_with(UnlockerKind::Passphrase, &pairs, person.clone());
    vault.store(&id("a"), &session(60)).unwrap();
    assert_eq!(
        *person.said.borrow(),
        [
            "sessions and logins are kept sealed: choose a passphrase (asked for once in 8 hours)",
            "New passphrase for awsx's vault: ",
            "It cannot be empty. New passphrase for awsx's vault: ",
            "The same again: ",
            "The two differ. New passphrase for awsx's vault: ",
            "The same again: "
        ]
    );

    let cached = place.vault(UnlockerKind::Passphrase);
    assert!(cached.session(&id("a")).unwrap().is_some(), "the kernel keeps the opened key");
    let forgot = cached.lock().unwrap();
    assert_eq!(forgot, Locked { passphrase_key: true, kernel_key: false });

    let person = typist(&["wrong", "right"]);
    let vault = place.vault_with(UnlockerKind::Passphrase, &[], person.clone());
    assert!(vault.session(&id("a")).unwrap().is_some());
    assert_eq!(person.said.borrow().len(), 2);
    let unlocked = vault.unlock().unwrap();
    assert_eq!(unlocked.open_for, Some(Duration::from_secs(8 * 3600)));
    assert_eq!(person.said.borrow().len(), 2, "it is open");
}

#[test]
fn a_vault_that_stays_shut_says_why() {
    let place = Place::new();
    let set_up =
        place.vault_with(UnlockerKind::Passphrase, &[("AWSX_PASSPHRASE", "right")], nobody());
    set_up.store(&id("a"), &session(60)).unwrap();
    let missing = place.0.path().join("missing").to_str().unwrap().to_owned();
    let no_file = fs::read(&missing).unwrap_err();
    let no_file = format!("AWSX_PASSPHRASE_FILE gave no passphrase: {no_file}");
    let status = if cfg!(windows) { "exit code: 3" } else { "exit status: 3" };
    for (docs, pairs, typed, expected) in [
        (
            "wrong variable",
            vec![("AWSX_PASSPHRASE", "x")],
            None,
            "wrong passphrase (from AWSX_PASSPHRASE)",
        ),
        ("three tries", vec![], Some(["x", "y", "z"]), "wrong passphrase (from the prompt)"),
        ("nobody", vec![], None, "the vault's passphrase is needed"),
        ("no file", vec![("AWSX_PASSPHRASE_FILE", missing.as_str())], None, &no_file),
        (
            "the command fails",
            vec![("AWSX_PASSPHRASE_COMMAND", "echo planted&& exit 3")],
            None,
            &format!("AWSX_PASSPHRASE_COMMAND gave no passphrase: the shell failed with {status}"),
        ),
    ] {
        set_up.lock().unwrap();
        let person = typed.map_or_else(nobody, |typed| typist(&typed));
        let vault = place.vault_with(UnlockerKind::Passphrase, &pairs, person);
        let error = vault.session(&id("a")).unwrap_err();
        assert_eq!(error.to_string(), expected, "{docs}");
    }
    let empty = Place::new();
    let pairs = [("AWSX_PASSPHRASE_COMMAND", "cd .")];
    let vault = empty.vault_with(UnlockerKind::Passphrase, &pairs, nobody());
    let error = vault.store(&id("a"), &session(60)).unwrap_err();
    assert_eq!(error.to_string(), "the passphrase is empty (from AWSX_PASSPHRASE_COMMAND)");
}

#[test]
fn a_passphrase_is_the_first_line_of_its_origin() {
    let place = Place::new();
    let file = place.0.path().join("passphrase");
    fs::write(&file, "a b \r\nsecond\n").unwrap();
    let file = file.to_str().unwrap();
    let person = nobody();
    for pairs in [
        [("AWSX_PASSPHRASE", "a b ")],
        [("AWSX_PASSPHRASE_FILE", file)],
        #[cfg(unix)]
        [("AWSX_PASSPHRASE_COMMAND", "printf 'a b \\nmore'")],
    ] {
        let vault = place.vault_with(UnlockerKind::Passphrase, &pairs, person.clone());
        vault.unlock().unwrap();
        vault.lock().unwrap();
    }
    let notices = person.said.borrow();
    assert_eq!(notices.len(), usize::from(cfg!(unix)), "{notices:?}");
    assert!(notices.iter().all(|n| n.contains("can be read by other users")), "{notices:?}");
}

#[test]
fn an_altered_vault_file_is_an_error() {
    let place = Place::new();
    let pairs = [("AWSX_PASSPHRASE", "p")];
    let vault = || place.vault_with(UnlockerKind::Passphrase, &pairs, nobody());
    vault().unlock().unwrap();
    let path = place.path().join("vault.json");
    let good = fs::read_to_string(&path).unwrap();
    for (docs, from, to, expected) in [
        ("future", r#""version": 1"#, r#""version": 2"#, "another awsx (version 2)"),
        ("greedy", "65536", "4294967295", "does not do"),
        ("slow", r#""passes": 3"#, r#""passes": 7"#, "does not do"),
        ("another function", "argon2id", "md5", "does not do"),
        ("fewer passes", r#""passes": 3"#, r#""passes": 1"#, "wrong passphrase"),
        ("no passes", r#""passes": 3"#, r#""passes": 0"#, "impossible parameters"),
        ("cut", "}", "", "is not a vault"),
        ("no nonce", r#""nonce": ""#, r#""nonce": "00"#, "is malformed"),
        ("no salt", r#""salt": ""#, r#""salt": "zz"#, "impossible parameters"),
    ] {
        assert!(good.contains(from), "{docs}");
        fs::write(&path, good.replace(from, to)).unwrap();
        vault().lock().unwrap();
        let error = vault().unlock().unwrap_err().to_string();
        assert!(error.contains(expected), "{docs}: {error}");
    }
}

#[cfg(target_os = "linux")] // elsewhere `auto` is the developer's keychain
#[test]
fn auto_takes_the_first_that_works_and_stays_with_it() {
    let place = Place::new();
    let vault = place.vault(UnlockerKind::Auto);
    assert!(vault.session(&id("a")).unwrap().is_none());
    assert_eq!(vault.unlocker_kind(), UnlockerKind::Auto, "a miss decides nothing");
    vault.store(&id("a"), &session(60)).unwrap();
    assert_eq!(vault.unlocker_kind(), UnlockerKind::Kernel, "no keychain here, nobody to ask");

    let person = typist(&["p", "p"]);
    let other = place.vault_with(UnlockerKind::Auto, &[], person.clone());
    assert_eq!(other.unlocker_kind(), UnlockerKind::Kernel, "remembered");
    assert!(other.session(&id("a")).unwrap().is_some());
    other.store(&id("b"), &session(60)).unwrap();
    assert!(person.said.borrow().is_empty());

    // As after a reboot: nothing is left to lose, so it chooses anew.
    other.lock().unwrap();
    let person = typist(&["p", "p"]);
    let anew = place.vault_with(UnlockerKind::Auto, &[], person.clone());
    assert!(anew.session(&id("a")).unwrap().is_none());
    assert!(person.said.borrow().is_empty(), "a miss asks nobody");
    anew.store(&id("a"), &session(60)).unwrap();
    assert_eq!(anew.unlocker_kind(), UnlockerKind::Passphrase);
    let said = person.said.borrow();
    assert_eq!(
        said[..2],
        [
            "sessions and logins are kept sealed: there is no keychain here, so choose a passphrase \
             (asked for once in 8 hours)",
            "or Ctrl-C, and AWSX_VAULT=kernel: it needs none, and keeps them until reboot",
        ]
    );
    assert_eq!(said.len(), 4);
}

#[cfg(target_os = "linux")] // elsewhere `auto` is the developer's keychain
#[test]
fn auto_does_not_leave_a_keychain_that_is_gone() {
    let place = Place::new();
    place.own().store(&id("a"), &session(60)).unwrap();
    fs::write(place.path().join("unlocker"), "keychain\n").unwrap();
    let vault = place.vault(UnlockerKind::Auto);
    let missed = vault.session(&id("b")).unwrap();
    assert!(missed.is_none(), "no record, no keychain");
    for error in [
        vault.session(&id("a")).unwrap_err(),
        vault.store(&id("b"), &session(60)).unwrap_err(),
        place.vault(UnlockerKind::Keychain).unlock().unwrap_err(),
    ] {
        assert_eq!(
            error.to_string(),
            "there is no keychain to keep the vault's key in: \
             no D-Bus session (DBUS_SESSION_BUS_ADDRESS is not set)"
        );
    }
}

#[test]
fn auto_goes_on_without_a_place() {
    let nowhere = Vault::new(&Env::default(), UnlockerKind::Auto, nobody(), shell()).unwrap();
    nowhere.store(&id("a"), &session(60)).unwrap();
    assert!(nowhere.session(&id("a")).unwrap().is_some());
    assert!(nowhere.durable().is_none());
    let refused = Vault::new(&Env::default(), OWN, nobody(), shell());
    assert!(matches!(refused, Err(StateDirError::NoHome)));
}

#[cfg(target_os = "linux")] // elsewhere `auto` is the developer's keychain
#[test]
fn a_remembered_choice_that_means_nothing_is_made_anew() {
    for text in ["", "memory", "auto", "pigeon", "kernel kernel"] {
        let place = Place::new();
        place.own().unlock().unwrap();
        fs::write(place.path().join("unlocker"), text).unwrap();
        let vault = place.vault(UnlockerKind::Auto);
        assert_eq!(vault.unlocker_kind(), UnlockerKind::Auto, "{text}");
        vault.store(&id("a"), &session(60)).unwrap();
        assert_eq!(fs::read(place.path().join("unlocker")).unwrap(), b"kernel\n", "{text}");
    }
}

#[test]
fn sessions_are_made_where_nothing_can_be_written() {
    let place = Place::new();
    fs::write(place.path(), "a file in the place of the directory's parent").unwrap();
    let below = place.path().join("state");
    let pairs = [("AWSX_STATE_DIR", below.to_str().unwrap()), ("AWSX_PASSPHRASE", "p")];
    for (kind, is_kept, notice) in [
        #[cfg(target_os = "linux")]
        (UnlockerKind::Auto, true, "sessions are not kept"),
        (OWN, false, "going on without the cache: "),
        (UnlockerKind::Passphrase, false, "going on without the cache: "),
    ] {
        let person = nobody();
        let vault = Vault::new(&Env::from_pairs(pairs), kind, person.clone(), shell()).unwrap();
        for name in ["a", "b"] {
            vault.store(&id(name), &session(60)).unwrap();
            assert_eq!(vault.session(&id(name)).unwrap().is_some(), is_kept, "{kind}");
        }
        let notices = person.said.borrow();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].contains(notice), "{notices:?}");
        assert!(notices[0].contains("cannot be written: not a directory"), "{notices:?}");
    }
}
