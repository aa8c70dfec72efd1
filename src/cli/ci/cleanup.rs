//! `awsx ci cleanup`

use clap::Args;

use crate::app::App;
use crate::cli::env::{print, take_back};
use crate::cli::page::page;
use crate::deliver::format::Format;
use crate::report::Failure;

/// Blank the credentials that `awsx env` handed to later steps
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region
    "
Undoes `awsx env --format github` for the steps after this one. In a job of
GitLab it prints a dotenv report that blanks them for later jobs.
";
    "awsx ci cleanup              in a step with `if: always()`"
    "awsx ci cleanup > aws.env    in a job of GitLab"
))]
pub(in crate::cli) struct Cleanup {}

impl Cleanup {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let format = match () {
            () if app.env.flag("GITHUB_ACTIONS") => Format::Github,
            () if app.env.flag("GITLAB_CI") => Format::Gitlab,
            () => {
                return Err(Failure::usage(
                    "this is no job of GitHub Actions or GitLab".to_owned(),
                    "`awsx env --unset` takes credentials out of a shell",
                ));
            }
        };
        print(app, format, &take_back(app))
    }
}
