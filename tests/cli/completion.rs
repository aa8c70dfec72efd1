//! What TAB offers behind `awsx` in real shells, with what `awsx init` prints in their start files.

use crate::sandbox::{AWSX, Sandbox};
use crate::terminal::Terminal;

struct Shell {
    name: &'static str,
    start_file: &'static str,
    lines: &'static str,
    /// The same with a completion of `zzctl`, which takes `get` and `describe`
    zzctl: &'static str,
    arguments: &'static [&'static str],
    /// How it types a profile with a blank and a quote, behind nothing, `"` and `'`
    odd: [&'static str; 2],
    shows_descriptions: bool,
}

const BASH: Shell = Shell {
    name: "bash",
    start_file: ".bashrc",
    lines: "eval \"$(AWSX init bash)\"\nPS1='% '\nbind 'set show-all-if-ambiguous on'\n\
            bind 'set enable-bracketed-paste off'\n",
    zzctl: "_zzctl() { COMPREPLY=($(compgen -W 'get describe' -- \"$2\")); }\ncomplete -F _zzctl zzctl\n",
    arguments: &["--noprofile", "-i"],
    odd: [r"it\'s\ odd", r#""it's odd""#],
    shows_descriptions: false,
};

const ZSH: Shell = Shell {
    name: "zsh",
    start_file: ".zshrc",
    // What turns completion on may come later.
    lines: "eval \"$(AWSX init zsh)\"\nPS1='%% '\nautoload -Uz compinit\ncompinit -u -d $HOME/dump\n",
    zzctl: "_zzctl() { _values command get describe; }\ncompdef _zzctl zzctl\n",
    arguments: &["-d", "-i"],
    odd: [r"it\'s\ odd", r#""it's odd""#],
    shows_descriptions: true,
};

const FISH: Shell = Shell {
    name: "fish",
    start_file: ".config/fish/config.fish",
    lines: "AWSX init fish | source\nset -g fish_autosuggestion_enabled 0\nfunction fish_prompt; echo '% '; end\n\
            function fish_greeting; end\n",
    zzctl: "complete --command zzctl --no-files --arguments 'get describe'\n",
    arguments: &["-i"],
    odd: [r"it\'s\ odd", r#""it's odd""#],
    shows_descriptions: true,
};

const SHELLS: [&Shell; 3] = [&BASH, &ZSH, &FISH];

const CONFIG: &str = "\
[profile dev]
region = eu-west-1
[profile prod]
role_arn = arn:aws:iam::222222222222:role/Admin
source_profile = dev
[profile \"it's odd\"]
region = us-east-1
[profile corp:Admin]
[sso-session corp-login]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-west-1
[services local]
";

/// At the prompt of a shell.
struct Typing<'a>(Terminal<'a>);

impl Shell {
    fn start<'a>(&self, sandbox: &'a Sandbox, more: &str) -> Typing<'a> {
        let lines = format!("{}{more}", self.lines.replace("AWSX", AWSX));
        sandbox.write_start_file(self.start_file, &lines);
        let mut command = sandbox.command(self.name);
        command.args(self.arguments).env("LC_ALL", "C.UTF-8");
        let mut terminal = Terminal::start_in(sandbox, command, Some((40, 100)));
        terminal.expect_screen(&["%"]);
        Typing(terminal)
    }
}

impl Typing<'_> {
    /// What one TAB makes of the line.
    fn completes(&mut self, typed: &str, line: &str) -> &mut Self {
        self.0.type_text(typed).expect_screen(&[format!("% {typed}").trim_end()]);
        self.0.type_text("\t").expect_screen(&[&format!("% {line}")]);
        self.clear()
    }

    /// What TAB lists.
    fn lists(&mut self, typed: &str, words: &[&str]) -> &mut Self {
        self.0.type_text(typed).expect_screen(&[format!("% {typed}").trim_end()]);
        self.0.type_text("\t");
        for word in words {
            self.0.expect_on_screen(word);
        }
        self.clear()
    }

    /// TAB changes nothing; what follows is inserted behind it.
    fn is_silent(&mut self, typed: &str) -> &mut Self {
        self.0.type_text(typed).expect_screen(&[format!("% {typed}").trim_end()]);
        self.0.type_text("\t.").expect_screen(&[&format!("% {typed}.")]);
        self.clear()
    }

    /// An empty line at the top.
    fn clear(&mut self) -> &mut Self {
        // The end of what was typed, its beginning, the screen.
        self.0.type_text("\x05\x15\x0c").expect_screen(&["%"]);
        self
    }

    fn leave(mut self) {
        self.0.type_line("exit 0").end().ok();
    }
}

fn in_each_shell(
    more: impl Fn(&Shell) -> String,
    sandbox: impl Fn() -> Sandbox,
    act: impl Fn(&Shell, &mut Typing<'_>),
) {
    for shell in SHELLS {
        let sandbox = sandbox();
        let mut typing = shell.start(&sandbox, &more(shell));
        act(shell, &mut typing);
        typing.leave();
    }
}

fn with_config() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(CONFIG);
    sandbox.write(
        ".config/awsx/config.toml",
        "[scopes.deploy]\npolicy = '{}'\n[tags]\nmine = \"d*\"\n",
    );
    sandbox
}

#[test]
fn commands_flags_and_profiles() {
    in_each_shell(
        |_| String::new(),
        with_config,
        |shell, typing| {
            typing
                .completes("awsx exe", "awsx exec")
                .completes("awsx config prof", "awsx config profile")
                .completes("awsx exec --no-ses", "awsx exec --no-session")
                // A flag of every command.
                .completes("awsx exec prod --no-in", "awsx exec prod --no-input")
                .completes("awsx exec pr", "awsx exec prod")
                .completes("awsx use d", "awsx use dev")
                .completes("awsx exec -p d", "awsx exec -p dev")
                .completes("awsx exec --profile=d", "awsx exec --profile=dev")
                .completes("awsx each tag:m", "awsx each tag:mine")
                .completes("awsx exec corp:A", "awsx exec corp:Admin")
                .completes("awsx exec --profile=corp:A", "awsx exec --profile=corp:Admin")
                .completes("awsx exec it", &format!("awsx exec {}", shell.odd[0]))
                .completes("awsx exec it\\'s\\ o", &format!("awsx exec {}", shell.odd[0]))
                .completes("awsx exec \"it's", &format!("awsx exec {}", shell.odd[1]))
                // Other names, which the help does not show.
                .is_silent("awsx lis")
                .is_silent("awsx use --she");
            if shell.shows_descriptions {
                typing.lists("awsx explain ", &["dev", "eu-west-1", "prod", "222222222222 Admin"]);
                typing.lists("awsx keys ", &["rotate", "access key"]);
            } else {
                typing.lists("awsx explain ", &["dev", "prod", "corp:Admin"]);
            }
        },
    );
}

#[test]
fn other_values() {
    in_each_shell(
        |_| String::new(),
        with_config,
        |_, typing| {
            typing
                .completes("awsx login corp-", "awsx login corp-login")
                .completes("awsx login sso p", "awsx login sso prod")
                .completes("awsx config session remove c", "awsx config session remove corp-login")
                .completes("awsx config get --services l", "awsx config get --services local")
                .completes("awsx env --region eu-central-2", "awsx env --region eu-central-2")
                .completes("awsx config set mfa", "awsx config set mfa_serial")
                .completes("awsx console -s cloudt", "awsx console -s cloudtrail")
                .completes("awsx env --region sa", "awsx env --region sa-east-1")
                .completes("awsx env --format fi", "awsx env --format fish")
                .completes("awsx --color al", "awsx --color always")
                .completes("awsx init f", "awsx init fish")
                .completes("awsx help cha", "awsx help chain")
                .completes("awsx -q help explai", "awsx -q help explain")
                .completes("awsx exec dev --scope dep", "awsx exec dev --scope deploy")
                .completes("awsx exec dev --scope read:sq", "awsx exec dev --scope read:sqs")
                .completes("awsx exec dev --scope read:s3,sq", "awsx exec dev --scope read:s3,sqs")
                .completes(
                    "awsx exec dev --policy .config/aw",
                    "awsx exec dev --policy .config/awsx/",
                );
        },
    );
}

/// What was listed of an organization, and what stands in the clear of the keys in the vault.
#[test]
fn accounts_roles_and_keys() {
    let organization = || {
        let sandbox = Sandbox::with_sso(0, 0).logged_in();
        sandbox.awsx(&["sso", "accounts"]).ok();
        sandbox
    };
    in_each_shell(
        |_| String::new(),
        organization,
        |_, typing| {
            typing
                .completes("awsx exec --sso c", "awsx exec --sso corp")
                .completes("awsx env --account Workl", "awsx env --account Workloads\\ Dev")
                .completes(
                    "awsx env --sso corp --account 2",
                    "awsx env --sso corp --account 222222222222",
                )
                .completes(
                    "awsx env --allowed-account 2",
                    "awsx env --allowed-account 222222222222",
                )
                .completes(
                    "awsx env --sso=corp --account Workloads\\ Dev --role Dev",
                    "awsx env --sso=corp --account Workloads\\ Dev --role Developer",
                )
                .is_silent("awsx env --sso corp --account nobodys --role Dev");
        },
    );
    let keys = || Sandbox::without_files().with_stored_keys();
    in_each_shell(
        |_| String::new(),
        keys,
        |_, typing| {
            typing
                .completes("awsx keys rotate d", "awsx keys rotate dev")
                .completes("awsx keys remove d", "awsx keys remove dev");
        },
    );
}

#[test]
fn the_command_that_awsx_starts_is_completed_as_on_its_own() {
    in_each_shell(
        |shell| shell.zzctl.to_owned(),
        with_config,
        |_, typing| {
            typing
                .completes("awsx exec prod -- zzctl g", "awsx exec prod -- zzctl get")
                .completes("awsx exec prod zzctl g", "awsx exec prod zzctl get")
                .completes(
                    "awsx exec -p it\\'s\\ odd --duration 1h zzctl d",
                    "awsx exec -p it\\'s\\ odd --duration 1h zzctl describe",
                )
                .completes(
                    "awsx exec --profile=corp:Admin -- zzctl d",
                    "awsx exec --profile=corp:Admin -- zzctl describe",
                )
                .completes("awsx exec prod -- awsx exec d", "awsx exec prod -- awsx exec dev")
                .completes(
                    "awsx exec prod -- gnome-keyring-d",
                    "awsx exec prod -- gnome-keyring-daemon",
                )
                .completes("awsx exec prod gnome-keyring-d", "awsx exec prod gnome-keyring-daemon")
                .completes(
                    "awsx exec prod -- cat .config/aw",
                    "awsx exec prod -- cat .config/awsx/",
                );
        },
    );
}

/// `complete -C`, as AWS's own completer and terraform's are; and what is loaded when it is asked for.
#[test]
fn bash_asks_programs_and_bash_completion() {
    let sandbox = with_config();
    let program = sandbox.write_mode(
        "completer",
        "#!/bin/sh\necho \"seen:$COMP_LINE:$COMP_POINT\" | tr ' ' _\n",
        0o755,
    );
    let more = format!("complete -C {} tf\n", program.display());
    let mut typing = BASH.start(&sandbox, &more);
    typing.completes("awsx exec prod -- tf pl", "awsx exec prod -- tf seen:tf_pl:5");
    typing.leave();
    let sandbox = with_config();
    let more = ". /usr/share/bash-completion/bash_completion\n";
    let mut typing = BASH
        .start(&sandbox, &format!("{more}{}complete -C {} tf\n", BASH.zzctl, program.display()));
    typing
        .completes("awsx exec prod -- zzctl g", "awsx exec prod -- zzctl get")
        .completes("awsx exec --profile=dev env --unse", "awsx exec --profile=dev env --unset=")
        .completes("awsx exec prod -- tf pl", "awsx exec prod -- tf seen:tf_pl:5");
    typing.leave();
}

/// Nothing of the completions that a package installs, which know no profiles.
#[test]
fn fish_forgets_what_it_knew_of_awsx() {
    let sandbox = with_config();
    let known = "complete --command awsx --no-files --arguments 'production'\n";
    sandbox.write(".config/fish/completions/awsx.fish", known);
    let mut typing = FISH.start(&sandbox, "");
    typing.completes("awsx exec pr", "awsx exec prod").completes("awsx exe", "awsx exec");
    typing.leave();
}

/// TAB renews nothing, and strict shells go on.
#[test]
fn bash_renews_nothing_at_a_tab() {
    let sandbox = with_config();
    let mut typing = BASH.start(&sandbox, BASH.zzctl);
    let due = "set -eu; __awsx_renew() { echo renewed; }; __awsx_due=0; clear";
    typing.0.type_line(due).expect_screen(&["%"]);
    typing
        .completes("awsx exec pr", "awsx exec prod")
        .completes("awsx exec prod zzctl g", "awsx exec prod zzctl get")
        .completes("awsx exec prod nobodys .config/aw", "awsx exec prod nobodys .config/awsx/");
    typing.0.type_line("true").expect("renewed");
    typing.0.type_line("__awsx_due=");
    typing.leave();
}

#[test]
fn a_file_that_cannot_be_read_completes_nothing_and_says_nothing() {
    let broken = || {
        let sandbox = Sandbox::new();
        sandbox.config("[profile dev\nthis is no setting\n");
        sandbox.write(".config/awsx/config.toml", "this is no setting");
        sandbox
    };
    in_each_shell(
        |_| String::new(),
        broken,
        |_, typing| {
            typing
                .is_silent("awsx exec de")
                .is_silent("awsx login de")
                .is_silent("awsx env --account de");
            typing.completes("awsx exe", "awsx exec");
            typing.completes("awsx exec dev --scope read:sq", "awsx exec dev --scope read:sqs");
        },
    );
}

#[test]
fn ten_thousand_profiles_are_narrowed_by_what_was_typed() {
    let many = || {
        let sandbox = Sandbox::new();
        let profiles: String =
            (0..10_000).map(|n| format!("[profile team-{n:05}]\nregion = eu-west-1\n")).collect();
        sandbox.config(&profiles);
        sandbox
    };
    in_each_shell(
        |_| String::new(),
        many,
        |_, typing| {
            typing
                .completes("awsx exec team-09997", "awsx exec team-09997")
                .lists("awsx exec team-0999", &["team-09990", "team-09995", "team-09999"]);
        },
    );
}

/// Where nobody turned on what completes words with what they are.
#[test]
fn zsh_completes_without_compinit() {
    let plain = Shell { lines: "eval \"$(AWSX init zsh)\"\nPS1='%% '\n", ..ZSH };
    let sandbox = with_config();
    let mut typing = plain.start(&sandbox, "");
    typing
        .completes("awsx exec pr", "awsx exec prod")
        .completes("awsx exec it", "awsx exec it\\'s\\ odd")
        .completes("awsx exec prod --no-in", "awsx exec prod --no-input")
        .completes("awsx exec prod -- cat .config/aw", "awsx exec prod -- cat .config/awsx/");
    typing.leave();
}

/// No line, one that is too long, and one that is none: nothing, and no error.
#[test]
fn what_is_no_line_is_answered_with_nothing() {
    let sandbox = with_config();
    for given in [&b""[..], b"awsx\0", b"awsx\0exec", b"\0\0\0", b"\xff\0\xff\0", &[b'x'; 300_000]]
    {
        for shell in ["bash", "zsh", "fish"] {
            let mut command = sandbox.command(AWSX);
            command.args(["__complete", shell]);
            sandbox.run(&mut command, given, true).ok().prints("");
        }
    }
    // Only those who ask for it get it.
    sandbox.awsx(&["__complete", "tcsh"]).fails(2, &["__complete"]);
}
