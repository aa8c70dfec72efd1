//! `awsx config unset`

use clap::Args;

use super::get::{not_set, section};
use super::setting_flags::{SettingFlags, Whose};
use crate::app::App;
use crate::cli::page::page;
use crate::config::unset::without_setting;
use crate::profile::FileKind;
use crate::report::failure::Failure;
use crate::resolve::find_profile;

/// Take a setting out of the AWS files
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
Shows the lines that go. The profile stays, with or without other settings.
Exit code 1 where nothing sets it.
";
    "awsx config unset region -p prod"
    "awsx config unset s3.max_concurrent_requests"
    "awsx config unset sso_region --sso-session corp"
))]
pub(in crate::cli) struct UnsetSetting {
    /// KEY, KEY.NESTED, PROFILE.KEY or profile.PROFILE.KEY
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    of: SettingFlags,
}

impl UnsetSetting {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let files = app.profiles()?;
        let (name, whose) = self.of.setting_to_change(&self.name, files, &app.env)?;
        match &whose {
            Whose::Profile(selected) => find_profile(selected, files).map(drop)?,
            _ => section(files, &whose).map(drop)?,
        }
        let kinds: &[FileKind] = match whose {
            Whose::Profile(_) => &[FileKind::Config, FileKind::Credentials],
            _ => &[FileKind::Config],
        };
        let tell = |message: &str| app.out().notice(message);
        let writer = app.writer(&tell);
        let mut is_set = false;
        for kind in kinds {
            let path = match kind {
                FileKind::Config => files.config_file(),
                FileKind::Credentials => files.credentials_file(),
            };
            let mut texts = None;
            let changed = writer.update(path, |text| {
                let key = (&*name.key, name.nested.as_deref());
                let new = without_setting(*kind, text, whose.target(), key)?;
                texts = Some((text.to_owned(), new.clone()));
                Ok(new)
            })?;
            if let Some((before, after)) = texts.filter(|_| changed) {
                app.out().show_diff(path, app.env.home(), &before, &after)?;
                is_set = true;
            }
        }
        if is_set { Ok(()) } else { Err(not_set(&name, &whose)) }
    }
}
