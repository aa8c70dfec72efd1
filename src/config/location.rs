//! Where the AWS files are.

use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::profile::FileKind;

const NO_FILE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// The file's path: what `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE` says, else
/// `~/.aws/config` or `~/.aws/credentials`.
///
/// As in botocore, `$NAME` and `${NAME}` are replaced by the variable, if it is set, then a `~` at
/// the start by the home directory. An empty variable means no file at all.
pub(crate) fn path(env: &Env, kind: FileKind) -> PathBuf {
    let (variable, default) = match kind {
        FileKind::Config => ("AWS_CONFIG_FILE", "~/.aws/config"),
        FileKind::Credentials => ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
    };
    let path = match env.path(variable) {
        None if env.is_present(variable) => Path::new(NO_FILE),
        path => path.unwrap_or(Path::new(default)),
    };
    match path.to_str() {
        Some(text) => env.expand_home(Path::new(&with_variables(text, env))),
        // The names of variables are ASCII, but the pieces between them are not Unicode.
        None => env.expand_home(path),
    }
}

fn with_variables(text: &str, env: &Env) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    let begins = |c| c == '$' || (c == '%' && cfg!(windows));
    while let Some(at) = rest.find(begins) {
        expanded.push_str(&rest[..at]);
        let (name, written) = match rest[at..].starts_with('%') {
            true => name_in_percents(&rest[at + 1..]),
            false => variable_name(&rest[at + 1..]),
        };
        let written = &rest[at..=at + written];
        match env.path(name).map(|value| value.to_str()) {
            Some(Some(value)) => expanded.push_str(value),
            None if env.is_present(name) => {}
            _ => expanded.push_str(written),
        }
        rest = &rest[at + written.len()..];
    }
    expanded + rest
}

/// The variable that stands behind a `$`, and how many bytes name and braces take.
fn variable_name(text: &str) -> (&str, usize) {
    if let Some((name, _)) = text.strip_prefix('{').and_then(|braced| braced.split_once('}')) {
        return (name, name.len() + 2);
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    (&text[..end], end)
}

/// The same of `%NAME%`, for botocore on Windows.
fn name_in_percents(text: &str) -> (&str, usize) {
    text.split_once('%').map_or(("", 0), |(name, _)| (name, name.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_the_home_directory_are_expanded() {
        for (variable, expected) in [
            (None, "/home/x/.aws/config"),
            (Some(""), NO_FILE),
            (Some("/etc/aws"), "/etc/aws"),
            (Some("relative"), "relative"),
            (Some("~/c"), "/home/x/c"),
            (Some("~other/c"), "~other/c"),
            (Some("$DIR/c"), "/dir/c"),
            (Some("/a/${DIR}b/$DIR"), "/a//dirb//dir"),
            (Some("$TILDE/c"), "/home/x/c"),
            (Some("$EMPTY/c"), "/c"),
            (Some("$UNSET/c"), "$UNSET/c"),
            (Some("/a$"), "/a$"),
            (Some("/a${DIR"), "/a${DIR"),
            (Some("/a$-$$DIR"), "/a$-$/dir"),
        ] {
            let mut pairs =
                vec![("HOME", "/home/x"), ("DIR", "/dir"), ("TILDE", "~"), ("EMPTY", "")];
            pairs.extend(variable.map(|v| ("AWS_CONFIG_FILE", v)));
            let env = Env::from_pairs(pairs);
            assert_eq!(path(&env, FileKind::Config), Path::new(expected), "{variable:?}");
        }
        let env = Env::from_pairs([("DIR", "/dir")]);
        for (text, of_windows) in [("%DIR%/c", "/dir/c"), ("%NO%/c", "%NO%/c"), ("a%b", "a%b")] {
            let expected = if cfg!(windows) { of_windows } else { text };
            assert_eq!(with_variables(text, &env), expected);
        }
        let env = Env::from_pairs([("HOME", "/h"), ("AWS_SHARED_CREDENTIALS_FILE", "~/s")]);
        assert_eq!(path(&env, FileKind::Credentials), Path::new("/h/s"));
        assert_eq!(path(&env, FileKind::Config), Path::new("/h/.aws/config"));
    }
}
