//! What awsx does on every system: run under Wine too, and on macOS (`tests/portable`).

use std::collections::BTreeSet;
use std::path::{MAIN_SEPARATOR, MAIN_SEPARATOR_STR};

use crate::fake_aws::sample;
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, PASSPHRASE, SSO_SESSION, Sandbox};

/// What prints the environment.
const PRINT: &[&str] = if cfg!(windows) { &["cmd", "/d", "/c", "set"] } else { &["env"] };

/// `awsx exec readonly -- COMMAND`
fn exec(sandbox: &Sandbox, command: &[&str]) -> Ran {
    sandbox.awsx(&[&["exec", "readonly", "--"], command].concat())
}

/// A command line that a shell runs.
fn in_shell(line: &str) -> [&str; 3] {
    if cfg!(windows) { ["cmd", "/c", line] } else { ["sh", "-c", line] }
}

/// A program `NAME` in a directory of `PATH` that prints `text`.
fn install(sandbox: &Sandbox, name: &str, text: &str) {
    let bin = sandbox.home().join("bin");
    #[cfg(windows)]
    sandbox.write(&format!("bin/{name}.cmd"), &format!("@echo {text} %*\r\n"));
    #[cfg(unix)]
    sandbox.write_mode(&format!("bin/{name}"), &format!("#!/bin/sh\necho {text} \"$@\"\n"), 0o755);
    let path = std::env::join_paths([bin]).unwrap();
    sandbox.set("PATH", path.to_str().unwrap());
}

#[test]
fn a_command_gets_a_session_and_nothing_of_the_vault() {
    let sandbox = Sandbox::new();
    let ran = exec(&sandbox, PRINT).ok();
    let ran =
        ran.prints_each(&["AWS_ACCESS_KEY_ID=ASIA", "AWS_SESSION_TOKEN=", "AWSX_PROFILE=readonly"]);
    ran.prints_no("PASSPHRASE").prints_no(sample::KEY_ID).stderr_is(&[]);
    exec(&sandbox, &["awsx-has-no-such-program"]).fails(127, &["was not found", "hint: "]);
}

#[test]
fn exit_codes_are_whole() {
    let sandbox = Sandbox::new();
    let codes = [0, 3, 255];
    // Windows has 32 bits for them: 256 is no success.
    let of_windows: &[i32] = if cfg!(windows) { &[256, 300, 512, -1] } else { &[] };
    for code in codes.iter().chain(of_windows) {
        exec(&sandbox, &in_shell(&format!("exit {code}"))).exits(*code);
    }
}

#[test]
fn programs_are_found_as_they_are_typed() {
    let sandbox = Sandbox::new();
    for name in ["tool", "tool1.5"] {
        install(&sandbox, name, "installed");
        exec(&sandbox, &[name, "a b", "c"]).ok().prints("installed").prints("a b");
    }
}

#[test]
fn every_format_has_the_session() {
    let sandbox = Sandbox::new();
    for (format, words) in [
        ("sh", "export AWS_ACCESS_KEY_ID='ASIA"),
        ("powershell", "$env:AWS_ACCESS_KEY_ID = 'ASIA"),
        ("cmd", "set \"AWS_ACCESS_KEY_ID=ASIA"),
        ("json", "\"AWS_ACCESS_KEY_ID\":\"ASIA"),
        ("dotenv", "AWS_ACCESS_KEY_ID=ASIA"),
    ] {
        sandbox.awsx(&["env", "readonly", "--format", format]).ok().prints(words);
    }
    let ran = sandbox.awsx(&["credential-process", "readonly"]).ok();
    assert_eq!(ran.json()["Version"], 1);
    assert_eq!(sandbox.whoami("readonly")["account"], "111111111111");
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn many_at_once_make_one_call() {
    let sandbox = Sandbox::new();
    let all: Vec<_> = (0..8).map(|_| sandbox.start(&["credential-process", "readonly"])).collect();
    let keys: BTreeSet<String> = all
        .into_iter()
        .map(|running| running.end().ok().json()["AccessKeyId"].to_string())
        .collect();
    assert_eq!((keys.len(), sandbox.aws.count("AssumeRole")), (1, 1), "{keys:?}");
}

#[test]
fn a_passphrase_comes_from_a_file_or_a_command() {
    let sandbox = Sandbox::new();
    exec(&sandbox, PRINT).ok();
    let file = sandbox.write("planted/pass phrase", &format!("{PASSPHRASE}\r\nmore\r\n"));
    let file = file.to_str().unwrap();
    let print = if cfg!(windows) { "type" } else { "cat" };
    for (name, value) in [
        ("AWSX_PASSPHRASE_FILE", file.to_owned()),
        ("AWSX_PASSPHRASE_COMMAND", format!("{print} \"{file}\"")),
    ] {
        sandbox.awsx(&["lock"]).ok();
        sandbox.unset("AWSX_PASSPHRASE");
        sandbox.set(name, &value);
        exec(&sandbox, PRINT).ok();
        sandbox.unset(name);
    }
    sandbox.awsx(&["lock"]).ok();
    sandbox.set("AWSX_PASSPHRASE", "another");
    exec(&sandbox, PRINT).fails(7, &["wrong passphrase (from AWSX_PASSPHRASE)", "hint: "]);
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn files_are_named_with_one_kind_of_separator() {
    let sandbox = Sandbox::new();
    let ran = sandbox.awsx(&["whoami", "nobody"]).exits(3);
    // `cmd` knows no `~`.
    let home = if cfg!(windows) { sandbox.home().to_str().unwrap() } else { "~" };
    let place = [home, ".aws", "config"].join(MAIN_SEPARATOR_STR);
    let ran = ran.says(&place);
    let other = if MAIN_SEPARATOR == '/' { "\\" } else { "/" };
    assert!(!ran.stderr.contains(&format!(".aws{other}")), "{ran:?}");
    std::fs::remove_file(sandbox.home().join(".aws/config")).unwrap();
    std::fs::create_dir(sandbox.home().join(".aws/config")).unwrap();
    sandbox.awsx(&["whoami", "nobody"]).fails(3, &[&place, "is a directory, not a file"]);
}

/// Variables have one name, whatever its case.
#[cfg(windows)]
#[test]
fn the_case_of_a_variable_means_nothing() {
    let sandbox = Sandbox::new();
    sandbox.set("aws_profile", "readonly");
    let json = sandbox.awsx(&["whoami", "--json"]).ok().json();
    assert_eq!(json["account"], "111111111111");
    assert_eq!(json["profile"], "readonly");
}

/// Another awsx, the AWS CLI or a virus scanner reads a file just when it is replaced.
#[cfg(windows)]
#[expect(clippy::disallowed_methods, reason = "a test has no clock")]
#[test]
fn a_file_is_replaced_while_others_read_it() {
    use std::os::windows::fs::OpenOptionsExt;
    let sandbox = Sandbox::new();
    exec(&sandbox, PRINT).ok();
    let record = sandbox.only_record("sessions");
    let before = std::fs::read(&record).unwrap();
    const FILE_SHARE_READ: u32 = 1;
    let reader = std::fs::File::options().read(true).share_mode(FILE_SHARE_READ).open(&record);
    let refresh = sandbox.start(&["credential-process", "readonly", "--refresh"]);
    while sandbox.aws.count("AssumeRole") < 2 {
        std::thread::yield_now();
    }
    // Held for a moment more, in which awsx finds it so.
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(reader.unwrap());
    refresh.end().ok().stderr_is(&[]);
    assert_ne!(std::fs::read(&record).unwrap(), before);
}

/// The keychain of the person who runs the tests: left as it was.
#[cfg(windows)]
#[test]
fn the_keychain_keeps_the_vaults_key() {
    let sandbox = Sandbox::new();
    for vault in ["keychain", "auto"] {
        sandbox.set("AWSX_VAULT", vault);
        exec(&sandbox, PRINT).ok().stderr_is(&[]);
        exec(&sandbox, PRINT).ok().stderr_is(&[]);
        assert_eq!(sandbox.aws.count("AssumeRole"), 1, "{vault}");
    }
    sandbox.awsx(&["vault", "reset", "--yes"]).ok();
}

/// Logs in where the person opens the address that awsx shows.
#[cfg(windows)]
fn log_in(sandbox: &Sandbox) {
    use crate::running::Running;
    use std::os::windows::process::CommandExt;
    /// A console that nobody sees.
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    let mut command = sandbox.command(crate::sandbox::AWSX);
    command.args(["login", "sso", "corp", "--no-browser"]).creation_flags(CREATE_NO_WINDOW);
    let mut login = Running::spawn(sandbox, &mut command, b"", true);
    let line = login.says("http");
    let address = &line[line.find("http").unwrap()..];
    let page = crate::fake_aws::browser::approve(address.trim());
    assert_eq!(page.status, 200, "{page:?}");
    login.end().ok().says("logged in to sso-session \"corp\"");
}

#[cfg(target_os = "linux")]
fn log_in(sandbox: &Sandbox) {
    let mut terminal = sandbox.awsx_on_terminal(&["login", "sso", "corp", "--no-browser"]);
    crate::given::allow_at(&terminal.line("http"));
    terminal.end().ok().says("logged in to sso-session \"corp\"");
}

/// macOS has neither the tests' terminal nor a console.
#[cfg(any(windows, target_os = "linux"))]
#[test]
fn who_logs_in_gets_the_roles_of_the_organization_and_keeps_every_byte() {
    let sandbox = Sandbox::new();
    let role = "sso_account_id = 222222222222\nsso_role_name = Developer\n";
    let profile = format!("[profile sso]\nsso_session = corp\n{role}");
    let before = format!("# mine\n{SSO_SESSION}\n{CONFIG}{profile}").replace('\n', "\r\n");
    sandbox.aws.control(|state| state.portal.grow(3, 2));
    sandbox.config(&before);
    sandbox.aws.control(|state| state.portal.tokens.clear());
    log_in(&sandbox);
    sandbox.awsx(&["sso", "sync", "corp", "--yes", "--region", "eu-west-1"]).ok();
    let after = sandbox.read_config();
    assert!(after.starts_with(&before), "{after}");
    assert!(after.len() > before.len() && !after.replace("\r\n", "").contains('\n'), "{after}");
    sandbox.awsx(&["sso", "sync", "--yes"]).ok();
    assert_eq!(sandbox.read_config(), after);
}

/// `awsx env` speaks to the shell that called it, where the system says which that is.
#[test]
fn env_speaks_to_its_caller() {
    let sandbox = Sandbox::new();
    // The passphrase is kept from what `exec` runs.
    sandbox.set("AWSX_VAULT", "memory");
    let sh = "export AWS_ACCESS_KEY_ID='ASIA";
    sandbox.awsx(&["env", "readonly"]).ok().prints(sh);
    let callers: &[(&str, &str)] = match cfg!(windows) {
        true => &[
            ("powershell", "$env:AWS_ACCESS_KEY_ID = 'ASIA"),
            ("pwsh", "$env:AWS_ACCESS_KEY_ID = 'ASIA"),
            ("cmd", "set \"AWS_ACCESS_KEY_ID=ASIA"),
            ("bash", sh),
            ("nu", "\"AWS_ACCESS_KEY_ID\":\"ASIA"),
            ("program", sh),
        ],
        false => &[],
    };
    for (caller, expected) in callers {
        // A program of that name that runs another one is awsx itself.
        let name = format!("planted/{caller}{}", std::env::consts::EXE_SUFFIX);
        let program = sandbox.write(&name, "");
        std::fs::copy(AWSX, &program).unwrap();
        let mut command = sandbox.command(&program);
        command.args(["exec", "readonly", "--", AWSX, "env", "readonly"]);
        let ran = sandbox.run(&mut command, b"", false).ok();
        ran.prints(expected);
    }
}
