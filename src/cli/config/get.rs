//! `awsx config get`

use clap::Args;

use super::setting_flags::{SettingFlags, Whose, with_dots};
use crate::app::App;
use crate::cli::page::page;
use crate::profile::{Profiles, Section, Setting, SettingName};
use crate::report::failure::{Failure, Kind};
use crate::resolve::find_profile;

/// Print what the AWS files say of a setting
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
As `aws configure get`: the value alone, and exit code 1 where nothing sets it.
Variables do not count here, nor what rests in the vault.
";
    "awsx config get region -p prod"
    "awsx config get profile.prod.role_arn"
    "awsx config get s3.addressing_style"
    "awsx config get sso_region --sso-session corp"
))]
pub(in crate::cli) struct GetSetting {
    /// KEY, KEY.NESTED, PROFILE.KEY or profile.PROFILE.KEY
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    of: SettingFlags,
}

impl GetSetting {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let files = app.profiles()?;
        let (name, whose) = self.of.setting(&self.name, files, &app.env)?;
        let setting = match &whose {
            Whose::Profile(selected) => {
                let profile = find_profile(selected, files)?;
                profile.as_ref().and_then(|profile| profile.get(&name.key)).cloned()
            }
            _ => section(files, &whose)?.get(&name.key).cloned(),
        };
        app.out().data(&format!("{}\n", value(&name, &whose, setting.as_ref())?))
    }
}

/// The section of an `[sso-session]` or `[services]`, which must be there.
pub(super) fn section(files: &Profiles, whose: &Whose) -> Result<Section, Failure> {
    let found = match whose {
        Whose::SsoSession(name) => files.sso_session(name),
        Whose::Services(name) => files.services(name),
        Whose::Profile(_) => None,
    };
    found.ok_or_else(|| {
        let file = files.config_file().display();
        let message = format!("there is no {} in {file}", whose.describe());
        Failure::say(message, Kind::Config.with("see the sections in that file"))
    })
}

fn value<'a>(
    name: &SettingName,
    whose: &Whose,
    setting: Option<&'a Setting>,
) -> Result<&'a str, Failure> {
    let Some(setting) = setting else { return Err(not_set(name, whose)) };
    match &name.nested {
        None if setting.nested.is_empty() => Ok(&setting.value),
        None => {
            let mut names = setting.nested.iter().map(|nested| &*nested.key);
            let first = names.next().unwrap_or_default();
            let rest: String = names.map(|name| format!(", {name}")).collect();
            let (key, of) = (&name.key, whose.describe());
            let example = whose.words(&format!("{key}.{first}"));
            Err(Failure::say(
                format!("{key} of {of} has no value, but settings below it: {first}{rest}"),
                Kind::NotSet.with(format!("name one, as in `awsx config get {example}`")),
            )
            .at(&setting.location))
        }
        Some(nested) => {
            let is_meant = |found: &&Setting| found.key.eq_ignore_ascii_case(nested);
            let found = setting.nested.iter().rfind(is_meant);
            let found = found.filter(|found| !found.is_blank());
            found.map(|found| &*found.value).ok_or_else(|| not_set(name, whose))
        }
    }
}

/// That the files do not say it.
pub(super) fn not_set(name: &SettingName, whose: &Whose) -> Failure {
    Failure::say(
        format!("{} of {} is not set", with_dots(name), whose.describe()),
        Kind::NotSet.with("`awsx config path` says which files are read"),
    )
}
