//! `awsx config set`

use std::path::Path;

use clap::Args;
use zeroize::Zeroizing;

use super::setting_flags::{SettingFlags, Whose, with_dots};
use crate::app::App;
use crate::cli::page::page;
use crate::cli::stdin::read_secret;
use crate::config::edit::{EditError, with_setting};
use crate::config::nested::with_nested_setting;
use crate::profile::{FileKind, Profiles, Setting, SettingName, is_secret_key};
use crate::report::failure::{Failure, word};

/// Set one setting of the AWS files
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
As `aws configure set`, without its faults: no other byte of the file changes.
Keys go to the credentials file, all else to the config file.
";
    "awsx config set region eu-west-1 -p prod"
    "awsx config set profile.prod.cli_pager cat"
    "awsx config set s3.max_concurrent_requests 20"
    "awsx config set sso_region eu-west-1 --sso-session corp"
))]
pub(in crate::cli) struct SetSetting {
    /// KEY, KEY.NESTED, PROFILE.KEY or profile.PROFILE.KEY
    #[arg(value_name = "NAME")]
    name: String,
    /// Its value; `-` reads it from stdin. A secret is asked for, or read
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: Option<String>,
    #[command(flatten)]
    of: SettingFlags,
    /// Write a secret into the file, in clear text
    #[arg(long)]
    plain_text: bool,
}

/// Bytes of a value, at most.
const LONGEST: u64 = 64 * 1024;

/// What `aws configure set` writes to the credentials file.
/// <https://github.com/aws/aws-cli/blob/v2/awscli/customizations/configure/set.py> (`_WRITE_TO_CREDS_FILE`), and the
/// older name of the token.
const OF_CREDENTIALS: [&str; 4] =
    ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];

impl SetSetting {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let files = app.profiles()?;
        let (name, whose) = self.of.setting_to_change(&self.name, files, &app.env)?;
        let is_secret = is_secret_key(name.nested.as_deref().unwrap_or(&name.key));
        if is_secret {
            self.refuse_secret(&name, &whose)?;
        }
        let (kind, path) = file(files, &name, &whose);
        refuse_other_shape(files, (kind, path), &name, &whose)?;
        let tell = |message: &str| app.out().notice(message);
        let writer = app.writer(&tell);
        writer.check(path)?;
        let value = self.value(app, &name, &whose, is_secret)?;
        let edit = |text: &str| with_value(kind, text, &name, &whose, &value);
        match is_secret {
            true => writer.update_in_private(path, edit),
            false => writer.update(path, edit),
        }?;
        tell_of_it(app, kind, path, &name, &whose);
        Ok(())
    }

    /// A secret is no argument, which other users see, and rests in the vault.
    fn refuse_secret(&self, name: &SettingName, whose: &Whose) -> Result<(), Failure> {
        let what = with_dots(name);
        let profile = match whose {
            Whose::Profile(selected) => word(&selected.name).into_owned(),
            Whose::SsoSession(_) | Whose::Services(_) => "NAME".to_owned(),
        };
        let instead = match &*what {
            "aws_secret_access_key" => format!("`awsx keys add {profile}` keeps it in the vault"),
            _ => format!("`awsx exec {profile}` needs none in a file"),
        };
        if self.value.as_deref().is_some_and(|value| value != "-") {
            let message =
                format!("{what} is a secret: as an argument other programs and the history see it");
            return Err(Failure::usage(
                message,
                &format!("{instead}; `-` instead of the value reads it from stdin"),
            ));
        }
        if !self.plain_text {
            let message = format!("{what} is a secret: it would stand in the file in clear text");
            let hint = format!("{instead}; --plain-text writes it all the same");
            return Err(Failure::usage(message, &hint));
        }
        Ok(())
    }

    fn value(
        &self,
        app: &App,
        name: &SettingName,
        whose: &Whose,
        is_secret: bool,
    ) -> Result<Zeroizing<String>, Failure> {
        let asked = format!("{} of {}", with_dots(name), whose.describe());
        match self.value.as_deref() {
            Some("-") => {
                let text = read_secret(LONGEST, "-")?;
                let line = text.strip_suffix('\n').unwrap_or(&text);
                let line = line.strip_suffix('\r').unwrap_or(line);
                if line.is_empty() {
                    let message = format!("stdin has no value for {asked}");
                    return Err(Failure::usage(message, "give a line of at most 64 KiB"));
                }
                Ok(Zeroizing::new(line.to_owned()))
            }
            Some(value) => Ok(Zeroizing::new(value.to_owned())),
            None if is_secret => {
                let question = format!("{asked} (it is not shown): ");
                let answer = app.person().ask(|terminal| terminal.paste(&question));
                let no_answer =
                    |error| Failure::no_answer(&error, "`-` reads it from stdin".to_owned());
                let secret = answer.map_err(no_answer)?;
                Ok(Zeroizing::new(secret.expose().trim().to_owned()))
            }
            None => Err(Failure::usage(
                format!("no value is given for {asked}"),
                &format!("`awsx config set {} VALUE`", whose.words(&with_dots(name))),
            )),
        }
    }
}

/// The file that has settings of this name.
fn file<'f>(files: &'f Profiles, name: &SettingName, whose: &Whose) -> (FileKind, &'f Path) {
    match whose {
        Whose::Profile(_) if OF_CREDENTIALS.contains(&&*name.key) => {
            (FileKind::Credentials, files.credentials_file())
        }
        _ => (FileKind::Config, files.config_file()),
    }
}

fn with_value(
    kind: FileKind,
    text: &str,
    name: &SettingName,
    whose: &Whose,
    value: &str,
) -> Result<String, EditError> {
    let (target, key) = (whose.target(), &*name.key);
    match &name.nested {
        Some(nested) => with_nested_setting(kind, text, target, (key, nested), value),
        None => with_setting(kind, text, target, key, value),
    }
}

/// The setting as the file has it now.
fn setting_in(files: &Profiles, kind: FileKind, key: &str, whose: &Whose) -> Option<Setting> {
    match whose {
        Whose::Profile(selected) => files.as_written(&selected.name)?.get_in(kind, key).cloned(),
        Whose::SsoSession(name) => files.sso_session(name)?.get(key).cloned(),
        Whose::Services(name) => files.services(name)?.get(key).cloned(),
    }
}

/// `s3 = x` takes away what stands below `s3 =`, and the other way round: nobody means that.
fn refuse_other_shape(
    files: &Profiles,
    (kind, _): (FileKind, &Path),
    name: &SettingName,
    whose: &Whose,
) -> Result<(), Failure> {
    let Some(found) = setting_in(files, kind, &name.key, whose) else { return Ok(()) };
    let problem = match &name.nested {
        None if !found.nested.is_empty() => "has settings below it, and no value",
        Some(_) if !found.value.is_empty() && !found.value.starts_with('\n') => {
            "has a value, and no settings below it"
        }
        _ => return Ok(()),
    };
    let message = format!("{} of {} {problem}", name.key, whose.describe());
    let hint = format!("`awsx config unset {}` takes it out", whose.words(&name.key));
    Err(Failure::usage(message, &hint).at(&found.location))
}

/// What a person may not expect: a new section, or a setting that does not count.
fn tell_of_it(app: &App, kind: FileKind, path: &Path, name: &SettingName, whose: &Whose) {
    let Ok(files) = app.profiles() else { return };
    let of = whose.describe();
    let is_new = match whose {
        Whose::Profile(selected) => !files.contains(&selected.name),
        Whose::SsoSession(section) => files.sso_session(section).is_none(),
        Whose::Services(section) => files.services(section).is_none(),
    };
    if is_new {
        app.out().notice(&format!("{of} is new in {}", path.display()));
    }
    let Whose::Profile(selected) = whose else { return };
    let written = files.as_written(&selected.name);
    let other =
        written.as_ref().and_then(|written| written.get_in(FileKind::Credentials, &name.key));
    if let Some(other) = other.filter(|_| kind == FileKind::Config) {
        app.out()
            .warning(&format!("{}: {} of {of} counts there, not here", other.location, name.key));
    }
}
