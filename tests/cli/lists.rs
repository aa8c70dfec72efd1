//! Whatever the documents and the topics of `awsx help` tell to type is typed at a terminal, line by line, and does
//! what they say it does.

use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use regex_lite::Regex;

use crate::command_lines::{blocks, commands, is_typed_here, what_is_typed, whole_lines};
use crate::documents::is_test;
use crate::fences::is_screen;
use crate::markdown::Block;
use crate::sandbox::{Sandbox, hands_over};
use crate::sts_tokens::SAML_ROLE;
use crate::terminal::{CTRL_C, Terminal};

mod before;
mod person;
mod world;

use before::{BEFORE, DEPLOY};
use world::ANY_ROLE;

/// Words that stand for others: the page, the word, and what somebody types in its place. `{port}` is free.
const STAND_INS: &[(&str, &str, &str)] = &[
    ("src/cli/help/ci.txt", r"\.\.\.", "--oidc github --role-arn ARN"),
    ("src/cli/help/ci.txt", r"\bARN\b", DEPLOY),
    ("src/cli/help/ci.txt", "/run/token", "planted/token"),
    ("docs/saml.md", r"\bARN\b", SAML_ROLE),
    ("docs/saml.md", r"assertion\.b64", "planted/assertion"),
    ("docs/saml.md", r"role\.env", "planted/role.env"),
    ("docs/keys.md", "~/", "~/planted/"),
    ("docs/keys.md", r"seed\.txt", "planted/seed.txt"),
    ("docs/sts.md", r"\bARN\b", ANY_ROLE),
    ("docs/tokens.md", "psql …", "psql"),
    ("docs/serve.md", "8765", "{port}"),
    ("src/cli/help/sso.txt", "7777", "{port}"),
    ("docs/shells.md", "^awsx use -$", "awsx use dev; awsx use prod; awsx use -"),
    ("", r"\bCMD\b", "true"),
    ("", r"\bNAME\b", "dev"),
    ("", "7f3a1c9e", ""),
];

/// Lines that do not end by themselves, what they show before they are left alone, and the exit code that Ctrl-C has in
/// the end.
const LASTING: &[(&str, &str, i32)] =
    &[("awsx serve dev", " at http://", 130), ("awsx console prod --copy", "Ctrl-C clears it", 0)];

/// Lines that end otherwise than with 0, and what they say then.
const ENDS: &[(&str, &str, i32, &str)] = &[
    (
        "docs/doctor.md",
        "awsx exec dev --scope read:s3 -- awsx doctor",
        1,
        "ways around awsx are open",
    ),
    ("docs/guides/agents.md", "awsx doctor --sandbox", 1, "ways around awsx are open here"),
];

/// Lines that nobody can type here, why, and the test that acts them out.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("awsx serve dev --address", "needs an address of the machine", CONTAINER),
    ("docker run $(awsx docker-env dev) ", "needs a server at that address", CONTAINER),
    (
        "awsx serve dev --imds --address",
        "needs an address of the machine",
        "serve_containers::a_token_of_an_instance_comes_no_further_than_it_may",
    ),
    (
        "awsx exec prod -- kubectl get po<TAB>",
        "is a key, not a line",
        "completion::the_command_that_awsx_starts_is_completed_as_on_its_own",
    ),
    (
        "awsx exec prod terraform pl<TAB>",
        "the same",
        "completion::the_command_that_awsx_starts_is_completed_as_on_its_own",
    ),
    (
        "awsx init nushell | save",
        "is Nushell's",
        "nushell_and_elvish::a_profile_is_in_use_until_another_or_none",
    ),
];

const CONTAINER: &str = "serve_containers::every_sdk_takes_them_from_a_container";

fn is_of(row: &(&str, &str), place: &str, line: &str) -> bool {
    place.starts_with(row.0) && line.starts_with(row.1)
}

/// The lines of a block in which awsx is to be typed: as they stand there.
fn lines(block: &Block) -> Vec<String> {
    let is_list = ["", "yaml", "ini"].contains(&&*block.language) && !is_screen(block);
    let mut lines = whole_lines(&block.text);
    lines.retain(|line| is_list && is_typed_here(line));
    lines.iter().map(|line| line.trim().to_owned()).collect()
}

/// Ends what goes on at the browser, also where a test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What is wrong with the lines of a block.
fn flaws_of(block: &Block, lines: &[String]) -> Vec<String> {
    let sandbox = world::world();
    let has_desktop = ["docs/vault.md", "src/cli/help/vault.txt"];
    let _desktop =
        has_desktop.iter().any(|page| block.place.starts_with(page)).then(|| sandbox.desktop());
    let mut lasting = Vec::new();
    let (mut flaws, over, home) = (Vec::new(), AtomicBool::new(false), sandbox.home().to_owned());
    std::thread::scope(|scope| {
        scope.spawn(|| person::agree(&home, &over));
        let _end = Over(&over);
        for (place, line, set_up) in BEFORE {
            if line.is_empty() && block.place.starts_with(place) {
                set_up(&sandbox);
            }
        }
        for line in lines {
            let tried =
                catch_unwind(AssertUnwindSafe(|| type_line(&sandbox, block, line, &mut lasting)));
            let flaw = tried.unwrap_or_else(|_| Err("it hangs".to_owned()));
            flaws.extend(flaw.err().map(|flaw| format!("{}: {line}\n{flaw}", block.place)));
        }
        for (mut terminal, code) in lasting.drain(..) {
            let ran = terminal.type_text(CTRL_C).end_with_secrets();
            if ran.code != code {
                flaws.push(format!("{}: Ctrl-C: {ran:?}", block.place));
            }
        }
    });
    flaws
}

/// Types a line, and says what went wrong.
fn type_line<'s>(
    sandbox: &'s Sandbox,
    block: &Block,
    line: &str,
    lasting: &mut Vec<(Terminal<'s>, i32)>,
) -> Result<(), String> {
    let place = &block.place;
    for (page, start, set_up) in BEFORE {
        if !start.is_empty() && is_of(&(page, start), place, &format!("{line}\n")) {
            set_up(sandbox);
        }
    }
    let mut text = what_is_typed(line).to_owned();
    for (_, word, other) in STAND_INS.iter().filter(|(page, ..)| place.starts_with(page)) {
        text = Regex::new(word).unwrap().replace_all(&text, *other).into_owned();
    }
    if text.contains("{port}") {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        text = text.replace("{port}", &listener.local_addr().unwrap().port().to_string());
    }
    let (flag, shell) = match text.starts_with("awsx use") {
        true => ("-ic", "eval \"$(awsx init bash)\"; "),
        false => ("-c", ""),
    };
    // A bound for what hangs; nothing is measured against it.
    let mut bash = sandbox.command("timeout");
    bash.args(["--foreground", "80", "bash", "--noprofile", "--norc", flag]);
    bash.arg(format!("{shell}{text}")).env("SHELL", "/bin/sh");
    let mut terminal = Terminal::start_in(sandbox, bash, Some((24, 200)));
    let last = LASTING.iter().find(|(start, ..)| line.starts_with(start));
    person::answer(sandbox, &mut terminal, last.map(|(_, shown, _)| *shown));
    if let Some((.., code)) = last {
        lasting.push((terminal, *code));
        return Ok(());
    }
    let may_hold = commands(&text).iter().any(|words| hands_over(words));
    let ran = person::end(&mut terminal, may_hold);
    let end = ENDS.iter().find(|(page, start, ..)| is_of(&(page, start), place, line));
    let (code, words) = end.map_or((0, ""), |(_, _, code, words)| (*code, *words));
    // What writes a secret where it is told to says so; all else that is wrong is the page's.
    let is_warning = |line: &str| line.starts_with("warning: ") && !line.contains(" in clear text");
    let has_warning = ran.stdout.lines().any(is_warning);
    if ran.code == code && ran.stdout.contains(words) && !has_warning {
        return Ok(());
    }
    Err(format!("{text}\nended with {} instead of {code}: {}", ran.code, ran.stdout))
}

/// Types all lines of the pages that are meant.
fn type_pages(is_meant: impl Fn(&str) -> bool) {
    let (mut flaws, mut count) = (Vec::new(), 0);
    for block in blocks().iter().filter(|block| is_meant(&block.place)) {
        let mut lines = lines(block);
        lines.retain(|line| !ELSEWHERE.iter().any(|(start, ..)| line.starts_with(start)));
        if !lines.is_empty() {
            count += lines.len();
            flaws.extend(flaws_of(block, &lines));
        }
    }
    assert!(flaws.is_empty(), "{} of {count}:\n{}", flaws.len(), flaws.join("\n\n"));
    assert!(count > 20, "{count}");
}

/// Where a page is typed.
fn part(place: &str) -> usize {
    match place.strip_prefix("docs/") {
        None => 0,
        Some(page) if page.starts_with("guides/") => 1,
        Some(page) if page < "l" => 2,
        Some(_) => 3,
    }
}

#[test]
fn what_the_readme_and_the_topics_say_works() {
    type_pages(|place| part(place) == 0);
}

#[test]
fn what_the_guides_say_works() {
    type_pages(|place| part(place) == 1);
}

#[test]
fn what_pages_up_to_k_say_works() {
    type_pages(|place| part(place) == 2);
}

#[test]
fn what_pages_from_l_on_say_works() {
    type_pages(|place| part(place) == 3);
}

/// Each row of a table is of a line that is there.
#[test]
fn no_row_is_of_a_line_that_went() {
    let blocks = blocks();
    let all: Vec<(String, String)> = blocks
        .iter()
        .flat_map(|block| lines(block).into_iter().map(|line| (block.place.clone(), line + "\n")))
        .collect();
    let is_there = |page: &str, start: &str| {
        all.iter().any(|(place, line)| is_of(&(page, start), place, line))
    };
    let before = BEFORE.iter().map(|(page, start, _)| (*page, *start));
    let ends = ENDS.iter().map(|(page, start, ..)| (*page, *start));
    let elsewhere = ELSEWHERE.iter().map(|(start, ..)| ("", *start));
    let lasting = LASTING.iter().map(|(start, ..)| ("", *start));
    let gone = before.chain(ends).chain(elsewhere).chain(lasting);
    let gone: Vec<_> = gone.filter(|(page, start)| !is_there(page, start)).collect();
    assert!(gone.is_empty(), "{gone:#?}");
    for (line, _, test) in ELSEWHERE {
        assert!(is_test(test), "{line}: {test}");
    }
}
