//! `awsx docker-credential`, also as `docker-credential-awsx`

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use super::flags::SignerFlags;
use super::page::page;
use super::stdin::read_stdin;
use super::token::{Token, check_account, plan_of_signer, settings_file};
use crate::app::registry::ecr_password;
use crate::app::{App, MayAsk};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::token::docker::{NOT_FOUND, USER, answer, server_of_stored};
use crate::token::registry::{Registry, host_of_server};
use crate::vault::forget_tokens;

/// Bytes of what docker says, at most.
const LARGEST: u64 = 64 * 1024;

/// Give docker the passwords of registries of ECR
#[derive(Debug, Args)]
#[command(help_template = page!(
    no_region "
A credential helper of docker, which runs it as docker-credential-awsx: a link
of that name to awsx, in the PATH. In ~/.docker/config.json, below credHelpers:

  \"111122223333.dkr.ecr.eu-west-1.amazonaws.com\": \"awsx\"

awsx's config.toml says whose credentials open one; without a word there, the
default profile's do, if the registry is of its account:

  [registries]
  \"111122223333.dkr.ecr.*.amazonaws.com\" = \"prod\"
";
    "ln -s \"$(command -v awsx)\" ~/.local/bin/docker-credential-awsx"
    "echo public.ecr.aws | awsx docker-credential get"
))]
pub(super) struct DockerCredential {
    /// What docker does: erase forgets the passwords, store does nothing
    #[arg(value_name = "OPERATION", value_enum)]
    operation: Operation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Operation {
    Get,
    Store,
    Erase,
    List,
}

impl DockerCredential {
    pub(super) fn run(self, app: &App) -> Result<(), Failure> {
        match self.operation {
            Operation::List => list(app),
            operation => {
                let said = read_stdin(LARGEST)?.ok_or_else(|| {
                    Failure::usage(
                        "docker says the registry on stdin, and stdin is the terminal".to_owned(),
                        "`echo HOST | awsx docker-credential get` asks by hand",
                    )
                })?;
                let said = String::from_utf8_lossy(&said).into_owned();
                // docker shows what is on stdout.
                let tell =
                    |failure: &Failure| drop(app.out().data(&format!("{}\n", failure.message())));
                match operation {
                    Operation::Get => give(app, said.trim()),
                    Operation::Store => refuse_others(&said),
                    _ => erase(app, said.trim()),
                }
                .inspect_err(tell)
            }
        }
    }
}

fn give(app: &App, server: &str) -> Result<(), Failure> {
    let host = host_of_server(server);
    let Some(registry) = Registry::of_host(host) else { return Err(not_found(host)) };
    let rule = app.preferences()?.profile_of_registry(host).map(str::to_owned);
    if let Some(name) =
        rule.as_deref().filter(|name| !app.profiles().is_ok_and(|all| all.knows(name)))
    {
        return Err(Failure::say(
            format!(
                "{} names the profile \"{name}\" for {host}, and there is none",
                settings_file(app)
            ),
            Kind::Config.with("correct it there; `awsx profiles` lists those that there are"),
        ));
    }
    let signer = SignerFlags::of_profile(rule.clone());
    let given = || {
        let (plan, code) = plan_of_signer(
            app,
            &signer,
            MayAsk::Person,
            |request| request,
            Token::new("docker-credential", registry.region()),
        )?;
        ecr_password(app, &plan, code, Some(&registry), MayAsk::Person)
    };
    let kept = given().map_err(|failure| match (&registry, failure.kind()) {
        // Who has no credentials may read it too.
        (Registry::Public, Kind::NoCredentials | Kind::InputNeeded) => not_found(host),
        _ => failure,
    })?;
    if let (Registry::Private(registry), None) = (&registry, &rule) {
        check_account(app, &kept, registry, host)?;
    }
    app.out().data(&format!("{}\n", answer(server, &kept.token).expose()))
}

/// What `docker login` wants to be kept. At ECR that is what awsx would get itself.
fn refuse_others(said: &str) -> Result<(), Failure> {
    let server = server_of_stored(said).unwrap_or_default();
    match Registry::of_host(host_of_server(&server)) {
        Some(_) => Ok(()),
        None => Err(Failure::usage(
            "awsx keeps no passwords of registries that are none of ECR's".to_owned(),
            "in ~/.docker/config.json, name awsx below credHelpers for registries of ECR alone, and another \
             helper as credsStore",
        )),
    }
}

/// Forgets the passwords of all registries: the next `get` has a new one.
fn erase(app: &App, server: &str) -> Result<(), Failure> {
    let host = host_of_server(server);
    if Registry::of_host(host).is_none() {
        return Err(not_found(host));
    }
    Ok(forget_tokens(app.vault()?, |token| token.registry.is_some())?)
}

fn list(app: &App) -> Result<(), Failure> {
    let preferences = app.preferences()?;
    let servers = preferences.whole_registries();
    let servers: Map<String, Value> =
        servers.map(|host| (format!("https://{host}"), USER.into())).collect();
    app.out().data(&format!("{}\n", Value::Object(servers)))
}

/// Docker goes on without a password.
fn not_found(host: &str) -> Failure {
    tracing::info!("{host:?}: nothing of ECR's, or nobody who opens it");
    let mut failure = Failure::say(NOT_FOUND.to_owned(), Kind::NoCredentials.without_hint());
    // A person would take it for an error.
    failure.is_told = true;
    failure
}
