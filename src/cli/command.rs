//! The command tree.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use super::agents::InstallAgents;
use super::approve::Approve;
use super::audit::Audit;
use super::ci::cleanup::Cleanup;
use super::config::Config;
use super::console::Console;
use super::credential_process::CredentialProcess;
use super::docker_credential::DockerCredential;
#[cfg(unix)]
use super::docker_env::DockerEnv;
use super::doctor::Doctor;
#[cfg(unix)]
use super::each::Each;
use super::env::EnvCommand;
use super::exec::Exec;
use super::explain::Explain;
use super::init::Init;
use super::keys::add::AddKeys;
use super::keys::import::ImportKeys;
use super::keys::list::ListKeys;
use super::keys::remove::RemoveKeys;
use super::keys::rotate::RotateKeys;
use super::lock::Lock;
use super::login::sso::LoginSso;
use super::login::status::LoginStatus;
use super::login::{Login, LoginCommand};
use super::logout::Logout;
use super::mcp::Mcp;
use super::mfa::add::AddDevice;
use super::mfa::code::ShowCode;
use super::mfa::enable::EnableDevice;
use super::mfa::list::ListDevices;
use super::mfa::login::MfaLogin;
use super::mfa::remove::RemoveDevice;
use super::migrate::Migrate;
use super::page::TOP;
use super::profiles::ProfilesCommand;
use super::prompt::Prompt;
use super::renew::Renew;
use super::scan::Scan;
#[cfg(unix)]
use super::serve::Serve;
use super::sessions::clear::SessionsClear;
use super::sessions::list::SessionsList;
use super::sessions::write::SessionsWrite;
#[cfg(unix)]
use super::ssh::Ssh;
use super::sso::accounts::Accounts;
use super::sso::roles::Roles;
use super::sso::sync::Sync;
use super::sts::StsCommand;
use super::token::codecommit::CodeCommitHelper;
use super::token::database::{DsqlToken, RdsToken};
use super::token::ecr::EcrPassword;
use super::token::eks::EksToken;
use super::trust::Trust;
use super::unlock::Unlock;
use super::use_profile::UseProfile;
use super::vault::move_key::MoveVault;
use super::vault::passphrase::ChangePassphrase;
use super::vault::reset::ResetVault;
use super::vault::status::ShowVault;
use super::whoami::Whoami;
use crate::app::App;
use crate::report::{Failure, Globals};

/// Runs commands with the credentials of any AWS profile
#[derive(Debug, Parser)]
#[command(name = "awsx", version, help_template = TOP, max_term_width = 100)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Cli {
    /// Parses what scripts run all day, with no more of the tree than its own branch: to build all of it takes
    /// longer than anything else that awsx does. `None` where the whole tree has to say what is wrong, or is
    /// asked for.
    pub(super) fn parse_branch(args: &[OsString]) -> Option<Self> {
        match args.get(1)?.to_str()? {
            "exec" => branch(&["exec"], args, Command::Exec),
            "env" => branch(&["env"], args, Command::Env),
            "use" => branch(&["use"], args, Command::Use),
            "prompt" => branch(&["prompt"], args, Command::Prompt),
            "credential-process" => {
                branch(&["credential-process"], args, Command::CredentialProcess)
            }
            "whoami" => branch(&["whoami"], args, Command::Whoami),
            "docker-credential" => branch(&["docker-credential"], args, Command::DockerCredential),
            "token" if args.get(2)? == "eks" => {
                branch(&["token", "eks"], args, |eks| Command::Token(TokenCommand::Eks(eks)))
            }
            _ => None,
        }
    }
}

/// `names`: of the command, and before it those that it is below.
fn branch<C: Args>(
    names: &[&'static str],
    args: &[OsString],
    command: fn(C) -> Command,
) -> Option<Cli> {
    let (name, above) = names.split_last()?;
    let below =
        above.iter().rev().fold(C::augment_args(clap::Command::new(*name)), |below, name| {
            clap::Command::new(*name).subcommand(below)
        });
    let tree = Globals::augment_args(clap::Command::new("awsx")).subcommand(below);
    let mut found = tree.try_get_matches_from(args).ok()?;
    let globals = Globals::from_arg_matches_mut(&mut found).ok()?;
    for _ in names {
        (_, found) = found.remove_subcommand()?;
    }
    Some(Cli { globals, command: command(C::from_arg_matches_mut(&mut found).ok()?) })
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    // Hidden names are those that other tools have for it.
    #[command(aliases = ["shell", "assume"])]
    Exec(Exec),
    Env(EnvCommand),
    Use(UseProfile),
    Init(Init),
    Prompt(Prompt),
    #[cfg(unix)]
    Serve(Box<Serve>),
    #[cfg(unix)]
    Ssh(Ssh),
    #[cfg(unix)]
    Each(Box<Each>),
    Whoami(Whoami),
    Explain(Explain),
    Console(Console),
    CredentialProcess(CredentialProcess),
    #[command(aliases = ["list", "ls"])]
    Profiles(ProfilesCommand),
    Login(Login),
    Logout(Logout),
    #[command(subcommand)]
    Mfa(MfaCommand),
    #[command(subcommand)]
    Sessions(SessionsCommand),
    #[command(subcommand)]
    Sso(SsoCommand),
    /// The operations of STS by name, as the AWS CLI has them
    #[command(subcommand)]
    Sts(StsCommand),
    #[command(subcommand)]
    Token(TokenCommand),
    DockerCredential(DockerCredential),
    #[cfg(unix)]
    DockerEnv(DockerEnv),
    /// What a CI job needs besides credentials
    #[command(subcommand)]
    Ci(CiCommand),
    #[command(alias = "configure")]
    Config(Config),
    Migrate(Migrate),
    Doctor(Doctor),
    #[command(subcommand)]
    Keys(KeysCommand),
    Scan(Scan),
    #[command(subcommand)]
    Vault(VaultCommand),
    Lock(Lock),
    Trust(Trust),
    Unlock(Unlock),
    Renew(Renew),
    Approve(Approve),
    Mcp(Mcp),
    #[command(subcommand)]
    Agents(AgentsCommand),
    Audit(Audit),
}

/// Your accounts and roles, and a profile for each
#[derive(Debug, Subcommand)]
pub(super) enum SsoCommand {
    Accounts(Accounts),
    Roles(Roles),
    Sync(Sync),
    // As with the AWS CLI.
    #[command(hide = true)]
    Login(LoginSso),
    #[command(hide = true)]
    Logout(Logout),
}

/// Tokens made from credentials: EKS, RDS, ECR, CodeCommit
#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    Eks(EksToken),
    Rds(RdsToken),
    Dsql(DsqlToken),
    Ecr(EcrPassword),
    #[command(name = "codecommit")]
    CodeCommit(CodeCommitHelper),
}

#[derive(Debug, Subcommand)]
pub(super) enum CiCommand {
    Cleanup(Cleanup),
}

/// Let the clients of agents know awsx
#[derive(Debug, Subcommand)]
pub(super) enum AgentsCommand {
    Install(InstallAgents),
}

/// MFA devices whose secret is kept, and their codes
#[derive(Debug, Subcommand)]
pub(super) enum MfaCommand {
    Add(AddDevice),
    #[command(alias = "ls")]
    List(ListDevices),
    #[command(alias = "rm")]
    Remove(RemoveDevice),
    Code(ShowCode),
    Enable(EnableDevice),
    Login(MfaLogin),
}

/// Look after the vault: what it holds, where its key rests
#[derive(Debug, Subcommand)]
pub(super) enum VaultCommand {
    Status(ShowVault),
    Move(MoveVault),
    Passphrase(ChangePassphrase),
    Reset(ResetVault),
}

/// The sessions that are kept
#[derive(Debug, Subcommand)]
pub(super) enum SessionsCommand {
    #[command(alias = "ls")]
    List(SessionsList),
    Clear(SessionsClear),
    Write(Box<SessionsWrite>),
}

/// Access keys of IAM users, kept in the vault
#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    Add(AddKeys),
    Import(ImportKeys),
    #[command(alias = "ls")]
    List(ListKeys),
    #[command(alias = "rm")]
    Remove(RemoveKeys),
    Rotate(RotateKeys),
}

impl Command {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        match self {
            Self::Exec(command) => return command.run(app),
            Self::Sts(command) => return command.run(app),
            Self::Doctor(command) => return command.run(app, Cli::command()),
            #[cfg(unix)]
            Self::Serve(command) => return command.run(app),
            #[cfg(unix)]
            Self::Ssh(command) => return command.run(app),
            #[cfg(unix)]
            Self::Each(command) => return command.run(app),
            Self::Env(command) => command.run(app),
            Self::Use(command) => command.run(app),
            Self::Init(command) => command.run(app),
            Self::Prompt(command) => command.run(app),
            Self::Whoami(command) => command.run(app),
            Self::Explain(command) => command.run(app),
            Self::CredentialProcess(command) => command.run(app),
            Self::Profiles(command) => command.run(app),
            Self::Login(command) => command.run(app),
            Self::Logout(command) => command.run(app),
            Self::Mfa(MfaCommand::Add(command)) => command.run(app),
            Self::Mfa(MfaCommand::List(command)) => command.run(app),
            Self::Mfa(MfaCommand::Remove(command)) => command.run(app),
            Self::Mfa(MfaCommand::Code(command)) => command.run(app),
            Self::Mfa(MfaCommand::Enable(command)) => command.run(app),
            Self::Mfa(MfaCommand::Login(command)) => command.run(app),
            Self::Sessions(SessionsCommand::List(command)) => command.run(app),
            Self::Sessions(SessionsCommand::Clear(command)) => command.run(app),
            Self::Sessions(SessionsCommand::Write(command)) => command.run(app),
            Self::Sso(SsoCommand::Accounts(command)) => command.run(app),
            Self::Sso(SsoCommand::Roles(command)) => command.run(app),
            Self::Sso(SsoCommand::Sync(command)) => command.run(app),
            Self::Sso(SsoCommand::Login(command)) => command.run(app),
            Self::Sso(SsoCommand::Logout(command)) => command.run(app),
            Self::Token(TokenCommand::Eks(command)) => command.run(app),
            Self::Token(TokenCommand::Rds(command)) => command.run(app),
            Self::Token(TokenCommand::Dsql(command)) => command.run(app),
            Self::Token(TokenCommand::Ecr(command)) => command.run(app),
            Self::DockerCredential(command) => command.run(app),
            #[cfg(unix)]
            Self::DockerEnv(command) => command.run(app),
            Self::Token(TokenCommand::CodeCommit(command)) => command.run(app),
            Self::Console(command) => command.run(app),
            Self::Config(command) => return command.run(app),
            Self::Ci(CiCommand::Cleanup(command)) => command.run(app),
            Self::Keys(KeysCommand::Add(command)) => command.run(app),
            Self::Keys(KeysCommand::Import(command)) => command.run(app),
            Self::Keys(KeysCommand::List(command)) => command.run(app),
            Self::Keys(KeysCommand::Remove(command)) => command.run(app),
            Self::Keys(KeysCommand::Rotate(command)) => command.run(app),
            Self::Scan(command) => command.run(app),
            Self::Vault(VaultCommand::Status(command)) => command.run(app),
            Self::Vault(VaultCommand::Move(command)) => command.run(app),
            Self::Vault(VaultCommand::Passphrase(command)) => command.run(app),
            Self::Vault(VaultCommand::Reset(command)) => command.run(app),
            Self::Migrate(command) => command.run(app),
            Self::Lock(command) => command.run(app),
            Self::Unlock(command) => command.run(app),
            Self::Trust(command) => command.run(app),
            Self::Renew(command) => command.run(app),
            Self::Mcp(command) => command.run(app),
            Self::Agents(AgentsCommand::Install(command)) => command.run(app),
            Self::Approve(command) => command.run(app),
            Self::Audit(command) => command.run(app),
        }?;
        Ok(ExitCode::SUCCESS)
    }

    /// Whether a failure is told as JSON.
    pub(super) fn wants_json(&self) -> bool {
        match self {
            Self::Whoami(Whoami { json, .. })
            | Self::Doctor(Doctor { json, .. })
            | Self::Explain(Explain { json, .. })
            | Self::Audit(Audit { json, .. })
            | Self::Profiles(ProfilesCommand { json, .. })
            | Self::Prompt(Prompt { json, .. })
            | Self::Scan(Scan { json, .. })
            | Self::Migrate(Migrate { json, .. })
            | Self::Login(Login {
                command: Some(LoginCommand::Status(LoginStatus { json })),
                ..
            })
            | Self::Keys(
                KeysCommand::List(ListKeys { json, .. })
                | KeysCommand::Rotate(RotateKeys { json, .. }),
            )
            | Self::Vault(VaultCommand::Status(ShowVault { json }))
            | Self::Mfa(MfaCommand::List(ListDevices { json }))
            | Self::Sessions(SessionsCommand::List(SessionsList { json, .. }))
            | Self::Sso(SsoCommand::Accounts(Accounts { json, .. }))
            | Self::Sso(SsoCommand::Roles(Roles { json, .. })) => *json,
            #[cfg(unix)]
            Self::Serve(command) => command.json,
            Self::Sts(command) => command.wants_json(),
            Self::Config(command) => command.wants_json(),
            Self::Exec(_)
            | Self::Ci(_)
            | Self::Env(_)
            | Self::Use(_)
            | Self::Init(_)
            | Self::CredentialProcess(_)
            | Self::Console(_)
            | Self::Login(_)
            | Self::Logout(_)
            | Self::Mfa(_)
            | Self::Sessions(SessionsCommand::Clear(_) | SessionsCommand::Write(_))
            | Self::Sso(SsoCommand::Sync(_) | SsoCommand::Login(_) | SsoCommand::Logout(_))
            | Self::Token(_)
            | Self::DockerCredential(_)
            | Self::Keys(KeysCommand::Add(_) | KeysCommand::Import(_) | KeysCommand::Remove(_))
            | Self::Vault(_)
            | Self::Lock(_)
            | Self::Unlock(_)
            | Self::Trust(_)
            | Self::Renew(_)
            | Self::Mcp(_)
            | Self::Agents(_)
            | Self::Approve(_) => false,
            #[cfg(unix)]
            Self::DockerEnv(_) | Self::Ssh(_) | Self::Each(_) => false,
        }
    }
}
