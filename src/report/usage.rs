//! A command line that clap cannot read, in awsx's words.

use std::error::Error;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::failure::Failure;
use crate::profile::nearest;

/// What is wrong with the line. `command`: what it begins with, such as `awsx login sso`.
pub(super) fn failure(error: &clap::Error, command: &str, known: &[String]) -> Failure {
    let hint = match (habit_of_sts(error, command), similar(error, known)) {
        (Some(hint), _) => hint.to_owned(),
        (None, Some(similar)) => format!("did you mean {similar}? `{command} --help` shows all"),
        (None, None) => format!("`{command} --help` shows what there is"),
    };
    Failure::usage(sentence(error, command), &hint)
}

/// What somebody is used to, from the AWS CLI or from awsx's other commands, and what is done here.
fn habit_of_sts(error: &clap::Error, command: &str) -> Option<&'static str> {
    if !command.starts_with("awsx sts ") || error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let typed = error.get(ContextKind::InvalidArg)?.to_string();
    match typed.as_str() {
        "--query" | "--output" => Some("the answer is JSON: pick from it with `| jq .NAME`"),
        flag if flag.starts_with('-') => None,
        _ if ["assume-", "session-", "federation-"].iter().any(|one| command.contains(one)) => {
            Some("a profile is named by --profile, and a command stands behind `--`")
        }
        _ => Some("a profile is named by --profile"),
    }
}

fn sentence(error: &clap::Error, command: &str) -> String {
    use ContextKind as C;
    let text = |kind| error.get(kind).map(ToString::to_string).filter(|text| !text.is_empty());
    let argument = text(C::InvalidArg).map(|argument| names(&argument));
    match (error.kind(), argument, text(C::InvalidValue), text(C::PriorArg)) {
        (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(argument), None, _) => {
            format!("{argument} needs a value")
        }
        (ErrorKind::ValueValidation, Some(argument), Some(value), _) => {
            let problem = error.source().map(|problem| format!(": {problem}"));
            format!("{argument} {value}{}", problem.unwrap_or_default())
        }
        (ErrorKind::InvalidValue, Some(argument), Some(value), _) => {
            let values = text(C::ValidValue).unwrap_or_default();
            format!("{argument} {value}: expected one of {values}")
        }
        (ErrorKind::UnknownArgument, Some(flag), ..) if flag.starts_with('-') => {
            format!("`{command}` has no flag {flag}")
        }
        (ErrorKind::UnknownArgument, Some(word), ..) => {
            format!("`{command}` takes no further word, but there is {word}")
        }
        (ErrorKind::ArgumentConflict, Some(one), _, Some(other)) if one == names(&other) => {
            format!("{one} is given more than once")
        }
        (ErrorKind::ArgumentConflict, Some(one), _, Some(other)) => {
            format!("{one} and {} exclude each other", names(&other))
        }
        (ErrorKind::MissingRequiredArgument, Some(missing), ..) => {
            format!("`{command}` needs {missing} too")
        }
        (ErrorKind::InvalidSubcommand, ..) => {
            let word = text(C::InvalidSubcommand).unwrap_or_default();
            format!("`{command}` has no command {word}")
        }
        _ => {
            let whole = error.to_string();
            let first = whole.lines().next().unwrap_or_default();
            first.trim_start_matches("error: ").to_owned()
        }
    }
}

/// `--sso-region <REGION>, [SESSION]` without values and brackets.
fn names(arguments: &str) -> String {
    let name = |argument: &str| {
        let name = argument.split(' ').next().unwrap_or_default().to_owned();
        name.trim_end_matches("...").trim_matches(['[', ']', '<', '>']).to_owned()
    };
    arguments.split(", ").map(name).collect::<Vec<_>>().join(" and ")
}

/// What was probably meant: of the commands any, of the rest clap's guess, if it is near enough.
fn similar(error: &clap::Error, known: &[String]) -> Option<String> {
    use ContextKind as C;
    let text = |kind| error.get(kind).map(ToString::to_string);
    if let Some(typed) = text(C::InvalidSubcommand) {
        return nearest(&typed, known.iter().map(String::as_str)).map(str::to_owned);
    }
    let typed = text(C::InvalidArg)?;
    match error.get(C::SuggestedArg)? {
        ContextValue::String(guess) => nearest(&typed, [&**guess].into_iter()).map(str::to_owned),
        _ => None,
    }
}
