//! The other sides: an upstream that answers at once, and a forwarder that does nothing but forward.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::uri::{Authority, Scheme};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use crate::{Failure, configuration};

/// Reads every request and answers it with a loan.
pub fn upstream() -> Result<(), Failure> {
    run(|request: Request<Incoming>| async move {
        // What breaks off is a caller that has gone.
        let _ = request.into_body().collect().await;
        let mut response = Response::new(Full::new(Bytes::from_static(configuration::LOAN.as_bytes())));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    })
}

/// Passes every request on as it comes, and its response back.
pub fn forwarder(to: SocketAddr) -> Result<(), Failure> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Incoming> = Client::builder(TokioExecutor::new()).build(connector);
    let authority: Authority = to.to_string().parse()?;
    let host: HeaderValue = to.to_string().parse()?;
    run(move |mut request: Request<Incoming>| {
        let (client, authority, host) = (client.clone(), authority.clone(), host.clone());
        async move {
            let mut uri = std::mem::take(request.uri_mut()).into_parts();
            uri.scheme = Some(Scheme::HTTP);
            uri.authority = Some(authority);
            *request.uri_mut() = uri.try_into().unwrap_or_default();
            request.headers_mut().insert(HOST, host);
            match client.request(request).await {
                Ok(response) => response.map(http_body_util::Either::Left),
                Err(_) => failed().map(http_body_util::Either::Right),
            }
        }
    })
}

fn failed() -> Response<Full<Bytes>> {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

/// Serves until it is killed; the threads are as many as `tolmach` has.
fn run<H, F, B>(handler: H) -> Result<(), Failure>
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Failure>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let handler = handler.clone();
            let service = service_fn(move |request| {
                let answer = handler(request);
                async { Ok::<_, Infallible>(answer.await) }
            });
            tokio::spawn(async move {
                let builder = auto::Builder::new(TokioExecutor::new());
                // A connection that breaks is a load that has ended.
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    })
}
