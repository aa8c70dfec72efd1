//! The accounts and roles of an organization, and the profiles that are made of them.

use crate::fake_aws::fault::Fault;
use crate::given::{SETTINGS, pause};
use crate::ran::Ran;
use crate::sandbox::{AWSX, SSO_SESSION, Sandbox, files_below};
use crate::table::side_by_side;
use crate::terminal::CTRL_C;

/// Names that tell all accounts of the stand-in apart.
const BY_ID: &str = "--profile-name={account_name:kebab}-{account_id}/{role_name}";

fn with_login(accounts: usize, roles: usize) -> Sandbox {
    Sandbox::with_sso(accounts, roles).logged_in()
}

fn sync(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.awsx(&[&["sso", "sync", BY_ID], args].concat())
}

/// A sync that wrote these changes and warned of nothing.
fn wrote(ran: Ran, changes: &str) {
    let changes = format!(".aws/config: {changes}\n");
    ran.ok().says(&changes).says(".aws/config is written\n").says_no("warning: ");
}

/// How often the roles of an account were listed since the last time.
fn new_listings(sandbox: &Sandbox) -> usize {
    let operations = sandbox.aws.new_operations();
    operations.iter().filter(|operation| *operation == "ListAccountRoles").count()
}

#[test]
fn a_second_sync_lists_the_accounts_only() {
    let sandbox = with_login(60, 5);
    sandbox.aws.control(|state| state.portal.limit.rate = Some(40.0));
    sync(&sandbox, &["--yes"]).ok().says("listing the roles of 61 accounts").says("301 added");
    let throttled = sandbox.aws.new_operations().len() - 62;
    assert!(throttled <= 15, "{throttled} requests were throttled");
    let written = sandbox.read_config();
    assert_eq!(written.matches("\nsso_session = corp\n").count(), 301);
    assert_eq!(written.matches("\nregion").count(), 0, "never silently the region of the login");

    let up_to_date = "awsx: [..]/.aws/config is up to date: 301 profiles";
    sync(&sandbox, &["--yes"]).ok().stderr_is(&[up_to_date]);
    assert_eq!(sandbox.aws.new_operations(), ["ListAccounts"]);
    assert_eq!(sandbox.read_config(), written);

    // The profiles work, and awsx reads nothing strange in them.
    sandbox.exec("workloads-dev-222222222222/Developer", &[]).ok();
    let listed = sandbox.awsx(&["profiles", "--json"]).ok().json();
    assert_eq!(listed["warnings"], serde_json::json!([]));
    assert_eq!(listed["profiles"].as_object().unwrap().len(), 302, "and one with keys");
    sandbox.aws.forget_calls();

    // One account more, one less.
    sandbox.aws.control(|state| {
        let gone = state.portal.accounts[1].id.clone();
        state.portal.assignments.retain(|assigned| assigned.account() != gone);
        state.portal.grow(1, 2);
    });
    let removed = "5 removed: AWS lists the role for you no longer, or a rule skips it";
    let ran = sync(&sandbox, &["--yes"]).says(removed);
    wrote(ran, "2 added, 0 changed, 5 removed, 296 unchanged");
    assert_eq!(sandbox.aws.new_operations(), ["ListAccounts", "ListAccountRoles"]);
    sync(&sandbox, &["--yes", "--refresh"]).ok();
    assert_eq!(new_listings(&sandbox), 61);
}

#[test]
fn a_name_that_comes_twice_or_is_taken_is_refused() {
    let sandbox = with_login(20, 1);
    let before = sandbox.read_config();
    let sync = |flags: &[&str]| sandbox.awsx(&[&["sso", "sync", "--yes"], flags].concat());
    let listing = "awsx: listing the roles of 21 accounts";
    let words =
        [listing, "two roles would both be profile \"", "Administrator", "hint: tell them apart"];
    sync(&[]).fails(3, &words);
    let mine = format!("{before}[profile mine]\nregion = eu-west-1\n");
    sandbox.config(&mine);
    sync(&["--profile-name", "mine"]).fails(3, &["would both be profile \"mine\""]);
    sandbox.aws.control(|state| state.portal.assignments.truncate(1));
    let words = [".aws/config:4: profile \"mine\" is defined there already, and Developer in 2"];
    sync(&["--profile-name", "mine"]).fails(3, &words);
    let words = [".aws/credentials:1: profile \"dev\" is defined there already"];
    sync(&["--profile-name", "dev"]).fails(3, &words);
    assert_eq!(sandbox.read_config(), mine);
}

#[test]
fn nothing_is_written_without_a_yes() {
    let sandbox = with_login(3, 2);
    let before = sandbox.read_config();
    let ran = sync(&sandbox, &["--dry-run", "--profile-region", "eu-north-1"]).ok();
    assert_eq!(ran.stdout.matches("+ [profile ").count(), 7, "{ran:?}");
    let changes = "awsx: [..]/.aws/config: 7 added, 0 changed, 0 removed, 0 unchanged";
    ran.prints("+ region = eu-north-1\n").stderr_is(&[changes]);
    let error = "error: nobody can be asked: there is no terminal";
    let hint = "hint: run `awsx sso sync corp --yes`";
    sync(&sandbox, &[]).exits(4).stderr_is(&[changes, error, hint]);
    assert_eq!(sandbox.read_config(), before);
    assert_eq!(new_listings(&sandbox), 4, "what was listed is kept");

    let question = "Write it to ";
    let on_terminal = || sandbox.awsx_on_terminal(&["sso", "sync", BY_ID]);
    let mut terminal = on_terminal();
    terminal.expect("Region of these profiles").type_line("");
    terminal.expect("+ ").expect(question).type_line("n").end().ok().says("nothing is written");
    let on_terminal = || {
        let mut terminal = on_terminal();
        terminal.expect("Region of these profiles").type_line("none");
        terminal
    };
    on_terminal().expect(question).type_text(CTRL_C).end().exits(130);
    assert_eq!(sandbox.read_config(), before);
    assert!(!sandbox.home().join(SETTINGS).exists(), "nothing is kept of what was not written");
    on_terminal().expect(question).type_line("").end().ok().says("config is written");
    assert_eq!(sandbox.read_config().matches("[profile ").count(), 7);
}

/// Whatever ends it, the next one goes on from there.
#[test]
fn an_interrupted_sync_resumes() {
    const SYNC: [&str; 4] = ["sso", "sync", BY_ID, "--yes"];
    const START: &str = "listing the roles of 61 accounts";
    type End = fn(&Sandbox, &dyn Fn());
    let killed: End = |sandbox, go_on| {
        let mut sync = sandbox.start(&SYNC);
        sync.says(START);
        go_on();
        sync.kill();
        sync.end();
    };
    let interrupted: End = |sandbox, go_on| {
        let mut terminal = sandbox.awsx_on_terminal(&SYNC);
        terminal.expect("accounts [");
        go_on();
        terminal.type_text(CTRL_C).end().exits(130);
    };
    let logged_out: End = |sandbox, go_on| {
        let mut sync = sandbox.start(&SYNC);
        sync.says(START);
        go_on();
        let token = sandbox.aws.control(|state| state.portal.tokens.remove(0));
        let words = ["sso-session \"corp\" needs a login", "does not accept the", "hint: ", START];
        sync.end().fails(4, &words);
        sandbox.aws.control(|state| state.portal.tokens.push(token));
    };
    let rows = [("killed", killed, 55), ("Ctrl-C", interrupted, 55), ("no login", logged_out, 45)];
    side_by_side(&rows, |&(docs, end, most)| {
        let sandbox = with_login(60, 1);
        sandbox.aws.control(|state| state.portal.limit.rate = Some(20.0));
        end(&sandbox, &|| sandbox.wait_for_calls("ListAccountRoles", 45));
        assert_eq!(sandbox.read_config(), SSO_SESSION, "{docs}");
        sandbox.aws.forget_calls();
        // The number of accounts that are left decides whether it says that it lists them.
        let ran = sync(&sandbox, &["--yes"]).ok();
        ran.says(".aws/config: 61 added, 0 changed, 0 removed, 0 unchanged\n");
        let again = new_listings(&sandbox);
        assert!(again < most, "{docs}: {again} accounts were asked for again");
    });
}

#[test]
fn parallel_syncs_list_roles_once() {
    let sandbox = with_login(25, 1);
    sandbox.many(4, &["sso", "sync", BY_ID, "--yes"]).ok();
    assert_eq!(new_listings(&sandbox), 26);
    assert_eq!(sandbox.read_config().matches("[profile ").count(), 26);
}

#[test]
fn a_slow_listing_says_why() {
    let sandbox = with_login(60, 1);
    sandbox.aws.control(|state| state.portal.limit.rate = Some(2.0));
    let mut terminal = sandbox.awsx_on_terminal(&["sso", "accounts"]);
    terminal.expect("/61 (AWS throttles; Ctrl-C keeps what is listed)");
    terminal.type_text(CTRL_C).end().exits(130);
}

/// What the rest of the run comes to when one account fails, or AWS is out of reach.
#[test]
fn a_failed_account_keeps_its_old_profiles() {
    let denied = Fault::Refuse { status: 403, code: "ForbiddenException", message: "No access" };
    let rows = [("refused", denied, 1, 5), ("server faults", Fault::INTERNAL, 3, 6)];
    side_by_side(&rows, |&(docs, fault, times, code)| {
        let sandbox = with_login(0, 0);
        wrote(sync(&sandbox, &["--yes"]), "1 added, 0 changed, 0 removed, 0 unchanged");
        let before = sandbox.read_config();
        // Nothing is known any more, and the only account fails.
        std::fs::remove_dir_all(sandbox.state_dir().join("organizations")).unwrap();
        let plan = || sandbox.aws.fail("ListAccountRoles", fault, times);
        plan();
        let failed = "the roles of 1 of 1 accounts could not be listed, of 222222222222 among";
        sync(&sandbox, &["--yes"]).fails(code, &[failed, "is up to date: 1 profiles"]);
        assert_eq!(sandbox.read_config(), before, "{docs}");
        plan();
        let ran = sandbox.awsx(&["sso", "accounts", "--json"]).fails(code, &["\"kind\":"]);
        let listed = ran.json();
        assert_eq!(listed["failed"][0]["account_id"], "222222222222", "{docs}");
        assert_eq!(listed["accounts"][0]["roles"], serde_json::Value::Null, "{docs}");
    });
}

#[test]
fn a_portal_that_throttles_everything_fails_the_sync() {
    let sandbox = with_login(5, 1);
    sandbox.aws.fail("ListAccountRoles", Fault::TOO_MANY_REQUESTS, 1000);
    let words = ["the roles of 6 of 6 accounts could not be listed", "throttled", "run it again"];
    sync(&sandbox, &["--yes"]).fails(6, &words);
    assert_eq!(sandbox.read_config(), SSO_SESSION);
}

#[test]
fn accounts_and_roles_are_listed() {
    let sandbox = with_login(5, 2);
    let listed = sandbox.awsx(&["sso", "accounts", "corp", "--json"]).ok().json();
    assert_eq!((&listed["version"], &listed["session"]), (&1.into(), &"corp".into()));
    let accounts = listed["accounts"].as_array().unwrap();
    assert_eq!((accounts.len(), listed["failed"].as_array().unwrap().len()), (6, 0));
    let one = accounts.iter().find(|a| a["account_id"] == "500000007919").unwrap();
    assert_eq!(one["account_name"], "Workloads Dev 1");
    assert_eq!(one["email"], "aws+1@corp.example");
    assert_eq!(one["roles"], serde_json::json!(["AdministratorAccess", "ReadOnly"]));
    assert!(one["listed_at"].as_str().unwrap().ends_with('Z'));

    let text = sandbox.awsx(&["sso", "accounts"]).ok().stdout;
    assert_eq!(text.lines().count(), 6, "{text}");
    assert!(text.contains("  500000007919  aws+1@corp.example"), "{text}");
    assert!(text.contains("  AdministratorAccess, ReadOnly\n"), "{text}");
    let text = sandbox.awsx(&["sso", "roles"]).ok().stdout;
    assert_eq!(text.lines().count(), 11, "{text}");
    // For a person.
    let shown = sandbox.awsx_on_terminal(&["sso", "accounts"]).end().ok().stdout;
    assert!(shown.starts_with("ACCOUNT "), "{shown}");
    assert!(shown.lines().all(|line| line.trim_end().chars().count() <= 80), "{shown}");
    assert_eq!(new_listings(&sandbox), 6, "asked once");

    for account in ["500000007919", "Workloads Dev 1"] {
        let ran = sandbox.awsx(&["sso", "roles", "--account", account, "--refresh"]).ok();
        assert_eq!(
            ran.stdout,
            "Workloads Dev 1  500000007919  AdministratorAccess\n\
             Workloads Dev 1  500000007919  ReadOnly\n"
        );
        assert_eq!(sandbox.aws.new_operations(), ["ListAccounts", "ListAccountRoles"]);
    }
    let error = "error: no account of yours at sso-session \"corp\" is nobody";
    let ran = sandbox.awsx(&["sso", "roles", "--account", "nobody"]).exits(2);
    ran.stderr_is(&[error, "hint: `awsx sso accounts` lists them"]);
}

#[test]
fn what_came_and_went_is_told_once_all_is_listed() {
    let sandbox = with_login(2, 2);
    let diff = |flags: &[&str]| sandbox.awsx(&[&["sso", "roles", "--diff"], flags].concat());
    let ran = diff(&[]).ok();
    ran.stderr_is(&[
        "awsx: there is nothing to compare with yet: 5 roles in 3 accounts are noted now",
    ]);
    assert_eq!(diff(&[]).ok().says("awsx: nothing has changed since ").stdout, "");
    // Other listings tell nobody anything, and one that is kept is not asked.
    sandbox.aws.control(|state| {
        let portal = &mut state.portal;
        portal.assignments.retain(|one| one.account() != "222222222222");
        let gone = portal.assignments.iter().position(|one| one.role_name == "ReadOnly");
        portal.assignments.remove(gone.unwrap());
        portal.grow(1, 1);
    });
    sandbox.awsx(&["sso", "roles", "--refresh"]).ok();
    // What could not be told is not noted.
    let mut full = sandbox.command("sh");
    full.args(["-c", &format!("{AWSX} sso roles --diff >/dev/full")]);
    sandbox.run(&mut full, b"", false).exits(1).says("No space left on device");
    let ran = diff(&[])
        .ok()
        .says("(just now): 1 account gained, 1 role gained, 1 account lost, 2 roles lost\n");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    for (begins, ends) in [
        ("+ ", "  new account"),
        ("- ", "  ReadOnly"),
        ("- Workloads Dev ", "  222222222222  Developer            account is gone"),
    ] {
        let is_it = |line: &&str| line.starts_with(begins) && line.ends_with(ends);
        assert_eq!(lines.iter().copied().filter(is_it).count(), 1, "{begins}: {ran:?}");
    }
    assert_eq!(lines.len(), 3);
    assert_eq!(diff(&[]).ok().says("nothing has changed since").stdout, "");

    // Where one account fails nothing is lost, and nothing is noted.
    sandbox.aws.control(|state| state.portal.grow(1, 1));
    let denied = Fault::Refuse { status: 403, code: "ForbiddenException", message: "No access" };
    sandbox.aws.fail("ListAccountRoles", denied, 4);
    let words = ["1 account gained, as far as", "not noted", "could not be listed", "No access"];
    let ran = diff(&[]).exits(5);
    let ran = words.iter().fold(ran, |ran, words| ran.says(words));
    assert!(!ran.stdout.contains("\n-") && !ran.stdout.starts_with('-'), "{ran:?}");
    let told = diff(&["--json"]).ok().json();
    assert_eq!((&told["version"], &told["session"]), (&1.into(), &"corp".into()));
    assert!(told["since"].as_str().unwrap().ends_with('Z'), "{told}");
    let [account] = &told["accounts"].as_array().unwrap()[..] else { panic!("{told}") };
    assert_eq!((&account["account"], &account["lost"]), (&"gained".into(), &serde_json::json!([])));
    assert_eq!(account["gained"], serde_json::json!(["AdministratorAccess"]));
    assert_eq!(diff(&["--json"]).ok().json()["accounts"], serde_json::json!([]));
    diff(&["--account", "x"]).exits(2).says("--diff and --account exclude each other");

    let notes: Vec<_> = files_below(&sandbox.state_dir().join("organizations"))
        .into_iter()
        .filter(|file| file.to_str().unwrap().ends_with(".seen.json"))
        .collect();
    let [notes] = &notes[..] else { panic!("{notes:?}") };
    // What is broken is no comparison; what the disk does not give is not written over.
    std::fs::write(notes, "{").unwrap();
    diff(&[]).ok().says("there is nothing to compare with yet");
    std::fs::remove_file(notes).unwrap();
    std::fs::create_dir(notes).unwrap();
    assert_eq!(diff(&[]).exits(7).says(".seen.json cannot be read").stdout, "");
    sandbox.set("AWSX_VAULT", "memory");
    let refused = "error: nothing is kept beyond this command, so there is nothing to compare with";
    let ran = sandbox.awsx(&["sso", "roles", "--diff"]).exits(2);
    ran.stderr_is(&[refused, "hint: `awsx vault status` says why"]);
}

/// A role without a profile, its account by name: nothing is listed that is known already.
#[test]
fn an_account_can_be_named_on_the_command_line() {
    let sandbox = with_login(10, 1);
    let exec = |account: &str, role: &str| {
        sandbox.awsx(&["exec", "--sso=corp", "--account", account, "--role", role, "--", "env"])
    };
    exec("Workloads Dev", "Developer").ok().prints("AWS_ACCOUNT_ID=222222222222\n");
    assert_eq!(sandbox.aws.new_operations(), ["ListAccounts", "GetRoleCredentials"]);
    exec("Workloads Dev", "Developer").ok();
    exec("222222222222", "Developer").ok();
    assert_eq!(sandbox.aws.new_operations(), [""; 0]);
    exec("Workloads Dev 1", "AdministratorAccess").ok();
    assert_eq!(sandbox.aws.new_operations(), ["GetRoleCredentials"]);
    let error = "error: sso-session \"corp\" gives no account called \"nobody\"";
    let hint = "hint: `awsx sso accounts` lists those that are yours";
    exec("nobody", "Developer").exits(2).stderr_is(&[error, hint]);
    assert_eq!(sandbox.aws.new_operations(), ["ListAccounts"], "it may be new");
    sandbox.aws.control(|state| state.portal.grow(10, 1));
    exec("sandbox", "AdministratorAccess").ok();
    sandbox.awsx(&["sso", "accounts"]).ok();
    exec("sandbox", "AdministratorAccess").fails(2, &["gives several accounts called \"sandbox\""]);
}

#[test]
fn awsxs_settings_shape_the_profiles() {
    let sandbox = with_login(4, 2);
    sandbox.write(
        SETTINGS,
        r#"
[sso.corp]
profile_name = "{account_name:kebab}.{role_name:lower}"
region = "eu-west-1"
[sso.corp.settings]
output = "json"
[[sso.corp.rules]]
account_name = "Workloads Dev"
skip = true
[[sso.corp.rules]]
role_name = "ReadOnly"
region = "us-east-1"
"#,
    );
    let changes = "8 added, 0 changed, 0 removed, 0 unchanged";
    wrote(sandbox.awsx(&["sso", "sync", "--yes"]), changes);
    let written = sandbox.read_config();
    let expected = "[profile workloads-dev-1.readonly]\nsso_session = corp\n\
                    sso_account_id = 500000007919\nsso_role_name = ReadOnly\n\
                    region = us-east-1\noutput = json\n";
    assert!(written.contains(expected), "{written}");
    sandbox.set("AWSX_CONFIG", "own/config.toml");
    for (text, words) in [
        ("[sso.corp]\nprofile_name = \"{planted}\"\n", ["config.toml:2:16", "not a placeholder"]),
        (
            "[sso.corp.settings]\ncredential_process = \"planted\"\n",
            ["config.toml:2:22", "sso.corp.settings.credential_process would change the cred"],
        ),
        ("[sso.corp]\nregoin = \"x\"\n", ["config.toml:2:1", "sso.corp.regoin"]),
    ] {
        sandbox.write("own/config.toml", text);
        let ran = sandbox.awsx(&["sso", "sync", "--yes"]).fails(3, &words).says("hint: edit ");
        assert_eq!(ran.stdout, "", "{text}");
    }
    assert_eq!(sandbox.read_config(), written);
}

/// `aws configure set` writes behind the last line of a section, which is the block's.
#[test]
fn what_a_person_added_is_kept_and_never_taken_by_enter() {
    let sandbox = with_login(1, 1);
    sync(&sandbox, &["--yes"]).ok();
    let mine = "region = eu-north-1\n";
    let own = "[profile own]\nrole_arn = arn:aws:iam::111122223333:role/x\n\
               source_profile = workloads-dev-222222222222/Developer\n";
    let file = sandbox.read_config();
    sandbox.config(&format!("{file}{mine}{own}"));
    sync(&sandbox, &["--yes"]).ok().says("0 added, 0 changed, 0 removed, 2 unchanged");
    let kept = sandbox.read_config();
    assert!(kept.ends_with(&format!("{mine}# <<< awsx sso corp\n{own}")), "{kept}");
    sync(&sandbox, &["--yes"]).ok().says("is up to date");

    sandbox.aws.control(|state| state.portal.assignments.clear());
    let sync = ["sso", "sync", BY_ID, "--refresh"];
    let mut terminal = sandbox.awsx_on_terminal(&sync);
    terminal
        .expect("profile \"own\" draws on \"workloads-dev-222222222222/Developer\", which goes");
    terminal.expect("- region = eu-north-1").expect("[y/N]").type_line("");
    terminal.expect("nothing is written").end().ok();
    assert_eq!(sandbox.read_config(), kept);
}

/// The next sync, which has no flags, does not undo it, and what takes a name away is no Enter's to do.
#[test]
fn names_and_region_of_a_flag_are_kept() {
    let sandbox = with_login(3, 2);
    let template = "{account_name:kebab}-{role_name:kebab}";
    let flags = ["--profile-name", template, "--profile-region", "eu-west-3"];
    let sync = |flags: &[&str]| sandbox.awsx(&[&["sso", "sync", "--yes"], flags].concat());
    wrote(sync(&[]), "7 added, 0 changed, 0 removed, 0 unchanged");
    let first = sandbox.read_config();
    let mut terminal = sandbox.awsx_on_terminal(&[&["sso", "sync"], &flags[..]].concat());
    terminal.expect("~ Workloads-Dev/Developer → workloads-dev-developer");
    terminal.expect(": 0 added, 7 get another name, 0 changed, 0 removed, 0 unchanged");
    terminal.expect("[y/N]").type_line("").expect("nothing is written").end().ok();
    assert_eq!(sandbox.read_config(), first);
    assert!(!sandbox.home().join(SETTINGS).exists());

    let kept =
        format!("kept for the next sync: profile_name = \"{template}\" under [sso.corp] in ");
    let ran = sync(&flags).says(&kept).says("kept for the next sync: region = \"eu-west-3\" under");
    wrote(ran, "0 added, 7 get another name, 0 changed, 0 removed, 0 unchanged");
    for flags in [&[][..], &flags] {
        let ran = sync(flags).ok();
        ran.stderr_is(&["awsx: [..]/.aws/config is up to date: 7 profiles"]);
    }

    // Where a person's own file has no place for it, they are told; a job that asks for silence is silent.
    let own = "sso = { corp = { region = \"eu-west-3\" } }\n";
    sandbox.write(SETTINGS, own);
    let ran = sync(&["--profile-name", "{role_name}.{account_id}"]).ok();
    ran.says(
        "warning: not kept for the next sync; write profile_name = \"{role_name}.{account_id}\" u",
    );
    assert_eq!(sandbox.read(SETTINGS), own);
    let ran = sync(&["--quiet"]).ok();
    assert_eq!((&*ran.stdout, &*ran.stderr), ("", ""));
}

#[test]
fn nobody_is_assigned_anything() {
    let sandbox = with_login(0, 0);
    sandbox.aws.control(|state| state.portal.assignments.clear());
    let none = "IAM Identity Center lists no account for you at sso-session \"corp\"";
    for words in [["sso", "accounts"], ["sso", "roles"]] {
        sandbox.awsx(&words).ok().stderr_is(&[&format!("awsx: {none}")]);
    }
    let hint = "hint: ask whoever assigns permission sets";
    sandbox.awsx(&["config", "sso", "--session=corp", "--yes"]).fails(2, &[none, hint]);
}

#[test]
fn a_profile_stands_for_its_session() {
    let sandbox = with_login(0, 0);
    sandbox.config(&format!("{SSO_SESSION}[profile ro]\nsso_session = corp\n"));
    sandbox.awsx(&["sso", "accounts", "ro"]).ok();
    sandbox.awsx(&["logout", "ro"]).ok().says("sso-session \"corp\": nobody was logged in");
    sandbox.awsx(&["login", "sso", "ro"]).fails(4, &["run `awsx login sso corp` in a terminal"]);
    sandbox.config("[profile old]\nsso_start_url = https://corp.awsapps.com/start\n");
    let hint = "hint: run `awsx login sso --profile old`";
    sandbox.awsx(&["login", "sso"]).fails(2, &["there is no [sso-session] in", hint]);
}

/// 10,000 lines as people leave them behind, in a file that is behind a link.
#[test]
fn every_byte_outside_of_the_block_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = with_login(10, 3);
    let mut text = SSO_SESSION.replace('\n', "\r\n");
    for number in 0..2500 {
        text +=
            &format!("# ünï {number}\t\r\n[profile  p{number} ]\n  region =\teu-west-1  # c\r\n\n");
    }
    let home = sandbox.home();
    std::fs::remove_file(home.join(".aws/config")).unwrap();
    let real = sandbox.write(".aws/dotfiles/config", &text);
    symlink("dotfiles/config", home.join(".aws/config")).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    wrote(sync(&sandbox, &["--yes"]), "31 added, 0 changed, 0 removed, 0 unchanged");
    let first = sandbox.read_config();
    let (before, block) = first.split_once("# >>> awsx sso corp").unwrap();
    assert_eq!(before, text, "the block is at the end");
    assert!(block.ends_with("# <<< awsx sso corp\r\n"), "{block}");

    // The person goes on below it; the block changes.
    let below = "\n;after\r\n[profile last]\nregion=x";
    std::fs::write(&real, format!("{first}{below}")).unwrap();
    let ran = sync(&sandbox, &["--yes", "--profile-region", "eu-west-1"]);
    wrote(ran, "0 added, 31 changed, 0 removed, 0 unchanged");
    let second = sandbox.read_config();
    assert!(second.starts_with(before) && second.ends_with(below));
    assert_ne!(second, format!("{first}{below}"));
    assert!(home.join(".aws/config").is_symlink());
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);

    // Killed at any moment, the file is the old one or the new one.
    let with = |region: &str| {
        second.replace("\r\nregion = eu-west-1\r\n", &format!("\r\nregion = {region}\r\n"))
    };
    let mut old = second.clone();
    // One that is killed late enough has written, on a slow machine too.
    for moment in (0..24).chain((5..14).map(|power| 1 << power)) {
        if moment >= 24 && old != second {
            break;
        }
        let region = ["eu-north-1", "eu-south-1"][moment % 2];
        let args = ["sso", "sync", BY_ID, "--yes", "--profile-region", region];
        let mut running = sandbox.start(&args);
        running.says(if old == with(region) { "up to date" } else { "31 changed" });
        (0..moment).for_each(|_| pause());
        running.kill();
        running.end();
        let now = sandbox.read_config();
        assert!(now == old || now == with(region), "{moment}: {} bytes", now.len());
        assert!(home.join(".aws/config").is_symlink(), "{moment}");
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        old = now;
    }
    assert_ne!(old, second, "some of them came to write");
}

#[test]
fn a_session_that_is_missing_or_ambiguous_is_refused() {
    let sandbox = with_login(1, 1);
    let corp = SSO_SESSION;
    let lab = &*corp.replace("corp]", "lab]");
    let both = &*format!("{corp}{lab}");
    for (docs, config, args, code, words) in [
        ("none", "", &["sso", "accounts"][..], 2, "there is no [sso-session]"),
        ("several", both, &["sso", "sync"], 2, "several sessions: corp, lab"),
        ("unknown", corp, &["sso", "roles", "lab"], 3, "there is no [sso-session lab]"),
        ("no token", lab, &["sso", "accounts", "lab"], 4, "sso-session \"lab\" needs a login"),
    ] {
        sandbox.config(config);
        let ran = sandbox.awsx(args).fails(code, &[words, "hint: "]);
        assert_eq!(ran.stdout, "", "{docs}");
    }
}
