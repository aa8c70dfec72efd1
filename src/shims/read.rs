//! A tool's line, taken apart by the flags that the tool has.

use std::ffi::{OsStr, OsString};

use super::parts::{Flag, Given, Line, Refusal, Style};
use crate::env::Env;

/// Takes the words behind `command` apart; `known`: the flags that it has.
pub(super) fn read<'a>(
    command: String,
    style: Style,
    known: &[&'static [Flag]],
    words: &[OsString],
    env: &'a Env,
) -> Result<Line<'a>, Refusal> {
    let mut line = Line { command, flags: Vec::new(), words: Vec::new(), before_dashes: None, env };
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.to_str().unwrap_or_default();
        if text == "--" {
            line.before_dashes = Some(line.words.len());
            line.words.extend(rest.by_ref().cloned());
            break;
        }
        if !text.starts_with('-') || text == "-" {
            line.words.push(word.clone());
            if style.stops_at_word {
                line.words.extend(rest.by_ref().cloned());
            }
            continue;
        }
        for (flag, typed, value) in flags_of_word(text, style, known)
            .ok_or_else(|| refuse_flag(&line.command, text, !line.words.is_empty()))?
        {
            let value = match (flag.takes_value, value) {
                (false, None) => None,
                (false, Some(_)) => {
                    let hint = format!("leave the value out: {typed}");
                    return Err(Refusal::new(format!("{typed} takes no value"), hint));
                }
                (true, Some(value)) => Some(value.into()),
                (true, None) => Some(rest.next().cloned().ok_or_else(|| {
                    let hint = format!("`{} --help` shows its flags", line.command);
                    Refusal::new(format!("{typed} needs a value"), hint)
                })?),
            };
            let ends = value.as_deref().is_some_and(|value| value == "--");
            line.flags.push(Given { flag, typed, value, behind: line.words.len() });
            if ends {
                line.before_dashes = Some(line.words.len());
                line.words.extend(rest.by_ref().cloned());
            }
        }
    }
    Ok(line)
}

/// The flags that a word stands for, each as it is typed and with the value that the word has for it.
fn flags_of_word(
    word: &str,
    style: Style,
    known: &[&'static [Flag]],
) -> Option<Vec<(&'static Flag, String, Option<String>)>> {
    let (name, value) = match word.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (word, None),
    };
    let all = || known.iter().flat_map(|flags| flags.iter());
    let named = |name: &str| all().find(|flag| flag.names.contains(&name));
    if let Some(flag) = named(name) {
        return Some(vec![(flag, name.to_owned(), value)]);
    }
    let plain = name.trim_start_matches('-');
    let (one, two) = (format!("-{plain}"), format!("--{plain}"));
    if style.has_one_dash
        && let Some(flag) = named(&one).or_else(|| named(&two))
    {
        return Some(vec![(flag, name.to_owned(), value)]);
    }
    if style.abbreviates && name.starts_with("--") {
        let mut like = all().filter(|flag| flag.names.iter().any(|whole| whole.starts_with(name)));
        let flag = like.next().filter(|_| like.next().is_none())?;
        return Some(vec![(flag, name.to_owned(), value)]);
    }
    match style.joins_letters && !name.starts_with("--") {
        true => letters(word.strip_prefix('-')?, named),
        false => None,
    }
}

/// `-nd1h`
fn letters(
    word: &str,
    named: impl Fn(&str) -> Option<&'static Flag>,
) -> Option<Vec<(&'static Flag, String, Option<String>)>> {
    let mut found = Vec::new();
    for (at, letter) in word.char_indices() {
        let typed = format!("-{letter}");
        let flag = named(&typed)?;
        let rest = &word[at + letter.len_utf8()..];
        if flag.takes_value && !rest.is_empty() {
            found.push((flag, typed, Some(rest.to_owned())));
            return Some(found);
        }
        found.push((flag, typed, None));
    }
    Some(found)
}

fn refuse_flag(command: &str, word: &str, is_behind_word: bool) -> Refusal {
    // What follows it may be a secret.
    let flag = word.split('=').next().unwrap_or_default();
    let hint = match is_behind_word {
        true => format!(
            "if the command is meant that is run, put -- before it; `{command} --help` shows what awsx understands"
        ),
        false => format!("`{command} --help` shows what awsx understands"),
    };
    Refusal::new(format!("{command} has no flag {flag} that awsx knows"), hint)
}

/// Whether a word is a flag.
pub(super) fn is_flag(word: &OsStr) -> bool {
    word.as_encoded_bytes().starts_with(b"-")
}
