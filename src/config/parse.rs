//! The AWS dialect of INI, as the AWS SDKs read it: `[section]`, `key = value`, indented lines
//! that continue a value, comments. Every setting keeps its line.
//!
//! Text that the SDKs reject or ignore and the AWS CLI accepts is read as the CLI does; wherever
//! the two read the same text differently there is a warning. [`super::header`] knows what a section's
//! name means, [`super::merge`] which of several sections count.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use memchr::memchr;

use super::error::{ConfigError, Expected};
use super::header::Header;
use super::line::{
    Line, has_other_blanks, header_without_comment, is_comment, lines_from, trim, trim_end,
    trim_start, without_comment,
};
use crate::profile::written::{Entry, FileText, Span};
use crate::profile::{FileKind, Location, WarningKind, is_known_key, is_portable_name};

/// The largest file that is read, in bytes.
pub(super) const MAX_SIZE: usize = 64 << 20;

#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) file: FileText,
    pub(super) sections: Vec<Section>,
    pub(super) warnings: Vec<(u32, WarningKind)>,
}

#[derive(Debug)]
pub(super) struct Section {
    /// The text between the brackets
    pub(super) header: Span,
    pub(super) line: u32,
    pub(super) entries: Range<u32>,
}

impl Parsed {
    pub(super) fn header(&self, section: &Section) -> Header<'_> {
        Header::read(self.file.kind, self.file.str(section.header))
    }
}

/// A stretch of a file that begins with its start or with a header in column 1.
pub(super) struct Piece {
    /// The number of its first line
    pub(super) line: u32,
    /// In bytes
    pub(super) range: Range<usize>,
}

/// A line that no AWS tool accepts is an error: they reject the whole file, and so does awsx.
pub(super) fn parse(kind: FileKind, path: Arc<Path>, text: String) -> Result<Parsed, ConfigError> {
    let whole = Piece { line: 1, range: 0..text.len() };
    parse_pieces(kind, path, text, &[whole])
}

/// The same, of pieces of the file alone, in its order.
pub(super) fn parse_pieces(
    kind: FileKind,
    path: Arc<Path>,
    text: String,
    pieces: &[Piece],
) -> Result<Parsed, ConfigError> {
    let mistake = |line, expected| {
        let location = Location { file: path.clone(), line };
        Err(ConfigError::Syntax { location, expected })
    };
    parse_with(kind, path.clone(), text, pieces, mistake)
}

/// The same of a whole file, and what should be in the lines that no AWS tool accepts, which say nothing then.
pub(super) fn parse_in_spite(
    kind: FileKind,
    path: Arc<Path>,
    text: String,
) -> Result<(Parsed, Vec<(u32, Expected)>), ConfigError> {
    let whole = Piece { line: 1, range: 0..text.len() };
    let mut mistakes = Vec::new();
    let note = |line, expected| {
        mistakes.push((line, expected));
        Ok(())
    };
    let parsed = parse_with(kind, path, text, &[whole], note)?;
    Ok((parsed, mistakes))
}

/// `mistake`: whether to go on behind a line in which something else should be.
fn parse_with(
    kind: FileKind,
    path: Arc<Path>,
    text: String,
    pieces: &[Piece],
    mut mistake: impl FnMut(u32, Expected) -> Result<(), ConfigError>,
) -> Result<Parsed, ConfigError> {
    if text.len() > MAX_SIZE {
        return Err(ConfigError::TooLarge { path: path.to_path_buf() });
    }
    let mut parser = Parser { text: &text, ..Parser::default() };
    for piece in pieces {
        let mut piece_text = &text[piece.range.clone()];
        if piece.range.start == 0 && piece_text.starts_with(BYTE_ORDER_MARK) {
            parser.warnings.push((1, WarningKind::ByteOrderMark));
            piece_text = &piece_text[BYTE_ORDER_MARK.len_utf8()..];
        }
        for line in lines_from(piece_text, piece.line) {
            if let Err(expected) = parser.read(&line) {
                mistake(line.number, expected)?;
            }
        }
    }
    parser.end_section();
    let Parser { entries, continuations, sections, warnings, .. } = parser;
    let file = FileText { kind, path, text, entries, continuations };
    Ok(Parsed { file, sections, warnings })
}

const BYTE_ORDER_MARK: char = '\u{feff}';

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    BeforeFirstSection,
    /// In a section, before its first setting
    Section,
    Setting {
        /// Lines indented deeper belong to its value
        indent: usize,
        /// It has no value of its own: deeper lines are settings
        nested: bool,
        /// Its key is not ignored
        kept: bool,
        /// A blank line came after it
        gap: bool,
    },
}

#[derive(Default)]
struct Parser<'a> {
    text: &'a str,
    state: State,
    entries: Vec<Entry>,
    continuations: Vec<(u32, Span)>,
    sections: Vec<Section>,
    warnings: Vec<(u32, WarningKind)>,
}

impl<'a> Parser<'a> {
    fn read(&mut self, line: &Line<'a>) -> Result<(), Expected> {
        let text = trim_end(line.text);
        let trimmed = trim_start(text);
        let indent = text.len() - trimmed.len();
        if line.ending == "\r" {
            self.warn(line, WarningKind::LoneCarriageReturn);
        }
        if trimmed.is_empty() || has_other_blanks(trimmed) && trimmed.trim().is_empty() {
            if !trimmed.is_empty() {
                self.warn(line, WarningKind::UnusualBlank);
            }
            if let State::Setting { gap, .. } = &mut self.state {
                *gap = true;
            }
            return Ok(());
        }
        if is_comment(trimmed) {
            if indent > 0 {
                self.warn(line, self.comment_kind(trimmed, indent));
            }
            return Ok(());
        }
        if let State::Setting { indent: outer, .. } = self.state
            && indent > outer
        {
            return self.continuation(line, trimmed);
        }
        if indent > 0 {
            self.warn(line, WarningKind::IndentedLine);
        }
        if trimmed.starts_with('[') {
            self.header(line, trimmed)
        } else {
            self.setting(line, trimmed, indent)
        }
    }

    fn header(&mut self, line: &Line<'a>, trimmed: &'a str) -> Result<(), Expected> {
        self.end_section();
        let inside = |text: &'a str| text.strip_prefix('[')?.strip_suffix(']');
        let to_last_bracket = trimmed.rfind(']').map(|at| &trimmed[1..at]);
        let header = match (inside(header_without_comment(trimmed)), to_last_bracket) {
            (_, None) => {
                // Whoever goes on knows what follows to be no other section's.
                self.begin_section(line, &trimmed[1..]);
                return Err(Expected::ClosingBracket);
            }
            (Some(for_sdk), Some(for_cli)) => {
                if for_sdk != for_cli {
                    self.warn(line, WarningKind::BracketInComment);
                }
                for_sdk
            }
            (None, Some(for_cli)) => {
                self.warn(line, WarningKind::TextAfterHeader);
                for_cli
            }
        };
        self.begin_section(line, header);
        Ok(())
    }

    fn begin_section(&mut self, line: &Line<'a>, header: &'a str) {
        let at = count(&self.entries);
        let header = Span::of(self.text, header);
        self.sections.push(Section { header, line: line.number, entries: at..at });
        self.state = State::Section;
    }

    fn setting(
        &mut self,
        line: &Line<'a>,
        trimmed: &'a str,
        indent: usize,
    ) -> Result<(), Expected> {
        if matches!(self.state, State::BeforeFirstSection) {
            return Err(Expected::Section);
        }
        let text = without_comment(trimmed);
        let (key, value, warning) = match key_and_value(text) {
            // To the AWS CLI the comment is part of the key.
            Err(Expected::Equals) if trimmed.contains(['=', ':']) => {
                (None, trimmed, Some(WarningKind::KeyInComment))
            }
            read => {
                if text.len() < trimmed.len() {
                    self.warn(line, WarningKind::CommentAfterValue);
                }
                read?
            }
        };
        if let Some(warning) = warning {
            self.warn(line, warning);
        }
        if has_other_blanks(value) {
            self.warn(line, WarningKind::UnusualBlank);
        }
        if let Some(key) = key {
            let more = count(&self.continuations);
            self.entries.push(Entry {
                line: line.number,
                key: Span::of(self.text, key),
                value: Span::of(self.text, value),
                more: more..more,
            });
        }
        let (nested, kept) = (value.is_empty(), key.is_some());
        self.state = State::Setting { indent, nested, kept, gap: false };
        Ok(())
    }

    /// A line indented deeper than the setting before it.
    fn continuation(&mut self, line: &Line<'a>, trimmed: &'a str) -> Result<(), Expected> {
        let State::Setting { nested, kept, gap, .. } = self.state else { return Ok(()) };
        match trimmed.split_once('=') {
            None if nested => return Err(Expected::NestedSetting),
            _ if nested && !is_nested_setting(trimmed) => {
                self.warn(line, WarningKind::NestedWithoutKey);
            }
            Some((key, _)) if !nested && is_known_key(trim(key)) => {
                self.warn(line, WarningKind::SettingInValue);
            }
            _ => {}
        }
        if has_other_blanks(trimmed) {
            self.warn(line, WarningKind::UnusualBlank);
        }
        if trimmed.starts_with('[') {
            self.warn(line, WarningKind::HeaderInValue);
        } else if gap && !nested {
            self.warn(line, WarningKind::BlankLineInValue);
        }
        if kept && let Some(entry) = self.entries.last_mut() {
            self.continuations.push((line.number, Span::of(self.text, trimmed)));
            entry.more.end += 1;
        }
        Ok(())
    }

    /// What an indented comment is to the SDKs; the AWS CLI ignores all of them.
    fn comment_kind(&self, trimmed: &str, indent: usize) -> WarningKind {
        match self.state {
            State::Setting { indent: outer, nested, .. }
                if indent > outer && (!nested || is_nested_setting(trimmed)) =>
            {
                WarningKind::CommentInValue
            }
            _ => WarningKind::IndentedComment,
        }
    }

    fn end_section(&mut self) {
        let end = count(&self.entries);
        let Some(section) = self.sections.last_mut() else { return };
        section.entries.end = end;
        let entries = &self.entries[section.entries.start as usize..];
        let repeated = find_repeated_keys(self.text, entries);
        self.warnings.extend(repeated);
    }

    fn warn(&mut self, line: &Line<'_>, kind: WarningKind) {
        self.warnings.push((line.number, kind));
    }
}

fn count<T>(of_lines: &[T]) -> u32 {
    u32::try_from(of_lines.len()).expect("a file of 64 MiB has fewer lines than 2^32")
}

/// Whether the SDKs take the line below `s3 =` for `key = value`.
fn is_nested_setting(trimmed: &str) -> bool {
    let setting = without_comment(trimmed).split_once('=');
    setting.is_some_and(|(key, _)| !trim(key).is_empty())
}

/// Key, value and what is odd about them; no key if it is one that every SDK ignores.
type KeyAndValue<'a> = (Option<&'a str>, &'a str, Option<WarningKind>);

/// Splits `key = value`. The SDKs' reading counts; `key: value`, and other blanks around the key,
/// are read as the AWS CLI does, because the SDKs see no setting there.
fn key_and_value(text: &str) -> Result<KeyAndValue<'_>, Expected> {
    let with_colon = || {
        let (key, rest) = text.split_once(':')?;
        let key = Some(key.trim()).filter(|k| !key.contains('=') && is_portable_name(k))?;
        Some((Some(key), trim(rest), Some(WarningKind::ColonForEquals)))
    };
    let Some(at) = memchr(b'=', text.as_bytes()) else {
        return with_colon().ok_or(Expected::Equals);
    };
    let (key, value) = (trim(&text[..at]), trim(&text[at + 1..]));
    if is_portable_name(key) {
        let warning = key.contains(':').then_some(WarningKind::ColonInKey);
        return Ok((Some(key), value, warning));
    }
    if let Some(read) = with_colon() {
        return Ok(read);
    }
    match key.trim() {
        "" => Err(Expected::Key),
        key if is_portable_name(key) => Ok((Some(key), value, Some(WarningKind::UnusualBlank))),
        _ => Ok((None, value, Some(WarningKind::KeyIgnored))),
    }
}

/// The entries whose key an earlier one has, in any case.
fn find_repeated_keys(text: &str, entries: &[Entry]) -> Vec<(u32, WarningKind)> {
    let key = |entry: &Entry| &text[entry.key.range()];
    let warning = |entry: &Entry, first| (entry.line, WarningKind::RepeatedKey { first });
    // Sections are short; a map for each would take most of the time of reading a file.
    if entries.len() <= 16 {
        let first = |at: usize| {
            entries[..at].iter().find(|e| key(e).eq_ignore_ascii_case(key(&entries[at])))
        };
        let repeated = |(at, entry)| first(at).map(|first| warning(entry, first.line));
        return entries.iter().enumerate().filter_map(repeated).collect();
    }
    let mut lines: HashMap<String, u32> = HashMap::new();
    let mut repeated = Vec::new();
    for entry in entries {
        let first = *lines.entry(key(entry).to_ascii_lowercase()).or_insert(entry.line);
        if first != entry.line {
            repeated.push(warning(entry, first));
        }
    }
    repeated
}
