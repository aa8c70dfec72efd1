//! `awsx env` text in real shells: hostile values arrive byte for byte, and nothing executes.
//!
//! A shell that is not installed is a failure: `.ci/run` installs them all (`nu` is npm's
//! `nushell`). PowerShell and cmd cannot be installed from the registries that CI reaches; their
//! quoting is pinned by the table in `deliver::format`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use awsx::for_tests::Env;
use awsx::for_tests::Format;
use awsx::for_tests::Overlay;
use proptest::collection::vec;
use proptest::test_runner::{Config, TestRunner};

use crate::sandbox::Sandbox;

/// A shell, and how it evaluates the text on its standard input and then shows its exported
/// environment, each variable ended by NUL.
struct Shell {
    format: Format,
    command: &'static [&'static str],
}

const QUOTED: &str = r#"eval "$(cat)"; env -0"#;

const SHELLS: [Shell; 6] = [
    Shell { format: Format::Sh, command: &["sh", "-c", QUOTED] },
    Shell { format: Format::Sh, command: &["bash", "--norc", "--noprofile", "-c", QUOTED] },
    Shell { format: Format::Sh, command: &["dash", "-c", QUOTED] },
    // Where '' in quotes is a quote.
    Shell { format: Format::Sh, command: &["zsh", "-f", "-o", "rcquotes", "-c", QUOTED] },
    Shell { format: Format::Fish, command: &["fish", "--no-config", "-c", "source; env -0"] },
    Shell {
        format: Format::Nushell,
        command: &["nu", "--no-config-file", "--stdin", "-c", "from json | load-env; ^env -0"],
    },
];

/// More names than a session has, so that one run of a shell tries many values.
const NAMES: &str = "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN \
    AWS_CREDENTIAL_EXPIRATION AWS_REGION AWS_DEFAULT_REGION AWS_ACCOUNT_ID AWS_ENDPOINT_URL \
    AWSX_PROFILE AWS_PROFILE AWS_ROLE_ARN AWS_CREDENTIAL_FILE";

/// How many of them there are.
const COUNT: usize = 12;

const HOSTILE: [&str; 24] = [
    "FwoGZXIvYXdzEBYaD+/=",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    "'\n touch pwned\n'",
    "\\'; touch pwned; #",
    "\"; touch pwned; \"",
    "${IFS}$HOME ~ $'\\n' $\"x\"",
    "(touch pwned)",
    "; touch pwned &",
    "a\nb\r\nc\n",
    "\t \u{b}\u{c}\u{1}\u{7f}",
    "\u{1b}]0;title\u{7}",
    "!! !$ !touch",
    "'",
    "''",
    "'''\\",
    "\\",
    "\\\\",
    "* ? [a-z] {a,b} < > | & # = %PATH% ^",
    "\u{2018}\u{2019}\u{201c}\u{201d}",
    "ünï→🔑\u{300}\u{200b}\u{feff}\u{fdd0}\u{f600}\u{85}",
    "",
    "  blanks  ",
];

/// What the shell's children see after it read the text for `overlay`.
fn evaluate(shell: &Shell, overlay: &Overlay, home: &Path) -> BTreeMap<String, String> {
    let mut text = Vec::new();
    shell.format.write(overlay, &mut text).expect("the shell takes any text");
    let (program, arguments) = shell.command.split_first().expect("a program");
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("PATH", Env::capture().path("PATH").expect("PATH is set"))
        .env("HOME", home)
        .env("LC_ALL", "C.UTF-8")
        .env("STALE", "inherited")
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{:?} is needed for this test: {error}", shell.command));
    child.stdin.take().expect("piped").write_all(&text).expect("the shell reads it all");
    let output = child.wait_with_output().expect("the shell ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{:?}: {stderr}", shell.command);
    assert!(!home.join("pwned").exists(), "{:?} executed a value", shell.command);
    String::from_utf8(output.stdout)
        .expect("the environment is UTF-8")
        .split_terminator('\0')
        .map(|line| line.split_once('=').expect("env prints NAME=value"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn overlay(values: &[impl AsRef<str>]) -> Overlay {
    let mut overlay = Overlay::default();
    for (name, value) in NAMES.split(' ').zip(values) {
        overlay.set(name, value.as_ref());
    }
    overlay.unset("STALE");
    overlay
}

fn assert_carried(shell: &Shell, values: &[impl AsRef<str>], home: &Path) {
    let seen = evaluate(shell, &overlay(values), home);
    for (name, value) in NAMES.split(' ').zip(values) {
        assert_eq!(seen.get(name).map(String::as_str), Some(value.as_ref()), "{:?}", shell.command);
    }
    assert!(!seen.contains_key("STALE"), "{:?} kept a variable that was unset", shell.command);
}

#[test]
fn hostile_values_arrive_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    for shell in &SHELLS {
        for values in HOSTILE.chunks(COUNT) {
            assert_carried(shell, values, home.path());
        }
    }
}

#[test]
fn any_text_arrives_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let nasty = r#"['"\\$`!#%&;|<>(){}\[\]*?~^= \t\r\nabn0-9\x01-\x7f]{0,12}|[^\x00]{0,8}"#;
    for shell in &SHELLS {
        TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(24) })
            .run(&vec(nasty, COUNT), |values| {
                assert_carried(shell, &values, home.path());
                Ok(())
            })
            .unwrap();
    }
}

/// `eval $(awsx env dev)`, the quotes forgotten: blanks may suffer, but nothing executes.
#[test]
fn forgotten_quotes_execute_nothing() {
    let home = tempfile::tempdir().unwrap();
    let unquoted = &["bash", "-c", "set -f; eval $(cat); env -0"];
    let shell = Shell { format: Format::Sh, command: unquoted };
    for value in HOSTILE {
        let seen = evaluate(&shell, &overlay(&["AKIAEXAMPLE", value]), home.path());
        assert_eq!(seen["AWS_ACCESS_KEY_ID"], "AKIAEXAMPLE");
        assert!(!seen.contains_key("STALE"));
    }
}

#[test]
fn secrets_are_not_printed_on_a_terminal_by_mistake() {
    let error = "error: this would print secrets on the terminal, and change nothing";
    for (shell, line) in [
        ("/bin/bash", "eval \"$(awsx env readonly)\""),
        ("/usr/bin/fish", "awsx env readonly --format fish | source"),
        ("/usr/bin/nu", "awsx env readonly --format nushell | from json | load-env"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.set("SHELL", shell);
        let ran = sandbox.awsx_on_terminal(&["env", "readonly"]).end().exits(2);
        let hint = format!("hint: `{line}` puts them into this shell; --format sh shows them");
        ran.says(error).says(&hint).says_no("AWS_SECRET_ACCESS_KEY");
        assert!(sandbox.aws.calls().is_empty());
    }
    let sandbox = Sandbox::new();
    let line = "awsx env readonly --format zsh | grep -c AWS_SECRET_ACCESS_KEY=";
    sandbox.sh_on_terminal(line).expect("1").end().ok();
}

/// A universal variable of fish is in the environment of every child, whatever is unset.
#[test]
fn fish_says_which_of_its_universal_variables_stay() {
    let home = tempfile::tempdir().unwrap();
    let mut text = Vec::new();
    let mut overlay = Overlay::default();
    overlay.set("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE");
    for name in ["AWS_PROFILE", "AWS_ROLE_ARN", "AWS_SESSION_TOKEN"] {
        overlay.unset(name);
    }
    Format::Fish.write(&overlay, &mut text).unwrap();
    std::fs::write(home.path().join("text"), text).unwrap();
    let script = "set -Ux AWS_PROFILE old; set -U AWS_ROLE_ARN unexported; cat text | source";
    let output = Command::new("fish")
        .args(["-c", script])
        .env_clear()
        .env("PATH", Env::capture().path("PATH").expect("PATH is set"))
        .env("HOME", home.path())
        .current_dir(home.path())
        .output()
        .unwrap();
    let said = "awsx: AWS_PROFILE is a universal variable of fish and stays; to remove it: set -eU \
                AWS_PROFILE\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), said);
}
