//! What a person said once about the profiles of a session, kept in awsx's own settings.

use crate::app::App;
use crate::config::edit::EditError;
use crate::preferences::{Preferences, setting_line, with_sso_setting};
use crate::text::with_causes;

/// Keeps `key = "value"` in `[sso.SESSION]`; where it cannot be kept, says what to write there.
pub(super) fn remember(app: &App, session: &str, key: &str, value: &str) {
    let line = setting_line(key, value);
    let Some(path) = Preferences::path(&app.env) else {
        return app.out().warning(&format!("there is no home directory to keep {line} in"));
    };
    let tell = |message: &str| app.out().notice(message);
    let mut fits = true;
    let edit = |text: &str| -> Result<String, EditError> {
        let new = with_sso_setting(text, session, key, value);
        fits = new.is_some();
        Ok(new.unwrap_or_else(|| text.to_owned()))
    };
    let place = format!("{line} under [sso.{session}] in {}", path.display());
    match app.writer(&tell).update(&path, edit) {
        Ok(true) => app.out().notice(&format!("kept for the next sync: {place}")),
        Ok(false) if fits => {}
        Ok(false) => app.out().warning(&format!("not kept for the next sync; write {place}")),
        Err(error) => {
            let cause = with_causes(&error);
            app.out().warning(&format!("not kept for the next sync: {cause}; write {place}"));
        }
    }
}
