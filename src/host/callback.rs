//! The loopback address that the browser comes back to, and the terminal where a person pastes what it
//! would have brought.
//!
//! The listener has its own thread, so that it serves while the browser is being opened and while
//! the terminal is read.

mod answer;
mod form_page;
mod listener;
mod page;
mod page_once;
mod wants;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::Notify;

use crate::ports::{AuthorizationAnswer, Callback, CallbackError, ListenError};
use listener::{Came, Expected};
pub(crate) use page_once::{Page, PageOnce};
pub(super) use wants::Wants;

pub use answer::answer_in_page_code;

#[cfg(unix)]
const WAITING: &str = "Waiting for the browser (Ctrl-C cancels)… ";

/// How long the browser may take before it is probably on another machine.
#[cfg(unix)]
const USUAL: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 20_000 });

/// Listens on 127.0.0.1 for what is wanted. With `paste`, waiting also reads the terminal.
pub(super) fn listen(
    port: Option<u16>,
    wants: Wants,
    paste: bool,
) -> Result<Loopback, ListenError> {
    Loopback::start(port, wants, paste).map_err(|source| ListenError { port, source })
}

/// The listener. It closes after the first answer, and when dropped.
pub(super) struct Loopback {
    expected: Arc<Expected>,
    #[cfg(unix)]
    paste: bool,
    answers: Receiver<Came>,
    /// Its other end is closed once there is an answer
    #[cfg(unix)]
    answered: std::io::PipeReader,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl Loopback {
    #[cfg_attr(not(unix), expect(unused_variables, reason = "nothing is pasted on Windows"))]
    fn start(port: Option<u16>, wants: Wants, paste: bool) -> std::io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        let (sender, answers) = mpsc::channel();
        #[cfg(unix)]
        let (answered, wakes) = std::io::pipe()?;
        let take = move |answer| {
            // Nobody receives it where the login has ended in the meantime.
            let _ = sender.send(answer);
            #[cfg(unix)]
            drop(wakes);
        };
        let expected = Arc::new(Expected::new(wants, port));
        let stop = Arc::new(Notify::new());
        let (stopped, served) = (Arc::clone(&stop), Arc::clone(&expected));
        let thread = std::thread::Builder::new()
            .name("callback".into())
            .spawn(move || runtime.block_on(listener::serve(listener, served, stopped, take)))?;
        Ok(Self {
            expected,
            #[cfg(unix)]
            paste,
            answers,
            #[cfg(unix)]
            answered,
            stop,
            thread: Some(thread),
        })
    }

    fn wait_for_browser(&self, limit: Duration) -> Result<AuthorizationAnswer, CallbackError> {
        // It is closed once the answer was taken: there is no second one.
        self.answers.recv_timeout(limit).unwrap_or(Err(CallbackError::TimedOut))
    }

    #[cfg(unix)]
    fn wait_at(
        &self,
        device: &super::terminal::Device,
        limit: Duration,
        asks: bool,
    ) -> Result<AuthorizationAnswer, CallbackError> {
        use std::os::fd::AsFd;

        use super::terminal::{Meanwhile, Pasted};

        let ask = |question: &str, limit: Duration| {
            let until = std::time::Instant::now().checked_add(limit);
            let meanwhile = Meanwhile { woken: Some(self.answered.as_fd()), until };
            device.paste_unless(&device.fit(question), &meanwhile, |text| {
                self.expected.wants.read(text)
            })
        };
        let question = match &self.expected.wants {
            Wants::Code { .. } => format!(
                "Browser elsewhere? Paste the address that it ended at, http://127.0.0.1:{}/… (it is \
                 not shown): ",
                self.expected.port
            ),
            Wants::Assertion { .. } => {
                "Browser elsewhere? Paste SAMLResponse (it is not shown): ".to_owned()
            }
        };
        let pasted = match asks {
            true => ask(&question, limit)?,
            false => match ask(WAITING, USUAL.min(limit))? {
                Pasted::Late => ask(&question, limit.saturating_sub(USUAL))?,
                pasted => pasted,
            },
        };
        match pasted {
            Pasted::Taken(answer) => Ok(answer),
            Pasted::Woken => self.wait_for_browser(Duration::ZERO),
            Pasted::Late => Err(CallbackError::TimedOut),
        }
    }
}

impl Callback for Loopback {
    fn redirect_uri(&self) -> String {
        self.expected.address(self.expected.wants.path())
    }

    fn lead_to(&self, url: &str) -> String {
        self.expected.add_way(url)
    }

    #[cfg_attr(not(unix), expect(unused_variables, reason = "nothing is pasted on Windows"))]
    fn wait(&self, limit: Duration, asks: bool) -> Result<AuthorizationAnswer, CallbackError> {
        #[cfg(unix)]
        if self.paste
            && let Some(device) = super::terminal::Device::in_foreground()
        {
            return self.wait_at(&device, limit, asks);
        }
        self.wait_for_browser(limit)
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, the panic hook has ended awsx.
            let _ = thread.join();
        }
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

    fn wants(state: &str) -> Wants {
        Wants::Code { state: state.to_owned() }
    }

    /// Sends a request and gives all of the response.
    fn response(port: u16, request: &str) -> String {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        response
    }

    /// The response to a browser that comes to `target` with this header.
    fn page(port: u16, target: &str, header: &str) -> String {
        let host = format!("Host: 127.0.0.1:{port}");
        response(port, &format!("GET {target} HTTP/1.1\r\n{host}\r\n{header}\r\n"))
    }

    /// The cookie of a browser that awsx sent to AWS.
    fn cookie(loopback: &Loopback) -> String {
        let way = loopback.lead_to("https://aws/authorize?a=1");
        let (_, path) = way.rsplit_once('/').unwrap();
        let page = page(loopback.expected.port, &format!("/{path}"), "");
        assert!(page.starts_with("HTTP/1.1 302 "), "{page}");
        assert!(page.contains("\r\nlocation: https://aws/authorize?a=1\r\n"), "{page}");
        let (_, cookie) = page.split_once("\r\nset-cookie: ").unwrap();
        let (cookie, flags) = cookie.split_once(';').unwrap();
        assert!(flags.starts_with(" Path=/; HttpOnly; SameSite=Lax\r\n"), "{flags}");
        format!("cookie: other=1; {cookie}\r\n")
    }

    fn code(answer: Result<AuthorizationAnswer, CallbackError>) -> String {
        match answer {
            Ok(AuthorizationAnswer::Code(code)) => code.expose().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_right_answer_ends_the_wait_and_the_listener() {
        let mut loopback = listen(None, wants("s-1"), false).unwrap();
        let port = loopback.expected.port;
        assert_eq!(loopback.redirect_uri(), format!("http://127.0.0.1:{port}/oauth/callback"));

        let cookie = cookie(&loopback);
        for (target, status) in [
            ("/oauth/callback?code=c&state=s-2", "HTTP/1.1 400 "),
            ("/oauth/callback?code=c", "HTTP/1.1 400 "),
            ("/favicon.ico", "HTTP/1.1 404 "),
            ("/oauth/callback?code=c-1&state=s-1", "HTTP/1.1 200 "),
        ] {
            let page = page(port, target, &cookie);
            assert!(page.starts_with(status), "{target}: {page}");
            let (head, _) = page.split_once("\r\n\r\n").unwrap();
            for header in [
                "cache-control: no-store",
                "referrer-policy: no-referrer",
                "x-content-type-options: nosniff",
                "connection: close",
                "content-security-policy: default-src 'none'; style-src 'sha256-",
            ] {
                assert!(head.contains(header), "{target}: {header}: {head}");
            }
            assert!(!page.contains("c-1") && !page.contains("s-1"), "{page}");
        }
        assert_eq!(code(loopback.wait(PATIENCE, false)), "c-1");
        // Its thread ends by itself, and with it the listener.
        loopback.thread.take().unwrap().join().unwrap();
    }

    /// At once where no browser was opened, else where none comes.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_person_is_asked_for_the_address() {
        let waiting = "Waiting for the browser (Ctrl-C cancels)… \r\n";
        for (asks, first) in [(true, ""), (false, waiting)] {
            let loopback = listen(None, wants("s-1"), true).unwrap();
            let (answer, shown) = crate::host::terminal::testing::at_a_terminal(
                |device| loopback.wait_at(device, PATIENCE, asks),
                |person| {
                    let shown = person.expect("(it is not shown): ");
                    person.type_text("http://127.0.0.1/oauth/callback?code=c-1&state=s-1\r");
                    person.expect("\n");
                    shown
                },
            );
            assert_eq!(code(answer), "c-1");
            let question =
                "Browser elsewhere? Paste the address that it ended at, http://127.0.0.1:";
            assert!(shown.starts_with(&format!("{first}{question}")), "{shown}");
        }
    }

    #[test]
    fn a_denial_is_shown_and_returned() {
        let loopback = listen(None, wants("s"), false).unwrap();
        let target = "/oauth/callback?error=access_denied&error_description=not%0A<you>&state=s";
        let target = target.replace('<', "%3C").replace('>', "%3E");
        let page = page(loopback.expected.port, &target, &cookie(&loopback));
        assert!(page.contains("<code>access_denied</code>"), "{page}");
        assert!(page.contains("not &lt;you&gt;"), "{page}");
        match loopback.wait(PATIENCE, false).unwrap() {
            AuthorizationAnswer::Denied { error, description } => {
                assert_eq!((&*error, description.as_deref()), ("access_denied", Some("not <you>")));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn stuck_and_hostile_connections_do_not_keep_the_browser_out() {
        let loopback = listen(None, wants("s"), false).unwrap();
        let port = loopback.expected.port;
        // So many that they would outlast every patience if they were served one after another.
        let stuck: Vec<TcpStream> = (0..700)
            .map(|_| {
                let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
                stream.write_all(b"GET /oauth/callb").unwrap();
                stream
            })
            .collect();
        for (docs, request) in [
            ("not HTTP", "\x16\x03\x01 hello\r\n\r\n".to_owned()),
            ("a head without end", format!("GET / HTTP/1.1\r\nx: {}\r\n", "x".repeat(40_000))),
        ] {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            // The listener may hang up before all of it is sent.
            let _ = stream.write_all(request.as_bytes());
            let mut response = Vec::new();
            let _ = stream.read_to_end(&mut response);
            assert!(!response.starts_with(b"HTTP/1.1 200"), "{docs}");
        }
        let page = page(port, "/oauth/callback?code=c&state=s", &cookie(&loopback));
        assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
        assert_eq!(code(loopback.wait(PATIENCE, false)), "c");
        drop(stuck);
    }

    /// Whoever reads the address in the argument list of the browser comes first, or second.
    #[test]
    fn one_browser_is_led_and_only_it_brings_the_answer() {
        let loopback = listen(None, wants("s"), false).unwrap();
        let port = loopback.expected.port;
        let (opened, shown) = (loopback.lead_to("https://aws/"), loopback.lead_to("https://aws/"));
        assert_ne!(opened, shown);
        let comes = |way: &str, cookie: &str| {
            let (_, path) = way.rsplit_once('/').unwrap();
            page(port, &format!("/{path}"), cookie)
        };
        let first = comes(&opened, "");
        let cookie = first.split_once("set-cookie: ").unwrap().1.split_once(';').unwrap().0;
        let cookie = format!("cookie: {cookie}\r\n");
        for (docs, response, status) in [
            ("the same browser again", comes(&opened, &cookie), "302"),
            ("the address that is shown", comes(&shown, ""), "302"),
            (
                "by name, on to the number",
                {
                    let (_, path) = shown.rsplit_once('/').unwrap();
                    response(
                        port,
                        &format!("GET /{path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"),
                    )
                },
                "302",
            ),
            (
                "an answer without the cookie",
                page(port, "/oauth/callback?code=c&state=s", ""),
                "403",
            ),
            (
                "with another",
                page(port, "/oauth/callback?code=c&state=s", "cookie: awsx-1=x\r\n"),
                "403",
            ),
            ("a second browser", comes(&opened, ""), "410"),
        ] {
            assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{docs}: {response}");
            let page = response.split_once("\r\n\r\n").unwrap().1;
            assert_eq!(page.contains("<script>"), status != "403", "{docs}");
        }
        let error = loopback.wait(PATIENCE, false).unwrap_err();
        assert!(matches!(error, CallbackError::OpenedTwice), "{error:?}");
    }

    #[test]
    fn waiting_ends_at_the_limit() {
        let loopback = listen(None, wants("s"), false).unwrap();
        let error = loopback.wait(Duration::from_millis(1), false).unwrap_err();
        assert!(matches!(error, CallbackError::TimedOut), "{error:?}");
    }

    #[test]
    fn only_on_this_machine_and_only_while_it_lives() {
        let loopback = listen(None, wants("s"), false).unwrap();
        let port = loopback.expected.port;
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        // Other addresses of this machine, such as this one on Linux, are not listened on.
        let elsewhere = TcpStream::connect((Ipv4Addr::new(127, 0, 0, 2), port));
        assert!(elsewhere.is_err() || cfg!(not(target_os = "linux")));
        drop(loopback);
        assert!(becomes_free(port));
    }

    #[test]
    fn the_port_is_the_one_that_was_on_request() {
        let is_given = |port: u16| {
            listen(Some(port), wants("s"), false).is_ok_and(|l| l.expected.port == port)
        };
        assert!((0..5).any(|_| {
            let free = listen(None, wants("s"), false).unwrap().expected.port;
            is_given(free)
        }));
    }

    #[test]
    fn a_taken_port_is_an_error() {
        let first = listen(None, wants("s"), false).unwrap();
        let Err(error) = listen(Some(first.expected.port), wants("s"), false) else {
            panic!("it was taken")
        };
        let expected = format!("127.0.0.1:{} cannot be listened on", first.expected.port);
        assert_eq!(error.to_string(), expected);
    }
}
