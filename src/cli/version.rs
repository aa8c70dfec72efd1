//! `awsx --version --verbose`: what this build is, for a report of a fault.

use std::env::consts::{ARCH, OS};
use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::vault::UnlockerKind;

/// Where the source is at, from whoever built it; empty as good as none.
const COMMIT: Option<&str> = option_env!("AWSX_COMMIT");

/// The rest of the target's name, for the systems that releases are made for.
const SYSTEM: &str = if cfg!(all(target_os = "linux", target_env = "musl")) {
    "unknown-linux-musl"
} else if cfg!(target_os = "linux") {
    "unknown-linux-gnu"
} else if cfg!(target_os = "macos") {
    "apple-darwin"
} else if cfg!(all(windows, target_env = "msvc")) {
    "pc-windows-msvc"
} else if cfg!(windows) {
    "pc-windows-gnu"
} else {
    OS
};

/// Whether the line asks for more than the version.
pub(super) fn is_asked(error: &clap::Error, args: &[OsString]) -> bool {
    error.kind() == ErrorKind::DisplayVersion && args.iter().skip(1).any(is_verbose)
}

/// `-v`, `-Vv`, `--verbose`
fn is_verbose(word: &OsString) -> bool {
    word.to_str().is_some_and(|word| {
        word == "--verbose"
            || word.strip_prefix('-').is_some_and(|flags| {
                flags.contains('v') && flags.bytes().all(|flag| flag.is_ascii_alphabetic())
            })
    })
}

/// `x86_64-unknown-linux-musl`
pub(super) fn target() -> String {
    format!("{ARCH}-{SYSTEM}")
}

/// Its first line is what `awsx --version` says.
pub(super) fn describe_build() -> String {
    let crypto = match (cfg!(feature = "ring"), cfg!(feature = "aws-lc")) {
        (true, true) => "ring, aws-lc",
        (true, false) => "ring",
        (false, true) => "aws-lc",
        (false, false) => "none: nothing can be asked of AWS",
    };
    format!(
        "awsx {}\ncommit  {}\ntarget  {}\nlinked  {}\ncrypto  {crypto}\nvault   {}\n",
        env!("CARGO_PKG_VERSION"),
        COMMIT
            .filter(|commit| !commit.is_empty())
            .unwrap_or("unknown: it was built without AWSX_COMMIT"),
        target(),
        if cfg!(target_feature = "crt-static") { "static" } else { "dynamic" },
        UnlockerKind::OF_THIS_BUILD,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_asks_for_more_is_seen() {
        for (word, expected) in [
            ("-v", true),
            ("-vv", true),
            ("-Vv", true),
            ("-vV", true),
            ("--verbose", true),
            ("-V", false),
            ("--version", false),
            ("v", false),
            ("-", false),
            ("-é-v", false),
        ] {
            assert_eq!(is_verbose(&word.into()), expected, "{word}");
        }
    }
}
