//! The man pages and completions of a release: what is in them, and that real shells take them.
//!
//! PowerShell and elvish cannot be installed from the registries that CI reaches.

#[path = "../../examples/pages/completions.rs"]
mod completions;
#[path = "../../examples/pages/man.rs"]
mod man;
#[path = "../../examples/pages/story.rs"]
pub(crate) mod story;
#[path = "../../examples/pages/tree.rs"]
mod tree;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use awsx::for_tests::command_tree;
use tempfile::TempDir;

use crate::sandbox::{Sandbox, files_below};
use crate::terminal::Terminal;

fn made(write: fn(&Path) -> std::io::Result<()>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path()).unwrap();
    folder
}

fn names_below(command: &clap::Command, name: &str, names: &mut BTreeSet<String>) {
    names.insert(format!("{name}.1"));
    for below in command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
        names_below(below, &format!("{name}-{}", below.get_name()), names);
    }
}

#[test]
fn each_command_has_a_man_page_and_no_hidden_one_has() {
    let folder = made(man::write);
    let mut commands = BTreeSet::new();
    names_below(&command_tree(), "awsx", &mut commands);
    assert!(commands.contains("awsx-sso-sync.1") && !commands.contains("awsx-sso-login.1"));
    let files = files_below(folder.path());
    let name = |file: &Path| file.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(files.iter().map(|file| name(file)).collect::<BTreeSet<_>>(), commands);
    for file in files {
        let page = std::fs::read_to_string(&file).unwrap();
        let heading = |section: &str| section.lines().next().unwrap().trim_matches('"').to_owned();
        let own: Vec<String> = page.split(".SH ").skip(1).map(heading).collect();
        let has = |heading: &str| own.iter().any(|own| own == heading);
        assert_eq!(own[..3], ["NAME", "SYNOPSIS", "DESCRIPTION"]);
        let is_group = page.contains(".SH SUBCOMMANDS") && name(&file) != "awsx-login.1";
        assert!(has("EXAMPLES") || is_group, "{}: {own:?}", name(&file));
        let is_top = name(&file) == "awsx.1";
        assert!(page.starts_with(".TH awsx") && page.contains(" 1 \"\" \"awsx 0."), "{page}");
        assert_eq!(page.contains(r"\-\-no\-input"), is_top, "the flags of every command: {own:?}");
        assert_eq!(has("EXIT STATUS") && has("ENVIRONMENT"), is_top);
    }
}

/// On a terminal of 80 columns, which has no other letters than those of ASCII.
#[test]
fn each_man_page_is_readable_at_80_columns() {
    let folder = made(man::write);
    let mut with_screens = 0;
    for file in files_below(folder.path()) {
        let source = std::fs::read_to_string(&file).unwrap();
        assert!(source.is_ascii(), "{}", file.display());
        with_screens += usize::from(source.contains("At a terminal"));
        let page = file.to_str().unwrap();
        // -ww: all warnings, of which none is said.
        let seen = output(&["groff", "-Tascii", "-mandoc", "-ww", "-rLL=80n", "-P-bcou", page]);
        let long: Vec<&str> = seen.lines().filter(|line| line.len() > 80).collect();
        assert!(long.is_empty(), "{page}: {long:#?}");
        assert!(seen.contains("\nNAME\n") && !seen.contains("see a summary with"), "{seen}");
    }
    assert!(with_screens > 15, "{with_screens}");
}

/// What a shell prints without a terminal.
fn output(command: &[&str]) -> String {
    let output = Command::new(command[0]).args(&command[1..]).output();
    let output = output.unwrap_or_else(|error| panic!("{}: {error}", command[0]));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// A person presses the key that completes.
#[test]
fn bash_and_zsh_complete_at_a_terminal() {
    let folder = made(completions::write);
    let sandbox = Sandbox::new();
    let zsh = "fpath=($PAGES $fpath); autoload -U compinit; compinit -u -d $HOME/dump";
    for (shell, load) in [
        (&["bash", "--norc", "--noprofile", "-i"][..], "source $PAGES/awsx.bash"),
        (&["zsh", "-f", "-i"], zsh),
    ] {
        let mut command = sandbox.command(shell[0]);
        command.args(&shell[1..]).env("PAGES", folder.path()).env("PS1", "> ");
        let mut terminal = Terminal::start(&sandbox, command);
        terminal.expect("> ").type_line(load).expect("> ");
        terminal.type_text("awsx exe\t").expect("awsx exec");
        terminal.type_text("--no-ses\t").expect("--no-session").type_text("\x15");
        // A flag of every command, and a command below another one.
        terminal.type_text("awsx --no-in\t").expect("--no-input").type_text("\x15");
        terminal.type_text("awsx login stat\t").expect("status").type_text("\x15");
        terminal.type_line("exit").end();
    }
}

#[test]
fn fish_and_nushell_take_the_completions() {
    let folder = made(completions::write);
    let path = folder.path().display();
    let fish = |line: &str| {
        let script = format!("source {path}/awsx.fish; complete -C '{line}'");
        let found = output(&["fish", "--no-config", "-c", &script]);
        let words = found.lines().map(|line| line.split('\t').next().unwrap().to_owned());
        words.collect::<Vec<_>>()
    };
    assert_eq!(fish("awsx ex"), ["exec", "explain"]);
    assert_eq!(fish("awsx sso "), ["accounts", "roles", "sync"]);
    assert_eq!(fish("awsx exec --color a"), ["always", "auto"]);
    let script = format!("use {path}/awsx.nu *; scope externs | get name | to text");
    let found = output(&["nu", "--no-config-file", "-c", &script]);
    let found: BTreeSet<&str> = found.lines().filter(|name| name.starts_with("awsx")).collect();
    let mut commands = BTreeSet::new();
    names_below(&command_tree(), "awsx", &mut commands);
    assert_eq!(found.len(), commands.len(), "{found:?}");
    assert!(found.contains("awsx exec") && !found.contains("awsx sso login"), "{found:?}");
}

#[test]
fn no_completion_names_what_is_hidden() {
    let folder = made(completions::write);
    let files = files_below(folder.path());
    assert_eq!(files.len(), 6, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for name in ["sso login", "sso;login", "sso__login", "sso__subcmd__login", "logout session"]
        {
            assert!(!text.contains(name), "{}: {name}", file.display());
        }
        assert!(text.contains("credential-process"), "{}", file.display());
    }
}
