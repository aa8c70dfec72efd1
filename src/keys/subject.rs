//! What is rotated, for people.

use std::fmt;
use std::path::PathBuf;

use crate::text::word;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub name: String,
    /// Where the key is, unless the vault keeps it
    pub file: Option<PathBuf>,
}

impl Subject {
    /// What goes on with the rotation.
    pub(crate) fn command(&self) -> String {
        let flag = if self.file.is_some() { " --from-file" } else { "" };
        format!("awsx keys rotate {}{flag}", word(&self.name))
    }

    /// Where its keys are, of one of them.
    pub(crate) fn is_where(&self) -> String {
        match &self.file {
            Some(file) => format!("is in {}", file.display()),
            None => "is stored".to_owned(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "the access key of {} in {}", self.name, file.display()),
            None => write!(f, "the stored keys of {}", self.name),
        }
    }
}
