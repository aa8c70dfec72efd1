//! A section of a TOML file is set or removed. What comes of it is read again, and must say what it said before, but for
//! the section.

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::error::ClientFileError as Error;

/// The text in which the section `[key.name]` says this.
pub(super) fn set(text: &str, key: &str, name: &str, value: &Value) -> Result<String, Error> {
    let before = read(text)?;
    if find(&before, key, name) == Some(value) {
        return Ok(text.to_owned());
    }
    let section = write(text, key, name, value);
    let new = match section_of(text, key, name) {
        Some((from, to)) => {
            let blank = text[from..to].len() - text[from..to].trim_end().len();
            [&text[..from], section.trim_end(), &text[to - blank..]].concat()
        }
        None if text.trim().is_empty() => section,
        None => {
            let end = if text.ends_with('\n') { "" } else { newline(text) };
            [text, end, newline(text), &section].concat()
        }
    };
    let mut expected = before;
    let holder = expected.entry(key).or_insert_with(|| Map::new().into());
    holder
        .as_object_mut()
        .ok_or_else(|| Error::NoObject(key.to_owned()))?
        .insert(name.to_owned(), value.clone());
    prove(new, &expected)
}

/// The text without the section.
pub(super) fn remove(text: &str, key: &str, name: &str) -> Result<String, Error> {
    let mut expected = read(text)?;
    if find(&expected, key, name).is_none() {
        return Ok(text.to_owned());
    }
    let (from, to) = section_of(text, key, name).ok_or(Error::Unsafe)?;
    // The blank line that stood before it goes, too.
    let before = text[..from].trim_end_matches(['\r', '\n']);
    let kept = match before.is_empty() {
        true => String::new(),
        false => before.to_owned() + newline(text),
    };
    let rest = &text[to..];
    let between = if kept.is_empty() || rest.is_empty() { "" } else { newline(text) };
    let new = [&kept, between, rest].concat();
    if let Some(servers) = expected.get_mut(key).and_then(Value::as_object_mut) {
        servers.remove(name);
        if servers.is_empty() {
            expected.remove(key);
        }
    }
    prove(new, &expected)
}

fn read(text: &str) -> Result<Map<String, Value>, Error> {
    let table = DeTable::parse(text.trim_start_matches('\u{feff}')).map_err(|_| Error::Toml)?;
    Ok(plain_table(table.get_ref()))
}

/// What it says, to compare it.
fn plain_table(table: &DeTable<'_>) -> Map<String, Value> {
    let member = |(key, value): (&_, &toml::Spanned<DeValue<'_>>)| -> (String, Value) {
        let key: &toml::Spanned<std::borrow::Cow<'_, str>> = key;
        (key.get_ref().to_string(), plain_value(value.get_ref()))
    };
    table.iter().map(member).collect()
}

fn plain_value(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(is) => (*is).into(),
        DeValue::Array(items) => items.iter().map(|item| plain_value(item.get_ref())).collect(),
        DeValue::Table(table) => plain_table(table).into(),
        // As it is written: it is only compared.
        other => format!("{other:?}").into(),
    }
}

/// The text, if it says what is expected.
fn prove(text: String, expected: &Map<String, Value>) -> Result<String, Error> {
    match read(&text)? == *expected {
        true => Ok(text),
        false => Err(Error::Unsafe),
    }
}

fn find<'t>(table: &'t Map<String, Value>, key: &str, name: &str) -> Option<&'t Value> {
    table.get(key)?.get(name)
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Where it begins and ends: up to the next header.
fn section_of(text: &str, key: &str, name: &str) -> Option<(usize, usize)> {
    let header = format!("[{key}.{name}]");
    let mut at = 0;
    let mut from = None;
    for line in text.split_inclusive('\n') {
        let words = line.split('#').next().unwrap_or_default().trim();
        match from {
            None if words == header => from = Some(at),
            Some(from) if words.starts_with('[') => return Some((from, at)),
            _ => {}
        }
        at += line.len();
    }
    from.map(|from| (from, at))
}

/// A string of JSON is one of TOML.
fn write(text: &str, key: &str, name: &str, value: &Value) -> String {
    let mut lines = vec![format!("[{key}.{name}]")];
    for (key, value) in value.as_object().into_iter().flatten() {
        let value = match value {
            Value::Object(members) => {
                let members: Vec<_> =
                    members.iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{ {} }}", members.join(", "))
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(Value::to_string).collect();
                format!("[{}]", items.join(", "))
            }
            other => other.to_string(),
        };
        lines.push(format!("{key} = {value}"));
    }
    lines.push(String::new());
    lines.join(newline(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
        ] {
            let new = set(text, "mcp_servers", "awsx", &value()).unwrap();
            assert!(new.starts_with(text), "{new}");
            assert_eq!(set(&new, "mcp_servers", "awsx", &value()).unwrap(), new);
            let other = set(&new, "mcp_servers", "awsx", &json!({ "command": "x" })).unwrap();
            assert_eq!(set(&other, "mcp_servers", "awsx", &value()).unwrap(), new);
            let gone = remove(&new, "mcp_servers", "awsx").unwrap();
            assert_eq!(gone.trim_end(), text.trim_end());
        }
        let new = set("", "mcp_servers", "awsx", &json!({ "command": "awsx", "args": ["mcp"] }));
        assert_eq!(new.unwrap(), "[mcp_servers.awsx]\ncommand = \"awsx\"\nargs = [\"mcp\"]\n");
    }

    #[test]
    fn what_stands_behind_it_stays() {
        let text = "[mcp_servers.awsx]\ncommand = \"old\"\n\n[b]\nc = 1\n";
        let new = set(text, "mcp_servers", "awsx", &json!({ "command": "new" })).unwrap();
        assert_eq!(new, "[mcp_servers.awsx]\ncommand = \"new\"\n\n[b]\nc = 1\n");
        assert_eq!(remove(&new, "mcp_servers", "awsx").unwrap(), "[b]\nc = 1\n");
    }

    #[test]
    fn what_cannot_be_changed_safely_is_left_alone() {
        for (text, expected) in [
            ("model = ", Error::Toml),
            ("mcp_servers = { awsx = { command = \"x\" } }", Error::Toml),
            ("mcp_servers.awsx.command = \"x\"\n", Error::Toml),
            ("[mcp_servers.\"awsx\"]\ncommand = \"x\"\n", Error::Toml),
            (
                "[mcp_servers.awsx]\ncommand = \"x\"\n[mcp_servers.awsx.tools]\na = 1\n",
                Error::Unsafe,
            ),
            ("x = \"\"\"\n[mcp_servers.awsx]\n\"\"\"\n", Error::Toml),
        ] {
            let failure = set(text, "mcp_servers", "awsx", &value()).unwrap_err();
            assert!(failure == expected || failure == Error::Unsafe, "{text}: {failure:?}");
        }
    }
}
