//! `awsx token ecr`

use clap::Args;

use super::{Token, check_account, plan_of_signer};
use crate::app::registry::ecr_password;
use crate::app::{App, MayAsk};
use crate::cli::flags::SignerFlags;
use crate::cli::page::page;
use crate::report::Failure;
use crate::token::registry::{Registry, host_of_server};

/// Print the password of a registry of ECR
#[derive(Debug, Args)]
#[command(help_template = page!(
    "
What `aws ecr get-login-password` prints: the user is AWS. Better is to have
docker ask by itself: see `awsx docker-credential --help`.
";
    "awsx token ecr -p prod --region eu-west-1"
    "awsx token ecr --registry public.ecr.aws -p dev"
))]
pub(in crate::cli) struct EcrPassword {
    /// The registry, by its host; without one that of the profile's account and region
    #[arg(long, value_name = "HOST", value_parser = read_registry)]
    registry: Option<(String, Registry)>,
    #[command(flatten)]
    signer: SignerFlags,
}

impl EcrPassword {
    pub(in crate::cli) fn run(self, app: &App) -> Result<(), Failure> {
        let registry = self.registry.as_ref().map(|(_, registry)| registry);
        let region = registry.and_then(Registry::region);
        let (plan, code) = plan_of_signer(
            app,
            &self.signer,
            MayAsk::Person,
            |request| request,
            Token::new("token ecr", region),
        )?;
        let kept = ecr_password(app, &plan, code, registry, MayAsk::Person)?;
        // Whoever names a profile or a role says whose it is.
        let is_named = self.signer.profile.is_some() || self.signer.session().sso_role().is_some();
        if let Some((host, Registry::Private(registry))) = &self.registry
            && !is_named
        {
            check_account(app, &kept, registry, host)?;
        }
        app.out().data(&format!("{}\n", kept.token.expose()))
    }
}

fn read_registry(text: &str) -> Result<(String, Registry), String> {
    let host = host_of_server(text);
    let registry = Registry::of_host(host).ok_or(
        "it is no registry of ECR, such as 111122223333.dkr.ecr.eu-west-1.amazonaws.com or public.ecr.aws",
    )?;
    Ok((host.to_owned(), registry))
}
