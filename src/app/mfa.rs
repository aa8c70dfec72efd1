//! MFA devices that the vault keeps, and the sessions that their codes give.

use super::agents::admit_use;
use super::mint::{keys_of_plan, make_session};
use super::plan::plan_of_chain;
use super::{App, MayAsk};
use crate::client_settings::{Calls, ClientSettings};
use crate::credentials::{Expiration, Keys, MfaCode, arn, check_mfa_serial};
use crate::mfa::{DeviceHeader, Enabling, StoredCodes, StoredDevice};
use crate::ports::{Signer, Sts};
use crate::report::failure::{Failure, Kind, word};
use crate::resolve::{Plan, Purpose, Request, SelectedProfile, SessionRules, chain};

/// The MFA device of a profile: that of its own `mfa_serial`, or the one that its chain leads through.
pub(crate) fn serial_of_profile(app: &App, name: &str) -> Result<String, Failure> {
    app.ask_for_keys(name);
    let own = app.profiles()?.profile(name)?.and_then(|profile| {
        let setting = profile.mfa_device()?;
        check_mfa_serial(setting.value.trim()).is_ok().then(|| setting.value.trim().to_owned())
    });
    if let Some(serial) = own {
        return Ok(serial);
    }
    let plan = plan_quietly(app, name, SessionRules::default())?;
    let device = plan.steps().find_map(|step| step.mfa.map(|mfa| mfa.serial.clone()));
    device.ok_or_else(|| {
        let hint = "give it as --serial ARN; `aws iam list-mfa-devices` lists the devices";
        Failure::say(format!("profile \"{name}\" has no mfa_serial"), Kind::Config.with(hint))
    })
}

/// The profile of a command that names none.
pub(crate) fn profile_or_default(app: &App, named: Option<&str>) -> String {
    named.map_or_else(|| SelectedProfile::of_environment(&app.env).name, str::to_owned)
}

/// The profiles whose own device this is.
pub(crate) fn profiles_with_device(app: &App, serial: &str) -> Result<Vec<String>, Failure> {
    let files = app.profiles()?;
    let has = |name: &&str| {
        files
            .as_written(name)
            .is_some_and(|p| p.mfa_device().is_some_and(|set| set.value.trim() == serial))
    };
    Ok(files.names().filter(has).map(str::to_owned).collect())
}

/// Whether the vault keeps the device, as far as that is known without opening it.
pub(crate) fn keeps_device(app: &App, serial: &str) -> Result<bool, Failure> {
    let (vault, key) = (app.vault()?, StoredDevice::key(serial));
    let is_kept = vault.header_if_readable::<DeviceHeader>(&key).is_some();
    Ok(is_kept && !vault.is_lost::<DeviceHeader>(&key))
}

/// Where the codes of a stored device are taken.
pub(crate) fn codes_of<'a>(
    app: &'a App,
    device: &'a StoredDevice,
) -> Result<StoredCodes<'a>, Failure> {
    Ok(StoredCodes { vault: app.vault()?, person: app.person(), clock: &*app.clock, device })
}

/// The plan of the MFA session that a profile's credentials begin with.
pub(crate) fn mfa_plan(app: &App, name: &str, refresh: bool) -> Result<Plan, Failure> {
    admit_use(app, name)?;
    app.ask_for_keys(name);
    let rules = SessionRules { refresh, ..SessionRules::default() };
    let plan = plan_quietly(app, name, rules)?;
    let has_device = plan.steps().any(|step| step.mfa.is_some());
    plan.up_to_mfa().ok_or_else(|| {
        let (why, hint) = match has_device {
            true => (
                "needs a code for its role itself, which lasts longer than an hour",
                format!("use it: `awsx exec {} -- COMMAND`", word(name)),
            ),
            false => (
                "has no MFA session",
                "it needs the access keys of an IAM user, and mfa_serial".to_owned(),
            ),
        };
        Failure::say(format!("profile \"{name}\" {why}"), Kind::Config.with(hint))
    })
}

/// Makes the MFA session of the plan, or finds it; when it ends.
pub(crate) fn mint_mfa_session(
    app: &App,
    plan: &Plan,
    code: Option<MfaCode>,
) -> Result<Expiration, Failure> {
    make_session(app, plan, code, MayAsk::Person)
}

fn plan_quietly(app: &App, name: &str, rules: SessionRules) -> Result<Plan, Failure> {
    plan_of_chain(app, chain(app.profiles()?, &app.env, &Request::of_profile(name))?, rules)
}

/// A user who is to get a device, and who asks for that.
pub(crate) struct UserToEnable {
    pub name: String,
    /// Of the device, which has the user's name
    pub serial: String,
    keys: Keys,
    /// Whose keys they are
    arn: String,
    settings: ClientSettings,
}

/// The user of this name, or whose the profile's credentials are.
pub(crate) fn user_to_enable(
    app: &App,
    profile: &str,
    user: Option<&str>,
) -> Result<UserToEnable, Failure> {
    admit_use(app, profile)?;
    // IAM takes no session without MFA.
    let rules = SessionRules { purpose: Purpose::Sign, ..SessionRules::default() };
    let keys = keys_of_plan(app, &plan_quietly(app, profile, rules)?, None, MayAsk::Person)?;
    let profiles = app.profiles()?;
    let region = app.globals.region.as_deref();
    let own = profiles.profile(profile)?;
    let settings = ClientSettings::derive(region, &app.env, own.as_ref(), profiles, Calls::Iam)?;
    let caller = app.clients(&settings).aws.get_caller_identity(&keys)?;
    let resource = caller.arn.splitn(6, ':').nth(5).unwrap_or_default();
    let own_name = resource.strip_prefix("user/").and_then(|path| path.rsplit('/').next());
    let name = user.or(own_name).ok_or_else(|| {
        let message = format!("profile \"{profile}\" is no IAM user, but {}", caller.arn);
        Failure::usage(message, "name the user: `awsx mfa enable USERNAME`")
    })?;
    let partition = arn::partition(&caller.arn).unwrap_or("aws");
    let serial = format!("arn:{partition}:iam::{}:mfa/{name}", caller.account);
    Ok(UserToEnable { name: name.to_owned(), serial, keys, arn: caller.arn, settings })
}

/// Enables the user's device; whether it was not before.
pub(crate) fn enable_device(
    app: &App,
    profile: &str,
    user: &UserToEnable,
) -> Result<bool, Failure> {
    let clients = app.clients(&user.settings);
    let enabling = Enabling {
        vault: app.vault()?,
        iam: &clients.aws,
        clock: &*app.clock,
        person: app.person(),
        signer: Signer { keys: &user.keys, arn: &user.arn },
        user: &user.name,
        serial: &user.serial,
    };
    enabling.enable().map_err(|error| {
        let failure = Failure::from(error);
        match keeps_device(app, &user.serial) {
            Ok(true) => failure.and_then_hint(&format!(
                "`awsx mfa enable --for {}` goes on with what is stored",
                word(profile)
            )),
            _ => failure,
        }
    })
}
