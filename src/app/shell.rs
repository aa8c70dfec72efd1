//! The shell that called awsx.

use crate::deliver::format::Format;
use crate::deliver::shell::{self, of_callers};
use crate::env::Env;
use crate::host::callers::{callers, parent};

/// The format of `awsx env` where nobody names one.
pub(crate) fn usual_format() -> Format {
    of_caller().unwrap_or_default()
}

/// The line that puts a profile's credentials into the person's shell.
pub(crate) fn line_for_shell(profile: Option<&str>, env: &Env) -> String {
    shell::line_for_shell(profile, of_caller(), name_of_shell(env))
}

/// What the shell of `SHELL` is called, without its directory.
pub(crate) fn name_of_shell(env: &Env) -> Option<&str> {
    env.path("SHELL").and_then(|shell| shell.file_stem()?.to_str())
}

/// The shell that called, by what is above awsx, else by `SHELL`; one that `parse` knows.
pub(crate) fn find_shell<S>(env: &Env, parse: impl Fn(&str) -> Option<S>) -> Option<S> {
    let caller = parent().1.and_then(|name| parse(name.strip_suffix(".exe").unwrap_or(&name)));
    caller.or_else(|| name_of_shell(env).and_then(parse))
}

fn of_caller() -> Option<Format> {
    of_callers(callers().iter().map(String::as_str))
}
