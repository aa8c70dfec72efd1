//! Files that hold one token: of a web identity, or for a container's endpoint; and what may be one.

use std::path::Path;

use zeroize::Zeroizing;

use crate::credentials::{Secret, check_word};
use crate::ports::{CallError, SourceOf};
use crate::state::files;

/// STS takes tokens of up to 20,000 characters.
const FILE_LIMIT: u64 = 64 * 1024;

/// The token in a file. White space around it is dropped: a JWT has none, editors and `echo` add it, and
/// STS refuses it. (The AWS CLI sends the file as it is.) Fails with [`CallError::Source`], which says
/// what names the file.
pub(super) fn read(file: &Path, named_by: &str) -> Result<Secret, CallError> {
    let failure = |cause: &str| CallError::Source {
        of: SourceOf::TokenFile,
        origin: format!("{named_by} {}", file.display()),
        cause: cause.into(),
    };
    let bytes = files::read(file, FILE_LIMIT)
        .map(Zeroizing::new)
        .map_err(|error| failure(&error.to_string()))?;
    match std::str::from_utf8(&bytes).map(str::trim) {
        Ok("") => Err(failure("the file is empty")),
        Ok(token) => Ok(Secret::new(token)),
        Err(_) => Err(failure("the file is not text")),
    }
}

/// Whether it may be a token, wherever it comes from.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && check_word(text).is_ok()
}
