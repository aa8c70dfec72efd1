//! `awsx serve`

mod begin;
pub(super) mod find;
mod flags;
mod install;
mod place;
mod print_env;
mod status;

use std::process::ExitCode;

use super::env::fail_in_shell;
use crate::app::App;
use crate::app::shell::usual_format;
use crate::report::Failure;
pub(super) use flags::Serve;

impl Serve {
    pub(super) fn run(self, app: &App) -> Result<ExitCode, Failure> {
        let done = |()| ExitCode::SUCCESS;
        if self.status {
            return status::show(app, self.json).map(done);
        }
        if let Some(system) = self.install {
            return install::print(app, system).map(done);
        }
        if self.print_env {
            let format = self.format.unwrap_or_else(usual_format);
            let printed = print_env::print_env(app, &self, format);
            return printed.map(done).inspect_err(|failure| fail_in_shell(format, failure.code()));
        }
        begin::serve(app, &self)
    }
}
