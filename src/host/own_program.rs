//! Where awsx itself is, for lines that other programs run.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use crate::env::Env;

/// The path of awsx from the root: as `PATH` finds it, because that one stays where package managers put each version
/// elsewhere, perhaps by another name; else that of the file that runs.
pub(crate) fn own_program(env: &Env) -> io::Result<String> {
    let own = std::env::current_exe()?;
    let real = std::fs::canonicalize(&own)?;
    let name = own.file_name().unwrap_or_default();
    let directories = env.path("PATH").map(Path::as_os_str).unwrap_or_default();
    let is_own = |found: &PathBuf| {
        found.is_absolute() && std::fs::canonicalize(found).is_ok_and(|found| found == real)
    };
    let usual = format!("awsx{}", std::env::consts::EXE_SUFFIX);
    let in_path = |name: &OsStr| {
        std::env::split_paths(directories).map(|directory| directory.join(name)).find(is_own)
    };
    let found = in_path(name).or_else(|| in_path(usual.as_ref()));
    let path = found.unwrap_or(own);
    path.to_str().map(str::to_owned).ok_or_else(|| io::Error::other("its path is no Unicode"))
}
