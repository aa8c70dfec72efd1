//! The document that the container-credentials protocol hands over.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>

use serde::Serialize;
use zeroize::Zeroizing;

use super::backend::Served;
use crate::credentials::{LiveCredentials, Secret};
use crate::text::utc;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    /// Every SDK wants the field; of a bare key pair it is empty.
    token: &'a str,
    /// Without it SDKs take the credentials to last for ever, and some take none.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

/// Credentials as a server hands them over.
pub(crate) fn document(live: &LiveCredentials) -> serde_json::Result<Served> {
    let expires = live.expiration().at();
    let document = Document {
        access_key_id: live.access_key_id(),
        secret_access_key: live.secret_access_key().expose(),
        token: live.session_token().map(Secret::expose).unwrap_or_default(),
        expiration: expires.map(utc),
        account_id: live.account_id(),
    };
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(16 * 1024));
    serde_json::to_writer(&mut *text, &document)?;
    let document = Secret::new(String::from_utf8_lossy(&text));
    Ok(Served { document, expires })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::credentials::document::parse_container_body;
    use crate::credentials::{Expiration, SessionCredentials};

    #[test]
    fn awsx_reads_what_it_writes() {
        let now = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        let session = SessionCredentials {
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: Secret::new("s\"e\\c"),
            session_token: Some(Secret::new("token")),
            expiration: Expiration::At(now),
            account_id: Some("111122223333".into()),
        };
        let served = document(&session.live(now, Duration::ZERO).unwrap()).unwrap();
        let expected = concat!(
            r#"{"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s\"e\\c","Token":"token","#,
            r#""Expiration":"2026-01-02T03:04:05Z","AccountId":"111122223333"}"#
        );
        assert_eq!((served.document.expose(), served.expires), (expected, Some(now)));
        let read = parse_container_body(expected.as_bytes()).unwrap();
        assert_eq!(read.session_token.unwrap().expose(), "token");
    }
}
