//! What the flags of an assertion ask for.

use std::path::Path;

use super::flags::{AssertionFlag, SessionFlags};
use super::proof::Proof;
use super::saml_role::{RoleAsked, log};
use crate::app::saml::assertion_of_command;
use crate::app::{App, MayAsk};
use crate::credentials::Secret;
use crate::report::Failure;
use crate::report::failure::Advise;
use crate::resolve::RoleBySaml;
use crate::saml::{Assertion, AssertionSource};

const COMMAND: &str = "--saml-command";

/// No assertion is as short: it is the name of a file that is not there.
const SHORTEST: usize = 200;

/// Where the assertion comes from, read if it is there already.
pub(super) fn assertion_source(
    app: &App,
    flags: &SessionFlags,
) -> Result<Option<AssertionSource>, Failure> {
    Ok(match flags.assertion() {
        None => None,
        Some(AssertionFlag::Command(command)) => {
            Some(AssertionSource::Command { command: command.trim().to_owned(), named_by: COMMAND })
        }
        Some(AssertionFlag::Given(given)) => {
            Some(AssertionSource::Given(Box::new(read(app, given)?)))
        }
    })
}

fn read(app: &App, given: &str) -> Result<Assertion, Failure> {
    let refuse = |shown: &str, problem: &str| {
        let shown = if shown.is_empty() { "" } else { &format!(" {shown}") };
        let hint = "give a file that holds the assertion in base 64, or - for stdin";
        Failure::usage(format!("--saml-assertion{shown}: {problem}"), hint)
    };
    let is_file = given == "-" || given.starts_with("file://") || Path::new(given).exists();
    if !is_file && given.len() < SHORTEST {
        return Err(refuse(given, "there is no such file"));
    }
    let warn = |message: &str| app.out().warning(message);
    let proof = Proof { env: &app.env, flag: "saml-assertion", warn: &warn, refuse: &refuse };
    let text = Secret::new(&**proof.read(given)?);
    let assertion = Assertion::read(&text);
    assertion.map_err(|flaw| {
        let shown = if is_file { given } else { "…" };
        Failure::say(format!("--saml-assertion {shown}: it {flaw}"), flaw.advice())
    })
}

/// The role that the flags mean. The command is run where it alone says which roles there are.
pub(super) fn role_by_saml(
    app: &App,
    flags: &SessionFlags,
    source: AssertionSource,
    may_ask: MayAsk,
) -> Result<RoleBySaml, Failure> {
    let (role_arn, principal_arn) = (flags.role_arn.as_deref(), flags.principal_arn());
    let assertion = match (source, role_arn) {
        (AssertionSource::Given(assertion), _) => assertion,
        (assertion, Some(role_arn)) => {
            let (role_arn, principal_arn) = (role_arn.to_owned(), principal_arn.map(str::to_owned));
            return Ok(RoleBySaml { role_arn, principal_arn, assertion });
        }
        (AssertionSource::Command { command, named_by }, None) if may_ask != MayAsk::NoNetwork => {
            Box::new(assertion_of_command(app, named_by, &command)?)
        }
        (AssertionSource::Command { .. } | AssertionSource::Login { .. }, None) => {
            return Err(Failure::usage(
                "which role it is, only the command says, and no command is run here".to_owned(),
                "name the role: --role-arn ARN",
            ));
        }
    };
    log(app, &assertion);
    let role = RoleAsked { role_arn, principal_arn }.of(app, &assertion.roles, may_ask)?;
    Ok(RoleBySaml {
        role_arn: role.role_arn,
        principal_arn: Some(role.principal_arn),
        assertion: AssertionSource::Given(assertion),
    })
}
