//! `awsx init`

use std::io::{self, IsTerminal};

use clap::Args;

use super::page::page;
use crate::app::App;
use crate::host::own_program;
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::shell::{Line, Shell, add_line, start_file};

/// Print what a shell reads at its start: `awsx use`, TAB
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
Once, --install puts the line that runs it at the end of the shell's start file.
";
    "awsx init bash --install"
    "eval \"$(awsx init bash)\"     at the end of ~/.bashrc"
    "eval \"$(awsx init zsh)\"      at the end of ~/.zshrc"
    "awsx init fish | source      at the end of ~/.config/fish/config.fish"
))]
pub(super) struct Init {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
    /// Put the line at the end of its start file, once
    #[arg(long)]
    install: bool,
}

impl Init {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        if self.install {
            return self.install(app);
        }
        if io::stdout().is_terminal() {
            let hint = format!(
                "`awsx init {} --install` has your shell read it at its start",
                self.shell.name()
            );
            return Err(Failure::usage(
                "this is for a shell to read, not for a person".to_owned(),
                &hint,
            ));
        }
        let program = own_program(&app.env)
            .map_err(|error| Failure::io("the path of awsx is not known", &error))?;
        Ok(self.shell.write_functions(&program, &mut app.out().stdout())?)
    }

    fn install(&self, app: &App) -> Result<(), Failure> {
        let line = self.shell.start_line();
        let Some(path) = start_file(self.shell, &app.env) else {
            let hint =
                format!("put `{line}` at the end of the file that your shell reads at its start");
            return Err(Failure::usage("there is no home directory".to_owned(), &hint));
        };
        let added = add_line(self.shell, &path).map_err(|error| {
            let hint = format!("put this line there yourself: {line}");
            Failure::say(
                format!("{} cannot be changed: {error}", path.display()),
                Kind::Unexpected.with(hint),
            )
        })?;
        app.out().notice(&match added {
            Line::Added => {
                format!(
                    "{} ends with `{line}` now: `awsx use` and TAB work in new shells",
                    path.display()
                )
            }
            Line::WasThere => {
                format!(
                    "{} has that line already; `awsx use` and TAB work in new shells",
                    path.display()
                )
            }
        });
        Ok(())
    }
}
