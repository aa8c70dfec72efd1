//! The file that a shell reads when a person starts it.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Shell;
use crate::env::Env;
use crate::state::files::{directory, new_in, put, read_regular};

/// No start file is as long.
const LONGEST: u64 = 4 << 20;

/// Whether the line is new there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Added,
    WasThere,
}

/// What a shell reads at its start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// The file that awsx's line stands in
    Line(PathBuf),
    /// A file that holds the functions themselves: the shell reads all that lie there
    File(PathBuf),
}

impl Shell {
    /// The line that its start file needs; for Nushell, which reads files only that are there before it starts, the lines that
    /// make one.
    pub(crate) fn start_line(self) -> &'static str {
        match self {
            Self::Bash => r#"eval "$(awsx init bash)""#,
            Self::Zsh => r#"eval "$(awsx init zsh)""#,
            Self::Fish => "awsx init fish | source",
            Self::Nushell => {
                "mkdir $nu.user-autoload-dirs.0; awsx init nushell | save --force ($nu.user-autoload-dirs.0 | path join awsx.nu)"
            }
            Self::Elvish => "eval (awsx init elvish | slurp)",
            Self::Powershell => "awsx init powershell | Out-String | Invoke-Expression",
        }
    }
}

/// Where it is; none without a home directory, and where only the shell knows it.
pub(crate) fn start_of(shell: Shell, env: &Env) -> Option<Start> {
    let home = env.home();
    let in_config = |name: &str| Some(env.xdg("XDG_CONFIG_HOME", ".config")?.join(name));
    let roaming = |name: &str| Some(env.file("APPDATA")?.join(name));
    Some(match shell {
        // What a terminal of macOS starts is a login shell, which reads that one alone.
        Shell::Bash if cfg!(target_os = "macos") => Start::Line(home?.join(".bash_profile")),
        Shell::Bash => Start::Line(home?.join(".bashrc")),
        Shell::Zsh => {
            let directory = env.file("ZDOTDIR").or_else(|| home.map(Path::to_owned))?;
            Start::Line(directory.join(".zshrc"))
        }
        Shell::Fish => Start::Line(in_config("fish/config.fish")?),
        // <https://www.nushell.sh/book/configuration.html>
        Shell::Nushell => Start::File(match env.file("XDG_CONFIG_HOME") {
            Some(directory) => directory.join(NUSHELL_FILE),
            None if cfg!(windows) => roaming(NUSHELL_FILE)?,
            None if cfg!(target_os = "macos") => {
                home?.join("Library/Application Support").join(NUSHELL_FILE)
            }
            None => in_config(NUSHELL_FILE)?,
        }),
        // <https://elv.sh/ref/command.html#rc-file>
        Shell::Elvish if cfg!(windows) => Start::Line(roaming("elvish/rc.elv")?),
        Shell::Elvish => Start::Line(in_config("elvish/rc.elv")?),
        // There it is in the folder of documents, which may be anywhere.
        // <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_profiles>
        Shell::Powershell if cfg!(windows) => return None,
        Shell::Powershell => Start::Line(in_config("powershell/Microsoft.PowerShell_profile.ps1")?),
    })
}

const NUSHELL_FILE: &str = "nushell/autoload/awsx.nu";

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

/// Puts the functions there, unless the file holds just them: whoever reads it meanwhile has the old ones or the new.
///
/// # Errors
///
/// The file cannot be read or written; it is then as it was.
pub(crate) fn put_functions(path: &Path, functions: &[u8]) -> io::Result<Line> {
    match read_regular(path, LONGEST) {
        Ok(text) if text == functions => return Ok(Line::WasThere),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    std::fs::create_dir_all(directory(path))?;
    put(new_in(directory(path))?, path, functions)?;
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

    #[test]
    fn a_file_holds_the_functions_of_now() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("autoload/awsx.nu");
        for (functions, expected) in
            [("old", Line::Added), ("new", Line::Added), ("new", Line::WasThere)]
        {
            assert_eq!(put_functions(&path, functions.as_bytes()).unwrap(), expected);
            assert_eq!(std::fs::read_to_string(&path).unwrap(), functions);
        }
        put_functions(home.path(), b"new").unwrap_err();
    }

    #[test]
    fn each_shell_has_its_start_file() {
        let home = if cfg!(windows) { r"C:\home" } else { "/home/ann" };
        let env = Env::from_pairs([("XDG_CONFIG_HOME", home)]);
        for (shell, expected) in [
            (Shell::Fish, Start::Line(Path::new(home).join("fish/config.fish"))),
            (Shell::Nushell, Start::File(Path::new(home).join("nushell/autoload/awsx.nu"))),
        ] {
            assert_eq!(start_of(shell, &env), Some(expected), "{shell:?}");
        }
        let nothing = Env::from_pairs::<&str, &str>([]);
        assert_eq!(start_of(Shell::Elvish, &nothing), None);
    }
}
