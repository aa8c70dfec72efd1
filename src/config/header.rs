//! Reads the text between a section's brackets as the AWS SDKs do. A name that only the AWS CLI can read
//! (quotes, other characters) is read as the CLI does, with a warning.

use std::borrow::Cow;

use super::line::{BLANK, trim};
use crate::profile::{FileKind, WarningKind, is_portable_name, portable_length};
use crate::text::shell_words;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum SectionKind {
    Profile,
    SsoSession,
    Services,
    /// Nothing that awsx reads; its name is the whole text between the brackets
    Ignored,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) kind: SectionKind,
    pub(super) name: Cow<'a, str>,
    /// Of several spellings of one name in a file, only the highest rank counts
    pub(super) rank: u8,
    pub(super) warning: Option<WarningKind>,
}

/// `[profile "x"]`: only the CLI reads it
const CLI_SPELLING: u8 = 0;
/// `[profile x]`, `[default]`
const SDK_SPELLING: u8 = 1;
/// `[profile default]`, which beats `[default]`
const PREFIXED_DEFAULT: u8 = 2;

/// Sections of the AWS CLI that have nothing to do with profiles.
const CLI_SECTIONS: [&str; 2] = ["plugins", "preview"];

impl<'a> Header<'a> {
    pub(super) fn read(file: FileKind, text: &'a str) -> Self {
        // Nearly all are written so, in files with thousands of them.
        if file == FileKind::Config
            && let Some(name) = text.strip_prefix("profile ")
            && is_portable_name(name)
        {
            let rank = if name == "default" { PREFIXED_DEFAULT } else { SDK_SPELLING };
            return Self { kind: SectionKind::Profile, name: name.into(), rank, warning: None };
        }
        let trimmed = trim(text);
        match (file, trimmed.split_once(BLANK)) {
            (_, None) if trimmed.trim().is_empty() => {
                Self::ignore(text, WarningKind::SectionIgnored)
            }
            (FileKind::Config, None) => Self::without_prefix(text, trimmed),
            (FileKind::Config, Some((prefix, name))) => {
                Self::with_prefix(text, prefix, name.trim())
            }
            (FileKind::Credentials, None) if is_portable_name(trimmed) => {
                Self::sdk(SectionKind::Profile, trimmed, text)
            }
            (FileKind::Credentials, Some((prefix, _))) if kind(prefix).is_some() => {
                Self::ignore(text, WarningKind::PrefixInCredentials)
            }
            // Like the CLI: no quotes are removed in this file.
            (FileKind::Credentials, _) => Self::cli(SectionKind::Profile, text.into()),
        }
    }

    fn without_prefix(text: &'a str, trimmed: &'a str) -> Self {
        match trimmed {
            "default" => Self::sdk(SectionKind::Profile, trimmed, text),
            "DEFAULT" => Self::ignore(text, WarningKind::UpperCaseDefault),
            _ if CLI_SECTIONS.contains(&trimmed) => {
                Self { warning: None, ..Self::ignore(text, WarningKind::PrefixMissing) }
            }
            _ => Self::ignore(text, WarningKind::PrefixMissing),
        }
    }

    fn with_prefix(text: &'a str, prefix: &str, name: &'a str) -> Self {
        let Some(kind) = kind(prefix) else {
            return Self::ignore(text, WarningKind::UnknownKind);
        };
        if is_portable_name(name) {
            return Self::sdk(kind, name, text);
        }
        match shell_words(text).as_deref() {
            Some([_, name]) if !text.starts_with(BLANK) && !name.trim().is_empty() => {
                Self::cli(kind, name.clone().into())
            }
            _ => Self::ignore(text, WarningKind::SectionIgnored),
        }
    }

    fn sdk(kind: SectionKind, name: &'a str, text: &'a str) -> Self {
        let trimmed = trim(text);
        let prefixed_default =
            kind == SectionKind::Profile && name == "default" && trimmed != "default";
        // The CLI removes blanks behind a name that has a prefix, and no others.
        let padded = if trimmed == name { text != name } else { text.starts_with(BLANK) };
        let warning = match name {
            "DEFAULT" if trimmed == name => Some(WarningKind::UpperCaseDefault),
            _ => padded.then_some(WarningKind::PaddedHeader),
        };
        let rank = if prefixed_default { PREFIXED_DEFAULT } else { SDK_SPELLING };
        Self { kind, name: name.into(), rank, warning }
    }

    fn cli(kind: SectionKind, name: Cow<'a, str>) -> Self {
        Self { kind, name, rank: CLI_SPELLING, warning: Some(WarningKind::NameOnlyForCli) }
    }

    fn ignore(text: &'a str, warning: WarningKind) -> Self {
        Self {
            kind: SectionKind::Ignored,
            name: text.into(),
            rank: SDK_SPELLING,
            warning: Some(warning),
        }
    }
}

/// What a section of a kind begins with in the config file.
const PREFIXES: [(&str, SectionKind); 3] = [
    ("profile", SectionKind::Profile),
    ("sso-session", SectionKind::SsoSession),
    ("services", SectionKind::Services),
];

fn kind(prefix: &str) -> Option<SectionKind> {
    PREFIXES.iter().find(|(known, _)| *known == prefix).map(|(_, kind)| *kind)
}

/// What the text begins with, if that is a header with one spelling and one meaning to all tools:
/// `[profile NAME]`, without a comment, quotes or blanks of its own. Of the text it looks at no more than that.
pub(super) fn plain_header(file: FileKind, text: &str) -> Option<(SectionKind, &str)> {
    let inside = text.strip_prefix('[')?;
    let (kind, inside) = match file {
        FileKind::Credentials => (SectionKind::Profile, inside),
        FileKind::Config if inside.starts_with("default]") => (SectionKind::Profile, inside),
        FileKind::Config => PREFIXES.iter().find_map(|(prefix, kind)| {
            Some((*kind, inside.strip_prefix(prefix)?.strip_prefix(' ')?))
        })?,
    };
    let (name, rest) = inside.split_at(portable_length(inside));
    // Where a lone CR ends lines, other tools see more than one.
    let is_whole = matches!(rest.as_bytes(), [b']'] | [b']', b'\n', ..] | [b']', b'\r', b'\n', ..]);
    (is_whole && !name.is_empty() && name != "DEFAULT").then_some((kind, name))
}

/// The text between the brackets for a section of this kind and name.
pub(super) fn header_text(file: FileKind, kind: SectionKind, name: &str) -> String {
    let bare = file == FileKind::Credentials || kind == SectionKind::Profile && name == "default";
    match PREFIXES.iter().find(|(_, known)| *known == kind) {
        Some((prefix, _)) if !bare && is_portable_name(name) => format!("{prefix} {name}"),
        Some((prefix, _)) if !bare => {
            format!("{prefix} \"{}\"", name.replace('\\', r"\\").replace('"', "\\\""))
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_texts_are_read_back() {
        for file in [FileKind::Config, FileKind::Credentials] {
            for name in ["default", "prod", "two words", "a\"b'c\\d", "søk", "a#b"] {
                let text = header_text(file, SectionKind::Profile, name);
                let header = Header::read(file, &text);
                assert_eq!((header.kind, &*header.name), (SectionKind::Profile, name), "{text}");
            }
        }
    }
}
