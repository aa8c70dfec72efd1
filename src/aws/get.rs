//! A request to what is no service of AWS, or to one that has no API: bounded, and tried again where that may help.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use zeroize::Zeroizing;

use super::error::innermost;
use crate::ports::CallError;

pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(300);
pub(super) const BODY_LIMIT: usize = 64 * 1024;

/// Who is asked, for what is said of it.
pub(super) struct Asked<'a> {
    pub(super) call: &'static str,
    /// Scheme, host and port
    pub(super) origin: &'a str,
    /// What it answers that cannot be used
    pub(super) failure: &'a dyn Fn(String) -> CallError,
}

/// The status and the body of the answer. Server faults, throttling and a lost connection are tried again, each time
/// with a new `request`; nothing else is, and no redirect is followed.
pub(super) async fn get(
    connector: &impl HttpConnector,
    asked: &Asked<'_>,
    request: impl Fn() -> Result<HttpRequest, CallError>,
) -> Result<(u16, Zeroizing<Vec<u8>>), CallError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let answer = tokio::time::timeout(ATTEMPT_TIMEOUT, answer(connector, request()?)).await;
        let cause = match answer {
            Ok(Ok((_, body))) if body.len() > BODY_LIMIT => {
                return Err((asked.failure)("answered with more than 64 KiB".into()));
            }
            Ok(Ok((status @ (408 | 429 | 500..), _))) => format!("HTTP {status}"),
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(cause)) => cause,
            Err(_) => "no answer in time".into(),
        };
        if attempts == ATTEMPTS {
            let (call, endpoint) = (asked.call, asked.origin.to_owned());
            return Err(CallError::Unreachable { call, endpoint, attempts, cause });
        }
        tokio::time::sleep(PAUSE * attempts).await;
    }
}

/// The status and the body, of which no more than one piece beyond the limit; else what is wrong with the
/// connection.
async fn answer(
    connector: &impl HttpConnector,
    request: HttpRequest,
) -> Result<(u16, Zeroizing<Vec<u8>>), String> {
    let response = connector.call(request).await.map_err(|error| innermost(&error))?;
    let status = response.status().as_u16();
    let mut stream = ByteStream::new(response.into_body());
    let mut body = Zeroizing::new(Vec::new());
    while body.len() <= BODY_LIMIT
        && let Some(chunk) = stream.try_next().await.map_err(|_| "the answer was cut off")?
    {
        body.extend_from_slice(&chunk);
    }
    Ok((status, body))
}
