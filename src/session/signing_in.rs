//! A person signs in to AWS: in a browser that comes back to awsx, or in any browser, with a code that
//! they bring. What the sign-in gives is [`super::sign_in`]'s to keep and to renew.

use super::in_browser::{Allowed, Denied, InBrowser, LOGIN_LIMIT, code};
use super::lock;
use super::pkce::Pkce;
use super::renewal::RenewalError;
use super::sign_in::SignIns;
use crate::credentials::{
    Authorization, Secret, SignInAnswer, SignInClient, SignInProof, SignInToken,
};
use crate::ports::{AuthorizationAnswer, Browser, BrowserError, CallError, PromptError};

/// How often a person may bring a code that is none.
const TRIES: usize = 3;

/// Signs persons in.
pub struct SigningIn<'a> {
    /// What is kept of it
    pub sign_ins: SignIns<'a>,
    /// Where it happens
    pub browser: &'a dyn Browser,
}

/// How a person wants to sign in.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignInWay {
    /// `--remote`: in a browser that cannot come back
    pub remote: bool,
    /// `--no-browser`: the address is only shown
    pub no_browser: bool,
    /// `--port`
    pub port: Option<u16>,
}

/// Who signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The ARN of who it is: the `login_session`
    pub session: String,
    /// What it gave
    pub token: SignInToken,
    /// The endpoint
    pub url: String,
    /// Its region
    pub region: String,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum SigningInError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Nobody can be asked, or the person cancelled.
    #[error("a sign-in to AWS needs a person")]
    Prompt(#[from] PromptError),
    /// The person or AWS said no.
    #[error("the sign-in was denied: {reason}")]
    Denied {
        /// AWS's words
        reason: String,
    },
    /// Nobody came back in time.
    #[error("nobody signed in within {} minutes", LOGIN_LIMIT.as_secs() / 60)]
    TimedOut,
    /// What the person brought is not the page's code.
    #[error("what was pasted is not the code of the page: {problem}")]
    Code {
        /// What is wrong with it
        problem: String,
    },
    /// The browser's part failed.
    #[error(transparent)]
    Browser(BrowserError),
    /// Somebody else signed in than the one whose credentials a command needs.
    #[error("{signed_in} signed in, but {needed} was to")]
    SomebodyElse {
        /// Who signed in
        signed_in: String,
        /// The `login_session`
        needed: String,
    },
    /// It could not be kept.
    #[error(transparent)]
    Kept(#[from] RenewalError),
    /// AWS did not say who signed in.
    #[error("the answer of AWS sign-in names nobody: it has no idToken with an ARN for `sub`")]
    Nobody,
}

impl From<BrowserError> for SigningInError {
    fn from(error: BrowserError) -> Self {
        match error {
            BrowserError::Unanswered(error) => Self::Prompt(error.into()),
            BrowserError::TimedOut { .. } => Self::TimedOut,
            other @ (BrowserError::NotOpened { .. } | BrowserError::Listen { .. }) => {
                Self::Browser(other)
            }
        }
    }
}

impl From<Denied> for SigningInError {
    fn from(Denied { reason }: Denied) -> Self {
        Self::Denied { reason }
    }
}

impl SigningIn<'_> {
    /// Signs a person in because they said so. Nothing is kept yet.
    ///
    /// # Errors
    /// [`SigningInError`].
    pub fn signed_in(&self, region: &str, way: SignInWay) -> Result<SignedIn, SigningInError> {
        self.sign_ins.person.terminal().map_err(PromptError::from)?;
        // Before the browser: nobody signs in for a vault that cannot keep it.
        self.sign_ins.vault.ready_for_login().map_err(RenewalError::from)?;
        let key = self.sign_ins.sign_in.new_key();
        let (client, answer) = match self.client(way) {
            client @ SignInClient::SameDevice => (client, self.on_this_machine(region, &key, way)?),
            client @ SignInClient::CrossDevice => (client, self.elsewhere(region, &key)?),
        };
        let session = answer.session.ok_or(SigningInError::Nobody)?;
        let token = SignInToken {
            client_id: client.id().to_owned(),
            region: Some(region.to_owned()),
            credentials: Some(answer.credentials),
            refresh_token: Some(answer.refresh_token),
            id_token: answer.id_token,
            dpop_key: key,
        };
        let url = self.sign_ins.sign_in.endpoint_url(region)?;
        Ok(SignedIn { session, token, url, region: region.to_owned() })
    }

    /// Signs in the one whose credentials a command needs, if the person agrees. Several processes open
    /// one sign-in between them.
    ///
    /// # Errors
    /// [`SigningInError`].
    pub fn sign_in_if_agreed(&self, session: &str, region: &str) -> Result<(), SigningInError> {
        self.sign_ins.person.terminal().map_err(PromptError::from)?;
        let SignIns { vault, person, .. } = self.sign_ins;
        let key = self.sign_ins.key(session);
        let _one_at_a_time = lock::or_go_on(vault, person, |state| {
            let waiting = "waiting for another awsx that is signing in";
            lock::person(state, &key, || person.tell(waiting))
        })
        .map_err(RenewalError::from)?;
        let before = vault.login_header(&key).map_err(RenewalError::from)?;
        // The one that is over has no refresh token any longer: somebody signed in meanwhile. A header
        // alone is no sign-in: the kernel forgets the key of its record.
        let is_whole = || vault.login(&key).map_err(RenewalError::from);
        if before.as_ref().is_some_and(|header| header.can_refresh) && is_whole()?.is_some() {
            return Ok(());
        }
        let question = format!(
            "login_session {session} needs a sign-in: press Enter to sign in (Ctrl-C cancels)"
        );
        person.ask(|terminal| terminal.enter(&question))?;
        let SignedIn { session: signed_in, token, url, region } =
            self.signed_in(region, SignInWay::default())?;
        if signed_in != session {
            return Err(SigningInError::SomebodyElse { signed_in, needed: session.to_owned() });
        }
        let shared = before.is_some_and(|header| header.shared);
        self.sign_ins.keep(session, token, url, region, shared)?;
        Ok(())
    }

    /// Whoever forwards a port or pastes the address has a browser that comes back.
    fn client(&self, way: SignInWay) -> SignInClient {
        if way.remote {
            return SignInClient::CrossDevice;
        }
        if way.no_browser || way.port.is_some() {
            return SignInClient::SameDevice;
        }
        match self.browser.is_out_of_reach() {
            None => SignInClient::SameDevice,
            Some(reason) => {
                self.sign_ins.person.tell(&format!(
                    "{reason}, so no browser can come back to awsx: signing in with a code"
                ));
                SignInClient::CrossDevice
            }
        }
    }

    fn on_this_machine(
        &self,
        region: &str,
        key: &Secret,
        way: SignInWay,
    ) -> Result<SignInAnswer, SigningInError> {
        let SignIns { sign_in, person, .. } = self.sign_ins;
        let SignInWay { no_browser, port, .. } = way;
        let asked = InBrowser { browser: self.browser, person, no_browser, port };
        let client = SignInClient::SameDevice;
        let Allowed { code, verifier, redirect_uri } = asked.allowed::<SigningInError>(
            "sign in to AWS",
            "signing in to AWS",
            |authorization| Ok(sign_in.authorize_url(region, client, authorization)?),
        )?;
        let proof =
            SignInProof::Code { code: &code, verifier: &verifier, redirect_uri: &redirect_uri };
        Ok(sign_in.token(region, client.id(), key, &proof)?)
    }

    fn elsewhere(&self, region: &str, key: &Secret) -> Result<SignInAnswer, SigningInError> {
        let pkce = Pkce::generate();
        let client = SignInClient::CrossDevice;
        let confirmation =
            format!("{}/v1/sessions/confirmation", self.sign_ins.sign_in.endpoint_url(region)?);
        let authorization = Authorization {
            redirect_uri: confirmation.clone(),
            state: pkce.state.clone(),
            code_challenge: pkce.challenge,
        };
        let url = self.sign_ins.sign_in.authorize_url(region, client, &authorization)?;
        self.sign_ins.person.instruct(&format!("to sign in to AWS, open on any device\n{url}"));
        let code = code(self.brought(&pkce.state)?)?;
        let proof = SignInProof::Code {
            code: &code,
            verifier: &pkce.verifier,
            redirect_uri: &confirmation,
        };
        Ok(self.sign_ins.sign_in.token(region, client.id(), key, &proof)?)
    }

    /// What the page says, brought by the person. Not shown: terminals keep what they showed.
    fn brought(&self, state: &str) -> Result<AuthorizationAnswer, SigningInError> {
        let mut question = "Code that the page shows".to_owned();
        for left in (0..TRIES).rev() {
            let brought = self.sign_ins.person.ask(|terminal| terminal.paste(&question))?;
            match self.browser.answer_in(&brought, state) {
                Ok(answer) => return Ok(answer),
                Err(problem) if left == 0 => return Err(SigningInError::Code { problem }),
                Err(problem) => question = format!("That is not it: {problem}; once more"),
            }
        }
        unreachable!("the last try returns")
    }
}

#[cfg(test)]
mod tests;
