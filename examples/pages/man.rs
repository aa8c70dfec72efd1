//! The man pages: one for awsx, one for each command.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use awsx::for_tests::command_tree;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::story::screens;
use super::tree::visible_tree;

/// What awsx(1) says of exit codes and variables.
const CONTRACT: &str = include_str!("../../docs/cli.md");

const STORIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/journeys");

/// How many columns a terminal has at least, and how many of them a page leaves free on the left.
const COLUMNS: usize = 80;
const INDENT: usize = 7;

pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let mut full = command_tree();
    full.build();
    let screens = screens_by_command(&full)?;
    write_below(&visible_tree(), &full, "awsx", folder, &screens)
}

/// `visible`: the command as people see it; `full`: the same with its own page; `name`: `awsx-login-sso`.
fn write_below(
    visible: &Command,
    full: &Command,
    name: &str,
    folder: &Path,
    screens: &BTreeMap<String, Vec<String>>,
) -> io::Result<()> {
    let mut page = Vec::new();
    write_page(visible, full, name, &mut page)?;
    if let Some(screen) = screens.get(name) {
        let mut text = Roff::new();
        text.control("SS", ["At a terminal: parts of what is seen"]);
        write_lines(screen.iter().map(String::as_str), &mut text);
        text.to_writer(&mut page)?;
    }
    if name != "awsx" {
        let mut text = Roff::new();
        text.control("SH", ["SEE ALSO"]);
        text.text([bold("awsx"), roman("(1): the flags of every command, exit codes, variables")]);
        text.to_writer(&mut page)?;
    }
    let page = String::from_utf8(page).map_err(io::Error::other)?;
    std::fs::write(folder.join(format!("{name}.1")), in_ascii(&page))?;
    for below in visible.get_subcommands() {
        let full = full.find_subcommand(below.get_name()).expect("visible is a part of full");
        write_below(below, full, &format!("{name}-{}", below.get_name()), folder, screens)?;
    }
    Ok(())
}

/// How many lines of a screen a page shows.
const MOST_LINES: usize = 14;

/// Of each command, by the name of its page, the longest screen of the stories that fits.
fn screens_by_command(tree: &Command) -> io::Result<BTreeMap<String, Vec<String>>> {
    let mut files: Vec<_> = std::fs::read_dir(STORIES)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        for screen in screens(&std::fs::read_to_string(file.path())?) {
            let is_narrow = screen.iter().all(|line| columns(line) <= COLUMNS - INDENT);
            if let Some(name) = page_of(&screen[0], tree)
                && is_narrow
                && screen.len() <= MOST_LINES
                && screen.len() > found.get(&name).map_or(1, Vec::len)
            {
                found.insert(name, screen);
            }
        }
    }
    Ok(found)
}

/// `awsx-login-sso` of `$ awsx login sso corp`.
fn page_of(line: &str, tree: &Command) -> Option<String> {
    let words = line.strip_prefix("$ awsx ")?;
    let (mut command, mut name) = (tree, "awsx".to_owned());
    for word in words.split(' ') {
        let Some(below) = command.find_subcommand(word) else { break };
        name = format!("{name}-{word}");
        command = below;
    }
    Some(name)
}

/// What `…` is where there is none.
const DOTS: &str = "...";

fn columns(line: &str) -> usize {
    line.chars().map(|c| if c == '…' { DOTS.len() } else { 1 }).sum()
}

/// Whatever a terminal can show.
fn in_ascii(page: &str) -> String {
    let page = page.replace('…', DOTS);
    page.chars()
        .map(|c| match c.is_ascii() {
            true => c.to_string(),
            false => format!("\\[u{:04X}]", u32::from(c)),
        })
        .collect()
}

/// Lines that stay as they are. Longer ones begin further to the left.
fn write_lines<'t>(lines: impl Iterator<Item = &'t str>, text: &mut Roff) {
    let lines: Vec<&str> = lines.collect();
    let longest = lines.iter().map(|line| columns(line)).max().unwrap_or_default();
    let indent = INDENT.min(COLUMNS.saturating_sub(longest));
    text.control("nf", []);
    text.control("in", [format!("{indent}n").as_str()]);
    for line in lines {
        text.text([roman(line)]);
    }
    text.control("in", []);
    text.control("fi", []);
}

fn write_page(
    visible: &Command,
    full: &Command,
    name: &str,
    out: &mut dyn Write,
) -> io::Result<()> {
    let is_top = name == "awsx";
    let page = Page::of(full);
    let command = visible.clone().display_name(name.to_owned()).mut_args(|argument| {
        let is_elsewhere = argument.is_global_set() && !is_top;
        // Its sentence names the values that are for people.
        let argument = argument.hide(is_elsewhere).hide_possible_values(true).long_help(None);
        match argument.get_id() == "help" {
            true => argument.help("What the command does, and its flags"),
            false => argument,
        }
    });
    let man = Man::new(command);
    // No date: the same source gives the same page.
    writeln!(out, ".TH {name} 1 \"\" \"awsx {}\" awsx", env!("CARGO_PKG_VERSION"))?;
    // Words are neither broken nor spread.
    writeln!(out, ".nh\n.ad l")?;
    man.render_name_section(out)?;
    let mut text = Roff::new();
    text.control("SH", ["SYNOPSIS"]);
    text.text([roman(page.usage)]);
    text.control("SH", ["DESCRIPTION"]);
    text.text([roman(if page.more.is_empty() { page.about } else { page.more })]);
    text.to_writer(out)?;
    if visible.has_subcommands() {
        man.render_subcommands_section(out)?;
    }
    man.render_options_section(out)?;
    let mut text = Roff::new();
    if !page.examples.is_empty() {
        text.control("SH", ["EXAMPLES"]);
        write_lines(page.examples.lines().map(str::trim), &mut text);
    }
    if is_top {
        write_table("EXIT STATUS", "## Exit codes", &mut text);
        write_table("ENVIRONMENT", "## Environment variables", &mut text);
    }
    text.to_writer(out)
}

/// A table of the contract, the first column beside the last.
fn write_table(heading: &str, section: &str, text: &mut Roff) {
    text.control("SH", [heading]);
    let (_, rest) = CONTRACT.split_once(section).expect("the section is in docs/cli.md");
    let rows = rest.lines().skip_while(|line| !line.starts_with('|')).skip(2);
    for row in rows.take_while(|line| line.starts_with('|')) {
        let row = row.replace('`', "");
        let cells: Vec<&str> = row.trim_matches('|').split(" |").map(str::trim).collect();
        text.control("TP", []);
        text.text([bold(cells[0])]);
        text.text([roman(cells[cells.len() - 1])]);
    }
}

/// What a command's page says besides its arguments.
struct Page {
    about: String,
    more: String,
    usage: String,
    examples: String,
}

impl Page {
    fn of(command: &Command) -> Self {
        let page = command.clone().render_help().to_string();
        let (start, rest) = page.split_once("\nUsage: ").expect("a page says how to use it");
        let (about, more) = start.split_once('\n').unwrap_or((start, ""));
        let (usage, rest) = rest.split_once("\n\n").unwrap_or((rest, ""));
        let examples = match rest.split_once("Examples:\n") {
            Some((_, examples)) => examples,
            // awsx's own page begins with them.
            None if command.get_name() == "awsx" => rest,
            None => "",
        };
        let examples = examples.split("\n\n").next().unwrap_or_default();
        let owned = |text: &str| text.trim().to_owned();
        Self {
            about: owned(about),
            more: owned(more),
            usage: owned(usage),
            examples: examples.to_owned(),
        }
    }
}
