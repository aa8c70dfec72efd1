//! Passwords of ECR: of the registry of whoever signs, and of the one that docker names.

use super::guard::Passed;
use super::mint::{keys_of_plan, settings_for};
use super::token::{Made, find, keep};
use super::{App, MayAsk};
use crate::aws::EcrKind;
use crate::client_settings::{Calls, ClientSettings};
use crate::credentials::{MfaCode, SessionKey};
use crate::report::Failure;
use crate::report::failure::Kind;
use crate::resolve::Plan;
use crate::token::registry::{PrivateRegistry, Registry};
use crate::vault::{KeptToken, Lock};

/// Where the public registry gives passwords.
const PUBLIC_REGION: &str = "us-east-1";

/// The password of the plan's account in this region, kept or new. `of`: the registry that somebody named, else that
/// of the plan's region.
pub(crate) fn ecr_password(
    app: &App,
    plan: &Passed,
    code: Option<MfaCode>,
    of: Option<&Registry>,
    may_ask: MayAsk,
) -> Result<KeptToken, Failure> {
    let kept = find_or_ask(app, plan, code, of, may_ask)?;
    plan.note(app, None, Some(kept.header.expires_at))?;
    Ok(kept)
}

fn find_or_ask(
    app: &App,
    plan: &Passed,
    code: Option<MfaCode>,
    of: Option<&Registry>,
    may_ask: MayAsk,
) -> Result<KeptToken, Failure> {
    let settings = settings_of(app, plan, of)?;
    let kind = if of == Some(&Registry::Public) { EcrKind::Public } else { EcrKind::Private };
    let key = plan.key_of_kept().map(|signer| key_of_password(&signer, kind, &settings));
    if let Some(kept) = find(app, plan, key)? {
        return Ok(kept);
    }
    // Before the lock: a person may be asked.
    let keys = keys_of_plan(app, plan, code, may_ask)?;
    let ask = || -> Result<KeptToken, Failure> {
        let made = app.clients(&settings).aws.ecr_password(&keys, kind)?;
        let (token, ends) = (made.password, made.expires_at);
        let made = Made { token, at: app.now(), ends, registry: made.registry };
        keep(app, plan, key, &keys, made)
    };
    match key {
        None => ask(),
        Some(key) => app.vault()?.once(
            Lock::Session(&key),
            "waiting for another awsx that is getting the same password",
            || find(app, plan, Some(key)),
            |_| ask(),
        ),
    }
}

/// How ECR is reached: as the profile says, but for what the registry's name says.
fn settings_of(app: &App, plan: &Plan, of: Option<&Registry>) -> Result<ClientSettings, Failure> {
    let settings = settings_for(app, plan, Calls::Registry)?;
    match of {
        Some(Registry::Public) => {
            Ok(ClientSettings { region: Some(PUBLIC_REGION.to_owned()), ..settings })
        }
        Some(Registry::Private(PrivateRegistry { region, is_fips, is_dualstack, .. })) => {
            Ok(ClientSettings {
                region: Some(region.clone()),
                use_fips: settings.use_fips || *is_fips,
                use_dualstack: settings.use_dualstack || *is_dualstack,
                ..settings
            })
        }
        None if settings.region.is_some() => Ok(settings),
        None => Err(Failure::say(
            "which region's registry it is for is not said".to_owned(),
            Kind::Config.with("give --region REGION, or --registry HOST"),
        )),
    }
}

fn key_of_password(signer: &SessionKey, kind: EcrKind, settings: &ClientSettings) -> SessionKey {
    let (name, endpoint) = match kind {
        EcrKind::Private => ("ecr password", &settings.ecr_endpoint_url),
        EcrKind::Public => ("ecr public password", &settings.ecr_public_endpoint_url),
    };
    SessionKey::builder(name)
        .upstream(signer)
        .optional("region", settings.region.as_deref())
        .optional("endpoint", endpoint.as_deref())
        .build()
}
