//! What a command changes in the AWS files: planned, shown, and written if they are as they were.

use std::path::Path;

use crate::app::App;
use crate::cli::config_file::refusal_to_overwrite;
use crate::config::edit::EditError;
use crate::config::write::WriteError;
use crate::profile::{FileKind, Profiles};
use crate::report::failure::Failure;

/// The files that change.
pub(in crate::cli) struct FileChanges<'a> {
    files: Vec<FileChange<'a>>,
}

struct FileChange<'a> {
    path: &'a Path,
    before: &'a str,
    after: String,
}

impl<'a> FileChanges<'a> {
    /// What becomes of both files.
    pub(in crate::cli) fn plan(
        profiles: &'a Profiles,
        edit: impl Fn(FileKind, &str) -> Result<String, EditError>,
    ) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for kind in [FileKind::Config, FileKind::Credentials] {
            let (path, before) = match kind {
                FileKind::Config => (profiles.config_file(), profiles.config_text()),
                FileKind::Credentials => (profiles.credentials_file(), profiles.credentials_text()),
            };
            let failed = |source| WriteError::Edit { path: path.to_path_buf(), source };
            let after = edit(kind, before).map_err(failed)?;
            if after != before {
                files.push(FileChange { path, before, after });
            }
        }
        Ok(Self { files })
    }

    /// The same of the config file alone.
    pub(in crate::cli) fn plan_config(
        profiles: &'a Profiles,
        edit: impl Fn(&str) -> Result<String, EditError>,
    ) -> Result<Self, Failure> {
        Self::plan(profiles, |kind, text| match kind {
            FileKind::Config => edit(text),
            FileKind::Credentials => Ok(text.to_owned()),
        })
    }

    pub(in crate::cli) fn show(&self, app: &App) -> Result<(), Failure> {
        for FileChange { path, before, after } in &self.files {
            app.out().show_diff(path, app.env.home(), before, after)?;
        }
        Ok(())
    }

    /// All of them are proved to be writable before one is written.
    pub(in crate::cli) fn write(&self, app: &App) -> Result<(), Failure> {
        let tell = |message: &str| app.out().notice(message);
        let writer = app.writer(&tell);
        for FileChange { path, .. } in &self.files {
            writer.check(path)?;
        }
        for FileChange { path, before, after } in &self.files {
            if !writer.unless_changed(path, before, after)? {
                return Err(refusal_to_overwrite(path));
            }
        }
        Ok(())
    }

    pub(in crate::cli) fn show_and_write(&self, app: &App) -> Result<(), Failure> {
        self.write(app)?;
        self.show(app)
    }
}
