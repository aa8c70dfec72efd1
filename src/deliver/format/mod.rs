//! An overlay as text: statements for a shell to evaluate, or a document.
//!
//! A value may come from a `credential_process`, a profile's name or a remote endpoint, so it is
//! hostile until quoted. Every format either carries a value byte for byte or refuses it; none
//! writes text that could execute. All of the overlay is written, or nothing.

mod documents;
mod jobs;
mod peers;
mod shells;

use std::fmt;
use std::io;
use std::str::FromStr;

use zeroize::Zeroizing;

use super::overlay::Overlay;
use super::variable::{self, TOO_LONG};
use documents::{ini, json, set_dotenv};
pub(crate) use jobs::github_env;
use jobs::{fits_gitlab, masks, set_gitlab, unset_gitlab};
use peers::PeerLines;
use shells::{
    set_cmd, set_fish, set_powershell, set_sh, unset_cmd, unset_fish, unset_powershell, unset_sh,
};

/// A format, each with how its text is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// sh, bash, zsh, dash, ksh: `eval "$(awsx env dev)"`
    #[default]
    Sh,
    /// `awsx env dev --format fish | source`
    Fish,
    /// `awsx env dev --format powershell | Out-String | Invoke-Expression`
    Powershell,
    /// `for /f "delims=" %i in ('awsx env dev --format cmd') do @%i`
    Cmd,
    /// `awsx env dev --format nushell | from json | load-env`; a variable that is to be unset is
    /// `null`, which programs do not see
    Nushell,
    /// `NAME=value` lines for dotenv libraries and `docker run --env-file`; cannot unset
    Dotenv,
    /// One object, name to value; cannot unset
    Json,
    /// A section for the AWS credentials file, named for the profile; cannot unset
    Ini,
    /// The commands that mask the secrets in the log of GitHub Actions; `github_env` is the rest
    Github,
    /// The dotenv report of a job of GitLab
    Gitlab,
    /// Lines as another tool prints them; cannot unset
    Peer(&'static PeerLines),
}

/// Names the variable, never its value.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    #[error("the value of {variable} cannot be written as {format}: {problem}")]
    CannotCarry { variable: String, format: Format, problem: &'static str },
    #[error(
        "{format} cannot hold the credentials: GitLab takes no report of more than 5 KB or 20 variables"
    )]
    TooLarge { format: Format },
    #[error("{format} has no way to remove a variable")]
    CannotUnset { format: Format },
    #[error("the output could not be written")]
    Write(#[source] io::Error),
}

#[derive(Debug, thiserror::Error)]
#[error(
    "not a format: expected one of sh, fish, powershell, cmd, nushell, dotenv, json, ini, github, gitlab"
)]
pub struct UnknownFormat;

impl Format {
    /// Every format of awsx's own, in the order that the help lists them.
    pub const ALL: [Self; 10] = [
        Self::Sh,
        Self::Fish,
        Self::Powershell,
        Self::Cmd,
        Self::Nushell,
        Self::Dotenv,
        Self::Json,
        Self::Ini,
        Self::Github,
        Self::Gitlab,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Sh => "sh",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Cmd => "cmd",
            Self::Nushell => "nushell",
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Ini => "ini",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Peer(lines) => lines.name,
        }
    }

    /// The format that a shell reads, by the shell's name.
    pub(crate) fn of_shell(name: &str) -> Option<Self> {
        Some(match name {
            "sh" | "bash" | "zsh" | "dash" | "ksh" | "busybox" => Self::Sh,
            "fish" => Self::Fish,
            "powershell" | "pwsh" | "powershell_ise" => Self::Powershell,
            "cmd" => Self::Cmd,
            "nu" => Self::Nushell,
            _ => return None,
        })
    }

    /// Whether programs are started with what it holds: by a shell, or in a job.
    fn is_environment(self) -> bool {
        !matches!(self, Self::Dotenv | Self::Json | Self::Ini | Self::Peer(_))
    }

    /// What has a shell see that awsx failed: without it, evaluating nothing is a success. None for documents,
    /// and for what ends with an error where there is none.
    pub(crate) fn failure(self, exit_code: u8) -> Option<String> {
        match self {
            Self::Sh => Some(format!("(exit {exit_code})\n")),
            Self::Fish => Some(format!("sh -c 'exit {exit_code}'\n")),
            Self::Powershell => Some(format!("throw 'awsx ended with exit code {exit_code}'\n")),
            Self::Cmd => Some(format!("cmd /c exit {exit_code}\r\n")),
            Self::Nushell
            | Self::Dotenv
            | Self::Json
            | Self::Ini
            | Self::Github
            | Self::Gitlab
            | Self::Peer(_) => None,
        }
    }

    pub fn write(self, overlay: &Overlay, out: &mut dyn io::Write) -> Result<(), FormatError> {
        let text = self.text(overlay)?;
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(FormatError::Write)
    }

    fn text(self, overlay: &Overlay) -> Result<Zeroizing<String>, FormatError> {
        for (variable, value) in overlay.assignments() {
            if value.expose().contains('\0') {
                return Err(self.cannot_carry(variable, "it has a NUL character"));
            }
            // Else no program would start there any more.
            if self.is_environment() && !variable::fits(variable, value.expose()) {
                return Err(self.cannot_carry(variable, TOO_LONG));
            }
        }
        // Room for the largest session, so that the text is not moved, which would leave a copy.
        let mut text = Zeroizing::new(String::with_capacity(32 * 1024));
        match self {
            Self::Sh => self.statements(overlay, &mut text, set_sh, unset_sh)?,
            Self::Fish => self.statements(overlay, &mut text, set_fish, unset_fish)?,
            Self::Powershell => {
                self.statements(overlay, &mut text, set_powershell, unset_powershell)?
            }
            Self::Cmd => self.statements(overlay, &mut text, set_cmd, unset_cmd)?,
            Self::Nushell => json(overlay, true, &mut text),
            _ if !self.is_environment() && overlay.assignments().next().is_none() => {
                return Err(FormatError::CannotUnset { format: self });
            }
            Self::Dotenv => self.statements(overlay, &mut text, set_dotenv, |_, _| ())?,
            Self::Json => json(overlay, false, &mut text),
            Self::Github => masks(overlay, &mut text),
            Self::Gitlab if overlay.assignments().next().is_none() => {
                self.statements(overlay, &mut text, set_gitlab, unset_gitlab)?
            }
            Self::Gitlab => {
                self.statements(overlay, &mut text, set_gitlab, |_, _| ())?;
                if !fits_gitlab(&text) {
                    return Err(FormatError::TooLarge { format: self });
                }
            }
            Self::Peer(lines) => lines
                .write(overlay, &mut text)
                .map_err(|(variable, problem)| self.cannot_carry(variable, problem))?,
            Self::Ini => ini(overlay, &mut text)
                .map_err(|(variable, problem)| self.cannot_carry(variable, problem))?,
        }
        Ok(text)
    }

    /// One statement for each variable, removals first.
    fn statements(
        self,
        overlay: &Overlay,
        text: &mut String,
        set: fn(&mut String, &str, &str) -> Result<(), &'static str>,
        unset: fn(&mut String, &str),
    ) -> Result<(), FormatError> {
        overlay.removals().for_each(|name| unset(text, name));
        overlay.assignments().try_for_each(|(variable, value)| {
            set(text, variable, value.expose())
                .map_err(|problem| self.cannot_carry(variable, problem))
        })
    }

    fn cannot_carry(self, variable: &str, problem: &'static str) -> FormatError {
        FormatError::CannotCarry { variable: variable.to_owned(), format: self, problem }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Takes the names of shells that read one of the formats, too.
    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        let is_name = |format: &Self| format.name() == name;
        let of_peer = || peers::find(name).map(Self::Peer);
        let known = Self::ALL.into_iter().find(is_name).or_else(|| Self::of_shell(name));
        known.or_else(of_peer).ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests;
