//! The HTTP server on 127.0.0.1: which request gets which page, and which one is the answer.
//!
//! Every program and every web page on this machine can reach it, so each connection is bounded in
//! time and size and a wrong request changes nothing.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::answer;
use super::page::{Page, content_security_policy};
use crate::ports::AuthorizationAnswer;

/// The path of the callback, fixed by the redirect address that awsx registers.
pub(super) const PATH: &str = "/oauth/callback";

/// The most that a connection may take: a browser on this machine needs milliseconds.
const CONNECTION_LIMIT: Duration = Duration::from_secs(10);

/// The most that a request's head may be. A code takes some 2 KiB, and a browser adds the cookies
/// that any other program on 127.0.0.1 has set, whatever its port.
const HEAD_LIMIT: usize = 32 * 1024;

/// Connections at one time; the oldest makes room for one more, so that whoever opens many and says
/// nothing does not keep the browser out. Less than any system's limit for open files.
const CONNECTIONS: usize = 100;

pub(super) struct Expected {
    pub(super) state: String,
    pub(super) port: u16,
}

struct Reply {
    status: StatusCode,
    page: Page,
    answer: Option<AuthorizationAnswer>,
}

impl Expected {
    fn reply(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Reply {
        let refusal = |status, page| Reply { status, page, answer: None };
        if !self.names_this_listener(uri, headers) {
            return refusal(StatusCode::BAD_REQUEST, Page::OtherHost);
        }
        if uri.path() != PATH {
            return refusal(StatusCode::NOT_FOUND, Page::NotFound);
        }
        if method != Method::GET {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, Page::OtherMethod);
        }
        match answer::answer_in_query(uri.query().unwrap_or_default(), &self.state) {
            Ok(answer) => {
                let page = match &answer {
                    AuthorizationAnswer::Code(_) => Page::Allowed,
                    AuthorizationAnswer::Denied { error, description } => {
                        Page::Denied { error: error.clone(), description: description.clone() }
                    }
                };
                Reply { status: StatusCode::OK, page, answer: Some(answer) }
            }
            Err(problem) => refusal(StatusCode::BAD_REQUEST, Page::NotTheAnswer(problem)),
        }
    }

    /// Whether the request is for this listener, and for no other host.
    fn names_this_listener(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let own = ["127.0.0.1", "localhost"].map(|host| format!("{host}:{}", self.port));
        let is_own = |name: &[u8]| own.iter().any(|own| name.eq_ignore_ascii_case(own.as_bytes()));
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().is_some_and(|host| is_own(host.as_bytes()));
        let authority = uri.authority().is_none_or(|name| is_own(name.as_str().as_bytes()));
        host && hosts.next().is_none() && authority
    }
}

type Taker = Box<dyn FnOnce(AuthorizationAnswer) + Send>;

struct Shared {
    expected: Expected,
    take: Mutex<Option<Taker>>,
    stop: Arc<Notify>,
}

impl Shared {
    fn is_answered(&self) -> bool {
        self.take.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// The reply, and who takes the answer if it is the first one.
    fn reply(&self, request: &Request<impl Sized>) -> (Reply, Option<Taker>) {
        let reply = self.expected.reply(request.method(), request.uri(), request.headers());
        if reply.answer.is_none() {
            return (reply, None);
        }
        match self.take.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(take) => (reply, Some(take)),
            None => {
                let (status, page) = (StatusCode::GONE, Page::Answered);
                (Reply { status, page, answer: None }, None)
            }
        }
    }
}

/// Serves until the answer has come and its page is written, or until `stop`. `take` gets the
/// answer. The port is closed once the runtime is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    expected: Expected,
    stop: Arc<Notify>,
    take: impl FnOnce(AuthorizationAnswer) + Send + 'static,
) {
    let take: Mutex<Option<Taker>> = Mutex::new(Some(Box::new(take)));
    let shared = Arc::new(Shared { expected, take, stop: Arc::clone(&stop) });
    let accepting = tokio::spawn(accept(listener, shared));
    stop.notified().await;
    accepting.abort();
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut open: VecDeque<AbortHandle> = VecDeque::with_capacity(CONNECTIONS);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                open.retain(|connection| !connection.is_finished());
                if open.len() == CONNECTIONS {
                    // One of them has brought the answer, and is still writing its page.
                    if shared.is_answered() {
                        continue;
                    }
                    open.pop_front().expect("it is full").abort();
                }
                let shared = Arc::clone(&shared);
                let connection =
                    tokio::spawn(async move { serve_connection(stream, &shared).await });
                open.push_back(connection.abort_handle());
            }
            // No file can be opened for now, or the other side is gone already.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// One connection, one request.
async fn serve_connection(stream: TcpStream, shared: &Shared) {
    let brought: Mutex<Option<(AuthorizationAnswer, Taker)>> = Mutex::new(None);
    let service = service_fn(|request| {
        let (reply, take) = shared.reply(&request);
        let response = response(reply.status, &reply.page);
        if let (Some(answer), Some(take)) = (reply.answer, take) {
            *brought.lock().unwrap_or_else(PoisonError::into_inner) = Some((answer, take));
        }
        async { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(HEAD_LIMIT)
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    // A broken or slow connection has nobody to tell. One that brought the answer has, as its page
    // is small, been written by now.
    let _ = tokio::time::timeout(CONNECTION_LIMIT, connection).await;
    let brought = brought.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((answer, take)) = brought {
        take(answer);
        shared.stop.notify_one();
    }
}

fn response(status: StatusCode, page: &Page) -> Response<String> {
    let mut response = Response::new(page.html());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = HeaderValue::try_from(content_security_policy());
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.expect("the policy is ASCII"));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_gets_its_page() {
        let expected = Expected { state: "s".into(), port: 4000 };
        let right = "/oauth/callback?code=c&state=s";
        for (docs, method, target, hosts, status, answers) in [
            ("the answer", "GET", right, &["127.0.0.1:4000"][..], 200, true),
            ("by name", "GET", right, &["LocalHost:4000"], 200, true),
            (
                "in absolute form",
                "GET",
                "http://127.0.0.1:4000/oauth/callback?code=c&state=s",
                &["127.0.0.1:4000"],
                200,
                true,
            ),
            (
                "a denial",
                "GET",
                "/oauth/callback?error=access_denied&state=s",
                &["127.0.0.1:4000"],
                200,
                true,
            ),
            ("a site that resolves to here", "GET", right, &["evil.example:4000"], 400, false),
            ("another port", "GET", right, &["127.0.0.1:4001"], 400, false),
            ("no port", "GET", right, &["127.0.0.1"], 400, false),
            ("no host", "GET", right, &[], 400, false),
            ("two hosts", "GET", right, &["127.0.0.1:4000", "evil.example"], 400, false),
            (
                "another host in absolute form",
                "GET",
                "http://evil.example/oauth/callback?code=c&state=s",
                &["127.0.0.1:4000"],
                400,
                false,
            ),
            ("another path", "GET", "/?code=c&state=s", &["127.0.0.1:4000"], 404, false),
            ("below it", "GET", "/oauth/callback/x", &["127.0.0.1:4000"], 404, false),
            ("another method", "POST", right, &["127.0.0.1:4000"], 405, false),
            ("no body either", "HEAD", right, &["127.0.0.1:4000"], 405, false),
            (
                "another state",
                "GET",
                "/oauth/callback?code=c&state=t",
                &["127.0.0.1:4000"],
                400,
                false,
            ),
            ("no query", "GET", "/oauth/callback", &["127.0.0.1:4000"], 400, false),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, HeaderValue::from_static(host));
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = expected.reply(&method, &target.parse().unwrap(), &headers);
            assert_eq!(
                (reply.status.as_u16(), reply.answer.is_some()),
                (status, answers),
                "{docs}"
            );
        }
    }
}
