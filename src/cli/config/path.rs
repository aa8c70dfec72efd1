//! `awsx config path`

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::app::App;
use crate::cli::columns::{Row, show_list};
use crate::cli::page::page;
use crate::config::location;
use crate::preferences::Preferences;
use crate::profile::FileKind;
use crate::report::Look;
use crate::report::failure::{Failure, Kind};

/// Print where the files are that awsx reads
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Whether they are there or not.
";
    "awsx config path"
    "\"$EDITOR\" \"$(awsx config path config)\""
))]
pub(in crate::cli) struct ShowPath {
    /// One of them, its path alone; settings are awsx's own
    #[arg(value_name = "FILE")]
    file: Option<File>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum File {
    Config,
    Credentials,
    Settings,
}

impl File {
    pub(super) fn path(self, app: &App) -> Option<PathBuf> {
        match self {
            Self::Config => Some(location::path(&app.env, FileKind::Config)),
            Self::Credentials => Some(location::path(&app.env, FileKind::Credentials)),
            Self::Settings => Preferences::path(&app.env),
        }
    }

    pub(super) fn path_or_failure(self, app: &App) -> Result<PathBuf, Failure> {
        self.path(app).ok_or_else(|| {
            let hint = "set HOME, or XDG_CONFIG_HOME";
            Failure::say("no variable says where it would be".into(), Kind::Config.with(hint))
        })
    }
}

impl ShowPath {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        if let Some(file) = self.file {
            let path = file.path_or_failure(app)?;
            return app.out().data(&format!("{}\n", path.display()));
        }
        let paths = File::value_variants().iter().filter_map(|file| {
            let name = file.to_possible_value()?.get_name().to_owned();
            Some((name, file.path(app)?.display().to_string()))
        });
        let paths: Vec<_> = paths.collect();
        let row = |(name, path): &(String, String)| Row {
            cells: [name.clone().into(), path.clone().into()],
            look: Look::Plain,
            problem: None,
        };
        let rows: Vec<_> = paths.iter().map(row).collect();
        show_list(app, ["FILE", "PATH"], &rows)
    }
}
