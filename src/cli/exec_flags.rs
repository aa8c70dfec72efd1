//! The flags of `awsx exec`, as clap reads them and as a server notes them for whoever renews its session.

use std::ffi::OsString;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, FromArgMatches};

use super::flags::SessionFlags;
use super::guard_flags::GuardFlags;
use crate::report::Globals;

/// All but the command.
#[derive(Debug, Default, Args)]
pub(super) struct ExecFlags {
    #[command(flatten)]
    pub(super) target: Target,
    /// Let the command ask for them while it runs: they never end
    #[arg(long)]
    pub(super) server: bool,
    /// No server, whatever the profile says
    #[arg(long, conflicts_with = "server")]
    pub(super) no_server: bool,
    #[command(flatten)]
    pub(super) session: SessionFlags,
    #[command(flatten)]
    pub(super) guard: GuardFlags,
}

#[derive(Debug, Default, Args)]
pub(super) struct Target {
    /// The profile, instead of the first argument
    #[arg(short, long, value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) profile: Option<String>,
}

/// What these words say, if they are flags alone.
pub(super) fn read_flags(words: &[String]) -> Option<(ExecFlags, Globals)> {
    let tree = Globals::augment_args(ExecFlags::augment_args(clap::Command::new("awsx")));
    let words = std::iter::once("awsx").chain(words.iter().map(String::as_str));
    let mut found = tree.try_get_matches_from(words).ok()?;
    let globals = Globals::from_arg_matches_mut(&mut found).ok()?;
    Some((ExecFlags::from_arg_matches_mut(&mut found).ok()?, globals))
}

/// The flags of a line of `awsx exec` or `awsx use`, without its profile, its command, and a code that is used up. `command`: how
/// many words stand last; none of the flags where it cannot be told which word is the profile.
pub(super) fn flags_of_line(
    line: &[OsString],
    profile: Option<&str>,
    command: usize,
) -> Vec<String> {
    let own = line.len().saturating_sub(command);
    let words = line[..own].iter().skip(1).map(|word| word.to_string_lossy().into_owned());
    let mut words: Vec<String> = words.collect();
    if words.last().is_some_and(|word| word == "--") {
        words.pop();
    }
    if let Some(at) =
        words.iter().position(|word| ["exec", "shell", "assume", "use"].contains(&&**word))
    {
        words.remove(at);
    }
    if let Some(at) = words.iter().position(|word| word.starts_with("--mfa-code")) {
        let length = if words[at].contains('=') { 1 } else { 2 };
        words.drain(at..words.len().min(at + length));
    }
    let without = |at: usize| {
        let mut words = words.clone();
        words.remove(at);
        words
    };
    let places = (0..words.len()).filter(|at| Some(&*words[*at]) == profile);
    let mut tried = places.map(without).chain([words.clone()]);
    tried.find(|words| read_flags(words).is_some()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_told_from_the_rest_of_a_line() {
        for (line, profile, command, expected) in [
            ("exec prod --server -- ls -l", Some("prod"), 2, "--server"),
            ("exec --server prod ls", Some("prod"), 1, "--server"),
            ("exec --server -p prod -- ls", Some("prod"), 1, "--server -p prod"),
            (
                "exec --server --session-name prod prod",
                Some("prod"),
                0,
                "--server --session-name prod",
            ),
            (
                "exec prod --server --session-name prod",
                Some("prod"),
                0,
                "--server --session-name prod",
            ),
            ("exec --mfa-code 123456 --server prod", Some("prod"), 0, "--server"),
            ("exec --mfa-code=123456 --server prod", Some("prod"), 0, "--server"),
            (
                "--region r-1 shell prod --duration 4h",
                Some("prod"),
                0,
                "--region r-1 --duration 4h",
            ),
            ("exec --server -- prod", None, 1, "--server"),
        ] {
            let words: Vec<OsString> =
                std::iter::once("awsx").chain(line.split(' ')).map(OsString::from).collect();
            assert_eq!(flags_of_line(&words, profile, command).join(" "), expected, "{line}");
        }
    }
}
