//! Which device a command is about.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::app::App;
use crate::app::mfa::{profile_or_default, serial_of_profile};
use crate::credentials::check_mfa_serial;
use crate::mfa::StoredDevice;
use crate::report::failure::{Failure, Kind, hint_of_serial, word};

/// The device as that of a profile, or by its serial number.
#[derive(Clone, Debug, Args)]
pub(super) struct DeviceTarget {
    /// The profile whose device it is; without one that of AWS_PROFILE, or default
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) profile: Option<String>,
    /// The device itself, whoever uses it
    #[arg(
        long,
        value_name = "ARN",
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "profile"
    )]
    pub(super) serial: Option<String>,
}

impl DeviceTarget {
    pub(super) fn serial(&self, app: &App) -> Result<String, Failure> {
        match &self.serial {
            Some(serial) => match check_mfa_serial(serial) {
                Ok(()) => Ok(serial.clone()),
                Err(flaw) => {
                    let message = format!("--serial {serial} {flaw}");
                    Err(Failure::say(message, Kind::Usage.with(hint_of_serial(flaw, None))))
                }
            },
            None => serial_of_profile(app, &profile_or_default(app, self.profile.as_deref())),
        }
    }

    /// The device that the vault keeps, opened.
    pub(super) fn device(&self, app: &App) -> Result<StoredDevice, Failure> {
        let serial = self.serial(app)?;
        let found = app.vault()?.get::<StoredDevice>(&StoredDevice::key(&serial))?;
        found.ok_or_else(|| self.failure_of_absence(&serial))
    }

    /// What is said where the vault does not keep it.
    pub(super) fn failure_of_absence(&self, serial: &str) -> Failure {
        let message = format!("the vault does not keep the secret of {serial}");
        let hint = format!("`awsx mfa add{}` keeps it", self.words());
        Failure::say(message, Kind::InputNeeded.with(hint))
    }

    /// The same device for another command, as words.
    pub(super) fn words(&self) -> String {
        match (&self.serial, &self.profile) {
            (Some(serial), _) => format!(" --serial {}", word(serial)),
            (None, Some(profile)) => format!(" {}", word(profile)),
            (None, None) => String::new(),
        }
    }
}
