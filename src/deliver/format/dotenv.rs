//! dotenv files, as far as their many readers agree.

use super::problem::Problem;

/// Credentials, regions and times need no quotes, and `docker run --env-file` knows none. Other
/// values stand between single quotes, without what some reader unescapes or expands there.
pub(super) fn set(text: &mut String, name: &str, value: &str) -> Result<(), Problem> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    let quote = if value.chars().all(is_plain) { "" } else { "'" };
    if let Some(problem) = value.chars().find_map(|c| match c {
        '\'' | '\\' | '$' | '`' => Some("readers of dotenv files disagree about one of ' \\ $ `"),
        c if c.is_control() => Some("it has a control character"),
        _ => None,
    }) {
        return Err(problem);
    }
    text.extend([name, "=", quote, value, quote, "\n"]);
    Ok(())
}
