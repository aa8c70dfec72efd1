//! The block of sections that awsx keeps for itself in an AWS file, between two comment lines. Every byte
//! outside of it stays.

use std::ops::RangeInclusive;

use super::edit::{EditError, ParsedText, indent, is_telling, join, separate};
use super::line::{Line, lines};
use crate::profile::FileKind;

/// The text with `body` between the two lines that mark the block `name`: replaces what was between
/// them, or adds the block at the end of the file. An empty body removes the block.
///
/// Settings below the last line, up to the next section, are its last section's: `aws configure set`
/// writes them there. They are replaced with it; comments among them stay.
pub fn with_block(kind: FileKind, text: &str, name: &str, body: &str) -> Result<String, EditError> {
    let (first, last) = markers(name);
    if name.contains(['\n', '\r']) {
        return Err(EditError::Name);
    }
    if !starts_with_section(body) || lines(body).any(|line| line.text == first || line.text == last)
    {
        return Err(EditError::Block);
    }
    let file = ParsedText::read(kind, text)?;
    let (start, marker, end) =
        match (lines_between_markers(text, name)?, lines_of_block(text, name)?) {
            (Some(marked), Some(block)) => {
                (*block.start() as usize - 1, *marked.end() as usize, *block.end() as usize)
            }
            _ => (file.lines.len(), file.lines.len(), file.lines.len()),
        };
    let mut new = join(&file.lines[..start]);
    let comments = file.lines[marker..end].iter().filter(|line| !is_telling(line.text));
    // Indented, they would continue a value.
    let comments = comments.flat_map(|line| [line.text.trim_start(), line.ending]);
    let after = comments.collect::<String>() + &join(&file.lines[end..]);
    if !body.is_empty() {
        let ending = file.ending();
        separate(&mut new, ending);
        for line in std::iter::once(&*first).chain(lines(body).map(|l| l.text)).chain([&*last]) {
            new.extend([line, ending]);
        }
    }
    new.push_str(&after);
    ParsedText::read(kind, &new)?;
    Ok(new)
}

/// The line numbers of the block: its markers, what is between them, and the settings below that are its
/// last section's. None where there is no such block.
pub(crate) fn lines_of_block(
    text: &str,
    name: &str,
) -> Result<Option<RangeInclusive<u32>>, EditError> {
    let Some(marked) = lines_between_markers(text, name)? else { return Ok(None) };
    let below = lines(text).filter(|line| line.number > *marked.end());
    let of_last_section = below.take_while(|line| !line.text.trim_start().starts_with('['));
    let last = of_last_section.filter(is_setting).last();
    Ok(Some(*marked.start()..=last.map_or(*marked.end(), |line| line.number)))
}

/// The line numbers from marker to marker.
fn lines_between_markers(text: &str, name: &str) -> Result<Option<RangeInclusive<u32>>, EditError> {
    let (first, last) = markers(name);
    let at = |marker: &str| lines(text).find(|line| line.text == marker).map(|line| line.number);
    match (at(&first), at(&last)) {
        (None, None) => Ok(None),
        (Some(start), Some(end)) if start < end => Ok(Some(start..=end)),
        (Some(line), _) | (None, Some(line)) => Err(EditError::OpenBlock { line }),
    }
}

/// The text with another name in the two lines that mark a block; as it was where there is none.
pub(crate) fn with_other_block_name(text: &str, name: &str, other: &str) -> String {
    let (old, new) = (markers(name), markers(other));
    let marker = |line: &str| match line {
        line if line == old.0 => new.0.clone(),
        line if line == old.1 => new.1.clone(),
        line => line.to_owned(),
    };
    lines(text).flat_map(|line| [marker(line.text), line.ending.to_owned()]).collect()
}

fn markers(name: &str) -> (String, String) {
    (format!("# >>> awsx {name}"), format!("# <<< awsx {name}"))
}

/// Whether the first line that is neither blank nor a comment starts a section, if there is one.
fn starts_with_section(text: &str) -> bool {
    lines(text).find(is_setting).is_none_or(|line| line.text.starts_with('['))
}

/// Whether the line says something, or continues what a line above it says.
fn is_setting(line: &Line<'_>) -> bool {
    is_telling(line.text) || indent(line.text) > 0 && !line.text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_added_replaced_and_removed() {
        let block = |text: &str, body: &str| with_block(FileKind::Config, text, "corp", body);
        let marked = |body: &str| format!("# >>> awsx corp\n{body}# <<< awsx corp\n");
        let once = block("[default]\nk = 1", "[profile x]\nk = 2\n").unwrap();
        assert_eq!(once, format!("[default]\nk = 1\n\n{}", marked("[profile x]\nk = 2\n")));
        assert_eq!(block(&once, "[profile x]\nk = 2\n").unwrap(), once);
        let mixed = block("[default]\nk = 1\r", "[profile x]\n").unwrap();
        assert_eq!(mixed, format!("[default]\nk = 1\r\r{}", marked("[profile x]\n")));
        assert_eq!(block(&mixed, "[profile x]\n").unwrap(), mixed);
        let text = format!("{once}\n# c\n[profile y]\n");
        let twice = block(&text, "# d\n[profile z]").unwrap();
        assert_eq!(
            twice,
            format!("[default]\nk = 1\n\n{}\n# c\n[profile y]\n", marked("# d\n[profile z]\n"))
        );
        assert_eq!(lines_of_block(&twice, "corp").unwrap(), Some(4..=7));
        assert_eq!(lines_of_block("[default]\n", "corp").unwrap(), None);
        assert_eq!(block(&twice, "").unwrap(), "[default]\nk = 1\n\n\n# c\n[profile y]\n");
        for (docs, text, body) in [
            ("settings first", "", "k = 1\n"),
            ("its own marker", "", "[profile x]\n# <<< awsx corp\n"),
        ] {
            assert!(matches!(block(text, body), Err(EditError::Block)), "{docs}");
        }
        // As `aws configure set` writes behind the last line of a section.
        let new = marked("[profile z]\n");
        for (docs, below, stays, last) in [
            ("a setting", "k = 3\n", "", 8),
            ("without an end", "k = 3", "", 8),
            ("a nested one", "s3 =\n  k = 3\n[profile y]\n", "[profile y]\n", 9),
            ("comments", "# c\n\nk = 3\n  # d\n\n# e\n", "# c\n\n# d\n\n# e\n", 11),
            ("comments alone", "  # c\n# d\n", "# c\n# d\n", 8),
            ("nothing", "\n# c\n[profile y]\n", "\n# c\n[profile y]\n", 7),
        ] {
            let text = format!("{once}{below}");
            assert_eq!(lines_of_block(&text, "corp").unwrap(), Some(4..=last), "{docs}");
            let expected = format!("[default]\nk = 1\n\n{new}{stays}");
            assert_eq!(block(&text, "[profile z]").unwrap(), expected, "{docs}");
        }
        for text in ["[a]\n# >>> awsx corp\n", "[a]\n# <<< awsx corp\n# >>> awsx corp\n"] {
            assert!(matches!(block(text, ""), Err(EditError::OpenBlock { line: 2 | 3 })), "{text}");
            assert!(lines_of_block(text, "corp").is_err(), "{text}");
        }
        let name = with_block(FileKind::Config, "", "a\n[b]", "");
        assert!(matches!(name, Err(EditError::Name)));
        assert!(matches!(block("", "[profile x]\nhunter2\n"), Err(EditError::Syntax { .. })));
    }
}
