//! The machine that awsx runs on, as far as a browser is concerned.

use std::path::Path;

use crate::env::Env;

/// Tests make their own.
pub(super) struct Machine<'a> {
    /// As `std::env::consts::OS` says it
    pub(super) os: &'a str,
    /// `/proc/version`, where there is one
    pub(super) kernel: String,
    pub(super) exists: &'a dyn Fn(&Path) -> bool,
}

impl Machine<'_> {
    pub(super) fn this() -> Self {
        // Only Linux has this file.
        let kernel = std::fs::read_to_string("/proc/version").unwrap_or_default();
        Self { os: std::env::consts::OS, kernel, exists: &|path| path.exists() }
    }

    pub(super) fn has(&self, program: &str, env: &Env) -> bool {
        env.path("PATH").is_some_and(|path| {
            std::env::split_paths(path).any(|directory| (self.exists)(&directory.join(program)))
        })
    }

    /// Whether its windows are on displays that variables name: Linux and the BSDs.
    pub(super) fn has_displays(&self) -> bool {
        !matches!(self.os, "macos" | "windows")
    }

    pub(super) fn is_wsl(&self, env: &Env) -> bool {
        self.os == "linux"
            && (env.is_present("WSL_DISTRO_NAME")
                || self.kernel.to_ascii_lowercase().contains("microsoft"))
    }
}
