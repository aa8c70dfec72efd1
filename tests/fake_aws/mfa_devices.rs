//! A user's virtual MFA devices, <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html>.

use super::answer::{Refusal, element};
use super::iam::rfc3339;
use super::iam_api::{Asked, Outcome};
use super::input::{AUTHENTICATION_CODE, DEVICE_NAME, Input, SERIAL_NUMBER};
use super::state::State;
use super::totp::MfaDevice;

const MOST: usize = 8;
/// Bytes
const SEED: usize = 40;

pub(super) fn create(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let mut input = Input::new(asked.parameters);
    let name = input.require("VirtualMFADeviceName", &DEVICE_NAME);
    input.check()?;
    let (account, _) = asked.arn.split_once(":user/").expect("the ARN of a user");
    let serial = format!("{account}:mfa/{name}");
    let is_known = state.iam.mfa_device(&serial).is_some();
    if is_known || state.iam.unassigned_devices.iter().any(|device| device.serial == serial) {
        let message = "MFADevice entity at the same path and name already exists.";
        return Err(Refusal::new(409, "EntityAlreadyExists", message));
    }
    let device = MfaDevice::new(&serial, &state.random.bytes(SEED));
    // Both are blobs.
    let blob = |bytes: &[u8]| aws_smithy_types::base64::encode(bytes);
    let members = [
        element("SerialNumber", &serial),
        element("Base32StringSeed", &blob(device.seed_text().as_bytes())),
        element("QRCodePNG", &blob(b"\x89PNG")),
    ];
    state.iam.unassigned_devices.push(device);
    Ok(Some(format!("<VirtualMFADevice>\n{}</VirtualMFADevice>\n", members.concat())))
}

pub(super) fn enable(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let mut input = Input::new(asked.parameters);
    let name = input.require("UserName", &super::input::USER_NAME);
    let serial = input.require("SerialNumber", &SERIAL_NUMBER);
    let codes = [
        input.require("AuthenticationCode1", &AUTHENTICATION_CODE),
        input.require("AuthenticationCode2", &AUTHENTICATION_CODE),
    ];
    input.check()?;
    let now = state.now();
    let user = asked.user(state);
    debug_assert_eq!(name, user.name(), "looked at before");
    if user.mfa_devices.iter().any(|device| device.serial == serial) {
        return Err(Refusal::new(409, "EntityAlreadyExists", "MFA device already exists."));
    }
    if user.mfa_devices.len() >= MOST {
        let message = format!("Cannot exceed quota for MFADevicesPerUser: {MOST}");
        return Err(Refusal::new(409, "LimitExceeded", message));
    }
    let at = unassigned(state, serial)?;
    if !state.iam.unassigned_devices[at].accept_both(codes, now) {
        let message = "Authentication code for device is not valid.";
        return Err(Refusal::new(403, "InvalidAuthenticationCode", message));
    }
    let device = state.iam.unassigned_devices.remove(at);
    asked.user(state).mfa_devices.push(device);
    Ok(None)
}

pub(super) fn list(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let now = state.now();
    let user = asked.user(state);
    let list = user.mfa_devices.iter().map(|device| {
        let members = [
            element("UserName", user.name()),
            element("SerialNumber", &device.serial),
            element("EnableDate", &rfc3339(now)),
        ];
        format!("<member>\n{}</member>\n", members.concat())
    });
    let list = format!("<MFADevices>\n{}</MFADevices>\n", list.collect::<String>());
    Ok(Some(element("IsTruncated", "false") + &list))
}

pub(super) fn list_virtual(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let status = asked.parameters.get("AssignmentStatus").map_or("Any", String::as_str);
    let unassigned = state.iam.unassigned_devices.iter().filter(|_| status != "Assigned");
    let users = state.iam.users.iter().filter(|_| status != "Unassigned");
    let list = unassigned
        .chain(users.flat_map(|user| &user.mfa_devices))
        .map(|device| format!("<member>\n{}</member>\n", element("SerialNumber", &device.serial)));
    let list = format!("<VirtualMFADevices>\n{}</VirtualMFADevices>\n", list.collect::<String>());
    Ok(Some(element("IsTruncated", "false") + &list))
}

pub(super) fn deactivate(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let mut input = Input::new(asked.parameters);
    let serial = input.require("SerialNumber", &SERIAL_NUMBER);
    input.check()?;
    let devices = &mut asked.user(state).mfa_devices;
    let Some(at) = devices.iter().position(|device| device.serial == serial) else {
        return Err(unknown(serial));
    };
    let device = devices.remove(at);
    state.iam.unassigned_devices.push(device);
    Ok(None)
}

pub(super) fn delete(state: &mut State, asked: &Asked<'_>) -> Outcome {
    let mut input = Input::new(asked.parameters);
    let serial = input.require("SerialNumber", &SERIAL_NUMBER);
    input.check()?;
    if state.iam.mfa_device(serial).is_some() {
        let message = "Cannot delete entity, must first remove it from its user.";
        return Err(Refusal::new(409, "DeleteConflict", message));
    }
    let at = unassigned(state, serial)?;
    state.iam.unassigned_devices.remove(at);
    Ok(None)
}

/// Where a device is that is nobody's.
fn unassigned(state: &State, serial: &str) -> Result<usize, Refusal> {
    let mut devices = state.iam.unassigned_devices.iter();
    devices.position(|device| device.serial == serial).ok_or_else(|| unknown(serial))
}

fn unknown(serial: &str) -> Refusal {
    let message = format!("VirtualMFADevice with serial number {serial} does not exist.");
    Refusal::new(404, "NoSuchEntity", message)
}
