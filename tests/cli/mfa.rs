//! MFA devices whose secret the vault keeps: `awsx mfa`, and where codes come from.

use crate::fake_aws::sample;
use crate::ran::Ran;
use crate::sandbox::{CONFIG, Sandbox};

const ADDED: &str =
    "arn:aws:iam::111111111111:mfa/dev is stored, and its codes are taken from there";

/// The secret key of the sample device, as AWS shows it.
fn seed(sandbox: &Sandbox) -> String {
    let seed = sandbox.aws.control(|state| {
        state.iam.mfa_device(sample::MFA_SERIAL).expect("the sample device").seed_text()
    });
    sandbox.plant(&seed);
    seed
}

/// awsx with this on stdin.
fn with_stdin(sandbox: &Sandbox, args: &[&str], stdin: &str) -> Ran {
    sandbox.run(sandbox.command(crate::sandbox::AWSX).args(args), stdin.as_bytes(), true)
}

fn add(sandbox: &Sandbox, flags: &[&str]) -> Ran {
    let seed = seed(sandbox);
    with_stdin(sandbox, &[&["mfa", "add", "prod", "--stdin", "--yes"], flags].concat(), &seed)
}

fn with_device() -> Sandbox {
    let sandbox = Sandbox::new();
    add(&sandbox, &[]).ok().says(ADDED);
    sandbox
}

#[test]
fn no_code_is_asked_for_where_the_vault_keeps_the_device() {
    let sandbox = with_device();
    assert_eq!(sandbox.explain("prod")["asks"], serde_json::json!([]));
    sandbox.awsx(&["explain", "prod"]).ok().prints("asks     nothing\n");
    sandbox.exec("audit", &["--no-input"]).ok().stderr_is(&[]);
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    sandbox.awsx(&["mfa", "remove", "prod", "--yes"]).ok().says("codes are asked for again");
    assert!(sandbox.records("mfa").is_empty());
    let needs = "profile \"prod\" needs the MFA code of arn:aws:iam::111111111111:mfa/dev";
    sandbox.exec("prod", &["--refresh"]).exits(4).says(needs);
    let absent = "the vault does not keep the secret of arn:aws:iam::111111111111:mfa/dev";
    for command in ["code", "remove"] {
        sandbox.awsx(&["mfa", command, "prod"]).fails(4, &[absent, "`awsx mfa add prod` keeps it"]);
    }
}

#[test]
fn of_fifty_that_need_a_code_one_sends_it() {
    let sandbox = with_device();
    sandbox.many(50, &["exec", "prod", "--no-input", "--", "true"]).ok();
    assert_eq!((sandbox.aws.count("GetSessionToken"), sandbox.aws.count("AssumeRole")), (1, 1));
}

#[test]
fn the_secret_is_asked_for_after_what_it_gives_up_was_said() {
    let sandbox = Sandbox::new();
    let seed = seed(&sandbox);
    let question = "Keep the secret of arn:aws:iam::111111111111:mfa/dev all the same? [y/N] ";
    let mut no = sandbox.awsx_on_terminal(&["mfa", "add", "prod"]);
    no.expect("the device is no second factor any longer").expect(question).type_line("");
    no.expect("nothing is changed").end().ok();
    let mut terminal = sandbox.awsx_on_terminal(&["mfa", "add", "prod"]);
    terminal.expect(question).type_line("y").expect("(it is not shown): ");
    assert!(!terminal.echoes());
    terminal
        .type_line("123456")
        .expect("the secret is not one of an MFA device: it has something else");
    terminal.expect("(it is not shown): ").type_line(&seed.to_lowercase());
    terminal.expect("is stored").end().ok().prints_no(&seed);
    let replace = "Replace the secret of arn:aws:iam::111111111111:mfa/dev, added just now? [y/N] ";
    let mut again = sandbox.awsx_on_terminal(&["mfa", "add", "prod"]);
    again.expect(replace).type_line("n").expect("nothing is changed").end().ok();
    let forget = "Forget the secret of arn:aws:iam::111111111111:mfa/dev, added just now?";
    let mut kept = sandbox.awsx_on_terminal(&["mfa", "remove", "prod"]);
    kept.expect(forget).type_line("").expect("nothing is changed").end().ok();
    assert_eq!(sandbox.records("mfa").len(), 1);
    for (command, hint) in [
        (&["mfa", "add", "prod"][..], "hint: `awsx mfa add prod --yes` does not ask whether to"),
        (&["mfa", "add", "prod", "--yes"], "hint: give it with --stdin, or run it in a terminal"),
        (&["mfa", "remove", "prod"], "hint: `awsx mfa remove prod --yes` does not ask"),
    ] {
        sandbox.awsx(command).fails(4, &["nobody can be asked", hint]);
    }
}

#[test]
fn what_is_no_secret_or_no_device_is_refused() {
    let sandbox = Sandbox::new();
    let seed = seed(&sandbox);
    let other = format!("otpauth://totp/Amazon%20Web%20Services:dev@222222222222?secret={seed}");
    for (stdin, said) in [
        ("", "the secret is not one of an MFA device: it is empty"),
        (&*"A".repeat(5000), "stdin: it is larger than 4 KiB"),
        ("123456", "it has something else than base 32"),
        ("otpauth://totp/x?digits=8", "the otpauth URI asks for another number of digits"),
        ("otpauth-migration://offline?data=x", "this is the export of an authenticator app"),
        (&other, "the secret is of a device in account 222222222222, and"),
    ] {
        let args = ["mfa", "add", "prod", "--stdin", "--yes"];
        with_stdin(&sandbox, &args, stdin).fails(2, &[said, "hint: "]);
    }
    let key = "arn:aws:iam::111111111111:u2f/user/ann/key-0123456789";
    sandbox.config(&CONFIG.replace("arn:aws:iam::111111111111:mfa/dev", key));
    let instead =
        "hint: log in with it: `awsx login aws prod`, or `awsx login sso`; or give the user";
    for command in
        [&["mfa", "add", "prod"][..], &["mfa", "login", "prod"], &["exec", "prod", "--", "x"]]
    {
        let flaw = "is a security key; AWS takes the codes of an authenticator only here";
        sandbox.awsx(command).fails(3, &["mfa_serial of profile \"prod\" ", flaw, instead]);
    }
    sandbox
        .awsx(&["mfa", "add", "--serial", key])
        .fails(2, &["is a security key", "`awsx login aws`"]);
    sandbox
        .awsx(&["mfa", "add", "dev"])
        .fails(3, &["profile \"dev\" has no mfa_serial", "--serial ARN"]);
    sandbox.awsx(&["mfa", "add", "nope"]).fails(3, &["profile \"nope\"", "is in neither"]);
    assert!(sandbox.records("mfa").is_empty());
}

#[test]
fn a_vault_that_forgets_keeps_no_device() {
    for (vault, hint) in [
        ("kernel", "hint: `awsx vault move --to passphrase`: nothing makes"),
        ("memory", "hint: set AWSX_VAULT=passphrase"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.set("AWSX_VAULT", vault);
        let refused = "what cannot be made again is not kept: the vault's key rests in ";
        add(&sandbox, &[]).fails(7, &[refused, hint]);
    }
}

#[test]
fn a_check_proves_the_device_with_one_call_which_is_the_profiles_own() {
    let sandbox = Sandbox::new();
    add(&sandbox, &["--check"]).ok().says("AWS takes its codes");
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    sandbox.exec("audit", &["--no-input"]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);

    let sandbox = Sandbox::new();
    let args = ["mfa", "add", "--serial", sample::MFA_SERIAL, "--stdin", "--yes", "--check"];
    let wrong = "MZXW6YTBOJTG633CMFZGM33P";
    let refused = "AWS did not accept the MFA code of arn:aws:iam::111111111111:mfa/dev (1 tried)";
    with_stdin(&sandbox, &args, wrong).fails(5, &[refused]);
    assert!(sandbox.records("mfa").is_empty());
    let nowhere = ["mfa", "add", "--serial", "GAHT12345678", "--stdin", "--yes", "--check"];
    let none = "--check: no profile has the mfa_serial GAHT12345678";
    with_stdin(&sandbox, &nowhere, wrong).fails(2, &[none, "leave --check out"]);
}

#[test]
fn a_refused_code_of_a_stored_device_is_followed_by_its_next() {
    let sandbox = Sandbox::new();
    let args = ["mfa", "add", "prod", "--stdin", "--yes"];
    with_stdin(&sandbox, &args, "MZXW6YTBOJTG633CMFZGM33P").ok();
    let mut running = sandbox.start(&["exec", "prod", "--", "true"]);
    running.says("AWS takes each MFA code once; waiting");
    running.kill();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_code_that_was_printed_is_not_sent() {
    let sandbox = with_device();
    let ran = sandbox.awsx(&["mfa", "code", "prod"]).ok();
    assert!(ran.stdout.len() == 7 && ran.stdout.trim_end().bytes().all(|b| b.is_ascii_digit()));
    let printed = ran.says("the code of arn:aws:iam::111111111111:mfa/dev ends in ").stdout;
    let mut running = sandbox.start(&["exec", "prod", "--", "true"]);
    running.says("AWS takes each MFA code once; waiting");
    running.kill();
    let used = "the MFA code of arn:aws:iam::111111111111:mfa/dev was sent before";
    sandbox.exec("prod", &["--mfa-code", printed.trim_end()]).exits(4).says(used);
    assert_eq!(sandbox.aws.count("GetSessionToken"), 0);
}

#[test]
fn the_flag_and_mfa_process_come_before_the_stored_device() {
    let sandbox = Sandbox::new();
    // The stored secret is another device's: its codes would be refused.
    let args = ["mfa", "add", "prod", "--stdin", "--yes"];
    with_stdin(&sandbox, &args, "MZXW6YTBOJTG633CMFZGM33P").ok();
    sandbox.exec("prod", &["--mfa-code", &sandbox.code()]).ok();
    sandbox.mfa_process("cat planted/code");
    sandbox.write("planted/code", &sandbox.code());
    sandbox.exec("prod", &["--refresh"]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);
}

#[test]
fn a_login_with_a_code_serves_every_role_behind_the_device() {
    let sandbox = with_device();
    sandbox
        .awsx(&["mfa", "login", "audit"])
        .ok()
        .says("awsx: the MFA session of audit holds until ");
    sandbox.awsx(&["mfa", "login", "prod"]).ok();
    assert_eq!((sandbox.aws.count("GetSessionToken"), sandbox.aws.count("AssumeRole")), (1, 0));
    sandbox.awsx(&["mfa", "remove", "--serial", sample::MFA_SERIAL, "--yes"]).ok();
    sandbox.exec("audit", &["--no-input"]).ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
    sandbox
        .awsx(&["mfa", "login", "prod", "--refresh", "--mfa-code", "12"])
        .fails(2, &["six digits"]);
    let hint = "hint: it needs the access keys of an IAM user, and mfa_serial";
    sandbox.awsx(&["mfa", "login", "readonly"]).exits(3).says("has no MFA session").says(hint);
    sandbox.config(&CONFIG.replace("mfa_serial", "duration_seconds = 7200\nmfa_serial"));
    let own = "profile \"prod\" needs a code for its role itself, which lasts longer than an hour";
    sandbox.awsx(&["mfa", "login", "prod"]).fails(3, &[own, "`awsx exec prod -- COMMAND`"]);
}

#[test]
fn devices_are_listed_without_opening_the_vault() {
    let sandbox = with_device();
    sandbox.awsx(&["lock"]).ok();
    sandbox.unset("AWSX_PASSPHRASE");
    let line = "arn:aws:iam::111111111111:mfa/dev  just now  prod\n";
    assert_eq!(sandbox.awsx(&["mfa", "list"]).ok().stdout, line);
    let listed = sandbox.awsx(&["mfa", "list", "--json"]).ok().json();
    let device = &listed["devices"][0];
    assert_eq!((&listed["version"], &device["lost"]), (&1.into(), &false.into()));
    assert_eq!(device["serial"], sample::MFA_SERIAL);
    assert_eq!(device["used_by"], serde_json::json!(["prod"]));
    let none = "awsx: no MFA device is kept; `awsx mfa add PROFILE` keeps one";
    Sandbox::new().awsx(&["mfa", "list"]).ok().stderr_is(&[none]);
}

#[test]
fn a_device_that_cannot_be_read_is_the_persons_again() {
    let sandbox = with_device();
    let record = sandbox.only_record("mfa");
    crate::sandbox::rewrite(&record, |bytes| *bytes.last_mut().unwrap() ^= 1);
    let altered = ".rec cannot be read: it was altered";
    sandbox.exec("prod", &[]).exits(4).says(altered).says("needs the MFA code");
    let mut terminal = sandbox.exec_on_terminal("prod", &[]);
    terminal.expect("MFA code for").type_line(&sandbox.code()).end().ok();
    crate::sandbox::rewrite(&record, Vec::clear);
    sandbox.awsx(&["mfa", "list"]).ok().says("cannot be read");
    sandbox.awsx(&["mfa", "remove", "prod", "--yes"]).ok();
    assert!(sandbox.records("mfa").is_empty());
}

#[test]
fn the_secret_comes_from_a_picture() {
    let sandbox = Sandbox::new();
    seed(&sandbox);
    let picture = |name: &str| format!("{}/tests/data/qr/{name}", env!("CARGO_MANIFEST_DIR"));
    let add = |file: &str| sandbox.awsx(&["mfa", "add", "prod", "--yes", "--check", "--qr", file]);
    for (file, said) in [
        ("empty.png", "empty.png has no QR code in it that can be read"),
        ("two.png", "two.png has the QR codes of several devices in it"),
        ("nope.png", "nope.png cannot be read: "),
        ("../resolve.toml", "resolve.toml is no PNG file"),
        ("address.png", "the secret is not one of an MFA device"),
    ] {
        add(&picture(file)).fails(2, &[said, "hint: "]);
    }
    add(&picture("screenshot.png")).ok().says("AWS takes its codes");
    sandbox.exec("prod", &["--no-input"]).ok();
}
