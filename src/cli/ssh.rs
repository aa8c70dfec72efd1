//! `awsx ssh`: programs on another machine ask this one for credentials, while somebody is logged in there.
//!
//! awsx becomes the `ssh` that the person sees. Beside it a process of awsx keeps the connection, which that goes
//! through, with a port over there that leads to its server.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::exec_command::Command;
use super::exec_server::{Served, serve, teller};
use super::guard_flags::GuardFlags;
use super::page::page;
use super::server_flags::ServerFlags;
use super::several::{consent_of, make_each};
use crate::app::App;
use crate::app::guard::Handover as Gate;
use crate::app::login::CALLBACK_PORT;
use crate::app::serving::{Audience, Serving};
use crate::deliver::format::Format;
use crate::deliver::{Overlay, SECRETS_OF_AWSX, Server};
use crate::host::connection::{Connection, ConnectionError};
use crate::host::local_socket::{LocalSocket, NEW, is_left_over};
use crate::host::server::{Door, Running, open_port, start};
use crate::ports::PromptError;
use crate::report::Failure;
use crate::report::failure::{Kind, prompt_advice, word};
use crate::server::{Access, Forwarded, path_of};
use crate::ssh::{Arguments, FarFiles, Place, SHELL, Way, escape};
use crate::state::StateDir;
use crate::state::files::random_name;

/// Lend credentials to programs on another machine, over ssh
#[derive(Debug, Args)]
#[command(
    override_usage = "awsx ssh [OPTIONS] HOST [PROFILE]... [-- SSH-ARGUMENT...] [-- COMMAND...]",
    help_template = page!(
        "
They get what the profile gives for as long as you are connected, and no keys to
keep: each asks awsx here, where you log in and answer what there is to answer.
";
        "awsx ssh build.example.com dev           a shell there, as dev"
        "awsx ssh build dev prod                  sh $AWSX_SSH/prod aws s3 ls: as prod"
        "awsx ssh build dev -- -p 2222 -A         with arguments of ssh"
        "awsx ssh build dev -- -- aws s3 ls       one command"
    )
)]
pub(super) struct Ssh {
    /// The machine, as `ssh` knows it
    #[arg(value_name = "HOST", value_parser = read_host)]
    host: String,
    /// The profiles, of which the first is that of the shell; without one as `awsx exec`
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    profiles: Vec<String>,
    /// Arguments of ssh; behind a second `--` the command
    #[arg(value_name = "SSH-ARGUMENT", last = true)]
    words: Vec<String>,
    #[command(flatten)]
    server: ServerFlags,
    #[command(flatten)]
    guard: GuardFlags,
}

fn read_host(text: &str) -> Result<String, &'static str> {
    match host_of(text) {
        "" => Err("this names no machine"),
        host if host.starts_with('-') => Err("arguments of ssh stand behind `--`"),
        _ => Ok(text.to_owned()),
    }
}

/// The machine of what ssh connects to: `me@build`, `ssh://me@build:2222`.
fn host_of(target: &str) -> &str {
    let is_address = target.starts_with("ssh://");
    let target = target.strip_prefix("ssh://").unwrap_or(target);
    let host = target.rsplit_once('@').map_or(target, |(_, host)| host);
    match host.rsplit_once(':') {
        Some((host, _)) if is_address => host,
        _ => host,
    }
}

/// Where the connection and the server are found, by their sockets.
struct Sockets {
    connection: PathBuf,
    server: PathBuf,
}

impl Ssh {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let (given, command) = match self.words.iter().position(|word| word == "--") {
            Some(at) => (&self.words[..at], self.words[at + 1..].join(" ")),
            None => (&self.words[..], String::new()),
        };
        let arguments = Arguments::read(given).map_err(|error| {
            let hint = format!(
                "`awsx ssh {} PROFILE -- SSH-ARGUMENTS -- COMMAND` has them in their places",
                word(&self.host)
            );
            Failure::usage(error.to_string(), &hint)
        })?;
        let place = Place::new();
        let sockets = Sockets::find(app)?;
        let way = Way { arguments: &arguments, host: &self.host, socket: &sockets.connection };
        let has_terminal = command.is_empty() && io::stdin().is_terminal();
        let words: Vec<OsString> = std::iter::once("ssh".to_owned())
            .chain(way.session(&place.start(), has_terminal))
            .map(OsString::from)
            .collect();
        let command = Some(command).filter(|command| !command.is_empty());
        let line = format!("awsx ssh {}", word(&self.host));
        let ssh = Command { app, exec: line, words: &words };
        serve(&ssh, || self.begin(app, &way, &place, &sockets, command))
    }

    /// Makes the credentials, connects, and begins to serve.
    fn begin<'a>(
        &self,
        app: &'a App,
        way: &Way<'_>,
        place: &Place,
        sockets: &Sockets,
        command: Option<String>,
    ) -> Result<Served<'a, Kept>, Failure> {
        let to_do = format!("let {} use its credentials", self.host);
        let gate = |profile: Option<&str>| {
            Gate::new("ssh", &to_do, consent_of(&self.guard, &self.profiles, profile))
        };
        // What is named is asked about before anything is made of it.
        let named: Vec<&str> = self.profiles.iter().map(String::as_str).collect();
        if !named.is_empty() {
            self.allow(app, &named)?;
        }
        let made = make_each(app, &self.server.session(), &self.profiles, gate)?;
        let names: Vec<&str> = made.iter().map(|(named, _)| &*named.name).collect();
        if named.is_empty() {
            self.allow(app, &names)?;
        }
        let failed = |error| Failure::io("the server's socket could not be made", &error);
        let (listener, socket) = LocalSocket::listen(&sockets.server).map_err(failed)?;
        let asks = app.person().terminal().is_ok();
        let env = app.inherited.without(SECRETS_OF_AWSX);
        let broken = |error| not_connected(error, &self.host);
        let mut connection = Connection::open(&env, way, SHELL, asks).map_err(broken)?;
        let found = connection.run(place, &place.prepare()).map_err(broken)?;
        let to = escape(&sockets.server);
        let port = connection.forward(&way.forward("-R", "127.0.0.1:0", &to)).map_err(broken)?;
        let port = port.ok_or_else(|| {
            let message = "ssh does not say which port it forwards".to_owned();
            Failure::say(message, Kind::Unexpected.with("OpenSSH of 2011 and later says it"))
        })?;
        let callback = forward_callback(&connection, way);
        let access = Arc::new(Access::new(port, []));
        let mut files = FarFiles { command, ..FarFiles::default() };
        for (named, minted) in &made {
            let path = path_of(&named.name);
            let token = access.grant(&named.name);
            let uri = format!("http://127.0.0.1:{port}{path}");
            let mut overlay = minted.far_away(&Server { uri, token });
            overlay.set("AWSX_SSH", place.profiles());
            if let Some(port) = callback {
                overlay.set(CALLBACK_PORT, port.to_string());
            }
            let mut text = Vec::new();
            Format::Sh.write(&overlay, &mut text)?;
            let file = path.rsplit('/').next().unwrap_or_default().to_owned();
            files.profiles.push((file, String::from_utf8_lossy(&text).into_owned()));
        }
        files.first = files.profiles.first().map(|(name, _)| name.clone()).unwrap_or_default();
        connection.run(place, &place.write(&files)).map_err(broken)?;
        let all = names.join(", ");
        app.out().notice(&format!("{} can use {all} while you are connected", self.host));
        if found == "default" {
            app.out().warning(&format!(
                "{} has credentials of its own for the profile default, which SDKs take before these",
                self.host
            ));
        }
        let mut serving = Serving::new(app);
        for (named, minted) in made {
            let flags = self.server.words();
            let audience = Audience { profile: named.profile, flags, tell: teller() };
            serving.add(&named.name, minted.plan, &minted.live, audience)?;
        }
        let running =
            start([Door::unix(listener, Arc::new(Forwarded(access)))], app.clock(), serving.desk())
                .map_err(|error| Failure::io("the server could not be started", &error))?;
        let mut overlay = Overlay::default();
        overlay.unset_all(&SECRETS_OF_AWSX);
        let running = Kept { _connection: connection, _running: running, _socket: socket };
        Ok(Served { overlay, serving, running })
    }

    /// Whether this machine may use the profiles: as `[ssh]` of `config.toml` says, else as the person does.
    fn allow(&self, app: &App, names: &[&str]) -> Result<(), Failure> {
        let host = host_of(&self.host);
        let settings = app.preferences()?;
        if let Some(allowed) = settings.profiles_of_host(host) {
            let is_allowed = |name: &&&str| !allowed.iter().any(|pattern| pattern.matches(name));
            return match names.iter().find(is_allowed) {
                None => Ok(()),
                Some(name) => Err(Failure::say(
                    format!("[ssh] of config.toml does not let {host} use {name}"),
                    Kind::Refused.with(format!("add \"{name}\" to \"{host}\" there, if it may")),
                )),
            };
        }
        let all = names.join(", ");
        let question =
            format!("Let {host}, and whoever administers it, use {all} while you are connected?");
        match app.person().ask(|terminal| terminal.confirm(&question, false)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::say(
                format!("{host} may not use {all}, so nothing was handed over"),
                Kind::Cancelled.without_hint(),
            )),
            Err(error) => {
                let list: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
                let line = format!("\"{host}\" = [{}]", list.join(", "));
                let hint =
                    format!("`{line}` below [ssh] in config.toml lets it, without a question");
                let message = match &error {
                    PromptError::Nobody(_) => {
                        format!("{host} may use {all} if you say so, and {error}")
                    }
                    PromptError::Unanswered(_) => error.to_string(),
                };
                Err(Failure::say(message, prompt_advice(&error, hint)))
            }
        }
    }
}

fn not_connected(error: ConnectionError, host: &str) -> Failure {
    let host = word(host);
    let advice = match &error {
        ConnectionError::Missing => {
            Kind::NotFound.with("install OpenSSH, or put its `ssh` into PATH")
        }
        ConnectionError::Start(_) => Kind::CannotExecute.without_hint(),
        ConnectionError::NotConnected(_) => Kind::Unreachable
            .with(format!("its words stand above; `ssh {host} true` has to work first")),
        ConnectionError::NoShell(_) => Kind::Unreachable
            .with(format!("`ssh {host} sh -c 'mktemp -d /tmp/x.XXXXXX'` shows why")),
        ConnectionError::NotForwarded { .. } => Kind::Unreachable
            .with("sshd over there needs `AllowTcpForwarding yes` or `remote` in its sshd_config"),
    };
    Failure::new(&error, advice)
}

/// What there is while the command runs; it goes in this order.
struct Kept {
    _connection: Connection,
    _running: Running,
    _socket: LocalSocket,
}

/// A port of this machine that leads to the same one over there, where a login waits for the browser; none where that
/// cannot be had.
fn forward_callback(connection: &Connection, way: &Way<'_>) -> Option<u16> {
    let (_, port) = open_port().ok()?;
    let at = format!("{}:{port}", Ipv4Addr::LOCALHOST);
    connection.forward(&way.forward("-L", &at, &at)).ok()?;
    Some(port)
}

/// The folder of the sockets.
const FOLDER: &str = "ssh";

/// Bytes of a path that a socket can have, and those that ssh adds while it makes one.
const LONGEST: usize = if cfg!(target_os = "macos") { 103 } else { 107 };
const ADDED: usize = 17;

impl Sockets {
    /// Places that are free. What was left there by those that were killed goes.
    fn find(app: &App) -> Result<Self, Failure> {
        let state = StateDir::from_env(&app.env)?;
        let folder = state.ready(FOLDER)?;
        for name in state.names(FOLDER)? {
            let path = folder.join(&name);
            if !name.to_string_lossy().ends_with(NEW) && is_left_over(&path) {
                // Another awsx may have been faster.
                let _ = std::fs::remove_file(path);
            }
        }
        let name = random_name();
        let path = |kind: &str| folder.join(format!("{name}.{kind}"));
        let found = Self { connection: path("ssh"), server: path("server") };
        let length = |path: &Path| path.as_os_str().len();
        if length(&found.connection) + ADDED > LONGEST
            || length(&found.server) + NEW.len() > LONGEST
        {
            let message =
                format!("{} is too long for the path of a socket", found.connection.display());
            let hint = "AWSX_STATE_DIR may name a directory with a shorter path";
            return Err(Failure::say(message, Kind::Config.with(hint)));
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_known_by_its_name() {
        for (target, expected) in [
            ("build", "build"),
            ("me@build.example.com", "build.example.com"),
            ("a@b@build", "build"),
            ("ssh://me@build:2222", "build"),
            ("ssh://build", "build"),
            ("fe80::1", "fe80::1"),
            ("me@", ""),
        ] {
            assert_eq!(host_of(target), expected, "{target}");
        }
        assert!(read_host("-p").is_err() && read_host("me@-p").is_err() && read_host("").is_err());
        assert!(read_host("ssh://me@build:1").is_ok());
    }
}
