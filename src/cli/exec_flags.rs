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
    let words: Vec<String> = words.collect();
    let parts = take_apart(&words);
    // The command's name, then the profile.
    let mut plain = 0;
    let mut flags = Vec::new();
    for part in parts {
        match part {
            Part::Plain(word) => {
                plain += 1;
                if plain > 1 && Some(word) != profile {
                    return Vec::new();
                }
            }
            Part::Flag(words) if words[0].split('=').next() == Some("--mfa-code") => {}
            Part::Flag(words) => flags.extend_from_slice(words),
            Part::Dashes => {}
        }
    }
    if read_flags(&flags).is_some() { flags } else { Vec::new() }
}

/// A part of a line.
enum Part<'a> {
    /// A word that is neither a flag nor the value of one
    Plain(&'a str),
    /// A flag, with its value if that is a word of its own
    Flag(&'a [String]),
    /// `--`
    Dashes,
}

/// What each word is, by the flags that `exec` and all commands have.
fn take_apart(words: &[String]) -> Vec<Part<'_>> {
    let mut tree = Globals::augment_args(ExecFlags::augment_args(clap::Command::new("awsx")));
    tree.build();
    let takes_value =
        |flag: Option<&clap::Arg>| flag.is_some_and(|flag| flag.get_action().takes_values());
    let by_long = |name: &str| {
        tree.get_arguments().find(|flag| {
            flag.get_long_and_visible_aliases().is_some_and(|names| names.contains(&name))
                || flag.get_all_aliases().is_some_and(|names| names.contains(&name))
        })
    };
    let by_short = |name: char| tree.get_arguments().find(|flag| flag.get_short() == Some(name));
    let mut parts = Vec::new();
    let mut at = 0;
    let mut is_behind_dashes = false;
    while let Some(word) = words.get(at) {
        let mut length = 1;
        parts.push(match word.strip_prefix('-') {
            _ if is_behind_dashes => Part::Plain(word),
            None | Some("") => Part::Plain(word),
            Some("-") => {
                is_behind_dashes = true;
                Part::Dashes
            }
            Some(rest) => {
                let is_followed = match rest.strip_prefix('-') {
                    Some(name) => takes_value(by_long(name)),
                    // Of several letters the first with a value takes the rest of the word for it.
                    None => {
                        let with_value =
                            rest.char_indices().find(|(_, name)| takes_value(by_short(*name)));
                        with_value.is_some_and(|(at, name)| at + name.len_utf8() == rest.len())
                    }
                };
                length += usize::from(is_followed);
                Part::Flag(&words[at..words.len().min(at + length)])
            }
        });
        at += length;
    }
    parts
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
            // A value that is called like a command, or like the profile.
            ("--region use exec prod", Some("prod"), 0, "--region use"),
            ("--region shell exec --server prod", Some("prod"), 0, "--region shell --server"),
            (
                "-v --color always use prod --duration 1h",
                Some("prod"),
                0,
                "-v --color always --duration 1h",
            ),
            ("use use", Some("use"), 0, ""),
            (
                "use prod --session-name prod --region prod",
                Some("prod"),
                0,
                "--session-name prod --region prod",
            ),
            ("use --region r -- prod", Some("prod"), 0, "--region r"),
            ("use -vp prod", Some("prod"), 0, "-vp prod"),
            ("use -vpprod", Some("prod"), 0, "-vpprod"),
            ("exec --reason --mfa-code=1 prod", Some("prod"), 0, ""),
        ] {
            let words: Vec<OsString> =
                std::iter::once("awsx").chain(line.split(' ')).map(OsString::from).collect();
            assert_eq!(flags_of_line(&words, profile, command).join(" "), expected, "{line}");
        }
    }
}
