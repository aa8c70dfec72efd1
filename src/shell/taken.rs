//! What a shell takes over with a profile, as its functions read it: statements for bash, zsh and fish, a document where the
//! shell reads one.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use zeroize::Zeroizing;

use super::{Shell, write};
use crate::deliver::Overlay;
use crate::deliver::format::{Format, FormatError};
use crate::deliver::shell::quote;

/// What a shell takes over with a profile.
pub(crate) struct Taken<'a> {
    pub(crate) overlay: &'a Overlay,
    /// In how many seconds it is renewed; none where it does not end
    pub(crate) renewed_in: Option<u64>,
    /// The words after `awsx use` that take the same again
    pub(crate) words: &'a [String],
}

impl Taken<'_> {
    /// Writes it for the function of `awsx use`: all of it, or nothing.
    ///
    /// # Errors
    ///
    /// A value cannot be carried, or it cannot be written.
    pub(crate) fn write(&self, shell: Shell, out: &mut dyn Write) -> Result<(), FormatError> {
        // Room for the largest session, so that it is not moved, which would leave a copy.
        let mut text = Zeroizing::new(Vec::with_capacity(64 * 1024));
        match shell {
            Shell::Bash | Shell::Zsh => self.statements(Format::Sh, &mut text)?,
            Shell::Fish => self.statements(Format::Fish, &mut text)?,
            Shell::Nushell | Shell::Elvish => self.document(&mut text)?,
            Shell::Powershell => self.lines(&mut text)?,
        }
        write(out, &text)
    }

    fn statements(&self, format: Format, text: &mut Vec<u8>) -> Result<(), FormatError> {
        let names: Vec<&str> = self.overlay.iter().map(|(name, _)| name).collect();
        text.extend_from_slice(format!("__awsx_keep {}\n", names.join(" ")).as_bytes());
        format.write(self.overlay, text)?;
        let seconds = self.renewed_in.map(|seconds| seconds.to_string()).unwrap_or_default();
        let mut line = format!("__awsx_hold '{seconds}'");
        for word in self.words {
            line.extend([" ", &quote(format, word)]);
        }
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
        Ok(())
    }

    /// One line of JSON; a variable that goes is `null`.
    fn document(&self, text: &mut Vec<u8>) -> Result<(), FormatError> {
        text.extend_from_slice(br#"{"awsx":1,"set":"#);
        Format::Nushell.write(self.overlay, text)?;
        text.pop_if(|last| *last == b'\n');
        let rest = json!({ "renewed_in": self.renewed_in, "words": self.words }).to_string();
        text.extend_from_slice(b",");
        text.extend_from_slice(rest.trim_start_matches('{').as_bytes());
        text.push(b'\n');
        Ok(())
    }

    /// Lines of ASCII, the values in base 64. PowerShell reads what a program prints with the console's code page, takes text of
    /// JSON for a date where it looks like one, and may log all that it evaluates.
    fn lines(&self, text: &mut Vec<u8>) -> Result<(), FormatError> {
        // What it cannot carry is refused as `awsx env` does.
        Format::Powershell.write(self.overlay, &mut std::io::sink())?;
        text.extend_from_slice(b"__awsx 1\n");
        for (name, value) in self.overlay.iter() {
            match value {
                Some(value) => {
                    let coded = Zeroizing::new(STANDARD.encode(value.expose()));
                    text.extend_from_slice(b"set ");
                    text.extend_from_slice(name.as_bytes());
                    text.push(b' ');
                    text.extend_from_slice(coded.as_bytes());
                }
                None => {
                    text.extend_from_slice(b"unset ");
                    text.extend_from_slice(name.as_bytes());
                }
            }
            text.push(b'\n');
        }
        if let Some(seconds) = self.renewed_in {
            text.extend_from_slice(format!("renew {seconds}\n").as_bytes());
        }
        for word in self.words {
            text.extend_from_slice(format!("word {}\n", STANDARD.encode(word)).as_bytes());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shell_gets_what_its_functions_read() {
        let mut overlay = Overlay::default();
        overlay.set("A", "it's \u{e9}");
        overlay.unset("B");
        let words = ["it's".to_owned(), r"C:\\a\".to_owned(), "plain".to_owned()];
        let taken = Taken { overlay: &overlay, renewed_in: Some(9), words: &words };
        let document = "{\"awsx\":1,\"set\":{\"A\":\"it's \u{e9}\",\"B\":null},\"renewed_in\":9,\
                        \"words\":[\"it's\",\"C:\\\\\\\\a\\\\\",\"plain\"]}\n";
        for (shell, expected) in [
            (Shell::Bash, r"__awsx_hold '9' 'it'\''s' 'C:\\a\' plain"),
            (Shell::Zsh, r"__awsx_hold '9' 'it'\''s' 'C:\\a\' plain"),
            (Shell::Fish, r"__awsx_hold '9' 'it\'s' 'C:\\\\a\\' plain"),
            (Shell::Nushell, document),
            (Shell::Elvish, document),
            (
                Shell::Powershell,
                "__awsx 1\nset A aXQncyDDqQ==\nunset B\nrenew 9\nword aXQncw==\nword QzpcXGFc\nword cGxhaW4=\n",
            ),
        ] {
            let mut text = Vec::new();
            taken.write(shell, &mut text).unwrap();
            let text = String::from_utf8(text).unwrap();
            let last =
                if text.starts_with("__awsx_keep A B\n") { text.lines().last() } else { None };
            assert_eq!(last.unwrap_or(&text), expected, "{shell:?}");
        }
    }

    #[test]
    fn nothing_is_written_of_what_a_shell_cannot_carry() {
        for value in ["a\0b", &"x".repeat(200_000)] {
            let mut overlay = Overlay::default();
            overlay.set("A", value);
            let taken = Taken { overlay: &overlay, renewed_in: None, words: &[] };
            for shell in <Shell as clap::ValueEnum>::value_variants() {
                let mut text = Vec::new();
                assert!(taken.write(*shell, &mut text).is_err() && text.is_empty(), "{shell:?}");
            }
        }
    }
}
