//! What the user typed: the command tree, one file per command. A command's doc comment is its help.

mod agents;
mod answers;
mod approve;
mod arguments;
mod asks;
mod audit;
mod aws_json;
mod broken_line;
mod ci;
mod columns;
mod command;
mod command_tree;
mod complete;
mod config;
mod config_file;
mod config_sso;
mod console;
mod credential_process;
mod docker_credential;
#[cfg(unix)]
mod docker_env;
mod doctor;
#[cfg(unix)]
mod each;
mod env;
mod exec;
mod exec_command;
mod exec_flags;
mod exec_server;
mod explain;
mod explain_guards;
mod first_word;
mod flags;
mod guard_flags;
mod help;
mod init;
mod keys;
mod lock;
mod log;
mod login;
mod login_state;
mod logout;
mod mcp;
mod mfa;
mod migrate;
mod new_session;
mod overlay;
mod own_settings;
mod page;
mod pick_profile;
mod profiles;
mod program_name;
mod prompt;
mod proof;
mod region_question;
mod remember;
mod renew;
mod request;
mod role_choice;
mod saml_flags;
mod saml_role;
mod scan;
mod scope_words;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod server_flags;
mod sessions;
#[cfg(unix)]
mod several;
#[cfg(unix)]
mod ssh;
mod sso;
mod sso_target;
mod stdin;
mod sts;
mod token;
mod trust;
mod unlock;
mod use_profile;
mod vault;
mod version;
mod what_stays;
mod whoami;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::agent::Agent;
use crate::app::App;
use crate::app::shell::usual_format;
use crate::env::Env;
use crate::report::failure::Kind;
use crate::report::{Globals, output};
use command::Cli;
use program_name::{Called, line_by_name};

/// The command tree, for whoever documents or completes it.
pub fn command_tree() -> clap::Command {
    Cli::command()
}

/// Parses the command line, runs the command, tells a failure, returns the exit code.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>, env: Env) -> ExitCode {
    let mut line = match line_by_name(args.into_iter().collect(), &env) {
        Called::Line(line) => line,
        Called::Page(text) => {
            let app = App::new(Vec::new(), env, Globals::default());
            let told = app.out().data(&text);
            return told.map_or_else(|failure| failure.exit_code(), |()| ExitCode::SUCCESS);
        }
        Called::Refused(failure) => {
            App::new(Vec::new(), env, Globals::default()).out().failure(&failure, false);
            return failure.exit_code();
        }
    };
    let args = std::mem::take(&mut line.args);
    if let Some(shell) = complete::asking_shell(&args) {
        complete::offer(shell, &App::new(args, env, complete::globals()));
        return ExitCode::SUCCESS;
    }
    let json_asked = arguments::ask_for_json(&args);
    let cli = match arguments::parse(args.clone()) {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr()
                && let Some(format) = broken_line::format_of(&args, usual_format)
            {
                env::fail_in_shell(format, 2);
            }
            return refuse(&error, &args, json_asked, env);
        }
    };
    let json = cli.command.wants_json();
    let log = log::start(&cli.globals, &env);
    let mut app = App::new(args, env, cli.globals);
    if let Err(problem) = log {
        app.out().warning(problem);
    }
    line.tell(app.out());
    app.for_child = line.for_child;
    cli.command.run(&app).unwrap_or_else(|failure| {
        // An agent passes on to a person what only a person can do.
        let for_agent = failure.kind() == Kind::InputNeeded && Agent::of(&app.env).is_some();
        app.out().failure(&failure, json || for_agent);
        failure.exit_code()
    })
}

/// Tells what is wrong with a line that is none of awsx.
fn refuse(error: &clap::Error, args: &[OsString], json: bool, env: Env) -> ExitCode {
    let app = App::new(args.to_vec(), env, broken_line::globals_of(args));
    if version::is_asked(error, args) {
        let told = app.out().data(&version::describe_build());
        return told.map_or_else(|failure| failure.exit_code(), |()| ExitCode::SUCCESS);
    }
    if let Some(text) = help::topic(args) {
        let told = app.out().data(&text);
        return told.map_or_else(|failure| failure.exit_code(), |()| ExitCode::SUCCESS);
    }
    let failure = help::explain(error, args).or_else(|| first_word::explain(error, args, &app));
    match failure {
        Some(failure) => {
            app.out().failure(&failure, json);
            failure.exit_code()
        }
        // Help and version need no second tree of commands.
        None if !error.use_stderr() => output::usage(error, "", &[], json, app.out()),
        None => {
            let known = broken_line::commands_below(args);
            output::usage(error, &broken_line::command_of(args), &known, json, app.out())
        }
    }
}
