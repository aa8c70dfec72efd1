//! A small file of the state directory: JSON that says its version beside what it holds.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Fields are only ever added.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Record<T> {
    version: u32,
    #[serde(flatten)]
    content: T,
}

/// What such a file holds; none where it cannot be read, or is of another version.
pub(crate) fn parse_record<T: DeserializeOwned>(content: &[u8]) -> Option<T> {
    let record: Record<T> = serde_json::from_slice(content).ok()?;
    (record.version == VERSION).then_some(record.content)
}

/// The same as such a file has it.
pub(crate) fn encode_record(content: &impl Serialize) -> Vec<u8> {
    let record = Record { version: VERSION, content };
    serde_json::to_vec(&record).expect("plain data is always JSON")
}
