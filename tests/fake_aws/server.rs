//! The listeners: HTTP/1.1 over TCP and TLS, and the endings that no well-behaved server makes.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, DATE};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::answer::Answer;
use super::proxy::ProxyLog;
use super::request::Request;
use super::services::{What, deliver};
use super::state::State;

/// What all connections share.
pub(crate) struct Shared {
    /// Behind the services
    pub(crate) state: Mutex<State>,
    /// Makes certificates on demand
    pub(crate) tls: TlsAcceptor,
}

impl Shared {
    /// The state; a test that panicked while it held it has failed already.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves every connection until the runtime ends.
pub(crate) async fn accept(listener: TcpListener, shared: Arc<Shared>, tls: bool) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listening socket");
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move {
            if tls {
                secure(stream, shared).await;
            } else {
                serve(stream, shared, false, None).await;
            }
        });
    }
}

/// Serves a connection that begins with a TLS handshake; a client that does not trust us goes away.
pub(crate) async fn secure(stream: TcpStream, shared: Arc<Shared>) {
    if let Ok(stream) = shared.tls.accept(stream).await {
        serve(stream, shared, true, None).await;
    }
}

/// A stream with a socket underneath.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin {
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Socket for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// How a connection ends before its time.
enum Ending {
    Reset,
    After { first: Vec<u8>, again: &'static [u8] },
}

/// Serves the requests of one connection. `proxy`: it is a proxy's, and this is its log.
pub(crate) async fn serve<S: Socket>(
    stream: S,
    shared: Arc<Shared>,
    tls: bool,
    proxy: Option<Arc<ProxyLog>>,
) {
    let (endings, mut ended) = unbounded_channel();
    let service = service_fn(|request| {
        let (shared, endings, proxy) = (shared.clone(), endings.clone(), proxy.clone());
        async move {
            if let Some(refusal) = proxy.as_ref().and_then(|proxy| proxy.refusal(&request)) {
                return Ok::<_, Infallible>(response(&shared, &refusal));
            }
            handle(request, &shared, tls, &endings).await
        }
    });
    let io = TokioIo::new(stream);
    let mut connection = hyper::server::conn::http1::Builder::new().serve_connection(io, service);
    let ending = tokio::select! {
        // The client went away, or sent what is not HTTP: not this side's fault.
        _ = &mut connection => return,
        ending = ended.recv() => ending,
    };
    let mut stream = connection.into_parts().io.into_inner();
    match ending {
        Some(Ending::After { first, again }) => {
            // The client may already be gone.
            let _ = stream.write_all(&first).await;
            while !again.is_empty() && stream.write_all(again).await.is_ok() {}
            let _ = stream.shutdown().await;
        }
        Some(Ending::Reset) | None => {
            stream.tcp().set_zero_linger().expect("an open socket takes options");
        }
    }
}

async fn handle(
    request: hyper::Request<Incoming>,
    shared: &Shared,
    tls: bool,
    endings: &UnboundedSender<Ending>,
) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
    let Some(request) = complete(request, tls).await else {
        return Ok(response(shared, &Answer::page(400, "Bad Request")));
    };
    let delivery = deliver(&mut shared.state(), &request);
    tokio::time::sleep(delivery.delay).await;
    let ending = match delivery.what {
        What::Answer(answer) => return Ok(response(shared, &answer)),
        What::Half(answer) => Some(Ending::After { first: half(&answer).into(), again: b"" }),
        What::Bytes { first, again } => Some(Ending::After { first: first.to_vec(), again }),
        What::Reset => Some(Ending::Reset),
        What::Nothing => None,
    };
    if let Some(ending) = ending {
        // The receiver lives as long as the connection that polls this.
        let _ = endings.send(ending);
    }
    std::future::pending().await
}

async fn complete(request: hyper::Request<Incoming>, tls: bool) -> Option<Request> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    Some(Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: body.collect().await.ok()?.to_bytes().to_vec(),
        tls,
    })
}

fn response(shared: &Shared, answer: &Answer) -> hyper::Response<Full<Bytes>> {
    let date = shared.state().now().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut response = hyper::Response::builder()
        .status(answer.status)
        .header(CONTENT_TYPE, answer.content_type)
        .header(DATE, date);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let body = Full::new(Bytes::from(answer.body.clone()));
    response.body(body).expect("an answer has a valid status and valid headers")
}

/// The answer on the wire, up to the middle of its body.
fn half(answer: &Answer) -> String {
    let (body, length) = (&answer.body[..answer.body.len() / 2], answer.body.len());
    format!(
        "HTTP/1.1 {} OK\r\nContent-Type: {}\r\nContent-Length: {length}\r\n\r\n{body}",
        answer.status, answer.content_type
    )
}
