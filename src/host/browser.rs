//! The browser of the person: whether it can be reached, and how it is opened. What it shows, and
//! when a login needs it, is for others.
//!
//! The crate `webbrowser` does the second part too, but reads the process environment itself, hands
//! all of it to the browser, and is a dozen lines of openers for Linux in the end.

mod command;
mod reach;

use std::path::Path;

use crate::credentials::Secret;
use crate::env::Env;
use crate::ports::{AuthorizationAnswer, Browser, BrowserError, Callback};

/// The machine that awsx runs on, as far as a browser is concerned.
struct Machine<'a> {
    /// As `std::env::consts::OS` says it
    os: &'a str,
    /// `/proc/version`, where there is one
    kernel: String,
    /// Whether there is such a file
    exists: &'a dyn Fn(&Path) -> bool,
}

impl Machine<'_> {
    /// This one.
    fn this() -> Self {
        // There is none but on Linux.
        let kernel = std::fs::read_to_string("/proc/version").unwrap_or_default();
        Self { os: std::env::consts::OS, kernel, exists: &|path| path.exists() }
    }

    /// Whether a program can be found in `PATH`.
    fn has(&self, program: &str, env: &Env) -> bool {
        env.path("PATH").is_some_and(|path| {
            std::env::split_paths(path).any(|directory| (self.exists)(&directory.join(program)))
        })
    }

    /// Whether its windows are on displays that variables name: Linux and the BSDs.
    fn has_displays(&self) -> bool {
        !matches!(self.os, "macos" | "windows")
    }

    /// Linux inside Windows.
    fn is_wsl(&self, env: &Env) -> bool {
        self.os == "linux"
            && (env.is_present("WSL_DISTRO_NAME")
                || self.kernel.to_ascii_lowercase().contains("microsoft"))
    }
}

/// `AWSX_BROWSER`, else one of `BROWSER`, else the system's.
pub struct SystemBrowser {
    env: Env,
    paste: bool,
}

impl SystemBrowser {
    /// The browser that `env` leads to. It is started in that environment without the variables
    /// `withheld`: credentials and awsx's own secrets. With `paste`, a login may also be answered
    /// at the terminal: somebody is there, and may be asked.
    pub fn new<'a>(env: &Env, withheld: impl IntoIterator<Item = &'a str>, paste: bool) -> Self {
        Self { env: env.without(withheld), paste }
    }
}

impl Browser for SystemBrowser {
    fn is_out_of_reach(&self) -> Option<String> {
        reach::obstacle(&self.env, &Machine::this()).map(str::to_owned)
    }

    fn open(&self, url: &str) -> Result<(), BrowserError> {
        command::open(url, &self.env, &Machine::this(), command::PATIENCE)
    }

    fn listen(&self, port: Option<u16>, state: &str) -> Result<Box<dyn Callback>, BrowserError> {
        Ok(Box::new(super::callback::listen(port, state, self.paste)?))
    }

    fn answer_in(&self, brought: &Secret, state: &str) -> Result<AuthorizationAnswer, String> {
        super::callback::pasted_code(brought, state).map_err(|problem| problem.to_string())
    }
}
