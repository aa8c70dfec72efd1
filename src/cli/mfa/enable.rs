//! `awsx mfa enable`

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::add::confirm_keeping;
use crate::app::App;
use crate::app::mfa::{enable_device, profile_or_default, user_to_enable};
use crate::cli::page::page;
use crate::config::edit::{Target, with_setting};
use crate::profile::FileKind;
use crate::report::failure::{Failure, Kind, word};

/// Give an IAM user a virtual MFA device whose secret is kept
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
IAM makes the device, the vault keeps its secret, and the profile gets its
mfa_serial. If it is interrupted, run it again.
";
    "awsx mfa enable --for dev"
    "awsx mfa enable ann --for dev --yes"
))]
pub(in crate::cli) struct EnableDevice {
    /// The user; without it the one whose credentials they are
    #[arg(value_name = "USERNAME", value_parser = NonEmptyStringValueParser::new())]
    user: Option<String>,
    /// The profile that asks IAM, and that gets mfa_serial; without it that of AWS_PROFILE, or default
    #[arg(
        long = "for",
        value_name = "PROFILE",
        value_parser = NonEmptyStringValueParser::new()
    )]
    profile: Option<String>,
    /// Do not ask whether to
    #[arg(long)]
    yes: bool,
}

impl EnableDevice {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let name = profile_or_default(app, self.profile.as_deref());
        let user = user_to_enable(app, &name, self.user.as_deref())?;
        check_setting(app, &name, &user.serial)?;
        let command = format!("awsx mfa enable --for {} --yes", word(&name));
        if !self.yes && !confirm_keeping(app, &user.serial, None, &command)? {
            app.out().notice("nothing is changed");
            return Ok(());
        }
        let is_new = enable_device(app, &name, &user)?;
        let files = app.profiles()?;
        let tell = |message: &str| app.out().notice(message);
        let target = Target::Profile(&name);
        let with_serial =
            |text: &str| with_setting(FileKind::Config, text, target, "mfa_serial", &user.serial);
        app.writer(&tell).update(files.config_file(), with_serial)?;
        let what = if is_new { "is enabled" } else { "was enabled before" };
        tell(&format!(
            "{} {what} for {}; profile \"{name}\" has it as mfa_serial, and its codes come from the vault",
            user.serial, user.name
        ));
        Ok(())
    }
}

/// Another device of the profile stays.
fn check_setting(app: &App, name: &str, serial: &str) -> Result<(), Failure> {
    let Some(profile) = app.profiles()?.profile(name)? else { return Ok(()) };
    match profile.get("mfa_serial") {
        Some(setting) if setting.value.trim() != serial => Err(Failure::say(
            format!("profile \"{name}\" has another mfa_serial: {}", setting.value.trim()),
            Kind::Config.with("take that line out, or name another profile with --for"),
        )
        .at(&setting.location)),
        _ => Ok(()),
    }
}
