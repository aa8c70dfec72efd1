//! The vault as its users see it. The real keychain is in `tests/cli`.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, TimeZone, Utc};

use super::*;
use crate::credentials::{Expiration, Secret, SessionCredentials};

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap()
}

fn session(minutes: i64) -> StoredSession {
    StoredSession {
        credentials: SessionCredentials {
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: Secret::new("planted-secret"),
            session_token: Some(Secret::new("planted-token")),
            expiration: Expiration::At(now() + chrono::Duration::minutes(minutes)),
            account_id: None,
        },
        label: "GetSessionToken for profile p".into(),
        minted_at: now(),
    }
}

fn id(name: &str) -> SessionKey {
    SessionKey::builder("t").field("n", name).build()
}

/// A state directory of its own; what the kernel keeps for it is forgotten at the end.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("state")
    }

    fn vault(&self, kind: UnlockerKind) -> Vault {
        self.vault_with(kind, &[], Person::nobody())
    }

    fn vault_with(&self, kind: UnlockerKind, pairs: &[(&str, &str)], person: Person) -> Vault {
        let mut all = vec![("AWSX_STATE_DIR".to_owned(), self.path().to_str().unwrap().to_owned())];
        // For `sh` in AWSX_PASSPHRASE_COMMAND.
        all.push(("PATH".to_owned(), "/usr/bin:/bin".to_owned()));
        all.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Vault::new(&Env::from_pairs(all), kind, person).unwrap()
    }

    fn record(&self, key: &SessionKey) -> PathBuf {
        self.path().join("sessions").join(format!("{}.rec", key.to_hex()))
    }

    /// Every byte of every file below the state directory.
    fn contents(&self) -> Vec<u8> {
        fn below(path: &Path, all: &mut Vec<u8>) {
            for entry in fs::read_dir(path).unwrap() {
                let path = entry.unwrap().path();
                all.extend_from_slice(path.to_str().unwrap().as_bytes());
                match path.is_dir() {
                    true => below(&path, all),
                    false => all.extend(fs::read(&path).unwrap()),
                }
            }
        }
        let mut all = Vec::new();
        below(&self.path(), &mut all);
        all
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.vault(UnlockerKind::Kernel).lock();
    }
}

/// A person who types these passphrases in turn, and what they were asked.
fn typist(passphrases: &[&str]) -> (Person, Rc<RefCell<Vec<String>>>) {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&asked);
    let answers = passphrases.iter().map(|text| (*text).to_owned());
    let answers = RefCell::new(answers.collect::<VecDeque<_>>());
    let ask: Ask = Box::new(move |question| {
        log.borrow_mut().push(question.to_owned());
        answers.borrow_mut().pop_front().map(Secret::new).ok_or(AskError::Cancelled)
    });
    let person = Person { ask, is_attended: Box::new(|| true), ..Person::nobody() };
    (person, asked)
}

fn token(found: Option<StoredSession>) -> Option<String> {
    found.map(|session| session.credentials.session_token.unwrap().expose().to_owned())
}

#[test]
fn a_session_is_found_by_another_process_and_by_its_key_only() {
    let place = Place::new();
    let vault = place.vault(UnlockerKind::Kernel);
    vault.store(&id("a"), &session(60)).unwrap();
    let other = place.vault(UnlockerKind::Kernel);
    assert_eq!(token(other.session(&id("a")).unwrap()).as_deref(), Some("planted-token"));
    assert!(other.session(&id("b")).unwrap().is_none());
    let header = other.header(&id("a")).unwrap();
    assert_eq!(header.expires_at, now() + chrono::Duration::minutes(60));
    assert_eq!(other.headers().unwrap(), [header]);
    assert!(other.remove(&id("a")).unwrap());
    assert!(other.session(&id("a")).unwrap().is_none());
    assert!(!other.remove(&id("a")).unwrap());
}

#[test]
fn nothing_is_opened_for_a_miss_or_a_list() {
    let place = Place::new();
    place.vault(UnlockerKind::Kernel).store(&id("a"), &session(60)).unwrap();
    // This vault cannot be opened: nobody knows a passphrase.
    fs::write(place.path().join("vault.json"), "not a vault").unwrap();
    let vault = place.vault(UnlockerKind::Passphrase);
    assert!(vault.session(&id("b")).unwrap().is_none());
    assert!(vault.note("n").unwrap().is_none());
    assert_eq!(vault.headers().unwrap().len(), 1);
    vault.session(&id("a")).expect_err("this one has a record");
}

#[test]
fn nothing_secret_is_in_any_file() {
    let place = Place::new();
    let pairs = [("AWSX_PASSPHRASE", "planted-passphrase")];
    for kind in [UnlockerKind::Kernel, UnlockerKind::Passphrase] {
        let vault = place.vault_with(kind, &pairs, Person::nobody());
        vault.store(&id(kind.as_str()), &session(60)).unwrap();
        vault.set_note("arn:aws:iam::1:mfa/planted-name", b"planted-note").unwrap();
        let text = String::from_utf8_lossy(&place.contents()).into_owned();
        assert!(!text.contains("planted") && !text.contains("ASIA"), "{text}");
    }
}

#[test]
fn an_unusable_record_is_reported_and_counts_as_absent() {
    let place = Place::new();
    let vault = place.vault(UnlockerKind::Kernel);
    vault.store(&id("a"), &session(60)).unwrap();
    vault.store(&id("b"), &session(60)).unwrap();
    let (good, other) = (place.record(&id("a")), place.record(&id("b")));
    let bytes = fs::read(&good).unwrap();
    let altered = |at: usize, to: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = to;
        bytes
    };
    let last = bytes.len() - 1;
    for (docs, bytes, expected) in [
        ("empty", vec![], Unreadable::Truncated),
        ("cut", bytes[..last - 20].to_vec(), Unreadable::Altered),
        ("cut in the header", bytes[..40].to_vec(), Unreadable::Truncated),
        ("tampered", altered(last, bytes[last] ^ 1), Unreadable::Altered),
        ("future", altered(7, 9), Unreadable::FutureVersion { version: 9 }),
        ("foreign", b"{}".to_vec(), Unreadable::NotARecord),
        ("moved", fs::read(&other).unwrap(), Unreadable::Renamed),
    ] {
        fs::write(&good, bytes).unwrap();
        let vault = place.vault(UnlockerKind::Kernel);
        assert!(vault.session(&id("a")).unwrap().is_none(), "{docs}");
        let reported = vault.unreadable();
        assert_eq!(reported.len(), 1, "{docs}");
        assert_eq!((&reported[0].path, &reported[0].problem), (&good, &expected), "{docs}");
        assert!(vault.session(&id("b")).unwrap().is_some(), "{docs}: others are not affected");
        vault.store(&id("a"), &session(60)).unwrap();
        assert!(vault.session(&id("a")).unwrap().is_some(), "{docs}: it is replaced");
    }
}

#[test]
fn a_record_of_another_unlocker_is_absent_without_a_warning() {
    let place = Place::new();
    place.vault(UnlockerKind::Kernel).store(&id("a"), &session(60)).unwrap();
    let pairs = [("AWSX_PASSPHRASE", "p")];
    let vault = place.vault_with(UnlockerKind::Passphrase, &pairs, Person::nobody());
    vault.store(&id("b"), &session(60)).unwrap();
    assert!(vault.session(&id("a")).unwrap().is_none());
    assert!(vault.unreadable().is_empty());
}

#[test]
fn a_session_without_expiry_is_refused() {
    let place = Place::new();
    let mut unstated = session(60);
    unstated.credentials.expiration = Expiration::Unstated;
    for kind in [UnlockerKind::Kernel, UnlockerKind::Memory] {
        let refused = place.vault(kind).store(&id("a"), &unstated);
        assert!(matches!(refused, Err(VaultError::NoExpiry)), "{kind}");
    }
    assert!(!place.path().exists());
}

#[test]
fn memory_keeps_nothing() {
    let place = Place::new();
    let vault = place.vault(UnlockerKind::Memory);
    vault.store(&id("a"), &session(60)).unwrap();
    vault.set_note("n", b"1").unwrap();
    assert!(vault.session(&id("a")).unwrap().is_some());
    assert_eq!(vault.note("n").unwrap().unwrap().as_slice(), b"1");
    assert_eq!(vault.headers().unwrap().len(), 1);
    assert!(place.vault(UnlockerKind::Memory).session(&id("a")).unwrap().is_none());
    assert!(!place.path().exists());
    assert_eq!(vault.unlock().unwrap().unlocker, UnlockerKind::Memory);
}

#[test]
fn notes_are_kept_and_replaced() {
    let place = Place::new();
    let vault = place.vault(UnlockerKind::Kernel);
    assert!(vault.note("n").unwrap().is_none());
    vault.set_note("n", b"123456 1").unwrap();
    vault.set_note("n", b"654321 2").unwrap();
    let other = place.vault(UnlockerKind::Kernel);
    assert_eq!(other.note("n").unwrap().unwrap().as_slice(), b"654321 2");
    assert!(other.note("m").unwrap().is_none());
}

#[test]
fn expired_records_are_swept_when_one_is_stored() {
    let place = Place::new();
    let vault = place.vault(UnlockerKind::Kernel);
    for (name, minutes) in [("gone", 0), ("held", 0), ("fresh", 1)] {
        // Stored as if minted earlier, when neither had expired.
        let minted_at = now() - chrono::Duration::minutes(5);
        vault.store(&id(name), &StoredSession { minted_at, ..session(minutes) }).unwrap();
    }
    fs::write(place.record(&id("damaged")), "?").unwrap();
    let state = vault.state_dir().unwrap();
    let held = state.lock(&id("held").to_hex(), || ()).unwrap();
    vault.store(&id("new"), &session(60)).unwrap();
    let exists = |name: &str| place.record(&id(name)).exists();
    assert!(!exists("gone"));
    assert!(exists("held"), "somebody is renewing it");
    assert!(exists("fresh") && exists("new"));
    assert!(exists("damaged"), "it says nothing about its expiry");
    drop(held);
    vault.store(&id("new"), &session(60)).unwrap();
    assert!(!exists("held"));
}

#[test]
fn processes_that_make_the_key_at_once_end_with_one() {
    let place = Place::new();
    let pairs = [("AWSX_PASSPHRASE", "p")];
    for kind in [UnlockerKind::Kernel, UnlockerKind::Passphrase, UnlockerKind::Auto] {
        let names: Vec<String> = (0..4).map(|n| format!("{kind} {n}")).collect();
        std::thread::scope(|scope| {
            for name in &names {
                let vault = || place.vault_with(kind, &pairs, Person::nobody());
                scope.spawn(move || vault().store(&id(name), &session(60)).unwrap());
            }
        });
        let vault = place.vault_with(kind, &pairs, Person::nobody());
        for name in &names {
            assert!(vault.session(&id(name)).unwrap().is_some(), "{name}");
        }
        place.vault(UnlockerKind::Kernel).lock().unwrap();
    }
}

#[test]
fn a_new_passphrase_is_typed_twice_and_then_once_until_locked() {
    let place = Place::new();
    let (person, asked) = typist(&["", "one", "other", "right", "right"]);
    let vault = place.vault_with(UnlockerKind::Passphrase, &[], person);
    vault.store(&id("a"), &session(60)).unwrap();
    assert_eq!(
        *asked.borrow(),
        [
            "New passphrase for awsx's vault",
            "It cannot be empty. New passphrase for awsx's vault",
            "The same again",
            "The two differ. New passphrase for awsx's vault",
            "The same again"
        ]
    );

    let cached = place.vault(UnlockerKind::Passphrase);
    assert!(cached.session(&id("a")).unwrap().is_some(), "the kernel keeps the opened key");
    let forgot = cached.lock().unwrap();
    assert_eq!(forgot, Locked { passphrase_key: true, kernel_key: false });

    let (person, asked) = typist(&["wrong", "right"]);
    let vault = place.vault_with(UnlockerKind::Passphrase, &[], person);
    assert!(vault.session(&id("a")).unwrap().is_some());
    assert_eq!(asked.borrow().len(), 2);
    let unlocked = vault.unlock().unwrap();
    assert_eq!(unlocked.open_for, Some(Duration::from_secs(8 * 3600)));
    assert_eq!(asked.borrow().len(), 2, "it is open");
}

#[test]
fn a_vault_that_stays_shut_says_why() {
    let place = Place::new();
    let set_up = place.vault_with(
        UnlockerKind::Passphrase,
        &[("AWSX_PASSPHRASE", "right")],
        Person::nobody(),
    );
    set_up.store(&id("a"), &session(60)).unwrap();
    let missing = place.0.path().join("missing").to_str().unwrap().to_owned();
    for (docs, pairs, typed, expected) in [
        (
            "wrong variable",
            vec![("AWSX_PASSPHRASE", "x")],
            None,
            "wrong passphrase (from AWSX_PASSPHRASE)",
        ),
        ("three tries", vec![], Some(["x", "y", "z"]), "wrong passphrase (from the prompt)"),
        ("nobody", vec![], None, "the vault's passphrase is needed"),
        (
            "no file",
            vec![("AWSX_PASSPHRASE_FILE", missing.as_str())],
            None,
            "AWSX_PASSPHRASE_FILE gave no passphrase: No such file or directory (os error 2)",
        ),
        (
            "the command fails",
            vec![("AWSX_PASSPHRASE_COMMAND", "echo planted; exit 3")],
            None,
            "AWSX_PASSPHRASE_COMMAND gave no passphrase: it ended with exit status: 3",
        ),
    ] {
        set_up.lock().unwrap();
        let person = typed.map_or_else(Person::nobody, |typed| typist(&typed).0);
        let vault = place.vault_with(UnlockerKind::Passphrase, &pairs, person);
        let error = vault.session(&id("a")).unwrap_err();
        assert_eq!(error.to_string(), expected, "{docs}");
    }
    let empty = Place::new();
    let pairs = [("AWSX_PASSPHRASE_COMMAND", "true")];
    let vault = empty.vault_with(UnlockerKind::Passphrase, &pairs, Person::nobody());
    let error = vault.store(&id("a"), &session(60)).unwrap_err();
    assert_eq!(error.to_string(), "the passphrase is empty (from AWSX_PASSPHRASE_COMMAND)");
}

#[test]
fn a_passphrase_is_the_first_line_of_its_origin() {
    let place = Place::new();
    let file = place.0.path().join("passphrase");
    fs::write(&file, "a b \r\nsecond\n").unwrap();
    let file = file.to_str().unwrap();
    let notices = Rc::new(RefCell::new(Vec::new()));
    for pairs in [
        [("AWSX_PASSPHRASE", "a b ")],
        [("AWSX_PASSPHRASE_FILE", file)],
        [("AWSX_PASSPHRASE_COMMAND", "printf 'a b \\nmore'; yes | head -c 200000")],
    ] {
        let log = Rc::clone(&notices);
        let notice = Box::new(move |text: &str| log.borrow_mut().push(text.to_owned()));
        let person = Person { notice, ..Person::nobody() };
        let vault = place.vault_with(UnlockerKind::Passphrase, &pairs, person);
        vault.unlock().unwrap();
        vault.lock().unwrap();
    }
    let notices = notices.borrow();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("can be read by other users"), "{notices:?}");
}

#[test]
fn an_altered_vault_file_is_an_error() {
    let place = Place::new();
    let pairs = [("AWSX_PASSPHRASE", "p")];
    let vault = || place.vault_with(UnlockerKind::Passphrase, &pairs, Person::nobody());
    vault().unlock().unwrap();
    let path = place.path().join("vault.json");
    let good = fs::read_to_string(&path).unwrap();
    for (docs, from, to, expected) in [
        ("future", r#""version": 1"#, r#""version": 2"#, "another awsx (version 2)"),
        ("greedy", "65536", "4294967295", "does not do"),
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

#[test]
fn auto_takes_the_first_that_works_and_stays_with_it() {
    let place = Place::new();
    let vault = place.vault(UnlockerKind::Auto);
    assert!(vault.session(&id("a")).unwrap().is_none());
    assert_eq!(vault.unlocker(), UnlockerKind::Auto, "a miss decides nothing");
    vault.store(&id("a"), &session(60)).unwrap();
    assert_eq!(vault.unlocker(), UnlockerKind::Kernel, "no keychain here, nobody to ask");

    let (person, asked) = typist(&["p", "p"]);
    let other = place.vault_with(UnlockerKind::Auto, &[], person);
    assert_eq!(other.unlocker(), UnlockerKind::Kernel, "remembered");
    assert!(other.session(&id("a")).unwrap().is_some());
    other.store(&id("b"), &session(60)).unwrap();
    assert!(asked.borrow().is_empty());

    // As after a reboot: nothing is left to lose, so it chooses anew.
    other.lock().unwrap();
    let (person, asked) = typist(&["p", "p"]);
    let anew = place.vault_with(UnlockerKind::Auto, &[], person);
    assert!(anew.session(&id("a")).unwrap().is_none());
    assert!(asked.borrow().is_empty(), "a miss asks nobody");
    anew.store(&id("a"), &session(60)).unwrap();
    assert_eq!(anew.unlocker(), UnlockerKind::Passphrase);
    assert_eq!(asked.borrow().len(), 2);
}

#[test]
fn auto_does_not_leave_a_keychain_that_is_gone() {
    let place = Place::new();
    place.vault(UnlockerKind::Kernel).store(&id("a"), &session(60)).unwrap();
    fs::write(place.path().join("unlocker"), "keychain\n").unwrap();
    let vault = place.vault(UnlockerKind::Auto);
    let missed = vault.session(&id("b")).unwrap();
    assert!(missed.is_none(), "no record, no keychain");
    for error in [
        vault.session(&id("a")).unwrap_err(),
        vault.store(&id("b"), &session(60)).unwrap_err(),
        place.vault(UnlockerKind::Keychain).unlock().unwrap_err(),
    ] {
        let VaultError::Unlock(error) = error else { panic!("{error}") };
        assert_eq!(
            error.to_string(),
            "there is no keychain to keep the vault's key in: \
             no D-Bus session (DBUS_SESSION_BUS_ADDRESS is not set)"
        );
        assert!(error.hint().unwrap().contains("AWSX_VAULT"));
    }
}

#[test]
fn auto_goes_on_without_a_place() {
    let nowhere = Vault::new(&Env::default(), UnlockerKind::Auto, Person::nobody()).unwrap();
    nowhere.store(&id("a"), &session(60)).unwrap();
    assert!(nowhere.session(&id("a")).unwrap().is_some());
    assert!(nowhere.state_dir().is_none());
    let refused = Vault::new(&Env::default(), UnlockerKind::Kernel, Person::nobody());
    assert!(matches!(refused, Err(StateDirError::NoHome)));
}
