//! The browser of the person: whether it can be reached, and how it is opened.
//!
//! The crate `webbrowser` opens one too, but reads the process environment itself, hands all of it to the
//! browser, and is a dozen lines of openers for Linux in the end.

mod command;
mod reach;
mod window;

use super::callback::{Page, PageOnce, Wants};
use crate::credentials::{ConsoleForm, Secret};
use crate::env::Env;
use crate::ports::{
    AuthorizationAnswer, Browser, Callback, CheckAssertion, ListenError, NotOpened,
};
pub(super) use command::Machine;
pub(super) use reach::is_ssh;
pub(crate) use window::{Apart, Window};

/// The browser that `AWSX_BROWSER` names, else one of `BROWSER`, else the system's.
pub(crate) struct SystemBrowser {
    env: Env,
    paste: bool,
}

impl SystemBrowser {
    /// The browser is started in this environment without the variables `withheld`: credentials and awsx's
    /// own secrets. With `paste`, a person may also answer a login at the terminal.
    pub(crate) fn new<'a>(
        env: &Env,
        withheld: impl IntoIterator<Item = &'a str>,
        paste: bool,
    ) -> Self {
        Self { env: env.without(withheld), paste }
    }
}

impl SystemBrowser {
    /// Why this window cannot be opened here, as a clause. Who names a browser in the settings knows what it needs, but
    /// for a session of SSH, for which those are not made.
    pub(crate) fn lacks(&self, window: &Window<'_>) -> Option<String> {
        match window.command.is_some() && !is_ssh(&self.env) {
            true => None,
            false => self.is_out_of_reach(),
        }
    }

    /// Opens an address in such a window; returns before the page is shown.
    pub(crate) fn open_window(&self, url: &str, window: &Window<'_>) -> Result<(), NotOpened> {
        window::open(url, window, &self.env, &Machine::this(), command::PATIENCE)
    }

    /// A page that posts the form, for one browser.
    pub(crate) fn serve_form(form: &ConsoleForm) -> Result<PageOnce, ListenError> {
        Self::serve(Page::of_form(form))
    }

    /// A page for one browser.
    pub(crate) fn serve(page: Page) -> Result<PageOnce, ListenError> {
        PageOnce::serve(page).map_err(|source| ListenError { port: None, source })
    }
}

impl Browser for SystemBrowser {
    fn is_out_of_reach(&self) -> Option<String> {
        reach::obstacle(&self.env, &Machine::this()).map(str::to_owned)
    }

    fn open(&self, url: &str) -> Result<(), NotOpened> {
        command::open(url, &self.env, &Machine::this(), command::PATIENCE)
    }

    fn listen(&self, port: Option<u16>, state: &str) -> Result<Box<dyn Callback>, ListenError> {
        Ok(Box::new(super::callback::listen(
            port,
            Wants::Code { state: state.to_owned() },
            self.paste,
        )?))
    }

    fn listen_for_assertion(
        &self,
        port: u16,
        path: &str,
        check: CheckAssertion,
    ) -> Result<Box<dyn Callback>, ListenError> {
        let wants = Wants::Assertion { path: path.to_owned(), check };
        Ok(Box::new(super::callback::listen(Some(port), wants, self.paste)?))
    }

    fn answer_in(&self, brought: &Secret, state: &str) -> Result<AuthorizationAnswer, String> {
        super::callback::answer_in_page_code(brought, state).map_err(|problem| problem.to_string())
    }
}
