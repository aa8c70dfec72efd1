//! The HTTP server on 127.0.0.1: which request gets which page, and which one is the answer.
//!
//! Every program and every web page on this machine can reach it, so each connection is bounded in
//! time and size and a wrong request changes nothing.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use subtle::ConstantTimeEq;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::answer;
use super::page::{Page, content_security_policy};
use crate::ports::{AuthorizationAnswer, CallbackError};

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

/// What ended the wait for the browser.
pub(super) type Came = Result<AuthorizationAnswer, CallbackError>;

/// What the listener answers to.
///
/// The address that a browser is opened with is in its argument list, which every user of this
/// machine can read. So it is one of awsx's own, a [`Way`], that leads the first browser on to AWS
/// and gives it a cookie; only who has the cookie brings the answer. If somebody else comes first, the
/// person's own browser comes second, and that ends the login.
pub(super) struct Expected {
    pub(super) state: String,
    pub(super) port: u16,
    /// `NAME=VALUE`. Cookies have no port, so the name has it.
    cookie: String,
    ways: Mutex<Vec<Way>>,
}

/// A path that leads one browser to `url`.
struct Way {
    path: String,
    url: String,
    is_taken: bool,
}

struct Reply {
    status: StatusCode,
    page: Page,
    /// Where the browser is led instead, and the cookie that it gets
    location: Option<(String, Option<String>)>,
    came: Option<Came>,
}

impl Expected {
    pub(super) fn new(state: &str, port: u16) -> Self {
        let cookie = format!("awsx-{port}={}", random());
        Self { state: state.to_owned(), port, cookie, ways: Mutex::default() }
    }

    pub(super) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn add_way(&self, url: &str) -> String {
        let path = format!("/{}", random());
        let address = self.address(&path);
        self.ways().push(Way { path, url: url.to_owned(), is_taken: false });
        address
    }

    fn ways(&self) -> MutexGuard<'_, Vec<Way>> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reply(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Reply {
        let refusal = |status, page| Reply { status, page, location: None, came: None };
        if !self.names_this_listener(uri, headers) {
            return refusal(StatusCode::BAD_REQUEST, Page::OtherHost);
        }
        let is_way = self.ways().iter().any(|way| is_same(&way.path, uri.path()));
        if uri.path() != PATH && !is_way {
            return refusal(StatusCode::NOT_FOUND, Page::NotFound);
        }
        if method != Method::GET {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, Page::OtherMethod);
        }
        if is_way {
            return self.lead(uri.path(), headers);
        }
        match answer::answer_in_query(uri.query().unwrap_or_default(), &self.state) {
            Ok(_) if !self.has_cookie(headers) => {
                refusal(StatusCode::FORBIDDEN, Page::OtherBrowser)
            }
            Ok(answer) => {
                let page = match &answer {
                    AuthorizationAnswer::Code(_) => Page::Allowed,
                    AuthorizationAnswer::Denied { error, description } => {
                        Page::Denied { error: error.clone(), description: description.clone() }
                    }
                };
                Reply { status: StatusCode::OK, page, location: None, came: Some(Ok(answer)) }
            }
            Err(problem) => refusal(StatusCode::BAD_REQUEST, Page::NotTheAnswer(problem)),
        }
    }

    /// Leads the first browser that comes, as often as it comes.
    fn lead(&self, path: &str, headers: &HeaderMap) -> Reply {
        let lead_to = |url, cookie| Reply {
            status: StatusCode::FOUND,
            page: Page::Led,
            location: Some((url, cookie)),
            came: None,
        };
        // The browser comes back to 127.0.0.1, and would have no cookie there.
        let host = headers.get(header::HOST).map(HeaderValue::as_bytes).unwrap_or_default();
        if !host.starts_with(b"127.0.0.1") {
            return lead_to(self.address(path), None);
        }
        let mut ways = self.ways();
        match ways.iter_mut().find(|way| is_same(&way.path, path)) {
            Some(way) if !way.is_taken || self.has_cookie(headers) => {
                way.is_taken = true;
                let cookie = format!("{}; Path=/; HttpOnly; SameSite=Lax", self.cookie);
                lead_to(way.url.clone(), Some(cookie))
            }
            _ => Reply {
                status: StatusCode::GONE,
                page: Page::OpenedTwice,
                location: None,
                came: Some(Err(CallbackError::OpenedTwice)),
            },
        }
    }

    fn has_cookie(&self, headers: &HeaderMap) -> bool {
        let cookies =
            headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies.flat_map(|value| value.split(';')).any(|own| is_same(own.trim(), &self.cookie))
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

/// 256 bits that nobody guesses.
fn random() -> String {
    let mut bytes = [0; 32];
    getrandom::getrandom(&mut bytes).expect("the operating system has random numbers");
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

type Taker = Box<dyn FnOnce(Came) + Send>;

struct Shared {
    expected: Arc<Expected>,
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
        if reply.came.is_none() {
            return (reply, None);
        }
        match self.take.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(take) => (reply, Some(take)),
            None => {
                let (status, page) = (StatusCode::GONE, Page::Answered);
                (Reply { status, page, location: None, came: None }, None)
            }
        }
    }
}

/// Serves until the answer has come and its page is written, or until `stop`. `take` gets the
/// answer. The port is closed once the runtime is dropped.
pub(super) async fn serve(
    listener: TcpListener,
    expected: Arc<Expected>,
    stop: Arc<Notify>,
    take: impl FnOnce(Came) + Send + 'static,
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
            #[cfg(target_os = "linux")]
            Ok((_, peer)) if super::peer::is_another_user(peer) => {
                tracing::info!(
                    "another user of this machine came to the callback, and was sent away"
                );
            }
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
    let brought: Mutex<Option<(Came, Taker)>> = Mutex::new(None);
    let service = service_fn(|request| {
        let (reply, take) = shared.reply(&request);
        let response = response(&reply);
        if let (Some(came), Some(take)) = (reply.came, take) {
            *brought.lock().unwrap_or_else(PoisonError::into_inner) = Some((came, take));
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
    if let Some((came, take)) = brought {
        take(came);
        shared.stop.notify_one();
    }
}

fn response(reply: &Reply) -> Response<String> {
    let Reply { status, page, location, .. } = reply;
    let mut response = Response::new(page.html());
    *response.status_mut() = *status;
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
    if *status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET"));
    }
    if let Some((url, cookie)) = location {
        let value = |text: &str| HeaderValue::try_from(text).expect("addresses are ASCII");
        headers.insert(header::LOCATION, value(url));
        if let Some(cookie) = cookie {
            headers.insert(header::SET_COOKIE, value(cookie));
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_gets_its_page() {
        let expected = Expected::new("s", 4000);
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
            headers.insert(header::COOKIE, expected.cookie.parse().unwrap());
            for host in hosts {
                headers.append(header::HOST, HeaderValue::from_static(host));
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = expected.reply(&method, &target.parse().unwrap(), &headers);
            assert_eq!((reply.status.as_u16(), reply.came.is_some()), (status, answers), "{docs}");
        }
    }
}
