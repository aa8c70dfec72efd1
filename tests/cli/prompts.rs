//! What awsx asks of a person, at a real terminal.

use rustix::process::Signal;

use crate::fake_aws::sample;
use crate::given::NOBODY;
use crate::sandbox::{AWSX, PASSPHRASE, Sandbox};
use crate::terminal::{CTRL_BACKSLASH, CTRL_C, CTRL_D, CTRL_Z, ESCAPE, Terminal};

const MFA: &str = "MFA code for arn:aws:iam::111111111111:mfa/dev (prod): ";

/// Six digits that the device does not show: `last` tells them apart.
fn wrong_code(sandbox: &Sandbox, last: char) -> String {
    let right = sandbox.aws.mfa_code(sample::MFA_SERIAL);
    let first = if right.starts_with('0') { '1' } else { '0' };
    format!("{first}{}{last}", &right[1..5])
}

#[test]
fn the_terminal_is_asked_for_the_code_wherever_the_streams_lead() {
    let sdk = "awsx credential-process prod </dev/null >out 2>err; grep -c ASIA out; rm out";
    for (line, shown) in [
        ("awsx exec prod -- sh -c 'echo got $AWSX_PROFILE'", "got prod"),
        (r#"eval "$(awsx env prod)"; echo got $AWSX_PROFILE"#, "got prod"),
        ("x=$(awsx whoami prod --json 2>&1); echo $x", r#""account": "222222222222""#),
        ("awsx whoami prod <input >out 2>err; cat out", "role/Admin"),
        ("echo for the command | awsx exec prod -- cat", "for the command"),
        (sdk, "1"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.write("input", "654321\n");
        let mut terminal = sandbox.sh_on_terminal(line);
        terminal.expect(MFA);
        assert!(terminal.echoes(), "{line}: a code is shown as it is typed");
        let ran = terminal.type_line(&sandbox.code()).expect(shown).end().ok();
        assert_eq!(sandbox.aws.count("GetSessionToken"), 1, "{ran:?}");
        sandbox.exec("prod", &[]).ok();
    }
}

#[test]
fn a_wrong_code_is_asked_for_again_three_times_at_most() {
    for (wrong, sent, code) in [("1", 2, 0), ("12", 3, 0), ("123", 3, 5)] {
        let sandbox = Sandbox::new();
        let mut terminal = sandbox.exec_on_terminal("prod", &[]);
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
        let ran = terminal.end().exits(code);
        assert_eq!(sandbox.aws.count("GetSessionToken"), sent, "{ran:?}");
        if code != 0 {
            let ran = ran.says("did not accept the MFA code of").says(sample::MFA_SERIAL);
            let words = ["3 tried", "invalid MFA one time pass code", "hint: check that it is the"];
            ran.fails(code, &words);
        }
    }
}

#[test]
fn text_that_is_no_code_is_not_sent() {
    let sandbox = Sandbox::new();
    let mut terminal = sandbox.exec_on_terminal("prod", &[]);
    terminal.expect(MFA);
    for typed in ["", "12345", "1234567", "letmein", "12345x", "١٢٣٤٥٦", "\x1b[A"] {
        terminal.type_line(typed).expect("an MFA code is six digits").expect(MFA);
    }
    let code = sandbox.code();
    terminal.type_line(&format!(" {} {} ", &code[..3], &code[3..])).end().ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_used_code_is_not_sent_again() {
    let sandbox = Sandbox::new();
    let code = sandbox.code();
    sandbox.exec("prod", &["--mfa-code", &code]).ok();
    let mut terminal = sandbox.exec_on_terminal("prod", &["--refresh"]);
    terminal.expect(MFA).type_line(&code).expect("That code was used; the next one comes in ");
    terminal.expect(MFA).type_line(&sandbox.code()).end().ok();
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);

    let error = "error: the MFA code of arn:aws:iam::111111111111:mfa/dev was sent before; AWS takes \
                 each code once";
    let hint = "hint: give the code that the device shows in [..] s";
    let ran = sandbox.exec("prod", &["--refresh", "--mfa-code", &code]).exits(4);
    ran.stderr_is(&[error, hint]);
    assert_eq!(sandbox.aws.count("GetSessionToken"), 2);
}

#[test]
fn a_code_that_never_reached_aws_is_still_good() {
    let sandbox = Sandbox::new();
    let code = sandbox.code();
    sandbox.set("AWS_ENDPOINT_URL", NOBODY);
    sandbox.exec("prod", &["--mfa-code", &code]).fails(6, &["sts:GetSessionToken", NOBODY]);
    sandbox.set("AWS_ENDPOINT_URL", sandbox.aws.url());
    sandbox.exec("prod", &["--mfa-code", &code]).ok();
}

#[test]
fn ending_awsx_at_a_prompt_restores_the_terminal() {
    for (docs, key, signal, code) in [
        ("Ctrl-C", CTRL_C, None, 130),
        ("Ctrl-D", CTRL_D, None, 130),
        ("Ctrl-\\", CTRL_BACKSLASH, None, 128 + 3),
        ("a supervisor", "", Some(Signal::TERM), 128 + 15),
        ("the terminal is closed", "", Some(Signal::HUP), 128 + 1),
        ("Ctrl-C after some digits", "123\x03", None, 130),
    ] {
        for (vault, question) in [(true, MFA), (false, "New passphrase for awsx's vault: ")] {
            let mut sandbox = Sandbox::new();
            if !vault {
                sandbox = sandbox.vault("passphrase");
            }
            let mut terminal = sandbox.awsx_on_terminal(&["exec", "prod", "--", "touch", "ran"]);
            terminal.expect(question).type_text(key);
            if let Some(signal) = signal {
                terminal.signal(signal);
            }
            let ran = terminal.end().exits(code).says_no("panicked").says_no("bug");
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
    let ran = terminal.expect(MFA).type_text(CTRL_D).end().exits(130);
    ran.prints("cancelled at the prompt").prints_no("evaluated");
}

#[test]
fn a_stopped_prompt_is_asked_anew_in_the_foreground() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command("bash");
    command.args(["--norc", "--noprofile", "--noediting", "-i"]).env("PS1", "ready> ");
    let mut terminal = Terminal::start(&sandbox, command);
    terminal.expect("ready> ").type_line(&format!("{AWSX} whoami prod"));
    terminal.expect(MFA).type_text(CTRL_Z).expect("Stopped").expect("ready> ");
    assert!(terminal.echoes(), "the shell has its terminal back");
    terminal.type_line("fg").expect(MFA).type_line(&sandbox.code()).expect("role/Admin");
    terminal.expect("ready> ").type_line("exit").end().ok();
}

/// Only what is drawn over and over is drawn anew for another size.
#[test]
fn a_resized_terminal_is_not_asked_again() {
    let sandbox = Sandbox::new();
    let mut terminal = sandbox.awsx_in(24, 80, &["exec", "prod", "--", "true"]);
    let code = sandbox.code();
    terminal.expect(MFA).type_text(&code[..3]).expect(&code[..3]).resize(24, 90).resize(20, 85);
    let ran = terminal.type_line(&code[3..]).end().ok();
    assert_eq!(ran.stdout.matches(MFA).count(), 1, "{ran:?}");
}

#[test]
fn where_nobody_can_be_asked_the_way_out_is_named() {
    let hint = "hint: run `awsx exec prod -- true` in a terminal first, or give --mfa-code CODE";
    for (docs, line, variable, reason) in [
        ("the flag", "awsx exec prod --no-input -- true", "", "--no-input was given"),
        ("the flag first", "awsx --no-input whoami prod", "", "--no-input was given"),
        ("the variable", "x=$(awsx env prod)", "1", "AWSX_NO_INPUT is set"),
        ("as a word", "awsx credential-process prod", "true", "AWSX_NO_INPUT is set"),
        ("another session", "setsid -w $AWSX exec prod -- true", "", "there is no terminal"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.set("AWSX_NO_INPUT", variable);
        let ran = sandbox.sh_on_terminal(line).end();
        let words = ["profile \"prod\" needs the MFA code of", sample::MFA_SERIAL, reason, hint];
        ran.fails(4, &words);
        assert!(sandbox.aws.calls().is_empty(), "{docs}");
    }
    let sandbox = Sandbox::new();
    sandbox.exec("prod", &[]).fails(4, &["there is no terminal", hint]);
}

#[test]
fn without_a_profile_a_person_picks_one() {
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
        let ran = terminal.expect("readonly").type_text(typed).end().exits(code).prints(expected);
        assert!(!ran.stdout.contains("\x1b[?25l") || ran.stdout.contains("\x1b[?25h"), "{ran:?}");
    }
    let sandbox = Sandbox::new();
    let mut dumb = sandbox.sh_on_terminal("TERM=dumb awsx exec -- sh -c 'echo got $AWSX_PROFILE'");
    let ran = dumb.expect("Profile, or words of it: ").type_line("read").end().ok();
    assert!(ran.prints("got readonly").stdout.find('\x1b').is_none());
    let sandbox = Sandbox::new();
    let mut captured = sandbox.sh_on_terminal(r#"eval "$(awsx env)"; echo got $AWSX_PROFILE"#);
    captured.expect("readonly").type_text("readonly\r").expect("got readonly").end().ok();
    for (line, code, expected) in [
        ("awsx exec --no-input -- true", 8, "name a profile"),
        ("AWS_PROFILE=readonly awsx exec -- true", 0, ""),
        // It does not offer that.
        ("awsx whoami", 8, "name a profile"),
    ] {
        sandbox.sh_on_terminal(line).end().exits(code).prints(expected);
    }
}

#[test]
fn a_new_vault_asks_for_its_passphrase_twice() {
    let sandbox = Sandbox::new().vault("passphrase");
    let words = ["exec", "readonly", "--", "echo", "ran"];
    let mut new = sandbox.awsx_on_terminal(&words);
    new.expect(
        "sessions and logins are kept sealed: choose a passphrase (asked for once in 8 hours)",
    );
    new.expect("New passphrase for awsx's vault: ");
    assert!(!new.echoes(), "a passphrase is not shown");
    new.type_line("").expect("It cannot be empty. New passphrase");
    new.type_line(PASSPHRASE).expect("The same again: ").type_line("another");
    new.expect("The two differ. New passphrase").type_line(PASSPHRASE);
    new.expect("The same again: ").type_line(PASSPHRASE).expect("ran").end().ok();

    sandbox.awsx_on_terminal(&words).end().ok().prints_no("assphrase");

    sandbox.awsx(&["lock"]).ok();
    let hint = "hint: run `awsx unlock` in a terminal, or set AWSX_PASSPHRASE_FILE or \
                AWSX_PASSPHRASE_COMMAND";
    let error =
        "error: the vault's passphrase is needed: nobody can be asked: there is no terminal";
    sandbox.awsx(&words).exits(4).stderr_is(&[error, hint]);

    let mut wrong = sandbox.awsx_on_terminal(&words);
    wrong.expect("Passphrase of awsx's vault: ").type_line("one");
    wrong.expect("Wrong. Passphrase").type_line("two").expect("Wrong. Passphrase");
    wrong.type_line("three").end().fails(
        7,
        &["wrong passphrase (from the prompt)", "hint: run it again; if it is forgotten"],
    );

    let mut right = sandbox.awsx_on_terminal(&["unlock"]);
    right.expect("Passphrase of awsx's vault: ").type_line("one").expect("Wrong. Passphrase");
    right.type_line(PASSPHRASE).expect("the vault is open (passphrase) for 8h").end().ok();
    sandbox.awsx(&words).ok();
    assert_eq!(sandbox.aws.count("AssumeRole"), 1);
}

#[test]
fn a_passphrase_that_is_not_typed_is_called_so() {
    let sandbox = Sandbox::new().vault("passphrase");
    let mut new = sandbox.exec_on_terminal("readonly", &[]);
    new.expect("New passphrase").type_line("").expect("empty").type_line("").expect("empty");
    let ran = new.type_line("").end();
    ran.fails(
        7,
        &["the passphrase is empty (from the prompt)", "hint: run `awsx unlock`, and type one"],
    );
}

#[test]
fn the_passphrase_is_asked_for_before_the_code() {
    let sandbox = Sandbox::new().vault("passphrase");
    let mut terminal = sandbox.exec_on_terminal("prod", &[]);
    terminal.expect("New passphrase").type_line(PASSPHRASE);
    terminal.expect("The same again").type_line(PASSPHRASE);
    terminal.expect(MFA).type_line(&sandbox.code()).end().ok();
}

#[test]
fn a_command_can_give_the_code_instead() {
    let sandbox = Sandbox::new();
    sandbox.write("planted/code", &sandbox.code());
    sandbox.mfa_process("cat planted/code");
    sandbox.exec_on_terminal("prod", &[]).end().ok().prints_no("MFA");
    sandbox.write("planted/code", "no code today");
    let refresh = || sandbox.exec_on_terminal("prod", &["--refresh"]).end();
    refresh().fails(4, &["profile \"prod\"", "the output of mfa_process", "six digits"]);
    std::fs::remove_file(sandbox.home().join("planted/code")).unwrap();
    refresh().fails(4, &["profile \"prod\"", "cat: failed with exit status: 1"]);
    assert_eq!(sandbox.aws.count("GetSessionToken"), 1);
}

#[test]
fn a_session_without_mfa_comes_with_one_notice_about_iam() {
    let notice = "this session was made without MFA, so AWS refuses it IAM";
    let sandbox = Sandbox::new();
    sandbox.exec("dev", &[]).ok().says_no(notice);
    for (flags, is_said) in [
        (&[][..], false),
        (&["--refresh"], true),
        (&[], false),
        (&["--refresh", "--quiet"], false),
        (&["--refresh", "--no-input"], false),
    ] {
        let ran = sandbox.exec_on_terminal("dev", flags).end().ok();
        assert_eq!(ran.stderr.contains(notice), is_said, "{flags:?}: {ran:?}");
    }
}
