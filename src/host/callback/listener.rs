//! The HTTP server on 127.0.0.1: which request gets which page, and which one is the answer.
//!
//! Every program and every web page on this machine can reach it, so a wrong request changes nothing.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Uri};
use subtle::ConstantTimeEq;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::page::{Page, content_security_policy};
use super::wants::Wants;
use crate::credentials::Secret;
use crate::host::listener::{self, Limits, Place, read_body};
use crate::host::peer::is_another_user;
use crate::ports::{AuthorizationAnswer, CallbackError};
use crate::text::random_word;

/// A browser on this machine needs milliseconds. A code takes some 2 KiB, and a browser adds the cookies
/// that any other program on 127.0.0.1 has set, whatever its port.
pub(super) const LIMITS: Limits =
    Limits { connections: 100, time: Duration::from_secs(10), head: 32 * 1024 };

/// The most that may be posted: an assertion as long as AWS takes it, with the escapes of a form.
const BODY_LIMIT: usize = 320 * 1024;

/// Assertions that wait for their browser at one time.
const POSTED: usize = 8;

/// What ended the wait for the browser.
pub(super) type Came = Result<AuthorizationAnswer, CallbackError>;

/// What the listener answers to.
///
/// The address that a browser is opened with is in its argument list, which every user of this
/// machine can read. So it is one of awsx's own, a [`Way`], that leads the first browser on to AWS
/// and gives it a cookie; only who has the cookie brings the answer. If somebody else comes first, the
/// person's own browser comes second, and that ends the login.
pub(super) struct Expected {
    pub(super) wants: Wants,
    pub(super) port: u16,
    /// `NAME=VALUE`. Cookies have no port, so the name has it.
    cookie: String,
    ways: Mutex<Vec<Way>>,
    /// The last assertions that were posted, until the browser that was led comes for its own
    posted: Mutex<VecDeque<Posted>>,
}

/// What was posted, and the path where it is taken.
struct Posted {
    path: String,
    assertion: Secret,
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
    pub(super) fn new(wants: Wants, port: u16) -> Self {
        let cookie = format!("awsx-{port}={}", random_word());
        Self { wants, port, cookie, ways: Mutex::default(), posted: Mutex::default() }
    }

    pub(super) fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn add_way(&self, url: &str) -> String {
        let path = format!("/{}", random_word());
        let address = self.address(&path);
        self.ways().push(Way { path, url: url.to_owned(), is_taken: false });
        address
    }

    fn ways(&self) -> MutexGuard<'_, Vec<Way>> {
        self.ways.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `body` is what is posted; none of what is too long.
    fn reply(&self, method: &Method, uri: &Uri, headers: &HeaderMap, body: Option<&[u8]>) -> Reply {
        let refusal = |status, page| Reply { status, page, location: None, came: None };
        if !names_listener(self.port, uri, headers) {
            return refusal(StatusCode::BAD_REQUEST, Page::OtherHost);
        }
        let is_way = self.ways().iter().any(|way| is_same(&way.path, uri.path()));
        if let Some(assertion) = self.find_posted(uri.path())
            && method == Method::GET
        {
            return match self.has_cookie(headers) {
                false => refusal(StatusCode::FORBIDDEN, Page::PostedByOther),
                true => {
                    let came = Some(Ok(AuthorizationAnswer::Code(assertion)));
                    let (status, page) = (StatusCode::OK, Page::Allowed);
                    Reply { status, page, location: None, came }
                }
            };
        }
        if uri.path() != self.wants.path() && !is_way {
            return refusal(StatusCode::NOT_FOUND, Page::NotFound);
        }
        let is_form = !is_way && matches!(self.wants, Wants::Assertion { .. });
        if is_form && method == Method::POST {
            return match self.wants.in_form(body.unwrap_or_default()) {
                Err(_) if body.is_none() => refusal(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    Page::NotTheAssertion("is too long".into()),
                ),
                Err(problem) => refusal(StatusCode::BAD_REQUEST, Page::NotTheAssertion(problem)),
                // A page of another site has no cookie along; a browser that is led on brings it.
                Ok(assertion) => Reply {
                    status: StatusCode::SEE_OTHER,
                    page: Page::Allowed,
                    location: Some((self.address(&self.keep(assertion)), None)),
                    came: None,
                },
            };
        }
        if method != Method::GET || is_form {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, Page::OtherMethod);
        }
        if is_way {
            return self.lead(uri.path(), headers);
        }
        match self.wants.in_query(uri.query().unwrap_or_default()) {
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

    /// Keeps what was posted; the path where it is taken.
    fn keep(&self, assertion: Secret) -> String {
        let path = format!("/{}", random_word());
        let mut posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        posted.truncate(POSTED - 1);
        posted.push_front(Posted { path: path.clone(), assertion });
        path
    }

    fn find_posted(&self, path: &str) -> Option<Secret> {
        let posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        let found = posted.iter().find(|posted| is_same(&posted.path, path))?;
        Some(found.assertion.clone())
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
}

/// Whether a request is for the listener at this port of 127.0.0.1, and for no other host.
pub(super) fn names_listener(port: u16, uri: &Uri, headers: &HeaderMap) -> bool {
    let own = ["127.0.0.1", "localhost"].map(|host| format!("{host}:{port}"));
    let is_own = |name: &[u8]| own.iter().any(|own| name.eq_ignore_ascii_case(own.as_bytes()));
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().is_some_and(|host| is_own(host.as_bytes()));
    let authority = uri.authority().is_none_or(|name| is_own(name.as_str().as_bytes()));
    host && hosts.next().is_none() && authority
}

pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

type Taker = Box<dyn FnOnce(Came) + Send>;

struct Shared {
    expected: Arc<Expected>,
    take: Mutex<Option<Taker>>,
    stop: Arc<Notify>,
}

impl Shared {
    /// The reply, and who takes the answer if it is the first one.
    fn reply(&self, head: &Parts, body: Option<&[u8]>) -> (Reply, Option<Taker>) {
        let reply = self.expected.reply(&head.method, &head.uri, &head.headers, body);
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
    let serve = |stream, place| {
        let shared = Arc::clone(&shared);
        async move { serve_connection(stream, &place, &shared).await }
    };
    listener::accept(listener, LIMITS, is_welcome, serve).await;
}

pub(super) fn is_welcome(peer: SocketAddr) -> bool {
    let is_another_user = is_another_user(peer);
    if is_another_user {
        tracing::info!("another user of this machine came to the callback, and was sent away");
    }
    !is_another_user
}

/// One connection, one request.
async fn serve_connection(stream: TcpStream, place: &Place, shared: &Shared) {
    let brought: Mutex<Option<(Came, Taker)>> = Mutex::new(None);
    listener::answer(stream, LIMITS, async |request: Request<Incoming>| {
        let (head, body) = request.into_parts();
        let body = match head.method == Method::POST {
            true => read_body(body, BODY_LIMIT).await,
            false => Some(Zeroizing::default()),
        };
        let (reply, take) = shared.reply(&head, body.as_ref().map(|body| &***body));
        let response = response(&reply);
        if let (Some(came), Some(take)) = (reply.came, take) {
            // Its page is still to be written.
            place.keep();
            *brought.lock().unwrap_or_else(PoisonError::into_inner) = Some((came, take));
        }
        response
    })
    .await;
    // As its page is small, one that brought the answer has been written by now.
    let brought = brought.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some((came, take)) = brought {
        take(came);
        shared.stop.notify_one();
    }
}

fn response(reply: &Reply) -> Response<String> {
    let Reply { status, page, location, .. } = reply;
    let mut response =
        protect_page(Response::new(page.html()), *status, &content_security_policy());
    let headers = response.headers_mut();
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

/// A page that nobody keeps, and that does no more than its policy says.
pub(super) fn protect_page(
    mut page: Response<String>,
    status: StatusCode,
    policy: &str,
) -> Response<String> {
    *page.status_mut() = status;
    let headers = page.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = HeaderValue::try_from(policy).expect("the policy is ASCII");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::CheckAssertion;

    #[test]
    fn each_request_gets_its_page() {
        let expected = Expected::new(Wants::Code { state: "s".to_owned() }, 4000);
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
            let reply = expected.reply(&method, &target.parse().unwrap(), &headers, Some(b""));
            assert_eq!((reply.status.as_u16(), reply.came.is_some()), (status, answers), "{docs}");
        }
    }

    /// A page of another site posts it without a cookie; the browser that awsx led comes for it with one.
    #[test]
    fn an_assertion_is_taken_from_the_browser_that_was_led() {
        let check: CheckAssertion = Arc::new(|text: &Secret| match text.expose() {
            "right" => Ok(()),
            _ => Err("is another".to_owned()),
        });
        let expected = Expected::new(Wants::Assertion { path: "/saml".into(), check }, 4000);
        let ask = |method: Method, target: &str, cookie: bool, body: Option<&[u8]>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:4000"));
            if cookie {
                headers.insert(header::COOKIE, expected.cookie.parse().unwrap());
            }
            expected.reply(&method, &target.parse().unwrap(), &headers, body)
        };
        let form: Option<&[u8]> = Some(b"SAMLResponse=right&RelayState=");
        for (docs, method, target, body, status) in [
            ("by GET", Method::GET, "/saml?SAMLResponse=right", Some(&b""[..]), 405),
            ("elsewhere", Method::POST, "/", form, 404),
            ("at the other callback", Method::GET, "/oauth/callback?code=c", Some(b""), 404),
            ("another one", Method::POST, "/saml", Some(b"SAMLResponse=wrong"), 400),
            ("none", Method::POST, "/saml", Some(b""), 400),
            ("a long one", Method::POST, "/saml", None, 413),
        ] {
            let reply = ask(method, target, true, body);
            assert_eq!((reply.status.as_u16(), reply.came.is_some()), (status, false), "{docs}");
        }
        let posted = ask(Method::POST, "/saml", false, form);
        let (address, cookie) = posted.location.unwrap();
        assert_eq!((posted.status.as_u16(), posted.came.is_some(), cookie), (303, false, None));
        let stranger = ask(Method::GET, &address, false, Some(b""));
        assert_eq!((stranger.status.as_u16(), stranger.came.is_some()), (403, false));
        let own = ask(Method::GET, &address, true, Some(b""));
        let Some(Ok(AuthorizationAnswer::Code(brought))) = own.came else { panic!("it came") };
        assert_eq!((own.status.as_u16(), brought.expose()), (200, "right"));
        // Others cannot fill the memory, and push out only what is older.
        (0..POSTED).for_each(|_| drop(ask(Method::POST, "/saml", false, form)));
        assert_eq!(ask(Method::GET, &address, true, Some(b"")).status.as_u16(), 404);
    }
}
