//! `awsx init`

use std::io::{self, IsTerminal};

use clap::Args;

use super::page::page;
use super::use_profile::print;
use crate::app::App;
use crate::host::own_program;
use crate::report::Failure;
use crate::shell::Shell;

/// Print what a shell reads at its start, for `awsx use`
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
On a terminal it says which line belongs where.
";
    "eval \"$(awsx init bash)\"     at the end of ~/.bashrc"
    "eval \"$(awsx init zsh)\"      at the end of ~/.zshrc"
    "awsx init fish | source     at the end of ~/.config/fish/config.fish"
))]
pub(super) struct Init {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Init {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        if io::stdout().is_terminal() {
            let (file, line) = self.shell.start_line();
            return print(app, format!("At the end of {file} belongs:\n\n    {line}\n").as_bytes());
        }
        let program = own_program(&app.env)
            .map_err(|error| Failure::io("the path of awsx is not known", &error))?;
        print(app, self.shell.functions(&program).as_bytes())
    }
}
