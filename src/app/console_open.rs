//! What signs a browser in waits on a page of this machine, for the browser that is opened.

use std::time::Duration;

use super::App;
use super::console::SignIn;
use super::console_copy::refuse_unattended;
use super::login::browser;
use crate::host::SystemBrowser;
use crate::ports::Browser;
use crate::report::Failure;
use crate::report::failure::Kind;

/// How long a browser may take; AWS takes what it posts for a quarter of an hour.
const LIMIT: Duration = Duration::from_secs(600);

/// Says no before anything is asked where no browser can be opened.
pub(crate) fn check_browser(app: &App) -> Result<(), Failure> {
    refuse_unattended(app, "no browser is opened then")?;
    match browser(app).is_out_of_reach() {
        None => Ok(()),
        Some(reason) => Err(Failure::say(
            format!("no browser can be opened here: {reason}"),
            Kind::InputNeeded.with(format!(
                "`{} --copy` puts the address into the clipboard of your terminal, --print prints it",
                app.command_line()
            )),
        )),
    }
}

/// Opens the browser, and waits until it has the page.
pub(crate) fn open(app: &App, signed_in: &SignIn) -> Result<(), Failure> {
    let page = SystemBrowser::serve(&signed_in.form).map_err(|error| {
        let hint = "--print prints the address instead";
        Failure::new(&error, Kind::Unexpected.with(hint))
    })?;
    app.out().instruction(&format!(
        "{}; if no browser opens, open\n{}",
        app.describe_sign_in(signed_in),
        // Not the one that the browser gets: that one is in an argument list.
        page.address()
    ));
    if let Err(error) = browser(app).open(&page.address()) {
        // Where nobody sees the other address, nobody comes.
        if app.person().terminal().is_err() {
            let hint = "AWSX_BROWSER names another one; --print prints the address instead";
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
