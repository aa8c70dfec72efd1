//! A page that posts a form somewhere else, for one browser: what it posts stands in no address, and in no
//! argument list.

use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::listener::{LIMITS, is_same, is_welcome, names_listener, protect_page};
use super::page::{document, escape_all, policy};
use crate::client_settings::origin;
use crate::credentials::ConsoleForm;
use crate::host::listener::{accept, answer};
use crate::text::random_word;

/// Serves the page, which closes once a browser has it, or when dropped.
pub(crate) struct FormPage {
    shared: Arc<Shared>,
    taken: Receiver<()>,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    port: u16,
    /// Where the page is
    paths: Mutex<Vec<String>>,
    page: Page,
    is_taken: AtomicBool,
}

struct Page {
    html: String,
    policy: String,
}

/// What the page does: it posts its form. Where a browser signs out first, a person clicks for that: no browser opens a
/// window unasked. The window is elsewhere once what it says of itself is kept from this page.
const SCRIPT: &str = "\
history.replaceState(null,\"\",\"/\");\
const form=document.forms[0],out=form.dataset.out;\
if(!out)form.submit();\
else document.querySelector(\"button\").addEventListener(\"click\",()=>{\
const there=open(out);\
if(!there){document.querySelector(\"#blocked\").hidden=false;return}\
const timer=setInterval(()=>{\
let left=there.closed;\
try{left||=there.location.href!==\"about:blank\"}catch{left=true}\
if(left){clearInterval(timer);there.close();form.submit()}\
},100)})";

impl FormPage {
    /// Listens on 127.0.0.1, on any free port.
    pub(in crate::host) fn serve(form: &ConsoleForm) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (sender, taken) = mpsc::channel();
        let page = Page::of(form);
        let shared = Arc::new(Shared {
            port,
            paths: Mutex::default(),
            page,
            is_taken: AtomicBool::new(false),
        });
        let stop = Arc::new(Notify::new());
        let (served, stopped) = (Arc::clone(&shared), Arc::clone(&stop));
        let thread = std::thread::Builder::new()
            .name("page".into())
            .spawn(move || runtime.block_on(serve(listener, served, sender, stopped)))?;
        Ok(Self { shared, taken, stop, thread: Some(thread) })
    }

    /// A new address of the page.
    pub(crate) fn address(&self) -> String {
        let path = format!("/{}", random_word());
        let address = format!("http://127.0.0.1:{}{path}", self.shared.port);
        self.shared.paths.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        address
    }

    /// Waits until a browser has the page; false where none comes in time.
    pub(crate) fn wait(&self, limit: Duration) -> bool {
        self.taken.recv_timeout(limit).is_ok()
    }
}

impl Drop for FormPage {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, the panic hook has ended awsx.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>, taken: Sender<()>, stop: Arc<Notify>) {
    let serve = move |stream, place: crate::host::listener::Place| {
        let (shared, taken) = (Arc::clone(&shared), taken.clone());
        async move {
            let is_answer = AtomicBool::new(false);
            answer(stream, LIMITS, async |request| {
                let (head, _) = request.into_parts();
                let response = shared.response(&head);
                if response.status() == StatusCode::OK {
                    place.keep();
                    is_answer.store(true, Ordering::Relaxed);
                }
                response
            })
            .await;
            if is_answer.into_inner() {
                // Nobody waits for it where awsx ends.
                let _ = taken.send(());
            }
        }
    };
    let accepting = tokio::spawn(accept(listener, LIMITS, is_welcome, serve));
    stop.notified().await;
    accepting.abort();
}

impl Shared {
    fn response(&self, head: &Parts) -> Response<String> {
        let refuse = |status: StatusCode, title: &str, text: &str| {
            let html = document(title, &format!("<p>{text}</p>"), "");
            protect_page(Response::new(html), status, &policy("", None))
        };
        let is_page = {
            let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
            paths.iter().any(|path| is_same(path, head.uri.path()))
        };
        if !names_listener(self.port, &head.uri, &head.headers) {
            let text = "awsx answers to 127.0.0.1 and its own port alone.";
            return refuse(StatusCode::BAD_REQUEST, "Refused", text);
        }
        if !is_page {
            return refuse(StatusCode::NOT_FOUND, "Nothing here", "This is a page of awsx.");
        }
        // What a browser fetches ahead nobody may ever see.
        if head.method != Method::GET || head.headers.contains_key("sec-purpose") {
            let text = "It is not answered that way.";
            return refuse(StatusCode::METHOD_NOT_ALLOWED, "Refused", text);
        }
        if self.is_taken.swap(true, Ordering::SeqCst) {
            let text = "A browser has had this page, which is there once. If it was not yours, somebody on this \
                        machine may be signed in as you: the terminal says how to go on.";
            return refuse(StatusCode::GONE, "Used already", text);
        }
        protect_page(Response::new(self.page.html.clone()), StatusCode::OK, &self.page.policy)
    }
}

impl Page {
    fn of(form: &ConsoleForm) -> Self {
        let fields: String = form
            .fields()
            .into_iter()
            .map(|(name, value)| {
                let value = escape_all(value);
                format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">")
            })
            .collect();
        let (title, words, out) = match form.sign_out_address(None) {
            None => ("Signing in to AWS", "<p>This page leads to AWS.</p>", String::new()),
            Some(out) => (
                "Sign out first",
                "<p>A window opens that signs this browser out of AWS; then this page signs it in anew.</p>\
                 <p><button type=\"button\">Sign out and in</button></p>\
                 <p id=\"blocked\" hidden>The browser has blocked that window: allow it for 127.0.0.1, and click \
                 again.</p>",
                format!(" data-out=\"{}\"", escape_all(out.expose())),
            ),
        };
        let endpoint = escape_all(&form.endpoint);
        let body = format!(
            "{words}<form method=\"post\" action=\"{endpoint}\"{out}>{fields}\
             <noscript><button>Sign in</button></noscript></form>"
        );
        let policy = policy(SCRIPT, Some(&origin(&form.endpoint)));
        Self { html: document(title, &body, SCRIPT), policy }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;
    use crate::credentials::Secret;
    use crate::host::testing::becomes_free;

    /// A bound for a hanging test; nothing is measured against it.
    const PATIENCE: Duration = Duration::from_secs(60);

    fn form(sign_out: Option<&str>) -> ConsoleForm {
        ConsoleForm {
            endpoint: "https://signin.example/federation".to_owned(),
            destination: "https://console.example/a?b&c=\"d\"".to_owned(),
            token: Secret::new("planted"),
            sign_out: sign_out.map(str::to_owned),
        }
    }

    /// The response to a request for this path with these headers.
    fn ask(port: u16, method: &str, path: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    #[test]
    fn one_browser_gets_the_page() {
        let page = FormPage::serve(&form(None)).unwrap();
        let port = page.shared.port;
        let path = |address: String| address.rsplit_once('/').unwrap().1.to_owned();
        let (opened, shown) = (path(page.address()), path(page.address()));
        let (opened, shown) = (format!("/{opened}"), format!("/{shown}"));
        let host = format!("Host: 127.0.0.1:{port}\r\n");
        for (docs, method, path, headers, status) in [
            ("another path", "GET", "/", &*host, 404),
            ("another host", "GET", &opened, "Host: evil.example\r\n", 400),
            ("no host", "GET", &opened, "", 400),
            ("another method", "POST", &opened, &host, 405),
            ("HEAD", "HEAD", &opened, &host, 405),
            ("fetched ahead", "GET", &opened, &format!("{host}Sec-Purpose: prefetch\r\n"), 405),
            ("the browser", "GET", &opened, &host, 200),
            ("again", "GET", &opened, &host, 410),
            ("another one", "GET", &shown, &host, 410),
        ] {
            let response = ask(port, method, path, headers);
            assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{docs}: {response}");
            assert_eq!(response.contains("planted"), status == 200, "{docs}");
            if status == 200 {
                for words in [
                    "cache-control: no-store\r\n",
                    "referrer-policy: no-referrer\r\n",
                    "form-action https://signin.example https:;",
                    "<form method=\"post\" action=\"https://signin.example/federation\">",
                    "name=\"Destination\" value=\"https://console.example/a?b&amp;c=&quot;d&quot;\"",
                ] {
                    assert!(response.contains(words), "{words}: {response}");
                }
            }
        }
        assert!(page.wait(PATIENCE));
        assert!(!page.wait(Duration::ZERO), "once");
        drop(page);
        assert!(becomes_free(port), "it is closed");
    }

    #[test]
    fn a_browser_that_signs_out_first_asks_for_a_click() {
        let page = Page::of(&form(Some("https://signin.example/oauth")));
        let out = "data-out=\"https://signin.example/oauth?Action=logout\"";
        assert!(page.html.contains(out) && page.html.contains("<button type=\"button\">"));
        assert!(!Page::of(&form(None)).html.contains("data-out"));
    }
}
