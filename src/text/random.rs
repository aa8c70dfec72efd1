//! What nobody guesses.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use zeroize::Zeroizing;

/// Bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Zeroizing<[u8; N]> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::getrandom(&mut *bytes).expect("the operating system has random numbers");
    bytes
}

/// 256 bits as text that stands in an address, a header, a shell and a file as it is.
pub(crate) fn random_word() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(*random::<32>())
}
