//! Of YAML what the files of these tools have at the places that count: block mappings of plain or quoted
//! scalars. What else a file has is passed over, and its keys have no value.

use std::collections::HashMap;

/// A value, and the keys that lead to it.
pub(super) struct Entry {
    pub(super) path: Vec<String>,
    /// Blank where keys stand below, or something that is not read
    pub(super) value: String,
    pub(super) line: usize,
}

/// The mappings of a document.
#[derive(Default)]
pub(super) struct Mapping {
    /// In their order
    pub(super) entries: Vec<Entry>,
    /// Where the first of each path is
    places: HashMap<String, usize>,
}

/// Between the keys of a path.
const BETWEEN: &str = "\0";

impl Mapping {
    pub(super) fn read(text: &str) -> Self {
        let entries = entries(text);
        let mut places = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            places.entry(entry.path.join(BETWEEN)).or_insert(at);
        }
        Self { entries, places }
    }

    pub(super) fn entry(&self, path: &[&str]) -> Option<&Entry> {
        self.entries.get(*self.places.get(&path.join(BETWEEN))?)
    }

    /// None where it is blank, too.
    pub(super) fn value(&self, path: &[&str]) -> Option<&str> {
        Some(&*self.entry(path)?.value).filter(|value| !value.is_empty())
    }
}

fn entries(text: &str) -> Vec<Entry> {
    let (mut found, mut open): (Vec<Entry>, Vec<(usize, String)>) = Default::default();
    // A text that goes over lines is no mapping.
    let mut block: Option<usize> = None;
    for (number, line) in text.lines().enumerate() {
        let trimmed = line.trim_start_matches(' ');
        let indent = line.len() - trimmed.len();
        if trimmed.trim_end().is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if block.is_some_and(|above| indent > above) {
            continue;
        }
        block = None;
        open.retain(|(own, _)| *own < indent);
        let Some((key, rest)) = key_of(trimmed) else {
            // A sequence or something else: what is indented below is not ours.
            block = Some(indent);
            continue;
        };
        let value = value_of(rest);
        if rest.starts_with(['|', '>', '[', '{', '&', '*', '!']) {
            block = Some(indent);
        }
        let mut path: Vec<String> = open.iter().map(|(_, key)| key.clone()).collect();
        path.push(key.clone());
        open.push((indent, key));
        found.push(Entry { path, value, line: number + 1 });
    }
    found
}

/// The key before the colon, and what follows.
fn key_of(line: &str) -> Option<(String, &str)> {
    if line.starts_with(['-', '?', '%', '\t']) {
        return None;
    }
    let (key, rest) = match line.chars().next()? {
        quote @ ('"' | '\'') => {
            let (key, rest) = line[1..].split_once(quote)?;
            (key, rest.trim_start().strip_prefix(':')?)
        }
        _ => {
            let at = line.find(": ").or(line.trim_end().strip_suffix(':').map(str::len))?;
            (line[..at].trim_end(), &line[at + 1..])
        }
    };
    (!key.is_empty() && !key.contains('#')).then(|| (key.to_owned(), rest.trim()))
}

fn value_of(rest: &str) -> String {
    let quoted = |quote: char| {
        let (value, _) = rest.strip_prefix(quote)?.split_once(quote)?;
        // Escapes are for what these values do not have.
        (!value.contains('\\')).then_some(value)
    };
    if rest.starts_with(['"', '\'']) {
        return quoted('"').or(quoted('\'')).unwrap_or_default().to_owned();
    }
    if rest.starts_with(['|', '>', '[', '{', '&', '*', '!', '#']) {
        return String::new();
    }
    rest.split(" #").next().unwrap_or_default().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_read_and_all_else_is_passed_over() {
        for (docs, text, expected) in [
            ("nested", "a:\n  b:\n    c: d\n  e: f\ng: h\n", "a= a.b= a.b.c=d a.e=f g=h"),
            ("quotes", "\"a b\": 'c # d'\n'0123': \"x\"\n", "a b=c # d 0123=x"),
            ("comments", "# x\na: b # c\n#d: e\nf: g#h\n", "a=b f=g#h"),
            ("URLs", "a: https://b.example/c#/\n", "a=https://b.example/c#/"),
            ("sequences", "a:\n  - b: c\n    d: e\nf:\n- g\nh: i\n", "a= f= h=i"),
            ("texts over lines", "a: |\n  b: c\n  d\ne: f\n", "a= e=f"),
            (
                "flow, anchors, tags",
                "a: {b: c}\nd: &e f\ng: *e\nh: !x y\ni: [j]\n",
                "a= d= g= h= i=",
            ),
            ("CRLF and a document's head", "---\r\na: b\r\n", "a=b"),
            ("escapes", "a: \"b\\x41\"\n", "a="),
            ("no YAML", "{{{ nonsense\n\tx: y\n", ""),
        ] {
            let found = entries(text);
            let found: Vec<_> = found
                .iter()
                .map(|entry| format!("{}={}", entry.path.join("."), entry.value))
                .collect();
            assert_eq!(found.join(" "), expected, "{docs}");
        }
    }
}
