//! Changes the text of the settings file: one key of one `[sso.NAME]`. All other bytes stay.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The text with `key = "value"` in `[sso.NAME]`; `None` where it would not be read back so, as where the
/// file has an inline table.
pub(crate) fn with_sso_setting(
    text: &str,
    session: &str,
    key: &str,
    value: &str,
) -> Option<String> {
    let line = setting_line(key, value);
    let document = DeTable::parse(text).ok()?;
    let own = table_of(document.get_ref(), session);
    let new = match own.and_then(|own| member(own, key)) {
        Some(old) => {
            let span = old.span();
            format!("{}{}{}", text.get(..span.start)?, quote(value), text.get(span.end..)?)
        }
        None => match end_of_header(text, session) {
            Some(end) => {
                let (before, after) = text.split_at(end);
                let line_end = if before.ends_with('\n') { "" } else { "\n" };
                format!("{before}{line_end}{line}\n{after}")
            }
            None => {
                let gap = match text {
                    "" => "",
                    text if text.ends_with('\n') => "\n",
                    _ => "\n\n",
                };
                format!("{text}{gap}[sso.{}]\n{line}\n", bare_or_quoted(session))
            }
        },
    };
    let read = DeTable::parse(&new).ok()?;
    let kept = member(table_of(read.get_ref(), session)?, key)?;
    (kept.get_ref().as_str() == Some(value)).then_some(new)
}

/// `key = "value"`
pub(crate) fn setting_line(key: &str, value: &str) -> String {
    format!("{key} = {}", quote(value))
}

/// Where the line `[sso.NAME]` ends.
fn end_of_header(text: &str, session: &str) -> Option<usize> {
    let is_header = |line: &str| {
        // Of `[sso.NAME.settings]` the table is not empty.
        let parsed = DeTable::parse(line).ok().filter(|_| line.trim_start().starts_with('['));
        parsed.is_some_and(|t| table_of(t.get_ref(), session).is_some_and(DeTable::is_empty))
    };
    let mut end = 0;
    text.split_inclusive('\n').find_map(|line| {
        end += line.len();
        is_header(line).then_some(end)
    })
}

fn table_of<'t, 'a>(document: &'t DeTable<'a>, session: &str) -> Option<&'t DeTable<'a>> {
    member(member(document, "sso")?.get_ref().as_table()?, session)?.get_ref().as_table()
}

fn member<'t, 'a>(table: &'t DeTable<'a>, key: &str) -> Option<&'t Spanned<DeValue<'a>>> {
    table.iter().find(|(own, _)| own.get_ref() == key).map(|(_, value)| value)
}

fn bare_or_quoted(key: &str) -> String {
    let is_bare = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    match !key.is_empty() && key.bytes().all(is_bare) {
        true => key.to_owned(),
        false => quote(key),
    }
}

/// A basic string of TOML; JSON's escapes are among its own.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_changes_and_all_else_stays() {
        for (docs, text, expected) in [
            ("no file", "", "[sso.corp]\nregion = \"eu-west-1\"\n"),
            (
                "another session",
                "auto_login = true # mine\n[sso.lab]\nregion = \"x\"",
                "auto_login = true # mine\n[sso.lab]\nregion = \"x\"\n\n[sso.corp]\nregion = \"eu-west-1\"\n",
            ),
            (
                "the section",
                "[ sso . corp ] # mine\nauto_login = true\n",
                "[ sso . corp ] # mine\nregion = \"eu-west-1\"\nauto_login = true\n",
            ),
            ("no line end", "[sso.'corp']", "[sso.'corp']\nregion = \"eu-west-1\"\n"),
            (
                "the key",
                "[sso.corp]\nregion='us-east-1' # mine\n",
                "[sso.corp]\nregion=\"eu-west-1\" # mine\n",
            ),
            (
                "a rule has one too",
                "[[sso.corp.rules]]\nregion = \"us-east-1\"\n",
                "[[sso.corp.rules]]\nregion = \"us-east-1\"\n\n[sso.corp]\nregion = \"eu-west-1\"\n",
            ),
        ] {
            let new = with_sso_setting(text, "corp", "region", "eu-west-1");
            assert_eq!(new.as_deref(), Some(expected), "{docs}");
        }
        for text in ["sso = { corp = { auto_login = true } }\n", "[sso]\ncorp.auto_login = true\n"]
        {
            assert_eq!(with_sso_setting(text, "corp", "region", "eu-west-1"), None, "{text}");
        }
        let odd = with_sso_setting("", "a \"b\"", "profile_name", "{role_name}\\").unwrap();
        assert_eq!(odd, "[sso.\"a \\\"b\\\"\"]\nprofile_name = \"{role_name}\\\\\"\n");
    }
}
