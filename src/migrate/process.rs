//! The program that a `credential_process` of the config file runs.

use crate::profile::{FileKind, Profile};
use crate::text::shell_words;

pub(super) struct Process {
    /// Without its directory
    program: String,
    words: Vec<String>,
    /// `config:12`
    pub(super) place: String,
}

impl Process {
    /// None where another setting of the profile stands before it, or in the credentials file.
    pub(super) fn of(profile: &Profile) -> Option<Self> {
        let setting = profile.get_in(FileKind::Config, "credential_process")?;
        if !profile.counts(setting) {
            return None;
        }
        let mut words = shell_words(&setting.value)?.into_iter();
        let first = words.next()?;
        let program = first.rsplit(['/', '\\']).next()?;
        let program = program.strip_suffix(".exe").unwrap_or(program).to_owned();
        Some(Self { program, words: words.collect(), place: setting.location.to_string() })
    }

    pub(super) fn runs(&self, program: &str, command: &str) -> bool {
        self.program == program && self.words.iter().any(|word| word == command)
    }

    pub(super) fn is_of(&self, program: &str) -> bool {
        self.program == program
    }

    /// What follows one of the flags, as `--flag VALUE` or `--flag=VALUE`.
    pub(super) fn value(&self, flags: &[&str]) -> Option<&str> {
        let mut words = self.words.iter();
        words
            .by_ref()
            .find_map(|word| {
                let of_flag = |flag: &&str| word.strip_prefix(flag)?.strip_prefix('=');
                flags.iter().find_map(of_flag)
            })
            .or_else(|| {
                let at = self.words.iter().position(|word| flags.contains(&&**word))?;
                self.words.get(at + 1).map(String::as_str)
            })
    }

    /// The word behind that command which is no flag.
    pub(super) fn argument(&self, command: &str) -> Option<&str> {
        let at = self.words.iter().position(|word| word == command)?;
        let mut rest = self.words.iter().skip(at + 1);
        rest.find(|word| !word.starts_with('-')).map(String::as_str)
    }
}
