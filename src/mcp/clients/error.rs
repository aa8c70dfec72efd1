//! What a client's file must be.

use serde_json::Value;

/// Why a file is left as it is.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum ClientFileError {
    #[error("it is no JSON at byte {0}")]
    Json(usize),
    #[error("it is no TOML")]
    Toml,
    #[error("its {0} is no object, or stands there twice")]
    NoObject(String),
    /// A person's, or another program's
    #[error("its {0} is another server, which awsx did not write")]
    Foreign(&'static str),
    #[error("it is written in a way that awsx does not change safely")]
    Unsafe,
}

/// What a file says where awsx writes, to compare: an object without comments.
pub(super) fn plain(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}
