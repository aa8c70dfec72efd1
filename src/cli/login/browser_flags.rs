//! The flags of every login in a browser.

use clap::Args;

use crate::login::LogInOptions;

/// How a person is sent to the browser.
#[derive(Debug, Default, Args)]
pub(super) struct BrowserFlags {
    /// Show the address instead of opening it
    #[arg(long)]
    no_browser: bool,
    /// The local port that the browser comes back to, so that it can be forwarded
    #[arg(
        long,
        visible_alias = "redirect-port",
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..)
    )]
    port: Option<u16>,
}

impl BrowserFlags {
    pub(super) fn are_given(&self) -> bool {
        self.no_browser || self.port.is_some()
    }

    pub(super) fn options(&self, elsewhere: bool, share: bool) -> LogInOptions {
        let (no_browser, port) = (self.no_browser, self.port);
        LogInOptions { elsewhere, no_browser, port, share, must_keep: true }
    }
}
