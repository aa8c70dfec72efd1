//! A refusal with AWS's code and words, of services that put them elsewhere than the SDK looks for them.

use std::error::Error;
use std::fmt;

use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};

#[derive(Debug)]
pub(super) struct Refusal(ErrorMetadata);

impl Refusal {
    pub(super) fn new(code: Option<&str>, message: Option<&str>) -> Self {
        let mut words = ErrorMetadata::builder();
        if let Some(code) = code {
            words = words.code(code);
        }
        if let Some(message) = message {
            words = words.message(message);
        }
        Self(words.build())
    }
}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code().unwrap_or("refused"))
    }
}

impl Error for Refusal {}
