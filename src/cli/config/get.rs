//! `awsx config get`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::app::App;
use crate::cli::page::page;
use crate::env::Env;
use crate::profile::{NoSettingName, Profiles, Section, Setting, SettingName};
use crate::report::failure::{Failure, Kind};
use crate::resolve::{SelectedBy, SelectedProfile, find_profile};
use crate::text::word;

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
    /// The profile; without one AWS_PROFILE, AWS_DEFAULT_PROFILE, default
    #[arg(short, long, value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    profile: Option<String>,
    /// Of an [sso-session] instead
    #[arg(long, value_name = "NAME", conflicts_with_all = ["profile", "services"])]
    sso_session: Option<String>,
    /// Of a `[services]` section instead
    #[arg(long, value_name = "NAME", conflicts_with = "profile")]
    services: Option<String>,
}

/// A setting, and of what.
struct Asked {
    name: SettingName,
    /// `profile "dev"`, `[sso-session corp]`
    of: String,
    /// What names a setting of it, before the key and behind
    words: (String, String),
    setting: Option<Setting>,
}

impl GetSetting {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let files = app.profiles()?;
        let asked = match (&self.sso_session, &self.services) {
            (Some(name), _) => {
                self.in_section(files, "sso-session", name, files.sso_session(name))?
            }
            (None, Some(name)) => self.in_section(files, "services", name, files.services(name))?,
            (None, None) => self.of_profile(files, &app.env)?,
        };
        app.out().data(&format!("{}\n", asked.value()?))
    }

    fn of_profile(&self, files: &Profiles, env: &Env) -> Result<Asked, Failure> {
        let name = SettingName::read(&self.name, |name| files.contains(name));
        let name = name.map_err(|problem| no_name(&self.name, &problem))?;
        let selected = match name.profile.clone().or_else(|| self.profile.clone()) {
            Some(name) => SelectedProfile { name, by: SelectedBy::CommandLine },
            None => SelectedProfile::of_environment(env),
        };
        let profile = find_profile(&selected, files)?;
        let setting = profile.as_ref().and_then(|profile| profile.get(&name.key)).cloned();
        let words = (format!("profile.{}.", selected.name), String::new());
        Ok(Asked { name, of: format!("profile \"{}\"", selected.name), words, setting })
    }

    fn in_section(
        &self,
        files: &Profiles,
        kind: &str,
        section: &str,
        found: Option<Section>,
    ) -> Result<Asked, Failure> {
        let name = SettingName::in_section(&self.name);
        let name = name.map_err(|problem| no_name(&self.name, &problem))?;
        let of = format!("[{kind} {section}]");
        let Some(found) = found else {
            let message = format!("there is no {of} in {}", files.config_file().display());
            return Err(Failure::say(message, Kind::Config.with("see the sections in that file")));
        };
        let setting = found.get(&name.key).cloned();
        let words = (String::new(), format!(" --{kind} {}", word(section)));
        Ok(Asked { name, of, words, setting })
    }
}

impl Asked {
    fn value(&self) -> Result<&str, Failure> {
        let Self { name, of, words: (before, behind), setting } = self;
        let Some(setting) = setting else { return Err(not_set(&name.key, of)) };
        match &name.nested {
            None if setting.nested.is_empty() => Ok(&setting.value),
            None => {
                let mut names = setting.nested.iter().map(|nested| &*nested.key);
                let first = names.next().unwrap_or_default();
                let rest: String = names.map(|name| format!(", {name}")).collect();
                Err(Failure::say(
                    format!(
                        "{} of {of} has no value, but settings below it: {first}{rest}",
                        name.key
                    ),
                    Kind::NotSet.with(format!(
                        "name one, as in `awsx config get {}{behind}`",
                        word(&format!("{before}{}.{first}", name.key))
                    )),
                )
                .at(&setting.location))
            }
            Some(nested) => {
                let is_meant = |found: &&Setting| found.key.eq_ignore_ascii_case(nested);
                let found = setting.nested.iter().rfind(is_meant);
                let found = found.filter(|found| !found.is_blank());
                let missing = || not_set(&format!("{}.{nested}", name.key), of);
                found.map(|found| &*found.value).ok_or_else(missing)
            }
        }
    }
}

fn no_name(name: &str, problem: &NoSettingName) -> Failure {
    Failure::usage(
        format!("\"{name}\" names no setting: {problem}"),
        "see `awsx config get --help`",
    )
}

fn not_set(key: &str, of: &str) -> Failure {
    Failure::say(
        format!("{key} of {of} is not set"),
        Kind::NotSet.with("`awsx config path` says which files are read"),
    )
}
