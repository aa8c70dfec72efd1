//! Tokens that nobody guesses.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use zeroize::Zeroizing;

use crate::credentials::Secret;

/// 256 random bits, as text that stands in a header, in a shell and in a file as it is.
pub(super) fn new_token() -> Secret {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::getrandom(&mut *bytes).expect("the operating system has random numbers");
    Secret::new(BASE64_URL_SAFE_NO_PAD.encode(*bytes))
}
