//! The command line as clap reads it, and the one thing it cannot read: `exec`'s optional profile
//! before a command that keeps its own flags.

use std::ffi::OsString;

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};

use super::command::{Cli, Command};

/// Parses the whole command line.
///
/// `exec prod CMD -x`, `exec prod --duration 1h CMD -x`, `exec prod -- CMD`, `exec -p prod CMD -x`
/// and `exec -- CMD` all mean what they look like.
pub(super) fn parse(mut args: Vec<OsString>) -> Result<Cli, clap::Error> {
    match args.as_mut_slice() {
        [_] => args.push("--help".into()),
        [_, first, ..] if first == "version" => *first = "--version".into(),
        _ => {}
    }
    let mut cli = read(&args)?;
    let Command::Exec(exec) = &mut cli.command else { return Ok(cli) };
    // The words are what stands last, as typed; clap drops a `--` before them, none among them.
    let at = args.len() - exec.words.len();
    let names_whose = exec.flags.target.profile.is_some() || exec.flags.session.names_whose();
    let is_command = names_whose || args[at - 1] == "--";
    let [name, rest @ ..] = exec.words.as_slice() else { return Ok(cli) };
    if is_command {
        return Ok(cli);
    }
    let flags_follow =
        rest.first().is_some_and(|word| word != "--" && word.as_encoded_bytes().starts_with(b"-"));
    match name.to_str().filter(|name| !name.is_empty() && !flags_follow) {
        Some(name) => {
            exec.flags.target.profile = Some(name.to_owned());
            let own = if rest.first().is_some_and(|word| word == "--") { 2 } else { 1 };
            exec.words.drain(..own);
            Ok(cli)
        }
        // clap stopped at the name. As a flag it lets clap go on, and say what is wrong with it.
        None => {
            let mut flag = OsString::from("--profile=");
            flag.push(name);
            args[at] = flag;
            read(&args).map_err(second_profile_error)
        }
    }
}

/// By the command's own branch, if that is enough.
fn read(args: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::parse_branch(args).map_or_else(|| Cli::try_parse_from(args), Ok)
}

/// Whether `--json` is among awsx's own arguments, for a line that clap cannot read.
pub(super) fn ask_for_json(args: &[OsString]) -> bool {
    let own = || args.iter().take_while(|arg| *arg != "--");
    own().any(|arg| arg == "--json") && !own().any(|arg| arg == "exec")
}

/// The person typed one `--profile`, so clap's word of several would mislead.
fn second_profile_error(error: clap::Error) -> clap::Error {
    let about = error.get(ContextKind::InvalidArg).map(ToString::to_string).unwrap_or_default();
    if error.kind() != ErrorKind::ArgumentConflict || !about.starts_with("--profile") {
        return error;
    }
    let message = "the profile is named twice: before the command and with --profile\n";
    clap::Error::raw(ErrorKind::ArgumentConflict, message)
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
            ("exec prod -- --", Some("prod"), &["--"], None),
            ("exec prod -- -- ls", Some("prod"), &["--", "ls"], None),
            ("exec -p prod -- -- ls", Some("prod"), &["--", "ls"], None),
            ("exec -- -x", None, &["-x"], None),
            ("exec prod -- -x", Some("prod"), &["-x"], None),
            ("exec exec exec --", Some("exec"), &["exec", "--"], None),
            ("--region exec exec -- ls", None, &["ls"], None),
            ("exec", None, &[], None),
            ("exec --", None, &[], None),
        ];
        for (line, profile, words, duration) in cases {
            let args = std::iter::once("awsx").chain(line.split(' ')).map(OsString::from).collect();
            let cli = parse(args).unwrap_or_else(|error| panic!("{line}: {error}"));
            let Command::Exec(exec) = cli.command else { panic!("{line}") };
            assert_eq!(exec.flags.target.profile.as_deref(), *profile, "{line}");
            assert_eq!(exec.words, *words, "{line}");
            assert_eq!(exec.flags.session.duration.map(|d| d.as_secs()), *duration, "{line}");
        }
    }

    #[test]
    fn a_branch_reads_a_line_as_the_whole_tree_does() {
        for line in [
            "exec",
            "exec prod -- ls -l",
            "exec prod --duration 1h ls --help",
            "exec -p prod --region eu-west-1 -vv -q ls",
            "exec --sso corp --account a --role r -- ls",
            "exec --no-input -v prod --tag a=b --tag c=d --color never -- ls --color always",
            "exec --nonsense",
            "exec --help",
            "env dev -f fish --no-session",
            "env --unset",
            "env dev --format nonsense",
            "credential-process prod --mfa-code 123456 --min-ttl 20m",
            "credential-process a b",
            "whoami prod --json --refresh",
            "prompt --shell zsh --format {profile} -q",
            "prompt --json --shell zsh",
            "whoami --region not,a.region",
            "token eks --cluster demo -p prod --region eu-west-1 -v",
            "token eks --cluster-name demo --role-arn arn:aws:iam::111111111111:role/a --token",
            "token eks",
            "docker-credential get",
            "docker-credential",
            "profiles",
            "-v exec prod",
        ] {
            let args: Vec<OsString> =
                format!("awsx {line}").split(' ').map(OsString::from).collect();
            let whole = Cli::try_parse_from(&args).ok().map(|cli| format!("{cli:?}"));
            match Cli::parse_branch(&args) {
                Some(branch) => assert_eq!(Some(format!("{branch:?}")), whole, "{line}"),
                None => assert!(whole.is_none() || !line.starts_with("e"), "{line}"),
            }
        }
    }

    #[test]
    fn flags_count_on_both_sides_of_the_profile() {
        for dashes in ["", "-- "] {
            let line = format!(
                "awsx --no-input -q --region r exec --refresh --no-session --tag a=b prod \
                 --duration 1h --color never {dashes}ls"
            );
            let cli = parse(line.split(' ').map(OsString::from).collect()).unwrap();
            let globals = &cli.globals;
            assert!(globals.no_input && globals.quiet, "{line}");
            assert_eq!(globals.region.as_deref(), Some("r"), "{line}");
            let Command::Exec(exec) = &cli.command else { panic!("{line}") };
            let rules = exec.flags.session.rules(crate::resolve::Purpose::Deliver);
            assert!(rules.refresh && rules.no_session && rules.duration.is_some(), "{line}");
            assert_eq!(exec.flags.session.tag.len(), 1, "{line}");
            assert_eq!(exec.words, ["ls"], "{line}");
        }
    }

    #[test]
    fn a_profile_is_second_profile_error_and_is_not_empty() {
        for words in [
            &["exec", "prod", "-p", "dev", "ls"][..],
            &["exec", "", "--", "ls"],
            &["exec", "-p", "", "ls"],
            &["exec", "--profile="],
            &["whoami", ""],
            &["env", "--profile", ""],
        ] {
            let args = std::iter::once(&"awsx").chain(words).map(OsString::from).collect();
            assert!(parse(args).is_err(), "{words:?}");
        }
    }

    #[test]
    fn what_stands_behind_the_dashes_of_other_commands_is_an_argument() {
        let args = ["awsx", "whoami", "exec", "--"].map(OsString::from);
        assert!(parse(args.to_vec()).is_ok());
    }
}
