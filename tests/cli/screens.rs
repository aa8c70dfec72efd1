//! What a person sees at a terminal, and a program does not: a header, colours, lines that fit.

use crate::given::SETTINGS;
use crate::sandbox::{CONFIG, SSO_SESSION, Sandbox};
use crate::terminal::CTRL_C;

/// The lines of a terminal.
fn lines(screen: &str) -> Vec<&str> {
    screen.lines().map(|line| line.trim_end_matches('\r')).collect()
}

#[test]
fn profiles_at_a_terminal_have_a_header() {
    let sandbox = Sandbox::new();
    let piped = sandbox.awsx(&["profiles"]).ok().stdout;
    let shown = sandbox.awsx_in_columns(100, &["profiles"]).ok().stdout;
    let header = "PROFILE   ACCOUNT       ROLE      REGION        FROM";
    assert_eq!(lines(&shown)[0], header);
    assert_eq!(lines(&shown)[2], "prod      222222222222  Admin     eu-central-1  dev, MFA");
    assert!(!piped.contains("PROFILE") && piped.starts_with("dev "), "{piped}");
    assert_eq!(lines(&shown)[1..], lines(&piped), "but for the header it is the same");
}

/// Of whose session is kept, and for whom it is made does not matter: a profile that asks for the same has it too.
#[test]
fn profiles_say_what_is_cached() {
    let sandbox = Sandbox::new();
    let config = sandbox.read_config();
    let again = "[profile again]\nrole_arn = arn:aws:iam::111111111111:role/ReadOnly\nsource_profile = dev\n";
    sandbox.config(&format!(
        "{config}{again}{}",
        again.replace("again", "longer").replace("source", "duration_seconds = 7200\nsource")
    ));
    let before = sandbox.awsx(&["profiles"]).ok().stdout;
    assert!(!before.contains(" left"), "{before}");
    sandbox.exec("readonly", &[]).ok();
    let after = sandbox.awsx(&["profiles"]).ok().stdout;
    let kept: Vec<_> = after.lines().filter(|line| line.contains("  1h left")).collect();
    let names: Vec<_> = kept.iter().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(names, ["readonly", "again"], "{after}");
    let of_words = sandbox.awsx(&["profiles", "left"]).ok().stdout;
    assert_eq!(lines(&of_words).len(), 2, "{of_words}");
    let json = sandbox.awsx(&["profiles", "--json"]).ok().json();
    assert!(json["profiles"]["again"]["cached_until"].is_string(), "{json}");
    assert!(json["profiles"]["longer"]["cached_until"].is_null(), "{json}");
    let shown = sandbox.awsx_in_columns(110, &["profiles"]).ok().stdout;
    assert!(lines(&shown)[0].ends_with("FROM         SESSION"), "{shown}");
}

/// What a profile draws on is drawn too, where the words do not find it.
#[test]
fn the_graph_says_who_becomes_whom() {
    let sandbox = Sandbox::new();
    let draw = |format: &str| sandbox.awsx(&["profiles", "audit", format]).ok().stdout;
    let dot = draw("--dot");
    let expected = r#"  n2 [label="dev\naccess keys"];
  subgraph cluster_1 {
    label="333333333333"; color=gray;
    n0 [label="audit"];
  }
  subgraph cluster_2 {
    label="222222222222"; color=gray;
    n1 [label="prod"];
  }
  n1 -> n0 [label="Audit"];
  n2 -> n1 [label="Admin, MFA"];
}
"#;
    assert!(dot.ends_with(expected), "{dot}");
    let expected = r#"flowchart LR
  n2["dev<br>access keys"]
  subgraph a1["333333333333"]
    n0["audit"]
  end
  subgraph a2["222222222222"]
    n1["prod"]
  end
  n1 -->|"Audit"| n0
  n2 -->|"Admin, MFA"| n1
"#;
    assert_eq!(draw("--mermaid"), expected);
    let page = draw("--html");
    assert!(page.contains(r#""arrows":[[1,0,"Audit"],[2,1,"Admin, MFA"]]"#), "{page}");
}

/// Words, the names that are left.
#[test]
fn profiles_are_filtered_by_words() {
    let sandbox = Sandbox::new();
    for (words, expected) in [
        (&["PROD"][..], &["prod", "audit"][..]),
        (&["2222"], &["prod"]),
        (&["dev", "mfa"], &["prod"]),
        (&["read", "111111111111"], &["readonly"]),
        (&["nothing like it"], &[]),
    ] {
        let found = sandbox.awsx(&[&["profiles"], words].concat()).ok();
        let names: Vec<_> =
            found.stdout.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(names, expected, "{words:?}");
        assert_eq!(found.stderr.contains("`awsx profiles` lists all"), expected.is_empty());
        let json = sandbox.awsx(&[&["profiles", "--json"], words].concat()).ok().json();
        let names: Vec<_> = json["profiles"].as_object().unwrap().keys().collect();
        assert_eq!(names, expected, "{words:?}");
    }
}

#[test]
fn the_tree_stands_below_sessions_and_sources() {
    let sandbox = Sandbox::not_logged_in();
    let tree = || sandbox.awsx(&["profiles", "--tree"]).ok().stdout;
    let expected = "\
corp  not logged in
  sso       222222222222  Developer  -
    behind  111111111111  ReadOnly   -
  foreign   111111111111  Developer  -
old         222222222222  Developer  -  sso
dev         -             -          -  access keys
";
    assert_eq!(tree(), expected);
    sandbox.log_in();
    assert!(tree().starts_with("corp  logged in just now, renews itself\n"), "{}", tree());
}

#[test]
fn colours_show_what_matters() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("{CONFIG}[profile lost]\nrole_arn = arn:aws:iam::111111111111:role/r\nsource_profile = gone\n"));
    let always = |words: &[&str]| sandbox.awsx(&[words, &["--color", "always"]].concat());
    always(&["profiles"]).ok().prints("\u{1b}[31m  ! source_profile names \"gone\"");
    always(&["whoami", "readonly"]).ok().prints("\u{1b}[1marn:aws:sts::");
    always(&["explain", "readonly"]).ok().prints("\u{1b}[32m, cached until ");
    always(&["whoami", "--nonsense"]).exits(2).says("\u{1b}[1;31merror\u{1b}[0m: ");
    // A terminal with all of xterm's shows such as can be read on any background.
    let mut all = sandbox.command(crate::sandbox::AWSX);
    all.args(["whoami", "--nonsense", "--color", "always"]);
    let ran = sandbox.run(all.env("TERM", "xterm-256color"), b"", true).exits(2);
    ran.says("\u{1b}[1;38;5;196merror\u{1b}[0m: ").says("\u{1b}[1;38;5;30mhint");
    for words in [&["profiles"][..], &["profiles", "--color", "never"], &["--help"]] {
        sandbox.awsx(words).ok().prints_no("\u{1b}");
        // NO_COLOR is set there.
        assert!(!sandbox.awsx_in_columns(100, words).ok().stdout.contains('\u{1b}'));
    }
}

#[test]
fn lines_are_broken_between_words() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("{CONFIG}{SSO_SESSION}"));
    for words in [
        &["whoami", "nope"][..],
        &["explain", "audit", "-v"],
        &["login", "sso", "corp", "--no-input"],
        &["exec", "--help"],
        &[],
    ] {
        let whole: String = sandbox.awsx_in_columns(500, words).stdout;
        let broken = sandbox.awsx_in_columns(50, words).stdout;
        let longest = |word: &str| word.len() > 46 || word.contains('`');
        for line in lines(&broken) {
            let fits = line.chars().count() <= 50 || line.split_whitespace().any(longest);
            assert!(fits, "{line:?} of {broken}");
        }
        let text = |screen: &str| screen.split_whitespace().collect::<Vec<_>>().join(" ");
        if words != ["exec", "--help"] {
            assert_eq!(text(&broken), text(&whole));
        }
    }
}

/// The code that a device shows is asked for where no session is cached.
#[test]
fn explain_says_what_will_be_asked_for() {
    let sandbox = Sandbox::new();
    let explain = || sandbox.awsx(&["explain", "prod"]).ok().stdout;
    let asks = "asks     for the MFA code of arn:aws:iam::111111111111:mfa/dev\n";
    assert!(explain().contains(asks), "{}", explain());
    assert_eq!(sandbox.explain("prod")["asks"], serde_json::json!(["mfa-code"]));
    sandbox.awsx(&["explain", "prod", "--mfa-code", "123456"]).ok().prints("asks     nothing\n");
    sandbox.exec("prod", &["--mfa-code", &sandbox.code()]).ok();
    assert!(explain().contains("asks     nothing\n"), "{}", explain());
    sandbox.awsx(&["explain", "prod", "--refresh"]).ok().prints(asks);
    let explained = explain();
    assert!(explained.starts_with("prod: role Admin in 222222222222 ("), "{explained}");
    assert!(explained.contains("AssumeRole Admin in 222222222222, for 1h, cached until"));
    assert!(explained.lines().count() <= 6, "{explained}");

    let sandbox = Sandbox::not_logged_in();
    let ran = sandbox.awsx(&["explain", "sso"]).ok();
    ran.prints("asks     for a login\n")
        .prints("nobody has logged in: run `awsx login sso corp`\n");
    sandbox.log_in();
    sandbox.awsx(&["explain", "sso"]).ok().prints("asks     nothing\n");
}

/// By the clock on the wall, which is two hours ahead here.
#[test]
fn times_are_local() {
    let sandbox = Sandbox::new();
    sandbox.set("TZ", "XXX-2");
    let json = sandbox.whoami("readonly");
    let at = chrono::DateTime::parse_from_rfc3339(json["expiration"].as_str().unwrap()).unwrap();
    let local = (at + chrono::TimeDelta::hours(2)).format("%H:%M");
    sandbox.awsx(&["whoami", "readonly"]).ok().prints(&format!("{local} (in 1h)\n"));
    assert!(json["expiration"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn what_is_no_program_has_its_hint() {
    let sandbox = Sandbox::new();
    sandbox.set("SHELL", "/usr/bin/bash");
    for (words, hint) in [
        (&["echo hi"][..], "without the quotes: `awsx exec readonly -- echo hi`"),
        (
            &["cd", "/tmp"],
            "cd is no program but a word of the shell: `awsx exec readonly` opens one",
        ),
        (&["ll", "planted"], "for an alias of yours: `awsx exec readonly -- bash -ic 'll …'`"),
        (&["ls | wc"], "that is a line for a shell: `awsx exec readonly -- sh -c 'ls | wc'`"),
    ] {
        let ran = sandbox.awsx(&[&["exec", "readonly", "--"], words].concat());
        ran.fails(127, &[hint]).says_no("planted");
    }
    // Where they were typed, the line can be copied.
    let typed = |words| sandbox.awsx_on_terminal(words).end().stdout;
    let shown = typed(&["exec", "readonly", "--", "ll", "a b"]);
    assert!(shown.contains(r"`awsx exec readonly -- bash -ic 'll '\''a b'\'''`"), "{shown}");
    let shown = typed(&["readonly", "aws", "s3", "ls"]);
    assert!(shown.contains("hint: run `awsx exec readonly -- aws s3 ls`"), "{shown}");
}

/// Whoever asks how things stand is told; whoever runs a command is not stopped.
#[test]
fn mistakes_in_the_own_settings_are_said() {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("{CONFIG}{SSO_SESSION}"));
    for (text, said) in [
        ("auto_logn = false\n", "config.toml:1:1: "),
        ("[gaurd.prod]\nconfirm = true\n", "config.toml:1:2: "),
        (
            "[sso.crop]\nregion = \"eu-west-1\"\n",
            "there is no [sso-session crop]; did you mean corp?",
        ),
        ("[sso.corp]\nregion = \"eu-west-1\"\n", ""),
    ] {
        sandbox.write(SETTINGS, text);
        for words in [&["whoami", "readonly"][..], &["explain", "readonly"], &["login", "status"]] {
            let ran = sandbox.awsx(words).ok();
            assert_eq!(
                ran.stderr.contains("warning: ~/.config/awsx/config.toml"),
                !said.is_empty()
            );
            ran.says(said);
        }
        match said.starts_with("config.toml") {
            // What cannot be read may have been a guard.
            true => drop(sandbox.exec("readonly", &[]).fails(3, &[said, "expected one of"])),
            false => drop(sandbox.exec("readonly", &[]).ok().stderr_is(&[])),
        }
    }
}

/// An MFA session may be there, but what it assumes ends after an hour.
#[test]
fn a_long_role_says_why_it_needs_a_code() {
    let sandbox = Sandbox::new();
    sandbox.exec("prod", &["--mfa-code", &sandbox.code()]).ok();
    let why =
        "awsx: a role for 2h needs a code of its own: what an MFA session assumes ends after 1h";
    let mut terminal = sandbox.exec_on_terminal("prod", &["--duration", "2h"]);
    terminal.expect(why).expect("MFA code").type_text(CTRL_C).end().exits(130);
}

/// A question, as every line: broken between words, and answered behind its last one.
#[test]
fn questions_are_broken_between_words() {
    let sandbox = Sandbox::new();
    let mut narrow = sandbox.awsx_in(40, 50, &["exec", "prod", "--", "true"]);
    narrow.expect("MFA code for arn:aws:iam::111111111111:mfa/dev\r\n  (prod): ");
    narrow.type_line(&sandbox.code()).end().ok();

    let mut narrow = sandbox.awsx_in(40, 30, &["mfa", "add", "prod"]);
    let question = "Keep the secret of arn:aws:iam::111111111111:mfa/dev\r\n  all the same? [y/N] ";
    narrow.expect(question);
    let screen = narrow.type_line("n").end().stdout;
    // What a person copies is not broken.
    let fits = |line: &&str| line.chars().count() <= 30 || line.contains("arn:");
    assert!(lines(&screen).iter().all(fits), "{screen}");
}

/// What comes is green and what goes is red, to a person who may see colours.
#[test]
fn changes_of_the_config_file_have_colours() {
    let sandbox = Sandbox::with_sso(1, 2).logged_in();
    let colored = |line: &str| sandbox.sh_on_terminal(&format!("unset NO_COLOR; awsx {line}"));
    let wizard = "config sso --session corp --account 222222222222 --role Developer --region eu-west-1 \
                  --profile-name team";
    let sync = "sso sync --profile-region eu-west-1";
    for (line, added) in [(wizard, "[profile team]"), (sync, "Workloads-Dev/Developer")] {
        let shown = format!("\u{1b}[32m+ {added}\u{1b}[0m\r\n");
        colored(line).expect(&shown).expect("Write it to").type_line("n").end().ok();
        let mut terminal = sandbox.sh_on_terminal(&format!("awsx {line}"));
        terminal.expect(&format!("+ {added}\r\n")).expect("Write it to").type_line("n");
        terminal.end().ok().prints_no("\u{1b}[32m");
        let words: Vec<&str> = line.split(' ').collect();
        let ran = sandbox.awsx(&words).exits(4).prints(&format!("+ {added}\n"));
        ran.prints_no("\u{1b}").says_no("\u{1b}");
    }
    sandbox.awsx(&["sso", "sync", "--profile-region", "eu-west-1", "--yes"]).ok();
    sandbox.aws.control(|state| state.portal.assignments.clear());
    let mut terminal = colored("sso sync --refresh");
    terminal
        .expect("\u{1b}[31m- Workloads-Dev/Developer\u{1b}[0m\r\n")
        .expect("[y/N]")
        .type_line("");
    terminal.end().ok().prints_no("\u{1b}[32m");
}
