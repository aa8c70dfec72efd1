//! A scripted HTTP server on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use chrono::DateTime;

use super::client::Aws;
use crate::client_settings::ClientSettings;
use crate::env::Env;
use crate::ports::testing::FixedClock;

/// A client whose clock stands at 1,800,000,000.
pub(super) fn aws(settings: ClientSettings) -> Aws {
    let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    Aws::new(settings, &Env::default(), FixedClock::at(now))
}

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Closes the connection without a word
    Close,
    /// Says nothing until the client gives up
    Hang,
}

impl Reply {
    pub(super) fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }
}

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    /// `POST / HTTP/1.1`
    pub(super) line: String,
    pub(super) headers: Vec<String>,
    pub(super) body: String,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }
}

/// Answers requests by its script, the last reply for ever.
pub(super) struct Server {
    pub(super) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(super) fn start(script: impl IntoIterator<Item = Reply>) -> Self {
        Self::start_with(script, "http", Ok)
    }

    /// `wrap` makes a stream of each connection, which may be TLS.
    pub(super) fn start_with<S: Read + Write>(
        script: impl IntoIterator<Item = Reply>,
        scheme: &str,
        wrap: impl Fn(TcpStream) -> std::io::Result<S> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let script: Vec<Reply> = script.into_iter().collect();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(stream) = connection.and_then(&wrap) else { continue };
                let _ = serve(stream, &script, &seen);
            }
        });
        Self { url, requests }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// One request per connection.
fn serve(
    stream: impl Read + Write,
    script: &[Reply],
    seen: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = Request::default();
    reader.read_line(&mut request.line)?;
    if request.line.is_empty() {
        return Ok(());
    }
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end() {
            "" => break,
            line => request.headers.push(line.to_owned()),
        }
    }
    let length = request.header("content-length").map_or(0, |value| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    request.body = String::from_utf8(body).unwrap();
    let number = {
        let mut seen = seen.lock().unwrap();
        seen.push(request);
        seen.len() - 1
    };
    let stream = reader.get_mut();
    match &script[number.min(script.len() - 1)] {
        Reply::Close => {}
        Reply::Hang => {
            let _ = stream.read(&mut [0]);
        }
        Reply::Answer(status, headers, body) => {
            write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n",
                body.len()
            )?;
            for (name, value) in headers {
                write!(stream, "{name}: {value}\r\n")?;
            }
            write!(stream, "\r\n{body}")?;
            stream.flush()?;
        }
    }
    Ok(())
}
