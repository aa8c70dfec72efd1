//! Takes the last change of files back.

use std::path::PathBuf;

use super::App;
use crate::history::{self, Standing, VersionHeader};
use crate::report::failure::{Failure, Kind};
use crate::state::files;
use crate::vault::Vault;

/// Bytes of a file, at most.
const LONGEST: u64 = 64 << 20;

/// A file that gets its text back.
pub(crate) struct Restored {
    pub(crate) path: PathBuf,
    pub(crate) now: String,
    pub(crate) before: String,
    header: VersionHeader,
}

/// What the last command that changed files changed, and what they said before. Refused where one of them was changed
/// since.
pub(crate) fn find_last_change(app: &App) -> Result<Vec<Restored>, Failure> {
    let vault = app.vault()?;
    loop {
        let headers = history::find_last(vault, app.now())?;
        if headers.is_empty() {
            let days = history::KEPT_FOR.num_days();
            let message = format!("awsx changed no file within {days} days that it could restore");
            return Err(Failure::say(
                message,
                Kind::Config.with("`awsx config edit` opens a file"),
            ));
        }
        let mut found = Vec::new();
        for header in headers {
            found.extend(compare(vault, header)?);
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
}

/// The file as it is and as it was; none where the change never came to be, which is then forgotten.
fn compare(vault: &Vault, header: VersionHeader) -> Result<Option<Restored>, Failure> {
    let path = PathBuf::from(&header.path);
    let now = match files::read(&path, LONGEST) {
        Err(error) if files::is_missing(&error) => Vec::new(),
        read => read.map_err(|error| Failure::io(&header.path, &error))?,
    };
    let now = String::from_utf8(now).unwrap_or_default();
    let Some(version) = history::read(vault, &header)? else {
        history::forget(vault, &header)?;
        return Ok(None);
    };
    match version.compare(&now) {
        Standing::After(before) => Ok(Some(Restored { path, now, before, header })),
        Standing::Before => {
            history::forget(vault, &header)?;
            Ok(None)
        }
        Standing::Other => {
            let message = format!("{} was changed since awsx did", header.path);
            Err(Failure::say(message, Kind::Config.with("`awsx config edit` opens a file")))
        }
    }
}

/// Gives a file its text back. Whether it still had the one that awsx wrote.
pub(crate) fn restore(app: &App, file: &Restored) -> Result<bool, Failure> {
    let tell = |message: &str| app.out().notice(message);
    let writer = app.writer_without_undo(&tell);
    let is_done = writer.unless_changed(&file.path, &file.now, &file.before)?;
    if is_done {
        history::forget(app.vault()?, &file.header)?;
    }
    Ok(is_done)
}
