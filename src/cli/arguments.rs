//! The command line as clap reads it, and the one thing it cannot read: `exec`'s optional profile
//! before a command that keeps its own flags.

use std::ffi::OsString;

use clap::Parser;

use super::{Cli, Command};

/// Stands right behind the first `--` while clap, which drops that `--`, does its work. No argument
/// of a process can hold a NUL.
const AFTER_DASHES: &str = "\0";

/// Parses the whole command line.
///
/// `exec prod CMD -x`, `exec prod --duration 1h CMD -x`, `exec prod -- CMD`, `exec -p prod CMD -x`
/// and `exec -- CMD` all mean what they look like.
pub(super) fn parse(mut args: Vec<OsString>) -> Result<Cli, clap::Error> {
    let dashes = args.iter().position(|arg| arg == "--");
    let exec = args.iter().position(|arg| arg == "exec");
    if let (Some(dashes), Some(exec)) = (dashes, exec)
        && exec < dashes
    {
        args.insert(dashes + 1, AFTER_DASHES.into());
    }
    let program = args.first().cloned().unwrap_or_else(|| "awsx".into());
    let mut cli = Cli::try_parse_from(args)?;
    let Command::Exec(exec) = &mut cli.command else { return Ok(cli) };
    if exec.target.profile.is_some() || exec.words.is_empty() {
        exec.words = command(std::mem::take(&mut exec.words));
        return Ok(cli);
    }
    if exec.words[0] == AFTER_DASHES {
        exec.words.remove(0);
        return Ok(cli);
    }
    let mut words = std::mem::take(&mut exec.words);
    let rest = words.split_off(1);
    let profile = words.remove(0).into_string().map_err(|name| {
        let message = format!("the profile name {} is not valid Unicode", name.display());
        clap::Error::raw(clap::error::ErrorKind::InvalidUtf8, message)
    })?;
    let Command::Exec(exec) = &mut cli.command else { unreachable!("it was exec just now") };
    exec.words = rest;
    if exec
        .words
        .first()
        .is_some_and(|word| word.as_encoded_bytes().starts_with(b"-") && word != "--")
    {
        let again: Vec<OsString> =
            [program, "exec".into()].into_iter().chain(std::mem::take(&mut exec.words)).collect();
        cli.try_update_from(again)?;
    }
    let Command::Exec(exec) = &mut cli.command else { unreachable!("an update keeps the command") };
    if exec.target.profile.is_some() {
        let message = "the profile is named twice: before the command and with --profile";
        return Err(clap::Error::raw(clap::error::ErrorKind::ArgumentConflict, message));
    }
    exec.target.profile = Some(profile);
    exec.words = command(std::mem::take(&mut exec.words));
    Ok(cli)
}

/// The child's words: without awsx's own `--`, and without the mark behind it.
fn command(mut words: Vec<OsString>) -> Vec<OsString> {
    if words.first().is_some_and(|word| word == "--")
        && words.get(1).is_some_and(|w| w == AFTER_DASHES)
    {
        words.remove(0);
    }
    words.retain(|word| word != AFTER_DASHES);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exec_splits_profile_flags_and_command() {
        /// The line, the profile, the command's words, `--duration` in seconds.
        type Case = (&'static str, Option<&'static str>, &'static [&'static str], Option<u64>);
        let cases: &[Case] = &[
            ("exec prod -- ls -l", Some("prod"), &["ls", "-l"], None),
            ("exec prod ls -l", Some("prod"), &["ls", "-l"], None),
            ("exec prod --duration 1h ls --help", Some("prod"), &["ls", "--help"], Some(3600)),
            ("exec --duration 1h prod ls --help", Some("prod"), &["ls", "--help"], Some(3600)),
            ("exec prod --duration 1h -- ls", Some("prod"), &["ls"], Some(3600)),
            ("exec -p prod ls --version", Some("prod"), &["ls", "--version"], None),
            ("exec -p prod -- ls --version", Some("prod"), &["ls", "--version"], None),
            ("exec --profile=prod", Some("prod"), &[], None),
            ("exec -- ls -l", None, &["ls", "-l"], None),
            ("exec -- ls -- -l", None, &["ls", "--", "-l"], None),
            ("exec prod ls -- -l", Some("prod"), &["ls", "--", "-l"], None),
            ("exec prod -- ls -- -l", Some("prod"), &["ls", "--", "-l"], None),
            ("exec prod", Some("prod"), &[], None),
            ("exec prod --", Some("prod"), &[], None),
            ("exec", None, &[], None),
            ("exec --", None, &[], None),
        ];
        for (line, profile, words, duration) in cases {
            let args = std::iter::once("awsx").chain(line.split(' ')).map(OsString::from).collect();
            let cli = parse(args).unwrap_or_else(|error| panic!("{line}: {error}"));
            let Command::Exec(exec) = cli.command else { panic!("{line}") };
            assert_eq!(exec.target.profile.as_deref(), *profile, "{line}");
            assert_eq!(exec.words, *words, "{line}");
            assert_eq!(exec.session.duration.map(|d| d.as_secs()), *duration, "{line}");
        }
    }

    #[test]
    fn a_profile_is_named_once() {
        let args = ["awsx", "exec", "prod", "-p", "dev", "ls"].map(OsString::from);
        assert!(parse(args.to_vec()).is_err());
    }
}
