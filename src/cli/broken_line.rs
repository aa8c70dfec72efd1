//! What a line says that clap cannot read: the command it is about, and how it wants to be answered.

use std::ffi::OsString;

use clap::{CommandFactory, ValueEnum};

use super::command::Cli;
use super::command_tree::{find_command, names_below};
use crate::deliver::format::Format;
use crate::report::Globals;
use crate::report::globals::Color;

/// `awsx login sso` of any line that begins so.
pub(super) fn command_of(args: &[OsString]) -> String {
    find(args).0
}

/// The commands that could follow it.
pub(super) fn commands_below(args: &[OsString]) -> Vec<String> {
    names_below(&find(args).1)
}

fn find(args: &[OsString]) -> (String, clap::Command) {
    find_command(Cli::command(), args)
}

/// The colours that it asks for, whatever else is wrong with it.
pub(super) fn globals_of(args: &[OsString]) -> Globals {
    let mut words = args.iter().filter_map(|word| word.to_str()).take_while(|word| *word != "--");
    let mut color = None;
    while let Some(word) = words.next() {
        let value = if word == "--color" { words.next() } else { word.strip_prefix("--color=") };
        color = value.and_then(|value| Color::from_str(value, false).ok()).or(color);
    }
    Globals { color: color.unwrap_or_default(), ..Globals::default() }
}

/// The format that a line of `awsx env` or `awsx sts` asks for, for one that clap cannot read.
pub(super) fn format_of(args: &[OsString], usual: impl FnOnce() -> Format) -> Option<Format> {
    let command = command_of(args);
    if command != "awsx env" && !command.starts_with("awsx sts ") {
        return None;
    }
    let own = args.iter().take_while(|word| command == "awsx env" || *word != "--");
    let mut words = own.map(|word| word.to_str().unwrap_or_default());
    let mut format = None;
    while let Some(word) = words.next() {
        format = match word {
            "--format" | "-f" => words.next(),
            word => word.strip_prefix("--format=").or(word.strip_prefix("-f")).or(format),
        };
    }
    match (format, format.and_then(|name| name.parse().ok())) {
        // Without a format it prints no lines of a shell.
        (None, _) if command != "awsx env" => None,
        (_, known) => Some(known.unwrap_or_else(usual)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_names_its_command() {
        for (line, command, color) in [
            ("awsx", "awsx", Color::Auto),
            ("awsx nonsense", "awsx", Color::Auto),
            ("awsx help sso nonsense", "awsx sso", Color::Auto),
            ("awsx nonsense ls", "awsx", Color::Auto),
            ("awsx --region exec login nonsense", "awsx login", Color::Auto),
            ("awsx -q login sso --nonsense", "awsx login sso", Color::Auto),
            ("awsx exec exec --color always -- env --color never", "awsx exec", Color::Always),
            ("awsx whoami --color=never x y", "awsx whoami", Color::Never),
            ("awsx whoami --color nonsense", "awsx whoami", Color::Auto),
        ] {
            let args: Vec<_> = line.split(' ').map(OsString::from).collect();
            assert_eq!((&*command_of(&args), globals_of(&args).color), (command, color), "{line}");
        }
    }

    #[test]
    fn the_format_of_a_line_is_seen() {
        for (line, expected) in [
            ("env", Some(Format::Sh)),
            ("env dev --typo", Some(Format::Sh)),
            ("env dev --typo --format fish", Some(Format::Fish)),
            ("env -f pwsh --typo", Some(Format::Powershell)),
            ("env --format=json --typo", Some(Format::Json)),
            ("env --format nonsense", Some(Format::Sh)),
            ("-q --region r env --typo", Some(Format::Sh)),
            ("sts assume-role --format fish --typo", Some(Format::Fish)),
            ("sts assume-role --typo", None),
            ("sts assume-role --typo -- env --format fish", None),
            ("whoami env", None),
            ("exec env --typo", None),
            ("", None),
        ] {
            let args: Vec<_> = format!("awsx {line}").split(' ').map(OsString::from).collect();
            assert_eq!(format_of(&args, Format::default), expected, "{line}");
        }
    }
}
