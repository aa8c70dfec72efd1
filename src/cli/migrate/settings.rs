//! Settings of other tools, written into awsx's own.

use crate::app::App;
use crate::cli::config_file::{confirm_write, refusal_to_overwrite};
use crate::migrate::{Fate, Finding};
use crate::preferences::{Preferences, with_sso_setting};
use crate::report::Look;
use crate::report::failure::{Failure, Kind};
use crate::state::files;
use crate::text::abbreviate;

/// Bytes of the file, at most.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Shows what comes into the file, asks unless `yes`, and writes it. `instead`: what to do where nobody is there.
pub(super) fn write_settings(
    app: &App,
    found: &[Finding],
    yes: bool,
    instead: impl Fn() -> String,
) -> Result<(), Failure> {
    let is_one = |finding: &Finding| matches!(finding.fate, Fate::Setting { .. });
    let Some(path) = Preferences::path(&app.env).filter(|_| found.iter().any(is_one)) else {
        return Ok(());
    };
    let before = match files::read(&path, LONGEST) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if files::is_missing(&error) => String::new(),
        Err(error) => return Err(Failure::io(&path.display().to_string(), &error)),
    };
    let mut after = before.clone();
    for finding in found {
        let Fate::Setting { session, key, value, becomes } = &finding.fate else { continue };
        match with_sso_setting(&after, session, key, value) {
            Some(new) => after = new,
            None => app.out().warning(&format!("not written; write {becomes} of config.toml")),
        }
    }
    if after == before {
        return Ok(());
    }
    // What awsx could not read would end its commands.
    Preferences::from_text(&path, &after).map_err(|error| {
        Failure::say(error.to_string(), Kind::Config.with("`awsx config edit settings` opens it"))
    })?;
    let file = path.display().to_string();
    if !(yes && app.globals.quiet) {
        let mut screen = app.out().screen();
        screen.look(Look::Strong, &abbreviate(&file, app.env.home())).line();
        app.out().show(screen.lines_that_differ(&before, &after))?;
    }
    if !yes && !confirm_write(app, &file, true, instead())? {
        return Ok(());
    }
    let tell = |message: &str| app.out().notice(message);
    if !app.writer(&tell).unless_changed(&path, &before, &after)? {
        return Err(refusal_to_overwrite(&path));
    }
    let file = abbreviate(&file, app.env.home()).into_owned();
    app.out().notice(&format!("{file} is written"));
    Ok(())
}
