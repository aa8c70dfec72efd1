//! awsx's own settings file and the template of names. Input: a template and the names of an account
//! and a role, with NUL between; all of it once more as the file. Never a panic, and no name comes
//! out that not all AWS tools accept, whatever an administrator calls an account.

#![no_main]

use std::path::Path;

use awsx::for_tests::is_portable_name;
use awsx::for_tests::{Preferences, Role, Template};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let mut parts = input.splitn(3, '\0');
    let words = [(); 3].map(|()| parts.next().unwrap_or_default());
    let [template, account_name, role_name] = words;
    let role = Role {
        session: "corp",
        account_id: "222222222222",
        account_name,
        email: account_name,
        role_name,
    };
    match Template::parse(template) {
        Ok(read) => {
            assert_eq!(read.to_string(), template);
            if let Some(name) = read.name(&role) {
                assert!(is_portable_name(&name), "{name:?}");
            }
        }
        Err(error) => assert!(error.at <= template.chars().count() + 1, "{error}"),
    }
    if let Ok(preferences) = Preferences::from_text(Path::new("config.toml"), input)
        && let Some(name) = preferences.sso("corp").profile(&role).profile_name.name(&role)
    {
        assert!(is_portable_name(&name), "{name:?}");
    }
});
