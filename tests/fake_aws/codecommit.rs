//! CodeCommit as git sees it: one repository, and who may read it. The password is a signature of its own kind,
//! <https://docs.aws.amazon.com/codecommit/latest/userguide/auth-and-access-control.html>.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{NaiveDateTime, TimeDelta};
use sha2::{Digest, Sha256};

use super::answer::{Answer, Refusal};
use super::request::Request;
use super::sigv4::{hex, hmac_sha256};
use super::state::State;

pub(super) const REPOSITORIES: &str = "/v1/repos/";
/// What the repository's only branch holds.
pub(crate) const COMMIT: &str = "6ef19b41225c5369f1c104d45d8d85efa9b057b5";

pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    match caller(state, request) {
        Ok(_) if request.path.ends_with("/info/refs") => advertisement(),
        Ok(_) => Answer::page(404, "Not Found"),
        Err(refusal) => {
            let mut answer = Answer::page(refusal.status, refusal.code);
            answer.headers.push(("WWW-Authenticate", "Basic realm=\"AWS CodeCommit\"".to_owned()));
            answer
        }
    }
}

/// <https://git-scm.com/docs/http-protocol#_smart_clients>
fn advertisement() -> Answer {
    let line = |text: &str| format!("{:04x}{text}", text.len() + 4);
    let service = line("# service=git-upload-pack\n");
    let branch = line(&format!("{COMMIT} refs/heads/main\0agent=stand-in\n"));
    let mut answer = Answer::text(format!("{service}0000{branch}0000"));
    answer.content_type = "application/x-git-upload-pack-advertisement";
    answer
}

/// Who proves by user name and password to be somebody.
fn caller(state: &mut State, request: &Request) -> Result<String, Refusal> {
    let no = |message: &str| Refusal::new(403, "AccessDenied", message);
    let basic = request.header("authorization").and_then(|header| header.strip_prefix("Basic "));
    let basic = basic.ok_or_else(|| Refusal::new(401, "Unauthorized", "who are you?"))?;
    let basic = STANDARD.decode(basic).ok().and_then(|text| String::from_utf8(text).ok());
    let basic = basic.ok_or_else(|| no("no base64"))?;
    let (user, password) = basic.split_once(':').ok_or_else(|| no("no password"))?;
    let (key_id, token) = match user.split_once('%') {
        Some((key_id, token)) => (key_id, Some(token)),
        None => (user, None),
    };
    let (time, signature) = password.split_once('Z').ok_or_else(|| no("no time"))?;
    let signed_at = NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%S");
    let signed_at = signed_at.map_err(|_| no("no time"))?.and_utc();
    let now = state.now();
    if (now - signed_at).abs() > TimeDelta::minutes(15) {
        return Err(no("the password is over"));
    }
    // The name alone: no port is signed.
    let host = request.header("host").unwrap_or_default().split(':').next().unwrap_or_default();
    let region = host.split('.').nth(1).unwrap_or_default();
    let path = request.path.trim_end_matches("/info/refs");
    let canonical = format!("GIT\n{path}\n\nhost:{host}\n\nhost\n");
    let day = time.get(..8).unwrap_or_default();
    let digest = hex(&Sha256::digest(canonical));
    let scope = format!("{day}/{region}/codecommit/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{digest}");
    let (secret, caller) = state.iam.caller(key_id, token, now)?;
    let key = [day, region, "codecommit", "aws4_request"]
        .into_iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac_sha256(&key, part));
    match hex(&hmac_sha256(&key, &text)) == signature {
        true => Ok(caller.identity.arn()),
        false => Err(no("the signature does not match")),
    }
}
