//! POSIX shells: sh, bash, zsh, dash, ksh.

use super::problem::Problem;

/// Between single quotes every byte stands for itself, in every one of these shells; only the
/// quote must be left for a moment. The semicolon keeps `eval $(…)` without quotes whole.
pub(super) fn set(text: &mut String, name: &str, value: &str) -> Result<(), Problem> {
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

pub(super) fn unset(text: &mut String, name: &str) {
    text.extend(["unset ", name, ";\n"]);
}
