//! What a shell is told: first a line that says of what kind the answer is, then a line for each word.

use std::fmt::Write;

use super::line::Stays;
use crate::shell::Shell;
use crate::text::printable;

/// What can stand at the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Words, and files too
    Words { words: Vec<Candidate>, files: bool },
    /// What another command takes, whose name is this one of the shell's words
    Command(usize),
}

/// A word, and what it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) word: String,
    pub(super) about: String,
}

impl Answer {
    /// As the functions in `src/shell` read it.
    pub(super) fn text(&self, shell: Shell, stays: &Stays) -> String {
        let (words, files) = match self {
            Self::Command(at) => return format!("command {at}\n"),
            Self::Words { words, files } => (words, *files),
        };
        // A control character ends a word, or steers the terminal.
        let words = words.iter().filter(|word| !word.word.contains(char::is_control));
        let words: Vec<_> = words.collect();
        let is_open = |candidate: &&Candidate| candidate.word.ends_with(['=', ':', ',']);
        let mut text = match &*words {
            _ if files => "files\n",
            [] => return String::new(),
            words if words.iter().all(is_open) => "open\n",
            _ => "words\n",
        }
        .to_owned();
        for Candidate { word, about } in words {
            let about = printable(about);
            let _ = match (shell, &*about) {
                (Shell::Bash, _) => match word.strip_prefix(&*stays.text) {
                    Some(rest) => writeln!(text, "{}", quote(rest, stays.quote)),
                    None => Ok(()),
                },
                (Shell::Zsh, "") => writeln!(text, "{}", escape(word, "\\:")),
                (Shell::Zsh, _) => {
                    writeln!(text, "{}:{}", escape(word, "\\:"), escape(&about, "\\"))
                }
                (Shell::Fish | Shell::Elvish, "") => writeln!(text, "{word}"),
                (Shell::Fish | Shell::Elvish, _) => writeln!(text, "{word}\t{about}"),
                (Shell::Nushell, _) => writeln!(text, "{}\t{about}", quote_for_nushell(word)),
                (Shell::Powershell, _) => {
                    writeln!(text, "{}\t{word}\t{about}", quote_for_powershell(word))
                }
            };
        }
        text
    }
}

/// As it is typed in bash behind these open quotes.
fn quote(word: &str, open: Option<char>) -> String {
    match open {
        Some('\'') => word.replace('\'', r"'\''"),
        Some(_) => escape(word, "\\\"$`"),
        None => escape(word, " \t\\\"'`$&|;<>()[]{}*?!#~^"),
    }
}

/// A word that stands for itself in every shell needs no quotes.
fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word.chars().all(|sign| sign.is_alphanumeric() || "_@%+=:./-".contains(sign))
}

/// <https://www.nushell.sh/book/working_with_strings.html#double-quoted-strings>
fn quote_for_nushell(word: &str) -> String {
    match is_plain(word) || word.starts_with("read:") {
        true => word.to_owned(),
        false => format!("\"{}\"", escape(word, "\\\"")),
    }
}

/// A comma makes a list, and a letter beyond ASCII may be a quote.
/// <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>
fn quote_for_powershell(word: &str) -> String {
    match is_plain(word) && word.is_ascii() && !word.starts_with(['@', '%']) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "''")),
    }
}

fn escape(text: &str, special: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if special.contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[(&str, &str)], files: bool) -> Answer {
        let word = |(word, about): &(&str, &str)| Candidate {
            word: (*word).to_owned(),
            about: (*about).to_owned(),
        };
        Answer::Words { words: words.iter().map(word).collect(), files }
    }

    #[test]
    fn each_shell_reads_words_as_they_are() {
        let odd = words(&[("it's a:b", "role C:\\x"), ("no\nword", ""), ("plain", "")], false);
        let stays = |text: &str, quote| Stays { text: text.to_owned(), quote };
        for (shell, stays, expected) in [
            (Shell::Bash, stays("", None), "words\nit\\'s\\ a:b\nplain\n"),
            (Shell::Bash, stays("", Some('\'')), "words\nit'\\''s a:b\nplain\n"),
            (Shell::Bash, stays("it's a:", Some('"')), "words\nb\n"),
            (Shell::Zsh, stays("", None), "words\nit's a\\:b:role C:\\\\x\nplain\n"),
            (Shell::Fish, stays("", None), "words\nit's a:b\trole C:\\x\nplain\n"),
            (Shell::Elvish, stays("", None), "words\nit's a:b\trole C:\\x\nplain\n"),
            (Shell::Nushell, stays("", None), "words\n\"it's a:b\"\trole C:\\x\nplain\t\n"),
            (
                Shell::Powershell,
                stays("", None),
                "words\n'it''s a:b'\tit's a:b\trole C:\\x\nplain\tplain\t\n",
            ),
        ] {
            assert_eq!(odd.text(shell, &stays), expected, "{shell:?} {stays:?}");
        }
    }

    #[test]
    fn the_first_line_says_what_follows() {
        let stays = Stays::default();
        for (answer, expected) in [
            (Answer::Command(3), "command 3\n"),
            (words(&[], true), "files\n"),
            (words(&[("read", "")], true), "files\nread\n"),
            (words(&[("--profile=", "")], false), "open\n--profile=\n"),
            (words(&[], false), ""),
        ] {
            assert_eq!(answer.text(Shell::Bash, &stays), expected);
        }
    }
}
