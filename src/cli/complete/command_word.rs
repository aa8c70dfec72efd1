//! Where the command begins that awsx starts: what follows is completed as that command's own line.

use std::ffi::OsString;

use crate::cli::arguments::parse;
use crate::cli::broken_line::command_of;
use crate::cli::command::Command;

/// Which word is the command that awsx would start, if it is the last one or stands before it.
pub(super) fn command_word(words: &[String]) -> Option<usize> {
    let (last, before) = words.split_last()?;
    // As if a plain word was there.
    let line = before.iter().map(OsString::from).chain(["x".into()]);
    let at = match parse(line.clone().collect()) {
        Ok(cli) => match cli.command {
            Command::Exec(exec) => words.len() - exec.words.len(),
            #[cfg(unix)]
            Command::Each(_) => behind_dashes(before)?,
            Command::Sts(_) => behind_dashes(before)?,
            _ => return None,
        },
        // What the operation needs may still be missing.
        Err(_) if command_of(&line.collect::<Vec<_>>()).starts_with("awsx sts ") => {
            behind_dashes(before)?
        }
        Err(_) => return None,
    };
    let is_flag = last.starts_with('-') && before.last().is_none_or(|word| word != "--");
    (at < before.len() || at == before.len() && !is_flag).then_some(at)
}

fn behind_dashes(words: &[String]) -> Option<usize> {
    words.iter().position(|word| word == "--").map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_told_from_what_is_for_awsx() {
        for (line, expected) in [
            ("exec ", None),
            ("exec pr", None),
            ("exec prod ", Some(3)),
            ("exec prod ku", Some(3)),
            ("exec prod kubectl ", Some(3)),
            ("exec prod kubectl --na", Some(3)),
            ("exec prod --dur", None),
            ("exec prod --duration ", None),
            ("exec prod --duration 1h ", Some(5)),
            ("exec prod -- ", Some(4)),
            ("exec prod -- -", Some(4)),
            ("exec prod -- kubectl get ", Some(4)),
            ("exec -- ", Some(3)),
            ("exec -p prod ", Some(4)),
            ("exec -p ", None),
            ("exec --sso corp --account a --role r ", Some(8)),
            ("shell prod ls ", Some(3)),
            ("-q exec prod ls ", Some(4)),
            ("env prod ", None),
            #[cfg(unix)]
            ("each prod dev ", None),
            #[cfg(unix)]
            ("each prod* -- ku", Some(4)),
            ("sts assume-role --format fish ", None),
            ("sts assume-role -- ", Some(4)),
            ("sts assume-role -p dev --role-arn arn:aws:iam::111111111111:role/a -- ls ", Some(8)),
            ("ssh host -- ", None),
            ("", None),
        ] {
            let words: Vec<String> = format!("awsx {line}").split(' ').map(str::to_owned).collect();
            assert_eq!(command_word(&words), expected, "{line}");
        }
    }
}
