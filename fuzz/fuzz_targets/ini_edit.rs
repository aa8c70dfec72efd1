//! The editor. Input: name, key, value and text, with NUL between. An edit that is made changes the one
//! setting and nothing else.

#![no_main]

use std::collections::BTreeMap;

use awsx::for_tests::with_block;
use awsx::for_tests::{FileKind, Profiles};
use awsx::for_tests::{Target, with_setting};
use libfuzzer_sys::fuzz_target;

type Settings = BTreeMap<String, BTreeMap<String, String>>;

fn settings(kind: FileKind, text: &str) -> Option<Settings> {
    let (config, credentials) = match kind {
        FileKind::Config => (text, ""),
        FileKind::Credentials => ("", text),
    };
    let profiles = Profiles::from_texts(config, credentials).ok()?;
    let pairs = |name: &str| {
        let profile = profiles.as_written(name).unwrap();
        profile.settings().map(|s| (s.key.clone().into_owned(), s.value.clone())).collect()
    };
    Some(profiles.names().map(|name| (name.to_owned(), pairs(name))).collect())
}

fn check(kind: FileKind, name: &str, key: &str, value: &str, text: &str) {
    let Some(mut expected) = settings(kind, text) else { return };
    if let Ok(edited) = with_setting(kind, text, Target::Profile(name), key, value) {
        let keys = expected.entry(name.to_owned()).or_default();
        keys.insert(key.to_ascii_lowercase(), value.to_owned());
        assert_eq!(settings(kind, &edited), Some(expected));
        let again = with_setting(kind, &edited, Target::Profile(name), key, value);
        assert_eq!(again.unwrap(), edited);
    }
    if let Ok(with) = with_block(kind, text, name, value) {
        assert!(settings(kind, &with).is_some());
        assert_eq!(with_block(kind, &with, name, value).unwrap(), with);
    }
}

fuzz_target!(|input: &str| {
    let mut parts = input.splitn(4, '\0');
    let (Some(name), Some(key), Some(value), Some(text)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return;
    };
    check(FileKind::Config, name, key, value, text);
    check(FileKind::Credentials, name, key, value, text);
});
