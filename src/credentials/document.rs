//! The JSON in which others hand over credentials: a process, a container, an instance. No error quotes
//! the text, which is full of secrets; an expiration in the past is no error here.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::{Expiration, Flaw, Secret, SessionCredentials, check_line, check_word};
use crate::text::one_line;

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDocument {
    /// `line` and `column` are where reading ended, from 1.
    #[error("not JSON (line {line}, column {column})")]
    NotJson { line: usize, column: usize },
    #[error("not a JSON object")]
    NotAnObject,
    /// `Version` of a process's output is absent or not 1.
    #[error("`Version` is not 1")]
    Version,
    #[error("`{field}` is missing or empty")]
    Missing { field: &'static str },
    #[error("`{field}` is not a string")]
    NotAString { field: &'static str },
    #[error("`{field}` is not an ISO 8601 time with a zone")]
    Expiration { field: &'static str },
    #[error("`{field}` {flaw}")]
    Flawed { field: &'static str, flaw: Flaw },
    /// The endpoint answered with an error instead of credentials: `Code` and `Message`.
    #[error("{code}{}{message}", if .message.is_empty() { "" } else { ": " })]
    Refused { code: String, message: String },
}

/// The credentials that a `credential_process` wrote,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>
pub fn parse_process_output(output: &[u8]) -> Result<SessionCredentials, InvalidDocument> {
    let mut fields = Fields::parse(output)?;
    if fields.take("Version").and_then(|version| version.as_i64()) != Some(1) {
        return Err(InvalidDocument::Version);
    }
    fields.credentials("SessionToken")
}

/// The credentials that the endpoint of a container or an instance answered with,
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
pub fn parse_container_body(body: &[u8]) -> Result<SessionCredentials, InvalidDocument> {
    let mut fields = Fields::parse(body)?;
    match fields.string("Code")? {
        Some(code) if code != "Success" => Err(InvalidDocument::Refused {
            code: one_line(&code),
            message: one_line(&fields.string("Message")?.unwrap_or_default()),
        }),
        _ => fields.credentials("Token"),
    }
}

/// The fields of a JSON object.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn parse(text: &[u8]) -> Result<Self, InvalidDocument> {
        match serde_json::from_slice(text) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(InvalidDocument::NotAnObject),
            Err(error) => {
                Err(InvalidDocument::NotJson { line: error.line(), column: error.column() })
            }
        }
    }

    /// Takes the field, its name in any case, as the AWS SDKs read it.
    fn take(&mut self, name: &str) -> Option<Value> {
        let key = self.0.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
        self.0.remove(&key)
    }

    /// The field's text, unless it is absent, null or empty.
    pub(crate) fn string(
        &mut self,
        field: &'static str,
    ) -> Result<Option<String>, InvalidDocument> {
        match self.take(field) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(InvalidDocument::NotAString { field }),
        }
    }

    /// The fields of an object within.
    pub(crate) fn object(&mut self, field: &str) -> Option<Self> {
        match self.take(field) {
            Some(Value::Object(fields)) => Some(Self(fields)),
            _ => None,
        }
    }

    pub(crate) fn require(&mut self, field: &'static str) -> Result<String, InvalidDocument> {
        self.string(field)?.ok_or(InvalidDocument::Missing { field })
    }

    fn credentials(mut self, token: &'static str) -> Result<SessionCredentials, InvalidDocument> {
        let invalid_end = InvalidDocument::Expiration { field: "Expiration" };
        // The AWS CLI takes no notice of a number: it may have lost its leading zeros.
        let account_id = self.string("AccountId").unwrap_or_default();
        Ok(SessionCredentials {
            access_key_id: word("AccessKeyId", self.require("AccessKeyId")?)?,
            secret_access_key: Secret::new(line(
                "SecretAccessKey",
                self.require("SecretAccessKey")?,
            )?),
            session_token: self
                .string(token)?
                .map(|text| word(token, text).map(Secret::new))
                .transpose()?,
            expiration: match self.string("Expiration")? {
                Some(text) => instant(&text).and_then(Expiration::new).ok_or(invalid_end)?,
                None => Expiration::Unstated,
            },
            account_id: account_id.map(|text| word("AccountId", text)).transpose()?,
        })
    }
}

/// A field that is printable ASCII without blanks.
pub(crate) fn word(field: &'static str, text: String) -> Result<String, InvalidDocument> {
    let checked = check_word(&text);
    checked.map(|()| text).map_err(|flaw| InvalidDocument::Flawed { field, flaw })
}

fn line(field: &'static str, text: String) -> Result<String, InvalidDocument> {
    let checked = check_line(&text);
    checked.map(|()| text).map_err(|flaw| InvalidDocument::Flawed { field, flaw })
}

/// RFC 3339, or the same with `+0000` or `UTC` for the zone, which Python programs and the AWS CLI before
/// 2.1 write.
pub(crate) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = &text.replace(" UTC", "Z").replace("UTC", "Z");
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .ok()
        .map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key, token, expiration and account, or the error.
    fn shown(result: Result<SessionCredentials, InvalidDocument>) -> String {
        match result {
            Ok(found) => format!(
                "{} {} {} {} {}",
                found.access_key_id,
                found.secret_access_key.expose(),
                found.session_token.as_ref().map_or("-", |token| token.expose()),
                found.expiration.at().map_or("-".into(), |at| at.to_rfc3339()),
                found.account_id.as_deref().unwrap_or("-"),
            ),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn process_outputs() {
        for (docs, input, output) in [
            (
                "all fields",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"T","Expiration":"2026-01-02T03:04:05Z","AccountId":"123456789012"}"#,
                "A S T 2026-01-02T03:04:05+00:00 123456789012",
            ),
            (
                "long-term keys",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S"}"#,
                "A S - - -",
            ),
            (
                "null and empty are absent",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":null,"AccountId":""}"#,
                "A S - - -",
            ),
            (
                "names in any case, unknown fields",
                r#"{"version":1,"accessKeyId":"A","secretAccessKey":"S","Extra":[1]}"#,
                "A S - - -",
            ),
            (
                "an offset",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"2026-01-02T03:04:05.5+02:00"}"#,
                "A S - 2026-01-02T01:04:05.500+00:00 -",
            ),
            (
                "an offset without a colon",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"2026-01-02T03:04:05+0000"}"#,
                "A S - 2026-01-02T03:04:05+00:00 -",
            ),
            (
                "UTC, and a number for the account",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"2026-01-02 03:04:05 UTC","AccountId":123456789012}"#,
                "A S - 2026-01-02T03:04:05+00:00 -",
            ),
            (
                "a year of five digits",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"+10000-01-01T00:00:00Z"}"#,
                "`Expiration` is not an ISO 8601 time with a zone",
            ),
            (
                "a line break in the key",
                r#"{"Version":1,"AccessKeyId":"A\n","SecretAccessKey":"S"}"#,
                "`AccessKeyId` has a line break",
            ),
            (
                "a blank in the key",
                r#"{"Version":1,"AccessKeyId":"A B","SecretAccessKey":"S"}"#,
                "`AccessKeyId` has a blank",
            ),
            (
                "a line break in the secret",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S\nplanted"}"#,
                "`SecretAccessKey` has a line break",
            ),
            (
                "an odd token",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","SessionToken":"plantedü"}"#,
                "`SessionToken` has a character that is not ASCII",
            ),
            (
                "an odd account",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","AccountId":"1\u0007"}"#,
                "`AccountId` has a control character",
            ),
            ("no version", r#"{"AccessKeyId":"A","SecretAccessKey":"S"}"#, "`Version` is not 1"),
            ("version as text", r#"{"Version":"1","AccessKeyId":"A"}"#, "`Version` is not 1"),
            ("version 1.0", r#"{"Version":1.0}"#, "`Version` is not 1"),
            ("another version", r#"{"Version":2}"#, "`Version` is not 1"),
            (
                "no secret",
                r#"{"Version":1,"AccessKeyId":"A"}"#,
                "`SecretAccessKey` is missing or empty",
            ),
            (
                "empty key",
                r#"{"Version":1,"AccessKeyId":"","SecretAccessKey":"S"}"#,
                "`AccessKeyId` is missing or empty",
            ),
            (
                "number for a key",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":42}"#,
                "`SecretAccessKey` is not a string",
            ),
            (
                "no zone",
                r#"{"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"2026-01-02T03:04:05"}"#,
                "`Expiration` is not an ISO 8601 time with a zone",
            ),
            ("nothing", "", "not JSON (line 1, column 0)"),
            ("text", "export KEY=planted", "not JSON (line 1, column 1)"),
            (
                "cut off",
                "{\"Version\":1,\n\"SecretAccessKey\":\"planted",
                "not JSON (line 2, column 26)",
            ),
            ("two documents", "{} {}", "not JSON (line 1, column 4)"),
            ("a list", "[1]", "not a JSON object"),
        ] {
            assert_eq!(shown(parse_process_output(input.as_bytes())), output, "{docs}");
        }
    }

    #[test]
    fn container_bodies() {
        for (docs, input, output) in [
            (
                "a container",
                r#"{"RoleArn":"r","AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"2026-01-02T03:04:05Z"}"#,
                "A S T 2026-01-02T03:04:05+00:00 -",
            ),
            (
                "an instance",
                r#"{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"2026-01-02T03:04:05Z"}"#,
                "A S T 2026-01-02T03:04:05+00:00 -",
            ),
            (
                "a refusal",
                r#"{"code":"AssumeRoleUnauthorizedAccess","message":"EC2 cannot\nassume"}"#,
                "AssumeRoleUnauthorizedAccess: EC2 cannot assume",
            ),
            ("only a code", r#"{"Code":"Failed"}"#, "Failed"),
            ("no key", "{}", "`AccessKeyId` is missing or empty"),
            ("HTML", "<html>planted</html>", "not JSON (line 1, column 1)"),
        ] {
            assert_eq!(shown(parse_container_body(input.as_bytes())), output, "{docs}");
        }
    }
}
