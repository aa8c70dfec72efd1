//! `awsx scan --install-hook`

use std::fs;
use std::io;
use std::path::Path;

use crate::app::App;
use crate::app::scan::{own_path, place_of_hook, read_hook};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::scan::hook::{BESIDE, HookChange, install, remove};
use crate::state::files;

const NAME: &str = "pre-commit";

pub(super) fn run(app: &App, takes_out: bool) -> Result<(), Failure> {
    let (hooks, is_set) = place_of_hook(app)?;
    // husky makes that directory anew, and runs what is beside it.
    if hooks.ends_with(".husky/_") {
        let hint = "add the line `awsx scan --staged --quiet` to .husky/pre-commit";
        let message =
            format!("the hooks of {} are husky's, which makes them anew", hooks.display());
        return Err(Failure::say(message, Kind::Config.with(hint)));
    }
    let (path, beside) = (hooks.join(NAME), hooks.join(BESIDE));
    let hook = read_hook(&path)?;
    let change = match takes_out {
        true => remove(hook.as_deref()),
        false => install(hook.as_deref(), &own_path()?),
    };
    let shown = path.display();
    let failed = |error: io::Error| Failure::io(&format!("{shown} cannot be changed"), &error);
    let mut before = "";
    match &change {
        HookChange::Nothing => {}
        HookChange::Write(text) => write(&path, text).map_err(failed)?,
        HookChange::PutBefore(text) => {
            if fs::symlink_metadata(&beside).is_ok() {
                let hint = format!("move {} away, or put it back", beside.display());
                let message =
                    format!("{} is there already, so {shown} cannot go there", beside.display());
                return Err(Failure::say(message, Kind::Config.with(hint)));
            }
            fs::rename(&path, &beside).map_err(failed)?;
            write(&path, text).map_err(failed)?;
            before = ", then what was there before";
        }
        HookChange::Remove => fs::remove_file(&path).map_err(failed)?,
        HookChange::PutBack => fs::rename(&beside, &path).map_err(failed)?,
    }
    let place = match is_set {
        true => format!("{shown} (core.hooksPath: of every repository whose settings say so)"),
        false => shown.to_string(),
    };
    app.out().notice(&match (takes_out, &change) {
        (true, HookChange::Nothing) => format!("there is no hook of awsx in {place}"),
        (true, _) => format!("took `awsx scan` out of {place}"),
        (false, HookChange::Nothing) => format!("{place} runs `awsx scan` already"),
        (false, _) => format!("{place} runs `awsx scan --staged` before each commit{before}"),
    });
    Ok(())
}

/// Puts it there at once, as a program; what is there keeps its mode, and a link stays one.
fn write(path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(files::directory(path))?;
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let new = files::new_beside(&path)?;
    make_program(new.as_file(), &path)?;
    files::put(new, &path, text.as_bytes())
}

/// The mode that a hook has, or gets: git runs none that is no program.
#[cfg(unix)]
fn make_program(new: &fs::File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_or(0o755, |found| found.permissions().mode() & 0o777);
    new.set_permissions(fs::Permissions::from_mode(mode | (mode & 0o444) >> 2))
}

#[cfg(not(unix))]
fn make_program(_: &fs::File, _: &Path) -> io::Result<()> {
    Ok(())
}
