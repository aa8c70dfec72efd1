//! AWS IAM, version 2010-05-08: who may ask, and which operation answers.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/welcome.html>

use super::answer::{Answer, Refusal, element};
use super::iam::{Caller, Identity, User, rfc3339};
use super::input::{Input, USER_NAME};
use super::request::{Parameters, Request};
use super::sigv4::Signed;
use super::state::State;
use super::{access_keys, mfa_devices};

pub(super) const VERSION: &str = "2010-05-08";
const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Carries a request out, or refuses it as AWS would.
pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    let parameters = request.parameters();
    let action = parameters.get("Action").map_or("", String::as_str);
    match result(state, request, action, &parameters) {
        Ok(result) => {
            let request_id = state.random.request_id();
            Answer::query(NAMESPACE, action, result.as_deref(), &request_id)
        }
        Err(refusal) => refuse(state, &refusal),
    }
}

/// A refusal in its shape.
pub(super) fn refuse(state: &mut State, refusal: &Refusal) -> Answer {
    Answer::refusal(NAMESPACE, refusal, &state.random.request_id())
}

/// The user that a request is about, the request, and when it came.
pub(super) struct Asked<'a> {
    pub(super) arn: String,
    pub(super) parameters: &'a Parameters,
}

/// The `…Result`, where there is one.
pub(super) type Outcome = Result<Option<String>, Refusal>;
type Operation = fn(&mut State, &Asked<'_>) -> Outcome;

/// The operations, and whether a policy that wants MFA allows them without.
const OPERATIONS: [(&str, Operation, bool); 12] = [
    ("CreateAccessKey", access_keys::create, false),
    ("ListAccessKeys", access_keys::list, false),
    ("UpdateAccessKey", access_keys::update, false),
    ("DeleteAccessKey", access_keys::delete, false),
    ("GetAccessKeyLastUsed", access_keys::last_used, false),
    ("GetUser", user, true),
    ("CreateVirtualMFADevice", mfa_devices::create, true),
    ("EnableMFADevice", mfa_devices::enable, true),
    ("ListMFADevices", mfa_devices::list, true),
    ("ListVirtualMFADevices", mfa_devices::list_virtual, true),
    ("DeactivateMFADevice", mfa_devices::deactivate, false),
    ("DeleteVirtualMFADevice", mfa_devices::delete, false),
];

fn result(state: &mut State, request: &Request, action: &str, parameters: &Parameters) -> Outcome {
    let Some(&(_, operation, is_allowed_without_mfa)) =
        OPERATIONS.iter().find(|(known, ..)| *known == action)
    else {
        let message = format!("Could not find operation {action} for version {VERSION}");
        return Err(Refusal::new(400, "InvalidAction", message));
    };
    let caller = caller(state, request)?;
    let denied = |why: &str| {
        let who = caller.identity.arn();
        Refusal::access_denied(format!(
            "User: {who} is not authorized to perform: iam:{action} on resource: {who} {why}"
        ))
    };
    let mut input = Input::new(parameters);
    let named = input.text("UserName", &USER_NAME);
    input.check()?;
    let Identity::User { arn, .. } = &caller.identity else {
        let message = "Must specify userName when calling with non-User credentials";
        return Err(Refusal::invalid(message));
    };
    let user = state.iam.user(arn).ok_or_else(Refusal::unknown_key)?;
    if named.is_some_and(|named| named != user.name()) {
        return Err(denied("because no identity-based policy allows it"));
    }
    let has_mfa = caller.session.as_ref().is_some_and(|session| session.mfa);
    if user.needs_mfa && !has_mfa && !is_allowed_without_mfa {
        return Err(denied("with an explicit deny in an identity-based policy"));
    }
    operation(state, &Asked { arn: arn.clone(), parameters })
}

/// Who signed the request, for the region of the partition.
fn caller(state: &mut State, request: &Request) -> Result<Caller, Refusal> {
    let signed = Signed::of(request)?;
    let region = match state.iam.partition_of(&signed.key_id).as_deref() {
        Some("aws-cn") => "cn-north-1",
        Some("aws-us-gov") => "us-gov-west-1",
        _ => "us-east-1",
    };
    signed.check(request, "iam", Some(region), state.now(), state.tolerance)?;
    let caller = state.verify(request, &signed, "iam")?;
    // "You cannot call any IAM API operations unless MFA authentication information is included in the
    // request", says GetSessionToken.
    match (&caller.identity, &caller.session) {
        (Identity::User { .. }, Some(session)) if !session.mfa => Err(Refusal::unknown_key()),
        _ => Ok(caller),
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html>
fn user(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let now = state.now();
    let user = asked.user(state);
    let members = [
        element("Path", "/"),
        element("UserName", user.name()),
        element("UserId", &user.id),
        element("Arn", &user.arn),
        element("CreateDate", &rfc3339(now)),
    ];
    Ok(Some(format!("<User>\n{}</User>\n", members.concat())))
}

impl Asked<'_> {
    pub(super) fn user<'s>(&self, state: &'s mut State) -> &'s mut User {
        state.iam.user(&self.arn).expect("found before")
    }
}
