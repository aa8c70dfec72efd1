//! A file in the AWS CLI's cache of tokens, `~/.aws/sso/cache/SHA1.json`: an access token, and what
//! refreshes it.

use serde::Serialize;
use zeroize::Zeroizing;

use crate::credentials::document::{Fields, InvalidDocument, can_be_in_a_header, instant};
use crate::credentials::{Registration, Secret, SsoLogin, SsoToken};
use crate::ports::SharedToken;
use crate::text::utc;

/// Tokens have a few hundred characters, registrations and refresh tokens a few thousand.
pub(super) const FILE_LIMIT: u64 = ROOM as u64;
const ROOM: usize = 64 * 1024;

/// Reads the token. A registration that is not whole counts as none.
///
/// # Errors
/// `InvalidDocument`; an expiration in the past is none.
pub fn parse(text: &[u8]) -> Result<SharedToken, InvalidDocument> {
    let mut fields = Fields::parse(text)?;
    let token = fields.require("accessToken")?;
    if !can_be_in_a_header(&token) {
        return Err(InvalidDocument::NotAToken { field: "accessToken" });
    }
    // Before 2.1 the AWS CLI wrote `UTC` for the zone.
    let zoned = |text: String| instant(&text.replace("UTC", "Z"));
    let expires_at = zoned(fields.require("expiresAt")?)
        .ok_or(InvalidDocument::Expiration { field: "expiresAt" })?;
    let refresh_token = fields.string("refreshToken").unwrap_or_default().map(Secret::new);
    let mut registration = || {
        Some(Registration {
            client_id: fields.require("clientId").ok()?,
            client_secret: Secret::new(fields.require("clientSecret").ok()?),
            expires_at: zoned(fields.require("registrationExpiresAt").ok()?)?,
        })
    };
    let registration = registration();
    let token = SsoToken { access_token: Secret::new(token), expires_at, refresh_token };
    Ok(SharedToken { token, registration })
}

/// Whether the token is of this login, as far as the file says: its name says no more than what the
/// session is called, and many are called alike.
pub(super) fn is_of(text: &[u8], login: &SsoLogin) -> bool {
    let Ok(mut fields) = Fields::parse(text) else { return true };
    // The same page, however it was copied from the browser.
    let page = |url: &str| url.trim_end_matches(['/', '#']).to_ascii_lowercase();
    let mut is = |field, is_same: &dyn Fn(&str) -> bool| {
        fields.string(field).unwrap_or_default().is_none_or(|text| is_same(&text))
    };
    is("startUrl", &|url| page(url) == page(&login.start_url))
        && is("region", &|region| region == login.region)
}

/// The fields in the order of the AWS CLI.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    start_url: &'a str,
    region: &'a str,
    access_token: &'a str,
    expires_at: String,
    #[serde(flatten)]
    registration: Option<Client<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    client_id: &'a str,
    client_secret: &'a str,
    registration_expires_at: String,
}

/// The text of the file.
pub(super) fn to_json(login: &SsoLogin, shared: &SharedToken) -> Zeroizing<Vec<u8>> {
    let document = Document {
        start_url: &login.start_url,
        region: &login.region,
        access_token: shared.token.access_token.expose(),
        expires_at: utc(shared.token.expires_at),
        registration: shared.registration.as_ref().map(|registration| Client {
            client_id: &registration.client_id,
            client_secret: registration.client_secret.expose(),
            registration_expires_at: utc(registration.expires_at),
        }),
        refresh_token: shared.token.refresh_token.as_ref().map(|token| token.expose()),
    };
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *text, &document).expect("texts become JSON");
    text
}
