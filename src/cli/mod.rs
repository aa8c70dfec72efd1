//! What the user typed: the command tree, one file per command. A command's doc comment is its help.

mod arguments;
mod config;
mod credential_process;
mod env;
mod exec;
mod explain;
pub mod flags;
mod lock;
mod log;
mod login;
mod logout;
mod profiles;
mod sso;
mod sso_target;
mod unlock;
mod whoami;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::{App, Presence};
use crate::deliver::{self, Delivery, Overlay};
use crate::env::Env;
use crate::resolve::Purpose;

use crate::report::{Failure, Globals, output};
use flags::SessionFlags;

/// Runs commands with the credentials of any AWS profile.
///
/// awsx reads the AWS CLI's own files, mints short-lived session credentials, keeps them sealed
/// under the OS keychain, and hands them to one command.
#[derive(Debug, Parser)]
#[command(name = "awsx", version, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Exec(exec::Exec),
    Env(env::EnvCommand),
    Whoami(whoami::Whoami),
    Explain(explain::Explain),
    CredentialProcess(credential_process::CredentialProcess),
    Profiles(profiles::ProfilesCommand),
    Login(login::Login),
    Logout(logout::Logout),
    Sso(sso::Sso),
    Config(config::ConfigCommand),
    Lock(lock::Lock),
    Unlock(unlock::Unlock),
}

impl Command {
    fn run(self, app: &App) -> Result<ExitCode, Failure> {
        match self {
            Self::Exec(command) => command.run(app),
            Self::Env(command) => command.run(app),
            Self::Whoami(command) => command.run(app),
            Self::Explain(command) => command.run(app),
            Self::CredentialProcess(command) => command.run(app),
            Self::Profiles(command) => command.run(app),
            Self::Login(command) => command.run(app),
            Self::Logout(command) => command.run(app),
            Self::Sso(command) => command.run(app),
            Self::Config(command) => command.run(app),
            Self::Lock(command) => command.run(app),
            Self::Unlock(command) => command.run(app),
        }
    }

    /// Whether a failure is told as JSON.
    fn wants_json(&self) -> bool {
        match self {
            Self::Whoami(command) => command.json,
            Self::Explain(command) => command.json,
            Self::Profiles(command) => command.json,
            Self::Login(command) => command.wants_json(),
            Self::Sso(command) => command.wants_json(),
            Self::Exec(_)
            | Self::Env(_)
            | Self::CredentialProcess(_)
            | Self::Logout(_)
            | Self::Config(_)
            | Self::Lock(_)
            | Self::Unlock(_) => false,
        }
    }
}

/// The command tree, for whoever documents or completes it.
pub fn command_tree() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

/// Parses the command line, runs the command, tells a failure, returns the exit code.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>, env: Env) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let json_asked = arguments::ask_for_json(&args);
    let cli = match arguments::parse(args) {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error, json_asked, &env),
    };
    let json = cli.command.wants_json();
    let log = log::start(&cli.globals, &env);
    let app = App::new(env, cli.globals);
    if let Err(problem) = log {
        app.out().warning(problem);
    }
    cli.command.run(&app).unwrap_or_else(|failure| {
        app.out().failure(&failure, json);
        failure.exit_code()
    })
}

/// What `exec` and `env` hand over for the profile, or for the one that a person picks.
fn overlay(app: &App, session: &SessionFlags, profile: Option<&str>) -> Result<Overlay, Failure> {
    let code = session.mfa_code()?;
    let profile = match session.sso_role() {
        Some(_) => profile.map(str::to_owned),
        None => app.named_or_picked(profile)?,
    };
    let request = app.request(session, profile.as_deref(), Presence::MayLogIn)?;
    let plan = app.plan(&request, session.rules(Purpose::Deliver))?;
    app.warn_all(plan.warnings());
    let live = app.mint(&plan, code, Presence::MayLogIn)?;
    let delivery = Delivery {
        profile: plan.profile(),
        region: plan.region(),
        endpoint_url: plan.settings().endpoint_url.as_deref(),
    };
    Ok(deliver::environment(&live, &delivery, app.inherited()))
}
