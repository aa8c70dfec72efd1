//! What awsx does in a running shell: `awsx init` prints it, and `awsx use` prints what its functions evaluate.

mod start_file;

use std::io::Write;

use clap::ValueEnum;
use zeroize::Zeroizing;

use crate::deliver::Overlay;
use crate::deliver::format::{Format, FormatError};
use crate::deliver::shell::quote;

pub(crate) use start_file::{Line, add_line, start_file};

const POSIX: &str = include_str!("posix.sh");
const BASH: &str = include_str!("bash.sh");
const ZSH: &str = include_str!("zsh.zsh");
const FISH: &str = include_str!("awsx.fish");
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
}

/// What a shell takes over with a profile.
pub(crate) struct Taken<'a> {
    pub(crate) overlay: &'a Overlay,
    /// In how many seconds it is renewed; none where it does not end
    pub(crate) renewed_in: Option<u64>,
    /// The words after `awsx use` that take the same again
    pub(crate) words: &'a [String],
}

impl Shell {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    fn format(self) -> Format {
        match self {
            Self::Bash | Self::Zsh => Format::Sh,
            Self::Fish => Format::Fish,
        }
    }

    /// The line that its start file needs.
    pub(crate) fn start_line(self) -> &'static str {
        match self {
            Self::Bash => r#"eval "$(awsx init bash)""#,
            Self::Zsh => r#"eval "$(awsx init zsh)""#,
            Self::Fish => "awsx init fish | source",
        }
    }

    /// The shell of this name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }

    /// Writes the functions, which run awsx at this path. A shell that no person types in does without them.
    ///
    /// # Errors
    ///
    /// They cannot be written.
    pub(crate) fn write_functions(
        self,
        program: &str,
        out: &mut dyn Write,
    ) -> Result<(), FormatError> {
        write(out, self.functions(program).as_bytes())
    }

    fn functions(self, program: &str) -> String {
        const POSIX_IF: (&str, &str) = ("case $- in *i*)\n", ";;\nesac\n");
        let (text, (begin, end)) = match self {
            Self::Bash => ([POSIX, POSIX_PROMPT, BASH, COMPLETE_BASH].concat(), POSIX_IF),
            Self::Zsh => ([POSIX, POSIX_PROMPT, ZSH, COMPLETE_ZSH].concat(), POSIX_IF),
            Self::Fish => (
                [FISH, FISH_PROMPT, COMPLETE_FISH].concat(),
                ("if status is-interactive\n", "end\n"),
            ),
        };
        let program = quote(self.format(), program);
        let text = text
            .replace("@AWSX@", &program)
            .replace("@SHELL@", &format!("--shell={}", self.name()));
        format!("{begin}{text}{end}")
    }

    /// Writes what the function of `awsx use` evaluates: all of it, or nothing.
    ///
    /// # Errors
    ///
    /// A value cannot be carried, or it cannot be written.
    pub(crate) fn write(self, taken: &Taken<'_>, out: &mut dyn Write) -> Result<(), FormatError> {
        let format = self.format();
        let names: Vec<&str> = taken.overlay.iter().map(|(name, _)| name).collect();
        let mut text = Zeroizing::new(format!("__awsx_keep {}\n", names.join(" ")).into_bytes());
        format.write(taken.overlay, &mut *text)?;
        let seconds = taken.renewed_in.map(|seconds| seconds.to_string()).unwrap_or_default();
        let mut line = format!("__awsx_hold '{seconds}'");
        for word in taken.words {
            line.extend([" ", &quote(format, word)]);
        }
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
        write(out, &text)
    }
}

fn write(out: &mut dyn Write, text: &[u8]) -> Result<(), FormatError> {
    out.write_all(text).and_then(|()| out.flush()).map_err(FormatError::Write)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_awsx_are_quoted_as_each_shell_reads_them() {
        let overlay = Overlay::default();
        let words = ["it's".to_owned(), r"C:\\a\".to_owned(), "plain".to_owned()];
        let taken = Taken { overlay: &overlay, renewed_in: Some(9), words: &words };
        for (shell, expected) in [
            (Shell::Bash, r"__awsx_hold '9' 'it'\''s' 'C:\\a\' plain"),
            (Shell::Zsh, r"__awsx_hold '9' 'it'\''s' 'C:\\a\' plain"),
            (Shell::Fish, r"__awsx_hold '9' 'it\'s' 'C:\\\\a\\' plain"),
        ] {
            let mut text = Vec::new();
            shell.write(&taken, &mut text).unwrap();
            let text = String::from_utf8(text).unwrap();
            assert_eq!(text, format!("__awsx_keep \n{expected}\n"), "{shell:?}");
            let functions = shell.functions("/it's/awsx");
            assert!(!functions.contains("@AWSX@") && !functions.contains("@SHELL@"), "{shell:?}");
        }
    }
}
