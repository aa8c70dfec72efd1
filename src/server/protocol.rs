//! What a request comes to.

use chrono::{DateTime, Utc};
use hyper::http::request::Parts;

use super::backend::{Served, Unavailable};
use super::reply::Reply;

/// What a request comes to.
pub(crate) enum Asked {
    /// It is answered, or refused, as it is.
    Reply(Reply),
    /// It is for the credentials of a profile; the rest of its answer comes before the fields of the document
    Credentials { profile: String, before: String },
}

/// The rules of one address: what each request that comes there is for.
pub(crate) trait Protocol: Send + Sync + 'static {
    /// `now`: the time of day
    fn read(&self, head: &Parts, has_body: bool, now: DateTime<Utc>) -> Asked;
}

/// The answer to a request for credentials.
pub(crate) fn answer(before: &str, served: Result<Served, Unavailable>) -> Reply {
    match served {
        Ok(served) => Reply::credentials(before, &served.document),
        Err(unavailable) => Reply::unavailable(&unavailable.message),
    }
}
