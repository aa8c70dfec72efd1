//! `awsx config edit`

use std::path::{Path, PathBuf};

use clap::Args;
use tempfile::TempDir;

use super::path::File;
use crate::app::App;
use crate::cli::config_file::refusal_to_overwrite;
use crate::cli::page::page;
use crate::config::check_text;
use crate::deliver;
use crate::host::editor::{edit, editor, find_editor};
use crate::ports::PromptError;
use crate::preferences::Preferences;
use crate::profile::FileKind;
use crate::report::failure::{Failure, Kind};
use crate::state::{StateDir, files};

/// Edit one of the files, and check it before it is written
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Opens a private copy in VISUAL or EDITOR. What awsx cannot read is not written.
";
    "awsx config edit"
    "EDITOR='code --wait' awsx config edit credentials"
))]
pub(in crate::cli) struct EditFile {
    /// Which one, otherwise config; settings are awsx's own
    #[arg(value_name = "FILE", default_value = "config", hide_default_value = true)]
    file: File,
}

/// Bytes of a file, at most.
const LONGEST: u64 = 64 << 20;

impl EditFile {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let path = self.file.path_or_failure(app)?;
        // The usual editor is for a person at a terminal; one that a variable names may be a script.
        if app.asks_nobody()
            || (find_editor(&app.env).is_none() && app.person().terminal().is_err())
        {
            let message = "an editor needs somebody who edits".to_owned();
            let hint = "`awsx config set` and `awsx config unset` ask nobody";
            return Err(Failure::say(message, Kind::InputNeeded.with(hint)));
        }
        let tell = |message: &str| app.out().notice(message);
        let writer = app.writer(&tell);
        writer.check(&path)?;
        let before = read(&path)?;
        let copy = PrivateCopy::new(app, &path, &before)?;
        loop {
            copy.edit(app)?;
            let after = read(&copy.file)?;
            if after == before {
                tell("nothing is changed");
                return Ok(());
            }
            if let Err(failure) = self.check(&path, &after) {
                ask_again(app, failure)?;
                continue;
            }
            if !writer.unless_changed(&path, &before, &after)? {
                let hint = format!("what you wrote is in {}", copy.keep().display());
                return Err(refusal_to_overwrite(&path).with_hint(hint));
            }
            return app.out().show_diff(&path, app.env.home(), &before, &after);
        }
    }

    /// Fails where awsx could not read the text.
    fn check(&self, path: &Path, text: &str) -> Result<(), Failure> {
        match self.file {
            File::Config => check_text(FileKind::Config, path, text)?,
            File::Credentials => check_text(FileKind::Credentials, path, text)?,
            File::Settings => Preferences::from_text(path, text).map(drop)?,
        }
        Ok(())
    }
}

/// A copy of the file that nobody else can read.
struct PrivateCopy {
    directory: TempDir,
    file: PathBuf,
}

impl PrivateCopy {
    /// With the name of the file, by which editors know what it is.
    fn new(app: &App, path: &Path, text: &str) -> Result<Self, Failure> {
        let below = StateDir::from_env(&app.env)?.ready("edits")?;
        let failed = |error| Failure::io("the file cannot be copied for the editor", &error);
        let directory = TempDir::new_in(below).map_err(failed)?;
        let file = directory.path().join(path.file_name().unwrap_or_default());
        files::replace_private(&file, text.as_bytes()).map_err(failed)?;
        Ok(Self { directory, file })
    }

    fn edit(&self, app: &App) -> Result<(), Failure> {
        let failure = |cause: String| {
            let message = format!("the editor {}: {cause}", editor(&app.env));
            Failure::say(message, Kind::Config.with("set VISUAL or EDITOR to an editor"))
        };
        let ended = edit(&self.file, &app.inherited, &deliver::SECRETS_OF_AWSX)
            .map_err(|error| failure(error.to_string()))?;
        match ended.success() {
            true => Ok(()),
            false => Err(failure(format!("it ended with {ended}; nothing is written"))),
        }
    }

    /// Leaves the copy where it is.
    fn keep(self) -> PathBuf {
        let _ = self.directory.keep();
        self.file
    }
}

/// Says what is wrong with the text, and returns if the person goes on editing.
fn ask_again(app: &App, mut failure: Failure) -> Result<(), Failure> {
    let question = "Edit it again? Otherwise nothing is written";
    match app.person().terminal() {
        Err(_) => Err(failure),
        Ok(terminal) => {
            app.out().failure(&failure, false);
            failure.is_told = true;
            match terminal.confirm(question, true).map_err(PromptError::from)? {
                true => Ok(()),
                false => Err(failure),
            }
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let bytes = match files::read(path, LONGEST) {
        Err(error) if files::is_missing(&error) => Vec::new(),
        read => read.map_err(|error| Failure::io(&path.display().to_string(), &error))?,
    };
    String::from_utf8(bytes).map_err(|_| {
        let message = format!("{} is no UTF-8 text", path.display());
        Failure::say(message, Kind::Config.with(format!("save {} in UTF-8", path.display())))
    })
}
