//! Kept sessions in sight: `sessions list` and `sessions clear`.

use serde_json::{Value, json};

use crate::fake_aws::sample;
use crate::sandbox::{AWSX, CONFIG, Sandbox};

/// The sessions of `dev`, `prod` and `audit`, with one MFA session between the last two.
fn with_sessions(vault: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    if vault != "passphrase" {
        sandbox.set("AWSX_VAULT", vault);
    }
    sandbox.exec("dev", &[]).ok();
    sandbox.exec("audit", &["--mfa-code", &sandbox.code()]).ok();
    sandbox.exec("readonly", &[]).ok();
    sandbox
}

/// Profile, role and device of each.
fn names(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.awsx(&["sessions", "list", "--json"]).ok().json();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let name = |session: &Value| {
        let mfa = if session["mfa_serial"].is_null() { "" } else { " MFA" };
        format!("{} {}{mfa}", text(&session["profile"]), text(&session["role_name"]))
    };
    let mut names: Vec<String> = listed["sessions"].as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

#[test]
fn sessions_are_listed_without_opening_the_vault_or_asking_aws() {
    let sandbox = with_sessions("passphrase");
    sandbox.awsx(&["lock"]).ok();
    sandbox.unset("AWSX_PASSPHRASE");
    let calls = sandbox.aws.calls().len();
    let all = ["audit Audit", "dev -", "prod - MFA", "prod Admin", "readonly ReadOnly"];
    assert_eq!(names(&sandbox), all);
    let listed = sandbox.awsx(&["sessions", "list"]).ok().prints_each(&[
        "audit     333333333333  Audit             ",
        "dev       -             access keys       ",
        "prod      111111111111  access keys, MFA  ",
        "prod      222222222222  Admin             ",
        "readonly  111111111111  ReadOnly          ",
        " just now\n",
    ]);
    listed.prints_no("PROFILE").stderr_is(&[]);
    assert_eq!(sandbox.aws.calls().len(), calls);
    let document = sandbox.awsx(&["sessions", "list", "--json"]).json();
    assert_eq!(document["version"], 1);
    let admin = document["sessions"].as_array().unwrap().iter();
    let admin = admin.clone().find(|session| session["role_name"] == "Admin").unwrap();
    for (field, expected) in [
        ("profile", json!("prod")),
        ("call", json!("sts:AssumeRole")),
        ("account_id", json!("222222222222")),
        ("role_arn", json!("arn:aws:iam::222222222222:role/Admin")),
        ("mfa_serial", Value::Null),
        ("lost", json!(false)),
        ("label", json!("prod: sts:AssumeRole arn:aws:iam::222222222222:role/Admin")),
    ] {
        assert_eq!(admin[field], expected, "{field}");
    }
}

#[test]
fn a_session_that_nothing_opens_any_longer_is_marked() {
    let sandbox = with_sessions("kernel");
    sandbox.awsx(&["sessions", "list"]).ok().prints_no("!");
    sandbox.awsx(&["lock"]).ok();
    let gone = "just now  ! the vault's key that sealed it is gone\n";
    sandbox.awsx(&["sessions", "list"]).ok().prints(gone);
    let document = sandbox.awsx(&["sessions", "list", "--json"]).ok().json();
    assert_eq!(document["sessions"][0]["lost"], true);
}

#[test]
fn what_another_profile_uses_too_is_kept() {
    let sandbox = with_sessions("kernel");
    let said = sandbox.awsx(&["sessions", "clear", "audit"]).ok();
    said.stderr_is(&[
        "awsx: 1 session is forgotten",
        "awsx: what was handed out before stays valid: audit 1h",
        "awsx: the session of prod (access keys, MFA) stays: prod uses it too; \
         `awsx sessions clear audit prod` forgets it",
        "awsx: the session of prod (Admin) stays: prod uses it too; `awsx sessions clear audit prod` \
         forgets it",
    ]);
    assert_eq!(names(&sandbox), ["dev -", "prod - MFA", "prod Admin", "readonly ReadOnly"]);
    sandbox.awsx(&["sessions", "clear", "audit", "prod"]).ok().says("2 sessions are forgotten");
    assert_eq!(names(&sandbox), ["dev -", "readonly ReadOnly"]);
    let none = "awsx: no session of prod is kept";
    sandbox.awsx(&["sessions", "clear", "prod"]).ok().stderr_is(&[none]);
}

/// With other flags, by a profile that is gone, and where many share one.
#[test]
fn what_was_made_for_a_profile_is_its_own() {
    let sandbox = with_sessions("kernel");
    sandbox.exec("readonly", &["--session-name", "other"]).ok();
    sandbox.config(&CONFIG.replace("profile dev", "profile developer"));
    sandbox.awsx(&["sessions", "clear", "dev"]).ok().says("1 session is forgotten");
    sandbox.config(CONFIG);
    sandbox.awsx(&["sessions", "clear", "readonly"]).ok().says("2 sessions are forgotten");
    let more: String = (0..4)
        .map(|n| {
            format!(
                "[profile r{n}]\nrole_arn = {}\nsource_profile = dev\nmfa_serial = {}\n",
                sample::READ_ONLY,
                sample::MFA_SERIAL
            )
        })
        .collect();
    sandbox.config(&(CONFIG.to_owned() + &more));
    sandbox.awsx(&["sessions", "clear", "audit", "prod"]).ok().says(
        "the session of prod (access keys, MFA) stays: r0, r1, r2 and 1 more use it too; \
         `awsx sessions clear --all` forgets it",
    );
    assert_eq!(names(&sandbox), ["prod - MFA"]);
    let error = "error: profile \"nope\" (named on the command line) is in neither";
    sandbox.awsx(&["sessions", "clear", "nope"]).exits(3).says(error);
}

#[test]
fn what_is_over_or_all_of_it_is_forgotten() {
    let sandbox = Sandbox::new().vault("kernel");
    let over = "awsx: no kept session is over";
    sandbox.awsx(&["sessions", "clear", "--expired"]).ok().stderr_is(&[over]);
    sandbox.awsx(&["sessions", "list"]).ok().stderr_is(&["awsx: no session is kept"]);
    sandbox.exec("readonly", &[]).ok();
    let damaged = sandbox.state_dir().join("sessions").join(format!("{}.rec", "0".repeat(64)));
    std::fs::write(damaged, "planted").unwrap();
    sandbox.awsx(&["sessions", "clear", "--expired"]).ok().says(over);
    sandbox.awsx(&["sessions", "clear", "--all"]).ok().says("2 sessions are forgotten");
    assert!(sandbox.records("sessions").is_empty());
    let none = "awsx: no session is kept";
    sandbox.awsx(&["sessions", "clear", "--all"]).ok().stderr_is(&[none]);
    sandbox.awsx(&["sessions", "clear"]).exits(2).stderr_is(&[
        "error: which sessions are to be forgotten is not said",
        "hint: name a profile, as `awsx sessions list` has it, or give --expired or --all",
    ]);
    sandbox.awsx(&["sessions", "clear", "--all", "dev"]).exits(2).says("exclude each other");
}

#[test]
fn what_runs_with_credentials_that_end_is_listed() {
    const LIST: &str = "\"$0\" sessions list --running";
    let sandbox = Sandbox::new();
    let list = ["sessions", "list", "--running"];
    let nothing = "nothing runs that `awsx exec` gave credentials which end";
    sandbox.awsx(&list).ok().says(nothing);
    let run = |before: &[&str], line: &str| {
        let line = format!(": planted-argument; {line}");
        let exec = ["exec", "readonly", "--", "sh", "-c", &line, AWSX];
        sandbox.awsx(&[before, &exec[..]].concat()).ok()
    };
    // A command within a command's place is one, with what it was given last.
    let twice = ["exec", "readonly", "--duration", "2h", "--", AWSX];
    for before in [&[][..], &twice] {
        let ran = run(before, &format!("echo $$; {LIST} --json"));
        let (pid, json) = ran.stdout.split_once('\n').unwrap();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let [command] = json["running"].as_array().unwrap().as_slice() else { panic!("{json}") };
        assert_eq!(command["pid"].to_string(), pid);
        assert_eq!(command["profile"], "readonly");
        assert_eq!(command["program"], "sh");
        assert_eq!(command["account_id"], "111111111111");
    }
    let ran = run(&[], LIST).prints("readonly  111111111111  sh  ");
    ran.says("one has credentials that end within the hour")
        .says("`awsx exec --server readonly -- …` renews them");
    // What is given for longer is no cause for alarm.
    let ran = sandbox
        .awsx(&["exec", "readonly", "--duration", "2h", "--", "sh", "-c", LIST, AWSX])
        .ok()
        .prints("readonly  111111111111  sh  ");
    assert_eq!(ran.stderr, "");
    sandbox.awsx(&list).ok().says(nothing);
    let file = sandbox.state_dir().join("running.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("planted") && text.lines().count() >= 5, "{text}");
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions()) & 0o777,
        0o600
    );
}
