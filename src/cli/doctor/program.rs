//! Which awsx this is, and which other programs have its name.

use std::path::{Path, PathBuf};

use super::point::{Point, State};
use crate::app::App;
use crate::cli::version::target;
use crate::host::process::own_program;
use crate::state::files;

const TOPIC: &str = "awsx";

pub(super) fn examine(app: &App) -> Vec<Point> {
    let version = format!("{} ({})", env!("CARGO_PKG_VERSION"), target());
    let Some(own) = own_program() else {
        return vec![Point::new(State::Good, TOPIC, version)];
    };
    let found = programs_on_path(app.env.path("PATH"));
    let is_own = |path: &PathBuf| is_same(path, &own);
    let others = found.iter().filter(|path| !is_own(path));
    let first = found.first();
    let mut points = vec![Point::new(State::Good, TOPIC, format!("{version}, {}", own.display()))];
    match first {
        None => points.push(
            Point::new(State::Doubtful, TOPIC, "no directory of PATH has it")
                .next(format!("add {} to PATH", files::directory(&own).display())),
        ),
        Some(first) if !is_own(first) => points.push(
            Point::new(
                State::Doubtful,
                TOPIC,
                format!(
                    "what the shell runs as `awsx` is another program: {}{}",
                    first.display(),
                    origin(first)
                ),
            )
            .next(format!("put {} before it in PATH", files::directory(&own).display())),
        ),
        Some(_) => points.extend(others.map(|other| {
            Point::new(
                State::Doubtful,
                TOPIC,
                format!(
                    "PATH has another program of this name: {}{}",
                    other.display(),
                    origin(other)
                ),
            )
            .next("this one comes first; remove the other one, if nothing needs it")
        })),
    }
    points
}

fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    real(one).is_some() && real(one) == real(other)
}

/// In the order in which the shell looks.
fn programs_on_path(path: Option<&Path>) -> Vec<PathBuf> {
    const NAMES: &[&str] =
        if cfg!(windows) { &["awsx.exe", "awsx.cmd", "awsx.bat"] } else { &["awsx"] };
    let directories = std::env::split_paths(path.unwrap_or(Path::new("")));
    let programs =
        directories.flat_map(|directory| NAMES.iter().map(move |name| directory.join(name)));
    let mut found: Vec<PathBuf> = Vec::new();
    for program in programs.filter(|program| is_executable(program)) {
        // A directory may stand there twice, and lead to the other by a link.
        if !found.iter().any(|other| is_same(other, &program)) {
            found.push(program);
        }
    }
    found
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// Where such a program comes from, as far as its place and its first line say: the registries of crates, npm and
/// Python have one, and so has a tap of Homebrew.
fn origin(program: &Path) -> &'static str {
    let real = std::fs::canonicalize(program).unwrap_or_else(|_| program.to_path_buf());
    let place = real.to_string_lossy().replace('\\', "/");
    let first = files::read_prefix(&real, 64).unwrap_or_default();
    let first = String::from_utf8_lossy(&first);
    let line = first.lines().next().filter(|line| line.starts_with("#!")).unwrap_or_default();
    match () {
        () if place.contains("/node_modules/") || line.contains("node") => ", an npm package",
        () if line.contains("python") => ", a Python package",
        () if place.contains("/Cellar/") || place.contains("/homebrew/") => ", of Homebrew",
        () if place.contains("/.cargo/bin/") => ", a crate",
        () => "",
    }
}
