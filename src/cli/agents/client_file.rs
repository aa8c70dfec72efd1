//! The file of a client: where it is, what it says, what becomes of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::env::Env;
use crate::mcp::clients::{Client, ClientFileError, Place, Server};
use crate::state::files::{is_missing, read_regular};

/// Bytes of a file, at most.
const LONGEST: u64 = 16 * 1024 * 1024;

/// A file that can be changed.
pub(super) struct ClientFile {
    pub(super) client: &'static Client,
    pub(super) path: PathBuf,
    pub(super) before: String,
    pub(super) after: String,
}

/// Why it cannot.
pub(super) struct Obstacle {
    pub(super) client: &'static Client,
    pub(super) path: PathBuf,
    pub(super) why: String,
    /// Another server has the name
    pub(super) is_foreign: bool,
}

/// Where the client keeps its servers; none without a home directory, or where it has none of a project.
pub(super) fn path_of(client: &Client, env: &Env, is_project: bool) -> Option<PathBuf> {
    if is_project {
        return Some(env.working_directory().join(client.project?));
    }
    match client.place {
        Place::Home { variable, directory, file } => {
            let directory = env.file(variable).or_else(|| env.in_home(directory))?;
            Some(directory.join(file))
        }
        Place::Beside { variable, file, older } => {
            let directory = env.file(variable);
            let older = older.and_then(|(below, file)| match &directory {
                Some(directory) => Some(directory.join(file)),
                None => Some(env.in_home(below)?.join(file)),
            });
            older.filter(|path| path.exists()).or_else(|| match directory {
                Some(directory) => Some(directory.join(file)),
                None => env.in_home(file),
            })
        }
        Place::Config { variable, directory, files } => {
            if let Some(path) = env.file(variable) {
                return Some(path);
            }
            let directory = env.xdg("XDG_CONFIG_HOME", ".config")?.join(directory);
            let there = files.iter().map(|file| directory.join(file)).find(|path| path.exists());
            there.or_else(|| Some(directory.join(files.first()?)))
        }
        Place::Editor { file } => {
            let directory = match () {
                () if cfg!(windows) => env.path("APPDATA")?.to_path_buf(),
                () if cfg!(target_os = "macos") => env.in_home("Library/Application Support")?,
                () => env.xdg("XDG_CONFIG_HOME", ".config")?,
            };
            Some(directory.join(file))
        }
    }
}

/// Whether the client seems to be on this machine: it has left its file or its directory.
pub(super) fn is_there(client: &Client, env: &Env) -> bool {
    let Some(path) = path_of(client, env, false) else { return false };
    let directory = match client.place {
        // A file beside others that are not the client's.
        Place::Beside { file, .. } if !file.contains('/') => return path.exists(),
        Place::Home { variable, directory, .. } => {
            env.file(variable).or_else(|| env.in_home(directory))
        }
        Place::Beside { .. } | Place::Config { .. } | Place::Editor { .. } => {
            path.parent().map(Into::into)
        }
    };
    directory.is_some_and(|directory| directory.is_dir())
}

/// What becomes of the file. One of a project is not behind a link that leads out of `project`: whoever made the
/// project may have laid it.
pub(super) fn plan(
    client: &'static Client,
    path: PathBuf,
    project: Option<&Path>,
    (servers, gone): (&[Server], &[&str]),
) -> Result<ClientFile, Obstacle> {
    let refuse =
        |path: PathBuf, why: String, is_foreign| Err(Obstacle { client, path, why, is_foreign });
    let before = match read(&path, project) {
        Ok(before) => before,
        Err(why) => return refuse(path, why, false),
    };
    match client.edit(&before, servers, gone) {
        Ok(after) => Ok(ClientFile { client, path, before, after }),
        Err(error) => {
            let is_foreign = matches!(error, ClientFileError::Foreign(_));
            refuse(path, error.to_string(), is_foreign)
        }
    }
}

/// What the file says, or why it is left alone; nothing where there is none.
fn read(path: &Path, project: Option<&Path>) -> Result<String, String> {
    if project.is_some_and(|project| leads_out_of(project, path)) {
        return Err("it is behind a link that leads out of the project".to_owned());
    }
    let unreadable = |error: io::Error| format!("it cannot be read: {error}");
    let bytes = match read_regular(path, LONGEST) {
        Ok(bytes) => bytes,
        Err(error) if is_missing(&error) => return Ok(String::new()),
        Err(error) => return Err(unreadable(error)),
    };
    String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())
}

/// What is there already counts: a link that leads nowhere is one that leads out.
fn leads_out_of(directory: &Path, path: &Path) -> bool {
    let there = path.ancestors().find(|path| path.symlink_metadata().is_ok());
    let whole = |path: &Path| fs::canonicalize(path).ok();
    match (there.and_then(whole), whole(directory)) {
        (Some(there), Some(directory)) => !there.starts_with(directory),
        _ => true,
    }
}

impl ClientFile {
    /// Where a link leads that it is.
    pub(super) fn link_target(&self) -> Option<PathBuf> {
        let target = fs::read_link(&self.path).ok()?;
        Some(fs::canonicalize(&self.path).unwrap_or(target))
    }
}
