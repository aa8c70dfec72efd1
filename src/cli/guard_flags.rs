//! What a person says to a guard on the command line.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::app::guard::Consent;
use crate::guard::check_reason;

/// Of the commands that hand something over.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct GuardFlags {
    /// The profile's name, where a guard wants it typed
    #[arg(
        long,
        value_name = "NAME",
        value_parser = NonEmptyStringValueParser::new(),
        help_heading = "Guards"
    )]
    yes_i_mean: Option<String>,
    /// What it is for, which CloudTrail shows: a session tag, or as --scope-note
    #[arg(long, value_name = "TEXT", value_parser = read_reason, help_heading = "Guards")]
    reason: Option<String>,
}

impl GuardFlags {
    pub(super) fn consent(&self) -> Consent {
        Consent { yes_i_mean: self.yes_i_mean.clone(), reason: self.reason.clone() }
    }
}

fn read_reason(text: &str) -> Result<String, &'static str> {
    check_reason(text).map(|()| text.to_owned())
}
