//! `.awsx.toml` in a directory or above it: found, trusted, and what it says taken over.
//!
//! Anybody can put one into a repository, so it counts once the person has seen what it says. Trust is of the text at
//! its place: a changed file is a new one, and worktrees of one repository share it.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::App;
use crate::host::worktree::{Place, place_of};
use crate::preferences::{DIRECTORY_FILE, DirectorySettings};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::resolve::is_said_by_environment;
use crate::state::{StateDir, files};
use crate::text::{hex, with_causes};

const LIMIT: u64 = 64 * 1024;

/// The folder of what is trusted: a file for each, called by its digest.
const FOLDER: &str = "trusted";

/// A file that was found.
pub(crate) struct Directory {
    pub file: PathBuf,
    text: String,
}

/// A file that is trusted, as it was then. Version 1; fields are only ever added.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Trusted {
    version: u32,
    pub file: PathBuf,
    /// RFC 3339, UTC
    pub since: DateTime<Utc>,
}

/// The file of the directory where awsx was started, or of the nearest one above it.
pub(crate) fn find_directory(app: &App) -> Result<Option<Directory>, Failure> {
    for directory in app.env.working_directory().ancestors() {
        let file = directory.join(DIRECTORY_FILE);
        let bytes = match files::read_regular(&file, LIMIT) {
            Err(error) if files::is_missing(&error) => continue,
            bytes => bytes.map_err(|error| not_read(&file, &error))?,
        };
        let text = String::from_utf8(bytes)
            .map_err(|_| not_read(&file, &io::Error::other("it is no UTF-8 text")))?;
        return Ok(Some(Directory { file, text }));
    }
    Ok(None)
}

fn not_read(file: &Path, error: &io::Error) -> Failure {
    Failure::say(
        format!("{} cannot be read: {}", file.display(), with_causes(error)),
        Kind::Config.with("correct it, or remove it"),
    )
}

impl Directory {
    /// What it says.
    pub(crate) fn settings(&self) -> Result<DirectorySettings, Failure> {
        Ok(DirectorySettings::from_text(&self.file, &self.text)?)
    }

    pub(crate) fn is_trusted(&self, app: &App) -> Result<bool, Failure> {
        let state = StateDir::from_env(&app.env)?;
        Ok(state.read(&self.record(), LIMIT)?.is_some())
    }

    pub(crate) fn trust(&self, app: &App) -> Result<(), Failure> {
        let trusted = Trusted { version: 1, file: self.file.clone(), since: app.now() };
        let text = serde_json::to_vec(&trusted).map_err(|error| {
            Failure::io("what is trusted cannot be written", &io::Error::other(error))
        })?;
        let state = StateDir::from_env(&app.env)?;
        state.ready(FOLDER)?;
        Ok(state.write(&self.record(), &text)?)
    }

    /// Whether it was trusted.
    pub(crate) fn forget(&self, app: &App) -> Result<bool, Failure> {
        Ok(StateDir::from_env(&app.env)?.remove(&self.record())?)
    }

    /// The name of its record: a digest of its place and its text.
    fn record(&self) -> String {
        let Place { common, below } = place_of(files::directory(&self.file));
        let mut digest = Sha256::new();
        for part in [&*common.to_string_lossy(), &*below.to_string_lossy(), &*self.text] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        format!("{FOLDER}/{}", hex(&digest.finalize()))
    }
}

/// All that is trusted, the newest first.
pub(crate) fn all_trusted(app: &App) -> Result<Vec<Trusted>, Failure> {
    let state = StateDir::from_env(&app.env)?;
    let mut all = Vec::new();
    for name in state.names(FOLDER)? {
        let Some(name) = name.to_str() else { continue };
        let text = state.read(&format!("{FOLDER}/{name}"), LIMIT)?.unwrap_or_default();
        all.extend(serde_json::from_slice::<Trusted>(&text).ok());
    }
    all.sort_by_key(|trusted| std::cmp::Reverse(trusted.since));
    Ok(all)
}

impl App {
    /// What the directory chooses, where it is trusted and can be read, without a word about it. None where the
    /// environment says whose credentials to take.
    pub(crate) fn directory_settings(&self) -> Option<DirectorySettings> {
        let is_free = !is_said_by_environment(&self.env);
        let found = is_free.then(|| find_directory(self).ok().flatten()).flatten()?;
        found.is_trusted(self).ok().filter(|is_trusted| *is_trusted)?;
        found.settings().ok()
    }

    /// The same where the directory chooses, for a command that names nobody's credentials: after what the environment
    /// says. None where it says nothing.
    pub(crate) fn in_directory(&self) -> Result<Option<Self>, Failure> {
        if is_said_by_environment(&self.env) {
            return Ok(None);
        }
        let found = match find_directory(self) {
            Ok(None) => return Ok(None),
            Ok(Some(found)) => found,
            // Somebody else's, above the person's own.
            Err(failure) => {
                self.out().warning(failure.message());
                return Ok(None);
            }
        };
        if !found.is_trusted(self)? {
            self.out().warning(&format!(
                "{} is not used: `awsx trust` shows what it says, and lets it count",
                found.file.display()
            ));
            return Ok(None);
        }
        let said = found.settings()?;
        let has = |variable| self.env.get(variable).is_some();
        let region = said.region.as_deref().filter(|_| !has("AWS_DEFAULT_REGION"));
        let variables = [("AWS_PROFILE", said.profile.as_deref()), ("AWS_REGION", region)];
        let variables = variables.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let env = self.env.with_directory(&said.file, variables);
        let new = self.with_globals(self.globals.clone());
        Ok(Some(Self { env, directory: Some(said), ..new }))
    }
}
