//! What a `credential_process` and a container's endpoint may answer: never a panic, no half of a
//! key pair, and no content in an error's message.

#![no_main]

use awsx::for_tests::{parse_container_body, parse_process_output};
use libfuzzer_sys::fuzz_target;

/// Planted where a secret would be; an error that shows it would show secrets.
const SECRET: &str = "PLANTED-SECRET-KEY";

fuzz_target!(|body: &[u8]| {
    for parse in [parse_process_output, parse_container_body] {
        match parse(body) {
            Ok(found) => assert!(!found.access_key_id.is_empty()),
            // `Refused` repeats the endpoint's own error, and only that.
            Err(error) if !body.windows(4).any(|word| word.eq_ignore_ascii_case(b"code")) => {
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains(SECRET), "{shown}");
            }
            Err(_) => {}
        }
    }
    if let Ok(text) = std::str::from_utf8(body) {
        let planted = format!(
            r#"{{"Version":1,"AccessKeyId":"A","SecretAccessKey":"{SECRET}","Expiration":{text}}}"#
        );
        if let Err(error) = parse_process_output(planted.as_bytes()) {
            assert!(!format!("{error} {error:?}").contains(SECRET));
        }
    }
});
