//! What a sealed record says: a header in clear text, never a secret, and secrets.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::envelope::{Envelope, Unreadable, seal};
use super::fields::Fields;
use super::seal::DataKey;
use crate::credentials::SessionKey;

/// What lists show of a record without opening the vault; proved when the record is opened.
pub trait Header: Serialize + DeserializeOwned {
    /// The folder of these records in the state directory
    const FOLDER: &'static str;
    /// Whether awsx makes such a record anew where there is none: a disk that says no then costs time alone
    const IS_CACHE: bool;
    /// Whether nothing can make it again: it is kept only where it outlives a reboot
    const OUTLIVES_REBOOT: bool = false;
}

pub trait Record: Sized {
    type Header: Header;

    fn to_parts(&self) -> (Self::Header, Fields);

    /// Reads what [`Self::to_parts`] wrote; `None` if the fields are not what awsx writes.
    fn from_parts(header: Self::Header, fields: Fields) -> Option<Self>;
}

#[derive(Serialize, Deserialize)]
struct KeyedHeader<H> {
    /// The record's key: a file that was renamed is noticed
    key: String,
    #[serde(flatten)]
    header: H,
}

/// The file of a record, sealed for `name`.
pub(super) fn seal_record<R: Record>(
    record: &R,
    data_key: &DataKey,
    name: &str,
    key: &SessionKey,
) -> Vec<u8> {
    let (header, fields) = record.to_parts();
    let header = KeyedHeader { key: key.to_hex(), header };
    let header = serde_json::to_vec(&header).expect("strings and times become JSON");
    seal(data_key, name, &header, &fields.to_body())
}

pub fn open_record<R: Record>(
    file: &[u8],
    data_key: &DataKey,
    name: &str,
    key: &SessionKey,
) -> Result<R, Unreadable> {
    let envelope = Envelope::parse(file)?;
    let header = header_of(&envelope, key)?;
    let body = envelope.open(data_key, name)?;
    Fields::parse(&body).and_then(|fields| R::from_parts(header, fields)).ok_or(Unreadable::Body)
}

pub fn read_header<H: Header>(file: &[u8], key: &SessionKey) -> Result<H, Unreadable> {
    header_of(&Envelope::parse(file)?, key)
}

fn header_of<H: Header>(envelope: &Envelope<'_>, key: &SessionKey) -> Result<H, Unreadable> {
    let json = std::str::from_utf8(envelope.header).map_err(|_| Unreadable::Header)?;
    // Lists show these texts: they must not steer the terminal.
    if has_control_characters(json) {
        return Err(Unreadable::Header);
    }
    let keyed: KeyedHeader<H> = serde_json::from_str(json).map_err(|_| Unreadable::Header)?;
    match SessionKey::from_hex(&keyed.key).as_ref() == Some(key) {
        true => Ok(keyed.header),
        false => Err(Unreadable::Renamed),
    }
}

/// Whether a text in the document has any, as it stands there or escaped. What awsx writes has no line ends.
fn has_control_characters(json: &str) -> bool {
    fn is_in(value: &Value) -> bool {
        match value {
            Value::String(text) => text.chars().any(char::is_control),
            Value::Array(items) => items.iter().any(is_in),
            Value::Object(fields) => fields.values().any(is_in),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    json.chars().any(char::is_control)
        || json.contains('\\') && serde_json::from_str(json).map_or(true, |value| is_in(&value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::credentials::Secret;

    const NAME: &str = "samples/x.rec";

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct SampleHeader {
        label: String,
    }

    impl Header for SampleHeader {
        const FOLDER: &'static str = "samples";
        const IS_CACHE: bool = false;
    }

    #[derive(Debug)]
    struct Sample {
        label: String,
        secret: Secret,
    }

    impl Record for Sample {
        type Header = SampleHeader;

        fn to_parts(&self) -> (SampleHeader, Fields) {
            let header = SampleHeader { label: self.label.clone() };
            (header, Fields::in_order([Some(self.secret.clone())]))
        }

        fn from_parts(header: SampleHeader, fields: Fields) -> Option<Self> {
            let [secret] = fields.into_array()?;
            Some(Self { label: header.label, secret: secret? })
        }
    }

    fn key() -> SessionKey {
        SessionKey::builder("t").build()
    }

    fn sample(label: &str) -> Sample {
        Sample { label: label.into(), secret: Secret::new("planted") }
    }

    #[test]
    fn a_record_is_read_back_and_nothing_secret_is_in_the_file() {
        let data_key = DataKey::generate();
        let file = seal_record(&sample("l"), &data_key, NAME, &key());
        assert!(!String::from_utf8_lossy(&file).contains("planted"));
        let opened: Sample = open_record(&file, &data_key, NAME, &key()).unwrap();
        assert_eq!((&*opened.label, opened.secret.expose()), ("l", "planted"));
        assert_eq!(read_header(&file, &key()), Ok(SampleHeader { label: "l".into() }));
    }

    #[test]
    fn headers_are_checked() {
        let data_key = DataKey::generate();
        let hex = key().to_hex();
        let read = |text: &str| {
            let file = seal(&data_key, NAME, text.as_bytes(), b"");
            read_header::<SampleHeader>(&file, &key()).err()
        };
        for (docs, text, expected) in [
            ("good", format!(r#"{{"key":"{hex}","label":"l"}}"#), None),
            ("a new field", format!(r#"{{"a":[1],"key":"{hex}","label":"l"}}"#), None),
            ("a quote in a text", format!(r#"{{"key":"{hex}","label":"\"l\" \\"}}"#), None),
            (
                "a control character in a text",
                format!("{{\"key\":\"{hex}\",\"label\":\"\u{9b}2J\"}}"),
                Some(Unreadable::Header),
            ),
            ("not JSON", "{".into(), Some(Unreadable::Header)),
            ("a field is missing", "{}".into(), Some(Unreadable::Header)),
            (
                "escapes in a text",
                format!(r#"{{"key":"{hex}","label":"\u001b[2J"}}"#),
                Some(Unreadable::Header),
            ),
            (
                "escapes in a list",
                format!(r#"{{"key":"{hex}","label":"l","x":["\u009b"]}}"#),
                Some(Unreadable::Header),
            ),
            (
                "another key",
                format!(r#"{{"key":"{}","label":"l"}}"#, "0".repeat(64)),
                Some(Unreadable::Renamed),
            ),
        ] {
            assert_eq!(read(&text), expected, "{docs}");
        }
        let empty = format!(r#"{{"key":"{hex}","label":"l"}}"#);
        let empty = seal(&data_key, NAME, empty.as_bytes(), b"");
        let opened = open_record::<Sample>(&empty, &data_key, NAME, &key());
        assert_eq!(opened.unwrap_err(), Unreadable::Body);
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes: Vec<u8>, header: Vec<u8>) {
            let data_key = DataKey::from_slice(&[1; 32]).unwrap();
            for file in [
                bytes.clone(),
                [b"awsxrec\x01", &bytes[..]].concat(),
                seal(&data_key, NAME, &header, &bytes),
            ] {
                let _ = open_record::<Sample>(&file, &data_key, NAME, &key());
                let _ = read_header::<SampleHeader>(&file, &key());
            }
        }
    }
}
