//! What looks for keys. Input: a text, or what `git log -p` prints. Whatever it is, no more of a key is shown than its
//! ends.

#![no_main]

use awsx::for_tests::keys_in;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| {
    for (line, shown) in keys_in(text) {
        assert!(line > 0 && shown.chars().count() <= 9, "{line}: {shown}");
    }
});
