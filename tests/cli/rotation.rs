//! `awsx keys rotate`: what goes wrong at each single call, system call and write, and that the stored key works
//! all the same.

use std::time::Duration;

use crate::fake_aws::fault::Fault;
use crate::fake_aws::iam::{AccessKey, User};
use crate::fake_aws::sample::{KEY_ID, MFA_SERIAL, SECRET_KEY, USER};
use crate::fake_aws::totp::MfaDevice;
use crate::killed::inject_everywhere;
use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox};
use crate::terminal::CTRL_C;

const ROTATE: [&str; 3] = ["keys", "rotate", "dev"];
const ABORT: [&str; 4] = ["keys", "rotate", "dev", "--abort"];
const IN_FILE: [&str; 4] = ["keys", "rotate", "dev", "--from-file"];
const ABORT_IN_FILE: [&str; 5] = ["keys", "rotate", "dev", "--from-file", "--abort"];
const KEEP: [&str; 5] = ["keys", "rotate", "dev", "--keep-inactive", "7d"];

/// The user of another partition, and where that is.
const GOV: (&str, &str) = ("arn:aws-us-gov:iam::444444444444:user/dev", "us-gov-west-1");
const CN: (&str, &str) = ("arn:aws-cn:iam::555555555555:user/dev", "cn-northwest-1");

impl Sandbox {
    /// A user whose only access key is stored as `dev`, on which the role `behind` draws.
    fn of_user(user: (&str, &str)) -> Self {
        let sandbox = Self::of_file(user);
        sandbox.credentials("");
        let stdin = format!("{KEY_ID}\n{SECRET_KEY}\n");
        let mut add = sandbox.command(AWSX);
        let add = add.args(["keys", "add", "dev", "--stdin"]);
        sandbox.run(add, stdin.as_bytes(), true).ok();
        sandbox.aws.forget_calls();
        sandbox
    }

    /// The same with the key in the credentials file.
    fn of_file((arn, region): (&str, &str)) -> Self {
        let sandbox = Self::new();
        sandbox.plant(SECRET_KEY);
        sandbox.config(&format!(
            "[profile dev]\nregion = {region}\n[profile behind]\nrole_arn = \
             arn:aws:iam::111111111111:role/ReadOnly\nsource_profile = dev\n"
        ));
        let created = sandbox.aws.now() - chrono::TimeDelta::days(100);
        sandbox.aws.control(|state| {
            state.iam.refusals_of_new_keys = 0;
            let sample = state.iam.user(USER).unwrap();
            sample.keys.clear();
            if arn != USER {
                state.iam.users.push(User::new(arn, "AIDA2ANOTHEREXAMPLE7"));
            }
            state.iam.user(arn).unwrap().keys = vec![AccessKey::new(KEY_ID, SECRET_KEY, created)];
        });
        sandbox
    }

    fn of_sample_user() -> Self {
        Self::of_user((USER, "eu-west-1"))
    }

    /// The user's keys: the id, and whether it is active.
    fn keys_at_iam(&self, arn: &str) -> Vec<(String, bool)> {
        self.aws.control(|state| {
            let keys = &state.iam.user(arn).unwrap().keys;
            keys.iter().map(|key| (key.id.clone(), key.active)).collect()
        })
    }

    /// The id of the key that `dev` uses, wherever it is.
    fn stored_key(&self) -> String {
        self.explain("dev")["plan"][0]["access_key_id"].as_str().unwrap().to_owned()
    }

    /// AWS takes that key.
    fn assert_key_works(&self, docs: &str) {
        let ran = self.awsx(&["whoami", "dev", "--json"]);
        assert_eq!(ran.code, 0, "{docs}: {ran:?}");
    }

    /// AWS takes that key, and the user has no other one.
    fn assert_one_key(&self, arn: &str, docs: &str) {
        self.assert_key_works(docs);
        assert_eq!(self.keys_at_iam(arn), [(self.stored_key(), true)], "{docs}");
    }
}

#[test]
fn a_key_is_made_proved_and_put_in_the_place_of_the_old_one() {
    let sandbox = Sandbox::of_sample_user();
    sandbox.aws.control(|state| state.iam.refusals_of_new_keys = 2);
    sandbox.exec("behind", &[]).ok();
    assert_eq!(sandbox.records("sessions").len(), 1);
    sandbox.aws.forget_calls();
    let ran = sandbox.awsx(&ROTATE).ok();
    let new = sandbox.stored_key();
    ran.stderr_is(&[
        &format!("awsx: {new} is stored in place of {KEY_ID}"),
        &format!("awsx: {KEY_ID} is deleted"),
        &format!(
            "awsx: dev has a new access key of dev in 111111111111, {new}; {KEY_ID} is deleted"
        ),
    ]);
    let calls = "ListAccessKeys CreateAccessKey GetCallerIdentity GetCallerIdentity GetCallerIdentity \
                 UpdateAccessKey DeleteAccessKey";
    assert_eq!(sandbox.aws.new_operations().join(" "), calls);
    assert!(sandbox.records("sessions").is_empty(), "those of the old key are forgotten");
    sandbox.assert_one_key(USER, "rotated");
    // Through a role that draws on it, and as a program sees it.
    let ran = sandbox.awsx(&["keys", "rotate", "behind", "--json"]).ok();
    let newer = sandbox.stored_key();
    let document = ran.json();
    let key = &document["keys"][0];
    assert_eq!((&key["name"], &key["outcome"]), (&"dev".into(), &"rotated".into()), "{key}");
    assert_eq!(key["access_key_id"], newer, "{key}");
    let before = serde_json::json!(
        { "access_key_id": new, "status": "deleted", "kept_until": null }
    );
    assert_eq!(key["before"], before, "{key}");
}

/// Of every fault at every call, in two partitions: the user has a working stored key, and the next run goes on,
/// or goes back.
#[test]
fn a_fault_at_any_call_costs_nothing() {
    let faults = [
        Fault::refuse(403, "AccessDenied", "no such luck"),
        Fault::refuse(409, "EntityTemporarilyUnmodifiable", "try again later"),
        Fault::THROTTLE,
        Fault::INTERNAL,
        Fault::Reset,
        Fault::LoseAnswer,
        Fault::Truncate,
        Fault::Garbage,
    ];
    let calls = [
        "ListAccessKeys",
        "CreateAccessKey",
        "GetCallerIdentity",
        "UpdateAccessKey",
        "DeleteAccessKey",
    ];
    let rows = [
        ("goes on", (USER, "eu-west-1"), &ROTATE[..], &ROTATE[..]),
        ("goes back", (USER, "eu-west-1"), &ROTATE, &ABORT),
        ("goes on, China", CN, &ROTATE, &ROTATE),
        ("keeps the old key", GOV, &KEEP, &ROTATE),
        ("keeps it, goes back", GOV, &KEEP, &ABORT),
        ("in a file, goes on", (USER, "eu-west-1"), &IN_FILE, &IN_FILE),
        ("in a file, goes back", CN, &IN_FILE, &ABORT_IN_FILE),
    ];
    let runs = std::sync::atomic::AtomicUsize::new(0);
    crate::table::side_by_side(&rows, |&(docs, user, first, next)| {
        let is_in_file = first.contains(&"--from-file");
        let given = if is_in_file { Sandbox::of_file } else { Sandbox::of_user };
        let again = if is_in_file { &IN_FILE[..] } else { &ROTATE };
        let sandbox = given(user);
        sandbox.set("AWS_MAX_ATTEMPTS", "1");
        for call in calls {
            // Of a file some of them: the steps are the same.
            let (first_fault, every) = if is_in_file { (1, 4) } else { (0, 1) };
            for fault in faults.into_iter().skip(first_fault).step_by(every) {
                let docs = format!("{docs}: {fault:?} at {call} of {first:?}");
                sandbox.aws.fail(call, fault, 1);
                let ran = sandbox.awsx(first);
                sandbox.aws.control(|state| state.forget_faults());
                sandbox.assert_key_works(&docs);
                if ran.code != 0 {
                    assert!(matches!(ran.code, 5 | 6), "{docs}: {ran:?}");
                    ran.says("hint: ");
                }
                let mut ended = sandbox.awsx(next);
                if ended.code == 5 && ended.stderr.contains("there is no way back to it") {
                    ended = sandbox.awsx(again);
                }
                assert_eq!(ended.code, 0, "{docs}: {ended:?}");
                sandbox.assert_key_works(&docs);
                let keys = sandbox.keys_at_iam(user.0);
                let active: Vec<_> = keys.iter().filter(|(_, active)| *active).collect();
                assert_eq!(active, [&(sandbox.stored_key(), true)], "{docs}");
                assert!(keys.len() == 1 || first == KEEP, "{docs}: {keys:?}");
                assert!(sandbox.records("rotations").is_empty(), "{docs}: it is over");
                runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        }
    });
    assert!(runs.into_inner() >= 200, "so many runs were asked for");
}

#[test]
fn a_call_that_hangs_ends_the_run_in_time() {
    let rows = [("CreateAccessKey", Fault::Hang), ("UpdateAccessKey", Fault::Hang)].map(|row| row);
    crate::table::side_by_side(&rows, |&(call, fault)| {
        let sandbox = Sandbox::of_sample_user();
        sandbox.set("AWS_MAX_ATTEMPTS", "1");
        sandbox.aws.fail(call, fault, 1);
        sandbox.awsx(&ROTATE);
        sandbox.assert_key_works(call);
        sandbox.awsx(&ROTATE).ok();
        sandbox.assert_one_key(USER, call);
    });
}

/// SIGKILL, or a disk that is full, at each of awsx's system calls.
#[test]
fn a_rotation_that_is_killed_anywhere_is_gone_on_with() {
    let in_file = || Sandbox::of_file((USER, "eu-west-1"));
    for (given, first, fault, next) in [
        (&Sandbox::of_sample_user as &dyn Fn() -> Sandbox, &ROTATE[..], "signal=KILL", &ROTATE[..]),
        (&Sandbox::of_sample_user, &ROTATE, "signal=KILL", &ABORT),
        (&Sandbox::of_sample_user, &ROTATE, "error=ENOSPC", &ROTATE),
        (&in_file, &IN_FILE, "signal=KILL", &IN_FILE),
        (&in_file, &IN_FILE, "signal=KILL", &ABORT_IN_FILE),
        (&in_file, &IN_FILE, "error=ENOSPC", &IN_FILE),
    ] {
        inject_everywhere(given, first, fault, |sandbox, at| {
            let docs = format!("{fault} at {at} of {first:?}, then {next:?}");
            sandbox.assert_key_works(&docs);
            let ended = sandbox.awsx(next);
            let no_way_back = ended.stderr.contains("there is no way back to it");
            if no_way_back {
                sandbox.awsx(first).ok();
            } else {
                assert_eq!(ended.code, 0, "{docs}: {ended:?}");
            }
            sandbox.assert_one_key(USER, &docs);
        });
    }
}

#[test]
fn a_policy_that_demands_mfa_gets_one_code_for_all_of_it() {
    let sandbox = Sandbox::of_sample_user();
    sandbox.aws.control(|state| state.iam.user(USER).unwrap().needs_mfa = true);
    let denied = sandbox.awsx(&ROTATE);
    denied.fails(
        5,
        &["the stored keys of dev: iam:ListAccessKeys was refused: AccessDenied", "mfa_serial"],
    );
    // The device may stand in a role that draws on the keys.
    let config = sandbox.read_config();
    sandbox.config(&format!("{config}mfa_serial = {MFA_SERIAL}\n"));
    let ran = sandbox.awsx(&ROTATE).exits(4);
    ran.says("needs the MFA code of arn:aws:iam::111111111111:mfa/dev");
    sandbox.aws.forget_calls();
    sandbox.awsx(&[&ROTATE[..], &["--mfa-code", &sandbox.code()]].concat()).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    sandbox.assert_one_key(USER, "with MFA");
    let mut terminal = sandbox.awsx_on_terminal(&ROTATE);
    terminal.expect("rotating AKIA").expect("after Ctrl-C `awsx keys rotate dev` goes on");
    terminal.expect("MFA code").type_text(CTRL_C).end().exits(130);
    sandbox.assert_one_key(USER, "given up");
    let mut terminal = sandbox.awsx_on_terminal(&ROTATE);
    let code = sandbox.next_code();
    terminal.expect("MFA code").type_line(&code).expect("is deleted").end().ok();
    sandbox.assert_one_key(USER, "with a code that was asked for");
    let sandbox = Sandbox::of_file((USER, "eu-west-1"));
    sandbox.aws.control(|state| state.iam.user(USER).unwrap().needs_mfa = true);
    sandbox.config(&format!("{}mfa_serial = {MFA_SERIAL}\n", sandbox.read_config()));
    let before = sandbox.read(".aws/credentials");
    let mut terminal = sandbox.awsx_on_terminal(&IN_FILE);
    terminal.expect("rotating the access key of dev in").expect("dev --from-file` goes on");
    terminal.expect("MFA code").type_text(CTRL_C).end().exits(130);
    assert_eq!(sandbox.read(".aws/credentials"), before);
    sandbox.awsx(&[&IN_FILE[..], &["--mfa-code", &sandbox.code()]].concat()).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    sandbox.assert_one_key(USER, "with MFA, in a file");
}

#[test]
fn two_keys_leave_no_room_until_one_is_named() {
    let sandbox = Sandbox::of_sample_user();
    let other = "AKIA2OTHERKEYEXAMPLE";
    let now = sandbox.aws.now();
    sandbox.aws.control(|state| {
        let key = AccessKey::new(other, SECRET_KEY, now - chrono::TimeDelta::days(400));
        state.iam.user(USER).unwrap().keys.push(key);
    });
    let ran = sandbox.awsx(&ROTATE).fails(4, &[
        "error: dev in 111111111111 has two access keys already: AKIA2SANDBOXEXAMPLE7 (stored here, active, \
         created ",
        "and AKIA2OTHERKEYEXAMPLE (active, created ",
        "(400 days ago), never used)",
        "hint: `awsx keys rotate dev --replace AKIA2OTHERKEYEXAMPLE` deletes AKIA2OTHERKEYEXAMPLE, and rotates",
    ]);
    assert_eq!(ran.stdout, "");
    let replace = |id: &str| sandbox.awsx(&[&ROTATE[..], &["--replace", id]].concat());
    replace("AKIA2SANDBOXEXAMPLE7").fails(2, &["is no other access key of dev", "--replace"]);
    replace(other).ok();
    sandbox.assert_one_key(USER, "replaced");
}

#[test]
fn old_keys_are_rotated_and_what_is_kept_goes_in_time() {
    let sandbox = Sandbox::of_sample_user();
    let all = |flags: &[&str]| {
        sandbox
            .awsx(&[&["keys", "rotate", "--all", "--older-than", "90d", "--json"], flags].concat())
    };
    let outcome = |ran: &Ran| ran.json()["keys"][0]["outcome"].as_str().unwrap().to_owned();
    let ran = all(&["--keep-inactive", "7d"]).ok();
    assert_eq!(outcome(&ran), "rotated");
    assert_eq!(ran.json()["keys"][0]["before"]["status"], "inactive");
    assert_eq!(sandbox.keys_at_iam(USER).len(), 2);
    let ran = all(&[]).ok().says("dev keeps AKIA");
    assert_eq!(outcome(&ran), "not-due");
    assert_eq!(sandbox.keys_at_iam(USER).len(), 2, "its time is not over");
    sandbox.awsx(&ABORT).ok().says("no rotation of dev is unfinished");
    sandbox.awsx(&[&ROTATE[..], &["--keep-inactive", "0"]].concat()).ok();
    assert_eq!(outcome(&all(&[]).ok()), "not-due");
    sandbox.assert_one_key(USER, "its time was over");
    // One that fails does not keep the others.
    sandbox.aws.control(|state| {
        let eve = "arn:aws:iam::111111111111:user/eve";
        let key = AccessKey::new("AKIA2EVEKEYEXAMPLE77", SECRET_KEY, state.now());
        state.iam.users.push(User { keys: vec![key], ..User::new(eve, "AIDA2EVEEXAMPLEEXAMP") });
        state
            .iam
            .user(eve)
            .unwrap()
            .mfa_devices
            .push(MfaDevice::new("arn:aws:iam::111111111111:mfa/eve", b"a seed of eve's device"));
    });
    let stdin = format!("AKIA2EVEKEYEXAMPLE77\n{SECRET_KEY}\n");
    let mut add = sandbox.command(AWSX);
    sandbox.run(add.args(["keys", "add", "aaa", "--stdin"]), stdin.as_bytes(), true).ok();
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    sandbox.aws.fail("CreateAccessKey", Fault::refuse(403, "AccessDenied", "no"), 1);
    let ran = sandbox.awsx(&["keys", "rotate", "--all", "--json"]).exits(5);
    let document = ran.json();
    let keys = document["keys"].as_array().unwrap();
    assert_eq!((&keys[0]["name"], &keys[0]["error"]["kind"]), (&"aaa".into(), &"refused".into()));
    assert_eq!((&keys[1]["name"], &keys[1]["outcome"]), (&"dev".into(), &"rotated".into()));
}

#[test]
fn two_at_once_rotate_one_after_the_other() {
    for (sandbox, words) in [
        (Sandbox::of_sample_user(), &ROTATE[..]),
        (Sandbox::of_file((USER, "eu-west-1")), &IN_FILE),
    ] {
        sandbox.aws.control(|state| state.latency = Duration::from_millis(20));
        sandbox.many(4, words).ok();
        sandbox.assert_one_key(USER, "four at once");
        assert_eq!(sandbox.aws.count("CreateAccessKey"), 4);
    }
}

/// Both are stored, so that neither is lost.
#[test]
fn a_key_that_is_being_rotated_is_not_replaced() {
    let sandbox = Sandbox::of_sample_user();
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    sandbox.aws.fail("UpdateAccessKey", Fault::INTERNAL, 1);
    let stopped = sandbox.awsx(&ROTATE).exits(6);
    let new = sandbox.stored_key();
    let list = sandbox.awsx(&["keys", "list"]).ok();
    assert!(list.stdout.contains("`awsx keys rotate dev` finishes its rotation"), "{list:?}");
    let listed = sandbox.awsx(&["keys", "list", "--json"]).ok().json();
    assert_eq!(listed["keys"][0]["rotation_unfinished"], true);
    stopped.says(
        "`awsx keys rotate dev` goes on where it stopped, `awsx keys rotate dev --abort` goes back; both \
         keys are stored",
    );
    let stdin = format!("{KEY_ID}\n{SECRET_KEY}\n");
    let mut add = sandbox.command(AWSX);
    let add = add.args(["keys", "add", "dev", "--replace", "--stdin"]);
    sandbox.run(add, stdin.as_bytes(), true).fails(
        3,
        &[
            &format!("the rotation of dev is not finished: {new} and {KEY_ID} are stored"),
            "hint: `awsx keys rotate dev` finishes it, `awsx keys rotate dev --abort` goes back",
        ],
    );
    let ran = sandbox.awsx(&ABORT).ok();
    ran.says(&format!("awsx: {KEY_ID} is stored again"))
        .says(&format!("dev has {KEY_ID} as before"));
    sandbox.assert_one_key(USER, "gone back");
    sandbox.aws.fail("UpdateAccessKey", Fault::INTERNAL, 1);
    sandbox.awsx(&ROTATE).exits(6);
    let ran = sandbox.awsx(&["keys", "remove", "dev", "--yes"]).ok();
    ran.says(&format!("with {KEY_ID} of a rotation that is not finished; at AWS"));
}

#[test]
fn stored_keys_with_a_copy_are_rotated_when_it_is_gone() {
    let sandbox = Sandbox::of_sample_user();
    let key = format!("aws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET_KEY}\n");
    let stands = format!(".aws/credentials:2: {KEY_ID} stands here too");
    // One that is not due stays, wherever else it is.
    sandbox.credentials(&format!("[dev]\n{key}"));
    sandbox.awsx(&["keys", "rotate", "dev", "--older-than", "101d"]).ok();
    sandbox
        .awsx(&ROTATE)
        .fails(3, &[&stands, "hint: `awsx keys import dev --remove` takes it out there"]);
    sandbox.awsx(&["keys", "import", "dev", "--remove", "--yes"]).ok();
    sandbox.credentials(&format!("[other]\n{key}"));
    sandbox.awsx(&ROTATE).fails(3, &[&stands, "hint: take it out there first"]);
    sandbox.credentials("");
    let stdin = format!("{KEY_ID}\n{SECRET_KEY}\n");
    let mut add = sandbox.command(AWSX);
    let add = add.args(["keys", "add", "twin", "--stdin"]);
    sandbox.run(add, stdin.as_bytes(), true).ok();
    let stored = format!("{KEY_ID} is stored for twin too");
    sandbox.awsx(&ROTATE).fails(3, &[&stored, "hint: `awsx keys remove twin` takes it out there"]);
    assert_eq!(sandbox.aws.count("CreateAccessKey"), 0);
    sandbox.awsx(&["keys", "remove", "twin", "--yes"]).ok();
    sandbox.awsx(&ROTATE).ok();
    sandbox.assert_one_key(USER, "alone");
}

#[test]
fn what_is_not_there_is_said() {
    let sandbox = Sandbox::of_sample_user();
    let rotate = |name: &str| sandbox.awsx(&["keys", "rotate", name]);
    rotate("nobody").fails(3, &["there are no stored keys of nobody", "`awsx keys list`"]);
    sandbox.awsx(&["keys", "rotate"]).exits(2);
    sandbox.aws.control(|state| state.iam.user(USER).unwrap().keys.clear());
    let ran = rotate("dev").exits(5);
    ran.says("iam:ListAccessKeys was refused: InvalidClientTokenId")
        .says("awsx keys add dev --replace");
}

/// As somebody wrote it by hand, with a second profile that has the same key.
#[test]
fn a_key_of_a_file_is_rotated_where_it_stands() {
    let sandbox = Sandbox::of_file((USER, "eu-west-1"));
    let by_hand = format!(
        "# mine\r\n[dev] # at work\r\n  aws_access_key_id={KEY_ID} ; old\r\nAWS_SECRET_ACCESS_KEY =  {SECRET_KEY}\r\n\
         [other]\r\naws_access_key_id = AKIA2OTHEREXAMPLE777\r\naws_secret_access_key = other\r\n\
         [copy]\r\naws_secret_access_key={SECRET_KEY}\r\naws_access_key_id={KEY_ID}"
    );
    sandbox.credentials(&by_hand);
    sandbox.exec("behind", &[]).ok();
    sandbox.exec("dev", &[]).ok();
    let ran = sandbox.awsx(&IN_FILE).ok();
    let new = sandbox.stored_key();
    ran.stderr_is(&[
        &format!("awsx: {new} is in ~/.aws/credentials in place of {KEY_ID}"),
        &format!("awsx: {KEY_ID} is deleted"),
        &format!(
            "awsx: dev has a new access key of dev in 111111111111, {new}; {KEY_ID} is deleted"
        ),
    ]);
    let secret = sandbox.aws.control(|state| state.iam.user(USER).unwrap().keys[0].secret.clone());
    let expected = by_hand.replace(KEY_ID, &new).replace(SECRET_KEY, &secret);
    assert_eq!(sandbox.read(".aws/credentials"), expected, "every other byte is the same");
    assert!(sandbox.records("rotations").is_empty() && sandbox.records("keys").is_empty());
    assert!(sandbox.records("sessions").is_empty(), "those of the old key are forgotten");
    for profile in ["dev", "behind", "copy"] {
        sandbox.exec(profile, &[]).ok();
    }
    sandbox.assert_one_key(USER, "rotated");
    // Under the name of a role, in the config file, and kept for a while.
    let [id, secret] = [&new, &secret];
    sandbox.credentials("");
    let config = sandbox.read_config().replace(
        "[profile behind]",
        &format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n[profile behind]"),
    );
    sandbox.config(&config);
    let keep = ["keys", "rotate", "behind", "--from-file", "--keep-inactive", "7d", "--json"];
    let document = sandbox.awsx(&keep).ok().json();
    assert_eq!(document["keys"][0]["before"]["status"], "inactive", "{document}");
    let kept = sandbox.awsx(&["vault", "status"]).ok();
    kept.prints("1 noted rotation");
    sandbox.awsx(&IN_FILE).ok();
    sandbox.assert_one_key(USER, "what was kept makes room");
    let profile = sandbox.read_config();
    assert_eq!(profile.replace(&sandbox.stored_key(), id).lines().count(), config.lines().count());
}

#[test]
fn what_somebody_else_writes_meanwhile_stays() {
    let sandbox = Sandbox::of_file((USER, "eu-west-1"));
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    sandbox.aws.fail("UpdateAccessKey", Fault::INTERNAL, 1);
    sandbox.awsx(&IN_FILE).exits(6).says(
        "`awsx keys rotate dev --from-file` goes on where it stopped, `awsx keys rotate dev --from-file \
         --abort` goes back; both keys are stored",
    );
    let new = sandbox.stored_key();
    let by_hand =
        "[dev]\naws_access_key_id = AKIA2OTHEREXAMPLE777\naws_secret_access_key = planted\n";
    sandbox.credentials(by_hand);
    let changed = format!(
        "the access key of dev in ~/.aws/credentials is another one than {new} and {KEY_ID}, which its \
         rotation is about"
    );
    let hint = "hint: `awsx keys rotate dev --from-file --abort` forgets what was begun";
    sandbox.awsx(&IN_FILE).fails(3, &[&changed, hint]);
    sandbox.credentials("");
    sandbox.awsx(&IN_FILE).fails(3, &[&changed, hint]);
    sandbox.credentials(by_hand);
    sandbox.awsx(&ABORT_IN_FILE).ok().says("is forgotten; all keys stay as they are, at IAM too");
    assert_eq!(sandbox.read(".aws/credentials"), by_hand);
    assert_eq!(sandbox.keys_at_iam(USER).len(), 2);
    // An old copy of the file: the key from before is there again.
    let sandbox = Sandbox::of_file((USER, "eu-west-1"));
    let before = sandbox.read(".aws/credentials");
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    sandbox.aws.fail("UpdateAccessKey", Fault::INTERNAL, 1);
    sandbox.awsx(&IN_FILE).exits(6);
    sandbox.credentials(&before);
    sandbox.awsx(&IN_FILE).ok();
    sandbox.assert_one_key(USER, "gone on with");
}

#[test]
fn a_key_that_is_not_in_a_file_alone_is_not_rotated_there() {
    let sandbox = Sandbox::of_file((USER, "eu-west-1"));
    sandbox.awsx(&ROTATE).fails(
        3,
        &[
            "error: there are no stored keys of dev",
            "hint: `awsx keys import dev` stores its access key; `awsx keys rotate dev --from-file` rotates it \
             where it is",
        ],
    );
    let credentials = sandbox.read(".aws/credentials");
    let copy = credentials.replace("[dev]", "[profile copy]");
    sandbox.config(&format!("{}{copy}", sandbox.read_config()));
    sandbox.awsx(&IN_FILE).fails(3, &[".aws/config:", "AKIA2SANDBOXEXAMPLE7 stands here too"]);
    sandbox.config("[profile dev]\nregion = eu-west-1\n");
    sandbox.write_mode(".aws/credentials", &credentials, 0o444);
    sandbox.awsx(&IN_FILE).fails(3, &[".aws/credentials is write-protected"]);
    std::fs::remove_file(sandbox.home().join(".aws/credentials")).unwrap();
    sandbox.credentials(&credentials);
    sandbox.set("AWSX_VAULT", "kernel");
    sandbox
        .awsx(&IN_FILE)
        .fails(7, &["what cannot be made again is not kept", "move --to passphrase"]);
    sandbox.set("AWSX_VAULT", "passphrase");
    sandbox.awsx(&["keys", "import", "dev", "--yes"]).ok();
    let stored = "profile \"dev\" draws on no access key of a file";
    sandbox
        .awsx(&IN_FILE)
        .fails(3, &[stored, "hint: `awsx keys rotate dev` rotates its stored keys"]);
    sandbox.awsx(&["keys", "rotate", "--all", "--from-file"]).exits(2);
    assert_eq!(sandbox.read(".aws/credentials"), credentials);
    assert_eq!(sandbox.aws.count("CreateAccessKey"), 0);
}
