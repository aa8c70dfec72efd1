//! JSON as the AWS CLI prints it.

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::PrettyFormatter;

use crate::report::Failure;

/// The document, and the end of its line.
pub(super) fn aws_json(document: &impl Serialize) -> Result<String, Failure> {
    let mut text = Vec::new();
    let indented = PrettyFormatter::with_indent(b"    ");
    let written = document.serialize(&mut Serializer::with_formatter(&mut text, indented));
    written.map_err(|error| Failure::output(&error.into()))?;
    text.push(b'\n');
    Ok(String::from_utf8_lossy(&text).into_owned())
}
