//! How each shell sets and unsets a variable. The error says why a value cannot be carried, as a clause
//! without the value.

use std::fmt::Write;

const EMPTY: &str = "it is empty, which here means unset";

/// Between single quotes every byte stands for itself, in every POSIX shell; only the quote must be left for
/// a moment. The semicolon keeps `eval $(…)` without quotes whole.
pub(super) fn set_sh(text: &mut String, name: &str, value: &str) -> Result<(), &'static str> {
    text.extend(["export ", name, "='"]);
    for c in value.chars() {
        match c {
            '\'' => text.push_str(r"'\''"),
            c => text.push(c),
        }
    }
    text.push_str("';\n");
    Ok(())
}

pub(super) fn unset_sh(text: &mut String, name: &str) {
    text.extend(["unset ", name, ";\n"]);
}

/// fish reads `\'` and `\\` inside single quotes and `\xHH` outside. Control characters go
/// outside, because `eval (awsx …)` splits its text at new lines.
pub(super) fn set_fish(text: &mut String, name: &str, value: &str) -> Result<(), &'static str> {
    text.extend(["set -gx ", name, " '"]);
    for c in value.chars() {
        match c {
            '\'' | '\\' => text.extend(['\\', c]),
            c if c.is_ascii_control() => {
                write!(text, r"'\x{:02x}'", u32::from(c)).expect("a String takes any text");
            }
            c => text.push(c),
        }
    }
    text.push_str("';\n");
    Ok(())
}

/// Only the global variable, which is also where an inherited one is: a universal one
/// (`set -Ux`) is the person's lasting choice and not awsx's to erase. Nothing hides it, so fish says
/// that it stays.
pub(super) fn unset_fish(text: &mut String, name: &str) {
    text.extend(["set -eg ", name, "; if set -qUx ", name, "; echo 'awsx: ", name]);
    text.extend([" is a universal variable of fish and stays; to remove it: set -eU ", name]);
    text.push_str("' >&2; end;\n");
}

/// Printable ASCII stands between single quotes; all else is a `[char]` of its UTF-16 units.
///
/// New lines, because a pipeline hands `Invoke-Expression` one line at a time. Everything beyond
/// ASCII, because PowerShell decodes a program's output with the console's code page and takes
/// typographic quotes for quotes: in code page 1252 the UTF-8 of `Ē` ends with one.
pub(super) fn set_powershell(
    text: &mut String,
    name: &str,
    value: &str,
) -> Result<(), &'static str> {
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

pub(super) fn unset_powershell(text: &mut String, name: &str) {
    text.extend(["$env:", name, " = $null;\n"]);
}

/// `set "NAME=value"` carries `& | < > ^ ( )` as they are. Nothing protects the quote itself, `%`
/// in a batch file, `!` under delayed expansion, and whatever a code page turns into one of them.
pub(super) fn set_cmd(text: &mut String, name: &str, value: &str) -> Result<(), &'static str> {
    if value.is_empty() {
        return Err(EMPTY);
    }
    if let Some(problem) = value.chars().find_map(|c| match c {
        '"' | '%' | '!' => Some(r#"cmd would expand or end it at one of " % !"#),
        ' '..='~' => None,
        c if c.is_control() => Some("it has a control character"),
        _ => Some("it is not ASCII, and the code page that cmd reads it with is not known"),
    }) {
        return Err(problem);
    }
    let start = text.len();
    text.extend(["set \"", name, "=", value, "\"\r\n"]);
    // https://learn.microsoft.com/troubleshoot/windows-client/shell-experience/command-line-string-limitation
    if text.len() - start > 8191 {
        return Err("the line is longer than the 8,191 characters that cmd reads");
    }
    Ok(())
}

pub(super) fn unset_cmd(text: &mut String, name: &str) {
    text.extend(["set \"", name, "=\"\r\n"]);
}
