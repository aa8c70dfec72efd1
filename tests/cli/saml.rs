//! Assertions of a SAML identity provider: of a profile's command, and of the command line.

use std::os::unix::fs::PermissionsExt;

use chrono::TimeDelta;

use crate::fake_aws::browser::Browser;
use crate::fake_aws::iam::{Federation, Role, SamlProvider, Trust};
use crate::fake_aws::saml::Statement;
use crate::fake_aws::sample::{CI, READ_ONLY};
use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox};
use crate::sts_tokens::{PROVIDER, SAML_ROLE, with_saml};
use crate::terminal::{CTRL_C, CTRL_Z, ESCAPE, Terminal};

const ANN: &str = "arn:aws:sts::222222222222:assumed-role/TestSaml/ann";
const OTHER_PROVIDER: &str = "arn:aws:iam::222222222222:saml-provider/Spare";
const WHO: [&str; 3] = [AWSX, "whoami", "--json"];

/// A profile whose command prints this file, and the identity provider.
fn corp() -> (Sandbox, SamlProvider) {
    let sandbox = Sandbox::new();
    let provider = with_saml(&sandbox);
    sandbox.credentials("");
    write_profile(&sandbox, "");
    (sandbox, provider)
}

fn write_profile(sandbox: &Sandbox, more: &str) {
    sandbox.config(&format!(
        "[profile corp]\nregion = eu-west-1\nsaml_command = cat planted/assertion\n\
         role_arn = {SAML_ROLE}\n{more}"
    ));
}

/// The identity provider's answer from now on. It is a secret.
fn answer(sandbox: &Sandbox, provider: &SamlProvider, roles: &[&str]) -> String {
    let end = sandbox.aws.now() + TimeDelta::minutes(5);
    let assertion = provider.assertion(roles, "ann", end);
    sandbox.write("planted/assertion", &assertion);
    sandbox.plant(&assertion[assertion.len() / 2..]);
    assertion
}

fn who(sandbox: &Sandbox, args: &[&str]) -> String {
    let ran = sandbox.awsx(&[&["exec"], args, &["--"], &WHO[..]].concat()).ok();
    ran.json()["arn"].as_str().unwrap().to_owned()
}

fn calls(sandbox: &Sandbox) -> usize {
    sandbox.aws.calls().iter().filter(|call| call.operation == "AssumeRoleWithSAML").count()
}

#[test]
fn a_profile_draws_on_a_command_that_prints_the_assertion() {
    let (sandbox, provider) = corp();
    answer(&sandbox, &provider, &[READ_ONLY, SAML_ROLE]);
    assert_eq!(who(&sandbox, &["corp"]), ANN);
    // Kept until its end: neither the command nor AWS is asked again.
    sandbox.write("planted/assertion", "gone");
    assert_eq!(who(&sandbox, &["corp"]), ANN);
    sandbox.awsx(&["credential-process", "corp"]).ok().prints("\"AccountId\":\"222222222222\"");
    sandbox.awsx(&["env", "corp", "--format", "sh"]).ok().prints("export AWS_REGION='eu-west-1'");
    assert_eq!(calls(&sandbox), 1);
    sandbox.awsx(&["sessions", "list"]).ok().prints_each(&["corp", "222222222222", "TestSaml"]);
    sandbox
        .awsx(&["explain", "corp", "-v"])
        .ok()
        .prints_each(&["corp: role TestSaml in 222222222222", "1. sts:AssumeRoleWithSAML TestSaml"])
        .prints("with the assertion of saml_command")
        .prints("asks     nothing")
        .prints("an assertion opens role_arn");
    let explained = sandbox.explain("corp");
    assert_eq!(
        (&explained["chosen"], explained["plan"].as_array().unwrap().len()),
        (&"saml".into(), 1)
    );
    sandbox.awsx(&["profiles"]).ok().prints("corp  222222222222  TestSaml  eu-west-1  SAML");
    let profiles = sandbox.awsx(&["profiles", "--json"]).ok().json();
    assert_eq!(profiles["profiles"]["corp"]["settings"]["saml_command"], "cat ***");
}

#[test]
fn a_chain_begins_with_an_assertion() {
    let (sandbox, provider) = corp();
    let role = "arn:aws:iam::222222222222:role/Behind";
    let trust = Trust { principals: vec![SAML_ROLE.into()], ..Trust::default() };
    let id = "AROA2BEHINDXXXXXXXXX".into();
    sandbox.aws.control(|state| {
        state.iam.roles.push(Role { arn: role.into(), id, max_session_seconds: 3600, trust });
    });
    write_profile(
        &sandbox,
        &format!("[profile behind]\nrole_arn = {role}\nsource_profile = corp\n"),
    );
    answer(&sandbox, &provider, &[SAML_ROLE]);
    assert!(who(&sandbox, &["behind"]).contains(":assumed-role/Behind/"));
    assert!(who(&sandbox, &["corp", "--role-arn", role]).contains(":assumed-role/Behind/"));
    assert_eq!(calls(&sandbox), 1);
    // Where a profile says both, AWS's own way counts.
    write_profile(&sandbox, "source_profile = other\n[profile other]\nregion = x\n");
    sandbox.exec("corp", &[]).fails(3, &["source profile \"other\" has no credentials"]);
}

#[test]
fn the_session_lasts_as_long_as_the_assertion_says() {
    let (sandbox, provider) = corp();
    let end = sandbox.aws.now() + TimeDelta::minutes(5);
    let statement = provider.statement(&[SAML_ROLE], "ann", end);
    let assertion = provider.sign(&Statement { seconds: Some(1800), ..statement });
    sandbox.write("planted/assertion", &assertion);
    let seconds = |args: &[&str]| {
        sandbox.awsx(&[&["exec", "corp", "--refresh"], args, &["--", "true"]].concat()).ok();
        sandbox.aws.calls().pop().unwrap().parameters["DurationSeconds"].clone()
    };
    assert_eq!(seconds(&[]), "1800");
    assert_eq!(seconds(&["--duration", "20m"]), "1200");
    write_profile(&sandbox, "duration_seconds = 2700\n");
    assert_eq!(seconds(&[]), "2700");
    write_profile(&sandbox, "");
    sandbox
        .exec("corp", &["--min-ttl", "45m"])
        .fails(8, &["before the 45m that --min-ttl asks for"]);
    sandbox
        .exec("corp", &["--duration", "13h"])
        .fails(2, &["AWS allows 15m to 12h for sts:AssumeRoleWithSAML", "give --duration 12h"]);
    answer(&sandbox, &provider, &[SAML_ROLE]);
    assert_eq!(seconds(&[]), "3600");
    // What narrows a session is part of it.
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    sandbox.exec("corp", &["--policy", policy]).ok();
    assert_eq!(sandbox.aws.calls().pop().unwrap().parameters["Policy"], policy);
    sandbox
        .exec("corp", &["--session-name", "bob"])
        .fails(2, &["--session-name has no effect: an assertion opens the role"]);
}

#[test]
fn what_the_command_prints_is_held_to_be_an_assertion() {
    let (sandbox, provider) = corp();
    let place = format!("{}/.aws/config:3: ", "~");
    let says = |printed: &str| {
        sandbox.write("planted/assertion", printed);
        sandbox.exec("corp", &[])
    };
    let command = "hint: run the command yourself: it must print the assertion in base 64";
    for (printed, words) in [
        ("", "is empty"),
        ("Password: ", "is not base 64"),
        ("<samlp:Response/>", "is XML as it is, and must be base 64"),
        ("<!doctype html><html>", "is a page of HTML"),
    ] {
        let sentence = format!("profile \"corp\": the output of saml_command {words}");
        says(printed).fails(8, &[&place, &sentence, command]);
    }
    says("PGE+").fails(8, &["saml_command is XML with a fault in it", "SAMLResponse"]);
    let lacks = format!("the assertion has no role {SAML_ROLE}: it has {READ_ONLY}");
    answer(&sandbox, &provider, &[READ_ONLY]);
    sandbox.exec("corp", &[]).fails(8, &["~/.aws/config:4: ", &lacks, "hint: correct role_arn"]);
    let end = |minutes| sandbox.aws.now() + TimeDelta::minutes(minutes);
    says(&provider.assertion(&[SAML_ROLE], "ann", end(-20)))
        .fails(8, &["the assertion of saml_command ended", "(20m ago)", "hint: get a new one"]);
    // This machine's clock may be wrong: AWS judges.
    says(&provider.assertion(&[SAML_ROLE], "ann", end(-1))).fails(5, &["ExpiredTokenException"]);
    let mut statement = provider.statement(&[SAML_ROLE], "ann", end(5));
    statement.roles.push(format!("{OTHER_PROVIDER},{SAML_ROLE}"));
    let by_two = provider.sign(&statement);
    says(&by_two).fails(
        3,
        &[
            &format!("the assertion has the role {SAML_ROLE} by 2 providers: {PROVIDER}, {OTHER_PROVIDER}"),
            &format!("hint: add principal_arn = {PROVIDER} beside role_arn"),
        ],
    );
    write_profile(&sandbox, &format!("principal_arn = {PROVIDER}\n"));
    says(&by_two).ok();
    write_profile(&sandbox, "principal_arn = Corp\n");
    sandbox.exec("corp", &[]).fails(3, &["principal_arn", "is not the ARN of a SAML provider"]);
    sandbox.config("[profile corp]\nsaml_command = true\n");
    sandbox.exec("corp", &[]).fails(3, &["role_arn", "hint: add role_arn beside it"]);
    sandbox.config(&format!("[profile corp]\nsaml_command = false\nrole_arn = {SAML_ROLE}\n"));
    sandbox.exec("corp", &[]).fails(8, &["saml_command: false: failed with exit status: 1"]);
    sandbox.config(&format!(
        "[profile corp]\nsaml_command = no-such-tool x\nrole_arn = {SAML_ROLE}\n"
    ));
    sandbox.exec("corp", &[]).fails(8, &["saml_command: no-such-tool: is not found"]);
}

#[test]
fn an_assertion_of_the_command_line_needs_no_profile() {
    let (sandbox, provider) = corp();
    let assertion = answer(&sandbox, &provider, &[SAML_ROLE]);
    let file = ["--saml-assertion", "planted/assertion", "--region", "eu-west-1"];
    assert_eq!(who(&sandbox, &file), ANN);
    // The same assertion finds its session again, also when it is over itself.
    assert_eq!(who(&sandbox, &file), ANN);
    assert_eq!(calls(&sandbox), 1);
    let piped = |command: &str, more: &[&str]| -> Ran {
        let args = [&[command, "--saml-assertion", "-"], more].concat();
        let searched = ["whoami", "explain"].contains(&command);
        sandbox.run(sandbox.command(AWSX).args(&args), assertion.as_bytes(), searched)
    };
    piped("credential-process", &[]).ok().prints("\"SessionToken\"");
    piped("env", &["--format", "json"]).ok().prints("\"AWS_ACCOUNT_ID\":\"222222222222\"");
    piped("whoami", &["--json"]).ok().prints(ANN);
    piped("explain", &[]).ok().prints("role TestSaml in 222222222222");
    assert_eq!(calls(&sandbox), 1);
    // A profile that begins with an assertion takes another one.
    sandbox.write("planted/assertion", "gone");
    sandbox.write("planted/other", &assertion);
    assert_eq!(who(&sandbox, &["corp", "--saml-assertion", "planted/other"]), ANN);

    let said = |args: &[&str]| sandbox.awsx(&[&["exec"], args, &["--", "true"]].concat());
    said(&["--saml-assertion", "no-such-file"])
        .fails(2, &["--saml-assertion no-such-file: there is no such file", "- for stdin"]);
    said(&["--saml-assertion", "planted/assertion"])
        .fails(2, &["--saml-assertion planted/assertion: it is not text in base 64"]);
    said(&["--saml-assertion", "x", "--saml-command", "y"]).fails(2, &["exclude each other"]);
    said(&["--saml-assertion", "x", "--sso", "corp"]).fails(2, &["exclude each other"]);
    said(&["corp", "--principal-arn", PROVIDER])
        .fails(2, &["write principal_arn into the profile"]);
    sandbox.config("[profile dev]\nregion = x\naws_access_key_id = A\naws_secret_access_key = b\n");
    said(&["dev", "--saml-assertion", "planted/other"]).fails(
        2,
        &["--saml-assertion has no effect: the chain of profile \"dev\" begins with no assertion"],
    );
}

#[test]
fn a_command_of_the_command_line_is_run_where_nothing_is_kept() {
    let (sandbox, provider) = corp();
    answer(&sandbox, &provider, &[READ_ONLY, SAML_ROLE]);
    let script = sandbox.write("idp", "#!/bin/sh\necho x >>runs\ncat planted/assertion\n");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let runs = || sandbox.read("runs").lines().count();
    let command = ["--saml-command", "./idp", "--region", "eu-west-1"];
    let with_role = [&command[..], &["--role-arn", SAML_ROLE]].concat();
    assert_eq!([who(&sandbox, &with_role), who(&sandbox, &with_role)], [ANN, ANN]);
    assert_eq!(runs(), 1);
    // Which role is meant only the assertion can say.
    let several = format!("the assertion has 2 roles: {READ_ONLY}, {SAML_ROLE}");
    let named = format!("hint: name one of them: --role-arn {READ_ONLY}");
    let said = |args: &[&str]| sandbox.awsx(&[&["exec"], args, &["--", "true"]].concat());
    said(&command).fails(2, &[&several, &named]);
    let lacks = format!("the assertion has no role {CI}: it has {READ_ONLY}, {SAML_ROLE}");
    said(&[&command[..], &["--role-arn", CI]].concat()).fails(2, &[&lacks, &named]);
    said(&["--saml-command", "false"])
        .fails(8, &["--saml-command: false: failed with exit status"]);
    sandbox
        .awsx(&["explain", "--saml-command", "./idp"])
        .fails(2, &["no command is run here", "name the role: --role-arn ARN"]);
    sandbox.awsx(&[&["explain"], &with_role[..]].concat()).ok().prints("cached until");
    answer(&sandbox, &provider, &[SAML_ROLE]);
    assert_eq!(who(&sandbox, &command), ANN);
}

#[test]
fn a_person_picks_one_of_several_roles() {
    let (sandbox, provider) = corp();
    answer(&sandbox, &provider, &[READ_ONLY, SAML_ROLE]);
    let line =
        ["exec", "--saml-assertion", "planted/assertion", "--region", "x", "--", AWSX, "whoami"];
    let mut terminal = sandbox.awsx_in(12, 100, &line);
    terminal.expect("> ReadOnly  111111111111").expect("TestSaml  222222222222");
    terminal.type_text("test\r");
    terminal.expect(&format!("awsx: `--role-arn {SAML_ROLE}` says the same without a question"));
    terminal.expect("ann");
    terminal.end().ok();
    let mut terminal = sandbox.awsx_in(12, 100, &line);
    terminal.expect("2 of 2").type_text(ESCAPE);
    terminal.end().exits(130);
}

const URL: &str = "https://idp.corp.example/app/aws";

/// A profile that a person logs in for, at a browser.
fn with_login(more: &str) -> (Sandbox, SamlProvider) {
    let (sandbox, provider) = corp();
    sandbox.open_browsers();
    sandbox.config(&format!(
        "[profile corp]\nregion = eu-west-1\nsaml_login_url = {URL}\nrole_arn = {SAML_ROLE}\n{more}"
    ));
    (sandbox, provider)
}

#[test]
fn a_person_pastes_the_assertion() {
    let (sandbox, provider) = with_login("");
    let needs = ["~/.aws/config:3: ", "profile \"corp\": a login is needed: nobody has logged in"];
    let login = "hint: run `awsx login saml corp`";
    sandbox.exec("corp", &[]).fails(4, &[needs[0], needs[1], login]);
    sandbox.awsx(&["credential-process", "corp"]).fails(4, &[login]);
    sandbox.awsx(&["explain", "corp"]).ok().prints("asks     for a login");
    sandbox.awsx(&["login", "saml", "corp"]).fails(
        4,
        &["profile \"corp\": a person must log in, and nobody can be asked", "in a terminal"],
    );
    let assertion = answer(&sandbox, &provider, &[READ_ONLY, SAML_ROLE]);
    let old = provider.assertion(&[SAML_ROLE], "ann", sandbox.aws.now() - TimeDelta::minutes(20));
    let mut terminal = sandbox.awsx_on_terminal(&["login", "saml", "corp"]);
    terminal.expect("under Payload or Request");
    terminal.expect("awsx: logging in for corp in the browser; if none opens, open").expect(URL);
    assert_eq!(sandbox.next_page(), URL);
    let ask = "Paste SAMLResponse (it is not shown): ";
    terminal.expect(ask).type_text("please\r");
    terminal.expect("This is not the assertion: it is not base 64.").expect(ask);
    terminal.type_text(&format!("{old}\r"));
    terminal.expect("This assertion ended").expect(ask);
    terminal.type_text(&format!("SAMLResponse={assertion}&RelayState=\r"));
    terminal.expect("awsx: logged in as ann: TestSaml in 222222222222 until ");
    let ran = terminal.end().ok();
    assert!(!ran.stdout.contains(&assertion[..40]), "{ran:?}");
    assert_eq!(who(&sandbox, &["corp"]), ANN);
    sandbox.awsx(&["explain", "corp"]).ok().prints("asks     nothing");
    let arn = ["--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"];
    sandbox.exec("corp", &arn).fails(2, &["--policy-arn applies to a role session"]);
    sandbox
        .exec("corp", &["--duration", "1h"])
        .ok()
        .says("the session was made when you logged in");
    // Such a login makes no other session, but AWS narrows the one that is there.
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    sandbox.exec("corp", &["--policy", policy]).ok().stderr_is(&[]);
    sandbox.exec("corp", &["--policy", policy]).ok();
    assert_eq!(sandbox.aws.count("GetScopedCredentials"), 1);
    sandbox.exec("corp", &["--refresh"]).fails(4, &["the session of the last one ends", login]);
    assert_eq!(calls(&sandbox), 1);
    // When it has ended.
    sandbox.aws.control(|state| state.clock_offset = TimeDelta::hours(2));
    sandbox.awsx(&["sessions", "clear", "corp"]).ok();
    sandbox.exec("corp", &[]).fails(4, &[needs[1], login]);
}

#[test]
fn a_login_may_be_left_and_is_for_its_role_alone() {
    let (sandbox, provider) = with_login("");
    let mut terminal = sandbox.awsx_on_terminal(&["login", "corp", "--no-browser"]);
    terminal.expect("awsx: to log in for corp, open").expect(URL).expect("(it is not shown): ");
    terminal.type_text("half of it").type_text(CTRL_C);
    terminal.end().exits(130);
    assert!(sandbox.open_pages().is_empty());
    let other = answer(&sandbox, &provider, &[READ_ONLY]);
    let mut terminal = sandbox.awsx_on_terminal(&["login", "saml", "corp", "--no-browser"]);
    terminal.expect("(it is not shown): ").type_text(&format!("{other}\r"));
    terminal.expect("the assertion has no role").expect("hint: correct role_arn");
    terminal.end().exits(8);
    sandbox.set("AWSX_VAULT", "memory");
    sandbox
        .awsx_on_terminal(&["login", "saml", "corp"])
        .end()
        .fails(7, &["the vault keeps nothing"]);
    sandbox.awsx(&["login", "corp", "--share"]).fails(2, &["takes neither --share nor --port"]);
    let said = |config: &str| {
        sandbox.config(config);
        sandbox.awsx(&["login", "saml", "corp"])
    };
    let role = format!("role_arn = {SAML_ROLE}\n");
    said(&format!("[profile corp]\nsaml_login_url = ftp://x\n{role}"))
        .fails(3, &["saml_login_url", "is not an address that begins with https://"]);
    said(&format!("[profile corp]\nsaml_login_url = {URL}\nsaml_command = x\n{role}"))
        .fails(3, &["stands beside saml_command"]);
    said(&format!("[profile corp]\nsaml_command = x\n{role}")).fails(3, &["needs no login"]);
    said("[profile corp]\naws_access_key_id = A\naws_secret_access_key = b\n")
        .fails(3, &["profile \"corp\" has no saml_login_url", "add it beside role_arn"]);
}

#[test]
fn two_logins_at_once_and_a_stopped_one_are_in_nobodys_way() {
    let (sandbox, provider) = with_login("");
    let ask = "Paste SAMLResponse (it is not shown): ";
    let mut command = sandbox.command("bash");
    command.args(["--norc", "--noprofile", "--noediting", "-i"]).env("PS1", "ready> ");
    let mut shell = Terminal::start(&sandbox, command);
    let login = format!("{AWSX} login saml corp --no-browser");
    shell.expect("ready> ").type_line(&login);
    shell.expect(ask).type_text(CTRL_Z).expect("Stopped").expect("ready> ");
    assert!(shell.echoes(), "the shell has its terminal back");
    // Nobody holds a lock while a person is in the browser.
    let pasted = format!("{}\r", answer(&sandbox, &provider, &[SAML_ROLE]));
    let mut other = sandbox.awsx_on_terminal(&["login", "saml", "corp", "--no-browser"]);
    other.expect(ask).type_text(&pasted).expect("logged in as ann");
    other.end().ok();
    shell.type_line("fg").expect(ask).type_text(&pasted).expect("logged in as ann");
    shell.expect("ready> ").type_line("exit").end().ok();
    assert_eq!(who(&sandbox, &["corp"]), ANN);
    assert_eq!(calls(&sandbox), 2);
}

#[test]
fn an_assertion_is_as_long_as_aws_takes_it() {
    let (sandbox, provider) = with_login("");
    // Many roles: more than 80,000 characters.
    let other = |n: usize| format!("arn:aws:iam::222222222222:role/{n:040}");
    let mut roles: Vec<String> = (0..400).map(other).collect();
    roles.push(SAML_ROLE.to_owned());
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    let assertion = answer(&sandbox, &provider, &roles);
    assert!((80_000..100_000).contains(&assertion.len()), "{}", assertion.len());
    let mut terminal = sandbox.awsx_on_terminal(&["login", "saml", "corp", "--no-browser"]);
    terminal.expect("(it is not shown): ").type_text(&format!("{assertion}\r"));
    terminal.expect("logged in as ann");
    terminal.end().ok();
    write_profile(&sandbox, "");
    assert_eq!(who(&sandbox, &["corp"]), ANN);
    assert_eq!(calls(&sandbox), 2);
}

/// `NAME=VALUE` of a form.
fn form(assertion: &str) -> String {
    let value = assertion.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("SAMLResponse={value}&RelayState=")
}

#[test]
fn the_identity_provider_brings_the_assertion_to_awsx() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let consumer = format!("http://127.0.0.1:{free}/saml/of-awsx");
    let (sandbox, provider) = with_login(&format!("saml_consumer = {consumer}\n"));
    let federation = Federation { issuer: PROVIDER.into(), subject: consumer.clone() };
    sandbox.aws.control(|state| {
        state.iam.role(SAML_ROLE).unwrap().trust.federation = Some(federation);
    });
    let end = sandbox.aws.now() + TimeDelta::minutes(5);
    let statement = provider.statement(&[SAML_ROLE], "ann", end);
    let assertion = provider.sign(&Statement { recipient: &consumer, ..statement });
    sandbox.plant(&assertion[assertion.len() / 2..]);

    let mut terminal = sandbox.awsx_on_terminal(&["login", "saml", "corp"]);
    terminal.expect("awsx: logging in for corp in the browser");
    let way = sandbox.next_page();
    assert!(way.starts_with(&format!("http://127.0.0.1:{free}/")), "{way}");
    let mut browser = Browser::default();
    let led = browser.get(&way);
    assert_eq!((led.status, led.location.as_deref()), (302, Some(URL)));
    // Another page posts without the browser's cookie, and what is none.
    assert_eq!(browser.post(&consumer, "SAMLResponse=x").status, 400);
    let stranger = Browser::default().post(&consumer, &form(&assertion));
    let next = stranger.location.unwrap();
    assert_eq!((stranger.status, Browser::default().get(&next).status), (303, 403));
    let posted = browser.post(&consumer, &form(&assertion));
    assert_eq!(posted.status, 303);
    let page = browser.get(&posted.location.unwrap());
    assert_eq!(page.status, 200, "{page:?}");
    terminal.expect("awsx: logged in as ann: TestSaml in 222222222222 until ");
    terminal.end().ok();
    assert_eq!(who(&sandbox, &["corp"]), ANN);

    let taken = std::net::TcpListener::bind(("127.0.0.1", free)).unwrap();
    sandbox.awsx_on_terminal(&["login", "saml", "corp"]).end().fails(
        1,
        &["cannot be listened on", "free the port, or name another one in saml_consumer"],
    );
    drop(taken);
    sandbox.config(&format!(
        "[profile corp]\nsaml_login_url = {URL}\nrole_arn = {SAML_ROLE}\nsaml_consumer = https://x/\n"
    ));
    sandbox.exec("corp", &[]).fails(3, &["saml_consumer", "is not an address of this machine"]);
}
