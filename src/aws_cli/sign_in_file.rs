//! A file in the AWS CLI's cache of sign-ins, `~/.aws/login/cache/SHA256.json`: credentials, and what
//! renews them.

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::credentials::{Expiration, Secret, SessionCredentials, SignInToken, arn};
use crate::text::utc;

/// Tokens have a few thousand characters.
pub(super) const FILE_LIMIT: u64 = ROOM as u64;
const ROOM: usize = 64 * 1024;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(default)]
    access_token: WrittenCredentials,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_type: Option<String>,
    #[serde(default)]
    client_id: String,
    #[serde(default)]
    refresh_token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    #[serde(default)]
    dpop_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in_region: Option<String>,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct WrittenCredentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    expires_at: String,
}

/// Wipes the secrets.
impl Drop for Written {
    fn drop(&mut self) {
        self.access_token.secret_access_key.zeroize();
        self.access_token.session_token.zeroize();
        self.refresh_token.zeroize();
        self.id_token.zeroize();
        self.dpop_key.zeroize();
    }
}

/// Reads the sign-in.
///
/// # Errors
/// What is wrong with the file, as the end of a sentence that begins with it; nothing of its content.
pub fn parse(text: &[u8]) -> Result<SignInToken, String> {
    match serde_json::from_slice::<Written>(text) {
        Ok(mut written) => token(&mut written).map_err(str::to_owned),
        // What serde says may hold a piece of the file.
        Err(error) => Err(format!(
            "is no sign-in of the AWS CLI (line {}, column {})",
            error.line(),
            error.column()
        )),
    }
}

/// Takes the texts out of the file; they are not copied.
fn token(written: &mut Written) -> Result<SignInToken, &'static str> {
    let expires_at = DateTime::parse_from_rfc3339(&written.access_token.expires_at)
        .map_err(|_| "has no `expiresAt` that is an ISO 8601 time with a zone")?
        .to_utc();
    let filled = |text: &mut String, problem| match text.is_empty() {
        true => Err(problem),
        false => Ok(std::mem::take(text)),
    };
    let found = &mut written.access_token;
    let credentials = SessionCredentials {
        access_key_id: filled(&mut found.access_key_id, "has no `accessKeyId`")?,
        secret_access_key: Secret::new(filled(
            &mut found.secret_access_key,
            "has no `secretAccessKey`",
        )?),
        session_token: Some(Secret::new(filled(
            &mut found.session_token,
            "has no `sessionToken`",
        )?)),
        expiration: Expiration::At(expires_at),
        account_id: found.account_id.take(),
    };
    Ok(SignInToken {
        client_id: filled(&mut written.client_id, "has no `clientId`")?,
        region: written.sign_in_region.take(),
        credentials: Some(credentials),
        refresh_token: Some(Secret::new(filled(
            &mut written.refresh_token,
            "has no `refreshToken`",
        )?)),
        id_token: written.id_token.take().map(Secret::new),
        dpop_key: Secret::new(filled(&mut written.dpop_key, "has no `dpopKey`")?),
    })
}

/// The text of the file; none where there is nothing to share.
pub(super) fn to_json(session: &str, token: &SignInToken) -> Option<Zeroizing<Vec<u8>>> {
    let credentials = token.credentials.as_ref()?;
    let account = credentials.account_id.as_deref().or_else(|| arn::account(session));
    let written = Written {
        access_token: WrittenCredentials {
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.expose().to_owned(),
            session_token: credentials.session_token.as_ref()?.expose().to_owned(),
            account_id: account.map(str::to_owned),
            expires_at: utc(credentials.expiration.at()?),
        },
        token_type: Some("aws_sigv4".to_owned()),
        client_id: token.client_id.clone(),
        refresh_token: token.refresh_token.as_ref()?.expose().to_owned(),
        id_token: token.id_token.as_ref().map(|token| token.expose().to_owned()),
        dpop_key: token.dpop_key.expose().to_owned(),
        sign_in_region: token.region.clone(),
    };
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(ROOM));
    serde_json::to_writer(&mut *text, &written).expect("texts become JSON");
    Some(text)
}
