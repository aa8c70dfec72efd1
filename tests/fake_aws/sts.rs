//! AWS STS, version 2011-06-15: authentication, `GetSessionToken`, `GetCallerIdentity`, and who answers the rest.
//! <https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html>

use super::answer::{Answer, Refusal, element};
use super::iam::{Caller, Identity, SessionContext};
use super::input::{Input, SERIAL_NUMBER};
use super::request::{Parameters, Request};
use super::sigv4::Signed;
use super::state::State;
use super::{assume_role, federation, saml, scoped, sts_by_name, web_identity};

/// Carries a request out, or refuses it as AWS would.
pub(crate) fn answer(state: &mut State, request: &Request) -> Answer {
    let request_id = state.random.request_id();
    let parameters = request.parameters();
    let action = parameters.get("Action").map_or("", String::as_str);
    if !state.sts_limit.takes() {
        let refusal = Refusal::new(400, "Throttling", "Rate exceeded");
        return Answer::refusal(NAMESPACE, &refusal, &request_id);
    }
    match with_token_size(state, request, action, &parameters) {
        Ok(result) => Answer::query(NAMESPACE, action, Some(&result), &request_id),
        Err(refusal) => Answer::refusal(NAMESPACE, &refusal, &request_id),
    }
}

/// A refusal in its shape.
pub(crate) fn refuse(state: &mut State, refusal: &Refusal) -> Answer {
    Answer::refusal(NAMESPACE, refusal, &state.random.request_id())
}

/// `MinimumSessionTokenSize`: the token is made as large, and its size told. AWS tells it always; who does not ask gets
/// the answer of before 2026-11.
fn with_token_size(
    state: &mut State,
    request: &Request,
    action: &str,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let Some(asked) = parameters.get("MinimumSessionTokenSize") else {
        return result(state, request, action, parameters);
    };
    let size = asked.parse().ok().filter(|size| *size <= LARGEST_TOKEN);
    let wrong = || Refusal::invalid("MinimumSessionTokenSize must be from 0 to 4096");
    let size = size.ok_or_else(wrong)?;
    let before = std::mem::replace(&mut state.iam.least_token_size, size);
    let answer = result(state, request, action, parameters);
    state.iam.least_token_size = before;
    if action == "GetScopedCredentials" {
        return answer;
    }
    let utilization = element("SessionTokenUtilization", &(100 * size / LARGEST_TOKEN).to_string());
    Ok(answer? + &utilization + &element("SessionTokenSize", asked))
}

/// Bytes of a session token, at most.
const LARGEST_TOKEN: usize = 4096;

fn result(
    state: &mut State,
    request: &Request,
    action: &str,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let version = parameters.get("Version").map_or("", String::as_str);
    let operation = match action {
        "AssumeRoleWithWebIdentity" if version == VERSION => {
            return web_identity::result(state, parameters);
        }
        "AssumeRoleWithSAML" if version == VERSION => {
            return saml::result(state, parameters);
        }
        "GetCallerIdentity" if version == VERSION => caller_identity,
        "GetSessionToken" if version == VERSION => session_token,
        "AssumeRole" if version == VERSION => assume_role::result,
        "GetFederationToken" if version == VERSION => federation::result,
        "GetScopedCredentials" if version == VERSION && !is_global(request) => scoped::result,
        "AssumeRoot" if version == VERSION => sts_by_name::assume_root,
        "GetAccessKeyInfo" if version == VERSION => sts_by_name::access_key_info,
        "GetWebIdentityToken" if version == VERSION => sts_by_name::web_identity_token,
        "DecodeAuthorizationMessage" if version == VERSION => sts_by_name::decode,
        "" => {
            let message = "Missing Action";
            return Err(Refusal::new(400, "MissingAction", message));
        }
        _ => {
            let message = format!("Could not find operation {action} for version {version}");
            return Err(Refusal::new(400, "InvalidAction", message));
        }
    };
    let caller = caller(state, request)?;
    if let Some(refusal) = refuse_session(&caller, action) {
        return Err(refusal);
    }
    operation(state, &caller, parameters)
}

const VERSION: &str = "2011-06-15";
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Who signed the request, if the signature and the credentials hold.
fn caller(state: &mut State, request: &Request) -> Result<Caller, Refusal> {
    let signed = Signed::of(request)?;
    let region = host_region(request).or(state.region.as_deref());
    signed.check(request, "sts", region, state.now(), state.tolerance)?;
    match state.iam.partition_of(&signed.key_id) {
        Some(own) if own != partition(&signed.region) => Err(Refusal::unknown_key()),
        _ => state.verify(request, &signed, "sts"),
    }
}

/// The ARN of who signed the request.
pub(super) fn identity(state: &mut State, request: &Request) -> Result<String, Refusal> {
    caller(state, request).map(|caller| caller.identity.arn())
}

/// The partition that a region is in.
fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The region that an AWS host name stands for.
fn host_region(request: &Request) -> Option<&str> {
    let host = request.header("host")?.split(':').next()?;
    let (service, rest) = host.split_once('.')?;
    match rest.split_once('.')? {
        ("amazonaws", "com") if service == "sts" => Some("us-east-1"),
        (region, "amazonaws.com" | "amazonaws.com.cn" | "api.aws")
            if service.starts_with("sts") =>
        {
            Some(region)
        }
        _ => None,
    }
}

/// Whether it is for the endpoint without a region, which does not know all operations.
fn is_global(request: &Request) -> bool {
    request.header("host").is_some_and(|host| host.starts_with("sts.amazonaws.com"))
}

/// What AWS takes from no session, or not from this one.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html>
fn refuse_session(caller: &Caller, action: &str) -> Option<Refusal> {
    caller.session.as_ref()?;
    let is_refused = match (&caller.identity, action) {
        (_, "GetCallerIdentity" | "GetScopedCredentials") => false,
        (Identity::Federated { .. }, _) | (_, "GetSessionToken" | "GetFederationToken") => true,
        (Identity::User { .. }, "AssumeRole") | (Identity::RoleSession { .. }, _) => false,
        (Identity::User { .. }, _) => true,
    };
    let message = format!("Cannot call {action} with session credentials");
    is_refused.then(|| Refusal::access_denied(message))
}

fn caller_identity(_: &mut State, caller: &Caller, _: &Parameters) -> Result<String, Refusal> {
    let identity = &caller.identity;
    Ok(element("Arn", &identity.arn())
        + &element("UserId", &identity.user_id())
        + &element("Account", identity.account()))
}

fn session_token(
    state: &mut State,
    caller: &Caller,
    parameters: &Parameters,
) -> Result<String, Refusal> {
    let mut input = Input::new(parameters);
    let seconds = input.duration_seconds(900..=129_600);
    let serial = input.text("SerialNumber", &SERIAL_NUMBER);
    let code = input.token_code();
    input.check()?;
    let mfa = mfa_present(state, caller, serial, code)?;
    let context = SessionContext { mfa, ..SessionContext::default() };
    Ok(state.issue(caller.identity.clone(), context, seconds.unwrap_or(43_200)).xml())
}

/// Whether the request itself proves the device; a wrong proof is refused, and a right one used up.
pub(crate) fn mfa_present(
    state: &mut State,
    caller: &Caller,
    serial: Option<&str>,
    code: Option<&str>,
) -> Result<bool, Refusal> {
    let failed =
        |why: &str| Err(Refusal::access_denied(format!("MultiFactorAuthentication failed{why}")));
    let (serial, code) = match (serial, code) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        _ => return failed(", must provide both MFA serial number and one time pass code. "),
    };
    let now = state.now();
    let device = match &caller.identity {
        Identity::User { arn, .. } => state
            .iam
            .user(arn)
            .and_then(|user| user.mfa_devices.iter_mut().find(|device| device.serial == serial)),
        Identity::RoleSession { .. } | Identity::Federated { .. } => None,
    };
    match device {
        Some(device) => match device.accept(code, now) {
            true => Ok(true),
            false => failed(" with invalid MFA one time pass code. "),
        },
        None => failed(
            ", unable to validate MFA code.  Please verify your MFA serial number is valid and \
             associated with this user.",
        ),
    }
}
