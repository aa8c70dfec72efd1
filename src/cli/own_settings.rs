//! Mistakes in awsx's own settings, said by the commands that show how things stand.

use crate::app::App;
use crate::check::strangers;
use crate::preferences::Preferences;

/// Warns of a file that cannot be read, and of what it says of sessions that there are not.
pub(super) fn warn_of_own_settings(app: &App) {
    let out = app.out();
    let settings = match app.preferences() {
        Ok(settings) => settings,
        Err(failure) => return out.warning(failure.message()),
    };
    let (Ok(files), Some(path)) = (app.profiles(), Preferences::path(&app.env)) else { return };
    for stranger in strangers(settings, files) {
        out.warning(&format!("{}: {stranger}", path.display()));
    }
}
