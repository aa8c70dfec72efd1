//! The files of the state directory: no bytes cause a panic, and only what was sealed opens.

#![no_main]

use awsx::for_tests::DataKey;
use awsx::for_tests::Envelope;
use awsx::for_tests::SessionKey;
use awsx::for_tests::read_state_files;
use awsx::for_tests::{Fields, KeptSession, SessionHeader};
use awsx::for_tests::{open_record, read_header};
use libfuzzer_sys::fuzz_target;

const NAME: &str = "sessions/fuzz.rec";

fuzz_target!(|bytes: &[u8]| {
    let data_key = DataKey::from_slice(&[7; 32]).expect("32 bytes");
    let key = SessionKey::builder("fuzz").build();

    // As a file that anybody may have written.
    let _ = read_header::<SessionHeader>(bytes, &key);
    assert!(open_record::<KeptSession>(bytes, &data_key, NAME, &key).is_err());
    let with_magic = [b"awsxrec\x01", bytes].concat();
    if let Ok(envelope) = Envelope::parse(&with_magic) {
        assert!(envelope.open(&data_key, NAME).is_err());
    }

    read_state_files(bytes);
    // As the content of a file that was sealed by another version.
    if let Some(fields) = Fields::parse(bytes) {
        let _ = fields.get("access_token");
        let _ = fields.into_array::<4>();
    }
});
