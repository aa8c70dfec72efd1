//! How CI systems hand variables from one step or job to the next.

use std::fmt::Write;

use zeroize::Zeroizing;

use crate::deliver::overlay::Overlay;

/// What the log of a job shall not show.
const SECRETS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// Set to nothing, they are the name of a profile to the AWS CLI.
const PROFILES: [&str; 2] = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"];

/// Bytes and variables of a dotenv report, at most,
/// <https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv>
const LARGEST_REPORT: (usize, usize) = (5 * 1024, 20);

/// The commands that have the log show `***` for each secret,
/// <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log>
pub(super) fn masks(overlay: &Overlay, text: &mut String) {
    for value in SECRETS.iter().filter_map(|name| overlay.value(name)) {
        text.push_str("::add-mask::");
        for c in value.expose().chars() {
            match c {
                '%' => text.push_str("%25"),
                '\r' => text.push_str("%0D"),
                '\n' => text.push_str("%0A"),
                c => text.push(c),
            }
        }
        text.push('\n');
    }
}

/// The lines of the file `$GITHUB_ENV`, and the variables that no line can take out: of those that are unset, what
/// `is_set` is set to nothing. `delimiter`: nobody who wrote a value knew it.
/// <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable>
pub(crate) fn github_env<'o>(
    overlay: &'o Overlay,
    is_set: impl Fn(&str) -> bool,
    delimiter: &str,
) -> (Zeroizing<String>, Vec<&'o str>) {
    let unset = overlay.removals().filter(|name| is_set(name));
    let (stay, go): (Vec<_>, Vec<_>) = unset.partition(|name| PROFILES.contains(name));
    let mut text = Zeroizing::new(String::with_capacity(32 * 1024));
    for name in go {
        writeln!(text, "{name}=").expect("a String takes any text");
    }
    for (name, value) in overlay.assignments() {
        text.extend([name, "<<", delimiter, "\n", value.expose(), "\n", delimiter, "\n"]);
    }
    (text, stay)
}

/// A line of GitLab's dotenv report: no quotes, no line breaks, and blanks at the ends are lost.
pub(super) fn set_gitlab(text: &mut String, name: &str, value: &str) -> Result<(), &'static str> {
    if value.trim() != value || value.chars().any(char::is_control) {
        return Err("it has a control character, or blanks at its ends");
    }
    if value.contains('$') {
        return Err("GitLab may expand its $");
    }
    text.extend([name, "=", value, "\n"]);
    Ok(())
}

pub(super) fn unset_gitlab(text: &mut String, name: &str) {
    text.extend([name, "=\n"]);
}

/// Whether GitLab takes it.
pub(super) fn fits_gitlab(text: &str) -> bool {
    let (bytes, lines) = LARGEST_REPORT;
    text.len() <= bytes && text.lines().count() <= lines
}
