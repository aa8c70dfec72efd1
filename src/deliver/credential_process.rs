//! The document that the AWS SDKs read from a `credential_process`, Version 1.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>

use std::io;

use serde::Serialize;

use crate::credentials::LiveCredentials;
use crate::text::utc;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    version: u8,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_token: Option<&'a str>,
    /// Without it the SDKs take the credentials to last for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
}

/// Writes one line of JSON, without the fields that are not known.
pub(crate) fn write_credential_process(
    live: &LiveCredentials,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let document = Document {
        version: 1,
        access_key_id: live.access_key_id(),
        secret_access_key: live.secret_access_key().expose(),
        session_token: live.session_token().map(|token| token.expose()),
        expiration: live.expiration().at().map(utc),
        account_id: live.account_id(),
    };
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::credentials::{Expiration, Secret, SessionCredentials};

    #[test]
    fn absent_fields_are_left_out() {
        let now = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        let bare = SessionCredentials {
            access_key_id: "ASIAEXAMPLE".into(),
            secret_access_key: Secret::new("s\"e\\c"),
            session_token: None,
            expiration: Expiration::Unstated,
            account_id: None,
        };
        let full = SessionCredentials {
            session_token: Some(Secret::new("token")),
            expiration: Expiration::At(now),
            account_id: Some("111122223333".into()),
            ..bare.clone()
        };
        for (session, expected) in [
            (bare, r#"{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s\"e\\c"}"#),
            (
                full,
                concat!(
                    r#"{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"s\"e\\c","#,
                    r#""SessionToken":"token","Expiration":"2026-01-02T03:04:05Z","#,
                    r#""AccountId":"111122223333"}"#
                ),
            ),
        ] {
            let mut out = Vec::new();
            write_credential_process(&session.live(now, Duration::ZERO).unwrap(), &mut out)
                .unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("{expected}\n"));
        }
    }
}
