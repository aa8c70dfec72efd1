//! Who may read and write the files.

use std::path::Path;

use super::finding::Finding;

/// What the mode and the owner of a file, or of a directory, let others do. `has_secrets`: whether the file holds keys
/// in clear text.
#[cfg(unix)]
pub(crate) fn check_access(path: &Path, has_secrets: bool) -> Vec<Finding> {
    let found = crate::state::access::Access::of(path);
    found.map(|found| unix::check(&found, has_secrets)).unwrap_or_default()
}

/// Elsewhere files have neither.
#[cfg(not(unix))]
pub(crate) fn check_access(_: &Path, _: bool) -> Vec<Finding> {
    Vec::new()
}

#[cfg(unix)]
mod unix {
    use super::super::code::Code;
    use super::Finding;
    use crate::state::access::Access;
    use crate::text::word;

    pub(super) fn check(found: &Access, has_secrets: bool) -> Vec<Finding> {
        let Access { path, mode, .. } = found;
        let shown = path.display().to_string();
        let name = word(&shown);
        let mut findings = Vec::new();
        if let Some(owner) = found.stranger() {
            let owner = if owner == 0 { "root".to_owned() } else { format!("user {owner}") };
            findings.push(
                Finding::warning(Code::ForeignOwner, &**path, format!("it belongs to {owner}"))
                    .hint(format!("`sudo chown \"$USER\" {name}`")),
            );
        }
        // In a directory with the sticky bit others cannot put something in the file's place.
        if mode & 0o022 != 0 && mode & 0o1000 == 0 {
            let what = match found.is_directory {
                true => "others can put files of theirs in it, and so run commands as you",
                false => "others can write it, and so run commands as you",
            };
            findings.push(
                Finding::warning(
                    Code::OthersCanWrite,
                    &**path,
                    format!("{what} (mode {mode:03o})"),
                )
                .hint(format!("`chmod go-w {name}`")),
            );
        }
        if has_secrets && mode & 0o044 != 0 {
            let message = format!("others can read the keys in it (mode {mode:03o})");
            findings.push(
                Finding::warning(Code::OthersCanRead, &**path, message)
                    .hint(format!("`chmod go-rwx {name}`")),
            );
        }
        findings
    }
}
