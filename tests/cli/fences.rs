//! What stands in the fences of the documents, and what is indented, is true: screens are those of the stories
//! in `journeys/`, commands are commands (`lists` types them), settings are read without a finding, JSON is JSON.

use std::collections::BTreeSet;
use std::ffi::OsString;

use awsx::for_tests::command_tree;

use crate::command_lines::{self, commands, is_typed_here, whole_lines};
use crate::documents::is_test;
use crate::markdown::{Block, documents, root};
use crate::pages::story::screens;
use crate::sandbox::{Sandbox, files_below};
use crate::style::flaw_of_command;

/// Screens that no story shows, by where they are and how they begin, and the test that does.
const SHOWN_ELSEWHERE: [(&str, &str, &str); 3] = [
    (
        "docs/scan.md",
        "$ awsx scan --history",
        "scan::a_history_is_looked_through_with_its_merges_messages_and_what_git_calls_binary",
    ),
    (
        "docs/sts.md",
        "$ aws ec2 run-instances",
        "sts_decode::the_text_of_an_error_is_read_wherever_it_comes_from",
    ),
    ("README.md", "$ awsx exec prod", "fences::the_first_minute_is_as_it_is_shown"),
];

/// Blocks that awsx cannot be asked about, and why not.
const OF_OTHERS: [(&str, &str, &str); 9] = [
    ("docs/architecture.md", "src/", "a list of folders, which `architecture` compares with them"),
    ("docs/profiles.md", "PROFILE ", "as wide as what is in it; `profiles.trycmd` has such tables"),
    (
        "docs/server.md",
        "awsx: the session of prod",
        "has the time of the day; `server::person` reads it",
    ),
    ("docs/shells.md", "[custom.awsx]", "starship's file; starship is none of the registries'"),
    ("docs/shells.md", "PROMPT_COMMAND=", "is tmux's: `prompt_segment` has a tmux show it"),
    ("docs/shells.md", "set -g status-right", "the same"),
    ("docs/shells.md", "function prompt_awsx", "powerlevel10k's; it is on GitHub alone"),
    ("docs/sso.md", "+ sandbox ", "has dates; `organization` expects it"),
    ("docs/sso.md", "{\"version\":1,\"session\"", "the form of a JSON document"),
];

/// Other programs that a list of commands may begin with, why none of them is run for it, and the test that shows what
/// they have of awsx, if they have.
const OTHER_PROGRAMS: &[(&str, &str, Option<&str>)] = &[
    (".ci/run", "runs these tests", None),
    (".github/release/make", "is run by `.github/packaging/check.py`", None),
    ("RUST_TOOLCHAIN=1.95.0", "the same", None),
    (
        "AWS_PROFILE=prod-awsx",
        "is another tool's",
        Some("config_sections::other_tools_take_credentials_from_awsx"),
    ),
    ("cargo", "builds for minutes", None),
    ("cosign", "needs a release", None),
    (
        "docker",
        "needs docker",
        Some("serve_containers::and_through_a_relay_where_containers_run_in_another_machine"),
    ),
    ("gh", "needs a release", None),
    ("git", "needs a release", None),
    (
        "kubectl",
        "needs a cluster",
        Some("token_eks::a_cluster_knows_the_bearer_and_no_other_cluster_does"),
    ),
    (
        "mkdir",
        "is Nushell's",
        Some("nushell_and_elvish::a_profile_is_in_use_until_another_or_none"),
    ),
    ("nix", "needs Nix", None),
    ("sh", "runs on another machine", Some("ssh::programs_over_there_are_the_profile")),
    ("sha256sum", "needs a release", None),
    (
        "sudo",
        "changes the machine",
        Some("serve_containers::every_sdk_takes_them_from_a_container"),
    ),
];

fn blocks() -> Vec<Block> {
    documents().iter().flat_map(|document| document.blocks()).collect()
}

pub(crate) fn is_screen(block: &Block) -> bool {
    block.language.is_empty() && block.text.lines().any(|line| line.starts_with("$ "))
}

/// A line of a screen without the remark that may stand behind it.
fn without_remark(line: &str) -> &str {
    line.split("  # ").next().unwrap_or_default().trim_end()
}

/// All that the stories show, one after the other, each line by itself.
fn stories() -> Vec<Vec<String>> {
    let files = files_below(&root().join("tests/cli/journeys"));
    let story = |file: &std::path::PathBuf| std::fs::read_to_string(file).unwrap();
    files.iter().map(|file| screens(&story(file)).concat()).collect()
}

/// Whether the lines stand in the story in this order, one behind the other but for what `…` leaves out.
fn is_part(screen: &[&str], story: &[String]) -> bool {
    let Some((first, rest)) = screen.split_first() else { return true };
    if *first == "…" {
        return (0..=story.len()).any(|from| is_part(rest, &story[from..]));
    }
    story.first().is_some_and(|line| line == first) && is_part(rest, &story[1..])
}

#[test]
fn every_screen_is_of_a_story() {
    let stories = stories();
    let mut shown: BTreeSet<&(&str, &str, &str)> = BTreeSet::new();
    for block in blocks().iter().filter(|block| is_screen(block)) {
        let lines: Vec<&str> = block.text.lines().map(without_remark).collect();
        let is_known =
            |story: &Vec<String>| (0..story.len()).any(|from| is_part(&lines, &story[from..]));
        let elsewhere = SHOWN_ELSEWHERE
            .iter()
            .find(|(page, first, _)| block.place.starts_with(page) && lines[0].starts_with(first));
        shown.extend(elsewhere);
        assert!(
            elsewhere.is_some() || stories.iter().any(is_known),
            "{}: no story shows it:\n{}",
            block.place,
            block.text
        );
    }
    assert_eq!(shown.len(), SHOWN_ELSEWHERE.len(), "{shown:#?}");
    for (_, _, test) in SHOWN_ELSEWHERE {
        assert!(is_test(test), "{test}");
    }
}

/// A guide is read at one go, and shows something.
#[test]
fn guides_are_short() {
    for document in documents().iter().filter(|one| one.name.starts_with("docs/guides/")) {
        assert!(document.text.lines().count() <= 60, "{}", document.name);
        let is_index = document.name.ends_with("README.md");
        assert!(is_index || !document.blocks().is_empty(), "{}", document.name);
    }
}

/// What keeps awsx from reading the line.
fn flaw(words: &[String]) -> Option<String> {
    let line = words.iter().map(|word| match &**word {
        "ARN" => "arn:aws:iam::222222222222:role/Deploy".into(),
        "$@" => "get".into(),
        word => OsString::from(word),
    });
    let error = command_tree().try_get_matches_from(line).err().filter(|error| error.use_stderr());
    error.map(|error| {
        format!("{}: {}", words.join(" "), error.to_string().lines().next().unwrap_or_default())
    })
}

#[test]
fn every_command_is_one() {
    let mut flaws = Vec::new();
    let mut count = 0;
    for block in command_lines::blocks() {
        let commands = commands(&block.text);
        count += commands.len();
        let wrong = commands.iter().filter_map(|words| flaw(words));
        flaws.extend(wrong.map(|flaw| format!("{}: {flaw}", block.place)));
    }
    // In a text a command may be one of which something is left out.
    for (place, code) in documents().iter().flat_map(|document| document.code()) {
        let rest = code.strip_prefix("awsx ");
        if rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
            && !place.starts_with("docs/cli.md")
            && !place.starts_with("docs/style.md")
        {
            count += 1;
            flaws.extend(flaw_of_command(&code).map(|flaw| format!("{place}: {code}: {flaw}")));
        }
    }
    assert!(flaws.is_empty(), "{flaws:#?}");
    assert!(count > 300, "{count}");
}

#[test]
fn every_block_is_known() {
    let (mut flaws, mut rows) = (Vec::new(), BTreeSet::new());
    for block in blocks() {
        let Block { place, language, text } = &block;
        let is_others = |(page, first, _): &&(&str, &str, &str)| {
            place.starts_with(page) && text.trim_start().starts_with(first)
        };
        let others = OF_OTHERS.iter().find(is_others);
        rows.extend(others.map(|(_, first, _)| *first));
        if is_screen(&block) || others.is_some() {
            continue;
        }
        match &**language {
            "" => {
                let lines = whole_lines(text);
                let is_said = |line: &&String| !line.trim().is_empty() && !line.starts_with('#');
                for line in lines.iter().filter(is_said) {
                    let first = line.split_whitespace().next().unwrap();
                    let other = OTHER_PROGRAMS.iter().find(|(program, ..)| *program == first);
                    if is_typed_here(line) {
                        continue;
                    }
                    rows.extend(other.map(|(program, ..)| *program));
                    if other.is_none() {
                        flaws.push(format!("{place}: {line}"));
                    }
                }
            }
            "toml" => flaws.extend(
                findings(".config/awsx/config.toml", text).map(|said| format!("{place}: {said}")),
            ),
            "ini" => {
                flaws.extend(findings(".aws/config", text).map(|said| format!("{place}: {said}")))
            }
            "json" => {
                let json = serde_json::from_str::<serde_json::Value>(text);
                flaws.extend(json.err().map(|error| format!("{place}: {error}")));
            }
            "mermaid" => {
                flaws.extend(flaws_of_picture(text).map(|line| format!("{place}: {line}")))
            }
            // awsx's part of it is a command.
            "yaml" => {
                if commands(text).is_empty() {
                    flaws.push(format!("{place}: nothing of awsx"));
                }
            }
            // Its lines are those of the sources, which run.
            "rust" => {}
            "text" => flaws
                .extend(unseen_lines(text).map(|line| format!("{place}: no test knows {line}"))),
            other => flaws.push(format!("{place}: {other}")),
        }
    }
    assert!(flaws.is_empty(), "{flaws:#?}");
    let all = OF_OTHERS.iter().map(|(_, first, _)| *first);
    let all = all.chain(OTHER_PROGRAMS.iter().map(|(program, ..)| *program));
    let idle: Vec<&str> = all.filter(|row| !rows.contains(row)).collect();
    assert!(idle.is_empty(), "{idle:?}");
    for test in OTHER_PROGRAMS.iter().filter_map(|(.., test)| *test) {
        assert!(is_test(test), "{test}");
    }
}

/// What awsx says of these lines of a file, beside a profile of each name that they draw on.
fn findings(file: &str, text: &str) -> impl Iterator<Item = String> {
    let sandbox = Sandbox::new();
    let mut others = String::from(
        "
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.awsapps.com/start
",
    );
    for name in ["base", "billing", "dev", "prod"] {
        if !text.contains(&format!("[profile {name}]")) {
            others.push_str(&format!(
                "[profile {name}]
region = eu-west-1
"
            ));
        }
    }
    let is_own = file.ends_with("toml");
    sandbox.config(&if is_own { others } else { format!("{text}{others}") });
    if is_own {
        sandbox.write(file, text);
    }
    sandbox.write(".config/awsx/deploy.json", "{\"Version\":\"2012-10-17\",\"Statement\":[]}");
    let found = sandbox.awsx(&["config", "check", "--json"]).json();
    let lines = text.lines().count() as u64;
    let found = found["findings"].as_array().unwrap().clone();
    found.into_iter().filter_map(move |finding| {
        let is_here = finding["file"].as_str().is_some_and(|name| name.ends_with(file));
        let is_in = finding["line"].as_u64().is_none_or(|line| line <= lines);
        // What is awsx's own is no mistake.
        let is_own =
            finding["message"].as_str().is_some_and(|said| said.starts_with("only awsx has"));
        (is_here && is_in && !is_own)
            .then(|| format!("{}: {}", finding["line"], finding["message"]))
    })
}

/// The lines that stand in no test and in no sentence of `tests/cmd`. A time or a length of time is any.
fn unseen_lines(text: &str) -> impl Iterator<Item = String> {
    let mut known = String::new();
    for file in files_below(&root().join("tests")).iter().chain(&files_below(&root().join("src"))) {
        known.push_str(&std::fs::read_to_string(file).unwrap_or_default());
    }
    let known = squeeze(&known);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.into_iter().filter(move |line| !known.contains(&squeeze(line)))
}

/// One blank for several.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines that are none of the part of Mermaid which the documents use.
fn flaws_of_picture(text: &str) -> impl Iterator<Item = String> {
    use regex_lite::Regex;
    let node = r#"\w+(\["[^"\[\]]+"\]|\("[^"()]+"\)|\{"[^"{}]+"\}|\[\("[^"()]+"\)\])?"#;
    let nodes = format!("{node}( & {node})*");
    let line = Regex::new(&format!(
        r#"^(flowchart (TD|LR)|subgraph \w+(\["[^"]+"\])?|end|{nodes}( (-->|-\.->)(\|"[^"|]+"\|)? {nodes})*|sequenceDiagram|participant \w+( as [^:;#]+)?|\w+(->>|-->>)\w+: [^:;#]+|Note over \w+(,\w+)?: [^:;#]+|(alt|else|opt|loop) [^:;#]+)$"#
    ));
    let line = line.unwrap();
    let lines: Vec<String> = text.lines().map(|line| line.trim().to_owned()).collect();
    let first = lines.first().cloned().unwrap_or_default();
    let begins = first.starts_with("flowchart ") || first == "sequenceDiagram";
    let opened =
        |word: &str| lines.iter().filter(|line| line.split(' ').next() == Some(word)).count();
    let is_even =
        ["subgraph", "alt", "opt", "loop"].map(opened).iter().sum::<usize>() == opened("end");
    let wrong = (!begins || !is_even).then_some(first);
    lines.into_iter().filter(move |one| !one.is_empty() && !line.is_match(one)).chain(wrong)
}

/// The README's screen, typed at a terminal.
#[test]
fn the_first_minute_is_as_it_is_shown() {
    let readme = documents().into_iter().find(|one| one.name == "README.md").unwrap();
    let screen = readme.blocks().into_iter().find(is_screen).unwrap();
    let sandbox = Sandbox::new().vault("kernel");
    let mut terminal = crate::journeys::shell(&sandbox);
    for line in screen.text.lines().map(without_remark) {
        if let Some(command) = line.strip_prefix("$ ") {
            terminal.expect("$ ").type_line(command).expect(command);
        } else if let Some((question, _)) =
            line.split_once(": ").filter(|(start, _)| start.starts_with("MFA code"))
        {
            terminal.expect(question).type_line(&sandbox.code());
        } else {
            // Times are those of today, lines those of the file.
            let times = regex_lite::Regex::new(r":\d+\)$|\d\d:\d\d").unwrap();
            for part in times.split(line) {
                terminal.expect(part);
            }
        }
    }
    terminal.expect("$ ").type_line("exit 0").end().ok();
}
