//! The vault as its users see it: what is kept, found, listed and refused.

mod unlockers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, TimeZone, Utc};

use super::*;
use crate::credentials::{Expiration, Secret, SessionCredentials};
use crate::ports::testing::FakePerson;

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap()
}

fn nobody() -> Rc<FakePerson> {
    Rc::default()
}

fn shell() -> RunInShell {
    Box::new(|line| {
        let (shell, flag) = if cfg!(windows) { ("cmd", "/c") } else { ("sh", "-c") };
        let ran = Command::new(shell).args([flag, line]).output().unwrap();
        match ran.status.success() {
            true => Ok(ran.stdout.into()),
            false => Err(format!("the shell failed with {}", ran.status)),
        }
    })
}

/// What opens a vault without a person, and leaves the developer's keychain alone.
pub(super) const OWN: UnlockerKind = match cfg!(target_os = "linux") {
    true => UnlockerKind::Kernel,
    false => UnlockerKind::Passphrase,
};
const PASSPHRASE: [(&str, &str); 1] = [("AWSX_PASSPHRASE", "p")];

impl Vault {
    /// A vault in this directory, where nobody is there.
    pub(super) fn at(state: &Path, kind: UnlockerKind) -> Self {
        let [(name, passphrase)] = PASSPHRASE;
        let env = Env::from_pairs([("AWSX_STATE_DIR", state), (name, Path::new(passphrase))]);
        Self::new(&env, kind, Rc::new(FakePerson::default()), shell()).unwrap()
    }

    fn store(&self, key: &SessionKey, session: &KeptSession) -> Result<(), VaultError> {
        session.keep(self, key)
    }

    fn session(&self, key: &SessionKey) -> Result<Option<KeptSession>, VaultError> {
        self.get(key)
    }
}

fn session(minutes: i64) -> KeptSession {
    session_of(now(), minutes)
}

/// A session that was minted then, and ends so many minutes from [`now`].
fn session_of(minted_at: DateTime<Utc>, minutes: i64) -> KeptSession {
    let credentials = SessionCredentials {
        access_key_id: "ASIAEXAMPLE".into(),
        secret_access_key: Secret::new("planted-secret"),
        session_token: Some(Secret::new("planted-token")),
        expiration: Expiration::At(now() + chrono::Duration::minutes(minutes)),
        account_id: None,
    };
    let label = "GetSessionToken for profile p";
    KeptSession::new(credentials, label, minted_at, None, SessionOf::default()).unwrap()
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
        self.vault_with(kind, &[], nobody())
    }

    fn own(&self) -> Vault {
        self.vault_with(OWN, &PASSPHRASE, nobody())
    }

    fn vault_with(
        &self,
        kind: UnlockerKind,
        pairs: &[(&str, &str)],
        person: Rc<dyn Person>,
    ) -> Vault {
        let mut all = vec![("AWSX_STATE_DIR".to_owned(), self.path().to_str().unwrap().to_owned())];
        all.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Vault::new(&Env::from_pairs(all), kind, person, shell()).unwrap()
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
        let _ = self.own().lock();
    }
}

fn token(found: Option<KeptSession>) -> Option<String> {
    found.map(|session| session.into_credentials().session_token.unwrap().expose().to_owned())
}

#[test]
fn a_session_is_found_by_another_process_and_by_its_key_only() {
    let place = Place::new();
    let vault = place.own();
    vault.store(&id("a"), &session(60)).unwrap();
    let other = place.own();
    assert_eq!(token(other.session(&id("a")).unwrap()).as_deref(), Some("planted-token"));
    assert!(other.session(&id("b")).unwrap().is_none());
    let header: SessionHeader = other.header(&id("a")).unwrap().unwrap();
    assert_eq!(header.expires_at, now() + chrono::Duration::minutes(60));
    assert_eq!(other.headers().unwrap(), [(id("a"), header)]);
    assert!(other.remove::<SessionHeader>(&id("a")).unwrap());
    assert!(other.session(&id("a")).unwrap().is_none());
    assert!(!other.remove::<SessionHeader>(&id("a")).unwrap());
}

#[test]
fn nothing_is_opened_for_a_miss_or_a_list() {
    let place = Place::new();
    place.own().store(&id("a"), &session(60)).unwrap();
    // This vault cannot be opened: nobody knows a passphrase.
    fs::write(place.path().join("vault.json"), "not a vault").unwrap();
    let vault = place.vault(UnlockerKind::Passphrase);
    assert!(vault.session(&id("b")).unwrap().is_none());
    assert_eq!(vault.headers::<SessionHeader>().unwrap().len(), 1);
    vault.session(&id("a")).expect_err("this one has a record");
}

#[test]
fn nothing_secret_is_in_any_file() {
    let place = Place::new();
    let pairs = [("AWSX_PASSPHRASE", "planted-passphrase")];
    for kind in [OWN, UnlockerKind::Passphrase] {
        let vault = place.vault_with(kind, &pairs, nobody());
        vault.store(&id(kind.as_str()), &session(60)).unwrap();
        let text = String::from_utf8_lossy(&place.contents()).into_owned();
        assert!(!text.contains("planted") && !text.contains("ASIA"), "{text}");
    }
}

#[test]
fn an_unusable_record_is_reported_and_counts_as_absent() {
    let place = Place::new();
    let vault = place.own();
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
        let person = nobody();
        let vault = place.vault_with(OWN, &PASSPHRASE, person.clone());
        for _ in 0..2 {
            assert!(vault.session(&id("a")).unwrap().is_none(), "{docs}");
        }
        let told = format!("{} counts as absent: {expected}", good.display());
        assert_eq!(*person.said.borrow(), [told], "{docs}: once");
        assert!(vault.session(&id("b")).unwrap().is_some(), "{docs}: others are not affected");
        vault.store(&id("a"), &session(60)).unwrap();
        assert!(vault.session(&id("a")).unwrap().is_some(), "{docs}: it is replaced");
    }
}

#[cfg(target_os = "linux")] // elsewhere the other one is the developer's keychain
#[test]
fn a_record_of_another_unlocker_is_absent_without_a_warning() {
    let place = Place::new();
    place.own().store(&id("a"), &session(60)).unwrap();
    let pairs = [("AWSX_PASSPHRASE", "p")];
    let person = nobody();
    let vault = place.vault_with(UnlockerKind::Passphrase, &pairs, person.clone());
    vault.store(&id("b"), &session(60)).unwrap();
    assert!(vault.session(&id("a")).unwrap().is_none());
    assert!(person.said.borrow().is_empty());
}

#[test]
fn memory_keeps_nothing() {
    let place = Place::new();
    let vault = place.vault(UnlockerKind::Memory);
    vault.store(&id("a"), &session(60)).unwrap();
    assert!(vault.session(&id("a")).unwrap().is_some());
    assert_eq!(vault.headers::<SessionHeader>().unwrap().len(), 1);
    assert!(place.vault(UnlockerKind::Memory).session(&id("a")).unwrap().is_none());
    assert!(!place.path().exists());
    assert_eq!(vault.unlock().unwrap().unlocker, UnlockerKind::Memory);
}

#[test]
fn expired_records_are_swept_when_one_is_stored() {
    let place = Place::new();
    let vault = place.own();
    for (name, minutes) in [("gone", 0), ("held", 0), ("fresh", 1)] {
        // Stored as if minted earlier, when neither had expired.
        let minted_at = now() - chrono::Duration::minutes(5);
        vault.store(&id(name), &session_of(minted_at, minutes)).unwrap();
    }
    fs::write(place.record(&id("damaged")), "?").unwrap();
    let state = vault.durable().unwrap();
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

/// What nothing can make again
#[derive(serde::Serialize, serde::Deserialize)]
struct Lasting {}

impl Header for Lasting {
    const FOLDER: &'static str = "lasting";
    const IS_CACHE: bool = false;
    const OUTLIVES_REBOOT: bool = true;
}

impl Record for Lasting {
    type Header = Self;

    fn to_parts(&self) -> (Self, Fields) {
        (Self {}, Fields::default())
    }

    fn from_parts(_: Self, _: Fields) -> Option<Self> {
        Some(Self {})
    }
}

#[test]
fn what_nothing_makes_again_is_kept_where_it_outlives_a_reboot() {
    // Elsewhere `auto` is the developer's keychain.
    let linux: &[_] = match cfg!(target_os = "linux") {
        true => &[
            (UnlockerKind::Kernel, &[][..], false),
            (UnlockerKind::Auto, &[], false),
            (UnlockerKind::Auto, &PASSPHRASE, true),
        ],
        false => &[],
    };
    let everywhere = [
        (UnlockerKind::Memory, &PASSPHRASE[..], false),
        (UnlockerKind::Passphrase, &PASSPHRASE, true),
    ];
    for (kind, pairs, is_kept) in linux.iter().copied().chain(everywhere) {
        let place = Place::new();
        let vault = place.vault_with(kind, pairs, nobody());
        let put = vault.put(&id("a"), &Lasting {});
        let room = vault.make_room::<Lasting>();
        for done in [put, room] {
            match done {
                Ok(()) => assert!(is_kept, "{kind}"),
                Err(VaultError::Forgets { .. }) => assert!(!is_kept, "{kind}"),
                Err(other) => panic!("{kind}: {other:?}"),
            }
        }
        assert_eq!(vault.keys::<Lasting>().unwrap().len(), usize::from(is_kept), "{kind}");
    }
}
