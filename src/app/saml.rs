//! The assertion that a command prints.

use super::App;
use crate::aws::LocalSources;
use crate::deliver;
use crate::host;
use crate::ports::Sources;
use crate::report::Failure;
use crate::saml::Assertion;
use crate::session::SamlError;

/// What the command of `named_by` prints.
pub(crate) fn assertion_of_command(
    app: &App,
    named_by: &'static str,
    command: &str,
) -> Result<Assertion, Failure> {
    let run = host::process::runner(&app.inherited, &deliver::SECRETS_OF_AWSX);
    let sources = LocalSources::new(run, None, &app.env, app.clock.clone());
    let printed = sources.saml_assertion(named_by, command, &[])?;
    Ok(Assertion::read(&printed).map_err(|flaw| SamlError::Flaw { named_by, flaw })?)
}
