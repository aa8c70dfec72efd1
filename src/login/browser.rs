//! A person answers in the browser of this machine, which comes back to awsx.

use std::time::Duration;

use super::log_in::{LogIn, LogInFailure, LogInOptions};
use super::pkce::Pkce;
use crate::credentials::{Authorization, AuthorizedCode, LoginWords, Secret};
use crate::ports::{AuthorizationAnswer, CallError};

/// How long a person may take.
pub(super) const LOG_IN_LIMIT: Duration = Duration::from_secs(600);

impl LogIn<'_> {
    /// Opens the address that `url` makes, and waits for the answer. `place`: "to corp". What `url`
    /// gives beside the address is handed back.
    pub(super) fn ask_in_browser<T>(
        &self,
        words: &LoginWords,
        place: &str,
        options: LogInOptions,
        url: impl FnOnce(&Authorization) -> Result<(String, T), CallError>,
    ) -> Result<(AuthorizedCode, T), LogInFailure> {
        let Pkce { verifier, challenge, state } = Pkce::generate();
        // Before the browser opens: nobody else may be there when it comes back.
        let callback = self.browser.listen(options.port, &state)?;
        let redirect_uri = callback.redirect_uri();
        let (url, more) = url(&Authorization {
            redirect_uri: redirect_uri.clone(),
            state,
            code_challenge: challenge,
        })?;
        let person = self.logins.person;
        if options.no_browser {
            let own = callback.lead_to(&url);
            person.instruct(&format!("to {} {place}, open\n{own}{}", words.verb, or_paste(&url)));
        } else {
            // Not the address that the browser gets: that one is in an argument list.
            person.instruct(&format!(
                "{} {place} in the browser; if none opens, open\n{}",
                words.doing,
                callback.lead_to(&url)
            ));
            self.open_browser(&callback.lead_to(&url));
        }
        let code = code_of(callback.wait(LOG_IN_LIMIT, options.no_browser)?)?;
        Ok((AuthorizedCode { code, verifier, redirect_uri }, more))
    }

    /// That no browser opens is said: the person has the address.
    pub(super) fn open_browser(&self, url: &str) {
        if let Err(error) = self.browser.open(url) {
            self.logins.person.tell(&error.to_string());
        }
    }
}

/// Where a browser cannot come back, the person brings its answer.
fn or_paste(url: &str) -> String {
    // On Windows nothing is pasted.
    match cfg!(unix) {
        true => format!(
            "\nor, where that does not reach this machine,\n{url}\nand paste the address that it ends at"
        ),
        false => String::new(),
    }
}

/// The code of an answer that is a yes.
pub(super) fn code_of(answer: AuthorizationAnswer) -> Result<Secret, LogInFailure> {
    match answer {
        AuthorizationAnswer::Code(code) => Ok(code),
        AuthorizationAnswer::Denied { error, description } => Err(LogInFailure::Denied(
            description.map_or(error.clone(), |text| format!("{text} ({error})")),
        )),
    }
}
