//! Tokens that nobody guesses.

use crate::credentials::Secret;
use crate::text::random_word;

/// 256 random bits, as text that stands in a header, in a shell and in a file as it is.
pub(super) fn new_token() -> Secret {
    Secret::new(random_word())
}
