//! `awsx help TOPIC`: what concerns more than one command, on one screen.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::ErrorKind;

use super::command::Cli;
use super::command_tree::{names_below, plain_words};
use crate::profile::nearest;
use crate::report::failure::Failure;

/// Each topic's name, and its text, which begins with what it is about.
const TOPICS: [(&str, &str); 5] = [
    ("chain", include_str!("help/chain.txt")),
    ("vault", include_str!("help/vault.txt")),
    ("sso", include_str!("help/sso.txt")),
    ("agents", include_str!("help/agents.txt")),
    ("ci", include_str!("help/ci.txt")),
];

/// Each topic's name, and what it is about.
pub(super) fn topics() -> impl Iterator<Item = (&'static str, &'static str)> {
    TOPICS.iter().map(|(name, text)| (*name, text.lines().next().unwrap_or_default()))
}

/// The topic that a line asks for; behind it the page of the command of the same name, if there is one.
pub(super) fn topic(args: &[OsString]) -> Option<String> {
    let word = only_word(args)?;
    let (_, text) = TOPICS.iter().find(|(name, _)| *name == word)?;
    let mut tree = Cli::command();
    tree.build();
    let page = tree.find_subcommand(word).map(|command| command.clone().render_help());
    Some(page.map_or_else(|| (*text).to_owned(), |page| format!("{text}\n{page}")))
}

/// What to say of a word that is neither a command nor a topic.
pub(super) fn explain(error: &clap::Error, args: &[OsString]) -> Option<Failure> {
    let word = only_word(args).filter(|_| error.kind() == ErrorKind::InvalidSubcommand)?;
    let commands = names_below(&Cli::command());
    let mut known = topics().map(|(name, _)| name).chain(commands.iter().map(String::as_str));
    let hint = match nearest(word, &mut known) {
        Some(near) => format!("did you mean `awsx help {near}`? `awsx help` lists all"),
        None => "`awsx help` lists both".to_owned(),
    };
    Some(Failure::usage(format!("{word} is no command of awsx, and no topic of its help"), &hint))
}

/// WORD of `awsx help WORD`.
fn only_word(args: &[OsString]) -> Option<&str> {
    let mut words = plain_words(args);
    match (words.next(), words.next(), words.next()) {
        (Some("help"), Some(word), None) => Some(word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_one_screen() {
        let all: usize = TOPICS.iter().map(|(_, text)| text.len()).sum();
        assert!(all <= 12_000, "{all} bytes of the binary");
        for (name, text) in TOPICS {
            assert!(text.is_ascii() && text.ends_with('\n'), "{name}");
            assert!(text.lines().count() <= 60, "{name}");
            assert!(text.lines().all(|line| line.len() <= 80 && line == line.trim_end()), "{name}");
            let mut lines = text.lines();
            assert!(lines.next().is_some_and(|first| !first.ends_with('.')), "{name}");
            assert_eq!(lines.next(), Some(""), "{name}");
        }
    }

    #[test]
    fn a_topic_is_asked_for_by_one_word_alone() {
        for (line, about) in [
            ("awsx help chain", Some("Whose credentials a profile gives\n\nawsx follows")),
            ("awsx -q --color never help vault", Some("Where secrets rest\n")),
            ("awsx help exec", None),
            ("awsx help sso sync", None),
            ("awsx help", None),
            ("awsx vault", None),
        ] {
            let args: Vec<_> = line.split(' ').map(OsString::from).collect();
            let text = topic(&args);
            assert_eq!(text.is_some(), about.is_some(), "{line}");
            assert!(text.is_none_or(|text| text.starts_with(about.unwrap_or_default())), "{line}");
        }
        // The command of the same name comes behind it.
        let args = ["awsx", "help", "sso"].map(OsString::from);
        let text = topic(&args).unwrap_or_default();
        assert!(text.contains("\nUsage: awsx sso ") && text.contains("  sync"), "{text}");
    }
}
