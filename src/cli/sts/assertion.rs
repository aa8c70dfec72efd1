//! What `assume-role-with-saml` takes from the assertion itself.

use crate::app::{App, MayAsk};
use crate::cli::saml_role::{self, RoleAsked};
use crate::credentials::Secret;
use crate::report::Failure;
use crate::report::failure::Advise;
use crate::saml::{Assertion, SamlRole};

const ASSERTION: &str = "SAMLAssertion";
const ROLE: &str = "RoleArn";
const PROVIDER: &str = "PrincipalArn";

/// Puts role and provider in, where they are not given; the role's ARN. One that the assertion lacks is
/// refused. What awsx cannot read, AWS may.
pub(super) fn complete(
    app: &App,
    parameters: &mut Vec<(String, Secret)>,
) -> Result<Option<String>, Failure> {
    let of = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, text)| text);
    let text = |name: &str| Some(of(name)?.expose());
    let (role, provider) = (text(ROLE), text(PROVIDER));
    let Some(given) = of(ASSERTION) else { return Ok(role.map(str::to_owned)) };
    let assertion = match Assertion::read(given) {
        Ok(assertion) => assertion,
        Err(_) if role.is_some() && provider.is_some() => return Ok(role.map(str::to_owned)),
        Err(flaw) => {
            return Err(Failure::say(format!("--saml-assertion: it {flaw}"), flaw.advice()));
        }
    };
    saml_role::log(app, &assertion);
    let asked = RoleAsked { role_arn: role, principal_arn: provider };
    let SamlRole { role_arn, principal_arn } = asked.of(app, &assertion.roles, MayAsk::Person)?;
    parameters.retain(|(name, _)| ![ASSERTION, ROLE, PROVIDER].contains(&&**name));
    let read = [(ROLE, Secret::new(&*role_arn)), (PROVIDER, Secret::new(principal_arn))];
    let read = read.into_iter().chain([(ASSERTION, assertion.encoded)]);
    parameters.extend(read.map(|(name, text)| (name.to_owned(), text)));
    Ok(Some(role_arn))
}
