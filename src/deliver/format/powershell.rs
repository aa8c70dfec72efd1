//! PowerShell, Windows PowerShell included.

use std::fmt::Write;

use super::problem::{EMPTY, Problem};

/// Printable ASCII stands between single quotes; all else is a `[char]` of its UTF-16 units.
///
/// New lines, because a pipeline hands `Invoke-Expression` one line at a time. Everything beyond
/// ASCII, because PowerShell decodes a program's output with the console's code page and takes
/// typographic quotes for quotes: in code page 1252 the UTF-8 of `Ē` ends with one.
pub(super) fn set(text: &mut String, name: &str, value: &str) -> Result<(), Problem> {
    if value.is_empty() {
        return Err(EMPTY);
    }
    text.extend(["$env:", name, " = '"]);
    for unit in value.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'\'') => text.push_str("''"),
            Ok(ascii @ b' '..=b'~') => text.push(char::from(ascii)),
            _ => write!(text, "'+[char]{unit}+'").expect("a String takes any text"),
        }
    }
    text.push_str("';\n");
    Ok(())
}

pub(super) fn unset(text: &mut String, name: &str) {
    text.extend(["$env:", name, " = $null;\n"]);
}
