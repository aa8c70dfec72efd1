//! The servers that run: where each listens for awsx itself, and what it says there.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::App;
use crate::credentials::Secret;
use crate::host::local_socket::{LocalSocket, ask, is_left_over};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::server::control::{HOST, token_path};
use crate::state::StateDir;
use crate::state::files::random_name;

/// The folder of their sockets.
const FOLDER: &str = "servers";

/// What a server says of itself. Version 1; fields are only ever added. Never a secret.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Status {
    pub pid: u32,
    /// `http://127.0.0.1:40123`
    pub address: String,
    /// Whether it is one of the instance metadata service
    pub imds: bool,
    /// The socket of `--socket`
    pub socket: Option<PathBuf>,
    /// RFC 3339, UTC
    pub since: DateTime<Utc>,
    pub profiles: Vec<ProfileStatus>,
}

/// What a server says of one profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ProfileStatus {
    pub name: String,
    /// Requests that got its credentials
    pub answered: u64,
    /// When what was handed over last ends
    pub expires_at: Option<DateTime<Utc>>,
    /// Why the last request got none
    pub problem: Option<String>,
}

/// A server that runs.
pub(crate) struct Server {
    pub status: Status,
    socket: PathBuf,
}

/// What a server leaves in the state directory while it runs: its socket, and its tokens in files.
pub(crate) struct Place {
    _socket: LocalSocket,
    state: StateDir,
}

impl Drop for Place {
    fn drop(&mut self) {
        remove_tokens(&self.state, std::process::id());
    }
}

/// Removes the tokens of a server that has ended.
fn remove_tokens(state: &StateDir, pid: u32) {
    let of_it = format!("{pid}-");
    for name in state.names(FOLDER).unwrap_or_default() {
        if name.to_str().is_some_and(|name| name.starts_with(&of_it)) {
            // Nobody is left to tell if this fails; the token opens nothing any more.
            let _ = std::fs::remove_file(state.path().join(FOLDER).join(name));
        }
    }
}

/// A socket for awsx itself, which goes with the server.
pub(crate) fn listen_for_awsx(
    app: &App,
) -> Result<(std::os::unix::net::UnixListener, Place), Failure> {
    let state = StateDir::from_env(&app.env)?;
    let path = state.ready(FOLDER)?.join(format!("{}.sock", std::process::id()));
    let (listener, socket) = LocalSocket::listen(&path).map_err(|error| {
        let what = format!("{} cannot be made", path.display());
        Failure::io(&what, &error)
            .with_hint("AWSX_STATE_DIR may name a directory with a shorter path".to_owned())
    })?;
    Ok((listener, Place { _socket: socket, state }))
}

/// Those that run, the newest first. What ended ones left behind goes.
pub(crate) fn servers(app: &App) -> Result<Vec<Server>, Failure> {
    let state = StateDir::from_env(&app.env)?;
    let mut found = Vec::new();
    for name in state.names(FOLDER)? {
        let pid = name.to_str().and_then(|name| name.strip_suffix(".sock")?.parse().ok());
        let Some(pid) = pid else { continue };
        let socket = state.path().join(FOLDER).join(name);
        match ask(&socket, HOST, "GET", "/status") {
            Ok((200, document)) => {
                if let Ok(status) = serde_json::from_slice(&document) {
                    found.push(Server { status, socket });
                }
            }
            Ok(_) => {}
            Err(_) if is_left_over(&socket) => {
                let _ = std::fs::remove_file(&socket);
                remove_tokens(&state, pid);
            }
            Err(_) => {}
        }
    }
    found.sort_by_key(|server| std::cmp::Reverse(server.status.since));
    Ok(found)
}

impl Server {
    /// Where awsx asks it.
    pub(crate) fn socket_path(&self) -> &Path {
        &self.socket
    }

    /// A new token of a profile in a file, for programs of other users in a container: they get the file alone,
    /// and nobody else gets into its directory. It goes with the server.
    pub(crate) fn new_token_in_file(&self, app: &App, profile: &str) -> Result<PathBuf, Failure> {
        let state = StateDir::from_env(&app.env)?;
        let token = self.new_token(profile)?;
        let name = format!("{FOLDER}/{}-{}.token", self.status.pid, random_name());
        state.write(&name, token.expose().as_bytes())?;
        let path = state.file(&name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))
            .map_err(|error| Failure::io("the token's file cannot be opened for others", &error))?;
        Ok(path)
    }

    /// A new token of a profile.
    pub(crate) fn new_token(&self, profile: &str) -> Result<Secret, Failure> {
        #[derive(Deserialize)]
        struct Document {
            token: String,
        }
        let (status, document) = ask(&self.socket, HOST, "POST", &token_path(profile))
            .map_err(|error| Failure::io("the server did not answer", &error))?;
        let token = || serde_json::from_slice::<Document>(&document).ok();
        match (status, token()) {
            (200, Some(document)) => Ok(Secret::new(document.token)),
            _ => {
                let message = format!("the server gave no token (HTTP {status})");
                let hint = "`awsx serve --status` shows what it serves";
                Err(Failure::say(message, Kind::Unexpected.with(hint)))
            }
        }
    }
}
