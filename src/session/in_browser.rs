//! A person answers a login in the browser of this machine, which comes back to awsx. Where they log
//! in, and what the answer is good for, is others' business.

use std::time::Duration;

use super::pkce::Pkce;
use crate::credentials::{Authorization, Secret};
use crate::ports::{AuthorizationAnswer, Browser, BrowserError, Person};

/// How long a person may take.
pub(super) const LOGIN_LIMIT: Duration = Duration::from_secs(600);

/// One question to the person.
pub(super) struct InBrowser<'a> {
    pub(super) browser: &'a dyn Browser,
    pub(super) person: &'a dyn Person,
    /// `--no-browser`: the address is only shown
    pub(super) no_browser: bool,
    /// `--port`
    pub(super) port: Option<u16>,
}

/// The person, and AWS, said yes.
pub(super) struct Allowed {
    pub(super) code: Secret,
    /// Proves who asked
    pub(super) verifier: Secret,
    pub(super) redirect_uri: String,
}

/// The person, or AWS, said no.
pub(super) struct Denied {
    /// AWS's words
    pub(super) reason: String,
}

impl InBrowser<'_> {
    /// Opens the address that `url` makes, and waits for the answer. `to` and `doing` say what for:
    /// "log in to corp", "logging in to corp".
    pub(super) fn allowed<E: From<BrowserError> + From<Denied>>(
        &self,
        to: &str,
        doing: &str,
        url: impl FnOnce(&Authorization) -> Result<String, E>,
    ) -> Result<Allowed, E> {
        let Pkce { verifier, challenge, state } = Pkce::generate();
        // Before the browser opens: nobody else may be there when it comes back.
        let callback = self.browser.listen(self.port, &state)?;
        let redirect_uri = callback.redirect_uri();
        let url = url(&Authorization {
            redirect_uri: redirect_uri.clone(),
            state,
            code_challenge: challenge,
        })?;
        if self.no_browser {
            self.person.instruct(&format!("to {to}, open\n{url}"));
        } else {
            self.person.instruct(&format!("{doing} in the browser; if none opens, open\n{url}"));
            if let Err(error) = self.browser.open(&url) {
                self.person.tell(&error.to_string());
            }
        }
        let code = code(callback.wait(LOGIN_LIMIT)?)?;
        Ok(Allowed { code, verifier, redirect_uri })
    }
}

/// The code of an answer that is a yes.
pub(super) fn code(answer: AuthorizationAnswer) -> Result<Secret, Denied> {
    match answer {
        AuthorizationAnswer::Code(code) => Ok(code),
        AuthorizationAnswer::Denied { error, description } => Err(Denied {
            reason: description.map_or(error.clone(), |text| format!("{text} ({error})")),
        }),
    }
}
