//! A forward proxy behind which every host is the stand-in: for `HTTPS_PROXY`, `HTTP_PROXY` and
//! `NO_PROXY`. `CONNECT` tunnels and absolute-form requests; it resolves no name.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::answer::Answer;
use super::server::{Shared, secure, serve};
use super::{FakeAws, loopback};

/// The running proxy; it ends with the [`FakeAws`] it was started for.
pub(crate) struct FakeProxy {
    log: Arc<ProxyLog>,
    url: String,
}

impl FakeProxy {
    pub(crate) fn start(aws: &FakeAws) -> Self {
        Self::listen(aws, None)
    }

    /// A proxy for those whose `Proxy-Authorization` is this; others get 407.
    pub(crate) fn start_with_authorization(aws: &FakeAws, authorization: &str) -> Self {
        Self::listen(aws, Some(authorization.to_owned()))
    }

    fn listen(aws: &FakeAws, authorization: Option<String>) -> Self {
        let (url, listener) = loopback("http");
        let log = Arc::new(ProxyLog { seen: Mutex::default(), authorization });
        aws.runtime.spawn(accept(listener, aws.shared.clone(), log.clone()));
        Self { log, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What was asked for: `CONNECT host:port`, or `http://host:port` of each plain request.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.log.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What one proxy has seen and whom it lets through.
pub(crate) struct ProxyLog {
    seen: Mutex<Vec<String>>,
    authorization: Option<String>,
}

impl ProxyLog {
    fn note(&self, text: String) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    /// Notes a plain request; the answer to one that a proxy would not forward.
    pub(crate) fn refusal(&self, request: &hyper::Request<Incoming>) -> Option<Answer> {
        let (Some(scheme), Some(host)) = (request.uri().scheme_str(), request.uri().authority())
        else {
            return Some(Answer::page(400, "Not a Proxy Request"));
        };
        self.note(format!("{scheme}://{host}"));
        let given = request.headers().get("proxy-authorization").map(|value| value.as_bytes());
        let wanted = self.authorization.as_ref().map(String::as_bytes);
        (wanted.is_some() && wanted != given)
            .then(|| Answer::page(407, "Proxy Authentication Required"))
    }

    /// Notes a tunnel; whether it is let through.
    fn admits(&self, head: &str) -> bool {
        let target = head.split_whitespace().nth(1).unwrap_or_default();
        self.note(format!("CONNECT {target}"));
        self.authorization.as_ref().is_none_or(|wanted| {
            head.lines().filter_map(|line| line.split_once(": ")).any(|(name, value)| {
                name.eq_ignore_ascii_case("proxy-authorization") && value == wanted
            })
        })
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, log: Arc<ProxyLog>) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listening socket");
    while let Ok((stream, _)) = listener.accept().await {
        // A client that goes away early is not the proxy's concern.
        tokio::spawn(forward(stream, shared.clone(), log.clone()));
    }
}

async fn forward(
    mut stream: TcpStream,
    shared: Arc<Shared>,
    log: Arc<ProxyLog>,
) -> std::io::Result<()> {
    let mut first = [0];
    if stream.peek(&mut first).await? == 0 {
        return Ok(());
    }
    // No other method that a client of AWS sends begins with a C.
    if &first != b"C" {
        serve(stream, shared, false, Some(log)).await;
        return Ok(());
    }
    let head = tunnel_head(&mut stream).await?;
    if !log.admits(&head) {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
        stream.write_all(refusal.as_bytes()).await?;
        stream.shutdown().await?;
        // Closing with unread data would be a reset, and the client might not see the answer.
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
        return Ok(());
    }
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    const TLS_HANDSHAKE: u8 = 0x16;
    if stream.peek(&mut first).await? == 0 {
        return Ok(());
    }
    if first == [TLS_HANDSHAKE] {
        secure(stream, shared).await;
    } else {
        serve(stream, shared, false, None).await;
    }
    Ok(())
}

/// The head of a `CONNECT`, byte by byte: what follows it belongs to the tunnel.
async fn tunnel_head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < 65_536 {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
