//! The file that a shell reads when a person starts it.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Shell;
use crate::env::Env;
use crate::state::files::read_regular;

/// No start file is as long.
const LONGEST: u64 = 4 << 20;

/// Whether the line is new there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Added,
    WasThere,
}

/// Where it is; none without a home directory.
pub(crate) fn start_file(shell: Shell, env: &Env) -> Option<PathBuf> {
    let home = env.home();
    Some(match shell {
        // What a terminal of macOS starts is a login shell, which reads that one alone.
        Shell::Bash if cfg!(target_os = "macos") => home?.join(".bash_profile"),
        Shell::Bash => home?.join(".bashrc"),
        Shell::Zsh => env.file("ZDOTDIR").or_else(|| home.map(Path::to_owned))?.join(".zshrc"),
        Shell::Fish => env.xdg("XDG_CONFIG_HOME", ".config")?.join("fish/config.fish"),
    })
}

/// Puts awsx's line at the end, unless the file has it: nothing that is there is written anew, so no byte can get lost,
/// and a link stays one.
///
/// # Errors
///
/// The file cannot be read or written, or is no file; it is then as it was.
pub(crate) fn add_line(shell: Shell, path: &Path) -> io::Result<Line> {
    let text = match read_regular(path, LONGEST) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let own = format!("awsx init {}", shell.name());
    let is_own = |line: &str| !line.trim_start().starts_with('#') && line.contains(&own);
    if String::from_utf8_lossy(&text).lines().any(is_own) {
        return Ok(Line::WasThere);
    }
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory)?;
    }
    let between = if text.is_empty() || text.ends_with(b"\n") { "" } else { "\n" };
    let line = format!("{between}{}\n", shell.start_line());
    let mut file = File::options().append(true).create(true).open(path)?;
    let length = file.metadata()?.len();
    let written = file.write_all(line.as_bytes()).and_then(|()| file.sync_all());
    if let Err(error) = written {
        // Half a line would be an error in each new shell.
        file.set_len(length)?;
        return Err(error);
    }
    Ok(Line::Added)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_stands_there_once_and_nothing_else_changes() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a/.bashrc");
        let line = r#"eval "$(awsx init bash)""#;
        for (docs, before, after) in [
            ("none", None, format!("{line}\n")),
            ("empty", Some(""), format!("{line}\n")),
            ("some", Some("a\n"), format!("a\n{line}\n")),
            ("no end of the line", Some("a"), format!("a\n{line}\n")),
            ("of Windows", Some("a\r\n"), format!("a\r\n{line}\n")),
            ("commented out", Some("# awsx init bash\n"), format!("# awsx init bash\n{line}\n")),
            ("of another shell", Some("awsx init zsh\n"), format!("awsx init zsh\n{line}\n")),
        ] {
            let _ = std::fs::remove_file(&path);
            if let Some(before) = before {
                std::fs::write(&path, before).unwrap();
            }
            assert_eq!(add_line(Shell::Bash, &path).unwrap(), Line::Added, "{docs}");
            assert_eq!(add_line(Shell::Bash, &path).unwrap(), Line::WasThere, "{docs}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), after, "{docs}");
        }
        add_line(Shell::Bash, home.path()).unwrap_err();
    }
}
