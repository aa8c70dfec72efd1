//! The browser of the person, and the loopback address that it comes back to.

use std::sync::Arc;
use std::time::Duration;

use super::Unanswered;
use crate::credentials::Secret;

pub(crate) trait Browser {
    /// Why no browser of this machine can come back to awsx, as a clause ("this is an SSH session").
    fn is_out_of_reach(&self) -> Option<String>;
    /// Opens an address; returns before the page is shown.
    fn open(&self, url: &str) -> Result<(), NotOpened>;
    /// Listens on 127.0.0.1, on any free port unless one is given, for one answer to `state`.
    fn listen(&self, port: Option<u16>, state: &str) -> Result<Box<dyn Callback>, ListenError>;
    /// Listens at this port and path of 127.0.0.1 for a SAML assertion that a page posts. `check` says in
    /// words what is wrong with a text.
    fn listen_for_assertion(
        &self,
        port: u16,
        path: &str,
        check: CheckAssertion,
    ) -> Result<Box<dyn Callback>, ListenError>;
    /// The answer to `state` in what a page of AWS sign-in showed and a person brought: base 64; else
    /// what is wrong with it, in words.
    fn answer_in(&self, brought: &Secret, state: &str) -> Result<AuthorizationAnswer, String>;
}

/// What is wrong with a text that is to be an assertion, in words behind "it".
pub(crate) type CheckAssertion = Arc<dyn Fn(&Secret) -> Result<(), String> + Send + Sync>;

/// A loopback address that waits for the browser. Closed when dropped.
pub(crate) trait Callback {
    /// `http://127.0.0.1:PORT/oauth/callback`
    fn redirect_uri(&self) -> String;
    /// A new address of awsx itself that leads one browser on to `url`. The answer is taken from a
    /// browser that came this way; a second one that tries to ends the wait.
    fn lead_to(&self, url: &str) -> String;
    /// Waits for the answer: from the browser, or pasted at the terminal where there is one. It is taken
    /// there at any time; with `asks` the person is asked for it at once, else if the browser takes long.
    fn wait(&self, limit: Duration, asks: bool) -> Result<AuthorizationAnswer, CallbackError>;
}

/// What the browser came back with; the `state` was right.
#[derive(Debug)]
pub enum AuthorizationAnswer {
    /// `code`; where an assertion is waited for, that
    Code(Secret),
    /// `error` and `error_description`: the person, or AWS, said no
    Denied {
        /// Such as `access_denied`
        error: String,
        description: Option<String>,
    },
}

/// The command that should open the browser failed or is not there.
#[derive(Debug, thiserror::Error)]
#[error("{program} did not open the browser: {cause}")]
pub(crate) struct NotOpened {
    pub program: String,
    pub cause: String,
}

#[derive(Debug, thiserror::Error)]
#[error("127.0.0.1{} cannot be listened on", .port.map(|port| format!(":{port}")).unwrap_or_default())]
pub(crate) struct ListenError {
    /// The port of `--port`
    pub port: Option<u16>,
    pub source: std::io::Error,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum CallbackError {
    #[error("nobody came back in time")]
    TimedOut,
    #[error("two browsers opened the same address")]
    OpenedTwice,
    #[error(transparent)]
    Unanswered(#[from] Unanswered),
}
