//! `awsx config undo`

use clap::Args;

use crate::app::App;
use crate::app::history::{find_last_change, restore};
use crate::cli::config_file::refusal_to_overwrite;
use crate::cli::page::page;
use crate::report::Failure;

/// Take back the last change that awsx made to the AWS files
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Shows what comes and goes. Again, it takes back the change before that one: 20
within 30 days. A file that somebody changed since is left alone.
";
    "awsx config undo"
))]
pub(in crate::cli) struct UndoChange {}

impl UndoChange {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        // All of them are looked at before one is changed.
        for file in &find_last_change(app)? {
            if !restore(app, file)? {
                return Err(refusal_to_overwrite(&file.path));
            }
            app.out().show_diff(&file.path, app.env.home(), &file.now, &file.before)?;
        }
        Ok(())
    }
}
