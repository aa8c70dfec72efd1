//! A person logs in at AWS's console: in a browser that comes back to awsx, or in any browser, with a
//! code that they bring.

use super::{LogIn, LogInFailure, LogInOptions};
use crate::credentials::{
    Authorization, AuthorizedCode, Login, LoginSession, SignInClient, SignInProof, SignInToken,
};
use crate::login::ConsoleLogin;
use crate::login::browser::code_of;
use crate::login::pkce::Pkce;
use crate::ports::AuthorizationAnswer;

/// How often a person may bring a code that is none, before the last time.
const TRIES_BEFORE_THE_LAST: usize = 2;

impl LogIn<'_> {
    pub(super) fn ask_console(
        &self,
        region: &str,
        options: LogInOptions,
    ) -> Result<ConsoleLogin, LogInFailure> {
        self.make_room(options)?;
        let sign_in = self.logins.sign_in;
        let key = sign_in.new_key();
        let (client, code) = match self.is_elsewhere(options, Login::CONSOLE) {
            false => (SignInClient::SameDevice, self.code_by_browser(region, options)?),
            true => (SignInClient::CrossDevice, self.code_by_person(region)?),
        };
        let answer = sign_in.token(region, client.id(), &key, &SignInProof::Code(code))?;
        let now = self.logins.clock.now();
        Ok(ConsoleLogin {
            session: LoginSession::new(answer.session.ok_or(LogInFailure::Nameless)?),
            token: SignInToken {
                client_id: client.id().to_owned(),
                region: Some(region.to_owned()),
                credentials: Some(answer.credentials),
                refresh_token: Some(answer.refresh_token),
                id_token: answer.id_token,
                dpop_key: key,
            },
            url: sign_in.endpoint_url(region)?,
            region: region.to_owned(),
            logged_in_at: now,
            refreshed_at: now,
            shared: options.share,
        })
    }

    fn code_by_browser(
        &self,
        region: &str,
        options: LogInOptions,
    ) -> Result<AuthorizedCode, LogInFailure> {
        let (sign_in, client) = (self.logins.sign_in, SignInClient::SameDevice);
        let (code, ()) =
            self.ask_in_browser(Login::CONSOLE, "to AWS", options, |authorization| {
                Ok((sign_in.authorize_url(region, client, authorization)?, ()))
            })?;
        Ok(code)
    }

    fn code_by_person(&self, region: &str) -> Result<AuthorizedCode, LogInFailure> {
        let sign_in = self.logins.sign_in;
        let Pkce { verifier, challenge, state } = Pkce::generate();
        let redirect_uri = format!("{}/v1/sessions/confirmation", sign_in.endpoint_url(region)?);
        let authorization = Authorization {
            redirect_uri: redirect_uri.clone(),
            state: state.clone(),
            code_challenge: challenge,
        };
        let url = sign_in.authorize_url(region, SignInClient::CrossDevice, &authorization)?;
        self.logins.person.instruct(&format!("to sign in to AWS, open on any device\n{url}"));
        let code = code_of(self.ask_for_code(&state)?)?;
        Ok(AuthorizedCode { code, verifier, redirect_uri })
    }

    /// What the page shows, brought by the person. It is not shown again: terminals keep what they
    /// showed.
    fn ask_for_code(&self, state: &str) -> Result<AuthorizationAnswer, LogInFailure> {
        let terminal = self.logins.person.terminal()?;
        let mut question = "Code that the page shows".to_owned();
        for _ in 0..TRIES_BEFORE_THE_LAST {
            match self.browser.answer_in(&terminal.paste(&question)?, state) {
                Ok(answer) => return Ok(answer),
                Err(problem) => question = format!("That is not it: {problem}; once more"),
            }
        }
        let last = self.browser.answer_in(&terminal.paste(&question)?, state);
        last.map_err(LogInFailure::NotTheCode)
    }
}
