//! A page that one browser gets, once: what is in it stands in no file, in no address, and in no argument list.

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
use super::page::{document, policy};
use crate::host::listener::{accept, answer};
use crate::text::random_word;

/// Serves the page, which closes once a browser has it, or when dropped.
pub(crate) struct PageOnce {
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

pub(crate) struct Page {
    pub html: String,
    /// `Content-Security-Policy`
    pub policy: String,
    /// What whoever comes second is told, if the page was not shown to them
    pub warning: &'static str,
}

impl PageOnce {
    /// Listens on 127.0.0.1, on any free port.
    pub(in crate::host) fn serve(page: Page) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (sender, taken) = mpsc::channel();
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

impl Drop for PageOnce {
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
            let text =
                format!("A browser has had this page, which is there once. {}", self.page.warning);
            return refuse(StatusCode::GONE, "Used already", &text);
        }
        protect_page(Response::new(self.page.html.clone()), StatusCode::OK, &self.page.policy)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;
    use crate::host::testing::becomes_free;

    /// A bound for a hanging test; nothing is measured against it.
    const PATIENCE: Duration = Duration::from_secs(60);

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
        let page = PageOnce::serve(Page {
            html: "<p>planted".to_owned(),
            policy: "default-src 'none'".to_owned(),
            warning: "Beware.",
        });
        let page = page.unwrap();
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
            assert_eq!(response.contains("once. Beware."), status == 410, "{docs}");
            if status == 200 {
                for words in [
                    "cache-control: no-store\r\n",
                    "referrer-policy: no-referrer\r\n",
                    "x-content-type-options: nosniff\r\n",
                    "content-security-policy: default-src 'none'\r\n",
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
}
