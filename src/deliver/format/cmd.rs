//! The Windows command processor.

use super::problem::{EMPTY, Problem};

/// `set "NAME=value"` carries `& | < > ^ ( )` as they are. Nothing protects the quote itself, `%`
/// in a batch file, `!` under delayed expansion, and whatever a code page turns into one of them.
pub(super) fn set(text: &mut String, name: &str, value: &str) -> Result<(), Problem> {
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

pub(super) fn unset(text: &mut String, name: &str) {
    text.extend(["set \"", name, "=\"\r\n"]);
}
