//! Other tools by their own names: what of their lines depends on the profile, and the links that stand for them.

use super::App;
use super::mfa::serial_of_profile;
use super::plan::{plan_of_chain, trace};
use crate::report::Failure;
use crate::report::failure::word;
use crate::resolve::{Request, SessionRules};
use crate::shims::ByProfile;

/// The flag by which the profile's session lasts as long as the tool would have it. Fails where the tool would ask
/// for the code of another device than the profile says.
pub(crate) fn flag_of_profile(app: &App, wish: &ByProfile) -> Result<Option<String>, Failure> {
    let ByProfile { profile, of_role, of_keys, device } = wish;
    if !app.profiles()?.knows(profile) {
        // The command says so.
        return Ok(None);
    }
    if let Some((who, device)) = device
        && serial_of_profile(app, profile).ok().as_ref() != Some(device)
    {
        return Err(Failure::usage(
            format!("{who} names the MFA device {device}, and profile \"{profile}\" does not"),
            &format!("`awsx config set mfa_serial {} -p {}`", word(device), word(profile)),
        ));
    }
    if of_role.is_none() && of_keys.is_none() {
        return Ok(None);
    }
    // What leads nowhere the command says, too.
    let Ok(chain) = trace(app, &Request::of_profile(profile))?.result else { return Ok(None) };
    let lasting = match chain.leads_to_user() {
        true => of_keys,
        false => {
            let plan = plan_of_chain(app, chain, SessionRules::default());
            let is_role = plan.is_ok_and(|plan| plan.last().role_arn.is_some());
            if is_role { of_role } else { &None }
        }
    };
    Ok(lasting.as_ref().map(|lasting| format!("--duration={lasting}")))
}
