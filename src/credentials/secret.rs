//! The one type that holds secret text.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// Secret text: wiped when dropped, never shown by `Debug`, without `Display`, `Serialize` or
/// `PartialEq`.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself. Each caller is listed in `tests/architecture.rs`.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
