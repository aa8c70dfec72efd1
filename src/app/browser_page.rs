//! A page of awsx that a browser is opened for, which gets it once, from 127.0.0.1.

use std::time::Duration;

use super::App;
use super::login::browser;
use crate::agent::Agent;
use crate::host::SystemBrowser;
use crate::host::callback::{Page, PageOnce};
use crate::ports::{Browser, ListenError, Nobody, NotOpened};
use crate::report::Failure;
use crate::report::failure::Kind;

/// How long a browser may take; AWS takes what signs it in for a quarter of an hour.
const LIMIT: Duration = Duration::from_secs(600);

/// Refuses what only a person can go on with, where nobody may be asked. `because`: a clause. `instead`: what works
/// without one.
pub(super) fn refuse_unattended(app: &App, because: &str, instead: &str) -> Result<(), Failure> {
    if !app.asks_nobody() {
        return Ok(());
    }
    let why = match app.person().terminal() {
        Err(Nobody(why)) => why,
        Ok(_) => return Ok(()),
    };
    let hint = match Agent::of(&app.env) {
        Some(_) => format!("a person runs `{}`", app.command_line()),
        None => format!("leave that out; {instead}"),
    };
    Err(Failure::say(format!("{why}, and {because}"), Kind::InputNeeded.with(hint)))
}

/// Opens a page in the person's browser, as a login does. `words` say what it shows, `instead` what works without one.
pub(crate) fn show_page(
    app: &App,
    words: &str,
    instead: &str,
    page: impl FnOnce() -> Page,
) -> Result<(), Failure> {
    refuse_unattended(app, "no browser is opened then", instead)?;
    let browser = browser(app);
    if let Some(reason) = browser.is_out_of_reach() {
        let message = format!("no browser can be opened here: {reason}");
        return Err(Failure::say(message, Kind::InputNeeded.with(instead)));
    }
    let open = |address: &str| browser.open(address);
    wait_for_browser(app, SystemBrowser::serve(page()), words, instead, open)
}

/// Opens a browser for the page, and waits until it has it.
pub(super) fn wait_for_browser(
    app: &App,
    page: Result<PageOnce, ListenError>,
    words: &str,
    instead: &str,
    open: impl FnOnce(&str) -> Result<(), NotOpened>,
) -> Result<(), Failure> {
    let page = page.map_err(|error| Failure::new(&error, Kind::Unexpected.with(instead)))?;
    app.out().instruction(&format!(
        "{words}; if no browser opens, open\n{}",
        // Not the one that the browser gets: that one is in an argument list.
        page.address()
    ));
    if let Err(error) = open(&page.address()) {
        // Where nobody sees the other address, nobody comes.
        if app.person().terminal().is_err() {
            let hint = format!("AWSX_BROWSER names another one; {instead}");
            return Err(Failure::new(&error, Kind::Unexpected.with(hint)));
        }
        app.out().notice(&error.to_string());
    }
    match page.wait(LIMIT) {
        true => Ok(()),
        false => Err(Failure::say(
            "no browser came for the page in time".to_owned(),
            Kind::InputNeeded.with(format!("run `{}` again", app.command_line())),
        )),
    }
}
