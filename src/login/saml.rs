//! A person brings the assertion of an identity provider from the browser.

use std::sync::Arc;

use super::browser::{LOG_IN_LIMIT, code_of};
use super::log_in::LogInFailure;
use crate::credentials::Secret;
use crate::ports::{Browser, CheckAssertion, Clock, Person};
use crate::resolve::SamlLogin;
use crate::saml::{Assertion, AssertionFlaw, Consumer};

/// Who takes part.
pub(crate) struct SamlLogIn<'a> {
    pub person: &'a dyn Person,
    pub browser: &'a dyn Browser,
    pub clock: &'a dyn Clock,
}

/// How it is found in a browser.
const WHERE: &str = "the assertion is what the browser posts to AWS in the end, as SAMLResponse. To copy it, open \
                     the developer tools (F12, Network, keep the log) before you log in; it is in the request \
                     named saml, under Payload or Request";

impl SamlLogIn<'_> {
    /// The assertion that the browser or the person brings.
    pub(crate) fn assertion(
        &self,
        login: &SamlLogin<'_>,
        no_browser: bool,
    ) -> Result<Assertion, LogInFailure> {
        self.person.terminal()?;
        match login.consumer {
            Some(consumer) => self.consume(login, consumer, no_browser),
            None => self.ask(login, no_browser),
        }
    }

    /// The identity provider has the browser post it to awsx.
    fn consume(
        &self,
        login: &SamlLogin<'_>,
        consumer: &Consumer,
        no_browser: bool,
    ) -> Result<Assertion, LogInFailure> {
        let check: CheckAssertion = Arc::new(|text: &Secret| {
            Assertion::read(text).map(drop).map_err(|flaw: AssertionFlaw| flaw.to_string())
        });
        // Before the browser opens: nobody else may be there when it comes back.
        let callback = self.browser.listen_for_assertion(consumer.port, &consumer.path, check)?;
        self.lead(login.profile, no_browser, &|| callback.lead_to(login.url));
        let brought = code_of(callback.wait(LOG_IN_LIMIT, no_browser)?)?;
        Assertion::read(&brought).map_err(|flaw| LogInFailure::Denied(format!("it {flaw}")))
    }

    /// The person pastes it. One that is over, or none, is asked for again.
    fn ask(&self, login: &SamlLogin<'_>, no_browser: bool) -> Result<Assertion, LogInFailure> {
        let terminal = self.person.terminal()?;
        self.person.instruct(WHERE);
        self.lead(login.profile, no_browser, &|| login.url.to_owned());
        let mut problem = String::new();
        loop {
            let brought = terminal.paste(&format!("{problem}Paste SAMLResponse"))?;
            problem = match Assertion::read(&brought) {
                Err(flaw) => format!("This is not the assertion: it {flaw}.\n"),
                Ok(assertion) => match assertion.ends.filter(|end| *end <= self.clock.now()) {
                    None => return Ok(assertion),
                    Some(end) => format!(
                        "This assertion ended {}: log in anew, and bring the new one.\n",
                        self.clock.on(end)
                    ),
                },
            };
        }
    }

    /// Opens a new address in the browser, and shows one.
    fn lead(&self, profile: &str, no_browser: bool, address: &dyn Fn() -> String) {
        if no_browser || self.browser.is_out_of_reach().is_some() {
            self.person.instruct(&format!("to log in for {profile}, open\n{}", address()));
            return;
        }
        self.person.instruct(&format!(
            "logging in for {profile} in the browser; if none opens, open\n{}",
            address()
        ));
        // That none opens is said: the person has the address.
        if let Err(error) = self.browser.open(&address()) {
            self.person.tell(&error.to_string());
        }
    }
}
