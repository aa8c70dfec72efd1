//! The man pages: one for awsx, one for each command.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use awsx::for_tests::command_tree;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::tree::visible_tree;

/// What awsx(1) says of exit codes and variables.
const CONTRACT: &str = include_str!("../../docs/cli.md");

pub(crate) fn write(folder: &Path) -> io::Result<()> {
    let mut full = command_tree();
    full.build();
    write_below(&visible_tree(), &full, "awsx", folder)
}

/// `visible`: the command as people see it; `full`: the same with its own page; `name`: `awsx-login-sso`.
fn write_below(visible: &Command, full: &Command, name: &str, folder: &Path) -> io::Result<()> {
    write_page(visible, full, name, &mut File::create(folder.join(format!("{name}.1")))?)?;
    for below in visible.get_subcommands() {
        let full = full.find_subcommand(below.get_name()).expect("visible is a part of full");
        write_below(below, full, &format!("{name}-{}", below.get_name()), folder)?;
    }
    Ok(())
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
        let argument = argument.hide(is_elsewhere).hide_possible_values(true);
        match argument.get_id() == "help" {
            true => argument.help("What the command does, and its flags"),
            false => argument,
        }
    });
    let man = Man::new(command);
    // No date: the same source gives the same page.
    writeln!(out, ".TH {name} 1 \"\" \"awsx {}\" awsx", env!("CARGO_PKG_VERSION"))?;
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
        text.control("nf", []);
        for line in page.examples.lines() {
            text.text([roman(line.trim())]);
        }
        text.control("fi", []);
    }
    if is_top {
        write_table("EXIT STATUS", "## Exit codes", &mut text);
        write_table("ENVIRONMENT", "## Environment variables", &mut text);
    } else {
        text.control("SH", ["SEE ALSO"]);
        text.text([bold("awsx"), roman("(1): the flags of every command, exit codes, variables")]);
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
