//! From two files to a plan. Input: the config file, the credentials file and the environment's lines, with
//! NUL between. Never a panic or an endless chain, and no secret in an error or a warning, whatever the
//! files look like.

#![no_main]

use awsx::for_tests::{Env, Profiles, plan_of, printable, word};
use libfuzzer_sys::fuzz_target;

/// Planted where a secret would be.
const SECRET: &str = "PLANTED-SECRET";

fuzz_target!(|input: &str| {
    let mut parts = input.splitn(3, '\0');
    let [config, credentials, variables] = [(); 3].map(|()| parts.next().unwrap_or_default());
    assert!(!printable(input).contains(|c: char| c.is_control() && c != '\n'));
    assert_eq!(shlex(&word(config)).as_deref(), Some(config));
    let planted = format!("{credentials}\n[planted]\naws_access_key_id = AKIA\n");
    let planted =
        format!("{planted}aws_secret_access_key = {SECRET}\naws_session_token = {SECRET}\n");
    let Ok(profiles) = Profiles::from_texts(config, &planted) else { return };
    let pairs = variables.lines().filter_map(|line| line.split_once('='));
    let env = Env::from_pairs(pairs);
    for name in profiles.names().chain(["planted", "none"]) {
        let shown = plan_of(&profiles, name, &env);
        assert!(!shown.contains(SECRET), "{name:?}: {shown}");
    }
});

/// What a POSIX shell makes of one word in single quotes, or without any.
fn shlex(word: &str) -> Option<String> {
    match word.strip_prefix('\'') {
        None => Some(word.to_owned()),
        Some(rest) => Some(rest.strip_suffix('\'')?.replace(r"'\''", "'")),
    }
}
