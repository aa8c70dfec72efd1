//! The AWS CLI's documents of a login: never a panic, no token that cannot be sent, no sign-in
//! without its key, and no content in an error's message.

#![no_main]

use awsx::for_tests::parse_sign_in;
use awsx::for_tests::parse_sso_token;
use libfuzzer_sys::fuzz_target;

/// Planted where a secret would be; an error that shows it would show secrets.
const SECRET: &str = "PLANTED-TOKEN";

fn check(body: &[u8]) {
    if let Err(error) = parse_sso_token(body) {
        assert!(!format!("{error} {error:?}").contains(SECRET), "{error}");
    }
    match parse_sign_in(body) {
        Ok(found) => {
            assert!(!found.client_id.is_empty() && found.refresh_token.is_some());
            assert!(found.credentials.is_some_and(|found| found.expiration.at().is_some()));
        }
        Err(problem) => assert!(!problem.contains(SECRET), "{problem}"),
    }
}

fuzz_target!(|body: &[u8]| {
    check(body);
    let Ok(text) = std::str::from_utf8(body) else { return };
    check(format!(r#"{{"accessToken":"{SECRET}","expiresAt":{text}}}"#).as_bytes());
    check(format!(r#"{{"refreshToken":"{SECRET}","accessToken":{text}}}"#).as_bytes());
});
