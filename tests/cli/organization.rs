//! The accounts and roles of an organization, and the profiles that are made of them.

use crate::fake_aws::fault::Fault;
use crate::sandbox::{Ran, Sandbox};
use crate::sso::log_in;
use crate::table::side_by_side;
use crate::terminal::CTRL_C;

const SESSION: &str = "\
[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
";

/// Names that tell all accounts of the stand-in apart.
const BY_ID: &str = "--profile-name={account_name:kebab}-{account_id}/{role_name}";

/// A person who is logged in, with so many accounts beyond the first one, and roles in each.
fn sandbox(accounts: usize, roles: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(SESSION);
    log_in(&sandbox, |text| text);
    sandbox.aws.control(|state| state.portal.grow(accounts, roles));
    sandbox
}

fn sync(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.awsx(&[&["sso", "sync", BY_ID], args].concat())
}

fn config(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.home().join(".aws/config")).unwrap()
}

/// Calls since the last time.
fn calls(sandbox: &Sandbox) -> Vec<String> {
    let calls = sandbox.aws.calls().into_iter().map(|call| call.operation).collect();
    sandbox.aws.control(|state| state.forget_calls());
    calls
}

fn count(calls: &[String], operation: &str) -> usize {
    calls.iter().filter(|call| *call == operation).count()
}

#[test]
fn every_role_gets_a_profile_and_a_second_run_only_lists_the_accounts() {
    let sandbox = sandbox(60, 5);
    sandbox.aws.control(|state| state.portal.rate = Some(40.0));
    sync(&sandbox, &["--yes"]).ok().says("listing the roles of 61 accounts").says("301 added");
    let first = calls(&sandbox);
    let throttled = first.len() - 62;
    assert!(throttled <= 15, "{throttled} requests were throttled");
    let written = config(&sandbox);
    assert_eq!(written.matches("\nsso_session = corp\n").count(), 301);
    assert_eq!(written.matches("\nregion").count(), 0, "never silently the region of the login");

    sync(&sandbox, &["--yes"]).ok().says("is up to date: 301 profiles");
    assert_eq!(calls(&sandbox), ["ListAccounts"]);
    assert_eq!(config(&sandbox), written);

    // The profiles work, and awsx reads nothing strange in them.
    let name = "workloads-dev-222222222222/Developer";
    sandbox.awsx(&["exec", name, "--", "true"]).ok();
    let listed = sandbox.awsx(&["profiles", "--json"]).ok().json();
    assert_eq!(listed["warnings"], serde_json::json!([]));
    assert_eq!(listed["profiles"].as_object().unwrap().len(), 302, "and one with keys");
    sandbox.aws.control(|state| state.forget_calls());

    // One account more, one less.
    sandbox.aws.control(|state| {
        let gone = state.portal.accounts[1].id.clone();
        state.portal.assignments.retain(|assigned| assigned.account() != gone);
        state.portal.grow(1, 2);
    });
    let ran = sync(&sandbox, &["--yes"]).ok();
    ran.says("2 added, 0 changed, 5 removed, 296 as they are");
    assert_eq!(calls(&sandbox), ["ListAccounts", "ListAccountRoles"]);
    sync(&sandbox, &["--yes", "--refresh"]).ok();
    assert_eq!(count(&calls(&sandbox), "ListAccountRoles"), 61);
}

#[test]
fn names_that_come_twice_or_are_taken_are_refused_with_both_sides() {
    let sandbox = sandbox(20, 1);
    let before = config(&sandbox);
    let ran = sandbox.awsx(&["sso", "sync", "--yes"]);
    ran.fails(3, &["two roles would both be profile \"", "Administrator", "hint: tell them apart"]);
    let mine = format!("{before}[profile mine]\nregion = eu-west-1\n");
    sandbox.config(&mine);
    let ran = sandbox.awsx(&["sso", "sync", "--yes", "--profile-name", "mine"]);
    ran.fails(3, &["would both be profile \"mine\""]);
    sandbox.aws.control(|state| state.portal.assignments.truncate(1));
    let ran = sandbox.awsx(&["sso", "sync", "--yes", "--profile-name", "mine"]);
    ran.fails(3, &[".aws/config:4: profile \"mine\" is defined there already, and Developer in 2"]);
    let ran = sandbox.awsx(&["sso", "sync", "--yes", "--profile-name", "dev"]);
    ran.fails(3, &[".aws/credentials:1: profile \"dev\" is defined there already"]);
    assert_eq!(config(&sandbox), mine);
}

#[test]
fn nothing_is_written_unless_somebody_says_so() {
    let sandbox = sandbox(3, 2);
    let before = config(&sandbox);
    let ran = sync(&sandbox, &["--dry-run", "--profile-region", "eu-north-1"]).ok();
    assert!(ran.stdout.contains("+ region = eu-north-1\n"), "{ran:?}");
    assert_eq!(ran.stdout.matches("+ [profile ").count(), 7, "{ran:?}");
    ran.says("7 added, 0 changed, 0 removed, 0 as they are");
    sync(&sandbox, &[]).fails(4, &["nobody can be asked", "hint: run `awsx sso sync corp --yes`"]);
    assert_eq!(config(&sandbox), before);
    assert_eq!(count(&calls(&sandbox), "ListAccountRoles"), 4, "what was listed is kept");

    let question = "Write it to ";
    let on_terminal = || sandbox.awsx_on_terminal(&["sso", "sync", BY_ID]);
    let ran = on_terminal().expect("+ ").expect(question).type_line("n").ends().ok();
    ran.says("nothing is written");
    assert_eq!(on_terminal().expect(question).type_text(CTRL_C).ends().code, 130);
    assert_eq!(config(&sandbox), before);
    on_terminal().expect(question).type_line("").ends().ok().says("config is written");
    assert_eq!(config(&sandbox).matches("[profile ").count(), 7);
}

/// Whatever ends a run, the next one goes on from there.
#[test]
fn a_killed_run_is_gone_on_with() {
    let sandbox = sandbox(60, 1);
    sandbox.aws.control(|state| state.portal.rate = Some(20.0));
    let mut running = sandbox.start(&["sso", "sync", BY_ID, "--yes"]);
    running.says("listing the roles of 61 accounts");
    while sandbox.aws.count("ListAccountRoles") < 45 {
        std::thread::yield_now();
    }
    running.kill();
    running.end();
    assert_eq!(config(&sandbox), SESSION);
    calls(&sandbox);
    sync(&sandbox, &["--yes"]).ok().says("61 added");
    let again = count(&calls(&sandbox), "ListAccountRoles");
    assert!(again < 55, "{again} accounts were asked for again");
}

/// A person's Ctrl-C is no other end than any.
#[test]
fn a_run_that_a_person_ends_is_gone_on_with() {
    let sandbox = sandbox(60, 1);
    sandbox.aws.control(|state| state.portal.rate = Some(20.0));
    let mut terminal = sandbox.awsx_on_terminal(&["sso", "sync", BY_ID, "--yes"]);
    terminal.expect("accounts [");
    while sandbox.aws.count("ListAccountRoles") < 45 {
        std::thread::yield_now();
    }
    assert_eq!(terminal.type_text(CTRL_C).ends().code, 130);
    assert_eq!(config(&sandbox), SESSION);
    calls(&sandbox);
    sync(&sandbox, &["--yes"]).ok().says("61 added");
    let again = count(&calls(&sandbox), "ListAccountRoles");
    assert!(again < 55, "{again} accounts were asked for again");
}

#[test]
fn of_several_that_sync_at_once_one_asks() {
    let sandbox = sandbox(25, 1);
    let all: Vec<_> = (0..4).map(|_| sandbox.start(&["sso", "sync", BY_ID, "--yes"])).collect();
    all.into_iter().for_each(|running| drop(running.end().ok()));
    assert_eq!(count(&calls(&sandbox), "ListAccountRoles"), 26);
    assert_eq!(config(&sandbox).matches("[profile ").count(), 26);
}

#[test]
fn a_login_that_ends_in_the_middle_stops_the_run_and_loses_nothing() {
    let sandbox = sandbox(60, 1);
    sandbox.aws.control(|state| state.portal.rate = Some(20.0));
    let mut running = sandbox.start(&["sso", "sync", BY_ID, "--yes"]);
    running.says("listing the roles of 61 accounts");
    while sandbox.aws.count("ListAccountRoles") < 45 {
        std::thread::yield_now();
    }
    let token = sandbox.aws.control(|state| state.portal.tokens.remove(0));
    running
        .end()
        .fails(4, &["sso-session \"corp\" needs a login", "does not accept the", "hint: "]);
    assert_eq!(config(&sandbox), SESSION);
    calls(&sandbox);
    sandbox.aws.control(|state| state.portal.tokens.push(token));
    sync(&sandbox, &["--yes"]).ok().says("61 added");
    let again = count(&calls(&sandbox), "ListAccountRoles");
    assert!(again < 45, "{again} accounts were asked for again");
}

/// What the rest of the run comes to when one account fails, or AWS is out of reach.
#[test]
fn partial_results_are_shown_and_the_old_profiles_of_a_failed_account_stay() {
    let denied = Fault::Refuse { status: 403, code: "ForbiddenException", message: "No access" };
    let rows = [("refused", denied, 1, 5), ("server faults", Fault::INTERNAL, 3, 6)];
    side_by_side(
        &rows,
        |row| row.0,
        |&(docs, fault, times, code)| {
            let sandbox = sandbox(0, 0);
            sync(&sandbox, &["--yes"]).ok().says("1 added");
            let before = config(&sandbox);
            // Nothing is known any more, and the only account fails.
            std::fs::remove_dir_all(sandbox.state_dir().join("organizations")).unwrap();
            let plan = || sandbox.aws.control(|state| state.fail("ListAccountRoles", fault, times));
            plan();
            let words = ["the roles of 1 of 1 accounts could not be listed, of 222222222222 among"];
            sync(&sandbox, &["--yes"]).fails(code, &words).says("is up to date: 1 profiles");
            assert_eq!(config(&sandbox), before, "{docs}");
            plan();
            let ran = sandbox.awsx(&["sso", "accounts", "--json"]);
            let listed = ran.json();
            assert_eq!(ran.code, code, "{docs}: {ran:?}");
            assert_eq!(listed["failed"][0]["account_id"], "222222222222", "{docs}");
            assert_eq!(listed["accounts"][0]["roles"], serde_json::Value::Null, "{docs}");
            assert!(ran.stderr.contains("\"kind\":"), "{docs}: {ran:?}");
        },
    );
}

#[test]
fn a_portal_that_throttles_everything_is_given_up() {
    let sandbox = sandbox(5, 1);
    sandbox.aws.control(|state| state.fail("ListAccountRoles", Fault::TOO_MANY_REQUESTS, 1000));
    let ran = sync(&sandbox, &["--yes"]);
    ran.fails(
        6,
        &["the roles of 6 of 6 accounts could not be listed", "throttled", "run it again"],
    );
    assert_eq!(config(&sandbox), SESSION);
}

#[test]
fn accounts_and_roles_are_listed() {
    let sandbox = sandbox(5, 2);
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
    assert_eq!(count(&calls(&sandbox), "ListAccountRoles"), 6, "asked once");

    for account in ["500000007919", "Workloads Dev 1"] {
        let ran = sandbox.awsx(&["sso", "roles", "--account", account, "--refresh"]).ok();
        assert_eq!(
            ran.stdout,
            "Workloads Dev 1  500000007919  AdministratorAccess\n\
             Workloads Dev 1  500000007919  ReadOnly\n"
        );
        assert_eq!(calls(&sandbox), ["ListAccounts", "ListAccountRoles"]);
    }
    let ran = sandbox.awsx(&["sso", "roles", "--account", "nobody"]);
    ran.fails(2, &["no account of yours at sso-session \"corp\" is nobody", "awsx sso accounts"]);
}

/// A role without a profile, its account by name: nothing is listed that is known already.
#[test]
fn an_account_is_named_on_the_command_line() {
    let sandbox = sandbox(10, 1);
    let exec = |account: &str, role: &str| {
        sandbox.awsx(&["exec", "--sso=corp", "--account", account, "--role", role, "--", "env"])
    };
    let ran = exec("Workloads Dev", "Developer").ok();
    assert!(ran.stdout.contains("AWS_ACCOUNT_ID=222222222222\n"), "{ran:?}");
    assert_eq!(calls(&sandbox), ["ListAccounts", "GetRoleCredentials"]);
    exec("Workloads Dev", "Developer").ok();
    exec("222222222222", "Developer").ok();
    assert_eq!(calls(&sandbox), [""; 0]);
    exec("Workloads Dev 1", "AdministratorAccess").ok();
    assert_eq!(calls(&sandbox), ["GetRoleCredentials"]);
    exec("nobody", "Developer").fails(2, &["gives no account called \"nobody\""]);
    assert_eq!(calls(&sandbox), ["ListAccounts"], "it may be new");
    sandbox.aws.control(|state| state.portal.grow(10, 1));
    exec("sandbox", "AdministratorAccess").ok();
    sandbox.awsx(&["sso", "accounts"]).ok();
    exec("sandbox", "AdministratorAccess").fails(2, &["gives several accounts called \"sandbox\""]);
}

#[test]
fn awsxs_own_settings_name_and_furnish_the_profiles() {
    let sandbox = sandbox(4, 2);
    sandbox.write(
        ".config/awsx/config.toml",
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
    sandbox.awsx(&["sso", "sync", "--yes"]).ok().says("8 added");
    let written = config(&sandbox);
    let expected = "[profile workloads-dev-1.readonly]\nsso_session = corp\n\
                    sso_account_id = 500000007919\nsso_role_name = ReadOnly\n\
                    region = us-east-1\noutput = json\n";
    assert!(written.contains(expected), "{written}");
    let file = "config.toml:2:16";
    for (docs, text, words) in [
        (
            "a placeholder",
            "[sso.corp]\nprofile_name = \"{planted}\"\n",
            [file, "not a placeholder"],
        ),
        (
            "another source of credentials",
            "[sso.corp.settings]\ncredential_process = \"planted\"\n",
            ["config.toml:2:22", "sso.corp.settings.credential_process would change the cred"],
        ),
        ("a misspelt key", "[sso.corp]\nregoin = \"x\"\n", ["config.toml:2:1", "sso.corp.regoin"]),
    ] {
        sandbox.set("AWSX_CONFIG", "own/config.toml");
        sandbox.write("own/config.toml", text);
        let ran = sandbox.awsx(&["sso", "sync", "--yes"]);
        let ran = ran.fails(3, &words).says("hint: edit ");
        assert_eq!(ran.stdout, "", "{docs}");
    }
    assert_eq!(config(&sandbox), written);
}

/// 10,000 lines as people leave them behind, in a file that is behind a link.
#[test]
fn every_byte_outside_of_the_block_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let sandbox = sandbox(10, 3);
    let mut text = SESSION.replace('\n', "\r\n");
    for number in 0..2500 {
        text +=
            &format!("# ünï {number}\t\r\n[profile  p{number} ]\n  region =\teu-west-1  # c\r\n\n");
    }
    let home = sandbox.home();
    std::fs::remove_file(home.join(".aws/config")).unwrap();
    let real = sandbox.write(".aws/dotfiles/config", &text);
    symlink("dotfiles/config", home.join(".aws/config")).unwrap();
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
    sync(&sandbox, &["--yes"]).ok().says("31 added");
    let first = config(&sandbox);
    let (before, block) = first.split_once("# >>> awsx sso corp").unwrap();
    assert_eq!(before, text, "the block is at the end");
    assert!(block.ends_with("# <<< awsx sso corp\r\n"), "{block}");

    // The person goes on below it; the block changes.
    let below = "\n;after\r\n[profile last]\nregion=x";
    std::fs::write(&real, format!("{first}{below}")).unwrap();
    sync(&sandbox, &["--yes", "--profile-region", "eu-west-1"]).ok().says("31 changed");
    let second = config(&sandbox);
    assert!(second.starts_with(before) && second.ends_with(below));
    assert_ne!(second, format!("{first}{below}"));
    assert!(home.join(".aws/config").is_symlink());
    assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);

    // Killed at any moment, the file is the old one or the new one.
    let with = |region: &str| {
        second.replace("\r\nregion = eu-west-1\r\n", &format!("\r\nregion = {region}\r\n"))
    };
    let mut old = second.clone();
    for moment in 0..24 {
        let region = ["eu-north-1", "eu-south-1"][moment % 2];
        let args = ["sso", "sync", BY_ID, "--yes", "--profile-region", region];
        let mut running = sandbox.start(&args);
        running.says(if old == with(region) { "up to date" } else { "31 changed" });
        (0..moment).for_each(|_| crate::logins::pause());
        running.kill();
        running.end();
        let now = config(&sandbox);
        assert!(now == old || now == with(region), "{moment}: {} bytes", now.len());
        assert!(home.join(".aws/config").is_symlink(), "{moment}");
        assert_eq!(std::fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
        old = now;
    }
    assert_ne!(old, second, "some of them came to write");
}

#[test]
fn which_session_is_meant_is_said() {
    let sandbox = sandbox(1, 1);
    for (docs, config, args, code, words) in [
        ("none", "", &["sso", "accounts"][..], 2, "there is no [sso-session]"),
        (
            "several",
            &*format!("{SESSION}{}", SESSION.replace("corp]", "lab]")),
            &["sso", "sync"],
            2,
            "several sessions: corp, lab",
        ),
        ("unknown", SESSION, &["sso", "roles", "lab"], 3, "there is no [sso-session lab]"),
        (
            "no token",
            &*SESSION.replace("corp]", "lab]"),
            &["sso", "accounts", "lab"],
            4,
            "sso-session \"lab\" needs a login",
        ),
    ] {
        sandbox.config(config);
        let ran = sandbox.awsx(args).fails(code, &[words, "hint: "]);
        assert_eq!(ran.stdout, "", "{docs}");
    }
}
