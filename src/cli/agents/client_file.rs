//! The file of a client: where it is, what it says, what becomes of it.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::env::Env;
use crate::mcp::clients::{Client, Place, Server};
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
}

/// Where the client keeps its servers; none without a home directory.
pub(super) fn path_of(client: &Client, env: &Env, is_project: bool) -> Option<PathBuf> {
    if is_project {
        return Some(env.working_directory().join(client.project));
    }
    let named = |variable: &str| env.path(variable).map(|path| env.expand_home(path));
    match client.place {
        Place::Home { variable, directory, file } => {
            let directory = named(variable).or_else(|| env.in_home(directory))?;
            Some(directory.join(file))
        }
        Place::Beside { variable, file } => match named(variable) {
            Some(directory) => Some(directory.join(file)),
            None => env.in_home(file),
        },
        Place::Config { directory, files } => {
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
        Place::Beside { .. } => return path.exists(),
        Place::Home { variable, directory, .. } => match env.path(variable) {
            Some(named) => Some(env.expand_home(named)),
            None => env.in_home(directory),
        },
        Place::Config { .. } | Place::Editor { .. } => path.parent().map(Into::into),
    };
    directory.is_some_and(|directory| directory.is_dir())
}

/// What becomes of the file.
pub(super) fn plan(
    client: &'static Client,
    path: PathBuf,
    servers: &[Server],
    gone: &[&str],
) -> Result<ClientFile, Obstacle> {
    let planned = read(&path).and_then(|before| {
        let after = client.edit(&before, servers, gone).map_err(|error| error.to_string())?;
        Ok((before, after))
    });
    match planned {
        Ok((before, after)) => Ok(ClientFile { client, path, before, after }),
        Err(why) => Err(Obstacle { client, path, why }),
    }
}

/// What the file says, or why it is left alone; nothing where there is none.
fn read(path: &PathBuf) -> Result<String, String> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_symlink()) {
        return Err("it is a link: what it leads to may be another's".to_owned());
    }
    let unreadable = |error: io::Error| format!("it cannot be read: {error}");
    let bytes = match read_regular(path, LONGEST) {
        Ok(bytes) => bytes,
        Err(error) if is_missing(&error) => return Ok(String::new()),
        Err(error) => return Err(unreadable(error)),
    };
    if bytes.len() as u64 == LONGEST {
        return Err("it has more than 16 MiB".to_owned());
    }
    String::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())
}
