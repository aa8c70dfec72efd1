//! What docker says to a credential helper and wants to hear.
//! <https://github.com/docker/docker-credential-helpers#development>

use serde_json::{Value, json};

use crate::credentials::Secret;

/// Docker knows this sentence: it goes on without a password.
pub(crate) const NOT_FOUND: &str = "credentials not found in native keychain";

/// The user's name at every registry of ECR.
pub(crate) const USER: &str = "AWS";

/// The answer to `get`.
pub(crate) fn answer(server: &str, password: &Secret) -> Secret {
    let answer = json!({ "ServerURL": server, "Username": USER, "Secret": password.expose() });
    Secret::new(answer.to_string())
}

/// The server in what docker says to `store`.
pub(crate) fn server_of_stored(said: &str) -> Option<String> {
    let said: Value = serde_json::from_str(said).ok()?;
    said["ServerURL"].as_str().map(str::to_owned)
}
