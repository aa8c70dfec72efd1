//! `$GITHUB_ENV`: how a step of GitHub Actions hands variables to those after it.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::App;
use crate::deliver::Overlay;
use crate::deliver::format::{Format, github_env};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::text::{hex, random};

const FILE: &str = "GITHUB_ENV";

/// The file of this step.
///
/// # Errors
/// This is no step.
pub(crate) fn file_of_step(app: &App) -> Result<PathBuf, Failure> {
    app.inherited.path(FILE).map(Path::to_path_buf).ok_or_else(|| {
        Failure::usage(
            format!("{FILE} is not set, so this is no step of GitHub Actions"),
            "elsewhere use the format of a shell, such as --format sh",
        )
    })
}

/// Hands the variables to the steps after this one. Before they stand anywhere the log is told to mask the secrets.
pub(crate) fn hand_on(app: &App, overlay: &Overlay) -> Result<(), Failure> {
    let file = file_of_step(app)?;
    let is_set = |name: &str| app.inherited.get(name).is_some();
    let (text, stay) = github_env(overlay, is_set, &delimiter());
    Format::Github.write(overlay, &mut app.out().stdout())?;
    append(&file, text.as_bytes()).map_err(|error| {
        let message = format!("{FILE} {}: {error}", file.display());
        Failure::say(
            message,
            Kind::Config.with("see that the runner made it, and that it can be written"),
        )
    })?;
    for name in stay {
        app.out().warning(&format!(
            "{name} is set in this job, and no step can take it out: remove it from the workflow, for some \
             SDKs put it before the credentials"
        ));
    }
    Ok(())
}

/// In one piece: half of it would be other variables.
fn append(file: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(file)?;
    file.write_all(text)?;
    file.flush()
}

/// Nobody guesses it, so no value ends before its end.
fn delimiter() -> String {
    format!("awsx_{}", hex(&*random::<16>()))
}
