//! `awsx use` and TAB in shells that are not like bash: a line ends where something fails, and nothing is unset by a child.

use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox};
use crate::terminal::{CTRL_C, CTRL_Z, Terminal};

/// A shell, and how its person writes things.
struct Shell {
    name: &'static str,
    start_file: &'static str,
    lines: &'static str,
    set_key: &'static str,
    /// What is said of a program that ends with 3
    failure: &'static str,
    shows_descriptions: bool,
}

const NUSHELL: Shell = Shell {
    name: "nu",
    start_file: ".config/nushell/config.nu",
    lines: "$env.config.show_banner = false\n$env.config.use_ansi_coloring = false\n\
            $env.config.bracketed_paste = false\n$env.config.shell_integration.osc133 = false\n\
            $env.config.shell_integration.osc2 = false\n\
            $env.config.history.file_format = \"plaintext\"\n\
            $env.PROMPT_COMMAND = {|| \"\" }\n$env.PROMPT_COMMAND_RIGHT = {|| \"\" }\n\
            $env.PROMPT_INDICATOR = \"% \"\n",
    set_key: "$env.AWS_ACCESS_KEY_ID = 'own'",
    failure: "",
    shows_descriptions: true,
};

const ELVISH: Shell = Shell {
    name: "elvish",
    start_file: ".config/elvish/rc.elv",
    lines: "eval (AWSX init elvish | slurp)\nset edit:prompt = { print '% ' }\nset edit:rprompt = { }\n\
            set edit:max-height = 12\n",
    set_key: "set-env AWS_ACCESS_KEY_ID own",
    failure: "exited with 3",
    shows_descriptions: true,
};

const SHELLS: [&Shell; 2] = [&NUSHELL, &ELVISH];

/// What the shell hands to its children.
const SHOW: &str =
    r#"sh -c 'echo "[${AWSX_PROFILE-none} ${AWS_REGION-none} ${AWS_ACCESS_KEY_ID:+key}]"'"#;

/// At the prompt of a shell.
struct Typing<'a>(Terminal<'a>);

impl Shell {
    fn start<'a>(&self, sandbox: &'a Sandbox) -> Typing<'a> {
        sandbox.write(self.start_file, &self.lines.replace("AWSX", AWSX));
        if self.name == "nu" {
            sandbox.awsx(&["init", "nushell", "--install"]).ok();
        }
        let mut command = sandbox.command(self.name);
        command.env("LC_ALL", "C.UTF-8").env("XDG_RUNTIME_DIR", sandbox.home());
        let mut terminal = Terminal::start_in(sandbox, command, Some((40, 100)));
        terminal.expect_on_screen("%");
        Typing(terminal)
    }
}

impl Typing<'_> {
    /// Types a line, once the shell reads one: what is typed before is lost.
    fn run(&mut self, line: &str) -> &mut Self {
        self.0.expect_last_row("%").type_text(line);
        self.0.expect_last_row(&format!("% {line}")).type_text("\r");
        self
    }

    /// Waits for a text, after what was expected before.
    fn expect(&mut self, text: &str) -> &mut Self {
        self.0.expect(text);
        self
    }

    /// Runs a line, and what the children see then.
    fn sees(&mut self, line: &str, expected: &str) -> &mut Self {
        if !line.is_empty() {
            self.run(line);
        }
        self.run(SHOW).expect(&format!("[{expected}]\r\n"))
    }

    /// What is on the screen after a TAB.
    fn offers(&mut self, typed: &str, seen: &[&str]) -> &mut Self {
        self.run("clear");
        self.0.expect_screen(&["%"]).type_text(typed);
        self.0.expect_last_row(format!("% {typed}").trim_end()).type_text("\t");
        for text in seen {
            self.0.expect_on_screen(text);
        }
        self.0.type_text(CTRL_C);
        self
    }

    fn leave(&mut self) -> Ran {
        self.run("exit").0.end()
    }
}

fn in_each_shell(act: impl Fn(&Shell, &Sandbox, &mut Typing<'_>)) -> [Ran; 2] {
    SHELLS.map(|shell| {
        let sandbox = Sandbox::new();
        sandbox.set("AWS_REGION", "of-before");
        let mut typing = shell.start(&sandbox);
        act(shell, &sandbox, &mut typing);
        typing.leave()
    })
}

#[test]
fn a_profile_is_in_use_until_another_or_none() {
    in_each_shell(|_, _, typing| {
        typing.sees("", "none of-before ");
        typing.run("awsx use -").expect("nothing was in use before");
        typing
            .sees("awsx use -p dev --region us-east-2", "dev us-east-2 key")
            .sees("awsx use readonly", "readonly of-before key")
            .sees("awsx use -", "dev us-east-2 key")
            .sees("awsx use -", "readonly of-before key")
            .sees("awsx use --none", "none of-before ")
            .sees("awsx use -", "readonly of-before key")
            .sees("awsx -v --region us-east-2 use dev", "dev us-east-2 key")
            .sees("awsx -q use -", "readonly of-before key")
            .sees("awsx --region use explain dev", "readonly of-before key")
            .sees("awsx use --none", "none of-before ");
        typing.run("echo in | awsx exec dev -- sh -c 'cat; echo \"$# $1 $2\"' - -a --b");
        typing.expect("in").expect("2 -a --b");
    });
}

#[test]
fn what_cannot_be_used_changes_nothing() {
    let ran = in_each_shell(|shell, _, typing| {
        typing.sees("awsx use dev", "dev of-before key");
        typing.run("awsx use nope").expect("\"nope\"").expect(shell.failure);
        // The rest of the line is not run.
        typing.run("awsx use nope; echo go''es-on").expect("\"nope\"");
        typing.sees("", "dev of-before key");
        typing.run("awsx use --help").expect("Usage: awsx use");
        typing.run("awsx use prod").expect("MFA code").0.type_text(CTRL_Z);
        typing.0.type_text(CTRL_C).expect("cancelled");
        typing.sees("", "dev of-before key");
        typing.run("awsx use").expect("readonly").0.type_text(CTRL_Z);
        typing.0.type_text("readonly\r");
        typing.sees("", "readonly of-before key");
    });
    assert!(ran.iter().all(|ran| !ran.stdout.contains("goes-on")), "{ran:?}");
}

/// An inner shell puts back what it started with.
#[test]
fn shells_in_shells() {
    in_each_shell(|shell, _, typing| {
        typing.sees("awsx use dev", "dev of-before key");
        typing.run(shell.name);
        typing
            .sees("", "dev of-before key")
            .sees("awsx use readonly", "readonly of-before key")
            .sees("awsx use --none", "dev of-before key");
        typing.run("exit");
        typing.sees("", "dev of-before key").sees("awsx use --none", "none of-before ");
    });
}

/// What is about to end is renewed before a command, where nobody has to be asked; else one line says what to do.
#[test]
fn what_ends_is_renewed_before_a_command() {
    const NEW: &str = r#"sh -c 'test "$(cat key)" != "$AWS_ACCESS_KEY_ID" && echo "<""new>"'"#;
    const SAME: &str = r#"sh -c 'test "$(cat key)" = "$AWS_ACCESS_KEY_ID" && echo "<""same>"'"#;
    const KEEP: &str = "sh -c 'echo $AWS_ACCESS_KEY_ID > key; sleep 7'";
    const LINE: &str =
        "awsx: what this shell has is about to end, or has ended: `awsx use prod` renews it\r\n";
    let ran = in_each_shell(|shell, sandbox, typing| {
        sandbox.aws.control(|state| state.iam.longest_session = Some(8));
        typing.sees("awsx use readonly", "readonly of-before key");
        typing.run(KEEP).run(NEW).expect("<new>");
        // A key that the person has put there since is theirs.
        typing.run(shell.set_key).run(KEEP).run(SAME).expect("<same>");
        typing.run("awsx use prod").expect("MFA code").0.type_line(&sandbox.code());
        typing.run(KEEP).run(SAME).expect(LINE).expect("<same>");
        typing.run(SAME).expect("<same>");
        typing.sees("awsx use --none", "none of-before ");
    });
    assert!(ran.iter().all(|ran| ran.stdout.matches(LINE).count() == 1), "{ran:?}");
}

#[test]
fn tab_offers_what_awsx_knows() {
    for shell in SHELLS {
        let sandbox = Sandbox::new();
        sandbox.config(
            "[profile dev]\nregion = eu-west-1\n[profile \"it's odd\"]\nregion = us-east-1\n\
             [profile prod]\nrole_arn = arn:aws:iam::222222222222:role/Admin\nsource_profile = dev\n",
        );
        let mut typing = shell.start(&sandbox);
        typing
            .offers("awsx exe", &["awsx exec"])
            .offers("awsx exec pr", &["awsx exec prod"])
            .offers("awsx exec prod --no-in", &["--no-input"])
            .offers("awsx exec --profile=pr", &["--profile=prod"])
            .offers("awsx use it", &["it's odd"])
            .offers("awsx exec prod -- cat .config/", &["cat .config/"]);
        if shell.shows_descriptions {
            typing.offers("awsx explain ", &["prod", "222222222222 Admin"]);
        }
        typing.leave();
    }
}

/// What is in use stands in the prompt, and nothing that it says is run.
#[test]
fn a_prompt_says_what_is_in_use() {
    for (shell, prompt) in [
        (&NUSHELL, "$env.PROMPT_COMMAND = {|| $\"(awsx_prompt_info)\\n\" }"),
        (&ELVISH, "set edit:prompt = { awsx_prompt_info; print \"\\n% \" }"),
    ] {
        let sandbox = Sandbox::new();
        let mut typing = shell.start(&sandbox);
        typing.run(prompt);
        typing.run("awsx use dev").0.expect_on_screen("dev 12h");
        let put = shell.set_key.replace("AWS_ACCESS_KEY_ID", "AWSX_PROFILE");
        let put = put.replace("own", "$(touch pwned)`touch pwned`").replace(" $(", " '$(");
        let put = if shell.name == "elvish" { format!("{put}'") } else { put };
        typing.run(&put).0.expect_on_screen("$(touch pwned)`touch pwned`");
        typing.leave();
        assert!(!sandbox.home().join("pwned").exists(), "{}", shell.name);
    }
}

/// A start file that is read twice does nothing twice, and a script has no functions.
#[test]
fn start_files_are_found_and_made_once() {
    let sandbox = Sandbox::new();
    for (name, file) in [
        ("nushell", ".config/nushell/autoload/awsx.nu"),
        ("nu", ".config/nushell/autoload/awsx.nu"),
        ("elvish", ".config/elvish/rc.elv"),
        ("pwsh", ".config/powershell/Microsoft.PowerShell_profile.ps1"),
    ] {
        sandbox.awsx(&["init", name, "--install"]).ok().says(file);
        let text = sandbox.read(file);
        sandbox.awsx(&["init", name, "--install"]).ok().says("already");
        assert_eq!(sandbox.read(file), text, "{name}");
    }
    for script in [&["nu", "-c", "awsx use dev"][..], &["elvish", "-c", "awsx use dev"]] {
        let mut command = sandbox.command(script[0]);
        command.args(&script[1..]);
        let own = std::path::Path::new(AWSX).parent().unwrap();
        command.env("PATH", format!("{}:{}", own.display(), sandbox.what_is_set("PATH")));
        sandbox.run(&mut command, b"", true).says("no functions of awsx");
    }
}
