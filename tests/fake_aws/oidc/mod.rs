//! SSO-OIDC of IAM Identity Center: how a person's login becomes tokens.
//! <https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/>
//!
//! `clients.rs`: who may ask; `authorize.rs`: the page that asks the person, whose Allow and Deny are
//! `consent.rs`'s; `device.rs`: the same for a device without a browser; `tokens.rs`: what a login
//! gives and how long it lasts. What a token is good for is the portal's matter.

mod authorize;
pub(crate) mod clients;
mod device;
pub(crate) mod tokens;

use super::answer::{Answer, Refusal};
use super::json::Body;
use super::request::Request;
use super::sample;
use super::state::State;
use clients::Client;
use device::Device;
use tokens::Grant;

/// `RegisterClient`
pub(super) const REGISTER: &str = "/client/register";
/// `StartDeviceAuthorization`
pub(super) const DEVICE_AUTHORIZATION: &str = "/device_authorization";
/// `CreateToken`
pub(super) const TOKEN: &str = "/token";
/// The page that asks for a code
pub(super) const AUTHORIZE: &str = "/authorize";
/// The page that asks about a device
pub(super) const DEVICE: &str = "/device";

/// The service, and what a test may change about it.
#[derive(Debug)]
pub(crate) struct Oidc {
    /// The portals that exist, without a trailing `/` or `/#/`
    pub(crate) start_urls: Vec<String>,
    /// Who is in front of the browser
    pub(crate) user: String,
    /// Whether the pages act as if that person chose Allow at once
    pub(crate) auto_approve: bool,
    /// Whether a refresh token dies when it is used; otherwise when one that came after it is used
    pub(crate) strict_rotation: bool,
    /// How long a registration lasts, in seconds
    pub(crate) client_seconds: i64,
    /// How long an access token lasts, in seconds; never longer than the login
    pub(crate) token_seconds: i64,
    /// How long a login can be refreshed, in seconds
    pub(crate) session_seconds: i64,
    /// How long a device code lasts, in seconds
    pub(crate) device_seconds: i64,
    /// Whether the address that a device shows holds the code
    pub(crate) complete_address: bool,
    /// How often a device may ask, in seconds; AWS says 1
    pub(crate) interval: i64,
    pub(crate) clients: Vec<Client>,
    devices: Vec<Device>,
    grants: Vec<Grant>,
}

impl Oidc {
    /// With the portal of the sample world, and nobody registered.
    pub(super) fn new() -> Self {
        Self {
            start_urls: vec![sample::SSO_START_URL.0.into()],
            user: sample::SSO_USER.into(),
            auto_approve: false,
            strict_rotation: true,
            client_seconds: 90 * 86_400,
            token_seconds: 8 * 3600,
            session_seconds: 30 * 86_400,
            device_seconds: 600,
            complete_address: true,
            interval: 1,
            clients: Vec::new(),
            devices: Vec::new(),
            grants: Vec::new(),
        }
    }

    /// Every client secret, device code and token that was ever given out.
    pub(super) fn secrets(&self) -> Vec<String> {
        let clients = self.clients.iter().map(|client| client.secret.clone());
        let devices = self.devices.iter().map(Device::code);
        clients.chain(devices).chain(self.grants.iter().flat_map(Grant::tokens)).collect()
    }

    /// The portal that `url` means; AWS takes the address as the browser shows it, too.
    fn portal_of(&self, url: &str) -> Result<String, Refusal> {
        let bare = url.trim_end_matches(['/', '#']);
        let known = self.start_urls.iter().find(|known| known.as_str() == bare);
        known.cloned().ok_or_else(|| invalid_request("Invalid start url provided"))
    }
}

/// Answers a request for one of the paths above.
pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    let operation = match (request.method.as_str(), request.path.as_str()) {
        ("GET", AUTHORIZE) => return authorize::page(state, request),
        ("GET", DEVICE) => return device::page(state, request),
        ("POST", REGISTER) => clients::register,
        ("POST", DEVICE_AUTHORIZATION) => device::start,
        ("POST", TOKEN) => tokens::create,
        _ => {
            let message = "the method is not supported";
            return refuse(&Refusal::new(405, "MethodNotAllowedException", message));
        }
    };
    Body::of(request)
        .map_err(invalid_request)
        .and_then(|body| operation(state, &body, &request.origin()))
        .map(|body| Answer::json(200, &body, "OK"))
        .unwrap_or_else(|refusal| refuse(&refusal))
}

/// A refusal as the service words it: OAuth's error beside the exception's name.
pub(super) fn refuse(refusal: &Refusal) -> Answer {
    let error = match refusal.code {
        "InternalServerException" => "server_error".to_owned(),
        code => snake_case(code.trim_end_matches("Exception")),
    };
    let body = serde_json::json!({ "error": error, "error_description": refusal.message });
    Answer::rest_refusal(refusal.status, refusal.code, &body)
}

/// `invalid_grant` for `InvalidGrant`
fn snake_case(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

fn invalid_request(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "InvalidRequestException", message)
}

fn invalid_grant(message: &str) -> Refusal {
    Refusal::new(400, "InvalidGrantException", message)
}
