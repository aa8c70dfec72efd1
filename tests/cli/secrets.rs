//! Known secrets are planted wherever awsx reads them; then everything that it says, writes and
//! starts is searched. What it says and writes is searched when a [`Sandbox`] is dropped.

use std::collections::BTreeSet;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::Mutex;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::documents::commands;
use crate::every_command::{SCENES, Stage, leave_one_key, run};
use crate::fake_aws::fault::Fault;
use crate::fake_aws::sample::{self, KEY_ID};
use crate::given::sso_config;
use crate::ran::Ran;
use crate::sandbox::{AWSX, PASSPHRASE, Sandbox, disguises, files_below, keys};
use crate::table::side_by_side;

/// Credentials that come from elsewhere than STS.
const PLANTED_KEY: &str = "planted/foreign+secret+access+key/000000";
const PLANTED_TOKEN: &str = "planted/foreign+session+token/0123456789==";
/// A password in a URL.
const PLANTED_PASSWORD: &str = "planted-password-in-a-url";

/// What no child and no output gets, not even where credentials are meant to be.
fn is_kept_back(text: &str) -> bool {
    [
        sample::SECRET_KEY,
        PASSPHRASE,
        sample::CONTAINER_TOKEN,
        sample::SSO_TOKEN,
        "planted.web.identity",
    ]
    .iter()
    .flat_map(|secret| disguises(secret))
    .all(|form| !text.contains(&form))
}

/// Where credentials come from: a set-up, and the profile, if any.
type Place = (&'static str, fn(Sandbox) -> Sandbox, Option<&'static str>);

const PLACES: [Place; 10] = [
    ("keys", |sandbox| sandbox, Some("dev")),
    ("a role", |sandbox| sandbox, Some("readonly")),
    ("a chain of roles behind MFA", |sandbox| sandbox, Some("audit")),
    ("the environment", in_environment, None),
    ("a session in the credentials file", in_a_file, Some("file")),
    ("a process", in_a_process, Some("process")),
    ("a web identity", in_a_web_identity, Some("ci")),
    ("a login", |sandbox| sandbox.sso_profiles().logged_in(), Some("behind")),
    ("a container", Sandbox::in_a_container, None),
    ("an instance", Sandbox::on_an_instance, None),
];

fn plant_foreign(sandbox: &Sandbox) {
    [PLANTED_KEY, PLANTED_TOKEN].iter().for_each(|secret| sandbox.plant(secret));
}

fn in_environment(sandbox: Sandbox) -> Sandbox {
    session_around(&sandbox);
    sandbox
}

fn session_around(sandbox: &Sandbox) {
    plant_foreign(sandbox);
    sandbox.set("AWS_ACCESS_KEY_ID", "ASIAFOREIGNEXAMPLE77");
    sandbox.set("AWS_SECRET_ACCESS_KEY", PLANTED_KEY);
    sandbox.set("AWS_SESSION_TOKEN", PLANTED_TOKEN);
}

fn in_a_file(sandbox: Sandbox) -> Sandbox {
    plant_foreign(&sandbox);
    let keys = keys("ASIAFOREIGNEXAMPLE77", PLANTED_KEY).replace("dev", "file");
    sandbox.credentials(&format!("{keys}aws_session_token = {PLANTED_TOKEN}\n"));
    sandbox
}

fn in_a_process(sandbox: Sandbox) -> Sandbox {
    plant_foreign(&sandbox);
    let document = json!({
        "Version": 1,
        "AccessKeyId": "ASIAFOREIGNEXAMPLE77",
        "SecretAccessKey": PLANTED_KEY,
        "SessionToken": PLANTED_TOKEN,
        "Expiration": "2099-01-01T00:00:00Z",
    });
    sandbox.write("planted/output", &document.to_string());
    sandbox.config("[profile process]\ncredential_process = cat planted/output\n");
    sandbox
}

fn in_a_web_identity(sandbox: Sandbox) -> Sandbox {
    let token = sandbox.web_identity_token();
    // Its signature: the rest says who it is for.
    sandbox.plant(token.rsplit('.').next().unwrap());
    sandbox.web_identity_profile(&token)
}

/// Each way to make awsx talkative.
const TALKATIVE: [(&[&str], &str); 3] = [(&[], ""), (&["-vv"], ""), (&[], "trace")];

/// What awsx reads, where a test has left it.
const STDIN: &str = "planted/stdin";

/// awsx, at one of [`TALKATIVE`]; all of its stdout is searched unless it is `meant` to hold
/// credentials.
fn awsx(sandbox: &Sandbox, (flags, log): (&[&str], &str), args: &[&str], meant: bool) -> Ran {
    sandbox.set("AWSX_LOG", log);
    let stdin = std::fs::read_to_string(sandbox.home().join(STDIN)).unwrap_or_default();
    let ran = run(sandbox, &[flags, args].concat(), &stdin, meant);
    assert!(is_kept_back(&ran.stdout), "{args:?}: {ran:?}");
    ran
}

#[test]
fn no_command_says_or_writes_a_secret() {
    side_by_side(&PLACES, |(docs, set_up, profile)| {
        let flag = profile.map_or(String::new(), |name| format!("--profile {name}"));
        for talkative in TALKATIVE {
            let sandbox = set_up(Sandbox::new());
            let run = |line: &str, meant| {
                let line = line.replace("FLAG", &flag);
                awsx(&sandbox, talkative, &line.split_whitespace().collect::<Vec<_>>(), meant)
            };
            run(&format!("env FLAG --mfa-code {}", sandbox.code()), true).ok();
            for format in ["", "--format json", "--format fish"] {
                run(&format!("env FLAG {format}"), true).ok();
            }
            run("credential-process FLAG", true).ok();
            run("exec FLAG -- env", true).ok();
            run("exec FLAG -- true", false).ok();
            for command in
                ["whoami", "whoami --json", "explain", "explain --json", "explain --cached"]
            {
                let ran = run(&format!("{command} FLAG"), false);
                // AWS does not know the foreign keys.
                assert!(matches!(ran.code, 0 | 5), "{docs}: {command}: {ran:?}");
            }
            for list in ["profiles", "profiles --json", "profiles --tree"] {
                run(list, false).ok();
            }
            for command in ["env --unset", "unlock", "lock"] {
                run(command, false).ok();
            }
        }
    });
    let done = Mutex::new(BTreeSet::new());
    side_by_side(&SCENES, |(_, play)| {
        for (flags, log) in TALKATIVE {
            let stage = Stage::new(flags, log);
            play(&stage);
            done.lock().unwrap().extend(stage.commands.take());
        }
    });
    assert_eq!(done.into_inner().unwrap(), commands(), "what was run, and what there is");
}

/// A file with secrets where nobody expects them.
#[test]
fn what_looks_like_a_secret_is_not_listed() {
    let sandbox = Sandbox::new();
    plant_foreign(&sandbox);
    sandbox.plant("planted-hunter2-of-azure");
    sandbox.credentials(&format!(
        "[dev]\naws_access_key_id = AKIA\n    aws_secret_access_key = {PLANTED_KEY}\n\
         [x]\naws_secret_acces_key = {PLANTED_KEY}\n\
         azure_default_password = planted-hunter2-of-azure\nregion = eu-west-1\n\
         credential_process = get --key {PLANTED_KEY}\n"
    ));
    let ran = sandbox.awsx(&["profiles", "--json"]).ok();
    let settings = &ran.json()["profiles"]["x"]["settings"];
    assert_eq!(settings["region"], "eu-west-1");
    assert_eq!(settings["credential_process"], "get ***");
    assert_eq!(settings["azure_default_password"], "***");
}

/// Whoever names things cannot steer the terminal, in words, in JSON or in clap's errors.
#[test]
fn no_stream_carries_what_steers_a_terminal() {
    let sandbox = Sandbox::new();
    let odd = "a\u{202e}b\u{9b}2J\u{2028}c";
    sandbox.config(&format!("[profile \"{odd}\"]\nregion = {odd}\n[profile dev]\n"));
    for words in [
        &["profiles"][..],
        &["profiles", "--json"],
        &["whoami", odd],
        &["whoami", odd, "--json"],
        &["explain", odd],
        &["whoami", "--color", odd],
        &["login", odd],
    ] {
        let ran = sandbox.awsx(words);
        for text in [&ran.stdout, &ran.stderr] {
            let steers = |c: char| "\u{202e}\u{9b}\u{2028}\u{1b}".contains(c);
            assert!(!text.contains(steers), "{words:?}: {ran:?}");
        }
    }
}

/// Something that goes wrong: the set-up, the words and the exit code.
type Trouble = (&'static str, fn(&Sandbox), &'static [&'static str], i32);

const EXEC: &[&str] = &["exec", "readonly", "--", "true"];

const TROUBLES: [Trouble; 41] = [
    ("garbage", |s| fault(s, Fault::Garbage), EXEC, 6),
    ("half an answer", |s| fault(s, Fault::Truncate), EXEC, 6),
    ("a lost answer", |s| fault(s, Fault::LoseAnswer), EXEC, 6),
    ("a server fault", |s| fault(s, Fault::INTERNAL), EXEC, 6),
    ("a refusal", |s| set_key(s, "planted/wrong+secret"), EXEC, 5),
    ("a key with blanks", |s| set_key(s, &format!("{PLANTED_KEY} {PLANTED_KEY}")), EXEC, 5),
    ("a key that is no text", |s| set_key(s, &format!("{PLANTED_KEY}\u{7f}ü")), EXEC, 3),
    ("a wrong MFA code", |_| (), &["exec", "prod", "--mfa-code", "000000", "--", "true"], 5),
    ("no MFA code", |_| (), &["exec", "prod", "--mfa-code", PLANTED_TOKEN, "--", "true"], 2),
    ("nobody to ask", |_| (), &["exec", "prod", "--", "true"], 4),
    ("a wrong passphrase", wrong_passphrase, EXEC, 7),
    ("a passphrase command that fails", failing_passphrase_command, EXEC, 7),
    ("a line that is no setting", |s| credentials_line(s, "aws_secret_access_key"), EXEC, 3),
    ("a header that does not end", |s| credentials_line(s, "[dev"), EXEC, 3),
    ("half a key pair", half_a_pair, EXEC, 3),
    ("half a key pair in the environment", half_a_pair_around, &["exec", "--", "true"], 3),
    ("a process's garbage", |s| process(s, "cat planted/output"), EXEC, 8),
    ("a process that fails", |s| process(s, "sh -c 'cat planted/output; exit 1'"), EXEC, 8),
    ("a process with an open quote", |s| process(s, &format!("cat '{PLANTED_KEY}")), EXEC, 8),
    ("no such process", |s| process(s, &format!("/nonexistent {PLANTED_KEY}")), EXEC, 8),
    ("a password in an endpoint", |s| url(s, "AWS_ENDPOINT_URL", "127.0.0.1:1"), EXEC, 6),
    ("a password in a proxy's URL", behind_a_proxy, EXEC, 6),
    ("a container's token that is no header", bad_container_token, &["exec", "--", "true"], 8),
    ("a token that is not accepted", token_refused, &["exec", "sso", "--", "true"], 4),
    ("half a token file", half_a_token_file, &["exec", "sso", "--", "true"], 4),
    ("a command that is not there", |_| (), &["exec", "readonly", "--", "nope"], 127),
    ("a key that AWS refuses", |s| stdin(s, &[KEY_ID, PLANTED_KEY]), ADD_KEY, 5),
    ("a key with its halves exchanged", |s| stdin(s, &[PLANTED_KEY, KEY_ID]), ADD_KEY, 2),
    ("a key on one line", |s| stdin(s, &[&format!("{KEY_ID} {PLANTED_KEY}")]), ADD_KEY, 2),
    ("half a document with a key", |s| stdin(s, &[HALF_A_KEY]), ADD_KEY, 2),
    ("a session that is to be kept", session_around, &["keys", "add", "new", "--env"], 2),
    ("an import that AWS refuses", |s| set_key(s, PLANTED_KEY), IMPORT, 5),
    ("a file that is no CSV", |s| stdin(s, &[PLANTED_KEY]), &["keys", "import", "--csv", STDIN], 2),
    ("a file that is no INI", |s| stdin(s, &[PLANTED_KEY]), &["keys", "import", "--ini", STDIN], 2),
    ("half a new key", |s| new_key(s, Fault::Truncate), ROTATE, 6),
    ("a lost answer with a new key", |s| new_key(s, Fault::LoseAnswer), ROTATE, 6),
    ("a seed that is no base 32", |s| stdin(s, &[PLANTED_KEY]), ADD_DEVICE, 2),
    ("a URI with a seed, and a flaw", |s| stdin(s, &[BAD_URI]), ADD_DEVICE, 2),
    ("a seed of another device", |s| stdin(s, &[OTHER_SEED]), ADD_AND_CHECK, 5),
    ("half an answer with a seed", |s| new_seed(s, Fault::Truncate), ENABLE, 6),
    ("a lost answer with a seed", |s| new_seed(s, Fault::LoseAnswer), ENABLE, 6),
];

const ADD_KEY: &[&str] = &["keys", "add", "new", "--stdin"];
const IMPORT: &[&str] = &["keys", "import", "dev", "--remove", "--yes"];
const ROTATE: &[&str] = &["keys", "rotate", "dev"];
const ADD_DEVICE: &[&str] = &["mfa", "add", "prod", "--stdin", "--yes"];
const ADD_AND_CHECK: &[&str] = &["mfa", "add", "prod", "--stdin", "--yes", "--check"];
const ENABLE: &[&str] = &["mfa", "enable", "--for", "dev", "--yes"];
const HALF_A_KEY: &str =
    r#"{"AccessKey": {"SecretAccessKey": "planted/foreign+secret+access+key/000000", "AccessKeyI"#;
const OTHER_SEED: &str = "PLANTEDSEEDMZXW6YTBOJTG633CMFZGM";
const BAD_URI: &str = "otpauth://totp/x?digits=8&secret=PLANTEDSEEDMZXW6YTBOJTG633CMFZGM";

/// What awsx reads, lines with secrets.
fn stdin(sandbox: &Sandbox, lines: &[&str]) {
    [PLANTED_KEY, OTHER_SEED].iter().for_each(|secret| sandbox.plant(secret));
    sandbox.write(STDIN, &lines.join("\n"));
}

/// Stored keys, and what goes wrong when a new one is made.
fn new_key(sandbox: &Sandbox, fault: Fault) {
    leave_one_key(sandbox);
    sandbox.store("dev", KEY_ID, sample::SECRET_KEY, &[]).ok();
    sandbox.credentials("");
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    sandbox.aws.fail("CreateAccessKey", fault, 99);
}

/// A user without a device, and what goes wrong when one is made.
fn new_seed(sandbox: &Sandbox, fault: Fault) {
    leave_one_key(sandbox);
    sandbox.aws.control(|state| state.iam.user(sample::USER).unwrap().mfa_devices.clear());
    sandbox.set("AWS_MAX_ATTEMPTS", "1");
    sandbox.aws.fail("CreateVirtualMFADevice", fault, 99);
}

fn fault(sandbox: &Sandbox, fault: Fault) {
    sandbox.aws.fail("AssumeRole", fault, 99);
}

fn set_key(sandbox: &Sandbox, secret: &str) {
    sandbox.plant(secret);
    sandbox.credentials(&keys(sample::KEY_ID, secret));
}

fn wrong_passphrase(sandbox: &Sandbox) {
    sandbox.awsx(EXEC).ok();
    sandbox.awsx(&["lock"]).ok();
    sandbox.plant(PLANTED_PASSWORD);
    sandbox.set("AWSX_PASSPHRASE", PLANTED_PASSWORD);
}

fn failing_passphrase_command(sandbox: &Sandbox) {
    sandbox.unset("AWSX_PASSPHRASE");
    sandbox.write("planted/output", PASSPHRASE);
    sandbox.set("AWSX_PASSPHRASE_COMMAND", "cat planted/output; exit 1");
}

/// A line of the credentials file that cannot be read, with a secret in it.
fn credentials_line(sandbox: &Sandbox, start: &str) {
    sandbox.plant(PLANTED_KEY);
    sandbox.credentials(&format!("[dev]\n{start} {PLANTED_KEY}\n"));
}

fn half_a_pair(sandbox: &Sandbox) {
    sandbox.plant(PLANTED_KEY);
    sandbox.credentials(&format!(
        "[dev]\naws_secret_access_key = {PLANTED_KEY}\naws_access_key_id =\n"
    ));
}

fn half_a_pair_around(sandbox: &Sandbox) {
    plant_foreign(sandbox);
    sandbox.set("AWS_ACCESS_KEY_ID", "ASIAFOREIGNEXAMPLE77");
    sandbox.set("AWS_SESSION_TOKEN", PLANTED_TOKEN);
}

fn process(sandbox: &Sandbox, command: &str) {
    sandbox.plant(PLANTED_KEY);
    sandbox
        .write("planted/output", &format!("{{\"Version\": 1, \"SecretAccessKey\": {PLANTED_KEY}"));
    sandbox.config(&format!("[profile readonly]\ncredential_process = {command}\n"));
}

fn url(sandbox: &Sandbox, variable: &str, host: &str) {
    sandbox.plant(PLANTED_PASSWORD);
    sandbox.set(variable, &format!("http://me:{PLANTED_PASSWORD}@{host}"));
}

fn behind_a_proxy(sandbox: &Sandbox) {
    url(sandbox, "HTTPS_PROXY", "127.0.0.1:1");
    // It is asked of the proxy only, and that does not answer.
    sandbox.set("AWS_ENDPOINT_URL", "https://sts.invalid");
}

fn bad_container_token(sandbox: &Sandbox) {
    sandbox.plant(PLANTED_TOKEN);
    sandbox.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &sandbox.aws.container_url());
    sandbox.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", &format!("Bearer {PLANTED_TOKEN}\nX-Evil: 1"));
}

fn token_refused(sandbox: &Sandbox) {
    sandbox.config(&sso_config());
    sandbox.leave_token(|text| text);
    sandbox.plant(sample::SSO_TOKEN);
    sandbox.aws.control(|state| state.portal.tokens.clear());
}

fn half_a_token_file(sandbox: &Sandbox) {
    sandbox.config(&sso_config());
    sandbox.leave_token(|text| text[..text.len() - 30].to_owned());
}

#[test]
fn no_failure_says_or_writes_a_secret() {
    side_by_side(&TROUBLES, |(_, set_up, words, code)| {
        for talkative in TALKATIVE {
            let sandbox = Sandbox::new();
            set_up(&sandbox);
            let ran = awsx(&sandbox, talkative, words, false);
            match [ROTATE, ENABLE].contains(words) {
                // They say what becomes of what was begun.
                true => ran.exits(*code).says("error: "),
                false => ran.fails(*code, &["error: "]),
            };
            // The same as JSON, where there is such a form.
            if words == &EXEC {
                awsx(&sandbox, talkative, &["whoami", "readonly", "--json"], false);
                awsx(&sandbox, talkative, &["explain", "readonly", "--json"], false);
            }
        }
    });
}

/// The command lines of this process, of those above it up to awsx, and of their children. Where
/// awsx became the command, what is above is the tests', and other tests have codes in arguments.
const FAMILY: &str = r#"
pid=$$
while [ "$pid" -gt 1 ]; do
    case $(cat /proc/$pid/comm) in sh | awsx) ;; *) break ;; esac
    for member in $pid $(cat /proc/$pid/task/*/children); do
        tr '\0' ' ' </proc/$member/cmdline; echo
    done
    [ "$(cat /proc/$pid/comm)" = awsx ] && break
    pid=$(sed -n 's/^PPid:\t//p' /proc/$pid/status)
done >>planted/family
"#;

#[test]
fn no_secret_is_in_the_arguments_of_what_awsx_starts() {
    let sandbox = in_a_process(Sandbox::new());
    sandbox.write("planted/family.sh", FAMILY);
    sandbox.write("planted/code", &sandbox.code());
    sandbox.write("planted/passphrase", PASSPHRASE);
    sandbox.unset("AWSX_PASSPHRASE");
    let and = |file: &str| format!("sh -c '. ./planted/family.sh; cat planted/{file}'");
    sandbox.set("AWSX_PASSPHRASE_COMMAND", &and("passphrase"));
    sandbox.config(&format!(
        "[profile process]\ncredential_process = {}\n[profile dev]\n[profile prod]\n\
         role_arn = {}\nsource_profile = dev\nmfa_serial = {}\nmfa_process = {}\n",
        and("output"),
        sample::ADMIN,
        sample::MFA_SERIAL,
        and("code"),
    ));
    for profile in ["process", "prod"] {
        sandbox.awsx(&["exec", profile, "--", "sh", "-c", ". ./planted/family.sh"]).ok();
    }
    let said = sandbox.read("planted/family");
    for (docs, words) in [
        ("awsx itself", "exec prod -- sh -c"),
        ("the source", "cat planted/output"),
        ("the passphrase", "cat planted/passphrase"),
        ("the code", "cat planted/code"),
        ("the command", "sh -c . ./planted/family.sh \n"),
    ] {
        assert!(said.contains(words), "{docs} is not in {said}");
    }
    sandbox.remember("the arguments", said.as_bytes());
    let code = sandbox.read("planted/code");
    assert!(!said.contains(&code), "{said}");
}

/// What is started is seen, with its arguments and its environment.
#[test]
fn what_awsx_gives_to_others_is_searched() {
    let sandbox = in_a_process(Sandbox::new());
    sandbox.set("GIVEN", "to-whoever-is-started");
    awsx(&sandbox, TALKATIVE[0], &["exec", "process", "--", "env"], true).ok();
    let remembered = sandbox.what_was_said("starts");
    for words in ["planted/output", "GIVEN=to-whoever-is-started"] {
        assert!(remembered.contains(words), "{words} is not in {remembered}");
    }
    assert!(!remembered.contains("AWS_SECRET_ACCESS_KEY"), "the command of exec has its own");
}

/// What the command of `exec` sees of awsx's own secrets and of the caller's credentials.
#[test]
fn the_command_gets_no_secret_but_its_own_credentials() {
    let sandbox = in_environment(Sandbox::new());
    sandbox.set("AWS_SECURITY_TOKEN", PLANTED_TOKEN);
    sandbox.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", sample::CONTAINER_TOKEN);
    sandbox.set("AWSX_PASSPHRASE_COMMAND", "cat planted/passphrase");
    let environment = sandbox.env_of("readonly").stdout;
    assert!(is_kept_back(&environment), "{environment}");
    assert!(!environment.contains("planted/foreign"), "{environment}");
    assert_eq!(environment.matches("AWS_SECRET_ACCESS_KEY=").count(), 1, "{environment}");
}

/// How a command ends that is killed where core dumps are allowed.
fn kill(sandbox: &Sandbox, signal: Signal, line: &str, until: impl Fn() -> bool) -> ExitStatus {
    let mut command: Command = sandbox.command("sh");
    command.args(["-c", &format!("ulimit -c unlimited && exec {line}")]);
    command.env("AWSX", AWSX).process_group(0);
    let mut child = command.spawn().unwrap();
    while !until() {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "{line}: {ended:?}: may core dumps be allowed here at all?");
        std::thread::yield_now();
    }
    let status = loop {
        // Rust's runtime takes the first SIGSEGV for a stack overflow that may not be one.
        kill_process(Pid::from_child(&child), signal).unwrap();
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::yield_now();
    };
    assert_eq!(status.signal(), Some(signal.as_raw()), "{line}: {status:?}");
    status
}

#[test]
fn awsx_leaves_no_core_dump_but_its_command_may() {
    for signal in [Signal::ABORT, Signal::SEGV, Signal::QUIT] {
        let sandbox = Sandbox::new();
        let at_work = || sandbox.home().join("at-work").exists();
        let sleeper = "sh -c 'touch at-work; exec sleep 1000'";
        let control = kill(&sandbox, signal, sleeper, at_work);
        assert!(control.core_dumped(), "cores must be possible for this test to mean anything");

        let work = format!("\"$AWSX\" exec readonly -- {sleeper}");
        std::fs::remove_file(sandbox.home().join("at-work")).unwrap();
        assert!(kill(&sandbox, signal, &work, at_work).core_dumped(), "the command's own");
        let is_core =
            |file: &PathBuf| file.file_name().unwrap().as_encoded_bytes().starts_with(b"core");
        for core in files_below(sandbox.home()).into_iter().filter(is_core) {
            std::fs::remove_file(core).unwrap();
        }

        assert!(!kill_at(&sandbox, signal, "AssumeRole", "exec readonly --refresh -- true"));
    }
    // While it holds a secret that nobody else has, or one that never leaves it.
    for (operation, line) in [
        ("GetCallerIdentity", "keys add new --stdin < planted/stdin"),
        ("UpdateAccessKey", "keys rotate dev"),
        ("EnableMFADevice", "mfa enable --for dev --yes"),
        ("GetSessionToken", "mfa login dev"),
    ] {
        let sandbox = Sandbox::new();
        leave_one_key(&sandbox);
        sandbox.store("dev", KEY_ID, sample::SECRET_KEY, &[]).ok();
        sandbox.credentials("");
        stdin(&sandbox, &[KEY_ID, sample::SECRET_KEY]);
        if operation == "EnableMFADevice" {
            sandbox.aws.control(|state| state.iam.user(sample::USER).unwrap().mfa_devices.clear());
        } else {
            sandbox.config(&format!("[profile dev]\nmfa_serial = {}\n", sample::MFA_SERIAL));
            let seed = sandbox
                .aws
                .control(|state| state.iam.mfa_device(sample::MFA_SERIAL).unwrap().seed_text());
            sandbox.store_text(&["mfa", "add", "dev", "--stdin", "--yes"], &seed).ok();
        }
        assert!(!kill_at(&sandbox, Signal::ABORT, operation, line), "{line} dumped a core");
    }
}

/// Whether a core is dumped of awsx, which is killed while it waits for the answer of this operation.
fn kill_at(sandbox: &Sandbox, signal: Signal, operation: &str, line: &str) -> bool {
    sandbox.aws.fail(operation, Fault::Hang, 1);
    let calls = sandbox.aws.count(operation);
    let hangs = || sandbox.aws.count(operation) > calls;
    kill(sandbox, signal, &format!("\"$AWSX\" {line}"), hangs).core_dumped()
}

/// The search that every sandbox ends with finds what it is meant to find.
#[test]
fn the_search_finds_every_disguise() {
    for form in disguises(sample::SECRET_KEY) {
        let sandbox = Sandbox::new();
        assert!(sandbox.leaks().is_empty());
        let file = sandbox.write("tmp/log", &format!("body=Some(\"{form}\")"));
        assert_eq!(sandbox.leaks(), [file.to_str().unwrap()], "{form}");
        std::fs::remove_file(file).unwrap();
    }
}
