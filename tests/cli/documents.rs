//! The documents say what the program does.

use std::collections::BTreeSet;
use std::path::Path;

use awsx::for_tests::Kind;
use awsx::for_tests::command_tree;

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

/// The flags of a command and of those below it, and the names of those that do something.
fn collect(
    command: &clap::Command,
    path: &str,
    flags: &mut BTreeSet<String>,
    commands: &mut BTreeSet<String>,
) {
    for flag in command.get_arguments() {
        let other_names = flag.get_visible_aliases().unwrap_or_default();
        flags
            .extend(flag.get_long().into_iter().chain(other_names).map(|name| format!("--{name}")));
    }
    // A hidden one is another name.
    let is_shown = |c: &&clap::Command| c.get_name() != "help" && !c.is_hide_set();
    let below: Vec<_> = command.get_subcommands().filter(is_shown).collect();
    if !path.is_empty() && !command.is_subcommand_required_set() {
        commands.insert(path.trim_start().to_owned());
    }
    for command in below {
        collect(command, &format!("{path} {}", command.get_name()), flags, commands);
    }
}

/// The names of the commands, as `mfa add`.
pub(crate) fn commands() -> BTreeSet<String> {
    let mut commands = BTreeSet::new();
    collect(&command_tree(), "", &mut BTreeSet::new(), &mut commands);
    commands
}

#[test]
fn the_command_lines_page_has_every_command_and_flag_and_no_other() {
    let page = document("docs/cli.md");
    let mut flags: BTreeSet<String> = ["--help", "--version"].map(str::to_owned).into();
    let mut commands = BTreeSet::new();
    collect(&command_tree(), "", &mut flags, &mut commands);
    let documented = words(&page, |word| {
        word.strip_prefix("--").is_some_and(|rest| rest.starts_with(char::is_alphabetic))
    });
    assert_eq!(documented, flags, "flags: the page on the left, the program on the right");
    commands.insert("help".to_owned());
    let known = |words: &[&str]| commands.contains(&words.join(" "));
    let rows: BTreeSet<String> = page
        .split("`awsx ")
        .skip(1)
        .filter_map(|rest| {
            let words: Vec<&str> = rest.split('`').next()?.split(' ').take(3).collect();
            // The later words are a command's, or arguments.
            let named = (1..=words.len()).rev().map(|count| &words[..count]).find(|w| known(w));
            Some(named.map_or_else(|| words[0].to_owned(), |words| words.join(" ")))
        })
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

#[test]
fn the_page_of_findings_has_every_code_in_its_order() {
    let page = document("docs/check.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(rows.collect::<Vec<_>>(), awsx::for_tests::finding_codes());
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

/// Whether this is a test: `parallel::who_waited_shares_the_failure` is in `parallel.rs`.
pub(crate) fn is_test(path: &str) -> bool {
    let (module, name) = path.rsplit_once("::").unwrap_or_default();
    let file = format!("tests/cli/{}.rs", module.replace("::", "/"));
    document(&file).contains(&format!("#[test]\nfn {name}()"))
}

/// What the page says awsx does, it shows to do; what another does better is said to be so.
#[test]
fn each_feature_of_the_comparison_names_a_test() {
    let page = document("docs/compare.md");
    let (better, ours) = page.split_once("## Where credentials come from").unwrap();
    let (_, better) = better.split_once("## Where another is better today").unwrap();
    let rows = |text: &str| -> Vec<String> {
        let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
        rows.filter(|row| !row.starts_with("| what |")).map(str::to_owned).collect()
    };
    let is_said = |row: &String| row.contains("| **no**") || row.contains("| *partly*");
    assert!(rows(better).iter().all(is_said) && rows(better).len() > 15, "{better}");
    let ours = rows(ours);
    assert!(ours.len() > 40, "{}", ours.len());
    hold_rows_to_tests(&ours);
}

#[test]
fn each_promise_of_the_security_page_names_a_test() {
    let page = document("docs/security.md");
    let promises = page.split("## What is promised").nth(1).unwrap();
    let rows = promises.lines().filter(|line| line.starts_with("| ")).skip(2);
    let rows: Vec<String> = rows.map(str::to_owned).collect();
    assert!(rows.len() > 10, "{rows:?}");
    hold_rows_to_tests(&rows);
}

fn hold_rows_to_tests(rows: &[String]) {
    for row in rows {
        let tests: Vec<&str> =
            row.split('`').skip(1).step_by(2).filter(|word| word.contains("::")).collect();
        assert!(!tests.is_empty(), "no test: {row}");
        for test in tests {
            assert!(is_test(test), "{test} is no test: {row}");
        }
    }
}
