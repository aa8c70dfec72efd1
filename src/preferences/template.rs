//! The name of a generated profile: text with placeholders, such as `{account_name}/{role_name}` or
//! `{account_name:kebab}.{role_name:lower}`.
//!
//! Characters that not all AWS tools accept in a name are replaced in a placeholder's value: every run of
//! them becomes one `-`, at its ends none. Filters come after colons, and apply in order.

use std::fmt;

use crate::profile::is_portable_name;

/// A role in an account, as the access portal lists it.
#[derive(Clone, Copy, Debug)]
pub struct Role<'a> {
    /// The name of the `[sso-session]`
    pub session: &'a str,
    /// `accountId`, 12 digits
    pub account_id: &'a str,
    pub account_name: &'a str,
    /// `emailAddress` of the account; empty where there is none
    pub email: &'a str,
    pub role_name: &'a str,
}

#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    Value(Placeholder, Vec<Filter>),
}

type Placeholder = for<'a> fn(&Role<'a>) -> &'a str;

const PLACEHOLDERS: [(&str, Placeholder); 5] = [
    ("account_name", |role| role.account_name),
    ("account_id", |role| role.account_id),
    ("email", |role| role.email),
    ("role_name", |role| role.role_name),
    ("session", |role| role.session),
];

type Filter = fn(&str) -> String;

const FILTERS: [(&str, Filter); 4] = [
    ("lower", str::to_lowercase),
    ("upper", str::to_uppercase),
    ("kebab", |value| words(value).join("-")),
    ("snake", |value| words(value).join("_")),
];

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at} of the template: {problem}")]
pub struct TemplateError {
    pub at: usize,
    pub problem: String,
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let error = |byte: usize, problem: String| TemplateError {
            at: text[..byte].chars().count() + 1,
            problem,
        };
        let mut parts = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let Some(inner) = rest.strip_prefix('{') else {
                let end = rest.find('{').unwrap_or(rest.len());
                let literal = &rest[..end];
                let wrong = |c: &char| !is_portable_name(c.encode_utf8(&mut [0; 4]));
                if let Some((offset, c)) = literal.char_indices().find(|(_, c)| wrong(c)) {
                    let problem = format!("{c:?} is not accepted in names by all AWS tools");
                    return Err(error(at + offset, problem));
                }
                parts.push(Part::Text(literal.to_owned()));
                at += end;
                continue;
            };
            let end = inner.find('}').ok_or_else(|| error(at, "`{` without `}`".into()))?;
            let mut words = inner[..end].split(':');
            let name = words.next().unwrap_or_default();
            let value = look_up(name, &PLACEHOLDERS).map_err(|all| {
                error(at + 1, format!("`{name}` is not a placeholder: expected one of {all}"))
            })?;
            let mut filters = Vec::new();
            let mut word_at = at + 1 + name.len() + 1;
            for word in words {
                filters.push(look_up(word, &FILTERS).map_err(|all| {
                    error(word_at, format!("`{word}` is not a filter: expected one of {all}"))
                })?);
                word_at += word.len() + 1;
            }
            parts.push(Part::Value(value, filters));
            at += 1 + end + 1;
        }
        if parts.is_empty() {
            return Err(error(0, "it is empty".into()));
        }
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The profile name of a role; none where a placeholder's value is missing, or has no character that
    /// a name may have. An account of such a name is called by its id.
    pub fn name(&self, role: &Role<'_>) -> Option<String> {
        let mut name = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Value(placeholder, filters) => {
                    let value = match placeholder(role) {
                        name if name == role.account_name && to_portable(name).is_empty() => {
                            role.account_id
                        }
                        value => value,
                    };
                    let value =
                        filters.iter().fold(value.to_owned(), |value, filter| filter(&value));
                    let value = to_portable(&value);
                    if value.is_empty() {
                        return None;
                    }
                    name.push_str(&value);
                }
            }
        }
        Some(name)
    }
}

impl Default for Template {
    fn default() -> Self {
        Self::parse("{account_name}/{role_name}").expect("a constant that the tests read")
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The value of a word in a table, or all words of the table.
fn look_up<T: Copy>(word: &str, table: &[(&str, T)]) -> Result<T, String> {
    let found = table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    found.ok_or_else(|| table.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
}

/// The words of a value in lower case: runs of ASCII letters and digits. `AdministratorAccess` is two.
fn words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut chars = value.chars().peekable();
    let mut before: Option<char> = None;
    while let Some(c) = chars.next() {
        let begins = c.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || before.is_numeric()
                    || before.is_uppercase() && chars.peek().is_some_and(|next| next.is_lowercase())
            });
        if (begins || !c.is_ascii_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        before = Some(c);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The value with one `-` for every run of characters that not all AWS tools accept; none at its ends,
/// where it would look like a flag.
fn to_portable(value: &str) -> String {
    let mut portable = String::with_capacity(value.len());
    let mut gap = false;
    for c in value.chars() {
        if is_portable_name(c.encode_utf8(&mut [0; 4])) {
            if gap && !portable.is_empty() {
                portable.push('-');
            }
            portable.push(c);
            gap = false;
        } else {
            gap = true;
        }
    }
    portable.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: Role<'_> = Role {
        session: "corp",
        account_id: "111111111111",
        account_name: " Sandbox (Team Ä) ",
        email: "aws+sandbox@corp.example",
        role_name: "AWSAdministratorAccess",
    };

    #[test]
    fn templates_name_profiles() {
        for (template, expected) in [
            ("{account_name}/{role_name}", "Sandbox-Team/AWSAdministratorAccess"),
            ("{account_name:lower}", "sandbox-team"),
            ("{account_name:upper}", "SANDBOX-TEAM"),
            ("{role_name:kebab}", "aws-administrator-access"),
            ("{role_name:snake:upper}", "AWS_ADMINISTRATOR_ACCESS"),
            ("{session}.{account_id}", "corp.111111111111"),
            ("{email}", "aws+sandbox@corp.example"),
            ("fixed", "fixed"),
            ("a{session}b{session}c", "acorpbcorpc"),
        ] {
            let read = Template::parse(template).unwrap();
            assert_eq!(read.name(&ROLE).as_deref(), Some(expected), "{template}");
            assert_eq!(read.to_string(), template);
        }
        assert_eq!(Template::default().to_string(), "{account_name}/{role_name}");
    }

    #[test]
    fn words_end_at_symbols_and_capitals() {
        for (value, expected) in [
            ("ReadOnly", "read-only"),
            ("AWSReadOnly Access", "aws-read-only-access"),
            ("read_only access", "read-only-access"),
            ("EC2-Admin2Go", "ec2-admin2-go"),
            ("ABC", "abc"),
            ("--", ""),
            ("データ基盤 6", "6"),
            ("Zürich", "z-rich"),
        ] {
            assert_eq!(words(value).join("-"), expected, "{value}");
        }
    }

    #[test]
    fn nothing_left_of_a_value_is_no_name() {
        let [account, email] =
            ["x-{account_name}", "x-{email}"].map(|t| Template::parse(t).unwrap());
        for name in ["", "  ", "日本", "-"] {
            assert_eq!(email.name(&Role { email: name, ..ROLE }), None, "{name}");
            // Accounts have a number too.
            let named = account.name(&Role { account_name: name, ..ROLE }).unwrap();
            assert_eq!(named, format!("x-{}", ROLE.account_id), "{name}");
        }
    }

    #[test]
    fn mistakes_name_their_character() {
        for (template, at, words) in [
            ("", 1, "empty"),
            ("{account}", 2, "`account` is not a placeholder: expected one of account_name"),
            ("ab{role_name", 3, "`{` without `}`"),
            ("{role_name:shout}", 12, "`shout` is not a filter: expected one of lower, upper"),
            ("{role_name:lower:}", 18, "`` is not a filter"),
            ("{session}}", 10, "'}' is not accepted"),
            ("a b", 2, "' ' is not accepted"),
            ("ä{session}", 1, "is not accepted"),
            ("{session}\n", 10, "'\\n' is not accepted"),
            ("{}", 2, "is not a placeholder"),
        ] {
            let error = Template::parse(template).unwrap_err();
            assert_eq!(error.at, at, "{template}: {error}");
            assert!(error.to_string().contains(words), "{template}: {error}");
        }
    }
}
