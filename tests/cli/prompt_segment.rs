//! `awsx prompt`: what it knows, what it does without, and what shells make of it.

use crate::given::{SETTINGS, wait_for};
use crate::ran::Ran;
use crate::sandbox::{AWSX, CONFIG, Sandbox};

/// What `awsx use readonly` leaves, until a time that does not come.
const IN_USE: &str = "AWS_ACCESS_KEY_ID=ASIAPROMPT AWS_SECRET_ACCESS_KEY=x AWSX_ACCESS_KEY_ID=ASIAPROMPT \
                      AWSX_PROFILE=readonly AWS_ACCOUNT_ID=111111111111";

/// The segment, about which nothing is said.
fn prompt(sandbox: &Sandbox, flags: &[&str]) -> Ran {
    sandbox.awsx(&[&["prompt"], flags].concat()).ok().stderr_is(&[])
}

fn assert_shows(sandbox: &Sandbox, flags: &[&str], expected: &str) {
    assert_eq!(prompt(sandbox, flags).stdout, expected, "{flags:?}");
}

#[test]
fn nothing_is_in_use_at_first() {
    let sandbox = Sandbox::new();
    assert_shows(&sandbox, &[], "");
    assert_shows(&sandbox, &["--shell", "zsh", "--format", "x"], "");
    let document = prompt(&sandbox, &["--json"]).json();
    assert_eq!(document["version"], 1);
    assert!(document["profile"].is_null() && document["state"].is_null(), "{document}");
    sandbox.config("[profile dev\n");
    sandbox.write(SETTINGS, "nonsense");
    assert_shows(&sandbox, &[], "");
}

#[test]
fn a_profile_is_shown_with_account_and_colour() {
    let sandbox = Sandbox::new();
    sandbox.write(
        SETTINGS,
        "[accounts]\n222222222222 = \"billing\"\n[guard.\"prod\"]\ncolour = \"red\"\n",
    );
    sandbox.set("AWS_PROFILE", "prod");
    assert_shows(&sandbox, &[], "prod billing\n");
    let all = "{profile}|{account}|{account_id}|{role}|{region}|{left}|{colour}";
    assert_shows(
        &sandbox,
        &["--format", all],
        "prod|billing|222222222222|Admin|eu-central-1||red\n",
    );
    for (shell, expected) in [
        ("bash", "\\[\x1b[1;31m\\]prod\\[\x1b[0m\\] billing\n"),
        ("zsh", "%{\x1b[1;31m%}prod%{\x1b[0m%} billing\n"),
        ("fish", "\x1b[1;31mprod\x1b[0m billing\n"),
        ("tmux", "#[fg=colour196,bold]prod#[default] billing\n"),
    ] {
        assert_shows(&sandbox, &["--shell", shell], expected);
        assert_shows(&sandbox, &["--shell", shell, "--color", "never"], "prod billing\n");
    }
    sandbox.set("NO_COLOR", "1");
    assert_shows(&sandbox, &["--shell", "zsh"], "prod billing\n");
    sandbox.set("AWS_PROFILE", "readonly");
    assert_shows(&sandbox, &[], "readonly 111111111111\n");
    sandbox.set("AWS_PROFILE", "not there");
    assert_shows(&sandbox, &[], "not there\n");
    sandbox.set("AWS_ACCESS_KEY_ID", "AKIAOTHER");
    sandbox.set("AWS_SECRET_ACCESS_KEY", "x");
    assert_shows(&sandbox, &[], "AKIAOTHER\n");
}

/// What the environment says is shown whatever is wrong with files, and nothing is said of these.
#[test]
fn broken_files_leave_what_the_environment_says() {
    let sandbox = Sandbox::new();
    let names = "[accounts]\n111111111111 = \"lab\"\n[guard.readonly]\ncolour = \"blue\"\n";
    sandbox.write(SETTINGS, names);
    sandbox.set_all(IN_USE);
    sandbox.set("AWS_REGION", "eu-west-3");
    let flags = ["--format", "{profile} {account} {region}[ {role}][ {colour}]"];
    assert_shows(&sandbox, &flags, "readonly lab eu-west-3 ReadOnly blue\n");
    sandbox.config("[profile readonly\nrole_arn");
    assert_shows(&sandbox, &flags, "readonly lab eu-west-3 blue\n");
    sandbox.write(SETTINGS, &format!("{names}nonsense = 1\n"));
    assert_shows(&sandbox, &flags, "readonly 111111111111 eu-west-3\n");
    sandbox.config(CONFIG);
    assert_shows(&sandbox, &flags, "readonly 111111111111 eu-west-3 ReadOnly\n");
    // Nothing of it is read for another's keys.
    sandbox.set("AWSX_ACCESS_KEY_ID", "ASIAOTHER");
    assert_shows(&sandbox, &["--format", "{profile}[ {role}]"], "ASIAPROMPT\n");
}

#[test]
fn what_is_left_is_shown_until_it_has_ended() {
    let sandbox = Sandbox::new();
    let inside = |flags: &[&str]| {
        let args = [&["exec", "readonly"], flags, &["--", AWSX, "prompt"]].concat();
        sandbox.awsx(&args).ok().stdout
    };
    assert_eq!(inside(&[]), "readonly 111111111111 1h\n");
    assert_eq!(inside(&["--server"]), "readonly 111111111111\n");
    sandbox.set_all(IN_USE);
    sandbox.set("AWS_CREDENTIAL_EXPIRATION", "2020-01-01T00:00:00Z");
    assert_shows(&sandbox, &[], "readonly 111111111111 ended\n");
    let in_red = "%{\x1b[1;31m%}ended%{\x1b[0m%}\n";
    assert_shows(&sandbox, &["--shell", "zsh", "--format", "{left}"], in_red);
    let document = prompt(&sandbox, &["--json"]).json();
    assert_eq!(document["state"], "ended");
    assert_eq!(document["seconds_left"], 0);
    assert_eq!(document["expiration"], "2020-01-01T00:00:00Z");
    assert_eq!(document["profile"], "readonly");
    assert_eq!(document["role"], "ReadOnly");
    // A role that a flag led on to is not the profile's.
    sandbox.set("AWS_ACCOUNT_ID", "333333333333");
    assert!(prompt(&sandbox, &["--json"]).json()["role"].is_null());
}

#[test]
fn an_account_has_the_name_that_the_organization_gave_it() {
    let sandbox = Sandbox::new().sso_profiles().logged_in();
    let profile = "corp-account";
    sandbox.config(&format!(
        "{}[profile {profile}]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = \
         Developer\n[profile on]\nrole_arn = arn:aws:iam::222222222222:role/Next\nsource_profile = \
         {profile}\n",
        crate::sandbox::SSO_SESSION
    ));
    sandbox.set("AWS_PROFILE", profile);
    assert_shows(&sandbox, &[], "corp-account 222222222222\n");
    let listed = sandbox.awsx(&["sso", "accounts", "corp", "--json"]).ok().json();
    let accounts = listed["accounts"].as_array().unwrap();
    let one = accounts.iter().find(|one| one["account_id"] == "222222222222").unwrap();
    let name = one["account_name"].as_str().unwrap();
    assert_shows(&sandbox, &[], &format!("corp-account {name}\n"));
    sandbox.set("AWS_PROFILE", "on");
    assert_shows(&sandbox, &[], &format!("on {name}\n"));
    sandbox.unset("AWS_PROFILE");
    sandbox.set_all(IN_USE);
    sandbox.unset("AWSX_PROFILE");
    sandbox.unset("AWS_ACCOUNT_ID");
    sandbox.set("AWSX_ROLE", "corp/222222222222/Developer");
    let named = format!("corp/222222222222/Developer {name} as Developer\n");
    assert_shows(&sandbox, &["--format", "{profile} {account} as {role}"], &named);
    sandbox.write(SETTINGS, "[accounts]\n222222222222 = \"mine\"\n");
    assert_shows(&sandbox, &["--format", "{account}"], "mine\n");
}

/// What each shell shows of the prompt that awsx wrote for it, and whatever else it would do for one.
const SHELLS: [(&str, &str, &str); 6] = [
    ("bash", "bash", "PS1=$(awsx prompt --shell bash); printf '%s' \"${PS1@P}\""),
    ("bash, in quotes", "bash", "PS1='$(awsx prompt --shell bash)'; printf '%s' \"${PS1@P}\""),
    ("zsh", "zsh", "PROMPT=$(awsx prompt --shell zsh); print -nP -- \"$PROMPT\""),
    (
        "zsh, PROMPT_SUBST",
        "zsh",
        "setopt promptsubst; PROMPT=$(awsx prompt --shell zsh); print -nP -- \"$PROMPT\"",
    ),
    (
        "zsh, in quotes",
        "zsh",
        "setopt promptsubst; PROMPT='$(awsx prompt --shell zsh)'; print -nP -- \"$PROMPT\"",
    ),
    ("fish", "fish", "function fish_prompt; awsx prompt --shell fish; end; echo -n (fish_prompt)"),
];

const HOSTILE: [&str; 10] = [
    "$(touch pwned)",
    "`touch pwned`",
    "${x:=$(touch pwned)}",
    "\\$(touch pwned)\\`touch pwned`",
    "\\u\\w\\[\\]",
    "%n%~%(!.a.b)",
    "#(touch pwned)",
    "#{pane_id}#[fg=red]",
    "a\u{1b}[2Jb\u{7}",
    "'\"(touch pwned)\"'; touch pwned",
];

#[test]
fn nothing_in_a_prompt_is_run_or_expanded() {
    let own = std::path::Path::new(AWSX).parent().unwrap();
    for name in HOSTILE {
        let sandbox = Sandbox::new();
        let path = format!("{}:{}", own.display(), sandbox.what_is_set("PATH"));
        sandbox.set("PATH", &path);
        sandbox.set_all(IN_USE);
        sandbox.set("AWSX_PROFILE", name);
        let written = serde_json::Value::from(name).to_string();
        // JSON's escapes are among TOML's.
        sandbox.write(SETTINGS, &format!("[accounts]\n111111111111 = {written}\n"));
        for (docs, shell, script) in SHELLS {
            let kept_out: &[char] = if shell == "fish" { &[] } else { &['$', '`', '\\'] };
            let is_odd = |sign: &char| sign.is_control() || kept_out.contains(sign);
            let shown: String =
                name.chars().map(|sign| if is_odd(&sign) { '?' } else { sign }).collect();
            let mut command = sandbox.command(shell);
            if shell == "zsh" {
                command.arg("-f");
            }
            command.args(["-c", script]);
            command.current_dir(sandbox.home());
            let ran = sandbox.run(&mut command, b"", true).ok().stderr_is(&[]);
            assert_eq!(ran.stdout.trim_end(), format!("{shown} {shown}"), "{docs}: {name}");
            assert!(!sandbox.home().join("pwned").exists(), "{docs}: {name}");
        }
    }
}

/// A tmux in a tmux shows its status line, for which it expands what a command prints.
#[test]
fn nothing_in_the_status_line_of_tmux_is_run_or_expanded() {
    let sandbox = Sandbox::new();
    let name = HOSTILE.join(" ");
    sandbox.set_all(IN_USE);
    sandbox.set("AWSX_PROFILE", &name);
    sandbox.set("TERM", "screen");
    sandbox.write(SETTINGS, "[guard.\"*\"]\ncolour = \"red\"\n");
    let status = format!("set -g status-left '#({AWSX} prompt --shell tmux)'\n");
    sandbox.write("conf", &(status + "set -g status-left-length 500\nset -g status-interval 1\n"));
    let outer = |args: &[&str]| {
        let mut command = sandbox.command("tmux");
        command.args(["-u", "-S", "outer", "-f", "/dev/null"]).args(args);
        sandbox.run(command.current_dir(sandbox.home()), b"", true).ok().stdout
    };
    let inner = "env -u TMUX tmux -u -S inner -f conf new-session 'sleep 60'";
    outer(&["new-session", "-d", "-x", "500", "-y", "5", inner]);
    let shown: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    let expected = format!("{shown} 111111111111");
    wait_for("the status line", || {
        let screen = outer(&["capture-pane", "-p"]);
        assert!(!sandbox.home().join("pwned").exists(), "{screen}");
        screen.contains("111111111111").then(|| assert!(screen.contains(&expected), "{screen}"))
    });
    outer(&["kill-server"]);
    let mut command = sandbox.command("tmux");
    command.args(["-S", "inner", "kill-server"]).current_dir(sandbox.home());
    sandbox.run(&mut command, b"", true);
}

#[test]
fn shells_take_the_marks_around_colours() {
    let sandbox = Sandbox::new();
    sandbox.write(SETTINGS, "[guard.readonly]\ncolour = \"green\"\n");
    sandbox.set_all(IN_USE);
    for (shell, script) in [
        ("bash", format!("PS1=$({AWSX} prompt --shell bash); printf '%s' \"${{PS1@P}}\"")),
        ("zsh", format!("print -nP -- \"$({AWSX} prompt --shell zsh)\"")),
    ] {
        let ran = sandbox.run(sandbox.command(shell).args(["-c", &script]), b"", true).ok();
        assert_eq!(ran.stdout, "\x1b[1;32mreadonly\x1b[0m 111111111111", "{shell}");
    }
}
