//! The person's editor, which has the terminal until it ends.

use std::io;
use std::path::Path;
use std::process::{Command, ExitStatus};

use super::terminal::hold_interrupts;
use crate::env::Env;
use crate::text::shell_words;

/// What edits text where no variable says it.
const USUAL: &str = if cfg!(windows) { "notepad" } else { "vi" };

/// The editor's command line: `VISUAL`, else `EDITOR`.
pub(crate) fn editor(env: &Env) -> &str {
    find_editor(env).unwrap_or(USUAL)
}

/// The editor that a variable names.
pub(crate) fn find_editor(env: &Env) -> Option<&str> {
    env.get("VISUAL").or_else(|| env.get("EDITOR"))
}

/// Runs the editor with this file until it ends. Ctrl-C is the editor's meanwhile. The variables `own_secrets` are for
/// awsx alone.
pub(crate) fn edit(file: &Path, env: &Env, own_secrets: &[&str]) -> io::Result<ExitStatus> {
    let line = editor(env);
    let words = match cfg!(windows) && Path::new(line).exists() {
        true => Some(vec![line.to_owned()]),
        false => shell_words(line),
    };
    let Some([program, arguments @ ..]) = words.as_deref() else {
        return Err(io::Error::other("its command line has an open quote, or is empty"));
    };
    let _held = hold_interrupts()?;
    let handed = env.iter().filter(|(name, _)| !own_secrets.iter().any(|own| name == own));
    Command::new(program).args(arguments).arg(file).env_clear().envs(handed).status()
}
