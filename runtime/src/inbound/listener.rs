//! The accept loop: connections in, requests to a handler, a graceful end.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::carried::{Carried, Panicked};
use super::{Refusal, Tls};

/// Bytes of a request's head.
const MAX_HEAD: usize = 32 * 1024;
const MAX_STREAMS: u32 = 100;
const PING_INTERVAL: Duration = Duration::from_secs(20);
const PING_TIMEOUT: Duration = Duration::from_secs(10);
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A body that is there, or that comes from an endpoint.
pub type Body = UnsyncBoxBody<Bytes, Box<dyn Error + Send + Sync>>;

/// An answer.
pub type Response = hyper::Response<Body>;

/// A body that is there.
#[must_use]
pub fn whole(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync()
}

/// Answers requests.
pub trait Handler: Send + Sync + 'static {
    /// The answer to one request of `peer`. It is carried to its end even if the caller hangs up;
    /// if it panics, the caller is answered 500.
    fn handle(&self, request: Request<Incoming>, peer: Arc<Peer>) -> impl Future<Output = Response> + Send;
}

/// The other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    pub address: SocketAddr,
    /// What it has shown and proved to be its own, of an authority that we trust.
    pub certificate: Option<CertificateDer<'static>>,
}

/// What a listener allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time, at least one; the next ones wait to be accepted.
    pub connections: u32,
    /// The longest a caller may take for the head of a request, and be idle before the next.
    pub head: Duration,
    /// The longest that requests in progress are waited for at the end.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4096, head: Duration::from_secs(10), drain: Duration::from_secs(20) }
    }
}

/// Serves HTTP/1 and HTTP/2, over TLS where it is set up, until `shutdown`. Then the port is closed, requests in
/// progress are answered, and after `limits.drain` the connections that are left are cut.
pub async fn serve<H: Handler>(
    listener: TcpListener,
    handler: Arc<H>,
    shutdown: impl Future<Output = ()>,
    (limits, tls): (Limits, Option<Tls>),
) {
    let server = Server { handler, protocol: protocol(limits.head), head: limits.head, tls };
    let all = limits.connections.max(1);
    let permits = Arc::new(Semaphore::new(all as usize));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, peer, permit) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        while connections.try_join_next().is_some() {}
        connections.spawn(server.connection(stream, peer, permit, graceful.watcher()));
    }
    drop(listener);
    let drained = async {
        graceful.shutdown().await;
        // Handlers hold permits too: they may outlive their connections.
        let _ = permits.acquire_many(all).await;
    };
    if tokio::time::timeout(limits.drain, drained).await.is_err() {
        tracing::warn!("requests in progress are cut at the end");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else {
            // The semaphore is never closed; if it were, nobody could be let in.
            return std::future::pending().await;
        };
        match listener.accept().await {
            Ok((stream, peer)) => return (stream, peer, permit),
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                // Out of descriptors or memory: trying again at once would only burn the processor.
                tracing::warn!(%error, "connections cannot be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
    )
}

fn protocol(head: Duration) -> auto::Builder<TokioExecutor> {
    let mut protocol = auto::Builder::new(TokioExecutor::new());
    protocol.http1().timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(MAX_HEAD);
    protocol
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEAD as u32)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT);
    protocol
}

struct Server<H> {
    handler: Arc<H>,
    protocol: auto::Builder<TokioExecutor>,
    head: Duration,
    tls: Option<Tls>,
}

impl<H: Handler> Server<H> {
    fn connection(
        &self,
        stream: TcpStream,
        address: SocketAddr,
        permit: OwnedSemaphorePermit,
        watcher: Watcher,
    ) -> impl Future<Output = ()> + use<H> {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%address, %error, "answers may be delayed");
        }
        let (handler, protocol, head) = (Arc::clone(&self.handler), self.protocol.clone(), self.head);
        let tls = self.tls.as_ref().map(Tls::acceptor);
        async move {
            let Some(tls) = tls else {
                let peer = Peer { address, certificate: None };
                return converse(stream, peer, handler, (protocol, head), permit, watcher).await;
            };
            match tokio::time::timeout(head, tls.accept(stream)).await {
                Ok(Ok(stream)) => {
                    let certificates = stream.get_ref().1.peer_certificates();
                    let certificate = certificates.and_then(|chain| chain.first()).cloned();
                    let peer = Peer { address, certificate: certificate.map(CertificateDer::into_owned) };
                    converse(stream, peer, handler, (protocol, head), permit, watcher).await;
                }
                Ok(Err(error)) => tracing::debug!(%address, %error, "no TLS came about"),
                Err(_) => tracing::debug!(%address, "no TLS came about in time"),
            }
        }
    }
}

/// Answers what comes over a connection, to its end.
async fn converse<H: Handler>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    handler: Arc<H>,
    (protocol, head): (auto::Builder<TokioExecutor>, Duration),
    permit: OwnedSemaphorePermit,
    watcher: Watcher,
) {
    let address = peer.address;
    let begun = Arc::new(AtomicBool::new(false));
    let (peer, permit, begin) = (Arc::new(peer), Arc::new(permit), Arc::clone(&begun));
    let service = service_fn(move |request| {
        begin.store(true, Ordering::Relaxed);
        let answer = answer(Arc::clone(&handler), request, Arc::clone(&peer), Arc::clone(&permit));
        async { Ok::<_, Infallible>(answer.await) }
    });
    let connection = protocol.serve_connection(TokioIo::new(stream), service).into_owned();
    if let Err(error) = drive(watcher.watch(connection), head, &begun).await {
        tracing::debug!(%address, error, "a connection broke");
    }
}

/// Runs a connection, but drops it if its first request does not begin in time: telling HTTP/1
/// from HTTP/2 has no timeout of its own.
async fn drive<C, E>(connection: C, head: Duration, begun: &AtomicBool) -> Result<(), E>
where
    C: Future<Output = Result<(), E>>,
{
    let mut connection = pin!(connection);
    match tokio::time::timeout(head, &mut connection).await {
        Ok(result) => result,
        Err(_) if begun.load(Ordering::Relaxed) => connection.await,
        Err(_) => Ok(()),
    }
}

/// A panic is kept from the connection, and a hang-up from the handler.
async fn answer<H: Handler>(
    handler: Arc<H>,
    request: Request<Incoming>,
    peer: Arc<Peer>,
    permit: Arc<OwnedSemaphorePermit>,
) -> Response {
    let address = peer.address;
    let work = async move {
        let response = handler.handle(request, peer).await;
        drop(permit);
        response
    };
    Carried::new(work).await.unwrap_or_else(|Panicked| {
        tracing::error!(%address, "a handler has panicked");
        Refusal::Internal.into_response()
    })
}

#[cfg(test)]
mod tests;
