//! The sockets of a server that hands over credentials, on a thread of its own. What each request is for is
//! said in [`crate::server`].

use std::convert::Infallible;
use std::io::{self, Cursor};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{self, HeaderValue};
use hyper::{Request, Response};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::TcpStream;
use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::listener::{self, Limits, Listen, Place, read_body};
#[cfg(unix)]
use super::peer::is_another_user;
use crate::ports::SharedClock;
use crate::server::{Asked, Backend, Protocol, Reply, answer};

/// A program on this machine needs milliseconds; AWS may take its time behind it. SDKs ask with less than
/// 1 KiB.
const LIMITS: Limits = Limits { connections: 200, time: Duration::from_secs(15), head: 8 * 1024 };

/// As much of a body as is read before it is refused, so that who sent it reads the refusal.
const BODY_LIMIT: usize = 64 * 1024;

/// How long a body may take.
const BODY_TIME: Duration = Duration::from_secs(1);

/// An address, and what it answers to.
pub(crate) struct Door {
    listener: Listener,
    protocol: Arc<dyn Protocol>,
}

enum Listener {
    Tcp(std::net::TcpListener),
    #[cfg(unix)]
    Near(std::net::TcpListener, u32),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener),
}

/// A port of 127.0.0.1 that is free, and open from now on; its number.
pub(crate) fn open_port() -> io::Result<(Port, u16)> {
    let (listener, at) = listen_at((std::net::Ipv4Addr::LOCALHOST, 0).into())?;
    Ok((listener, at.port()))
}

/// A port that programs can connect to.
pub(crate) type Port = std::net::TcpListener;

/// Listens there, and says where that is.
pub(crate) fn listen_at(at: SocketAddr) -> io::Result<(Port, SocketAddr)> {
    let listener = Port::bind(at)?;
    let at = listener.local_addr()?;
    Ok((listener, at))
}

impl Door {
    pub(crate) fn tcp(listener: std::net::TcpListener, protocol: Arc<dyn Protocol>) -> Self {
        Self { listener: Listener::Tcp(listener), protocol }
    }

    /// For what knows no token before it asks: programs of other users of this machine are sent away, where it
    /// can be told whose they are, and what is answered goes no further than so many `hops`.
    #[cfg(unix)]
    pub(crate) fn near(
        listener: std::net::TcpListener,
        hops: u32,
        protocol: Arc<dyn Protocol>,
    ) -> Self {
        Self { listener: Listener::Near(listener, hops), protocol }
    }

    #[cfg(unix)]
    pub(crate) fn unix(
        listener: std::os::unix::net::UnixListener,
        protocol: Arc<dyn Protocol>,
    ) -> Self {
        Self { listener: Listener::Unix(listener), protocol }
    }
}

/// A server that runs. Dropped, it ends, and its ports are closed.
pub(crate) struct Running {
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, the panic hook has ended awsx.
            let _ = thread.join();
        }
    }
}

/// Serves at all doors, on a thread of its own.
pub(crate) fn start(
    doors: impl IntoIterator<Item = Door>,
    clock: SharedClock,
    backend: Arc<impl Backend>,
) -> io::Result<Running> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for Door { listener, protocol } in doors {
        let _entered = runtime.enter();
        let desk = Desk { protocol, backend: Arc::clone(&backend), clock: clock.clone() };
        match listener {
            Listener::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                // Whoever has a token has it from the person.
                runtime.spawn(desk.serve(TcpListener::from_std(listener)?, |_| true));
            }
            #[cfg(unix)]
            Listener::Near(listener, hops) => {
                listener.set_nonblocking(true)?;
                let near = Near { listener: TcpListener::from_std(listener)?, hops };
                runtime.spawn(desk.serve(near, |peer| !is_another_user(peer)));
            }
            #[cfg(unix)]
            Listener::Unix(listener) => {
                listener.set_nonblocking(true)?;
                runtime.spawn(desk.serve(tokio::net::UnixListener::from_std(listener)?, |_| true));
            }
        }
    }
    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    let thread = std::thread::Builder::new()
        .name("server".into())
        .spawn(move || runtime.block_on(stopped.notified()))?;
    Ok(Running { stop, thread: Some(thread) })
}

/// Whose connections reach no further than `hops`.
#[cfg(unix)]
struct Near {
    listener: TcpListener,
    hops: u32,
}

#[cfg(unix)]
impl Listen for Near {
    type Stream = TcpStream;

    async fn accept(&self) -> io::Result<(TcpStream, Option<SocketAddr>)> {
        let (stream, peer) = self.listener.accept().await?;
        if peer.is_ipv4() {
            stream.set_ttl(self.hops)?;
        }
        Ok((stream, Some(peer)))
    }
}

#[cfg(unix)]
impl Listen for tokio::net::UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn accept(&self) -> io::Result<(Self::Stream, Option<SocketAddr>)> {
        self.accept().await.map(|(stream, _)| (stream, None))
    }
}

/// Who answers at a door.
struct Desk<B> {
    protocol: Arc<dyn Protocol>,
    backend: Arc<B>,
    clock: SharedClock,
}

impl<B: Backend> Desk<B> {
    async fn serve(self, listener: impl Listen, is_welcome: fn(SocketAddr) -> bool) {
        let desk = Arc::new(self);
        let serve = |stream, place: Place| {
            let desk = Arc::clone(&desk);
            async move {
                listener::answer(stream, LIMITS, |request| desk.answer(request, &place)).await;
            }
        };
        listener::accept(listener, LIMITS, is_welcome, serve).await;
    }

    async fn answer(&self, request: Request<Incoming>, place: &Place) -> Response<Wiped> {
        let (head, body) = request.into_parts();
        let has_body = !body.is_end_stream();
        if has_body {
            let reading = read_body(body, BODY_LIMIT);
            // It is refused in any case.
            let _ = tokio::time::timeout(BODY_TIME, reading).await;
        }
        match self.protocol.read(&head, has_body, self.clock.now()) {
            Asked::Reply(reply) => response(reply),
            Asked::Credentials { profile, before } => {
                // AWS may have to be waited for.
                place.keep();
                response(answer(&before, self.backend.credentials(&profile).await))
            }
        }
    }
}

fn response(reply: Reply) -> Response<Wiped> {
    let mut response = Response::new(Wiped(Some(reply.body)));
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    headers.extend(reply.headers);
    for (name, value) in [
        (header::CONTENT_TYPE, reply.content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A body that is wiped once it has been sent.
struct Wiped(Option<Zeroizing<String>>);

/// Bytes on their way out.
struct Bytes(Zeroizing<String>);

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Body for Wiped {
    type Data = Cursor<Bytes>;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Infallible>>> {
        Poll::Ready(self.0.take().map(|text| Ok(Frame::data(Cursor::new(Bytes(text))))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |text| text.len() as u64))
    }
}

#[cfg(test)]
mod tests;
