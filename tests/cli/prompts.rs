//! What awsx asks of a person, at a real terminal.

use rustix::process::Signal;

use crate::fake_aws::sample;
use crate::sandbox::{PASSPHRASE, Sandbox};
use crate::terminal::{CTRL_BACKSLASH, CTRL_C, CTRL_D, CTRL_Z, ESCAPE, Terminal};

const MFA: &str = "MFA code for arn:aws:iam::111111111111:mfa/dev (prod): ";

/// Six digits that the device does not show: `last` tells them apart.
fn wrong_code(sandbox: &Sandbox, last: char) -> String {
    let right = sandbox.aws.mfa_code(sample::MFA_SERIAL);
    let first = if right.starts_with('0') { '1' } else { '0' };
    format!("{first}{}{last}", &right[1..5])
}

#[test]
fn the_code_is_asked_for_on_the_terminal_whatever_becomes_of_the_streams() {
    for (docs, line, shown) in [
        ("all of them on it", "awsx exec prod -- sh -c 'echo got $AWSX_PROFILE'", "got prod"),
        ("stdout is captured", r#"eval "$(awsx env prod)"; echo got $AWSX_PROFILE"#, "got prod"),
        (
            "stdout is captured, stderr too",
            "x=$(awsx whoami prod --json 2>&1); echo $x",
            r#""account": "222222222222""#,
        ),
        ("none is the terminal", "awsx whoami prod <input >out 2>err; cat out", "role/Admin"),
        (
            "stdin is the command's",
            "echo for the command | awsx exec prod -- cat",
            "for the command",
        ),
        (
            "an SDK asks",
            "awsx credential-process prod </dev/null >out 2>err; grep -c ASIA out; rm out",
            "1",
        ),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("input", "654321\n");
        let mut terminal = sandbox.sh_on_terminal(line);
        terminal.expect(MFA);
        assert!(terminal.echoes(), "{docs}: a code is shown as it is typed");
        let ran = terminal.type_line(&sandbox.code()).expect(shown).ends().ok();
        assert_eq!(sandbox.aws.count("GetSessionToken"), 1, "{docs}: {ran:?}");
        sandbox.awsx(&["exec", "prod", "--", "true"]).ok();
    }
}

#[test]
fn a_wrong_code_is_asked_for_again_three_times_at_most() {
    for (wrong, sent, code) in [("1", 2, 0), ("12", 3, 0), ("123", 3, 5)] {
        let sandbox = Sandbox::new();
        let mut terminal = sandbox.awsx_on_terminal(&["exec", "prod", "--", "true"]);
        terminal.expect(MFA);
        for last in wrong.chars() {
            terminal.type_line(&wrong_code(&sandbox, last));
            if last != '3' {
                terminal.expect("AWS did not accept that code").expect(MFA);
            }
        }
        if code == 0 {
            terminal.type_line(&sandbox.code());
        }
        let ran = terminal.ends();
        assert_eq!(ran.code, code, "{ran:?}");
        assert_eq!(sandbox.aws.count("GetSessionToken"), sent, "{ran:?}");
        if code != 0 {
            ran.fails(code, &["did not accept the MFA code of", sample::MFA_SERIAL, "3 tried"])
                .fails(code, &["invalid MFA one time pass code", "hint: check that it is the"]);
        }
    }
}

#[test]
fn what_is_no_code_is_not_sent() {
    let sandbox = Sandbox::new();
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "prod", "--", "true"]);
    terminal.expect(MFA);
    for typed in ["", "12345", "1234567", "letmein", "12345x", "١٢٣٤٥٦", "\x1b[A"] {
        terminal.type_line(typed).expect("an MFA code is six digits").expect(MFA);
    }
    let code = sandbox.code();
    terminal.type_line(&format!(" {} {} ", &code[..3], &code[3..])).ends().ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_used_code_is_not_sent_again_and_awsx_waits_for_the_next() {
    let sandbox = Sandbox::new();
    let code = sandbox.code();
    sandbox.awsx(&["exec", "prod", "--mfa-code", &code, "--", "true"]).ok();
    let again = ["exec", "prod", "--refresh", "--", "true"];

    let mut impatient = sandbox.awsx_on_terminal(&again);
    impatient.expect(MFA).type_line(&code).expect("AWS takes each MFA code once; waiting ");
    let ran = impatient.type_text(CTRL_C).ends();
    assert_eq!(ran.code, 130, "{ran:?}");

    let mut patient = sandbox.awsx_on_terminal(&again);
    patient.expect(MFA).type_line(&code).expect("AWS takes each MFA code once; waiting ");
    patient.expect("s for the device's next code");
    patient.expect("that code was already used").expect(MFA);
    patient.type_line(&sandbox.code()).ends().ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);

    let given = ["exec", "prod", "--refresh", "--mfa-code", &code, "--", "true"];
    sandbox.awsx(&given).fails(4, &["was already used", "hint: give the code that the device"]);
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);
}

#[test]
fn a_code_that_aws_never_saw_can_be_given_again() {
    let sandbox = Sandbox::new();
    let code = sandbox.code();
    let words = ["exec", "prod", "--mfa-code", &code, "--", "true"];
    sandbox.set("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    sandbox.awsx(&words).fails(6, &["sts:GetSessionToken", "http://127.0.0.1:1"]);
    sandbox.set("AWS_ENDPOINT_URL", sandbox.aws.url());
    sandbox.awsx(&words).ok();
}

#[test]
fn ending_awsx_at_a_prompt_leaves_nothing_behind() {
    for (docs, key, signal, code) in [
        ("Ctrl-C", CTRL_C, None, 130),
        ("Ctrl-D", CTRL_D, None, 130),
        ("Ctrl-\\", CTRL_BACKSLASH, None, 128 + 3),
        ("a supervisor", "", Some(Signal::TERM), 128 + 15),
        ("the terminal is closed", "", Some(Signal::HUP), 128 + 1),
        ("Ctrl-C after some digits", "123\x03", None, 130),
    ] {
        for (vault, question) in [(true, MFA), (false, "New passphrase for awsx's vault: ")] {
            let sandbox = Sandbox::new();
            if !vault {
                sandbox.unset("AWSX_PASSPHRASE");
            }
            let mut terminal = sandbox.awsx_on_terminal(&["exec", "prod", "--", "touch", "ran"]);
            terminal.expect(question).type_text(key);
            if let Some(signal) = signal {
                terminal.signal(signal);
            }
            let ran = terminal.ends();
            assert_eq!(ran.code, code, "{docs}: {ran:?}");
            assert!(!ran.stderr.contains("panicked") && !ran.stderr.contains("bug"), "{ran:?}");
            assert!(sandbox.aws.calls().is_empty(), "{docs}: {ran:?}");
            assert!(!sandbox.home().join("ran").exists(), "{docs}: {ran:?}");
        }
    }
}

#[test]
fn an_interrupted_eval_runs_nothing() {
    let sandbox = Sandbox::new();
    let line = r#"set -e; out="$(awsx env prod)"; eval "$out"; echo evaluated"#;
    let mut terminal = sandbox.sh_on_terminal(line);
    let ran = terminal.expect(MFA).type_text(CTRL_D).ends();
    assert!(ran.code == 130 && !ran.stdout.contains("evaluated"), "{ran:?}");
    assert!(ran.stdout.contains("cancelled at the prompt"), "{ran:?}");
}

#[test]
fn a_stopped_prompt_is_asked_anew_in_the_foreground() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("bash");
    command.args(["--norc", "--noprofile", "--noediting", "-i"]).env("PS1", "ready> ");
    let mut terminal = Terminal::start(&sandbox, command);
    let awsx = env!("CARGO_BIN_EXE_awsx");
    terminal.expect("ready> ").type_line(&format!("{awsx} whoami prod"));
    terminal.expect(MFA).type_text(CTRL_Z).expect("Stopped").expect("ready> ");
    assert!(terminal.echoes(), "the shell has its terminal back");
    terminal.type_line("fg").expect(MFA).type_line(&sandbox.code()).expect("role/Admin");
    terminal.expect("ready> ").type_line("exit");
    terminal.ends().ok();
}

#[test]
fn where_nobody_can_be_asked_the_way_out_is_said() {
    let hint = ["hint: run `awsx exec prod -- true` in a terminal first, or give --mfa-code CODE"];
    for (docs, line, variable, reason) in [
        ("the flag", "awsx exec prod --no-input -- true", "", "--no-input was given"),
        ("the flag first", "awsx --no-input whoami prod", "", "--no-input was given"),
        ("the variable", "awsx env prod", "1", "AWSX_NO_INPUT is set"),
        ("as a word", "awsx credential-process prod", "true", "AWSX_NO_INPUT is set"),
        ("another session", "setsid -w $AWSX exec prod -- true", "", "there is no terminal"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.set("AWSX_NO_INPUT", variable);
        let ran = sandbox.sh_on_terminal(line).ends();
        ran.fails(4, &["profile \"prod\" needs the MFA code of", sample::MFA_SERIAL, reason])
            .fails(4, &hint);
        assert!(sandbox.aws.calls().is_empty(), "{docs}");
    }
    let sandbox = Sandbox::new();
    sandbox.awsx(&["exec", "prod", "--", "true"]).fails(4, &["there is no terminal", hint[0]]);
}

#[test]
fn without_a_profile_one_is_picked() {
    let words = ["exec", "--", "sh", "-c", "echo got $AWSX_PROFILE"];
    for (typed, code, expected) in [
        ("reado\r", 0, "got readonly"),
        ("\r", 0, "got dev"),
        ("\x1b[A\r", 0, "got readonly"),
        (ESCAPE, 130, "cancelled at the prompt"),
        (CTRL_C, 130, "cancelled at the prompt"),
    ] {
        let sandbox = Sandbox::new();
        let mut terminal = sandbox.awsx_on_terminal(&words);
        let ran = terminal.expect("readonly").type_text(typed).ends();
        assert_eq!(ran.code, code, "{typed:?}: {ran:?}");
        assert!(ran.stdout.contains(expected), "{typed:?}: {ran:?}");
        assert!(!ran.stdout.contains("\x1b[?25l") || ran.stdout.contains("\x1b[?25h"), "{ran:?}");
    }
    let sandbox = Sandbox::new();
    let mut captured = sandbox.sh_on_terminal(r#"eval "$(awsx env)"; echo got $AWSX_PROFILE"#);
    captured.expect("readonly").type_text("readonly\r").expect("got readonly").ends().ok();
    for (docs, line, code, expected) in [
        ("nobody may be asked", "awsx exec --no-input -- true", 8, "name a profile"),
        ("named by a variable", "AWS_PROFILE=readonly awsx exec -- true", 0, ""),
        ("a command that does not offer it", "awsx whoami", 8, "name a profile"),
    ] {
        let ran = sandbox.sh_on_terminal(line).ends();
        assert_eq!(ran.code, code, "{docs}: {ran:?}");
        assert!(ran.stdout.contains(expected), "{docs}: {ran:?}");
    }
}

#[test]
fn a_new_vault_asks_for_its_passphrase_twice_and_then_once_after_a_lock() {
    let sandbox = Sandbox::new();
    sandbox.unset("AWSX_PASSPHRASE");
    let words = ["exec", "readonly", "--", "echo", "ran"];
    let mut new = sandbox.awsx_on_terminal(&words);
    new.expect("New passphrase for awsx's vault: ");
    assert!(!new.echoes(), "a passphrase is not shown");
    new.type_line("").expect("It cannot be empty. New passphrase");
    new.type_line(PASSPHRASE).expect("The same again: ").type_line("another");
    new.expect("The two differ. New passphrase").type_line(PASSPHRASE);
    new.expect("The same again: ").type_line(PASSPHRASE).expect("ran").ends().ok();

    let open = sandbox.awsx_on_terminal(&words).ends().ok();
    assert!(!open.stdout.contains("assphrase"), "{open:?}");

    sandbox.awsx(&["lock"]).ok();
    let hint = "hint: run `awsx unlock`, or set AWSX_PASSPHRASE_FILE or AWSX_PASSPHRASE_COMMAND";
    let nobody = sandbox.awsx(&words);
    nobody.fails(4, &["the vault's passphrase is needed", "there is no terminal", hint]);

    let mut wrong = sandbox.awsx_on_terminal(&words);
    wrong.expect("Passphrase of awsx's vault: ").type_line("one");
    wrong.expect("Wrong. Passphrase").type_line("two").expect("Wrong. Passphrase");
    wrong.type_line("three").ends().fails(7, &["wrong passphrase (from the prompt)", "hint: run"]);

    let mut right = sandbox.awsx_on_terminal(&["unlock"]);
    right.expect("Passphrase of awsx's vault: ").type_line("one").expect("Wrong. Passphrase");
    right.type_line(PASSPHRASE).expect("the vault is open (passphrase) for 8h").ends().ok();
    sandbox.awsx(&words).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn the_vault_is_opened_before_the_code_is_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.unset("AWSX_PASSPHRASE");
    let mut terminal = sandbox.awsx_on_terminal(&["exec", "prod", "--", "true"]);
    terminal.expect("New passphrase").type_line(PASSPHRASE);
    terminal.expect("The same again").type_line(PASSPHRASE);
    terminal.expect(MFA).type_line(&sandbox.code()).ends().ok();
}

#[test]
fn a_command_can_give_the_code_instead() {
    let sandbox = Sandbox::new();
    sandbox.write("planted/code", &sandbox.code());
    sandbox.config(&format!(
        "{}mfa_process = cat planted/code\n",
        "[profile dev]\n[profile prod]\nrole_arn = arn:aws:iam::222222222222:role/Admin\n\
         source_profile = dev\nmfa_serial = arn:aws:iam::111111111111:mfa/dev\n"
    ));
    let ran = sandbox.awsx_on_terminal(&["exec", "prod", "--", "true"]).ends().ok();
    assert!(!ran.stdout.contains("MFA"), "{ran:?}");
    sandbox.write("planted/code", "no code today");
    let refresh = ["exec", "prod", "--refresh", "--", "true"];
    let ran = sandbox.awsx_on_terminal(&refresh).ends();
    ran.fails(4, &["profile \"prod\"", "the output of mfa_process", "six digits"]);
    std::fs::remove_file(sandbox.home().join("planted/code")).unwrap();
    let ran = sandbox.awsx_on_terminal(&refresh).ends();
    ran.fails(4, &["profile \"prod\"", "cat: failed with exit status: 1"]);
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_person_hears_once_that_a_session_without_mfa_cannot_call_iam() {
    let notice = "this session was made without MFA, so AWS refuses it IAM";
    let sandbox = Sandbox::new();
    let words = ["exec", "dev", "--", "true"];
    let unattended = sandbox.awsx(&words).ok();
    assert!(!unattended.stderr.contains(notice), "{unattended:?}");
    let refresh = ["exec", "dev", "--refresh", "--", "true"];
    for (words, is_said) in [
        (&words[..], false),
        (&refresh, true),
        (&words, false),
        (&["exec", "dev", "--refresh", "--quiet", "--", "true"], false),
        (&["exec", "dev", "--refresh", "--no-input", "--", "true"], false),
    ] {
        let ran = sandbox.awsx_on_terminal(words).ends().ok();
        assert_eq!(ran.stderr.contains(notice), is_said, "{words:?}: {ran:?}");
    }
}
