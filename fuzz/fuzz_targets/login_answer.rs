//! What a person pastes after `--remote`: never a panic, no answer without the right state, and
//! nothing of the text in an error's message. Behind its base64 is the query that the browser brings
//! to the callback address, read by the same code.

#![no_main]

use awsx::for_tests::Secret;
use awsx::for_tests::answer_in_page_code;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;

const STATE: &str = "s-1";
/// Planted where a code would be.
const SECRET: &str = "PLANTED-CODE";

fn encoded(query: &str) -> Secret {
    Secret::new(STANDARD.encode(query))
}

fuzz_target!(|text: &str| {
    let _ = answer_in_page_code(&Secret::new(text), STATE);
    // `s` cannot be written otherwise than as itself or percent-encoded.
    if answer_in_page_code(&encoded(text), STATE).is_ok() {
        assert!(text.contains("-1") || text.contains('%'), "{text:?} has no state");
    }
    let planted = format!("{text}&code={SECRET}");
    if let Err(problem) = answer_in_page_code(&encoded(&planted), STATE) {
        assert!(!format!("{problem} {problem:?}").contains(SECRET));
    }
    // Whatever comes before it, another state is another login.
    assert!(answer_in_page_code(&encoded(&format!("state=other&code=c&{text}")), STATE).is_err());
});
