//! The page that asks a person to allow a client a code.

use super::super::answer::Answer;
use super::super::consent::{self, Asked, CodeRequest};
use super::super::request::Request;
use super::super::state::State;
use super::{clients, tokens};

/// Answers a request for `/authorize`.
pub(super) fn page(state: &mut State, request: &Request) -> Answer {
    match code_request(state, request) {
        Ok(asked) => consent::ask(state, Asked::Code(asked), state.oidc.auto_approve),
        Err(message) => consent::invalid(message),
    }
}

fn code_request(state: &State, request: &Request) -> Result<CodeRequest, &'static str> {
    let parameters = consent::parameters(request);
    let parameter = |name: &str| parameters.get(name).map_or("", String::as_str);
    let client = state
        .oidc
        .clients
        .iter()
        .find(|client| client.id == parameter("client_id"))
        .ok_or("The client is unknown.")?;
    let scopes: Vec<String> =
        parameter("scopes").split(' ').filter(|s| !s.is_empty()).map(str::to_owned).collect();
    let redirect_uri = parameter("redirect_uri");
    for (wrong, message) in [
        (client.expires_at <= state.now(), "The client's registration is expired."),
        (!client.may(tokens::AUTHORIZATION_CODE), "The client may not ask for a code."),
        (
            clients::callback(redirect_uri).is_none_or(|uri| !client.redirect_uris.contains(&uri)),
            "redirect_uri is not registered.",
        ),
        (parameter("response_type") != "code", "response_type must be code."),
        (parameter("state").is_empty(), "state is missing."),
        (parameter("code_challenge_method") != "S256", "code_challenge_method must be S256."),
        (
            !consent::is_challenge(parameter("code_challenge")),
            "code_challenge is not a SHA-256 in base64url.",
        ),
        (!scopes.iter().all(|scope| client.scopes.contains(scope)), "scopes are not the client's."),
    ] {
        if wrong {
            return Err(message);
        }
    }
    Ok(CodeRequest {
        client_id: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        state: parameter("state").to_owned(),
        challenge: parameter("code_challenge").to_owned(),
        scopes,
    })
}
