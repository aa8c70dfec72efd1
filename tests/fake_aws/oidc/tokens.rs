//! What a login gives: an access token that the portal accepts, and a refresh token that rotates.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::answer::Refusal;
use super::super::base64url;
use super::super::consent::Unredeemable;
use super::super::iam::rfc3339;
use super::super::json::Body;
use super::super::portal::AccessToken;
use super::super::state::State;
use super::clients::{self, Client};
use super::{device, invalid_grant, invalid_request};

/// A code that the browser brought
pub(super) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(super) const REFRESH_TOKEN: &str = "refresh_token";
/// A device that a person allowed
pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// The scope that the portal wants
const PORTAL_SCOPE: &str = "sso:account:access";

/// A login, from the person's Allow to its end.
#[derive(Debug)]
pub(super) struct Grant {
    /// The authorization code or device code that it came from
    origin: String,
    client_id: String,
    user: String,
    /// From then on it cannot be refreshed
    ends_at: DateTime<Utc>,
    access_tokens: Vec<String>,
    /// In the order of their making, with whether they were used
    refresh_tokens: Vec<(String, bool)>,
}

impl Grant {
    /// Every token that it ever gave.
    pub(super) fn tokens(&self) -> Vec<String> {
        let refresh = self.refresh_tokens.iter().map(|(token, _)| token);
        self.access_tokens.iter().chain(refresh).cloned().collect()
    }
}

/// `CreateToken`
pub(super) fn create(state: &mut State, body: &Body, _: &str) -> Result<Value, Refusal> {
    let client = clients::authenticate(state, body)?;
    let grant_type = body.require("grantType").map_err(invalid_request)?;
    let required = |name| body.require(name).map_err(invalid_request);
    if ![AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE].contains(&grant_type) {
        let message = "The grant type is not supported";
        return Err(Refusal::new(400, "UnsupportedGrantTypeException", message));
    }
    if !client.may(grant_type) {
        return Err(device::wrong_grant_type());
    }
    match grant_type {
        DEVICE_CODE => {
            let code = required("deviceCode")?;
            device::redeem(state, &client, code)?;
            Ok(grant_login(state, &client, code))
        }
        REFRESH_TOKEN => refresh(state, &client, required("refreshToken")?),
        _ => {
            let (code, uri) = (required("code")?, required("redirectUri")?);
            let now = state.now();
            let redeemed =
                state.consent.redeem(&client.id, code, uri, required("codeVerifier")?, now);
            redeemed.map_err(|reason| match reason {
                Unredeemable::Unknown => invalid_grant("Invalid authorization code provided"),
                Unredeemable::Expired => invalid_grant("The authorization code is expired"),
                Unredeemable::RedirectUri => invalid_grant("redirectUri does not match"),
                Unredeemable::Verifier => invalid_grant("codeVerifier does not match"),
                Unredeemable::Used => {
                    // Someone else has the code; RFC 6749, 4.1.2 says what then.
                    end_where(state, |grant| grant.origin == code);
                    invalid_grant("The authorization code has been used")
                }
            })?;
            Ok(grant_login(state, &client, code))
        }
    }
}

fn grant_login(state: &mut State, client: &Client, origin: &str) -> Value {
    let mut grant = Grant {
        origin: origin.to_owned(),
        client_id: client.id.clone(),
        user: state.oidc.user.clone(),
        ends_at: state.now() + TimeDelta::seconds(state.oidc.session_seconds),
        access_tokens: Vec::new(),
        refresh_tokens: Vec::new(),
    };
    let answer = issue_tokens(state, client, &mut grant);
    state.oidc.grants.push(grant);
    answer
}

fn refresh(state: &mut State, client: &Client, token: &str) -> Result<Value, Refusal> {
    let (now, strict) = (state.now(), state.oidc.strict_rotation);
    let place = |grant: &Grant| grant.refresh_tokens.iter().position(|(known, _)| known == token);
    let found = state.oidc.grants.iter().enumerate().find_map(|(index, grant)| {
        (grant.client_id == client.id).then(|| place(grant)).flatten().map(|place| (index, place))
    });
    let (index, place) = found.ok_or_else(|| invalid_grant("Invalid refresh token provided"))?;
    let mut grant = state.oidc.grants.swap_remove(index);
    let outcome = if grant.ends_at <= now {
        Err(invalid_grant("The session is expired"))
    } else if grant.refresh_tokens[if strict { place } else { place + 1 }..].iter().any(|t| t.1) {
        Err(invalid_grant("The refresh token has been used"))
    } else {
        grant.refresh_tokens[place].1 = true;
        Ok(issue_tokens(state, client, &mut grant))
    };
    state.oidc.grants.push(grant);
    outcome
}

/// New tokens of a login.
fn issue_tokens(state: &mut State, client: &Client, grant: &mut Grant) -> Value {
    let now = state.now();
    let left = (grant.ends_at - now).num_seconds();
    let seconds = state.oidc.token_seconds.min(left);
    let mut token = |prefix: &str, length| {
        let random = aws_smithy_types::base64::encode(state.random.bytes(length));
        format!("{prefix}{random}:{}", base64url::encode(state.random.bytes(60)))
    };
    let access_token = token("aoaAAAAAG", 60);
    let mut answer = json!({
        "accessToken": access_token, "tokenType": "Bearer", "expiresIn": seconds,
    });
    grant.access_tokens.push(access_token.clone());
    if client.refreshes() {
        let refresh_token = token("aorAAAAAG", 90);
        answer["refreshToken"] = json!(refresh_token);
        grant.refresh_tokens.push((refresh_token, false));
    }
    // Without scopes, as before there were any, a client may what the person may.
    if client.scopes.is_empty() || client.scopes.iter().any(|scope| scope == PORTAL_SCOPE) {
        state.portal.tokens.push(AccessToken {
            token: access_token,
            user: grant.user.clone(),
            expires_at: now + TimeDelta::seconds(seconds),
        });
    }
    answer
}

/// Ends the login that an access token is of: none of its tokens is good any more.
pub(in super::super) fn end(state: &mut State, access_token: &str) {
    end_where(state, |grant| grant.access_tokens.iter().any(|known| known == access_token));
    state.portal.tokens.retain(|known| known.token != access_token);
}

fn end_where(state: &mut State, is_meant: impl Fn(&Grant) -> bool) {
    let now = state.now();
    for grant in state.oidc.grants.iter_mut().filter(|grant| is_meant(grant)) {
        grant.ends_at = grant.ends_at.min(now);
        state.portal.tokens.retain(|known| !grant.access_tokens.contains(&known.token));
    }
}

/// A login as a client remembers it.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    pub(crate) client: Client,
    pub(crate) access_token: String,
    pub(crate) expires_at: DateTime<Utc>,
    pub(crate) refresh_token: String,
}

impl Login {
    /// The file that `aws sso login` leaves for an `[sso-session]`.
    pub(crate) fn cache_file(&self, start_url: &str) -> String {
        json!({
            "startUrl": start_url,
            "region": "eu-west-1",
            "accessToken": self.access_token,
            "expiresAt": rfc3339(self.expires_at),
            "clientId": self.client.id,
            "clientSecret": self.client.secret,
            "registrationExpiresAt": rfc3339(self.client.expires_at),
            "refreshToken": self.refresh_token,
        })
        .to_string()
    }
}

impl State {
    /// A login as `aws sso login` makes it, without a browser.
    pub(crate) fn log_in(&mut self) -> Login {
        let number = self.oidc.clients.len();
        let client = Client {
            id: format!("sandbox-client-{number}"),
            secret: format!("sandbox-client-secret-{}", base64url::encode(self.random.bytes(60))),
            grant_types: vec![AUTHORIZATION_CODE.into(), REFRESH_TOKEN.into()],
            scopes: vec![PORTAL_SCOPE.into()],
            redirect_uris: Vec::new(),
            expires_at: self.now() + TimeDelta::seconds(self.oidc.client_seconds),
        };
        self.oidc.clients.push(client.clone());
        let answer = grant_login(self, &client, &format!("log_in {number}"));
        let text =
            |name: &str| answer[name].as_str().expect("the login has both tokens").to_owned();
        let seconds = answer["expiresIn"].as_i64().expect("a number of seconds");
        Login {
            access_token: text("accessToken"),
            refresh_token: text("refreshToken"),
            expires_at: self.now() + TimeDelta::seconds(seconds),
            client,
        }
    }

    /// Ends every login of IAM Identity Center: access tokens are refused, refresh tokens too.
    pub(crate) fn end_logins(&mut self) {
        end_where(self, |_| true);
        self.portal.tokens.clear();
    }

    /// Ends every access token; what is left is to refresh.
    pub(crate) fn expire_access_tokens(&mut self) {
        let now = self.now();
        for token in &mut self.portal.tokens {
            token.expires_at = token.expires_at.min(now);
        }
    }
}
