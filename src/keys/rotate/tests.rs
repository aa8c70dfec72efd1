//! Rotations against an IAM that fails at each single call: however a run ends, the stored key works, and the next
//! run ends what it began.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};

use super::*;
use crate::credentials::{
    AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken, LongTermCredentials, MfaCode, Secret,
    SessionCredentials, StsAnswer, StsCall,
};
use crate::env::Env;
use crate::keys::home::InVault;
use crate::ports::testing::{FakePerson, FixedClock, no_command};
use crate::ports::{CallerIdentity, LastUse, NewMfaDevice, SharedClock};
use crate::vault::{UnlockerKind, Vault};

const DEV: &str = "arn:aws:iam::111111111111:user/dev";

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()
}

/// What happens to one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It does not arrive.
    Lost,
    /// It is carried out, and nobody learns of it.
    Unanswered,
    Refused,
    /// Nor does any that follows.
    Silence,
}

struct Key {
    id: String,
    secret: String,
    status: KeyStatus,
    created: DateTime<Utc>,
    is_used: bool,
    /// How often it is still refused, and missing from the list
    unknown: (u32, u32),
}

/// IAM and STS for one user.
struct Aws {
    keys: RefCell<Vec<Key>>,
    made: Cell<u32>,
    calls: RefCell<Vec<String>>,
    fault: Cell<Option<(usize, Fault)>>,
    /// What a new key is to others
    lag: (u32, u32),
    /// Whether a policy demands MFA of the user's keys
    needs_mfa: Cell<bool>,
}

impl Aws {
    fn new() -> Self {
        let aws = Self {
            keys: RefCell::default(),
            made: Cell::default(),
            calls: RefCell::default(),
            fault: Cell::default(),
            lag: (0, 0),
            needs_mfa: Cell::default(),
        };
        aws.add("AKIAOLD", now() - TimeDelta::days(100));
        aws
    }

    fn add(&self, id: &str, created: DateTime<Utc>) {
        self.keys.borrow_mut().push(Key {
            id: id.to_owned(),
            secret: format!("secret of {id}"),
            status: KeyStatus::Active,
            created,
            is_used: true,
            unknown: (0, 0),
        });
    }

    /// One call: a fault that is due, and who signs.
    fn call<T>(
        &self,
        name: &'static str,
        keys: &Keys,
        act: impl FnOnce(&mut Vec<Key>) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let number = self.calls.borrow().len();
        self.calls.borrow_mut().push(name.to_owned());
        let is_due = |(at, fault): &(usize, Fault)| {
            *at == number || *fault == Fault::Silence && number > *at
        };
        let fault = self.fault.get().filter(is_due).map(|(_, fault)| fault);
        match fault {
            Some(Fault::Lost | Fault::Silence) => return Err(unanswered(name)),
            Some(Fault::Refused) => return Err(refused(name, "AccessDenied")),
            Some(Fault::Unanswered) | None => {}
        }
        if let Keys::LongTerm(pair) = keys {
            let mut known = self.keys.borrow_mut();
            let found = known.iter_mut().find(|key| key.id == pair.access_key_id);
            match found {
                Some(key) if key.unknown.0 > 0 => {
                    key.unknown.0 -= 1;
                    return Err(refused(name, "InvalidClientTokenId"));
                }
                Some(key) if key.status == KeyStatus::Active => {
                    assert_eq!(pair.secret_access_key.expose(), key.secret);
                    key.is_used = true;
                }
                _ => return Err(refused(name, "InvalidClientTokenId")),
            }
            if self.needs_mfa.get() && name.starts_with("iam:") {
                return Err(refused(name, "AccessDenied"));
            }
        }
        let done = act(&mut self.keys.borrow_mut());
        match fault {
            Some(Fault::Unanswered) => Err(unanswered(name)),
            _ => done,
        }
    }

    fn works(&self, id: &str) -> bool {
        self.keys.borrow().iter().any(|key| key.id == id && key.status == KeyStatus::Active)
    }

    /// `AKIAOLD Active, AKIANEW1 Inactive`
    fn shown(&self) -> String {
        let keys = self.keys.borrow();
        let shown = keys.iter().map(|key| format!("{} {}", key.id, key.status.as_str()));
        shown.collect::<Vec<_>>().join(", ")
    }
}

fn unanswered(call: &'static str) -> CallError {
    let endpoint = "https://iam.amazonaws.com".to_owned();
    CallError::Unreachable { call, endpoint, attempts: 1, cause: "reset".to_owned() }
}

fn refused(call: &'static str, code: &str) -> CallError {
    CallError::Refused { call, code: code.to_owned(), message: String::new(), request_id: None }
}

impl Iam for Aws {
    fn create_access_key(&self, signer: &Signer<'_>) -> Result<NewAccessKey, CallError> {
        self.call("iam:CreateAccessKey", signer.keys, |keys| {
            if keys.len() == 2 {
                return Err(refused("iam:CreateAccessKey", "LimitExceeded"));
            }
            self.made.set(self.made.get() + 1);
            let id = format!("AKIANEW{}", self.made.get());
            let secret = format!("secret of {id}");
            keys.push(Key {
                id: id.clone(),
                secret: secret.clone(),
                status: KeyStatus::Active,
                created: now(),
                is_used: false,
                unknown: self.lag,
            });
            let keys = LongTermCredentials {
                access_key_id: id,
                secret_access_key: Secret::new(secret),
                account_id: None,
            };
            Ok(NewAccessKey { keys, created: now() })
        })
    }

    fn access_keys(&self, signer: &Signer<'_>) -> Result<Vec<AccessKey>, CallError> {
        self.call("iam:ListAccessKeys", signer.keys, |keys| {
            let mut listed = Vec::new();
            for key in keys {
                match key.unknown.1.checked_sub(1) {
                    Some(left) => key.unknown.1 = left,
                    None => listed.push(AccessKey {
                        id: key.id.clone(),
                        status: key.status,
                        created: key.created,
                    }),
                }
            }
            Ok(listed)
        })
    }

    fn last_use(&self, signer: &Signer<'_>, id: &str) -> Result<Option<LastUse>, CallError> {
        self.call("iam:GetAccessKeyLastUsed", signer.keys, |keys| {
            let used = keys.iter().any(|key| key.id == id && key.is_used);
            let (service, region) = ("s3".to_owned(), "eu-west-1".to_owned());
            Ok(used.then(|| LastUse { at: now() - TimeDelta::days(1), service, region }))
        })
    }

    fn set_status(
        &self,
        signer: &Signer<'_>,
        id: &str,
        status: KeyStatus,
    ) -> Result<(), CallError> {
        self.call("iam:UpdateAccessKey", signer.keys, |keys| {
            let key = keys.iter_mut().find(|key| key.id == id);
            key.ok_or_else(|| refused("iam:UpdateAccessKey", "NoSuchEntity"))?.status = status;
            Ok(())
        })
    }

    fn delete_access_key(&self, signer: &Signer<'_>, id: &str) -> Result<(), CallError> {
        self.call("iam:DeleteAccessKey", signer.keys, |keys| {
            keys.retain(|key| key.id != id);
            Ok(())
        })
    }

    fn mfa_devices(&self, _: &Signer<'_>, _: &str) -> Result<Vec<String>, CallError> {
        Err(refused("iam:ListMFADevices", "NotAskedFor"))
    }

    fn create_virtual_mfa_device(
        &self,
        _: &Signer<'_>,
        _: &str,
    ) -> Result<NewMfaDevice, CallError> {
        Err(refused("iam:CreateVirtualMFADevice", "NotAskedFor"))
    }

    fn enable_mfa_device(
        &self,
        _: &Signer<'_>,
        _: &str,
        _: &str,
        _: &[MfaCode; 2],
    ) -> Result<(), CallError> {
        Err(refused("iam:EnableMFADevice", "NotAskedFor"))
    }

    fn delete_virtual_mfa_device(&self, _: &Signer<'_>, _: &str) -> Result<(), CallError> {
        Err(refused("iam:DeleteVirtualMFADevice", "NotAskedFor"))
    }
}

impl Sts for Aws {
    fn get_session_token(
        &self,
        _: &Keys,
        _: &GetSessionToken,
        _: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError> {
        Err(refused("sts:GetSessionToken", "NotAskedFor"))
    }

    fn assume_role(
        &self,
        _: &Keys,
        _: &AssumeRole,
        _: Option<MfaCode>,
    ) -> Result<SessionCredentials, CallError> {
        Err(refused("sts:AssumeRole", "NotAskedFor"))
    }

    fn assume_role_with_web_identity(
        &self,
        _: &AssumeRoleWithWebIdentity,
        _: Secret,
    ) -> Result<SessionCredentials, CallError> {
        Err(refused("sts:AssumeRoleWithWebIdentity", "NotAskedFor"))
    }

    fn ask(
        &self,
        _: Option<&Keys>,
        call: &StsCall,
        _: Option<MfaCode>,
    ) -> Result<StsAnswer, CallError> {
        Err(refused(call.name, "NotAskedFor"))
    }

    fn get_caller_identity(&self, keys: &Keys) -> Result<CallerIdentity, CallError> {
        self.call("sts:GetCallerIdentity", keys, |_| {
            let account = "111111111111".to_owned();
            Ok(CallerIdentity { account, arn: DEV.to_owned(), user_id: "AIDA".to_owned() })
        })
    }
}

/// A vault that is opened once: to open it takes longer than all the rest.
struct Place {
    _directory: tempfile::TempDir,
    vault: Vault,
    person: Rc<FakePerson>,
    clock: SharedClock,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        let env = Env::from_pairs([
            ("AWSX_STATE_DIR", state.to_str().unwrap()),
            ("AWSX_PASSPHRASE", "p"),
        ]);
        let person = Rc::new(FakePerson::default());
        let vault =
            Vault::new(&env, UnlockerKind::Passphrase, person.clone(), no_command()).unwrap();
        Self { _directory: directory, vault, person, clock: FixedClock::at(now()) }
    }

    /// A user whose old key is stored under this name.
    fn user(&self, name: &str) -> Aws {
        let owner = KeyOwner {
            account_id: "111111111111".to_owned(),
            arn: DEV.to_owned(),
            proved_at: now(),
        };
        let stored = StoredKeys {
            header: StoredKeysHeader {
                name: name.to_owned(),
                access_key_id: "AKIAOLD".to_owned(),
                owner: Some(owner),
                created_at: None,
                added_at: now(),
                rotation: None,
                digests: Vec::new(),
            },
            secret_access_key: Secret::new("secret of AKIAOLD"),
            secret_beside: None,
        };
        self.vault.put(&StoredKeysHeader::key(name), &stored).unwrap();
        Aws::new()
    }

    fn header(&self, name: &str) -> StoredKeysHeader {
        StoredKeysHeader::find(&self.vault, name).unwrap().unwrap()
    }

    fn rotate(&self, name: &str, aws: &Aws, wish: &Wish) -> Result<Rotated, RotateError> {
        self.rotate_with(name, aws, wish, &|| None)
    }

    fn rotate_with(
        &self,
        name: &str,
        aws: &Aws,
        wish: &Wish,
        with_mfa: &dyn Fn() -> Option<Keys>,
    ) -> Result<Rotated, RotateError> {
        let Self { vault, person, clock, .. } = self;
        let (clock, person) = (&**clock, &**person);
        let home = &InVault { vault, name };
        Rotator { home, iam: aws, sts: aws, clock, person, copy: &|_| Ok(None), with_mfa }
            .rotate(wish)
    }

    /// The stored key works, and so does its secret.
    fn assert_works(&self, name: &str, aws: &Aws, docs: &str) {
        let stored = self.vault.get::<StoredKeys>(&StoredKeysHeader::key(name)).unwrap().unwrap();
        let id = &stored.header.access_key_id;
        assert!(aws.works(id), "{docs}: {id} is stored, and there are {}", aws.shown());
        assert_eq!(stored.secret_access_key.expose(), format!("secret of {id}"), "{docs}");
    }
}

fn abort() -> Wish {
    Wish { abort: true, ..Wish::default() }
}

fn keep() -> Wish {
    Wish { keep: Some(Duration::from_secs(7 * 86_400)), ..Wish::default() }
}

#[test]
fn a_rotation_goes_in_this_order() {
    let place = Place::new();
    let aws = place.user("dev");
    let rotated = place.rotate("dev", &aws, &Wish::default()).unwrap();
    let before = Before { access_key_id: "AKIAOLD".to_owned(), kept_until: None };
    assert_eq!((rotated.outcome, rotated.before), (Outcome::Rotated, Some(before)));
    let header = place.header("dev");
    // Only a sealed record has them.
    assert_eq!(header.digests.len(), 1);
    assert_eq!(rotated.header, StoredKeysHeader { digests: Vec::new(), ..header });
    assert_eq!((rotated.header.rotation, aws.shown()), (None, "AKIANEW1 Active".to_owned()));
    let calls = "iam:ListAccessKeys iam:CreateAccessKey sts:GetCallerIdentity iam:UpdateAccessKey \
                 iam:DeleteAccessKey";
    assert_eq!(aws.calls.take().join(" "), calls);
    place.assert_works("dev", &aws, "rotated");
}

#[test]
fn no_fault_costs_the_user_the_key_and_the_next_run_ends_what_it_began() {
    let place = Place::new();
    let mut runs = 0;
    for fault in [Fault::Lost, Fault::Unanswered, Fault::Refused, Fault::Silence] {
        for (first, second) in [
            (Wish::default(), Wish::default()),
            (Wish::default(), abort()),
            (keep(), Wish::default()),
            (keep(), abort()),
        ] {
            for at in 0.. {
                let docs = format!(
                    "{fault:?} at call {at}, keep {:?}, abort {}",
                    first.keep, second.abort
                );
                let name = format!("dev-{runs}");
                let aws = place.user(&name);
                aws.fault.set(Some((at, fault)));
                let ran = place.rotate(&name, &aws, &first);
                place.assert_works(&name, &aws, &docs);
                if aws.calls.borrow().len() <= at {
                    ran.unwrap();
                    break;
                }
                runs += 1;
                // The way back may be cut off too, and yet lead there in the end.
                if second.abort {
                    aws.fault.set(Some((aws.calls.borrow().len() + at % 5, fault)));
                    let _ = place.rotate(&name, &aws, &second);
                    place.assert_works(&name, &aws, &docs);
                }
                aws.fault.set(None);
                let ended = match place.rotate(&name, &aws, &second) {
                    Err(RotateError::NoWayBack { .. }) if second.abort => {
                        place.rotate(&name, &aws, &Wish::default())
                    }
                    ended => ended,
                };
                let ended = ended.unwrap_or_else(|error| panic!("{docs}: {error}"));
                place.assert_works(&name, &aws, &docs);
                let header = place.header(&name);
                assert!(!header.rotation.is_some_and(|journal| journal.is_unfinished()), "{docs}");
                let others = aws.keys.borrow().len() - 1;
                let is_kept = aws.shown().contains("Inactive");
                assert_eq!(others, usize::from(is_kept), "{docs}: {}", aws.shown());
                assert!(!is_kept || first.keep.is_some(), "{docs}: {}", aws.shown());
                if second.abort && ended.outcome == Outcome::Aborted && others == 0 {
                    assert!(header.access_key_id == "AKIAOLD" || !aws.works("AKIAOLD"), "{docs}");
                }
            }
        }
    }
    assert!(runs > 40, "{runs}");
}

#[test]
fn a_new_key_is_waited_for_and_a_late_list_is_asked_again() {
    let place = Place::new();
    for lag in [(3, 0), (0, 2), (3, 2)] {
        let name = format!("dev-{lag:?}");
        let aws = Aws { lag, ..place.user(&name) };
        // That the first one was made is not known.
        aws.fault.set(Some((1, Fault::Unanswered)));
        place.rotate(&name, &aws, &Wish::default()).unwrap();
        assert_eq!(aws.shown(), "AKIANEW2 Active", "{lag:?}");
        place.assert_works(&name, &aws, "after the lag");
    }
    let aws = Aws { lag: (1000, 0), ..place.user("never") };
    let error = place.rotate("never", &aws, &Wish::default()).unwrap_err();
    assert_eq!(error.to_string(), "AWS does not know AKIANEW1 after 120 s");
    place.assert_works("never", &aws, "AWS never knew the new one");
    place.rotate("never", &aws, &abort()).unwrap();
    assert_eq!(aws.shown(), "AKIAOLD Active");
    // Somebody deleted it before it was proved.
    let aws = place.user("gone");
    aws.fault.set(Some((2, Fault::Silence)));
    place.rotate("gone", &aws, &Wish::default()).unwrap_err();
    aws.fault.set(None);
    assert_eq!(aws.keys.borrow_mut().pop().unwrap().id, "AKIANEW1");
    place.rotate("gone", &aws, &Wish::default()).unwrap();
    assert_eq!(aws.shown(), "AKIANEW2 Active");
    place.assert_works("gone", &aws, "the first one was gone");
}

#[test]
fn a_key_that_is_kept_goes_when_its_time_is_over_or_its_place_is_needed() {
    let place = Place::new();
    let aws = place.user("dev");
    let rotated = place.rotate("dev", &aws, &keep()).unwrap();
    let until = now() + TimeDelta::days(7);
    assert_eq!(rotated.before.unwrap().kept_until, Some(until));
    assert_eq!(aws.shown(), "AKIAOLD Inactive, AKIANEW1 Active");
    let young = Wish { older_than: Some(Duration::from_secs(90 * 86_400)), ..Wish::default() };
    assert_eq!(place.rotate("dev", &aws, &young).unwrap().outcome, Outcome::NotDue);
    assert_eq!(aws.shown(), "AKIAOLD Inactive, AKIANEW1 Active", "its time is not over");
    let later = Place { clock: FixedClock::at(until), ..place };
    assert_eq!(later.rotate("dev", &aws, &young).unwrap().outcome, Outcome::NotDue);
    assert_eq!(aws.shown(), "AKIANEW1 Active");
    later.rotate("dev", &aws, &keep()).unwrap();
    later.rotate("dev", &aws, &Wish::default()).unwrap();
    assert_eq!(aws.shown(), "AKIANEW3 Active", "the place was needed");
    // Somebody needed it again.
    later.rotate("dev", &aws, &keep()).unwrap();
    aws.keys.borrow_mut()[0].status = KeyStatus::Active;
    let full = later.rotate("dev", &aws, &Wish::default()).unwrap_err();
    assert!(matches!(full, RotateError::Full { .. }), "{full}");
    assert_eq!(later.rotate("dev", &aws, &abort()).unwrap().outcome, Outcome::NothingBegun);
}

#[test]
fn another_key_is_left_alone_until_it_is_named() {
    let place = Place::new();
    let aws = place.user("dev");
    aws.add("AKIAOTHER", now() - TimeDelta::days(3));
    let error = place.rotate("dev", &aws, &Wish::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "dev in 111111111111 has two access keys already: AKIAOLD (stored here, active, created 2025-09-23 \
         12:00 (100 days ago), last used 2025-12-31 12:00 (24h ago) by s3) and AKIAOTHER (active, created \
         2025-12-29 12:00 (3 days ago), last used 2025-12-31 12:00 (24h ago) by s3)"
    );
    let replace = |id: &str| Wish { replace: Some(id.to_owned()), ..Wish::default() };
    for id in ["AKIAOLD", "AKIANONE"] {
        let error = place.rotate("dev", &aws, &replace(id)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{id} is no other access key of dev in 111111111111")
        );
    }
    assert_eq!(aws.shown(), "AKIAOLD Active, AKIAOTHER Active");
    place.rotate("dev", &aws, &replace("AKIAOTHER")).unwrap();
    assert_eq!(aws.shown(), "AKIANEW1 Active");
    // What an interrupted run left is its own only if nobody uses it, and it was made then.
    for (docs, created, is_used, is_own) in [
        ("unused", now(), false, true),
        ("used", now(), true, false),
        ("made before", now() - TimeDelta::hours(1), false, false),
        ("made much later", now() + TimeDelta::hours(1), false, false),
    ] {
        let aws = place.user(docs);
        aws.fault.set(Some((1, Fault::Silence)));
        place.rotate(docs, &aws, &Wish::default()).unwrap_err();
        aws.fault.set(None);
        aws.add("AKIASTRAY", created);
        aws.keys.borrow_mut()[1].is_used = is_used;
        let ran = place.rotate(docs, &aws, &Wish::default());
        assert_eq!(ran.is_ok(), is_own, "{docs}: {ran:?}");
        place.assert_works(docs, &aws, docs);
    }
}

#[test]
fn one_session_with_mfa_serves_the_whole_rotation() {
    let place = Place::new();
    let aws = place.user("dev");
    aws.needs_mfa.set(true);
    let error = place.rotate("dev", &aws, &Wish::default()).unwrap_err();
    assert!(error.to_string().contains("iam:ListAccessKeys was refused: AccessDenied"), "{error}");
    let asked = Cell::new(0);
    let session = || {
        asked.set(asked.get() + 1);
        Some(Keys::Session(SessionCredentials {
            access_key_id: "ASIASESSION".to_owned(),
            secret_access_key: Secret::new("s"),
            session_token: Some(Secret::new("t")),
            expiration: crate::credentials::Expiration::Unstated,
            account_id: None,
        }))
    };
    place.rotate_with("dev", &aws, &Wish::default(), &session).unwrap();
    assert_eq!((asked.get(), aws.shown()), (1, "AKIANEW1 Active".to_owned()));
}
