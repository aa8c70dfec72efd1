//! `awsx config profile`

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};

use super::file_changes::FileChanges;
use super::section_names::{Section, remove, rename};
use crate::app::App;
use crate::cli::flags::read_role_arn;
use crate::cli::page::page;
use crate::config::sections::{with_copy, with_new_section};
use crate::profile::{FileKind, Named, Profiles, is_secret_key};
use crate::report::failure::{Failure, Kind, word};

/// Add, copy, rename and remove profiles
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ProfileCommand {
    Add(AddProfile),
    Copy(CopyProfile),
    Rename(RenameProfile),
    #[command(alias = "rm")]
    Remove(RemoveProfile),
}

/// Add a profile to the config file
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
Shows the lines that come. A profile with an access key is made by
`awsx keys add`, one of IAM Identity Center by `awsx config sso`.
";
    "awsx config profile add prod --role-arn arn:aws:iam::222222222222:role/Admin \\\n      --source-profile dev --region eu-west-1"
    "awsx config profile add lab --set output=json --set cli_pager=cat"
))]
pub(in crate::cli) struct AddProfile {
    /// Its name
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(super) name: String,
    /// The role to assume
    #[arg(long, value_name = "ARN", value_parser = read_role_arn)]
    pub(super) role_arn: Option<String>,
    /// The profile whose credentials assume the role
    #[arg(long, value_name = "PROFILE", requires = "role_arn", value_parser = NonEmptyStringValueParser::new())]
    pub(super) source_profile: Option<String>,
    /// The MFA device that the role asks for
    #[arg(long, value_name = "ARN", requires = "role_arn", value_parser = NonEmptyStringValueParser::new())]
    pub(super) mfa_serial: Option<String>,
    /// The external id that the role asks for
    #[arg(long, value_name = "ID", requires = "role_arn", value_parser = NonEmptyStringValueParser::new())]
    pub(super) external_id: Option<String>,
    /// Another setting; repeat it for more
    #[arg(long, value_name = "KEY=VALUE", value_parser = read_pair)]
    pub(super) set: Vec<(String, String)>,
}

fn read_pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => {
            Ok((key.trim().to_ascii_lowercase(), value.trim().to_owned()))
        }
        _ => Err("it is no KEY=VALUE".to_owned()),
    }
}

impl AddProfile {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let files = app.profiles()?;
        let section = Section::find_free(files, Named::Profile, &self.name)?;
        let is_key = |key: &str| is_secret_key(key) || key == "aws_access_key_id";
        if let Some((key, _)) = self.set.iter().find(|(key, _)| is_key(key)) {
            let hint = format!("`awsx keys add {}` keeps it in the vault", word(&self.name));
            return Err(Failure::usage(format!("{key} is no setting of the config file"), &hint));
        }
        let has_source = self.set.iter().any(|(key, _)| key == "credential_source");
        if self.role_arn.is_some() && self.source_profile.is_none() && !has_source {
            let message = "whose credentials assume the role is not said".to_owned();
            let hint =
                "give --source-profile PROFILE, or --set credential_source=Ec2InstanceMetadata";
            return Err(Failure::usage(message, hint));
        }
        if let Some(source) = &self.source_profile {
            refuse_unknown(files, source)?;
        }
        let own = [
            ("role_arn", &self.role_arn),
            ("source_profile", &self.source_profile),
            ("mfa_serial", &self.mfa_serial),
            ("external_id", &self.external_id),
            ("region", &app.globals.region),
        ];
        let own = own.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        let more = self.set.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let settings: Vec<_> = own.chain(more).collect();
        if let Some(key) = find_repeated(&settings) {
            return Err(Failure::usage(format!("{key} is given twice"), "give it once"));
        }
        let edit =
            |text: &str| with_new_section(FileKind::Config, text, section.target(), &settings);
        FileChanges::plan_config(files, edit)?.show_and_write(app)
    }
}

fn find_repeated<'a>(settings: &[(&'a str, &str)]) -> Option<&'a str> {
    let is_repeated =
        |(at, (key, _)): &(usize, &(&str, &str))| settings[..*at].iter().any(|(k, _)| k == key);
    settings.iter().enumerate().find(is_repeated).map(|(_, (key, _))| *key)
}

/// A profile that a stored key makes one will do.
fn refuse_unknown(files: &Profiles, source: &str) -> Result<(), Failure> {
    if files.knows(source) {
        return Ok(());
    }
    let hint = match files.similar(source) {
        Some(similar) => format!("did you mean {}?", word(similar)),
        None => format!("`awsx keys add {}` makes it one with an access key", word(source)),
    };
    let message = format!("--source-profile {}: there is no such profile", word(source));
    Err(Failure::say(message, Kind::Config.with(hint)))
}

/// Copy a profile's section of the config file under another name
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Comments in it are copied too; what the credentials file has of it is not.
";
    "awsx config profile copy prod prod-eu"
))]
pub(in crate::cli) struct CopyProfile {
    /// The profile that there is
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// The name of the new one
    #[arg(value_name = "NEW", value_parser = NonEmptyStringValueParser::new())]
    new: String,
}

impl CopyProfile {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let files = app.profiles()?;
        let from = Section::find(files, Named::Profile, &self.name)?;
        let to = Section::find_free(files, Named::Profile, &self.new)?;
        let written = files.as_written(from.name);
        let headers = written.iter().flat_map(|written| written.headers());
        let (in_config, elsewhere): (Vec<_>, Vec<_>) =
            headers.partition(|at| *at.file == *files.config_file());
        if let ([], Some(at)) = (&in_config[..], elsewhere.first()) {
            let message = format!("{at}: {} is in the credentials file alone", from.describe());
            let hint = format!("`awsx keys add {}` makes a profile with a key", word(to.name));
            return Err(Failure::say(message, Kind::Config.with(hint)));
        }
        let edit = |text: &str| with_copy(FileKind::Config, text, from.target(), to.target());
        FileChanges::plan_config(files, edit)?.show_and_write(app)?;
        if let Some(at) = elsewhere.first() {
            app.out().notice(&format!("{at}: what stands there of it is not copied"));
        }
        Ok(())
    }
}

/// Rename a profile, and who names it
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
In both files, with source_profile and include_profile of others. Says who else
names it still.
";
    "awsx config profile rename prod production"
))]
pub(in crate::cli) struct RenameProfile {
    /// The profile that there is
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// Its new name
    #[arg(value_name = "NEW", value_parser = NonEmptyStringValueParser::new())]
    new: String,
}

impl RenameProfile {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        rename(app, Named::Profile, &self.name, &self.new)
    }
}

/// Remove a profile from both files
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Shows what goes and who names it, and asks. `awsx config undo` brings it back.
";
    "awsx config profile remove lab"
    "awsx config profile remove lab --yes  for a script"
))]
pub(in crate::cli) struct RemoveProfile {
    /// The profile
    #[arg(value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    name: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

impl RemoveProfile {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        remove(app, Named::Profile, &self.name, self.yes)
    }
}
