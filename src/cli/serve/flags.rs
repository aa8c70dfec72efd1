//! What the command line says of a server.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use crate::cli::flags::read_duration;
use crate::cli::guard_flags::GuardFlags;
use crate::cli::page::page;
use crate::cli::server_flags::ServerFlags;
use crate::deliver::format::Format;

/// Serve credentials to programs that awsx did not start
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
For editors, containers and all that asks while it runs. Ctrl-C ends it.
";
    "awsx serve dev prod"
    "eval \"$(awsx serve --print-env dev)\"   this shell asks it, for dev alone"
    "awsx serve dev --imds --port 8081       as an EC2 instance does"
    "awsx serve dev --install                a unit that runs it at each login"
    "awsx serve --status"
))]
pub(in crate::cli) struct Serve {
    /// The profiles; without one as `awsx exec`
    #[arg(value_name = "PROFILE", value_parser = NonEmptyStringValueParser::new())]
    pub(super) profiles: Vec<String>,
    /// Print variables by which a program asks the server that runs
    #[arg(long, conflicts_with_all = ["status", "install"])]
    pub(super) print_env: bool,
    /// The format of --print-env, as of `awsx env`
    #[arg(long, short, value_name = "F", requires = "print_env")]
    pub(super) format: Option<Format>,
    /// Show the servers that run
    #[arg(long, conflicts_with = "install")]
    pub(super) status: bool,
    /// --status as JSON
    #[arg(long, requires = "status")]
    pub(in crate::cli) json: bool,
    /// Print a unit of systemd, or a property list of launchd, that runs it
    #[arg(long, value_name = "SYSTEM", num_args = 0..=1, require_equals = true, default_missing_value = "usual")]
    pub(super) install: Option<System>,
    /// The port; one that is free otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: Option<u16>,
    /// The address: 127.0.0.1, or one that SDKs know from containers
    #[arg(long, value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(super) address: IpAddr,
    /// A socket too, for `ssh -R`
    #[arg(long, value_name = "PATH", conflicts_with = "imds")]
    pub(super) socket: Option<PathBuf>,
    /// As the instance metadata service (version 2), of one profile
    #[arg(long)]
    pub(super) imds: bool,
    /// How far its answers go
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u8).range(1..=64)
    )]
    pub(super) imds_hop_limit: u8,
    /// End when nobody has asked for so long
    #[arg(long, value_name = "D", value_parser = read_duration)]
    pub(super) idle_timeout: Option<Duration>,
    #[command(flatten)]
    pub(super) server: ServerFlags,
    #[command(flatten)]
    pub(super) guard: GuardFlags,
}

/// Who runs it at each login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum System {
    // That of this machine
    #[value(hide = true)]
    Usual,
    Systemd,
    Launchd,
}
