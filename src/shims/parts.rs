//! What a tool's line is made of, and what becomes of it.

use std::ffi::{OsStr, OsString};

use crate::env::Env;
use crate::text::word;

/// A tool that awsx stands for.
pub(crate) struct Peer {
    /// The program's name
    pub(crate) name: &'static str,
    /// The version whose documentation the tables follow, and where that is
    pub(super) version: &'static str,
    pub(super) source: &'static str,
    pub(super) style: Style,
    /// Flags that stand before and behind every command
    pub(super) globals: &'static [Flag],
    /// Its commands; one without a name where it has none
    pub(super) forms: &'static [Form],
    /// Variables that it reads, and what awsx does with each
    pub(super) variables: &'static [(&'static str, &'static str)],
}

/// How the tool reads its line.
#[derive(Clone, Copy, Default)]
pub(super) struct Style {
    /// `-ns` is `-n -s`, and `-d1h` is `-d 1h`
    pub joins_letters: bool,
    /// `-console` is `--console`
    pub has_one_dash: bool,
    /// `--dur` is `--duration`
    pub abbreviates: bool,
    /// Flags behind the first word belong to the command that it runs
    pub stops_at_word: bool,
}

/// A command of the tool.
pub(super) struct Form {
    /// Its name and its other names; none for a tool without commands
    pub names: &'static [&'static str],
    /// What follows them
    pub words: &'static str,
    pub flags: &'static [Flag],
    /// The line of awsx
    pub becomes: &'static str,
    pub build: fn(&Line<'_>) -> Result<Translated, Refusal>,
}

pub(super) struct Flag {
    /// As they are typed
    pub names: &'static [&'static str],
    pub takes_value: bool,
    pub becomes: Becomes,
}

pub(super) enum Becomes {
    /// A flag of awsx, with the same value
    Same(&'static str),
    /// What the command's own rule makes of it
    Rule(&'static str),
    /// Nothing is lost without it: why
    Nothing(&'static str),
    /// It is left out, which is said
    Said(&'static str),
    /// Why not, and awsx's way, in which `PROFILE` is the profile
    Refused(&'static str, &'static str),
}

impl Flag {
    pub(super) const fn switch(names: &'static [&'static str], becomes: Becomes) -> Self {
        Self { names, takes_value: false, becomes }
    }

    pub(super) const fn value(names: &'static [&'static str], becomes: Becomes) -> Self {
        Self { names, takes_value: true, becomes }
    }
}

/// A line of the tool, taken apart.
pub(super) struct Line<'a> {
    /// `aws-vault exec`
    pub command: String,
    pub flags: Vec<Given>,
    /// All but flags
    pub words: Vec<OsString>,
    /// How many of them stand before `--`
    pub before_dashes: Option<usize>,
    pub env: &'a Env,
}

/// A flag that was given.
pub(super) struct Given {
    pub flag: &'static Flag,
    /// As it was typed
    pub typed: String,
    pub value: Option<OsString>,
    /// How many words stand before it
    pub behind: usize,
}

/// A line of awsx.
#[derive(Debug, Default)]
pub(crate) struct Translated {
    /// Without the program
    pub(crate) line: Vec<OsString>,
    /// What the tool sets for the command that it runs
    pub(crate) child: Vec<(&'static str, String)>,
    /// Said before it goes on
    pub(crate) notices: Vec<String>,
    pub(crate) by_profile: Option<ByProfile>,
}

/// What depends on what the profile says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ByProfile {
    pub(crate) profile: String,
    /// `--duration`, where the profile is a role
    pub(crate) of_role: Option<String>,
    /// `--duration`, where it is none
    pub(crate) of_keys: Option<String>,
    /// The MFA device that is meant, and who says so
    pub(crate) device: Option<(&'static str, String)>,
}

/// Why awsx does not do what the line says, and its own way.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl Refusal {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl Line<'_> {
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The value of a flag.
    pub(super) fn value(&self, name: &str) -> Option<&OsStr> {
        self.find(name)?.value.as_deref()
    }

    fn find(&self, name: &str) -> Option<&Given> {
        self.flags.iter().rev().find(|given| given.flag.names.contains(&name))
    }

    /// A line of awsx with the flags that have a name there, for this profile.
    pub(super) fn begin(
        &self,
        command: &[&str],
        profile: Option<&str>,
    ) -> Result<Translated, Refusal> {
        let mut made = Translated::default();
        made.line.extend(command.iter().map(OsString::from));
        for Given { flag, typed, value, .. } in &self.flags {
            match &flag.becomes {
                Becomes::Same(name) => made.push_flag(name, value.as_deref()),
                Becomes::Rule(_) | Becomes::Nothing(_) => {}
                Becomes::Said(why) => made.notices.push(format!("{typed}: {why}")),
                Becomes::Refused(why, hint) => {
                    let hint = hint.replace("PROFILE", &word(profile.unwrap_or("PROFILE")));
                    return Err(Refusal::new(format!("{typed}: {why}"), hint));
                }
            }
        }
        Ok(made)
    }

    /// What is said where a word is too many.
    pub(super) fn end_words(&self, most: usize) -> Result<(), Refusal> {
        // They may be secrets.
        let count = match self.words.len().saturating_sub(most) {
            0 => return Ok(()),
            1 => "a word".to_owned(),
            count => format!("{count} words"),
        };
        Err(Refusal::new(
            format!("{} has {count} too many", self.command),
            format!("`{} --help` shows what awsx understands of it", self.command),
        ))
    }
}

impl Translated {
    pub(super) fn push(&mut self, word: impl Into<OsString>) {
        self.line.push(word.into());
    }

    /// `--name=VALUE`, or the name alone.
    pub(super) fn push_flag(&mut self, name: &str, value: Option<&OsStr>) {
        let mut flag = OsString::from(name);
        if let Some(value) = value {
            flag.push("=");
            flag.push(value);
        }
        self.line.push(flag);
    }

    /// A flag from a variable, where the variable is set.
    pub(super) fn push_variable(&mut self, env: &Env, variable: &str, flag: &str) {
        if let Some(value) = env.get(variable) {
            self.push_flag(flag, Some(OsStr::new(value)));
        }
    }

    /// `-- CMD ARG…`, where there is a command.
    pub(super) fn push_command(&mut self, words: &[OsString]) {
        if !words.is_empty() {
            self.push("--");
            self.line.extend_from_slice(words);
        }
    }
}

/// A word of a line, as Unicode.
pub(super) fn text(word: &OsStr) -> Result<&str, Refusal> {
    word.to_str().ok_or_else(|| {
        Refusal::new(
            format!("{:?} is no Unicode", word.to_string_lossy()),
            "profiles and flags are Unicode; the command that is run need not be",
        )
    })
}
