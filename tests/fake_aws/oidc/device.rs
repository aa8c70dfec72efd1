//! The device authorization grant (RFC 8628): a code is shown, and a person allows it elsewhere.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::answer::{Answer, Refusal};
use super::super::base64url;
use super::super::consent::{self, Asked};
use super::super::json::Body;
use super::super::request::Request;
use super::super::state::State;
use super::clients::{self, Client};
use super::{Oidc, invalid_grant, invalid_request, tokens};

/// By how many seconds the interval grows when a device does not keep it.
const SLOWER: i64 = 5;

#[derive(Debug)]
pub(super) struct Device {
    code: String,
    user_code: String,
    client_id: String,
    interval: TimeDelta,
    last_asked: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
    decision: Decision,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Decision {
    Pending,
    Approved,
    Denied,
    Used,
}

impl Device {
    pub(super) fn code(&self) -> String {
        self.code.clone()
    }
}

impl Oidc {
    /// The person allows it. False: no device that shows this code is waiting.
    pub(crate) fn approve(&mut self, user_code: &str) -> bool {
        self.decide(user_code, Decision::Approved)
    }

    /// The person denies it. False: no device that shows this code is waiting.
    pub(crate) fn deny(&mut self, user_code: &str) -> bool {
        self.decide(user_code, Decision::Denied)
    }

    /// What the devices show that nobody has answered yet, in the order of their asking.
    pub(crate) fn user_codes(&self) -> Vec<String> {
        let waiting = self.devices.iter().filter(|known| known.decision == Decision::Pending);
        waiting.map(|known| known.user_code.clone()).collect()
    }

    fn decide(&mut self, user_code: &str, decision: Decision) -> bool {
        let waiting = self
            .devices
            .iter_mut()
            .find(|known| known.user_code == user_code && known.decision == Decision::Pending);
        waiting.map(|device| device.decision = decision).is_some()
    }
}

/// `StartDeviceAuthorization`
pub(super) fn start(state: &mut State, body: &Body, origin: &str) -> Result<Value, Refusal> {
    const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
    let client = clients::authenticate(state, body)?;
    if !client.may(tokens::DEVICE_CODE) {
        return Err(wrong_grant_type());
    }
    state.oidc.portal_of(body.require("startUrl").map_err(invalid_request)?)?;
    let letters = |bytes: &[u8]| -> String {
        bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 20)])).collect()
    };
    let random = state.random.bytes(8);
    let user_code = format!("{}-{}", letters(&random[..4]), letters(&random[4..]));
    let device = Device {
        code: base64url::encode(state.random.bytes(64)),
        user_code: user_code.clone(),
        client_id: client.id,
        interval: TimeDelta::seconds(state.oidc.interval),
        last_asked: None,
        expires_at: state.now() + TimeDelta::seconds(state.oidc.device_seconds),
        decision: Decision::Pending,
    };
    let page = format!("{origin}{}", super::DEVICE);
    let complete = state.oidc.complete_address.then(|| format!("{page}?user_code={user_code}"));
    let answer = json!({
        "deviceCode": device.code,
        "userCode": user_code,
        "verificationUri": page,
        "verificationUriComplete": complete,
        "expiresIn": state.oidc.device_seconds,
        "interval": state.oidc.interval,
    });
    state.oidc.devices.push(device);
    Ok(answer)
}

/// Answers a request for `/device`: asks for the code, then whether the device may.
pub(super) fn page(state: &mut State, request: &Request) -> Answer {
    let Some(user_code) = consent::parameters(request).remove("user_code") else {
        let form = "<h1>Authorize request</h1><form action=\"/device\">\
                    <input id=\"user_code\" name=\"user_code\"> <button id=\"next\">Next</button></form>";
        return Answer::html(200, form, "OK");
    };
    let now = state.now();
    let is_waiting = |known: &Device| {
        known.user_code == user_code
            && known.decision == Decision::Pending
            && known.expires_at > now
    };
    if !state.oidc.devices.iter().any(is_waiting) {
        return consent::invalid("The code is unknown, used or expired.");
    }
    consent::ask(state, Asked::Device(user_code), state.oidc.auto_approve)
}

/// The device that `CreateToken` was called for, if the person allowed it; from then on it is done.
pub(super) fn redeem(state: &mut State, client: &Client, code: &str) -> Result<(), Refusal> {
    let now = state.now();
    let device = state
        .oidc
        .devices
        .iter_mut()
        .find(|known| known.code == code && known.client_id == client.id)
        .ok_or_else(|| invalid_grant("Invalid device code provided"))?;
    if device.expires_at <= now {
        return Err(Refusal::new(400, "ExpiredTokenException", "The device code is expired"));
    }
    let previous = device.last_asked.replace(now);
    if previous.is_some_and(|previous| now < previous + device.interval) {
        device.interval += TimeDelta::seconds(SLOWER);
        return Err(Refusal::new(400, "SlowDownException", "The client is polling too often"));
    }
    match device.decision {
        Decision::Pending => {
            let message = "The authorization request is still pending";
            Err(Refusal::new(400, "AuthorizationPendingException", message))
        }
        Decision::Denied => {
            Err(Refusal::new(400, "AccessDeniedException", "The person denied the request"))
        }
        Decision::Used => Err(invalid_grant("The device code has been used")),
        Decision::Approved => {
            device.decision = Decision::Used;
            Ok(())
        }
    }
}

/// The client may not use a grant type.
pub(super) fn wrong_grant_type() -> Refusal {
    let message = "The client is not registered for this grant type";
    Refusal::new(400, "UnauthorizedClientException", message)
}
