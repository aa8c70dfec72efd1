//! Who may ask for tokens: `RegisterClient`, and a client's proof that it is registered.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::answer::Refusal;
use super::super::base64url;
use super::super::json::Body;
use super::super::state::State;
use super::{invalid_request, tokens};

#[derive(Clone, Debug)]
pub(crate) struct Client {
    /// `clientId`
    pub(crate) id: String,
    /// `clientSecret`
    pub(crate) secret: String,
    /// `grantTypes`, or what is meant where none are named
    pub(crate) grant_types: Vec<String>,
    pub(crate) scopes: Vec<String>,
    /// `redirectUris`, without their ports
    pub(crate) redirect_uris: Vec<String>,
    /// `clientSecretExpiresAt`: from then on it is refused
    pub(crate) expires_at: DateTime<Utc>,
}

impl Client {
    /// Whether it may use that grant type.
    pub(super) fn may(&self, grant_type: &str) -> bool {
        self.grant_types.iter().any(|known| known == grant_type)
    }

    /// Whether its logins can be refreshed: it must ask for that, and for scopes.
    pub(super) fn refreshes(&self) -> bool {
        self.may(tokens::REFRESH_TOKEN) && !self.scopes.is_empty()
    }
}

/// `RegisterClient`
pub(super) fn register(state: &mut State, body: &Body, _: &str) -> Result<Value, Refusal> {
    const KNOWN: [&str; 3] =
        [tokens::AUTHORIZATION_CODE, tokens::REFRESH_TOKEN, tokens::DEVICE_CODE];
    let metadata = |message| Refusal::new(400, "InvalidClientMetadataException", message);
    body.require("clientName").map_err(invalid_request)?;
    if body.require("clientType").map_err(invalid_request)? != "public" {
        return Err(metadata("clientType must be public"));
    }
    let scopes = body.texts("scopes").map_err(invalid_request)?;
    if let Some(scope) = scopes.iter().find(|scope| !is_scope(scope)) {
        return Err(Refusal::new(400, "InvalidScopeException", format!("Unknown scope {scope}")));
    }
    let mut grant_types = body.texts("grantTypes").map_err(invalid_request)?;
    if let Some(unknown) = grant_types.iter().find(|asked| !KNOWN.contains(&asked.as_str())) {
        let message = format!("Unsupported grant type {unknown}");
        return Err(Refusal::new(400, "UnsupportedGrantTypeException", message));
    }
    if grant_types.is_empty() {
        grant_types = vec![tokens::DEVICE_CODE.into(), tokens::REFRESH_TOKEN.into()];
    }
    let redirect_uris = body
        .texts("redirectUris")
        .map_err(invalid_request)?
        .iter()
        .map(|uri| callback(uri).ok_or(uri.clone()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|uri| {
            let message = format!("{uri} is not a loopback callback");
            Refusal::new(400, "InvalidRedirectUriException", message)
        })?;
    let issuer = body.text("issuerUrl").map_err(invalid_request)?;
    if let Some(issuer) = issuer {
        state.oidc.portal_of(issuer)?;
    }
    if grant_types.iter().any(|asked| asked == tokens::AUTHORIZATION_CODE) {
        if redirect_uris.is_empty() {
            return Err(metadata("authorization_code needs redirectUris"));
        }
        if issuer.is_none() {
            return Err(metadata("authorization_code needs issuerUrl"));
        }
    }

    let now = state.now();
    let expires_at = now + TimeDelta::seconds(state.oidc.client_seconds);
    let client = Client {
        id: base64url::encode(state.random.bytes(28)),
        // AWS's is a JSON Web Token of about this length; it means nothing to who passes it on.
        secret: format!(
            "{}.{}.{}",
            base64url::encode(br#"{"kid":"key-1","alg":"HS384"}"#),
            base64url::encode(state.random.bytes(900)),
            base64url::encode(state.random.bytes(48))
        ),
        grant_types,
        scopes,
        redirect_uris,
        expires_at,
    };
    let answer = json!({
        "clientId": client.id,
        "clientSecret": client.secret,
        "clientIdIssuedAt": now.timestamp(),
        "clientSecretExpiresAt": expires_at.timestamp(),
    });
    state.oidc.clients.push(client);
    Ok(answer)
}

/// The client that a request names and whose secret it has.
pub(super) fn authenticate(state: &State, body: &Body) -> Result<Client, Refusal> {
    let id = body.require("clientId").map_err(invalid_request)?;
    let secret = body.require("clientSecret").map_err(invalid_request)?;
    let invalid = |message| Refusal::new(401, "InvalidClientException", message);
    let known = state.oidc.clients.iter().find(|client| client.id == id && client.secret == secret);
    let known = known.ok_or_else(|| invalid("Invalid client ID or secret provided"))?;
    if known.expires_at <= state.now() {
        return Err(invalid("The client registration is expired"));
    }
    Ok(known.clone())
}

/// The only callback that AWS accepts of a program on a person's machine, `http://127.0.0.1[:PORT]/oauth/callback`,
/// without its port, which RFC 8252 leaves open.
pub(crate) fn callback(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("http://127.0.0.1")?;
    let port = rest.strip_suffix("/oauth/callback")?;
    let digits = port.strip_prefix(':').map(str::parse::<u16>);
    let fine = port.is_empty() || digits.is_some_and(|port| port.is_ok_and(|port| port != 0));
    fine.then(|| "http://127.0.0.1/oauth/callback".to_owned())
}

/// `sso:account:access` and the like.
fn is_scope(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    text.contains(':') && text.split(':').all(is_word)
}
