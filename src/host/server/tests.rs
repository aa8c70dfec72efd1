//! Real sockets, and clients that mean harm.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::DateTime;

use super::*;
use crate::credentials::{LiveCredentials, LongTermCredentials, NoSession, Secret};
use crate::host::testing::becomes_free;
use crate::ports::testing::FixedClock;
use crate::server::{Access, Served, Unavailable, document, path_of};

/// A bound for a hanging test; nothing is measured against it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Gives `dev` its keys, and has none for others; counts.
#[derive(Default)]
struct Keys(AtomicUsize);

impl Backend for Keys {
    async fn credentials(&self, profile: &str) -> Result<Served, Unavailable> {
        self.0.fetch_add(1, Ordering::SeqCst);
        match profile {
            "dev" => {
                let keys = LongTermCredentials {
                    access_key_id: "AKIAEXAMPLE".into(),
                    secret_access_key: Secret::new("planted"),
                    account_id: None,
                };
                let live = LiveCredentials::long_term(keys, NoSession::on_request());
                Ok(document(&live).unwrap())
            }
            _ => Err(Unavailable { message: "it waits for `awsx renew prod`".into() }),
        }
    }
}

struct Server {
    port: u16,
    access: Arc<Access>,
    keys: Arc<Keys>,
    _running: Running,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let access = Arc::new(Access::new(port, []));
        let keys = Arc::new(Keys::default());
        let clock = FixedClock::at(DateTime::UNIX_EPOCH);
        let door = Door::tcp(listener, Arc::clone(&access) as Arc<dyn Protocol>);
        let _running = start([door], clock, Arc::clone(&keys)).unwrap();
        Self { port, access, keys, _running }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// All that comes back; nothing where the connection was cut.
    fn send(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        let mut response = Vec::new();
        let _ = stream.write_all(request);
        let _ = stream.read_to_end(&mut response);
        String::from_utf8(response).unwrap()
    }

    /// A whole request with the token, more headers, and what stands behind them.
    fn ask(&self, line: &str, token: &str, more: &str) -> String {
        let port = self.port;
        let host = format!("Host: 127.0.0.1:{port}\r\nAuthorization: {token}");
        self.send(format!("{line}\r\n{host}\r\n{more}").as_bytes())
    }
}

#[test]
fn the_answer_is_not_to_be_kept() {
    let server = Server::start();
    let token = server.access.grant("dev");
    for _ in 0..3 {
        let answer =
            server.ask(&format!("GET {} HTTP/1.1", path_of("dev")), token.expose(), "\r\n");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        for header in [
            "content-type: application/json",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "connection: close",
            "content-length: 68",
        ] {
            assert!(head.contains(header), "{header}: {head}");
        }
        assert_eq!(body, r#"{"AccessKeyId":"AKIAEXAMPLE","SecretAccessKey":"planted","Token":""}"#);
    }
    let waiting = server.access.grant("prod");
    let answer = server.ask("GET /profile/prod HTTP/1.1", waiting.expose(), "\r\n");
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let expected =
        r#"{"code":"CredentialsUnavailable","message":"it waits for `awsx renew prod`"}"#;
    assert!(answer.ends_with(expected), "{answer}");
}

/// Whatever is wrong, with the right token too: a refusal, or a connection that is cut.
#[test]
fn a_hostile_client_gets_nothing() {
    let server = Server::start();
    let token = server.access.grant("dev");
    let token = token.expose();
    let plain = "GET /profile/dev HTTP/1.1";
    let long = format!("x: {}\r\n\r\n", "x".repeat(40_000));
    let many: String = (0..200).map(|n| format!("x{n}: y\r\n")).collect();
    let huge = format!("content-length: 1000000\r\n\r\n{}", "x".repeat(1_000_000));
    for (docs, line, token, more, expected) in [
        ("a wrong token", plain, "wrong", "\r\n", "401"),
        ("none", plain, "", "\r\n", "401"),
        ("a page", plain, token, "Origin: http://127.0.0.1\r\n\r\n", "403"),
        ("a second host", plain, token, "Host: evil.example\r\n\r\n", "400"),
        ("a second token", plain, token, "Authorization: x\r\n\r\n", "401"),
        ("a body", plain, token, "Content-Length: 1\r\n\r\nx", "413"),
        ("a body in parts", plain, token, "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "413"),
        ("a huge body", plain, token, &*huge, "413"),
        (
            "two lengths",
            plain,
            token,
            "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "413",
        ),
        (
            "lengths that differ",
            plain,
            token,
            "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
            "400",
        ),
        ("another coding", plain, token, "Transfer-Encoding: gzip\r\n\r\n", "400"),
        ("a header without end", plain, token, &*long, "431"),
        ("many headers", plain, token, &*format!("{many}\r\n"), "431"),
        ("a folded header", plain, token, "x: a\r\n b\r\n\r\n", "400"),
        ("a blank before the colon", plain, token, "x : a\r\n\r\n", "400"),
        ("HTTP/1.0", "GET /profile/dev HTTP/1.0", token, "\r\n", "505"),
        ("HTTP/0.9", "GET /profile/dev", token, "\r\n", "400"),
        ("HTTP/3", "GET /profile/dev HTTP/3.0", token, "\r\n", "400"),
        ("in absolute form", "GET http://127.0.0.1/profile/dev HTTP/1.1", token, "\r\n", "400"),
        ("a path above", "GET /../profile/dev HTTP/1.1", token, "\r\n", "404"),
        ("escapes", "GET /profile/d%65v HTTP/1.1", token, "\r\n", "404"),
        ("a zero byte", "GET /profile/dev\0 HTTP/1.1", token, "\r\n", "400"),
        ("a tunnel", "CONNECT 127.0.0.1:1 HTTP/1.1", token, "\r\n", "405"),
    ] {
        let answer = server.ask(line, token, more);
        let status = answer.get(9..12).unwrap_or("cut");
        assert!(status == expected || (status == "cut" && answer.is_empty()), "{docs}: {answer}");
        assert!(!answer.contains("planted"), "{docs}: {answer}");
    }
    for (docs, request) in [
        ("TLS", &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..]),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("lines alone", b"\n\n\n\n\r\n\r\n"),
        ("no head", b"GET"),
    ] {
        let mut stream = server.connect();
        stream.write_all(request).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{docs}: {answer:?}");
    }
    assert_eq!(server.keys.0.load(Ordering::SeqCst), 0, "nobody asked for keys");
}

/// The second request of a connection may be another's: a proxy's, which was led there.
#[test]
fn a_connection_has_one_request() {
    let server = Server::start();
    let token = server.access.grant("dev");
    let (port, token) = (server.port, token.expose());
    let one = format!(
        "GET /profile/dev HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {token}\r\n\r\n"
    );
    let answer = server.send(format!("{one}{one}").as_bytes());
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 1, "{answer}");
}

#[test]
fn who_waits_among_a_thousand_that_say_nothing_is_answered() {
    let server = Server::start();
    let token = server.access.grant("dev");
    let silent: Vec<TcpStream> = (0..1000)
        .map(|n| {
            let mut stream = server.connect();
            let _ = stream.write_all(&b"GET /profile/dev HTTP/1.1\r\nAuthor"[..n % 34]);
            if n % 100 == 99 {
                let answer = server.ask("GET /profile/dev HTTP/1.1", token.expose(), "\r\n");
                assert!(answer.starts_with("HTTP/1.1 200 "), "{n}: {answer}");
            }
            stream
        })
        .collect();
    assert_eq!(server.keys.0.load(Ordering::SeqCst), 10);
    drop(silent);
}

#[test]
fn it_ends_and_its_port_is_free() {
    let server = Server::start();
    let port = server.port;
    let _open = server.connect();
    drop(server);
    assert!(becomes_free(port));
}

#[cfg(unix)]
#[test]
fn a_socket_is_a_door_too() {
    use std::os::unix::net::{UnixListener, UnixStream};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let access = Arc::new(Access::new(1, []));
    let door = Door::unix(UnixListener::bind(&path).unwrap(), Arc::clone(&access) as _);
    let clock = FixedClock::at(DateTime::UNIX_EPOCH);
    let _running = start([door], clock, Arc::new(Keys::default())).unwrap();
    let mut stream = UnixStream::connect(&path).unwrap();
    let token = access.grant("dev");
    let head = format!("Host: localhost:1\r\nAuthorization: {}\r\n\r\n", token.expose());
    stream.write_all(format!("GET /profile/dev HTTP/1.1\r\n{head}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
