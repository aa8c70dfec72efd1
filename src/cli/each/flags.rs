//! What the command line says of `awsx each`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PathBufValueParser};

use crate::cli::answers::parse_region;
use crate::cli::guard_flags::GuardFlags;
use crate::cli::page::page;
use crate::cli::server_flags::ServerFlags;

/// Run a command with the credentials of many profiles
#[derive(Debug, Args)]
#[command(
    override_usage = "awsx each [OPTIONS] PATTERN... -- COMMAND...\n       \
                      awsx each [OPTIONS] --sso SESSION --role ROLE -- COMMAND...",
    help_template = page!(
        "
Several at a time. A login and an MFA code are asked for once, before the first.
{profile}, {region} and {account_id} in the command are those of each.
";
        "awsx each 'prod-*' -- aws s3 ls"
        "awsx each dev test -j 8 --regions eu-west-1,us-east-1 -- aws ec2 describe-vpcs"
        "awsx each --sso corp --role ReadOnly --accounts 'prod-*' -- aws s3 ls"
        "awsx each '*' --yes --json -- aws sts get-caller-identity"
    )
)]
pub(in crate::cli) struct Each {
    /// Names of profiles, with * and ?; tag:NAME; /REGEX/
    #[arg(
        value_name = "PATTERN",
        required_unless_present_any = ["sso", "interactive"],
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(super) patterns: Vec<String>,
    /// The command, and its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    pub(super) command: Vec<OsString>,
    /// Tick those that are meant in a list
    #[arg(long, short, conflicts_with = "only_failed")]
    pub(super) interactive: bool,
    /// A role in many accounts, no profiles: its [sso-session]
    #[arg(
        long,
        value_name = "SESSION",
        requires = "role",
        conflicts_with = "patterns",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(super) sso: Option<String>,
    /// The role: the name of the permission set
    #[arg(
        long,
        value_name = "ROLE",
        requires = "sso",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(super) role: Option<String>,
    /// The accounts, by name or id, with * and ?; otherwise all
    #[arg(
        long,
        value_name = "GLOB",
        value_delimiter = ',',
        requires = "sso",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(super) accounts: Vec<String>,
    /// Run it once for each of these regions too
    #[arg(long, value_name = "R,R", value_delimiter = ',', value_parser = parse_region)]
    pub(super) regions: Vec<String>,
    /// How many run at a time; twice the cores otherwise, at least 4
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(super) jobs: Option<u16>,
    /// Ask nobody whether these are meant
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Print what each has printed in one piece, when it has ended
    #[arg(long, conflicts_with_all = ["json", "out"])]
    pub(super) group: bool,
    /// A line of JSON for each, when it has ended
    #[arg(long)]
    pub(super) json: bool,
    /// Write what each prints into files there: NAME.out, NAME.err
    #[arg(long, value_name = "DIR", value_parser = PathBufValueParser::new())]
    pub(super) out: Option<PathBuf>,
    /// Start no more once one has failed
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Run what fails again so often, after 1s, 2s, 4s and so on
    #[arg(long, value_name = "N", default_value_t, hide_default_value = true)]
    #[arg(value_parser = clap::value_parser!(u8).range(..=20))]
    pub(super) retry: u8,
    /// Only what did not end with 0 when the same line ran last
    #[arg(long)]
    pub(super) only_failed: bool,
    #[command(flatten)]
    pub(super) server: ServerFlags,
    #[command(flatten)]
    pub(super) guard: GuardFlags,
}
