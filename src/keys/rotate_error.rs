//! Why a rotation stops.

use std::time::Duration;

use super::copies::KeyCopy;
use super::subject::Subject;
use crate::config::ConfigError;
use crate::config::write::WriteError;
use crate::ports::CallError;
use crate::vault::VaultError;

/// How long AWS may take until it knows a new key everywhere.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, thiserror::Error)]
pub(crate) enum RotateError {
    #[error("{of}: {cause}")]
    Call { of: Box<Subject>, cause: CallError },
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Read(#[from] ConfigError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("there are no stored keys of {name}")]
    NoKeys { name: String },
    /// A file says something else than an access key, or nothing.
    #[error("{of} cannot be rotated: {problem}")]
    NoKeyInFile { of: Box<Subject>, problem: String },
    /// The copy would stop working.
    #[error("{}", of_copy(id, copy))]
    Copy { of: Box<Subject>, id: String, copy: KeyCopy },
    /// Somebody else changed the file while a rotation was under way.
    #[error("{of} is another one than {}, which its rotation is about", ids.join(" and "))]
    Changed { of: Box<Subject>, ids: Vec<String> },
    /// A user may have two keys; the other one is not this vault's.
    #[error("{owner} has two access keys already: {}", keys.join(" and "))]
    Full { of: Box<Subject>, owner: String, keys: Vec<String>, other: String },
    #[error("{id} is no other access key of {owner}")]
    NoSuchKey { id: String, owner: String },
    #[error("{id} is deleted already: there is no way back to it")]
    NoWayBack { of: Box<Subject>, id: String },
    #[error("AWS does not know {id} after {} s", PATIENCE.as_secs())]
    Unknown { id: String },
    /// Never store another identity.
    #[error("{id} is of {found}, and {of} of {owner}")]
    AnotherUser { id: String, of: Box<Subject>, owner: String, found: String },
    #[error("IAM does not list {id} among the access keys of {owner}")]
    NotListed { id: String, owner: String },
    #[error("what was stored of {id} cannot be read back")]
    NotReadBack { id: String },
}

fn of_copy(id: &str, copy: &KeyCopy) -> String {
    match copy {
        KeyCopy::InFile { at, .. } => format!("{at}: {id} stands here too"),
        KeyCopy::Stored { name } => format!("{id} is stored for {name} too"),
    }
}
