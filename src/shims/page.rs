//! What awsx understands of a tool, as a page for a terminal and as tables for docs/migrate.md.

use super::parts::{Becomes, Flag, Form, Peer};
use crate::text::wrap;

/// What `--help` of the tool shows.
pub(super) fn page(peer: &Peer) -> String {
    let mut text = format!(
        "{} {}, as awsx understands it\n{}\n\nWhat is not listed is refused, with awsx's own way.\n",
        peer.name, peer.version, peer.source
    );
    for form in peer.forms {
        text.push_str(&format!("\n{}\n", usage(peer, form)));
        wrap(form.becomes, 76).lines().for_each(|line| text.push_str(&format!("    {line}\n")));
        text.push_str(&flags(form.flags));
    }
    if !peer.globals.is_empty() {
        text.push_str("\nEverywhere\n");
        text.push_str(&flags(peer.globals));
    }
    text
}

fn usage(peer: &Peer, form: &Form) -> String {
    let words = [peer.name, &form.names.join("|"), form.words];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Columns of the names, and of what stands behind them.
const NAMES: usize = 26;
const WORDS: usize = 80 - NAMES - 4;

fn flags(flags: &[Flag]) -> String {
    let mut text = String::new();
    for flag in flags.iter().filter(|flag| !matches!(flag.becomes, Becomes::Refused(..))) {
        let names = flag.names.join(", ");
        let names = wrap(&names, 78);
        let words = words(&flag.becomes);
        let words = wrap(&words, WORDS);
        let mut words = words.lines();
        for name in names.lines() {
            let beside = if name.len() > NAMES { "" } else { words.next().unwrap_or_default() };
            text.push_str(format!("  {name:NAMES$}  {beside}").trim_end());
            text.push('\n');
        }
        words.for_each(|more| text.push_str(&format!("  {:NAMES$}  {more}\n", "")));
    }
    text
}

fn words(becomes: &Becomes) -> String {
    match becomes {
        Becomes::Same(flag) => format!("`{flag}`"),
        Becomes::Rule(what) => (*what).to_owned(),
        Becomes::Nothing(why) => format!("nothing: {why}"),
        Becomes::Said(why) => format!("left out, which is said: {why}"),
        Becomes::Refused(why, hint) => format!("refused: {why}; {hint}"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::peers::PEERS;
    use super::*;

    /// The tables of docs/migrate.md.
    fn tables() -> String {
        let mut text = String::new();
        let cell = |text: &str| text.replace('|', "\\|");
        for peer in PEERS {
            text.push_str(&format!(
                "### {}\n\nAs [version {}]({}) documents it.\n\n| {} | awsx |\n| --- | --- |\n",
                peer.name, peer.version, peer.source, peer.name
            ));
            for form in peer.forms {
                let usage = usage(peer, form);
                text.push_str(&format!("| `{}` | {} |\n", cell(&usage), cell(form.becomes)));
                for flag in form.flags {
                    row(&mut text, flag);
                }
            }
            if !peer.globals.is_empty() {
                text.push_str("| everywhere | |\n");
                peer.globals.iter().for_each(|flag| row(&mut text, flag));
            }
            if !peer.variables.is_empty() {
                text.push_str("| variables | |\n");
            }
            for alike in peer.variables.chunk_by(|(_, one), (_, other)| one == other) {
                let names: Vec<_> = alike.iter().map(|(name, _)| format!("`{name}`")).collect();
                text.push_str(&format!("| {} | {} |\n", names.join(", "), cell(alike[0].1)));
            }
            text.push('\n');
        }
        text
    }

    fn row(text: &mut String, flag: &Flag) {
        let names: Vec<String> = flag.names.iter().map(|name| format!("`{name}`")).collect();
        let becomes = words(&flag.becomes).replace('|', "\\|");
        text.push_str(&format!("| {} | {becomes} |\n", names.join(", ")));
    }

    #[test]
    fn the_page_about_migration_has_these_tables() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/migrate.md");
        let page = std::fs::read_to_string(&path).unwrap();
        let tables = tables();
        if crate::env::Env::capture().get("OVERWRITE").is_some() {
            let (before, _) = page.split_once("### aws-vault\n").unwrap_or((&page, ""));
            std::fs::write(path, format!("{before}{}\n", tables.trim_end())).unwrap();
            return;
        }
        assert!(page.contains(tables.trim_end()), "OVERWRITE=1 writes it");
    }

    #[test]
    fn no_flag_has_two_meanings_and_every_page_fits() {
        for peer in PEERS {
            for form in peer.forms {
                let names = form.flags.iter().chain(peer.globals).flat_map(|flag| flag.names);
                let mut names: Vec<_> = names.collect();
                let count = names.len();
                names.sort();
                names.dedup();
                assert_eq!(names.len(), count, "{} {:?}", peer.name, form.names);
            }
            let page = page(peer);
            assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
        }
    }
}
