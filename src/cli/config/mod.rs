//! `awsx config`: one file per command.

pub(super) mod check;
mod choose;
pub(super) mod edit;
pub(super) mod file_changes;
pub(super) mod get;
pub(super) mod install_process;
pub(super) mod list;
pub(super) mod path;
pub(super) mod profile;
mod sarif;
mod section_names;
pub(super) mod session;
pub(super) mod set;
mod setting_flags;
pub(super) mod undo;
pub(super) mod unset;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use self::check::CheckFiles;
use self::edit::EditFile;
use self::get::GetSetting;
use self::install_process::InstallProcess;
use self::list::ListSettings;
use self::path::ShowPath;
use self::profile::ProfileCommand;
use self::session::SessionCommand;
use self::set::SetSetting;
use self::undo::UndoChange;
use self::unset::UnsetSetting;
use super::config_sso::ConfigSso;
use super::page::page;
use crate::app::App;
use crate::report::Failure;

/// Read and change the AWS files, step by step or one setting
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
Alone, at a terminal, it asks what kind of profile you need and leads on.
";
    "awsx config                  a first profile, step by step"
    "awsx config set region eu-west-1 -p prod"
))]
pub(super) struct Config {
    #[command(subcommand)]
    pub(super) command: Option<ConfigCommand>,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    Check(CheckFiles),
    Get(GetSetting),
    Set(SetSetting),
    Unset(UnsetSetting),
    #[command(alias = "ls")]
    List(ListSettings),
    Edit(EditFile),
    Undo(UndoChange),
    Path(ShowPath),
    #[command(subcommand)]
    Profile(ProfileCommand),
    #[command(subcommand)]
    Session(SessionCommand),
    InstallProcess(InstallProcess),
    Sso(ConfigSso),
}

impl Config {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        use ConfigCommand as C;
        match self.command {
            Some(C::Check(command)) => return command.run(app),
            None => choose::choose(app),
            Some(C::Get(command)) => command.run(app),
            Some(C::Set(command)) => command.run(app),
            Some(C::Unset(command)) => command.run(app),
            Some(C::List(command)) => command.run(app),
            Some(C::Edit(command)) => command.run(app),
            Some(C::Undo(command)) => command.run(app),
            Some(C::Path(command)) => command.run(app),
            Some(C::Profile(ProfileCommand::Add(command))) => command.run(app),
            Some(C::Profile(ProfileCommand::Copy(command))) => command.run(app),
            Some(C::Profile(ProfileCommand::Rename(command))) => command.run(app),
            Some(C::Profile(ProfileCommand::Remove(command))) => command.run(app),
            Some(C::Session(SessionCommand::Add(command))) => command.run(app),
            Some(C::Session(SessionCommand::Rename(command))) => command.run(app),
            Some(C::Session(SessionCommand::Remove(command))) => command.run(app),
            Some(C::InstallProcess(command)) => command.run(app),
            Some(C::Sso(command)) => command.run(app),
        }?;
        Ok(ExitCode::SUCCESS)
    }

    /// Whether a failure is told as JSON.
    pub(super) fn wants_json(&self) -> bool {
        match &self.command {
            Some(
                ConfigCommand::List(ListSettings { json, .. })
                | ConfigCommand::Check(CheckFiles { json, .. }),
            ) => *json,
            _ => false,
        }
    }
}
