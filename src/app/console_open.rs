//! What signs a browser in waits on a page of this machine, for the browser that is opened.

use std::path::PathBuf;

use super::App;
use super::browser_page::{refuse_unattended, wait_for_browser};
use super::console::SignIn;
use super::login::browser;
use crate::credentials::SessionKey;
use crate::host::{Apart, SystemBrowser, Window};
use crate::preferences::Separate;
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::state::StateDir;

/// What works without a browser
pub(super) const INSTEAD: &str = "--print prints the address instead";
/// The folder of browsers' profiles, one for each of awsx's.
const FOLDER: &str = "browsers";

/// Says no before anything is asked where no browser can be opened.
pub(crate) fn check_browser(app: &App) -> Result<(), Failure> {
    refuse_unattended(app, "no browser is opened then", INSTEAD)?;
    let command = app.preferences()?.console().browser_command.as_deref();
    match browser(app).lacks(&Window { command, ..Window::default() }) {
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

/// Opens the browser, and waits until it has the page. `is_private`: nothing of it stays in the browser.
pub(crate) fn open(app: &App, signed_in: &SignIn, is_private: bool) -> Result<(), Failure> {
    let preferences = app.preferences()?.console();
    let name = &*signed_in.profile;
    let directory = match preferences.separate {
        Some(Separate::Profile) if !is_private => Some(directory_of(app, name)?),
        _ => None,
    };
    let apart = match (preferences.separate, &directory) {
        (_, Some(directory)) => Some(Apart::Profile(directory)),
        (Some(Separate::Container), None) if !is_private => Some(Apart::Container),
        _ => None,
    };
    let window = Window {
        command: preferences.browser_command.as_deref(),
        apart,
        is_private,
        name,
        colour: signed_in.colour,
        icon: preferences.icon(name),
    };
    let page = SystemBrowser::serve_form(&signed_in.form);
    let open = |address: &str| browser(app).open_window(address, &window);
    wait_for_browser(app, page, &app.describe_sign_in(signed_in), INSTEAD, open)
}

/// Where a browser keeps what belongs to a profile of awsx: below the state directory, for this user alone.
fn directory_of(app: &App, profile: &str) -> Result<PathBuf, Failure> {
    const DIGITS: usize = 16;
    let folder = StateDir::from_env(&app.env)?.ready(FOLDER)?;
    let key = SessionKey::builder("browser").field("profile", profile).build();
    Ok(folder.join(&key.to_hex()[..DIGITS]))
}
