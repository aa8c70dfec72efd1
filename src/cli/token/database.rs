//! `awsx token rds`, `awsx token dsql`

use std::time::Duration;

use clap::Args;

use super::signer::{Token, plan_of_signer};
use crate::app::token::{Database, database_token};
use crate::app::{App, MayAsk};
use crate::cli::flags::{SignerFlags, read_duration};
use crate::cli::page::page;
use crate::report::Failure;
use crate::token::database::check_host;

/// `X-Amz-Expires` of RDS, which takes no longer one.
const RDS_LIFETIME: Duration = Duration::from_secs(900);
/// The longest that any signature takes.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// Print a password for a database of RDS or Aurora
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
What `aws rds generate-db-auth-token` prints: a password for 15 minutes, for a
user that the database knows by IAM. The region is that of the host's name, if
it says one, unless --region says another.
";
    "awsx token rds -p prod --host NAME --port 5432 --user ann"
    "export PGPASSWORD=$(awsx token rds --host NAME --port 5432 --user ann)"
))]
pub(in crate::cli) struct RdsToken {
    /// The database's name at AWS, also where a tunnel leads to it
    #[arg(long, value_name = "NAME", visible_alias = "hostname", value_parser = read_host)]
    host: String,
    /// The port that it has there
    #[arg(long, value_name = "N", value_parser = read_port)]
    port: u16,
    /// The user of the database
    #[arg(long, value_name = "NAME", visible_alias = "username", value_parser = read_user)]
    user: String,
    #[command(flatten)]
    signer: SignerFlags,
}

/// Print a password for a cluster of Aurora DSQL
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
What `aws dsql generate-db-connect-auth-token` prints: a password for 15
minutes. The region is that of the host's name, unless --region says another.
";
    "awsx token dsql --host abc.dsql.eu-west-1.on.aws -p prod"
    "awsx token dsql --host abc.dsql.eu-west-1.on.aws --admin --expires-in 1h"
))]
pub(in crate::cli) struct DsqlToken {
    /// The cluster's name at AWS
    #[arg(long, value_name = "NAME", visible_alias = "hostname", value_parser = read_host)]
    host: String,
    /// For the user admin (generate-db-connect-admin-auth-token)
    #[arg(long)]
    admin: bool,
    /// How long it is taken, such as 15m or 900
    #[arg(long, value_name = "D", default_value = "15m", value_parser = read_lifetime)]
    expires_in: Duration,
    #[command(flatten)]
    signer: SignerFlags,
}

impl RdsToken {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let database = Database {
            service: "rds-db",
            host: &self.host,
            address: format!("https://{}:{}", self.host, self.port),
            parameters: &[("Action", "connect"), ("DBUser", &self.user)],
            lifetime: RDS_LIFETIME,
        };
        print(app, "token rds", &self.signer, &database)
    }
}

impl DsqlToken {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let action = if self.admin { "DbConnectAdmin" } else { "DbConnect" };
        let database = Database {
            service: "dsql",
            host: &self.host,
            address: format!("https://{}", self.host),
            parameters: &[("Action", action)],
            lifetime: self.expires_in,
        };
        print(app, "token dsql", &self.signer, &database)
    }
}

fn print(
    app: &App,
    command: &'static str,
    signer: &SignerFlags,
    database: &Database<'_>,
) -> Result<(), Failure> {
    let region = database.region(app);
    let (plan, code) = plan_of_signer(
        app,
        signer,
        MayAsk::Person,
        |request| request,
        Token::new(command, region),
    )?;
    let token = database_token(app, &plan, code, database)?;
    app.out().data(&format!("{}\n", token.expose()))
}

fn read_host(host: &str) -> Result<String, &'static str> {
    check_host(host).map(|()| host.to_owned())
}

fn read_port(text: &str) -> Result<u16, &'static str> {
    let port = text.parse().ok().filter(|port| *port > 0);
    port.ok_or("a port is a number from 1 to 65535")
}

fn read_user(user: &str) -> Result<String, &'static str> {
    match user.is_empty() || user.contains(char::is_control) {
        true => Err("it is empty, or has a control character"),
        false => Ok(user.to_owned()),
    }
}

fn read_lifetime(text: &str) -> Result<Duration, String> {
    let lifetime = read_duration(text)?;
    match lifetime.is_zero() || lifetime > LONGEST {
        true => Err("AWS takes 1 second to 7 days".to_owned()),
        false => Ok(lifetime),
    }
}
