//! Which command a line is about, in a tree of commands.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::Command;

use crate::report::Globals;

/// `awsx login sso` of any line that begins so, and what is below it.
pub(super) fn find_command(tree: Command, args: &[OsString]) -> (String, Command) {
    let (mut command, mut path) = (tree, "awsx".to_owned());
    for word in plain_words(args) {
        match command.find_subcommand(word).cloned() {
            Some(below) => {
                path.push_str(&format!(" {}", below.get_name()));
                command = below;
            }
            None if word == "help" => {}
            None => break,
        }
    }
    (path, command)
}

/// The words of a line that are no flags of every command, and no values of those.
pub(super) fn plain_words(args: &[OsString]) -> impl Iterator<Item = &str> {
    let mut words = args.iter().skip(1).filter_map(|word| word.to_str());
    std::iter::from_fn(move || {
        loop {
            let word = words.next()?;
            if Globals::WITH_VALUES.contains(&word) {
                // Its value.
                words.next();
            } else if !word.starts_with('-') {
                return Some(word);
            }
        }
    })
}

/// The commands that could follow it.
pub(super) fn names_below(command: &Command) -> Vec<String> {
    let known = command.get_subcommands().filter(|command| !command.is_hide_set());
    known.map(|command| command.get_name().to_owned()).collect()
}

/// All words that commands are called by.
pub(super) fn words_of_commands(tree: &Command) -> BTreeSet<String> {
    let (mut words, mut left) = (BTreeSet::new(), vec![tree]);
    while let Some(command) = left.pop() {
        for below in command.get_subcommands() {
            words.insert(below.get_name().to_owned());
            left.push(below);
        }
    }
    words
}
