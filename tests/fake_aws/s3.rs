//! Just enough of S3 to see what credentials may do: a bucket is listed, an object read or removed, if the session's
//! policies allow it. <https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html>

use super::answer::{Answer, Refusal, element};
use super::request::Request;
use super::sigv4::Signed;
use super::state::State;

/// The operation, as S3 calls it, where the path begins with the name of a bucket.
pub(super) fn operation(state: &State, request: &Request) -> Option<&'static str> {
    let (bucket, key) = place(request);
    state.buckets.contains_key(bucket).then_some(match (&*request.method, key) {
        ("GET", "") => "ListObjectsV2",
        ("GET", _) => "GetObject",
        ("DELETE", _) => "DeleteObject",
        _ => "UnknownOperation",
    })
}

/// Bucket and key.
fn place(request: &Request) -> (&str, &str) {
    let path = request.path.trim_start_matches('/');
    path.split_once('/').unwrap_or((path, ""))
}

pub(super) fn answer(state: &mut State, request: &Request) -> Answer {
    result(state, request).unwrap_or_else(|refusal| refuse(&refusal))
}

pub(super) fn refuse(refusal: &Refusal) -> Answer {
    let said = element("Code", refusal.code) + &element("Message", &refusal.message);
    Answer::xml(refusal.status, format!("<Error>\n{said}</Error>\n"), refusal.code)
}

fn result(state: &mut State, request: &Request) -> Result<Answer, Refusal> {
    let signed = Signed::of(request)?;
    signed.check(request, "s3", None, state.now(), state.tolerance)?;
    let caller = state.verify(request, &signed, "s3")?;
    let (bucket, key) = place(request);
    let operation = operation(state, request).unwrap_or_default();
    let action = match operation {
        "ListObjectsV2" => "s3:ListBucket",
        "GetObject" => "s3:GetObject",
        "DeleteObject" => "s3:DeleteObject",
        _ => return Err(Refusal::new(405, "MethodNotAllowed", "The method is not allowed")),
    };
    let resource = match key {
        "" => format!("arn:aws:s3:::{bucket}"),
        key => format!("arn:aws:s3:::{bucket}/{key}"),
    };
    caller.check(action, &resource)?;
    let objects = state.buckets.entry(bucket.to_owned()).or_default();
    let missing = || Refusal::new(404, "NoSuchKey", "The specified key does not exist.");
    match operation {
        "ListObjectsV2" => {
            let found = objects
                .iter()
                .map(|key| format!("<Contents>\n{}</Contents>\n", element("Key", key)));
            let found: String = found.collect();
            let body = format!(
                "<ListBucketResult>\n{}{found}</ListBucketResult>\n",
                element("Name", bucket)
            );
            Ok(Answer::xml(200, body, "OK"))
        }
        "GetObject" => objects.get(key).map(|_| Answer::text("object")).ok_or_else(missing),
        _ => {
            objects.remove(key);
            Ok(Answer::xml(204, String::new(), "OK"))
        }
    }
}
