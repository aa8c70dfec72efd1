//! The shell of the person: told by the programs above awsx, or by `SHELL`.

use std::borrow::Cow;

use super::format::Format;
use crate::text::word;

/// Programs between a shell and awsx that read nothing of what it prints: a shim has its target's name.
const BETWEEN: [&str; 3] = ["awsx", "mise", "winpty"];

/// The format of the shell that called, by the programs above awsx, the nearest first. None where the nearest
/// is no shell.
pub(crate) fn of_callers<'a>(programs: impl IntoIterator<Item = &'a str>) -> Option<Format> {
    let mut shells = programs
        .into_iter()
        .map(name)
        .skip_while(|name| BETWEEN.contains(&&**name))
        .map(|name| Format::of_shell(&name));
    match (shells.next()??, shells.next().flatten()) {
        // A shim in cmd's language, run by another shell. What a `for /f` of cmd runs is below two of them.
        (Format::Cmd, Some(outer)) => Some(outer),
        (nearest, _) => Some(nearest),
    }
}

/// The line that puts a profile's credentials into the person's shell: that which called, else that of
/// `SHELL`.
pub(crate) fn line_for_shell(
    profile: Option<&str>,
    caller: Option<Format>,
    shell: Option<&str>,
) -> String {
    let format = caller.or_else(|| Format::of_shell(shell?)).unwrap_or_default();
    let flag = match format == caller.unwrap_or_default() {
        true => String::new(),
        false => format!(" --format {format}"),
    };
    let profile = profile.map(|name| format!(" {}", quote(format, name))).unwrap_or_default();
    let line = format!("awsx env{profile}{flag}");
    match format {
        Format::Fish => format!("{line} | source"),
        Format::Nushell => format!("{line} | from json | load-env"),
        Format::Powershell => format!("{line} | Out-String | Invoke-Expression"),
        Format::Cmd => format!("for /f \"delims=\" %i in ('{line}') do @%i"),
        Format::Sh
        | Format::Dotenv
        | Format::Json
        | Format::Ini
        | Format::Github
        | Format::Gitlab
        | Format::Peer(_) => {
            format!("eval \"$({line})\"")
        }
    }
}

/// A name as one word of a command in the shell of that format.
pub(crate) fn quote(format: Format, name: &str) -> Cow<'_, str> {
    match (word(name), format) {
        (Cow::Borrowed(plain), _) => plain.into(),
        (_, Format::Powershell) => format!("'{}'", name.replace('\'', "''")).into(),
        (_, Format::Fish) => format!("'{}'", name.replace('\\', r"\\").replace('\'', r"\'")).into(),
        (_, Format::Cmd) => format!("\"{name}\"").into(),
        (quoted, _) => quoted,
    }
}

/// `pwsh` of `C:\Program Files\PowerShell\7\pwsh.exe`
fn name(program: &str) -> String {
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_is_told_by_the_programs_above() {
        use Format::{Cmd, Fish, Nushell, Powershell, Sh};
        for (docs, programs, expected) in [
            ("Windows PowerShell 5", "powershell.exe explorer.exe", Some(Powershell)),
            ("PowerShell 7 in Windows Terminal", "pwsh.exe WindowsTerminal.exe", Some(Powershell)),
            ("in upper case", "POWERSHELL.EXE explorer.exe", Some(Powershell)),
            ("with a path", r"C:\PowerShell\7\pwsh.exe", Some(Powershell)),
            ("cmd by itself", "cmd.exe explorer.exe", Some(Cmd)),
            ("cmd's for /f", "cmd.exe cmd.exe explorer.exe", Some(Cmd)),
            ("cmd's for /f, in a cmd of PowerShell", "cmd.exe cmd.exe pwsh.exe", Some(Cmd)),
            ("a batch file, in PowerShell", "cmd.exe pwsh.exe explorer.exe", Some(Powershell)),
            ("a batch file, in Git Bash", "cmd.exe bash.exe mintty.exe", Some(Sh)),
            ("a shim of Scoop", "awsx.exe pwsh.exe explorer.exe", Some(Powershell)),
            ("a shim of mise", "mise.exe awsx.exe pwsh.exe", Some(Powershell)),
            ("Git Bash", "bash.exe bash.exe mintty.exe", Some(Sh)),
            ("PowerShell in Git Bash", "powershell.exe bash.exe", Some(Powershell)),
            ("Git Bash in PowerShell", "bash.exe powershell.exe", Some(Sh)),
            ("MSYS2's zsh, in winpty", "winpty.exe zsh.exe", Some(Sh)),
            ("busybox-w32", "busybox.exe cmd.exe", Some(Sh)),
            ("fish", "fish.exe mintty.exe", Some(Fish)),
            ("Nushell", "nu.exe WindowsTerminal.exe", Some(Nushell)),
            ("a program, which should name a format", "python.exe pwsh.exe", None),
            ("a document of that name is no shell", "json.exe pwsh.exe", None),
            ("a service", "svchost.exe services.exe", None),
            ("only itself", "awsx.exe", None),
            ("nothing is known", "", None),
        ] {
            let found = of_callers(programs.split(' ').filter(|name| !name.is_empty()));
            assert_eq!(found, expected, "{docs}");
        }
    }

    #[test]
    fn the_line_for_a_shell_is_in_its_language() {
        use Format::{Cmd, Powershell, Sh};
        for (profile, caller, shell, expected) in [
            ("dev", None, None, "eval \"$(awsx env dev)\""),
            ("dev", None, Some("zsh"), "eval \"$(awsx env dev)\""),
            ("a b", None, Some("bash"), "eval \"$(awsx env 'a b')\""),
            ("dev", None, Some("fish"), "awsx env dev --format fish | source"),
            ("dev", None, Some("nu"), "awsx env dev --format nushell | from json | load-env"),
            (
                "dev",
                None,
                Some("pwsh"),
                "awsx env dev --format powershell | Out-String | Invoke-Expression",
            ),
            // Windows, where the caller is known and its format the usual one
            ("dev", Some(Powershell), None, "awsx env dev | Out-String | Invoke-Expression"),
            ("a'b", Some(Powershell), None, "awsx env 'a''b' | Out-String | Invoke-Expression"),
            ("dev", Some(Cmd), None, "for /f \"delims=\" %i in ('awsx env dev') do @%i"),
            ("a b", Some(Cmd), None, "for /f \"delims=\" %i in ('awsx env \"a b\"') do @%i"),
            // Git Bash leaves SHELL to what it starts.
            (
                "dev",
                Some(Powershell),
                Some("bash"),
                "awsx env dev | Out-String | Invoke-Expression",
            ),
            ("dev", Some(Sh), Some("bash"), "eval \"$(awsx env dev)\""),
        ] {
            assert_eq!(line_for_shell(Some(profile), caller, shell), expected);
        }
    }
}
