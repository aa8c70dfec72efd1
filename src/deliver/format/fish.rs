//! fish.

use std::fmt::Write;

use super::problem::Problem;

/// fish reads `\'` and `\\` inside single quotes and `\xHH` outside. Control characters go
/// outside, because `eval (awsx …)` splits its text at new lines.
pub(super) fn set(text: &mut String, name: &str, value: &str) -> Result<(), Problem> {
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
/// (`set -Ux`) is the person's lasting choice and not awsx's to erase.
pub(super) fn unset(text: &mut String, name: &str) {
    text.extend(["set -eg ", name, ";\n"]);
}
