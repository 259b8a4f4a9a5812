//! The listener, with its own accept loop, so that it can cut a connection as abruptly as a network does.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// Lets the handler of a request cut its connection. There is one for each connection, in the request's extensions.
#[derive(Clone, Default)]
pub(crate) struct Cutter {
    inner: Arc<CutterInner>,
}

#[derive(Default)]
struct CutterInner {
    cut: AtomicBool,
    now: Notify,
}

impl Cutter {
    /// Resets the connection. Never returns, since no response can be sent any more.
    pub(crate) async fn cut(&self) -> Infallible {
        self.inner.cut.store(true, Ordering::SeqCst);
        self.inner.now.notify_one();
        std::future::pending().await
    }
}

/// A connection that ends with a reset if its [`Cutter`] requested it, and normally otherwise.
struct Wire {
    stream: TcpStream,
    cutter: Cutter,
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.cutter.inner.cut.load(Ordering::SeqCst) {
            // With zero linger time, closing sends RST. If that cannot be set, the peer sees a normal end.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Maximum number of connections that wait to be accepted, as in `TcpListener::bind`.
const BACKLOG: u32 = 1024;

/// Time for requests in progress to finish once the sandbox stops. A stalled request would never finish.
const GRACE: Duration = Duration::from_secs(1);

/// The requested state and the actual state of the listener: whether it refuses connections.
pub(crate) struct Door {
    pub(crate) asked: watch::Receiver<bool>,
    pub(crate) closed: watch::Sender<bool>,
}

/// Accepts connections until `stop` becomes true, then lets requests in progress finish.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    mut door: Door,
    mut stop: watch::Receiver<bool>,
) {
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let mut listener = Some(listener);
    let mut kept = None;
    let mut connections = JoinSet::new();
    let stopped = stop.clone();
    let mut stopping = pin!(told_to_stop(&mut stop));
    loop {
        tokio::select! {
            () = &mut stopping => break,
            accepted = accept(listener.as_ref()) => match accepted {
                Ok((stream, _)) => { connections.spawn(connection(stream, router.clone(), stopped.clone())); }
                // Either no file descriptor is left, or the peer left at once. The next attempt may succeed.
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::task::yield_now().await;
                }
            },
            Ok(()) = door.asked.changed() => {
                let asked = *door.asked.borrow_and_update();
                if asked {
                    listener = None;
                    // A bound socket that does not listen refuses connections, and keeps other programs from taking the
                    // port.
                    kept = keep(address).inspect_err(|error| tracing::error!(%error, "could not keep the port")).ok();
                    connections.shutdown().await;
                } else if let Some(socket) = kept.take() {
                    listener = socket
                        .listen(BACKLOG)
                        .inspect_err(|error| tracing::error!(%error, %address, "could not listen again"))
                        .ok();
                }
                // The caller waits for this, even if the change failed.
                door.closed.send_replace(asked);
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    // Requests that still wait are cut off when the set of connections is dropped.
    let _ = tokio::time::timeout(GRACE, finished).await;
}

fn keep(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // As with the listener, connections that just ended must not block the port.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// The next connection. Without a listener, it waits without end.
async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn connection(stream: TcpStream, router: Router, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let cutter = Cutter::default();
    let wire = TokioIo::new(Wire {
        stream,
        cutter: cutter.clone(),
    });
    let per_request = cutter.clone();
    let service = tower::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(per_request.clone());
        let mut router = router.clone();
        async move { tower::Service::call(&mut router, request.map(axum::body::Body::new) as Request).await }
    });
    let served =
        hyper::server::conn::http1::Builder::new().serve_connection(wire, TowerToHyperService::new(service));
    let mut served = pin!(served);
    let mut stopping = pin!(told_to_stop(&mut stop));
    tokio::select! {
        // An error here means that the peer left, or that a body was cut on purpose.
        _ = &mut served => {}
        () = cutter.inner.now.notified() => {}
        () = &mut stopping => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}

/// Returns when the sandbox stops or is gone.
pub(crate) async fn told_to_stop(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
