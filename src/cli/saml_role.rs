//! Which role of an assertion is meant.

use crate::app::{App, MayAsk};
use crate::credentials::arn::{account, role_name};
use crate::profile::display_duration;
use crate::report::Failure;
use crate::saml::{Assertion, NoRole, SamlRole, choose};
use crate::text::word;

/// What the command line says of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoleAsked<'a> {
    pub role_arn: Option<&'a str>,
    pub principal_arn: Option<&'a str>,
}

impl RoleAsked<'_> {
    /// The role that is asked for; the only one, or the one that a person picks.
    pub(super) fn of(
        self,
        app: &App,
        roles: &[SamlRole],
        may_ask: MayAsk,
    ) -> Result<SamlRole, Failure> {
        let none = match choose(roles, self.role_arn, self.principal_arn) {
            Ok(role) => return Ok(role.clone()),
            Err(none) => none,
        };
        let (NoRole::Several(found) | NoRole::SeveralProviders(found)) = &none else {
            return Err(none.into());
        };
        if may_ask != MayAsk::Person {
            return Err(none.into());
        }
        let items: Vec<String> = found.iter().map(|role| line(role, found)).collect();
        let Some(picked) = app.pick("Role", &items)? else { return Err(none.into()) };
        let SamlRole { role_arn, principal_arn } = &found[picked];
        let is_alone = found.iter().filter(|role| role.role_arn == *role_arn).count() == 1;
        let principal = match is_alone {
            true => String::new(),
            false => format!(" --principal-arn {}", word(principal_arn)),
        };
        app.out().notice(&format!(
            "`--role-arn {}{principal}` says the same without a question",
            word(role_arn)
        ));
        Ok(found[picked].clone())
    }
}

/// What an assertion says beside its roles, for the log.
pub(super) fn log(app: &App, assertion: &Assertion) {
    let Assertion { roles, session_name, duration, ends, .. } = assertion;
    let name = session_name.as_deref().map(|name| format!(" for {name}")).unwrap_or_default();
    let duration = duration.map(|d| format!(", sessions of {}", display_duration(d)));
    let until = ends.map(|end| format!(", good until {}", app.until(end)));
    let (duration, until) = (duration.unwrap_or_default(), until.unwrap_or_default());
    tracing::info!("assertion{name}: {} roles{duration}{until}", roles.len());
}

/// Its name, its account, and its provider where that tells it apart.
fn line(role: &SamlRole, all: &[SamlRole]) -> String {
    let SamlRole { role_arn, principal_arn } = role;
    let name = role_name(role_arn).unwrap_or(role_arn);
    let account = account(role_arn).unwrap_or_default();
    let is_alone = all.iter().filter(|other| other.role_arn == *role_arn).count() == 1;
    let provider = match is_alone {
        true => String::new(),
        false => format!("  {}", principal_arn.rsplit('/').next().unwrap_or_default()),
    };
    format!("{name}  {account}{provider}")
}
