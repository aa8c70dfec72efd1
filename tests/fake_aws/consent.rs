//! What a person sees in the browser: who asks for access, Allow and Deny; and the authorization codes
//! that Allow gives. IAM Identity Center and AWS sign-in both ask this way, with PKCE (RFC 7636).

use chrono::{DateTime, TimeDelta, Utc};

use super::answer::Answer;
use super::base64url;
use super::request::{Parameters, Request, pairs, percent_encode};
use super::state::State;

/// Where Allow leads.
pub(super) const ALLOW: &str = "/authorize/allow";
/// Where Deny leads.
pub(super) const DENY: &str = "/authorize/deny";
/// How long an authorization code can be redeemed.
const CODE_SECONDS: i64 = 60;

/// A request for an authorization code that its service found in order.
#[derive(Clone, Debug)]
pub(super) struct CodeRequest {
    /// Who asks; the services' clients have nothing in common
    pub(super) client_id: String,
    /// Where the browser goes with the code
    pub(super) redirect_uri: String,
    /// What goes with it, unchanged
    pub(super) state: String,
    /// The base64url of the SHA-256 of the verifier
    pub(super) challenge: String,
    pub(super) scopes: Vec<String>,
}

/// What is before the person, and the codes that were given.
#[derive(Debug, Default)]
pub(crate) struct Consent {
    waiting: Vec<(String, Asked)>,
    codes: Vec<Code>,
    verifiers: Vec<String>,
}

/// What a person may allow.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// That a client gets a code
    Code(CodeRequest),
    /// That the device which shows this user code is logged in
    Device(String),
}

#[derive(Debug)]
struct Code {
    code: String,
    request: CodeRequest,
    until: DateTime<Utc>,
    used: bool,
}

/// Why a code gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unredeemable {
    /// It was never given to this client
    Unknown,
    Used,
    Expired,
    /// The redirect URI is not the one that was asked with
    RedirectUri,
    /// The verifier does not fit the challenge
    Verifier,
}

/// Whether `text` can be an `S256` challenge: 32 bytes in base64url.
pub(super) fn is_challenge(text: &str) -> bool {
    base64url::decode(text).is_some_and(|bytes| bytes.len() == 32)
}

/// The parameters of a page's address, where, unlike in a signed query, `+` is a space.
pub(super) fn parameters(request: &Request) -> Parameters {
    pairs(&request.query.replace('+', "%20")).into_iter().collect()
}

/// A page of a request that nobody is asked about.
pub(super) fn invalid(message: &str) -> Answer {
    Answer::html(400, &format!("<h1>Invalid request</h1><p>{message}</p>"), "invalid_request")
}

/// Asks the person, or, where `at_once`, acts as if Allow had been chosen.
pub(super) fn ask(state: &mut State, asked: Asked, at_once: bool) -> Answer {
    if at_once {
        return decide(state, asked, true);
    }
    let what = match &asked {
        Asked::Code(request) => request.scopes.join(", "),
        Asked::Device(user_code) => format!("the device that shows {user_code}"),
    };
    let id = base64url::encode(state.random.bytes(18));
    let body = format!(
        "<h1>Allow access?</h1><p>{what}</p>\
         <p><a id=\"allow\" href=\"{ALLOW}?request={id}\">Allow access</a></p>\
         <p><a id=\"deny\" href=\"{DENY}?request={id}\">Deny access</a></p>"
    );
    state.consent.waiting.push((id, asked));
    Answer::html(200, &body, "OK")
}

/// Answers a request for [`ALLOW`] or [`DENY`]; each question is answered once.
pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    let id = parameters(request).remove("request").unwrap_or_default();
    let Some(index) = state.consent.waiting.iter().position(|(known, _)| *known == id) else {
        return invalid("There is no such request, or it has been answered.");
    };
    let (_, asked) = state.consent.waiting.swap_remove(index);
    decide(state, asked, request.path == ALLOW)
}

fn decide(state: &mut State, asked: Asked, allowed: bool) -> Answer {
    let outcome = if allowed { "OK" } else { "access_denied" };
    match asked {
        Asked::Device(user_code) => {
            let known =
                if allowed { state.oidc.approve(&user_code) } else { state.oidc.deny(&user_code) };
            match (known, allowed) {
                (false, _) => invalid("The code is unknown, used or expired."),
                (true, true) => Answer::html(200, "<h1>Request approved</h1>", outcome),
                (true, false) => Answer::html(200, "<h1>Request denied</h1>", outcome),
            }
        }
        Asked::Code(request) => {
            let result = if allowed {
                let code = base64url::encode(state.random.bytes(96));
                let until = state.now() + TimeDelta::seconds(CODE_SECONDS);
                let (request, code_text) = (request.clone(), code.clone());
                state.consent.codes.push(Code { code, request, until, used: false });
                format!("code={code_text}")
            } else {
                "error=access_denied".to_owned()
            };
            let (uri, round_trip) = (&request.redirect_uri, percent_encode(&request.state));
            Answer::redirect(format!("{uri}?{result}&state={round_trip}"), outcome)
        }
    }
}

impl Consent {
    /// What the code was given for; from then on it is used. A wrong redirect URI or verifier leaves
    /// it as it is: whoever guesses does not end the login of the one who knows.
    pub(super) fn redeem(
        &mut self,
        client_id: &str,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
        now: DateTime<Utc>,
    ) -> Result<CodeRequest, Unredeemable> {
        self.verifiers.push(verifier.to_owned());
        let known = self
            .codes
            .iter_mut()
            .find(|known| known.code == code && known.request.client_id == client_id)
            .ok_or(Unredeemable::Unknown)?;
        if known.used {
            return Err(Unredeemable::Used);
        }
        if known.until <= now {
            return Err(Unredeemable::Expired);
        }
        if known.request.redirect_uri != redirect_uri {
            return Err(Unredeemable::RedirectUri);
        }
        if !is_verifier(verifier) || base64url::sha256(verifier) != known.request.challenge {
            return Err(Unredeemable::Verifier);
        }
        known.used = true;
        Ok(known.request.clone())
    }

    /// Every code, and every verifier that came with one.
    pub(super) fn secrets(&self) -> Vec<String> {
        // Nothing shorter is one: a test sends what it likes.
        let verifiers = self.verifiers.iter().filter(|text| is_verifier(text)).cloned();
        self.codes.iter().map(|known| known.code.clone()).chain(verifiers).collect()
    }
}

/// 43 to 128 unreserved characters, says RFC 7636.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
