//! What commands that change the config file have in common: a person sees the change first.

use std::path::Path;

use crate::app::App;
use crate::report::failure::{Failure, Kind};
use crate::text::abbreviate;

/// Asks whether the file may be written; Enter alone is `default`. `instead`: what to do where nobody
/// is there.
pub(super) fn confirm_write(
    app: &App,
    file: &str,
    default: bool,
    instead: String,
) -> Result<bool, Failure> {
    let question = format!("Write it to {}?", abbreviate(file, app.env.home()));
    let answer = app.person().ask(|terminal| terminal.confirm(&question, default));
    let agreed = answer.map_err(|error| Failure::no_answer(&error, instead))?;
    if !agreed {
        app.out().notice("nothing is written");
    }
    Ok(agreed)
}

/// The file is not the one that the change was shown for.
pub(super) fn refusal_to_overwrite(path: &Path) -> Failure {
    Failure::say(
        format!("{} was changed while you were asked; nothing is written", path.display()),
        Kind::Config.with("run it again"),
    )
}
