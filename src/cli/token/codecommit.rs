//! `awsx token codecommit`

use clap::{Args, ValueEnum};

use super::signer::{Token, plan_of_signer};
use crate::app::token::codecommit_password;
use crate::app::{App, MayAsk};
use crate::cli::flags::SignerFlags;
use crate::cli::page::page;
use crate::cli::stdin::read_stdin;
use crate::report::Failure;
use crate::token::git::{GitRequest, QUIT, answer};

/// Bytes of what git says, at most.
const LARGEST: u64 = 64 * 1024;

/// Give git a password for a repository of CodeCommit
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
A credential helper of git, as the AWS CLI's. It signs for CodeCommit's hosts
alone; for others it says nothing, and git asks its next helper.
";
    "git config --global credential.helper '!awsx token codecommit -p dev $@'"
    "git config --global credential.UseHttpPath true"
))]
pub(in crate::cli) struct CodeCommitHelper {
    /// What git does: get; store and erase do nothing, as nothing is kept
    #[arg(value_name = "OPERATION", value_enum)]
    operation: Operation,
    #[command(flatten)]
    signer: SignerFlags,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Operation {
    Get,
    Store,
    Erase,
}

impl CodeCommitHelper {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        if self.operation != Operation::Get {
            return Ok(());
        }
        let said = read_stdin(LARGEST)?.ok_or_else(|| {
            Failure::usage(
                "git says on stdin what it wants, and stdin is the terminal".to_owned(),
                "`git config --global credential.helper '!awsx token codecommit $@'` has git run it",
            )
        })?;
        let request = GitRequest::parse(&String::from_utf8_lossy(&said));
        let Some(region) = request.region_of_codecommit() else {
            tracing::info!("codecommit: {:?} is none of CodeCommit's hosts", request.host);
            return Ok(());
        };
        self.give(app, &request, region).inspect_err(|_| {
            // The failure itself is told in any case.
            let _ = app.out().data(QUIT);
        })
    }

    fn give(&self, app: &App, request: &GitRequest, region: &str) -> Result<(), Failure> {
        if request.protocol != "https" {
            return Err(Failure::usage(
                format!(
                    "{}:// would show the credentials to whoever is on the way",
                    request.protocol
                ),
                "use the repository's https:// address",
            ));
        }
        let Some(path) = &request.path else {
            return Err(Failure::usage(
                "git does not say which repository it is for".to_owned(),
                "run `git config --global credential.UseHttpPath true`",
            ));
        };
        let (plan, code) = plan_of_signer(
            app,
            &self.signer,
            MayAsk::Person,
            |request| request,
            Token::new("token codecommit", Some(region)),
        )?;
        let (keys, password, now) =
            codecommit_password(app, &plan, code, request.name_of_host(), path, region)?;
        app.out().data(answer(&keys, &password, now).expose())
    }
}
