//! A member of an object of a JSON file is set or removed, and no other byte changes but the comma before it.

use serde_json::{Value, json};

use super::error::{ClientFileError as Error, plain};
use super::objects::{Member, Object, object_at, root};

/// How the text is laid out.
struct Layout {
    newline: &'static str,
    /// Of one step
    indent: String,
}

/// The text in which `key.name` says this, and what else it said before.
pub(super) fn set(text: &str, key: &str, name: &str, value: &Value) -> Result<String, Error> {
    if is_blank(text) {
        let new = json!({ key: { name: value } });
        return Ok(format!("{new:#}\n"));
    }
    let whole = root(text)?;
    set_in(text, &whole, &[key, name], value, &layout_of(text, &whole), 1)
}

/// The members of this object stand at this depth.
fn set_in(
    text: &str,
    object: &Object,
    path: &[&str],
    value: &Value,
    layout: &Layout,
    depth: usize,
) -> Result<String, Error> {
    let Some((name, rest)) = path.split_first() else { return Ok(text.to_owned()) };
    let Some((_, found)) = object.find(name)? else {
        let new = rest.iter().rev().fold(value.clone(), |inner, name| json!({ *name: inner }));
        return Ok(insert(text, object, name, &new, layout, depth));
    };
    let said = &text[found.value.clone()];
    match value {
        _ if !rest.is_empty() => {
            let inner = holder_of(text, name, found)?;
            set_in(text, &inner, rest, value, layout, depth + 1)
        }
        // Each for itself, so that what else stands there stays.
        Value::Object(members) if said.starts_with('{') => {
            members.iter().try_fold(text.to_owned(), |text, (name, value)| {
                let inner = object_at(&text, found.value.start)?;
                set_in(&text, &inner, &[name], value, layout, depth + 1)
            })
        }
        value if plain(said).as_ref() == Some(value) => Ok(text.to_owned()),
        value => {
            let new = match has_lines(text, object) {
                true => layout.write(value, depth),
                false => value.to_string(),
            };
            Ok(replace(text, found.value.start, found.value.end, &new))
        }
    }
}

/// What `key.name` says.
pub(super) fn find(text: &str, key: &str, name: &str) -> Result<Option<Value>, Error> {
    if is_blank(text) {
        return Ok(None);
    }
    let whole = root(text)?;
    let Some((_, holder)) = whole.find(key)? else { return Ok(None) };
    let servers = holder_of(text, key, holder)?;
    servers.find(name)?.map(|(_, found)| value_of(text, found)).transpose()
}

/// Null where a comment stands in a list.
fn value_of(text: &str, member: &Member) -> Result<Value, Error> {
    let said = &text[member.value.clone()];
    if !said.starts_with('{') {
        return Ok(plain(said).unwrap_or_default());
    }
    let object = object_at(text, member.value.start)?;
    object.members.iter().map(|inner| Ok((inner.key.clone(), value_of(text, inner)?))).collect()
}

/// The text without `key.name`.
pub(super) fn remove(text: &str, key: &str, name: &str) -> Result<String, Error> {
    if is_blank(text) {
        return Ok(text.to_owned());
    }
    let whole = root(text)?;
    let Some((_, holder)) = whole.find(key)? else { return Ok(text.to_owned()) };
    let servers = holder_of(text, key, holder)?;
    let Some((at, found)) = servers.find(name)? else { return Ok(text.to_owned()) };
    let before = text[..found.start].trim_end().len().max(servers.open + 1);
    let end = found.comma.map_or(found.value.end, |comma| comma + 1);
    if servers.members.len() == 1
        && before == servers.open + 1
        && is_blank(&text[end..servers.close])
    {
        return Ok(replace(text, before, servers.close, ""));
    }
    if found.comma.is_some() {
        return Ok(replace(text, before, end, ""));
    }
    let shorter = replace(text, before, end, "");
    match at.checked_sub(1).and_then(|at| servers.members[at].comma) {
        Some(comma) => Ok(replace(&shorter, comma, comma + 1, "")),
        None => Ok(shorter),
    }
}

fn is_blank(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim().is_empty()
}

fn holder_of(text: &str, key: &str, holder: &Member) -> Result<Object, Error> {
    match text[holder.value.clone()].starts_with('{') {
        true => object_at(text, holder.value.start),
        false => Err(Error::NoObject(key.to_owned())),
    }
}

fn replace(text: &str, from: usize, to: usize, new: &str) -> String {
    [&text[..from], new, &text[to..]].concat()
}

/// A new last member, on a line of its own where the others have such, or where there is none.
fn insert(
    text: &str,
    object: &Object,
    name: &str,
    value: &Value,
    layout: &Layout,
    depth: usize,
) -> String {
    let Some(last) = object.members.last() else {
        let (line, end) = (layout.line(depth), layout.line(depth - 1));
        let member = format!("{}: {}", json!(name), layout.write(value, depth));
        let inner = &text[object.open + 1..object.close];
        let (at, close) = match inner.trim().is_empty() {
            true => (object.open + 1, object.close),
            // Comments stay before it.
            false => (object.open + 1 + inner.trim_end().len(), object.close),
        };
        return replace(text, at, close, &format!("{line}{member}{end}"));
    };
    let (member, comma) = match has_lines(text, object) {
        true => {
            let value = layout.write(value, depth);
            (format!("{}{}: {value}", layout.line(depth), json!(name)), ",")
        }
        false => (format!(" {}: {value}", json!(name)), ","),
    };
    match last.comma {
        // As the file has it, with a comma at the end.
        Some(at) => replace(text, at + 1, at + 1, &format!("{member}{comma}")),
        None => replace(text, last.value.end, last.value.end, &format!("{comma}{member}")),
    }
}

/// Whether its members stand on lines of their own.
fn has_lines(text: &str, object: &Object) -> bool {
    object.members.first().is_none_or(|first| text[object.open..first.start].contains('\n'))
}

fn layout_of(text: &str, whole: &Object) -> Layout {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let first = whole.members.first().map_or("", |first| &text[whole.open + 1..first.start]);
    let indent = first.rsplit_once('\n').map_or("  ", |(_, indent)| indent);
    let is_blank = !indent.is_empty() && indent.bytes().all(|byte| b" \t".contains(&byte));
    Layout { newline, indent: if is_blank { indent.to_owned() } else { "  ".to_owned() } }
}

impl Layout {
    fn line(&self, depth: usize) -> String {
        self.newline.to_owned() + &self.indent.repeat(depth)
    }

    /// A value whose first line stands at this depth; lists stand on one line.
    fn write(&self, value: &Value, depth: usize) -> String {
        match value {
            Value::Object(members) if !members.is_empty() => {
                let line = self.line(depth + 1);
                let member = |(key, value): (&String, &Value)| {
                    format!("{line}{}: {}", json!(key), self.write(value, depth + 1))
                };
                let members: Vec<_> = members.iter().map(member).collect();
                format!("{{{}{}}}", members.join(","), self.line(depth))
            }
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(Value::to_string).collect();
                format!("[{}]", items.join(", "))
            }
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What it is, the text, and what is between `before` and `behind` when it is set.
    const TEXTS: [(&str, &str); 12] = [
        ("nothing but an object", "{}"),
        ("other settings", "{\n  \"theme\": \"dark\"\n}\n"),
        ("no servers yet", "{\n    \"mcpServers\": {}\n}"),
        (
            "one server",
            "{\n\t\"mcpServers\": {\n\t\t\"a\": {\"command\": \"x\"}\n\t},\n\t\"b\": 1\n}\n",
        ),
        ("all on one line", "{\"mcpServers\":{\"a\":{\"command\":\"x\",\"env\":{\"K\":\"s\"}}}}"),
        (
            "comments",
            "// head\n{\n  // the servers\n  \"mcpServers\": {\n    \"a\": {} // first\n  } /* end */\n}\n// tail",
        ),
        ("commas at the end", "{\n  \"mcpServers\": {\n    \"a\": {},\n  },\n}\n"),
        ("lines of Windows", "{\r\n  \"mcpServers\": {\r\n    \"a\": {}\r\n  }\r\n}\r\n"),
        ("a byte order mark", "\u{feff}{\n  \"x\": [1, 2, {\"y\": \"}\\\"//\"}]\n}\n"),
        ("a comment alone", "{\n  \"mcpServers\": {\n    // none yet\n  }\n}\n"),
        ("numbers", "{\"a\": -1.5e3, \"b\": null, \"c\": [true, false]}"),
        ("an escaped key", "{\"mcp\\u0053ervers\": {\"\\u0061\": {}}}"),
    ];

    fn value() -> Value {
        json!({ "command": "/bin/awsx", "args": ["mcp"], "env": { "A": "b" } })
    }

    #[test]
    fn a_member_is_set_once_and_no_other_byte_goes() {
        for (docs, text) in TEXTS {
            let new = set(text, "mcpServers", "awsx", &value()).unwrap();
            assert_ne!(new, text, "{docs}");
            // What was there is there in the same order: only bytes were added.
            let mut rest = new.chars();
            assert!(
                text.chars().filter(|c| !c.is_whitespace()).all(|c| rest.any(|n| n == c)),
                "{docs}: {new}"
            );
            let whole = root(&new).unwrap();
            let (_, holder) = whole.find("mcpServers").unwrap().unwrap();
            let servers = object_at(&new, holder.value.start).unwrap();
            let (_, found) = servers.find("awsx").unwrap().unwrap();
            assert_eq!(plain(&new[found.value.clone()]), Some(value()), "{docs}");
            assert_eq!(set(&new, "mcpServers", "awsx", &value()).unwrap(), new, "{docs}");
            let other = json!({ "command": "other", "args": ["mcp", "x"] });
            let changed = set(&new, "mcpServers", "awsx", &other).unwrap();
            assert_eq!(
                set(&changed, "mcpServers", "awsx", &value()).unwrap().len(),
                new.len(),
                "{docs}"
            );
            let gone = remove(&new, "mcpServers", "awsx").unwrap();
            assert_eq!(remove(&gone, "mcpServers", "awsx").unwrap(), gone, "{docs}");
            if text.contains("mcpServers\":") {
                assert_eq!(gone, text, "{docs}");
            }
            let strict = |text: &str| {
                !text.contains("//") && !text.contains(",\n") && !text.starts_with('\u{feff}')
            };
            if strict(text) {
                assert!(plain(&new).is_some(), "{docs}: {new}");
                assert!(plain(&gone).is_some(), "{docs}: {gone}");
            }
        }
    }

    #[test]
    fn it_looks_as_a_person_would_write_it() {
        let text = "{\n  \"mcpServers\": {\n    \"a\": {}\n  }\n}\n";
        let args = json!({ "command": "awsx", "args": ["mcp"] });
        let new = set(text, "mcpServers", "awsx", &args).unwrap();
        assert_eq!(
            new,
            "{\n  \"mcpServers\": {\n    \"a\": {},\n    \"awsx\": {\n      \"command\": \"awsx\",\n      \
             \"args\": [\"mcp\"]\n    }\n  }\n}\n"
        );
        let new = set("", "servers", "awsx", &args).unwrap();
        assert_eq!(plain(&new), Some(json!({ "servers": { "awsx": args } })));
    }

    #[test]
    fn what_others_say_of_the_server_stays() {
        let text = "{\n  \"k\": {\n    \"awsx\": { // mine\n      \"disabled\": true, \"command\": \"old\",\n      \
                    \"env\": {\"B\": \"c\"} /* all */\n    }\n  }\n}\n";
        let new = set(text, "k", "awsx", &value()).unwrap();
        assert_eq!(
            find(&new, "k", "awsx").unwrap(),
            Some(json!({
                "disabled": true, "command": "/bin/awsx", "env": { "B": "c", "A": "b" }, "args": ["mcp"],
            })),
            "{new}"
        );
        assert!(new.contains("// mine\n") && new.contains("/* all */"), "{new}");
        assert_eq!(set(&new, "k", "awsx", &value()).unwrap(), new);
        assert_eq!(remove(&new, "k", "awsx").unwrap(), "{\n  \"k\": {}\n}\n");
        assert_eq!(find("{\"k\": {}}", "k", "awsx"), Ok(None));
        assert_eq!(find("", "k", "awsx"), Ok(None));
    }

    #[test]
    fn what_is_no_json_is_left_alone() {
        for text in [
            "{",
            "[]",
            "{\"a\": }",
            "{\"a\": 1 \"b\": 2}",
            "{\"a\": 1} x",
            "{/*",
            "{\"a",
            "{a: 1}",
            "{\"a\": 01}",
            "{\"mcpServers\": []}",
            "{\"mcpServers\": {}, \"mcpServers\": {}}",
            "{\"mcpServers\": {\"awsx\": 1, \"awsx\": 2}}",
            "{,}",
            "{\"a\": [1,,2]}",
            "nonsense",
        ] {
            assert!(set(text, "mcpServers", "awsx", &value()).is_err(), "{text}");
            assert!(remove(text, "mcpServers", "awsx").is_err(), "{text}");
        }
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(5000), "]".repeat(5000));
        assert!(matches!(set(&deep, "k", "n", &value()), Err(Error::Json(_))));
    }
}
