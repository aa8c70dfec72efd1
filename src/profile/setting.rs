//! One setting and the line it stands on.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::credentials::Secret;

/// Which of the two AWS files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `~/.aws/config`, or the file that `AWS_CONFIG_FILE` names
    Config,
    /// `~/.aws/credentials`, or the file that `AWS_SHARED_CREDENTIALS_FILE` names
    Credentials,
}

/// A line of a file. Shown as `/home/x/.aws/config:12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub file: Arc<Path>,
    /// Counted from 1
    pub line: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// Whether a value stands in quotes, which AWS takes as part of it.
pub(crate) fn is_quoted(value: &str) -> bool {
    let quotes = ['"', '\''];
    value.len() > 1 && value.starts_with(quotes) && value.ends_with(&value[..1])
}

const SECRET_KEYS: [&str; 3] = ["aws_secret_access_key", "aws_session_token", "aws_security_token"];

/// Whether the value of such a key, in any case, is a secret.
pub(crate) fn is_secret_key(key: &str) -> bool {
    SECRET_KEYS.iter().any(|secret| secret.eq_ignore_ascii_case(key))
}

/// `key = value`, as the AWS SDKs read it, with the line it stands on.
///
/// The value may be a secret: `Debug` hides those of secret keys.
#[derive(Clone)]
pub struct Setting {
    /// In lower case; that of a nested setting as written
    pub key: Cow<'static, str>,
    /// Without surrounding blanks and comment. The lines of a continued value are joined with `\n`; a value
    /// that starts with `\n` holds nested settings
    pub value: String,
    /// The line of the key
    pub location: Location,
    pub(super) file_kind: FileKind,
    /// The indented `key = value` lines below a key without a value (`s3 =`, `sts =`)
    pub nested: Vec<Setting>,
}

impl Setting {
    pub fn secret(&self) -> Secret {
        Secret::new(self.value.as_str())
    }

    /// Whether the value is a secret in clear text.
    pub fn is_secret(&self) -> bool {
        is_secret_key(&self.key)
    }

    /// Whether the value is empty. Such a setting counts as unset.
    pub fn is_blank(&self) -> bool {
        self.value.trim_start().is_empty()
    }

    /// Whether it is a part of static keys, which never come from an included profile.
    pub(super) fn is_static_key(&self) -> bool {
        self.is_secret() || matches!(&*self.key, "aws_access_key_id" | "aws_account_id")
    }
}

impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_secret() { "***" } else { self.value.as_str() };
        write!(f, "{} = {value:?} ({})", self.key, self.location)
    }
}
