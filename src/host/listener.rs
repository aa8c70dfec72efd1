//! Connections from this machine: how many there may be, how long each may take, and one request on each.
//!
//! Every program and every web page on this machine can open one. So each is bounded in time and size,
//! and whoever opens many keeps nobody out.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use zeroize::Zeroizing;

/// What connections may take.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// At one time; the oldest makes room for one more. Less than any system's limit for open files
    pub(super) connections: usize,
    /// Of one connection, from its beginning to its end
    pub(super) time: Duration,
    /// Bytes of a request's head
    pub(super) head: usize,
}

/// A connection's place among those that are open.
#[derive(Clone, Default)]
pub(super) struct Place(Arc<AtomicBool>);

impl Place {
    /// Keeps the place until the connection ends: it makes no room for others any more.
    pub(super) fn keep(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_kept(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What connections come to.
pub(super) trait Listen: Send + Sync + 'static {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next connection, and the address that it comes from, if it has one.
    fn accept(&self)
    -> impl Future<Output = io::Result<(Self::Stream, Option<SocketAddr>)>> + Send;
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Option<SocketAddr>)> {
        let (stream, peer) = self.accept().await?;
        Ok((stream, Some(peer)))
    }
}

/// Serves what comes, for ever; `is_welcome` may send an address away. Dropped, it ends all connections.
pub(super) async fn accept<L: Listen, F: Future<Output = ()> + Send + 'static>(
    listener: L,
    limits: Limits,
    is_welcome: impl Fn(SocketAddr) -> bool + Send,
    serve: impl Fn(L::Stream, Place) -> F + Send,
) {
    let mut open: VecDeque<(AbortHandle, Place)> = VecDeque::with_capacity(limits.connections);
    let mut tasks = JoinSet::new();
    loop {
        let stream = match listener.accept().await {
            Ok((_, Some(peer))) if !is_welcome(peer) => continue,
            Ok((stream, _)) => stream,
            // No file can be opened for now, or the other side is gone already.
            Err(_) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        while tasks.try_join_next().is_some() {}
        open.retain(|(connection, _)| !connection.is_finished());
        if open.len() == limits.connections {
            match open.iter().position(|(_, place)| !place.is_kept()) {
                Some(oldest) => open.remove(oldest).expect("it is there").0.abort(),
                // Each of them ends by itself.
                None => {
                    let _ = tasks.join_next().await;
                    open.retain(|(connection, _)| !connection.is_finished());
                }
            }
        }
        let place = Place::default();
        // Whoever has sent something is heard before the next one makes it give up its place.
        tokio::task::yield_now().await;
        let connection = tasks.spawn(serve(stream, place.clone()));
        open.push_back((connection, place));
    }
}

/// Answers the one request of a connection. One that is broken or slow has nobody to tell.
pub(super) async fn answer<B, F>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    limits: Limits,
    answer: impl Fn(Request<Incoming>) -> F,
) where
    B: Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
    F: Future<Output = Response<B>>,
{
    let answer = &answer;
    let service = service_fn(|request| async move { Ok::<_, Infallible>(answer(request).await) });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(limits.head)
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    let _ = tokio::time::timeout(limits.time, connection).await;
}

/// A request's body; none of one that is longer than `limit` or does not come whole.
pub(super) async fn read_body(mut body: Incoming, limit: usize) -> Option<Zeroizing<Vec<u8>>> {
    // Room for all of it at once: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit));
    loop {
        let next = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await;
        let Some(frame) = next else { return Some(bytes) };
        if let Ok(data) = frame.ok()?.into_data() {
            if data.len() > limit - bytes.len() {
                return None;
            }
            bytes.extend_from_slice(&data);
        }
    }
}
