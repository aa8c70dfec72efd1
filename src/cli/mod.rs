//! What the user typed: the command tree, one file per command. A command's doc comment is its help.

mod answers;
mod arguments;
mod command;
mod config_file;
mod config_sso;
mod credential_process;
mod env;
mod exec;
mod explain;
mod flags;
mod lock;
mod log;
mod login;
mod login_state;
mod logout;
mod overlay;
mod profiles;
mod request;
mod sso;
mod sso_target;
mod unlock;
mod whoami;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::app::App;
use crate::env::Env;
use crate::report::output;
use command::Cli;

/// The command tree, for whoever documents or completes it.
pub fn command_tree() -> clap::Command {
    Cli::command()
}

/// Parses the command line, runs the command, tells a failure, returns the exit code.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>, env: Env) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let json_asked = arguments::ask_for_json(&args);
    let format = env::format_of_line(&args);
    let cli = match arguments::parse(args) {
        Ok(cli) => cli,
        Err(error) => {
            if let Some(format) = format
                && error.use_stderr()
            {
                env::fail_in_shell(format, 2);
            }
            return output::usage(&error, json_asked, &env);
        }
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
