//! `awsx init`

use std::io::{self, IsTerminal};
use std::path::Path;

use clap::Args;

use super::page::page;
use crate::app::App;
use crate::app::shell::find_shell;
use crate::host::own_program;
use crate::report::failure::Kind;
use crate::report::{Failure, Globals};
use crate::shell::{Line, Shell, Start, add_line, put_functions, start_of};

/// Print what a shell reads at its start: `awsx use`, TAB
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
Once, --install puts the line that runs it at the end of the shell's start file.
Nushell has no such line: it reads the file that --install makes.
";
    "awsx init --install          for the shell that you are in"
    "eval \"$(awsx init bash)\"     at the end of ~/.bashrc; zsh: ~/.zshrc"
    "awsx init fish | source      at the end of ~/.config/fish/config.fish"
    "eval (awsx init elvish | slurp)   at the end of ~/.config/elvish/rc.elv"
    "awsx init powershell | Out-String | Invoke-Expression   in $PROFILE"
))]
pub(super) struct Init {
    /// The shell; that which calls
    #[arg(value_name = "SHELL")]
    shell: Option<Shell>,
    /// Put it where the shell reads it at its start, once
    #[arg(long)]
    install: bool,
}

impl Init {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        let Some(shell) = self.shell.or_else(|| find_shell(&app.env, Shell::parse)) else {
            let hint = "name it: `awsx init bash --install`";
            return Err(Failure::usage("which shell it is for is not known".to_owned(), hint));
        };
        if self.install {
            return install(shell, app);
        }
        if io::stdout().is_terminal() {
            let hint = format!(
                "`awsx init {} --install` has your shell read it at its start",
                shell.name()
            );
            return Err(Failure::usage(
                "this is for a shell to read, not for a person".to_owned(),
                &hint,
            ));
        }
        write(shell, app, &mut app.out().stdout())
    }
}

fn write(shell: Shell, app: &App, out: &mut dyn io::Write) -> Result<(), Failure> {
    let program = own_program(&app.env)
        .map_err(|error| Failure::io("the path of awsx is not known", &error))?;
    Ok(shell.write_functions(&program, &Globals::WITH_VALUES, out)?)
}

fn install(shell: Shell, app: &App) -> Result<(), Failure> {
    let line = shell.start_line();
    let (path, what) = match start_of(shell, &app.env) {
        Some(Start::Line(path)) => {
            let added = add_line(shell, &path).map_err(|error| refuse(shell, &path, &error))?;
            let what = match added {
                Line::Added => format!("ends with `{line}` now:"),
                Line::WasThere => "has that line already;".to_owned(),
            };
            (path, what)
        }
        Some(Start::File(path)) => {
            let mut functions = Vec::new();
            write(shell, app, &mut functions)?;
            let put =
                put_functions(&path, &functions).map_err(|error| refuse(shell, &path, &error))?;
            let what = match put {
                Line::Added => "has the functions of this awsx now:",
                Line::WasThere => "has them already;",
            };
            (path, what.to_owned())
        }
        None if shell == Shell::Powershell => {
            let hint = format!("`Add-Content $PROFILE '{line}'` in PowerShell");
            let message = "PowerShell alone knows where its profile is".to_owned();
            return Err(Failure::usage(message, &hint));
        }
        None => {
            let hint =
                format!("put `{line}` at the end of the file that your shell reads at its start");
            return Err(Failure::usage("there is no home directory".to_owned(), &hint));
        }
    };
    app.out().notice(&format!("{} {what} `awsx use` and TAB work in new shells", path.display()));
    Ok(())
}

fn refuse(shell: Shell, path: &Path, error: &io::Error) -> Failure {
    let hint = match shell {
        Shell::Nushell => format!("these lines of Nushell make it: {}", shell.start_line()),
        _ => format!("put this line there yourself: {}", shell.start_line()),
    };
    Failure::say(
        format!("{} cannot be changed: {error}", path.display()),
        Kind::Unexpected.with(hint),
    )
}
