//! What signs a browser in waits on a page of this machine, for the browser that is opened.

use std::path::PathBuf;
use std::time::Duration;

use super::App;
use super::console::SignIn;
use super::console_copy::refuse_unattended;
use super::login::browser;
use crate::credentials::SessionKey;
use crate::host::{Apart, SystemBrowser, Window};
use crate::preferences::Separate;
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::state::StateDir;

/// How long a browser may take; AWS takes what it posts for a quarter of an hour.
const LIMIT: Duration = Duration::from_secs(600);
/// The folder of browsers' profiles, one for each of awsx's.
const FOLDER: &str = "browsers";

/// Says no before anything is asked where no browser can be opened.
pub(crate) fn check_browser(app: &App) -> Result<(), Failure> {
    refuse_unattended(app, "no browser is opened then")?;
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
    if let Err(error) = browser(app).open_window(&page.address(), &window) {
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

/// Where a browser keeps what belongs to a profile of awsx: below the state directory, for this user alone.
fn directory_of(app: &App, profile: &str) -> Result<PathBuf, Failure> {
    const DIGITS: usize = 16;
    let folder = StateDir::from_env(&app.env)?.ready(FOLDER)?;
    let key = SessionKey::builder("browser").field("profile", profile).build();
    Ok(folder.join(&key.to_hex()[..DIGITS]))
}
