//! What can stand at the cursor of a line of awsx, from the command tree.

use std::ffi::OsString;

use clap::CommandFactory;
use clap_complete::engine::{CompletionCandidate, complete};

use super::answer::{Answer, Candidate};
use super::line::Line;
use super::values::{Values, with_values};
use super::values_in_files::find_values;
use crate::app::App;
use crate::cli::command::Cli;
use crate::cli::command_tree::plain_words;
use crate::cli::help::topics as topics_of_help;

/// The commands, flags and values that begin with what was typed.
pub(super) fn candidates(app: &App, line: &Line) -> Answer {
    let mut tree = with_values(Cli::command(), "");
    let words: Vec<_> = line.words.iter().map(OsString::from).collect();
    let at = words.len() - 1;
    let typed = line.words.last().map(String::as_str).unwrap_or_default();
    let mut found: Vec<Candidate> = topics(&words[..at], typed).collect();
    let mut files = false;
    for candidate in complete(&mut tree, words, at, None).unwrap_or_default() {
        let Some(values) = Values::of(&candidate) else {
            let one = of_tree(&candidate, typed);
            let is_new = |one: &Candidate| found.iter().all(|known| known.word != one.word);
            if let Some(one) = one.filter(is_new) {
                found.push(one);
            }
            continue;
        };
        files |= values.may_be_files();
        // The flag that the value is joined to, and the values before a comma.
        let before = candidate.get_value().to_string_lossy();
        let typed = typed.strip_prefix(&*before).unwrap_or_default();
        let values = find_values(app, values, &line.words, typed);
        found.extend(
            values.into_iter().map(|Candidate { word, about }| Candidate {
                word: format!("{before}{word}"),
                about,
            }),
        );
    }
    Answer::Words { words: found, files }
}

/// The topics that `awsx help` takes beside the commands.
fn topics(before: &[OsString], typed: &str) -> impl Iterator<Item = Candidate> {
    let is_help = plain_words(before).eq(["help"]);
    let known = topics_of_help().filter(move |(name, _)| is_help && name.starts_with(typed));
    known.map(|(name, about)| Candidate { word: name.to_owned(), about: about.to_owned() })
}

/// A command, a flag or one of a few values; flags where one is begun, by their long names.
fn of_tree(candidate: &CompletionCandidate, typed: &str) -> Option<Candidate> {
    let word = candidate.get_value().to_str()?;
    let is_flag = word.starts_with('-');
    let is_asked_for = !is_flag || typed.starts_with('-') && word.starts_with("--");
    if candidate.is_hide_set() || !is_asked_for {
        return None;
    }
    let about = candidate.get_help().map(ToString::to_string).unwrap_or_default();
    let about = about.lines().next().unwrap_or_default().to_owned();
    Some(Candidate { word: word.to_owned(), about })
}
