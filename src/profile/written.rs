//! What one file says, as spans over its text: `config::parse` makes it, and settings are copied
//! out of it only for the profiles that are asked for. So 10,000 profiles cost one pass.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::{FileKind, Location, Setting};

/// A stretch of a file's text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    /// Where `part`, a slice of `text`, lies in it.
    pub(crate) fn of(text: &str, part: &str) -> Self {
        let start = part.as_ptr().addr() - text.as_ptr().addr();
        let offset = |at| u32::try_from(at).expect("config::parse refuses files over 64 MiB");
        Self { start: offset(start), end: offset(start + part.len()) }
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// One setting of a file.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) line: u32,
    pub(crate) key: Span,
    pub(crate) value: Span,
    /// Its further lines, in [`FileText::continuations`]
    pub(crate) more: Range<u32>,
}

/// One file: its text and where its settings are. The text may hold secrets.
#[derive(Clone)]
pub(crate) struct FileText {
    pub(crate) kind: FileKind,
    pub(crate) path: Arc<Path>,
    pub(crate) text: String,
    pub(crate) entries: Vec<Entry>,
    /// Line and trimmed text of each line that continues a value
    pub(crate) continuations: Vec<(u32, Span)>,
}

impl fmt::Debug for FileText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} settings", self.path.display(), self.entries.len())
    }
}

impl FileText {
    pub(crate) fn str(&self, span: Span) -> &str {
        &self.text[span.range()]
    }

    pub(crate) fn location(&self, line: u32) -> Location {
        Location { file: self.path.clone(), line }
    }

    /// Copies the given entries out of the text.
    pub(crate) fn settings(&self, entries: Range<u32>) -> impl Iterator<Item = Setting> {
        self.entries[entries.start as usize..entries.end as usize]
            .iter()
            .map(|entry| self.setting(entry))
    }

    /// The same of one entry, without its further lines that have these numbers.
    pub(crate) fn setting_but(&self, entry: &Entry, gone: &[u32]) -> Setting {
        let more = &self.continuations[entry.more.start as usize..entry.more.end as usize];
        let kept: Vec<_> = more.iter().filter(|(line, _)| !gone.contains(line)).copied().collect();
        self.setting_of(entry, &kept)
    }

    fn setting(&self, entry: &Entry) -> Setting {
        let more = &self.continuations[entry.more.start as usize..entry.more.end as usize];
        self.setting_of(entry, more)
    }

    fn setting_of(&self, entry: &Entry, more: &[(u32, Span)]) -> Setting {
        let mut value = self.str(entry.value).to_owned();
        let nested = if value.is_empty() { more } else { &[] };
        for (_, span) in more {
            value.push('\n');
            value.push_str(self.str(*span));
        }
        Setting {
            key: key_of(self.str(entry.key)),
            value,
            location: self.location(entry.line),
            file_kind: self.kind,
            nested: nested.iter().filter_map(|(line, span)| self.child(*line, *span)).collect(),
        }
    }

    /// `key = value` of an indented line. Comments are not cut off: no SDK does.
    fn child(&self, line: u32, span: Span) -> Option<Setting> {
        let (key, value) = self.str(span).split_once('=')?;
        Some(Setting {
            key: key.trim().to_owned().into(),
            value: value.trim().to_owned(),
            location: self.location(line),
            file_kind: self.kind,
            nested: Vec::new(),
        })
    }
}

/// What profiles say that are there by the thousand.
const FREQUENT: [&str; 8] = [
    "region",
    "output",
    "role_arn",
    "mfa_serial",
    "sso_session",
    "sso_role_name",
    "source_profile",
    "sso_account_id",
];

/// In lower case; of a frequent one there is no copy.
fn key_of(text: &str) -> Cow<'static, str> {
    let frequent = FREQUENT.iter().find(|known| known.len() == text.len() && **known == text);
    frequent.map_or_else(|| text.to_ascii_lowercase().into(), |known| Cow::Borrowed(*known))
}
