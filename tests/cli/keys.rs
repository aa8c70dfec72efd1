//! Access keys that rest in the vault: how they get there, and who draws on them.

use crate::fake_aws::sample::{self, INACTIVE_KEY_ID, KEY_ID, SECRET_KEY};
use crate::given::NOBODY;
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, Sandbox, keys};
use crate::terminal::CTRL_C;

const STORED: &str =
    "stored AKIA2SANDBOXEXAMPLE7 of dev in 111111111111 for \"dev\"; `awsx exec dev` uses it";

impl Sandbox {
    /// No profile, no keys in files, and the sample user's key at hand for `--env`.
    pub(crate) fn without_files() -> Self {
        let sandbox = Self::new();
        sandbox.config("");
        sandbox.credentials("");
        sandbox.plant(SECRET_KEY);
        sandbox
    }

    /// The sample user's key, stored as `dev`.
    pub(crate) fn with_stored_keys(self) -> Self {
        self.store("dev", KEY_ID, SECRET_KEY, &[]).ok();
        self
    }

    /// `awsx keys add NAME --stdin`
    pub(crate) fn store(&self, name: &str, id: &str, secret: &str, flags: &[&str]) -> Ran {
        self.store_text(
            &[&["keys", "add", name, "--stdin"], flags].concat(),
            &format!("{id}\n{secret}\n"),
        )
    }

    pub(crate) fn store_text(&self, args: &[&str], stdin: &str) -> Ran {
        self.run(self.command(AWSX).args(args), stdin.as_bytes(), true)
    }

    /// The sample user's other key is active; its secret.
    pub(crate) fn activate_other_key(&self) -> String {
        self.aws.control(|state| {
            let key = &mut state.iam.user(sample::USER).unwrap().keys[1];
            assert_eq!(key.id, INACTIVE_KEY_ID);
            key.active = true;
            key.secret.clone()
        })
    }
}

#[test]
fn a_key_is_asked_for_proved_and_kept_and_its_profile_written() {
    let sandbox = Sandbox::without_files();
    let mut terminal = sandbox.awsx_on_terminal(&["keys", "add", "dev"]);
    terminal.expect("Access key id for dev: ").type_line("no/key");
    terminal.expect("the access key id is not 16 to 128 capital letters and digits");
    terminal.expect("Access key id for dev: ").type_line(KEY_ID);
    terminal.expect("Secret access key of AKIA2SANDBOXEXAMPLE7 (it is not shown): ");
    assert!(!terminal.echoes(), "a secret is not shown");
    terminal.type_line("").expect("the secret access key is empty");
    terminal.expect("(it is not shown): ").type_line(SECRET_KEY);
    terminal.expect("Region of profile \"dev\", for the AWS config file (or none) [us-east-1]: ");
    terminal.type_line("eu-west-1").expect("stored AKIA2SANDBOXEXAMPLE7 of dev in 111111111111");
    terminal.expect("profile \"dev\" is in ~/.aws/config").end().ok();
    assert_eq!(sandbox.read_config(), "[profile dev]\nregion = eu-west-1\n");
    assert_eq!(sandbox.aws.count("GetCallerIdentity"), 1);
    sandbox.exec("dev", &[]).ok();
    sandbox.exec("dev", &[]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    assert_eq!(sandbox.awsx(&["whoami", "dev", "--json"]).ok().json()["source"], "stored-keys");
}

#[test]
fn programs_hand_keys_over_in_several_forms() {
    let id_and_secret = format!("{KEY_ID}\n{SECRET_KEY}\n");
    let process =
        format!(r#"{{"Version":1,"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}"}}"#);
    let created = format!(
        r#"{{"AccessKey":{{"UserName":"dev","AccessKeyId":"{KEY_ID}","Status":"Active",
        "SecretAccessKey":"{SECRET_KEY}","CreateDate":"2026-01-02T03:04:05+00:00"}}}}"#
    );
    for (docs, flag, stdin) in [
        ("two lines", "--stdin", &*id_and_secret),
        ("credential_process", "--stdin", &process),
        ("aws iam create-access-key", "--stdin", &created),
        ("the environment", "--env", ""),
    ] {
        let sandbox = Sandbox::without_files();
        if flag == "--env" {
            sandbox.set("AWS_ACCESS_KEY_ID", KEY_ID);
            sandbox.set("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        }
        let added = sandbox.store_text(&["keys", "add", "dev", flag], stdin).ok();
        added.stderr_is(&[&format!("awsx: {STORED}")]);
        let explained = sandbox.explain("dev");
        assert_eq!(explained["chosen"], "stored-keys", "{docs}");
        assert_eq!(explained["plan"][0]["access_key_id"], KEY_ID, "{docs}");
        sandbox.exec("dev", &[]).ok();
    }
}

#[test]
fn what_is_no_key_of_a_user_is_refused_and_nothing_is_stored() {
    let session =
        r#"{"Credentials":{"AccessKeyId":"ASIA","SecretAccessKey":"planted","SessionToken":"t"}}"#;
    for (docs, stdin, code, words) in [
        (
            "a session",
            session,
            2,
            &["the credentials of a session", "hint: give an access key of the IAM user"][..],
        ),
        (
            "nothing",
            "",
            2,
            &["this is no access key", "hint: give the id and the secret, a line each"],
        ),
        (
            "too much",
            &"x\n".repeat(40_000),
            2,
            &["error: stdin: it is larger than 64 KiB", "hint: "],
        ),
        (
            "an unknown key",
            "AKIA2UNKNOWNEXAMPLE7\nplanted-secret\n",
            5,
            &[
                "AKIA2UNKNOWNEXAMPLE7 is not stored: sts:GetCallerIdentity",
                "hint: check id and secret",
            ],
        ),
        (
            "an inactive key",
            "AKIA2INACTIVEEXAMPLE\nplanted-secret\n",
            5,
            &["AKIA2INACTIVEEXAMPLE is not stored", "InvalidClientTokenId"],
        ),
        (
            "a wrong secret",
            "AKIA2SANDBOXEXAMPLE7\nplanted-secret\n",
            5,
            &["AKIA2SANDBOXEXAMPLE7 is not stored", "SignatureDoesNotMatch"],
        ),
    ] {
        let sandbox = Sandbox::without_files();
        sandbox.plant("planted-secret");
        let ran = sandbox.store_text(&["keys", "add", "dev", "--stdin"], stdin);
        ran.fails(code, words);
        assert!(sandbox.records("keys").is_empty(), "{docs}");
    }
    let sandbox = Sandbox::without_files();
    sandbox
        .awsx(&["keys", "add", "dev"])
        .fails(4, &["nobody can be asked", "hint: give the key with --stdin or --env"]);
    sandbox
        .awsx(&["keys", "add", "dev", "--env"])
        .fails(2, &["--env: AWS_ACCESS_KEY_ID is not set"]);
    sandbox
        .store("two words", KEY_ID, SECRET_KEY, &[])
        .fails(2, &["'two words'", "hint: give it another name"]);
    let mut terminal = sandbox.awsx_on_terminal(&["keys", "add", "dev", "--stdin"]);
    terminal.expect("stdin is the terminal").expect("leave --stdin out").end().exits(2);
    for question in ["Access key id for dev: ", "(it is not shown): "] {
        let mut terminal = sandbox.awsx_on_terminal(&["keys", "add", "dev"]);
        if question.starts_with('(') {
            terminal.expect("Access key id").type_line(KEY_ID);
        }
        terminal.expect(question).type_text(CTRL_C).end().exits(130);
    }
    assert!(sandbox.records("keys").is_empty());
}

#[test]
fn a_key_that_cannot_be_proved_is_stored_only_if_asked() {
    let sandbox = Sandbox::without_files();
    sandbox.set("AWS_ENDPOINT_URL", NOBODY);
    let ran = sandbox.store("dev", KEY_ID, SECRET_KEY, &[]);
    ran.fails(6, &["is not stored", "--no-check stores it unproved"]);
    assert!(sandbox.records("keys").is_empty());
    let added = sandbox.store("dev", KEY_ID, SECRET_KEY, &["--no-check"]).ok();
    added.says("stored AKIA2SANDBOXEXAMPLE7 for \"dev\"");
}

#[test]
fn another_key_takes_the_place_of_one_only_where_somebody_says_so() {
    let sandbox = Sandbox::without_files().with_stored_keys();
    sandbox.exec("dev", &[]).ok();
    let other = sandbox.activate_other_key();
    sandbox.plant(&other);
    // The same key again needs nobody.
    sandbox.store("dev", KEY_ID, SECRET_KEY, &[]).ok();
    let ran = sandbox.store("dev", INACTIVE_KEY_ID, &other, &[]);
    ran.fails(4, &["nobody can be asked", "hint: `awsx keys add --replace dev` does not ask"]);
    assert_eq!(sandbox.explain("dev")["plan"][0]["access_key_id"], KEY_ID);

    for (answer, is_replaced) in [("", false), ("n", false), ("y", true)] {
        let mut terminal = sandbox.awsx_on_terminal(&["keys", "add", "dev"]);
        terminal.expect("Access key id").type_line(INACTIVE_KEY_ID);
        terminal.expect("The stored keys of dev are AKIA2SANDBOXEXAMPLE7 of dev in 111111111111, added just now.");
        terminal.expect(&format!("Replace them by {INACTIVE_KEY_ID}? [y/N] ")).type_line(answer);
        if is_replaced {
            terminal.expect("(it is not shown): ").type_line(&other);
            terminal.expect("(or none) [us-east-1]: ").type_line("none");
        } else {
            terminal.expect("nothing is changed");
        }
        terminal.end().ok();
        let id = if is_replaced { INACTIVE_KEY_ID } else { KEY_ID };
        assert_eq!(sandbox.explain("dev")["plan"][0]["access_key_id"], id, "{answer}");
    }
    assert_eq!(sandbox.read_config(), "");
    // No session of the old key answers for the new one.
    let before = sandbox.aws.count("GetSessionToken");
    sandbox.exec("dev", &[]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), before + 1);
    sandbox.store("dev", KEY_ID, SECRET_KEY, &["--replace"]).ok();
    assert_eq!(sandbox.explain("dev")["plan"][0]["access_key_id"], KEY_ID);
}

#[test]
fn roles_draw_on_the_stored_keys_of_their_source() {
    let sandbox = Sandbox::new();
    sandbox.credentials("");
    let sandbox = sandbox.with_stored_keys();
    let code = sandbox.code();
    sandbox.exec("prod", &["--mfa-code", &code]).ok();
    sandbox.exec("readonly", &[]).ok();
    sandbox.exec("audit", &[]).ok();
    let out = sandbox.awsx(&["exec", "readonly", "--", "env"]).ok();
    assert!(!out.stdout.contains(KEY_ID), "{out:?}");
}

#[test]
fn a_name_without_a_section_is_a_profile_like_any_other() {
    let sandbox = Sandbox::new().with_stored_keys();
    sandbox.store("spare", KEY_ID, SECRET_KEY, &[]).ok();
    sandbox.awsx(&["profiles", "spare"]).ok().prints("spare  111111111111  -  -  stored keys");
    let listed = sandbox.awsx(&["profiles", "--json"]).ok().json();
    let spare = &listed["profiles"]["spare"];
    assert_eq!(
        (&spare["source"], spare["defined_at"].as_array().unwrap().len()),
        (&"stored-keys".into(), 0)
    );
    sandbox.awsx(&["exec", "spaer", "--", "true"]).fails(3, &["did you mean \"spare\"?"]);
    sandbox.awsx(&["spare"]).fails(2, &["spare is a profile, and no command of awsx"]);
    sandbox
        .awsx(&["explain", "spare"])
        .ok()
        .prints("spare: a session of its stored keys")
        .prints("access key AKIA2SANDBOXEXAMPLE7, the stored keys of spare");
    let mut terminal = sandbox.awsx_on_terminal(&["exec"]);
    terminal.expect("spare     111111111111").type_text(CTRL_C).end().exits(130);
}

#[test]
fn keys_that_are_not_used_are_named_with_their_line() {
    let sandbox = Sandbox::new();
    let at = "~/.aws/credentials:2";
    let unused = format!(
        "warning: aws_access_key_id of profile \"dev\" is not used: the stored keys of dev are ({at})"
    );
    let added = sandbox.store("dev", KEY_ID, SECRET_KEY, &[]).ok();
    added.stderr_is(&[
        &format!("awsx: {STORED}"),
        &unused.replace(&format!(" ({at})"), "").replace("warning: ", &format!("warning: {at}: ")),
    ]);
    sandbox.exec("readonly", &[]).ok().says("is not used: the stored keys of dev are");
    sandbox
        .store("readonly", KEY_ID, SECRET_KEY, &[])
        .ok()
        .says("the stored keys of readonly are not used: profile \"readonly\" has role_arn");
    sandbox.config(CONFIG);
    sandbox.credentials(&keys(KEY_ID, "another/secret+that+AWS+does+not+know"));
    sandbox.exec("dev", &[]).ok();
}

#[test]
fn a_vault_that_forgets_keeps_no_keys_and_nobody_types_them_for_nothing() {
    let (moves, sets) =
        ("hint: `awsx vault move --to passphrase`", "hint: set AWSX_VAULT=passphrase");
    for (docs, vault, place, hint) in [
        ("chosen", "kernel", "the kernel's keyring", moves),
        ("nowhere", "memory", "memory: nothing is kept", sets),
        ("by auto", "auto", "the kernel's keyring", moves),
    ] {
        let sandbox = Sandbox::without_files().vault(vault);
        let ran = sandbox.store("dev", KEY_ID, SECRET_KEY, &[]);
        ran.fails(7, &["what cannot be made again is not kept", place, hint]);
        if docs == "chosen" {
            let mut terminal = sandbox.awsx_on_terminal(&["keys", "add", "dev"]);
            assert!(!terminal.end().exits(7).stdout.contains("Access key id"));
        }
        assert!(sandbox.records("keys").is_empty(), "{docs}");
    }
}

#[test]
fn keys_that_another_vault_sealed_are_never_replaced_by_others_of_the_name() {
    let sandbox = Sandbox::new().with_stored_keys();
    sandbox.set("AWSX_VAULT", "kernel");
    sandbox.exec("dev", &[]).fails(
        7,
        &[
            "the stored keys of dev cannot be opened: it is sealed with another key",
            "hint: see that AWSX_VAULT",
            "is not used",
        ],
    );
    sandbox.set("AWSX_VAULT", "passphrase");
    let record = sandbox.only_record("keys");
    crate::sandbox::rewrite(&record, |bytes| bytes.truncate(40));
    sandbox.exec("dev", &[]).fails(
        7,
        &[
            "the stored keys of dev cannot be read",
            "hint: `awsx keys add --replace dev` stores them again",
        ],
    );
    sandbox
        .store("dev", KEY_ID, SECRET_KEY, &[])
        .fails(7, &["cannot be read: it is cut short", "hint: `awsx keys add --replace dev`"]);
    sandbox.store("dev", KEY_ID, SECRET_KEY, &["--replace"]).ok();
    sandbox.exec("dev", &[]).ok();
}

#[test]
fn lists_say_whose_keys_are_kept_and_who_draws_on_them_without_opening_anything() {
    let sandbox = Sandbox::new().with_stored_keys();
    sandbox.store("lone", KEY_ID, SECRET_KEY, &[]).ok();
    sandbox.awsx(&["lock"]).ok();
    sandbox.unset("AWSX_PASSPHRASE");
    let before = sandbox.aws.calls().len();
    let listed = sandbox.awsx(&["keys", "list"]).ok();
    assert_eq!(
        listed.stdout,
        "dev   AKIA2SANDBOXEXAMPLE7  -  dev in 111111111111  dev, prod, audit and 1 more\n\
         lone  AKIA2SANDBOXEXAMPLE7  -  dev in 111111111111  lone\n"
    );
    let json = sandbox.awsx(&["keys", "list", "--json"]).ok().json();
    assert_eq!(json["vault"], "passphrase");
    let dev = &json["keys"][0];
    assert_eq!((&dev["name"], &dev["access_key_id"]), (&"dev".into(), &KEY_ID.into()));
    assert_eq!(dev["owner"]["arn"], sample::USER);
    assert_eq!(dev["used_by"], serde_json::json!(["dev", "prod", "audit", "readonly"]));
    assert_eq!(sandbox.aws.calls().len(), before);
}

#[test]
fn the_age_of_a_key_is_that_which_iam_stated() {
    let sandbox = Sandbox::without_files();
    let text = |days: i64| {
        let at = (sandbox.aws.now() - chrono::TimeDelta::days(days)).to_rfc3339();
        format!(
            r#"{{"AccessKey":{{"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET_KEY}","CreateDate":"{at}"}}}}"#
        )
    };
    for (days, expected) in [
        (89, "  89 days  dev in 111111111111  dev\n"),
        (91, "  91 days  dev in 111111111111  dev  ! older than 90 days\n"),
    ] {
        sandbox.store_text(&["keys", "add", "dev", "--stdin"], &text(days)).ok();
        sandbox.awsx(&["keys", "list"]).ok().prints(expected);
    }
}

#[test]
fn keys_are_removed_with_the_sessions_that_came_from_them() {
    let sandbox = Sandbox::new().with_stored_keys();
    sandbox.store("spare", KEY_ID, SECRET_KEY, &[]).ok();
    sandbox.exec("readonly", &[]).ok();
    sandbox.exec("dev", &[]).ok();
    assert_eq!(sandbox.records("sessions").len(), 2);
    sandbox
        .awsx(&["keys", "remove", "dve"])
        .fails(3, &["there are no stored keys of dve", "did you mean dev?"]);
    sandbox
        .awsx(&["keys", "remove", "dev"])
        .fails(4, &["nobody can be asked", "hint: `awsx keys remove dev --yes` does not ask"]);
    for (answer, said) in [
        ("", "nothing is removed"),
        ("y", "removed AKIA2SANDBOXEXAMPLE7 of dev in 111111111111; at AWS it stays as it is"),
    ] {
        let mut terminal = sandbox.awsx_on_terminal(&["keys", "remove", "dev"]);
        terminal.expect("dev, prod, audit and 1 more use them.").expect("Remove them? [y/N] ");
        terminal.type_line(answer).expect(said).end().ok();
    }
    assert!(sandbox.records("sessions").is_empty());
    assert_eq!(sandbox.records("keys").len(), 1);
    // The file's keys answer again.
    assert_eq!(sandbox.explain("dev")["chosen"], "credentials-file");
    let record = sandbox.only_record("keys");
    crate::sandbox::rewrite(&record, |bytes| bytes.truncate(40));
    sandbox
        .awsx(&["keys", "remove", "spare", "--yes"])
        .ok()
        .says("removed the stored keys of spare");
    assert!(sandbox.records("keys").is_empty());
}

#[test]
fn iam_says_what_it_knows_of_a_key() {
    let sandbox = Sandbox::new().with_stored_keys();
    sandbox
        .awsx(&["keys", "list", "--check"])
        .ok()
        .prints("100 days  dev in 111111111111  just now (iam)  ! older");
    let json = sandbox.awsx(&["keys", "list", "--check", "--json"]).ok().json();
    let dev = &json["keys"][0];
    assert_eq!((&dev["status"], &dev["last_used"]["service"]), (&"Active".into(), &"iam".into()));
    assert!(dev["created_at"].is_string());
    // It is kept.
    assert_eq!(
        sandbox.awsx(&["keys", "list", "--json"]).ok().json()["keys"][0]["created_at"],
        dev["created_at"]
    );
    sandbox.aws.control(|state| state.iam.user(sample::USER).unwrap().keys[0].active = false);
    let refused = sandbox.awsx(&["keys", "list", "--check"]).exits(5);
    refused.prints("  ! iam:ListAccessKeys was refused: InvalidClientTokenId").says("hint: ");
}

#[test]
fn a_key_ends_at_iam_if_asked() {
    for (flag, said, is_there) in [
        ("--deactivate", "at IAM it is inactive", true),
        ("--delete", "at IAM it is deleted", false),
    ] {
        let sandbox = Sandbox::new().with_stored_keys();
        let hint = format!("hint: `awsx keys remove dev {flag} --yes` does not ask");
        sandbox.awsx(&["keys", "remove", "dev", flag]).fails(4, &["nobody can be asked", &hint]);
        let mut terminal = sandbox.awsx_on_terminal(&["keys", "remove", "dev", flag]);
        terminal.expect("at IAM, for everybody. Remove them? [y/N] ").type_line("n").end().ok();
        sandbox.awsx(&["keys", "remove", "dev", flag, "--yes"]).ok().says(said);
        assert!(sandbox.records("keys").is_empty());
        sandbox.aws.control(|state| {
            let keys = &state.iam.user(sample::USER).unwrap().keys;
            let found = keys.iter().find(|key| key.id == KEY_ID);
            assert_eq!(found.map(|key| key.active), is_there.then_some(false), "{flag}");
        });
    }
    // What IAM refuses stays in the vault.
    let sandbox = Sandbox::new().with_stored_keys();
    sandbox.aws.control(|state| state.iam.user(sample::USER).unwrap().keys[0].active = false);
    let ran = sandbox.awsx(&["keys", "remove", "dev", "--delete", "--yes"]);
    ran.fails(
        5,
        &[
            "iam:DeleteAccessKey was refused",
            "nothing was removed; `awsx keys remove dev` removes it here alone",
        ],
    );
    assert_eq!(sandbox.records("keys").len(), 1);
    sandbox.awsx(&["keys", "remove", "dev", "--yes"]).ok();
}
