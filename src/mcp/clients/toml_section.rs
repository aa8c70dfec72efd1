//! A section of a TOML file is set or removed. What comes of it is read again, and must say what it said before, but for
//! the section.

use std::ops::Range;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ClientFileError as Error;

const MARK: char = '\u{feff}';

/// The text in which the section `[key.name]` says this, and what else it said before.
pub(super) fn set(text: &str, key: &str, name: &str, value: &Value) -> Result<String, Error> {
    let mut expected = read(text)?;
    let is_there = find(text, key, name)?.is_some();
    let holder = expected.entry(key).or_insert_with(|| Map::new().into());
    let holder = holder.as_object_mut().ok_or_else(|| Error::NoObject(key.to_owned()))?;
    merge(holder.entry(name).or_insert_with(|| Map::new().into()), value);
    let new = match is_there {
        true => set_member(text, &[key, name], value)?,
        false => {
            let section = write_section(text, key, name, value);
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { newline(text) };
            let between = if text.trim().is_empty() { "" } else { newline(text) };
            [text, end, between, &section].concat()
        }
    };
    prove(new, expected, key)
}

/// The text without the section, and those below it.
pub(super) fn remove(text: &str, key: &str, name: &str) -> Result<String, Error> {
    if find(text, key, name)?.is_none() {
        return Ok(text.to_owned());
    }
    let mut expected = read(text)?;
    if let Some(servers) = expected.get_mut(key).and_then(Value::as_object_mut) {
        servers.remove(name);
    }
    let mut new = text.to_owned();
    while let Some(section) = section_of(&new, key, name) {
        new = cut(&new, &section);
    }
    prove(new, expected, key)
}

/// What `key.name` says; numbers and times as debug shows them.
pub(super) fn find(text: &str, key: &str, name: &str) -> Result<Option<Value>, Error> {
    Ok(read(text)?.get(key).and_then(|servers| servers.get(name)).cloned())
}

fn read(text: &str) -> Result<Map<String, Value>, Error> {
    let table = DeTable::parse(text.trim_start_matches(MARK)).map_err(|_| Error::Toml)?;
    Ok(plain_table(table.get_ref()))
}

/// What it says, to compare it.
fn plain_table(table: &DeTable<'_>) -> Map<String, Value> {
    table.iter().map(|(key, value)| (key.get_ref().to_string(), plain(value.get_ref()))).collect()
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(is) => (*is).into(),
        DeValue::Array(items) => items.iter().map(|item| plain(item.get_ref())).collect(),
        DeValue::Table(table) => plain_table(table).into(),
        // As it is written: it is only compared.
        other => format!("{other:?}").into(),
    }
}

/// The text, if it says what is expected. An empty table of servers is as good as none.
fn prove(text: String, mut expected: Map<String, Value>, key: &str) -> Result<String, Error> {
    let mut said = read(&text).map_err(|_| Error::Unsafe)?;
    for table in [&mut said, &mut expected] {
        if table.get(key).and_then(Value::as_object).is_some_and(Map::is_empty) {
            table.remove(key);
        }
    }
    if said == expected { Ok(text) } else { Err(Error::Unsafe) }
}

/// Sets a value, or each of a table's own, where it stands: in a section, or in braces.
fn set_member(text: &str, path: &[&str], value: &Value) -> Result<String, Error> {
    match (place_of(text, path)?, value) {
        (Some((_, Value::Object(_))), Value::Object(members)) => {
            members.iter().try_fold(text.to_owned(), |text, (key, value)| {
                set_member(&text, &[path, &[key.as_str()]].concat(), value)
            })
        }
        (Some((_, said)), value) if said == *value => Ok(text.to_owned()),
        (Some((place, _)), value) => {
            Ok([&text[..place.start], &write(value), &text[place.end..]].concat())
        }
        (None, value) => {
            let (Some((key, above)), nl) = (path.split_last(), newline(text)) else {
                return Err(Error::Unsafe);
            };
            let header = format!("[{}]", above.join("."));
            let lines = lines_of(text).find(|(_, line)| words_of(line) == header);
            let Some((at, line)) = lines else { return Err(Error::Unsafe) };
            let end = at + line.len();
            let before = if line.ends_with('\n') { "" } else { nl };
            Ok([&text[..end], before, &format!("{key} = {}{nl}", write(value)), &text[end..]]
                .concat())
        }
    }
}

/// Where a value stands, and what it says.
fn place_of(text: &str, path: &[&str]) -> Result<Option<(Range<usize>, Value)>, Error> {
    let begin = text.len() - text.trim_start_matches(MARK).len();
    let document = DeTable::parse(&text[begin..]).map_err(|_| Error::Toml)?;
    let Some((first, rest)) = path.split_first() else { return Ok(None) };
    let mut found: Option<&Spanned<DeValue<'_>>> = document.get_ref().get(*first);
    for key in rest {
        found = found.and_then(|value| value.get_ref().as_table()?.get(*key));
    }
    Ok(found.map(|value| {
        let place = value.span();
        (place.start + begin..place.end + begin, plain(value.get_ref()))
    }))
}

/// Sets each word of `own` in what is said; the rest stays.
fn merge(into: &mut Value, own: &Value) {
    match (into, own) {
        (Value::Object(into), Value::Object(own)) => {
            for (key, value) in own {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, own) => *into = own.clone(),
    }
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Each line with its end, and where it begins.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let begin = *at;
        *at += line.len();
        Some((begin, line))
    })
}

/// Without a comment.
fn words_of(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

/// The first section of this name or below it: up to its last line that says something, since a comment behind that
/// is one of what follows.
fn section_of(text: &str, key: &str, name: &str) -> Option<Range<usize>> {
    let (header, below) = (format!("[{key}.{name}]"), format!("[{key}.{name}."));
    let mut found: Option<Range<usize>> = None;
    for (at, line) in lines_of(text) {
        let words = words_of(line);
        let is_own = words == header || words.starts_with(&below);
        match &mut found {
            None if is_own => found = Some(at..at + line.len()),
            Some(_) if words.starts_with('[') && !is_own => break,
            Some(section) if !words.is_empty() => section.end = at + line.len(),
            _ => {}
        }
    }
    found
}

/// The text without the section and the blank line that parts it from what is before, or behind where it is the first.
fn cut(text: &str, section: &Range<usize>) -> String {
    let (before, behind) = (&text[..section.start], &text[section.end..]);
    let blank = newline(text);
    let shorter = before.strip_suffix(blank).filter(|it| it.is_empty() || it.ends_with(blank));
    let behind =
        if before.is_empty() { behind.strip_prefix(blank).unwrap_or(behind) } else { behind };
    [shorter.unwrap_or(before), behind].concat()
}

fn write_section(text: &str, key: &str, name: &str, value: &Value) -> String {
    let members = value.as_object().into_iter().flatten();
    let lines = members.map(|(key, value)| format!("{key} = {}", write(value)));
    let lines: Vec<_> = [format!("[{key}.{name}]")].into_iter().chain(lines).collect();
    lines.join(newline(text)) + newline(text)
}

/// A string of JSON is one of TOML.
fn write(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|(key, value)| format!("{key} = {}", write(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(write).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KEY: &str = "mcp_servers";

    fn value() -> Value {
        json!({ "command": "C:\\bin\\awsx.exe", "args": ["mcp", "a \"b\""], "env": { "A": "b" } })
    }

    #[test]
    fn a_section_is_set_once_and_removed_again() {
        for text in [
            "model = \"x\"\n",
            "# remark\nmodel = \"x\"",
            "[mcp_servers.a]\ncommand = \"x\"\n\n[profiles.b]\nmodel = \"y\" # [mcp_servers.awsx]\n",
            "model = \"x\"\r\n[tui]\r\nx = [\r\n 1,\r\n]\r\n",
            "[mcp_servers]\n",
            "\u{feff}model = 1\n# the last word\n\n",
            "",
        ] {
            let new = set(text, KEY, "awsx", &value()).unwrap();
            assert!(new.starts_with(text), "{new}");
            assert_eq!(set(&new, KEY, "awsx", &value()).unwrap(), new);
            let other = set(&new, KEY, "awsx", &json!({ "command": "x" })).unwrap();
            assert!(other.contains("command = \"x\"") && other.contains("env = {"), "{other}");
            assert_eq!(set(&other, KEY, "awsx", &value()).unwrap(), new);
            let gone = remove(&new, KEY, "awsx").unwrap();
            let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
            assert_eq!(gone, [text, end].concat());
        }
        let new = set("", KEY, "awsx", &json!({ "command": "awsx", "args": ["mcp"] }));
        assert_eq!(new.unwrap(), "[mcp_servers.awsx]\ncommand = \"awsx\"\nargs = [\"mcp\"]\n");
    }

    #[test]
    fn what_stands_around_it_stays() {
        let text = "[mcp_servers.awsx]\ncommand = \"old\"\n\n# of b\n[b]\nc = 1\n";
        let new = set(text, KEY, "awsx", &json!({ "command": "new" })).unwrap();
        assert_eq!(new, "[mcp_servers.awsx]\ncommand = \"new\"\n\n# of b\n[b]\nc = 1\n");
        assert_eq!(remove(&new, KEY, "awsx").unwrap(), "# of b\n[b]\nc = 1\n");
        let text = "[a]\nb = 1\n\n[mcp_servers.awsx]\ncommand = \"old\"\n\n# of c\n[c]\n";
        assert_eq!(remove(text, KEY, "awsx").unwrap(), "[a]\nb = 1\n\n# of c\n[c]\n");
    }

    /// Codex writes sections of its own below it, and people what they want of a server.
    #[test]
    fn what_others_say_of_the_server_stays_and_goes_with_it() {
        let text = "[mcp_servers]\n\n[mcp_servers.awsx]\nstartup_timeout_sec = 20.0\ncommand = \"old\" # mine\n\n\
                    [mcp_servers.awsx.env]\nA = \"a\"\nB = \"c\"\n\n[mcp_servers.awsx.tools.check]\napproval = \"x\"\n\n\
                    [mcp_servers.other]\ncommand = \"y\"\n";
        let new = set(text, KEY, "awsx", &value()).unwrap();
        for line in
            ["startup_timeout_sec = 20.0", "A = \"b\"", "B = \"c\"", "approval = \"x\"", "# mine"]
        {
            assert!(new.contains(line), "{line}: {new}");
        }
        assert_eq!(set(&new, KEY, "awsx", &value()).unwrap(), new);
        let gone = remove(&new, KEY, "awsx").unwrap();
        assert_eq!(gone, "[mcp_servers]\n\n[mcp_servers.other]\ncommand = \"y\"\n");
        // Braces are as good as a section.
        let braces =
            "mcp_servers = { awsx = { command = \"old\", args = [] , env = { A = \"b\" } } }\n";
        let new = set(braces, KEY, "awsx", &value()).unwrap();
        assert!(new.starts_with("mcp_servers = { awsx = { command = \"C:"), "{new}");
    }

    #[test]
    fn what_cannot_be_changed_safely_is_left_alone() {
        for (text, expected) in [
            ("model = ", Error::Toml),
            ("mcp_servers = { awsx = { command = \"x\" } }", Error::Unsafe),
            ("mcp_servers = { other = { command = \"x\" } }", Error::Unsafe),
            ("mcp_servers.awsx.command = \"x\"\n", Error::Unsafe),
            ("[mcp_servers.\"awsx\"]\ncommand = \"x\"\n", Error::Unsafe),
            ("x = \"\"\"\n[mcp_servers.awsx]\n\"\"\"\n[mcp_servers.awsx]\na = 1\n", Error::Unsafe),
            ("mcp_servers = 1\n", Error::NoObject(KEY.to_owned())),
        ] {
            assert_eq!(set(text, KEY, "awsx", &value()).unwrap_err(), expected, "{text}");
        }
        for text in
            ["mcp_servers.awsx.command = \"x\"\n", "[mcp_servers.\"awsx\"]\ncommand = \"x\"\n"]
        {
            assert_eq!(remove(text, KEY, "awsx").unwrap_err(), Error::Unsafe, "{text}");
        }
    }
}
