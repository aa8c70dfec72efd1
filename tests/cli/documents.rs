//! The documents say what the program does.

use std::collections::BTreeSet;
use std::path::Path;

use awsx::cli::command_tree;
use awsx::cli::failure::Kind;

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every word of the form that `keep` wants, in the text.
fn words(text: &str, keep: impl Fn(&str) -> bool) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c)))
        .filter(|word| keep(word))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_command_lines_page_has_every_command_and_flag_and_no_other() {
    let page = document("docs/cli.md");
    let tree = command_tree();
    let mut flags: BTreeSet<String> = ["--help", "--version"].map(str::to_owned).into();
    let mut commands = BTreeSet::new();
    for command in tree.get_subcommands().filter(|command| command.get_name() != "help") {
        commands.insert(command.get_name().to_owned());
        let longs = command.get_arguments().chain(tree.get_arguments());
        flags.extend(longs.filter_map(|flag| Some(format!("--{}", flag.get_long()?))));
    }
    let documented = words(&page, |word| {
        word.strip_prefix("--").is_some_and(|rest| rest.starts_with(char::is_alphabetic))
    });
    assert_eq!(documented, flags, "flags: the page on the left, the program on the right");
    let rows: BTreeSet<String> = page
        .split("`awsx ")
        .skip(1)
        .filter_map(|rest| rest.split([' ', '`']).next())
        .map(str::to_owned)
        .collect();
    assert_eq!(rows, commands, "commands: the page on the left, the program on the right");
}

#[test]
fn the_command_lines_page_has_every_exit_code() {
    let page = document("docs/cli.md");
    for kind in Kind::ALL {
        let (name, code) = kind.contract();
        assert!(page.contains(&format!("| {code} | `{name}` |")), "{code} {name}");
    }
}

/// A variable that the program reads or sets is documented, and the other way round.
#[test]
fn the_command_lines_page_has_every_variable_of_awsx() {
    let is_variable = |word: &str| word.starts_with("AWSX_") && word.len() > 5;
    let documented = words(&document("docs/cli.md"), is_variable);
    let mut used = BTreeSet::new();
    for file in crate::sandbox::files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        used.extend(words(&std::fs::read_to_string(file).unwrap(), is_variable));
    }
    assert_eq!(documented, used, "the page on the left, the sources on the right");
}
