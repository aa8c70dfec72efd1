//! `awsx use` in real shells, with what `awsx init` prints in their start files.

use crate::given::SETTINGS;
use crate::ran::Ran;
use crate::sandbox::{AWSX, Sandbox};
use crate::terminal::{CTRL_C, CTRL_Z, Terminal};

/// A shell, its start file, and the line there.
struct Shell {
    name: &'static str,
    start_file: &'static str,
    line: &'static str,
    /// What shows the end of the command before
    code: &'static str,
    arguments: &'static [&'static str],
}

const SHELLS: [Shell; 3] = [
    Shell {
        name: "bash",
        start_file: ".bashrc",
        line: "eval \"$(AWSX init bash)\"\nPS1='% '\n",
        code: "$?",
        arguments: &["--noprofile", "-i"],
    },
    Shell {
        name: "zsh",
        start_file: ".zshrc",
        line: "eval \"$(AWSX init zsh)\"\nPS1='%% '\nunsetopt zle\n",
        code: "$?",
        arguments: &["-d", "-i"],
    },
    Shell {
        name: "fish",
        start_file: ".config/fish/config.fish",
        line: "AWSX init fish | source\nfunction fish_prompt; echo '% '; end\nfunction fish_greeting; end\n",
        code: "$status",
        arguments: &["-i"],
    },
];

/// What the shell hands to its children: each name once, and whether there is a key.
const SHOW: &str =
    r#"sh -c 'echo "[${AWSX_PROFILE-none} ${AWS_REGION-none} ${AWS_ACCESS_KEY_ID:+key}]"'"#;

impl Shell {
    fn start<'a>(&self, sandbox: &'a Sandbox) -> Terminal<'a> {
        sandbox.write_start_file(self.start_file, &self.line.replace("AWSX", AWSX));
        let mut command = sandbox.command(self.name);
        command.args(self.arguments);
        Terminal::start(sandbox, command)
    }
}

/// Runs a line, and what the children see then.
fn sees(terminal: &mut Terminal<'_>, line: &str, expected: &str) {
    terminal.type_line(&format!("{line}; {SHOW}")).expect(&format!("[{expected}]\r\n"));
}

fn in_each_shell(act: impl Fn(&Shell, &Sandbox, &mut Terminal<'_>)) -> [Ran; 3] {
    SHELLS.each_ref().map(|shell| {
        let sandbox = Sandbox::new();
        sandbox.set("AWS_REGION", "of-before");
        let mut terminal = shell.start(&sandbox);
        act(shell, &sandbox, &mut terminal);
        terminal.type_line("exit 0").end()
    })
}

#[test]
fn a_profile_is_in_use_until_another_or_none() {
    in_each_shell(|_, _, terminal| {
        sees(terminal, "true", "none of-before ");
        sees(terminal, "awsx use -", "none of-before ");
        sees(terminal, "awsx use -p dev --region us-east-2", "dev us-east-2 key");
        sees(terminal, "awsx use readonly", "readonly of-before key");
        sees(terminal, "awsx use -", "dev us-east-2 key");
        sees(terminal, "awsx use -", "readonly of-before key");
        sees(terminal, "awsx use --none", "none of-before ");
        sees(terminal, "awsx use -", "readonly of-before key");
        sees(terminal, "awsx use --none", "none of-before ");
        sees(terminal, "awsx use --none", "none of-before ");
        // Flags of every command may come first, with values that are called like commands.
        sees(terminal, "awsx -v --region us-east-2 use dev", "dev us-east-2 key");
        sees(terminal, "awsx -q use -", "none of-before ");
        sees(terminal, "awsx --region=use use dev", "dev use key");
        sees(terminal, "awsx --region use explain readonly", "dev use key");
        sees(terminal, "awsx -q use --none", "none of-before ");
    });
}

#[test]
fn what_cannot_be_used_changes_nothing() {
    in_each_shell(|shell, _, terminal| {
        let code = format!("; echo \"<{}>\"", shell.code);
        sees(terminal, "awsx use dev", "dev of-before key");
        terminal.type_line(&format!("awsx use nope{code}")).expect("\"nope\"").expect("<3>");
        sees(terminal, "true", "dev of-before key");
        terminal
            .type_line(&format!("awsx use --help{code}"))
            .expect("Usage: awsx use")
            .expect("<0>");
        terminal.type_line(&format!("awsx use --none dev{code}")).expect("error: ").expect("<2>");
        terminal.type_line(&format!("awsx use dev --none{code}")).expect("error: ").expect("<2>");
        terminal.type_line(&format!("awsx use - dev{code}")).expect("error: ").expect("<2>");
        terminal.type_line(&format!("awsx use prod --no-input{code}")).expect("MFA").expect("<4>");
        // What the shell waits for cannot be stopped: nobody would get the shell back.
        terminal.type_line("awsx use prod").expect("MFA code").type_text(CTRL_Z);
        terminal.type_text(CTRL_C).expect("cancelled");
        sees(terminal, "true", "dev of-before key");
        terminal.type_line("awsx use").expect("readonly").type_text(CTRL_Z);
        terminal.type_text("readonly\r");
        sees(terminal, "true", "readonly of-before key");
    });
}

/// An inner shell puts back what it started with.
#[test]
fn shells_in_shells() {
    in_each_shell(|shell, _, terminal| {
        sees(terminal, "awsx use dev", "dev of-before key");
        terminal.type_line(&format!("{} {}", shell.name, shell.arguments.join(" ")));
        sees(terminal, "true", "dev of-before key");
        sees(terminal, "awsx use readonly", "readonly of-before key");
        sees(terminal, "awsx use --none", "dev of-before key");
        terminal.type_line("exit 0");
        sees(terminal, "true", "dev of-before key");
        sees(terminal, "awsx use --none", "none of-before ");
    });
}

/// What is about to end is renewed before a command, where nobody has to be asked; else one line says what to do.
#[test]
fn what_ends_is_renewed_before_a_command() {
    const NEW: &str = r#"sh -c 'test "$(cat key)" != "$AWS_ACCESS_KEY_ID" && echo "<""new>"'"#;
    const SAME: &str = r#"sh -c 'test "$(cat key)" = "$AWS_ACCESS_KEY_ID" && echo "<""same>"'"#;
    const KEEP: &str = "sh -c 'echo $AWS_ACCESS_KEY_ID > key'; sleep 7";
    const LINE: &str =
        "awsx: what this shell has is about to end, or has ended: `awsx use prod` renews it\r\n";
    let ran = in_each_shell(|shell, sandbox, terminal| {
        sandbox.aws.control(|state| state.iam.longest_session = Some(8));
        sees(terminal, "awsx use readonly", "readonly of-before key");
        terminal.type_line(KEEP).type_line(NEW).expect("<new>");
        // A key that the person has put there since is theirs.
        let theirs = match shell.name {
            "fish" => "set -gx AWS_ACCESS_KEY_ID own; set -g __awsx_due 0",
            _ => "export AWS_ACCESS_KEY_ID=own __awsx_due=0",
        };
        let keep = KEEP.replace("sleep 7", "true");
        terminal.type_line(&format!("{theirs}; {keep}")).type_line(SAME).expect("<same>");
        terminal.type_line("awsx use prod").expect("MFA code").type_line(&sandbox.code());
        terminal.type_line(KEEP).type_line(SAME).expect(LINE).expect("<same>");
        terminal.type_line(SAME).expect("<same>");
        sees(terminal, "awsx use --none", "none of-before ");
    });
    assert!(ran.iter().all(|ran| ran.stdout.matches(LINE).count() == 1), "{ran:?}");
}

#[test]
fn a_script_has_no_functions_and_strict_shells_go_on() {
    for shell in &SHELLS {
        let sandbox = Sandbox::new();
        sandbox.write(shell.start_file, &shell.line.replace("AWSX", AWSX));
        let script = match shell.name {
            "fish" => "functions -q awsx; or echo none".to_owned(),
            _ => {
                let line = shell.line.lines().next().unwrap().replace("AWSX", AWSX);
                format!("set -eu; {line}; typeset -f awsx || echo none")
            }
        };
        let mut command = sandbox.command(shell.name);
        command.args(["-c", &script]);
        sandbox.run(&mut command, b"", true).ok().prints("none\n");
    }
    for shell in &SHELLS[..2] {
        let sandbox = Sandbox::new();
        let mut terminal = shell.start(&sandbox);
        terminal.type_line("set -eu");
        sees(&mut terminal, "awsx use dev", "dev eu-west-1 key");
        sees(&mut terminal, "awsx use --none", "none none ");
        sees(&mut terminal, "awsx use - && awsx use readonly && awsx use -", "dev eu-west-1 key");
        terminal.type_line("exit 0").end().ok();
    }
}

/// awsx is not started at a prompt where nothing is in use, and nothing that it says is run.
#[test]
fn a_prompt_says_what_is_in_use() {
    for (shell, line) in SHELLS.into_iter().zip([
        "eval \"$(AWSX init bash)\"\nunset NO_COLOR\nPS1='$(awsx_prompt_info)|$?>% '\n",
        "eval \"$(AWSX init zsh)\"\nunset NO_COLOR\nsetopt prompt_subst\n\
         PROMPT='$(awsx_prompt_info)|$?>%% '\nunsetopt zle\n",
        "AWSX init fish | source\nset -e NO_COLOR\nfunction fish_greeting; end\n\
         function fish_prompt; awsx_prompt_info; echo \"|$status>% \"; end\n",
    ]) {
        let sandbox = Sandbox::new();
        sandbox.write(SETTINGS, "[guard.\"*\"]\ncolour = \"green\"\n");
        let shell = Shell { line, ..shell };
        let mut terminal = shell.start(&sandbox);
        let code = "sh -c 'exit 3'";
        terminal.expect("|0>% ").type_line(code).expect("|3>% ");
        terminal.type_line("awsx use readonly").expect("\x1b[1;32mreadonly").expect("|0>% ");
        terminal.type_line(code).expect("\x1b[1;32mreadonly").expect("|3>% ");
        let (put, seen) = match shell.name {
            "fish" => ("set -gx AWSX_PROFILE", "$(touch pwned)`touch pwned`"),
            _ => ("export AWSX_PROFILE=", "?(touch pwned)?touch pwned?"),
        };
        let hostile = "'$(touch pwned)`touch pwned`'";
        let put = put.replace("PROFILE=", &format!("PROFILE={hostile}"));
        let blank = if shell.name == "fish" { format!(" {hostile}") } else { String::new() };
        terminal.type_line(&format!("{put}{blank}")).expect(&format!("\x1b[1;32m{seen}"));
        terminal.expect(">% ");
        sandbox.write("shop/.awsx.toml", "profile = \"dev\"\n");
        terminal.type_line("awsx use --none; mkdir -p shop/a; cd shop/a; awsx trust");
        terminal.expect("here and below? [y/N]").type_line("y");
        terminal.expect("\x1b[1;32mdev").expect(" by .awsx.toml|0>% ");
        terminal.type_line("cd /").expect("cd /").expect("|0>% ").type_line("exit 0").end();
        assert!(!sandbox.home().join("pwned").exists(), "{}", shell.name);
    }
    for shell in &SHELLS {
        let sandbox = Sandbox::new();
        sandbox.write(shell.start_file, &shell.line.replace("AWSX", AWSX));
        let mut command = sandbox.command("strace");
        command.args(["-f", "-qq", "-e", "trace=execve", "-o", "planted-trace", shell.name]);
        command.args(shell.arguments).args(["-c", "awsx_prompt_info; awsx_prompt_info"]);
        command.current_dir(sandbox.home());
        sandbox.run(&mut command, b"", true).ok();
        let started = sandbox.read("planted-trace");
        let count = started.lines().filter(|line| line.contains(&format!("\"{AWSX}\""))).count();
        // For `awsx init`.
        assert_eq!(count, 1, "{}: {started}", shell.name);
    }
}

/// What others do before a command goes on, and a start file that is read twice does it once.
#[test]
fn bash_keeps_what_others_do_before_a_command() {
    let sandbox = Sandbox::new();
    let line = "trap 'x=$((${x-0} + 1))' DEBUG\n";
    let init = SHELLS[0].line.replace("AWSX", AWSX);
    sandbox.write(".bashrc", &format!("{line}{init}{init}"));
    let mut command = sandbox.command("bash");
    command.args(SHELLS[0].arguments);
    let mut terminal = Terminal::start(&sandbox, command);
    terminal.type_line("trap -p DEBUG | grep -c __awsx_before").expect("1\r\n");
    terminal.type_line("y=$x; true; echo \"<$((x - y))>\"").expect("<2>");
    terminal.type_line("exit 0").end().ok();
    let mut terminal = SHELLS[0].start(&sandbox);
    terminal.type_line("true last; echo \"<$_>\"").expect("<last>");
    terminal.type_line("false; echo \"<$?>\"").expect("<1>");
    terminal.type_line("exit 0").end().ok();
}

/// What is read later may take the place before a command, and go on with what was there: VS Code's terminal does.
#[test]
fn bash_goes_on_below_what_comes_later() {
    let later = "eval \"before=($(trap -p DEBUG))\"\n\
                 once() { [ \"$is_at_prompt\" = no ] || { is_at_prompt=no; eval \"${before[2]}\"; }; }\n\
                 trap 'once \"$_\"' DEBUG\nPROMPT_COMMAND='is_at_prompt=yes'\n";
    let sandbox = Sandbox::new();
    let mut terminal =
        Shell { line: Box::leak(format!("{}{later}", SHELLS[0].line).into()), ..SHELLS[0] }
            .start(&sandbox);
    terminal.type_line("__awsx_renew() { __awsx_due=; echo \"<$1>\"; }; __awsx_due=0");
    terminal.type_line("echo one; echo two").expect("<echo one>\r\none\r\ntwo");
    sees(&mut terminal, "awsx use dev", "dev eu-west-1 key");
    terminal.type_line("exit 0").end().ok();
}

/// Without a name it is the shell that calls, else that of `SHELL`.
#[test]
fn init_knows_the_shell_that_calls() {
    let sandbox = Sandbox::new();
    for (shell, variable, expected) in [
        ("bash", "/bin/zsh", "trap -p DEBUG"),
        ("zsh", "/bin/bash", "compdef"),
        ("fish", "/bin/bash", "fish_preexec"),
        ("nu", "/bin/bash", "pre_execution"),
        ("elvish", "/bin/bash", "edit:after-readline"),
        ("dash", "/usr/bin/fish", "fish_preexec"),
        ("dash", "/usr/bin/pwsh", "PSConsoleHostReadLine"),
    ] {
        sandbox.set("SHELL", variable);
        let mut command = sandbox.command(shell);
        // It does not become awsx.
        command.args(["-c", &format!("{AWSX} init; echo end")]);
        let ran = sandbox.run(&mut command, b"", true).ok();
        assert!(ran.stdout.contains(expected), "{shell}: {}", ran.stdout);
    }
    sandbox.set("SHELL", "/bin/tcsh");
    let mut command = sandbox.command("dash");
    command.args(["-c", &format!("{AWSX} init; exit $?")]);
    sandbox.run(&mut command, b"", true).fails(2, &["which shell", "`awsx init bash --install`"]);
}

#[test]
fn a_shell_without_functions_says_what_to_do() {
    let sandbox = Sandbox::new();
    for (shell, name) in [
        ("/bin/bash", "bash"),
        ("/bin/zsh", "zsh"),
        ("/usr/bin/fish", "fish"),
        ("/bin/tcsh", "bash"),
    ] {
        sandbox.set("SHELL", shell);
        sandbox.awsx(&["use", "dev"]).fails(2, &[&format!("`awsx init {name} --install`")]);
    }
    sandbox.awsx(&["use", "--shell=bash"]).fails(2, &["no profile is named"]);
    sandbox.awsx(&["init", "tcsh"]).fails(2, &["bash, zsh, fish"]);
    sandbox.awsx_on_terminal(&["init", "zsh"]).expect("`awsx init zsh --install`").end().exits(2);
    for shell in SHELLS {
        for said in ["TAB work in new shells", "has that line already"] {
            sandbox.awsx(&["init", shell.name, "--install"]).ok().says(said);
        }
        assert!(sandbox.read(shell.start_file).contains(&format!("awsx init {}", shell.name)));
    }
    sandbox.set("ZDOTDIR", "elsewhere");
    sandbox.awsx(&["init", "zsh", "--install"]).ok().says("elsewhere/.zshrc ends with ");
    std::fs::remove_file(sandbox.home().join(".bashrc")).unwrap();
    sandbox.write(".bashrc/x", "");
    sandbox
        .awsx(&["init", "bash", "--install"])
        .fails(1, &["cannot be changed", "put this line there yourself: eval"]);
}
