//! Every sentence of `tests/cmd`, and every good one of `docs/style.md`, held to what of the style a program
//! can check.

use std::path::Path;

use awsx::for_tests::command_tree;

/// What begins a line of awsx on stderr.
const SPEAKS: [&str; 4] = ["error: ", "hint: ", "warning: ", "awsx: "];

/// What awsx never says.
const NEVER: [&str; 12] = [
    "please",
    "sorry",
    "oops",
    "invalid",
    "illegal",
    "unable to",
    "failed to",
    "could not find",
    "successfully",
    "unexpected argument",
    "unrecognized",
    "for more information",
];

/// What is wrong with a line that awsx says.
fn flaws(line: &str) -> Vec<String> {
    let Some(said) = SPEAKS.iter().find_map(|start| line.strip_prefix(start)) else {
        return Vec::new();
    };
    let mut flaws = Vec::new();
    let mut check = |is_wrong: bool, rule: &str| {
        if is_wrong {
            flaws.push(format!("{rule}: {line}"));
        }
    };
    let first = said.split([' ', '=']).next().unwrap_or_default();
    let is_sentence_case =
        first.starts_with(char::is_uppercase) && first.chars().skip(1).any(char::is_lowercase);
    check(is_sentence_case, "begins with a capital");
    check(said.ends_with(['.', '!']) && !said.ends_with('…'), "ends with a full stop");
    check(said.contains('!'), "shouts");
    check(said.contains(". "), "is more than one sentence");
    check(said.contains("  "), "has two blanks");
    check(said.contains("[HOME]/."), "has the whole home directory");
    check(said.matches('`').count() % 2 == 1, "leaves a command open");
    let is_time = |word: &str| word.ends_with('Z') && word.len() == 20 && word.contains('T');
    let times = said.split([' ', ',', ')', '(']).filter(|word| is_time(word)).count();
    check(times > 0 && !said.contains("such as"), "has a time for programs");
    let low = said.to_lowercase();
    for words in NEVER {
        check(low.contains(words), &format!("says \"{words}\""));
    }
    for command in said.split('`').skip(1).step_by(2) {
        let problem = flaw_of_command(command);
        check(problem.is_some(), problem.as_deref().unwrap_or_default());
    }
    flaws
}

/// What keeps a command of awsx from being understood as it is given.
pub(crate) fn flaw_of_command(line: &str) -> Option<String> {
    let mut words = line.split(' ').skip_while(|word| *word != "awsx").skip(1).peekable();
    words.peek()?;
    let mut command = command_tree();
    command.build();
    while let Some(below) = words.peek().and_then(|word| command.find_subcommand(word)).cloned() {
        command = below;
        words.next();
    }
    let is_first_word = command.get_name() == "awsx";
    for word in words.take_while(|word| *word != "--") {
        let Some(flag) = word.strip_prefix("--") else {
            if is_first_word {
                return Some(format!("there is no command {word}"));
            }
            continue;
        };
        let flag = flag.split(['=', ')']).next().unwrap_or_default();
        let is_flag = |arg: &clap::Arg| {
            let aliases = arg.get_visible_aliases().unwrap_or_default();
            arg.get_long() == Some(flag) || aliases.contains(&flag)
        };
        if !command.get_arguments().any(is_flag) {
            return Some(format!("`{}` has no --{flag}", command.get_name()));
        }
    }
    None
}

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_sentence_is_in_style() {
    let mut flaws = Vec::new();
    for file in
        crate::sandbox::files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd"))
    {
        if file.extension().is_none_or(|end| end != "trycmd") {
            continue;
        }
        let screens = text(file.to_str().unwrap());
        let lines: Vec<&str> = screens.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            flaws.extend(self::flaws(line));
            let has_hint = lines.get(at + 1).is_some_and(|next| next.starts_with("hint: "));
            if line.starts_with("error: ") && !has_hint {
                flaws.push(format!("says not what to do: {line}"));
            }
        }
    }
    assert!(flaws.is_empty(), "{flaws:#?}");
}

/// The left ones are good; each of the right ones breaks a rule, be it one that only a person sees.
#[test]
fn the_good_examples_are_in_style() {
    let page = text("docs/style.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| <code>")).collect();
    assert!(rows.len() >= 20, "{}", rows.len());
    for row in rows {
        let good = row.split("</code>").next().unwrap().trim_start_matches("| <code>");
        let lines: Vec<&str> = good.split("<br>").collect();
        let flaws: Vec<String> = lines.iter().flat_map(|line| flaws(line)).collect();
        assert!(flaws.is_empty(), "{flaws:#?}");
    }
}

#[test]
fn what_is_not_in_style_is_seen() {
    for (line, rule) in [
        ("error: Profile x is missing", "begins with a capital"),
        ("error: there is no x.", "full stop"),
        ("hint: run `awsx expalin prod`", "no command expalin"),
        ("hint: run `awsx sso sync --start-url x`", "has no --start-url"),
        ("awsx: expired at 2026-01-31T12:00:00Z", "a time for programs"),
        ("error: invalid value 'x' for '--y'", "says \"invalid\""),
        ("hint: run `awsx login", "leaves a command open"),
        ("error: [HOME]/.aws/config:3: no", "the whole home directory"),
    ] {
        let flaws = flaws(line);
        assert!(flaws.iter().any(|flaw| flaw.contains(rule)), "{line}: {flaws:?}");
    }
    for line in [
        "awsx: logged in to corp",
        "hint: AWS_REGION, or `awsx exec prod --region eu-west-1 -- aws --version`",
        "a line of a command that says Failed to connect!",
    ] {
        assert_eq!(flaws(line), Vec::<String>::new());
    }
}
