//! `--sso SESSION --account NAME|ID --role ROLE`: a role of IAM Identity Center without a profile.

use crate::fake_aws::sample;
use crate::ran::Ran;
use crate::sandbox::Sandbox;

/// A person who is logged in, and no profile.
fn with_login() -> Sandbox {
    let sandbox = Sandbox::with_sso(0, 0).logged_in();
    sandbox.plant(sample::SSO_TOKEN);
    sandbox
}

fn run(sandbox: &Sandbox, command: &str, account: &str, rest: &[&str]) -> Ran {
    let role = ["--sso", "corp", "--account", account, "--role", sample::SSO_ROLE_NAME];
    sandbox.awsx(&[&[command][..], &role, rest].concat())
}

#[test]
fn an_account_is_named_by_its_id_or_its_name() {
    let sandbox = with_login();
    let (id, name) = sandbox.aws.control(|state| {
        let account = &state.portal.accounts[0];
        (account.id.clone(), account.name.clone())
    });
    // `explain` asks nobody, so it does not know the name yet.
    run(&sandbox, "explain", &name, &[]).fails(2, &["no account called", "awsx sso accounts"]);
    for (docs, account, expected) in [
        ("an id needs no list", &id, &["GetRoleCredentials"][..]),
        ("the same session", &id, &[]),
        ("a name is looked up, once", &name, &["ListAccounts"]),
        ("and then known", &name, &[]),
    ] {
        let ran = run(&sandbox, "exec", account, &["--", "env"]).ok();
        let ran = ran.prints(&format!("AWS_ACCOUNT_ID={id}\n")).prints_no("AWSX_PROFILE=");
        ran.prints(&format!("AWSX_ROLE=corp/{id}/{}\n", sample::SSO_ROLE_NAME));
        assert_eq!(sandbox.aws.new_operations(), expected, "{docs}");
    }
    let explained = run(&sandbox, "explain", &name, &["--json"]).ok().json();
    assert_eq!(explained["chosen"], "sso");
    assert_eq!(explained["profile"], format!("Developer in {id} (sso-session \"corp\")"));
    run(&sandbox, "credential-process", &name, &[]).ok();
    run(&sandbox, "env", &name, &[]).ok();
    assert_eq!(sandbox.aws.new_operations(), [""; 0]);
    // The command needs no `--` before it, and a role may follow.
    let ran = run(&sandbox, "exec", &id, &["sh", "-c", "echo $AWS_ACCOUNT_ID"]).ok();
    assert_eq!(ran.stdout, format!("{id}\n"));
}

#[test]
fn an_account_that_is_unknown_or_ambiguous_is_refused() {
    let sandbox = with_login();
    sandbox.aws.control(|state| {
        state.portal.grow(2, 1);
        state.portal.accounts[1..].iter_mut().for_each(|account| account.name = "Twin".into());
    });
    for (_, account, code, words) in [
        ("no such name", "nope", 2, &["no account called \"nope\"", "awsx sso accounts"][..]),
        ("a name of two", "Twin", 2, &["several accounts called \"Twin\": ", "give the id"]),
        ("an id that is none", "1234", 2, &["no account called \"1234\""]),
        ("an account of others", "999999999999", 5, &["ForbiddenException"]),
    ] {
        run(&sandbox, "exec", account, &["--", "true"]).fails(code, words);
    }
    let role = ["--sso", "corp", "--account", "222222222222", "--role", "Developer"];
    let both = [&["whoami", "-p", "x"][..], &role].concat();
    let lines = ["error: both a profile and --sso are named", "hint: leave one of them out"];
    sandbox.awsx(&both).exits(2).stderr_is(&lines);
    sandbox.awsx(&["whoami", "--sso", "corp"]).fails(2, &["--account", "--role"]);
    let elsewhere = [&["whoami"][..], &["--sso", "nowhere"], &role[2..]].concat();
    let error = "error: there is no [sso-session nowhere] in [..]/.aws/config";
    sandbox.awsx(&elsewhere).exits(3).stderr_is(&[error, "hint: there are: corp"]);
}

#[test]
fn account_and_role_are_picked_where_they_are_not_named() {
    let sandbox = with_login();
    sandbox.aws.control(|state| state.portal.grow(2, 2));
    let words = ["exec", "--sso", "corp", "--", "sh", "-c", "echo \"got $AWSX_ROLE\""];
    let mut terminal = sandbox.awsx_on_terminal(&words);
    terminal.expect("Account").type_text("2222\r");
    let flags = "awsx: `--sso corp --account 222222222222 --role Developer` says the same";
    terminal.expect(flags).expect("got corp/222222222222/Developer").end().ok();
    // A terminal that cannot move its cursor.
    let line = "TERM=dumb awsx exec --sso corp -- sh -c 'echo \"got $AWSX_ROLE\"'";
    let mut dumb = sandbox.sh_on_terminal(line);
    dumb.expect("Account, or words of it: ").type_line("2222");
    let ran = dumb.expect("got corp/222222222222/Developer").end().ok();
    ran.prints_no("\u{1b}");
    // Nobody is there to pick.
    let line = "error: --sso needs --account and --role too, where nobody can pick them";
    let hint = "hint: `awsx sso roles corp` lists them";
    for words in
        [&words[..], &["explain", "--sso", "corp"], &["env", "--sso", "corp", "--no-input"]]
    {
        sandbox.awsx(words).exits(2).stderr_is(&[line, hint]);
    }
}

/// Enter alone takes what was picked the last time.
#[test]
fn a_list_begins_at_what_was_picked_last() {
    let sandbox = with_login();
    sandbox.aws.control(|state| state.portal.grow(2, 2));
    let words = ["exec", "--sso", "corp", "--", "sh", "-c", "echo \"got $AWSX_ROLE\""];
    let pick = |account: &str, role: &str| {
        let mut terminal = sandbox.awsx_on_terminal(&words);
        terminal.expect("3 of 3").type_text(account).expect("2 of 2").type_text(role);
        terminal.end().ok()
    };
    let got = "got corp/500000007919/ReadOnly";
    pick("500000007919\r", "read\r").prints(got);
    pick("\r", "\r").prints(got);
    // Another account has a role of that name too, or has it not.
    pick("prod.eu\r", "\r").prints("got corp/500000015838/ReadOnly");
    sandbox
        .aws
        .control(|state| state.portal.assignments.retain(|one| one.account() != "500000007919"));
    let mut terminal = sandbox.awsx_on_terminal(&words);
    terminal
        .expect("2 of 2")
        .type_text("2222\r")
        .expect("got corp/222222222222/Developer")
        .end()
        .ok();
}
