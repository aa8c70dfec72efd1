//! What awsx does in a running shell: `awsx init` prints it, and `awsx use` prints what its functions take over.

mod start_file;
mod taken;

use std::io::Write;

use clap::ValueEnum;

use crate::deliver::format::{Format, FormatError};
use crate::deliver::shell::quote;

pub(crate) use start_file::{Line, Start, add_line, put_functions, start_of};
pub(crate) use taken::Taken;

const POSIX: &str = include_str!("posix.sh");
const BASH: &str = include_str!("bash.sh");
const ZSH: &str = include_str!("zsh.zsh");
const FISH: &str = include_str!("awsx.fish");
const NUSHELL: &str = include_str!("awsx.nu");
const ELVISH: &str = include_str!("awsx.elv");
const POWERSHELL: &str = include_str!("awsx.ps1");
const COMPLETE_BASH: &str = include_str!("complete_bash.sh");
const COMPLETE_ZSH: &str = include_str!("complete.zsh");
const COMPLETE_FISH: &str = include_str!("complete.fish");
const POSIX_PROMPT: &str = include_str!("prompt.sh");
const FISH_PROMPT: &str = include_str!("prompt.fish");

/// A shell that awsx has functions for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    #[value(alias = "nu")]
    Nushell,
    Elvish,
    #[value(alias = "pwsh")]
    Powershell,
}

impl Shell {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Nushell => "nushell",
            Self::Elvish => "elvish",
            Self::Powershell => "powershell",
        }
    }

    /// The shell that is called so, as a program or by its name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }

    /// Writes the functions, which run awsx at this path. A shell that no person types in does without them.
    /// `with_values`: the flags of every command that a value follows.
    ///
    /// # Errors
    ///
    /// They cannot be written.
    pub(crate) fn write_functions(
        self,
        program: &str,
        with_values: &[&str],
        out: &mut dyn Write,
    ) -> Result<(), FormatError> {
        write(out, self.functions(program, with_values).as_bytes())
    }

    fn functions(self, program: &str, with_values: &[&str]) -> String {
        const POSIX_IF: (&str, &str) = ("case $- in *i*)\n", ";;\nesac\n");
        // Nushell and Elvish read the file of a person alone.
        const NO_IF: (&str, &str) = ("", "");
        let (text, (begin, end), between) = match self {
            Self::Bash => ([POSIX, POSIX_PROMPT, BASH, COMPLETE_BASH].concat(), POSIX_IF, " | "),
            Self::Zsh => ([POSIX, POSIX_PROMPT, ZSH, COMPLETE_ZSH].concat(), POSIX_IF, " | "),
            Self::Fish => (
                [FISH, FISH_PROMPT, COMPLETE_FISH].concat(),
                ("if status is-interactive\n", "end\n"),
                " ",
            ),
            Self::Nushell => (NUSHELL.to_owned(), NO_IF, " "),
            Self::Elvish => (ELVISH.to_owned(), NO_IF, " "),
            Self::Powershell => (POWERSHELL.to_owned(), NO_IF, ", "),
        };
        let flags: Vec<String> = with_values
            .iter()
            .map(|flag| match self {
                Self::Powershell => format!("'{flag}'"),
                _ => (*flag).to_owned(),
            })
            .collect();
        let text = text
            .replace("@AWSX@", &self.program(program))
            .replace("@SHELL@", &format!("--shell={}", self.name()))
            .replace("@VALUED@", &flags.join(between));
        format!("{begin}{text}{end}")
    }

    /// A path as a literal.
    fn program(self, path: &str) -> String {
        match self {
            Self::Bash | Self::Zsh => quote(Format::Sh, path).into_owned(),
            Self::Fish => quote(Format::Fish, path).into_owned(),
            // <https://www.nushell.sh/book/working_with_strings.html#double-quoted-strings>
            Self::Nushell => format!("\"{}\"", path.replace('\\', r"\\").replace('"', "\\\"")),
            // <https://elv.sh/ref/language.html#single-quoted-string>, and the same of PowerShell, where typographic quotes
            // are quotes too:
            // <https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>
            Self::Elvish => format!("'{}'", path.replace('\'', "''")),
            Self::Powershell => {
                let is_quote =
                    |sign: char| ('\u{2018}'..='\u{201b}').contains(&sign) || sign == '\'';
                let double = |sign| if is_quote(sign) { vec![sign, sign] } else { vec![sign] };
                format!("'{}'", path.chars().flat_map(double).collect::<String>())
            }
        }
    }
}

fn write(out: &mut dyn Write, text: &[u8]) -> Result<(), FormatError> {
    out.write_all(text).and_then(|()| out.flush()).map_err(FormatError::Write)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_awsx_is_one_word_in_each_shell() {
        for (shell, expected) in [
            (Shell::Bash, r#"'/it'\''s "a\b"/awsx'"#),
            (Shell::Zsh, r#"'/it'\''s "a\b"/awsx'"#),
            (Shell::Fish, r#"'/it\'s "a\\b"/awsx'"#),
            (Shell::Nushell, r#""/it's \"a\\b\"/awsx""#),
            (Shell::Elvish, r#"'/it''s "a\b"/awsx'"#),
            (Shell::Powershell, r#"'/it''s "a\b"/awsx'"#),
        ] {
            assert_eq!(shell.program(r#"/it's "a\b"/awsx"#), expected, "{shell:?}");
            let text = shell.functions("/awsx", &["--region", "--color"]);
            assert!(!text.contains('@') || !text.contains("@AWSX@"), "{shell:?}");
            assert!(!text.contains("@SHELL@") && !text.contains("@VALUED@"), "{shell:?}");
        }
        assert_eq!(Shell::Powershell.program("/\u{2019}"), "'/\u{2019}\u{2019}'");
    }

    /// What macOS has is bash 3.2. What came later stands in none of its functions, or where its absence does no harm.
    /// <https://tiswww.case.edu/php/chet/bash/CHANGES>
    #[test]
    fn bash_of_macos_reads_its_functions() {
        let text = Shell::Bash.functions("/awsx", &["--region"]);
        for (later, since) in [
            ("declare -A", "4.0"),
            ("local -A", "4.0"),
            ("mapfile", "4.0"),
            ("readarray", "4.0"),
            ("coproc", "4.0"),
            ("|&", "4.0"),
            ("&>>", "4.0"),
            (";&", "4.0"),
            ("^}", "4.0"),
            (",}", "4.0"),
            ("BASHPID", "4.0"),
            ("[-1]", "4.2"),
            ("-g ", "4.2"),
            (" -v ", "4.2"),
            ("%(", "4.2"),
            ("local -n", "4.3"),
            ("@Q}", "4.4"),
            ("@P}", "4.4"),
            ("PS0", "4.4"),
            ("EPOCHSECONDS", "5.0"),
            ("SRANDOM", "5.1"),
            ("${ ", "5.3"),
        ] {
            assert!(!text.contains(later), "{later}: bash {since}");
        }
        for line in text.lines().filter(|line| line.contains("compopt") || line.contains("nosort"))
        {
            assert!(line.contains("2>/dev/null"), "{line}");
        }
    }

    #[test]
    fn a_shell_has_its_name_and_that_of_its_program() {
        for shell in Shell::value_variants() {
            assert_eq!(Shell::parse(shell.name()), Some(*shell));
        }
        assert_eq!(Shell::parse("nu"), Some(Shell::Nushell));
        assert_eq!(Shell::parse("pwsh"), Some(Shell::Powershell));
        assert_eq!(Shell::parse("tcsh"), None);
    }
}
