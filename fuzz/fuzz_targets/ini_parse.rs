//! The parser: never panics, every setting and warning has a line of its file, and no byte is
//! lost on the way from text to lines and back.

#![no_main]

use awsx::for_tests::{FileKind, Profiles, with_block};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for kind in [FileKind::Config, FileKind::Credentials] {
        let (config, credentials) = match kind {
            FileKind::Config => (text, ""),
            FileKind::Credentials => ("", text),
        };
        let unchanged = with_block(kind, text, "no such block", "");
        let Ok(profiles) = Profiles::from_texts(config, credentials) else {
            assert!(unchanged.is_err());
            continue;
        };
        // The only refusal of a text that parses: one that has half of just this block.
        assert!(unchanged.map_or(text.contains("no such block"), |unchanged| unchanged == text));

        let last_line = text.split(['\n', '\r']).count();
        let is_line = |line: u32| line > 0 && line as usize <= last_line;
        for name in profiles.names() {
            let profile = profiles.as_written(name).unwrap();
            assert!(profile.headers().iter().all(|at| is_line(at.line)));
            for setting in profile.settings() {
                assert!(is_line(setting.location.line));
                assert!(setting.nested.iter().all(|nested| is_line(nested.location.line)));
            }
            let _ = profiles.profile(name);
        }
        if let Some(name) = profiles.names().next() {
            assert!(profiles.similar(name).is_some());
        }
        for name in profiles.sso_session_names() {
            assert!(profiles.sso_session(name).is_some());
        }
        assert!(profiles.warnings().iter().all(|warning| is_line(warning.location.line)));
    }
});
