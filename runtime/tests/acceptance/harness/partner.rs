//! A partner that records what it is called with, and answers as the test says.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{mpsc, watch};

use super::eventually;

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// How many calls came before it.
    pub number: usize,
    pub method: String,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What the partner does with a call.
pub enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// The same once the gate is open.
    Held(Gate, Box<Reply>),
    /// A body that comes piece by piece.
    Stream {
        status: u16,
        headers: Vec<(&'static str, String)>,
        chunks: mpsc::Receiver<Chunk>,
    },
}

/// A piece of a body; an error breaks it off.
pub type Chunk = std::io::Result<Bytes>;

/// A body of unknown length.
pub struct Chunks(pub mpsc::Receiver<Chunk>);

impl Body for Chunks {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}

/// Holds answers back until it is opened.
#[derive(Debug, Clone)]
pub struct Gate(watch::Sender<bool>);

type Script = Arc<dyn Fn(&Call) -> Reply + Send + Sync>;

/// A server on a port of its own. A closed one has the port, and refuses connections.
pub struct Partner {
    address: SocketAddr,
    waiting: Option<TcpSocket>,
    calls: Arc<Mutex<Vec<Call>>>,
    script: Arc<Mutex<Script>>,
}

impl Partner {
    /// A partner that takes everything: 200 and an empty object.
    pub fn start() -> Self {
        Self::closed().opened()
    }

    /// Nobody listens yet, but the port is taken.
    pub fn closed() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let script: Script = Arc::new(|_| Reply::json(200, "{}"));
        Self {
            address: socket.local_addr().unwrap(),
            waiting: Some(socket),
            calls: Arc::default(),
            script: Arc::new(Mutex::new(script)),
        }
    }

    /// From now on every call is answered so.
    pub fn answering(self, script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Self {
        self.answer(script);
        self
    }

    pub fn answer(&self, script: impl Fn(&Call) -> Reply + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(script);
    }

    /// Lets connections in.
    pub fn open(&mut self) {
        let listener = self.waiting.take().unwrap().listen(1024).unwrap();
        tokio::spawn(accept(listener, Arc::clone(&self.calls), Arc::clone(&self.script)));
    }

    fn opened(mut self) -> Self {
        self.open();
        self
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The calls so far, in the order they came.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// The calls, once there are at least so many.
    pub async fn called(&self, times: usize) -> Vec<Call> {
        eventually(&format!("the partner is called {times} times"), || {
            Some(self.calls()).filter(|calls| calls.len() >= times)
        })
        .await
    }
}

async fn accept(listener: TcpListener, calls: Arc<Mutex<Vec<Call>>>, script: Arc<Mutex<Script>>) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (calls, script) = (Arc::clone(&calls), Arc::clone(&script));
        let service = service_fn(move |request| answer(request, Arc::clone(&calls), Arc::clone(&script)));
        // A caller may hang up or be killed: that is what some tests are about.
        tokio::spawn(async move {
            drop(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await,
            );
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    calls: Arc<Mutex<Vec<Call>>>,
    script: Arc<Mutex<Script>>,
) -> Result<Response<BoxBody<Bytes, std::io::Error>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { std::future::pending().await };
    let call = {
        let mut calls = calls.lock().unwrap();
        let call = Call {
            number: calls.len(),
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            headers: head.headers,
            body: body.to_bytes(),
        };
        calls.push(call.clone());
        call
    };
    let script = Arc::clone(&script.lock().unwrap());
    Ok(script(&call).respond().await)
}

impl Call {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The `id` of the order that came.
    pub fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn idempotency_key(&self) -> &str {
        self.header("idempotency-key").unwrap()
    }
}

impl Reply {
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.into(),
        }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer { headers, .. } | Self::Stream { headers, .. } = &mut self {
            headers.push((name, value.into()));
        }
        self
    }

    /// A body whose pieces are sent later.
    pub fn stream(status: u16) -> (Self, mpsc::Sender<Chunk>) {
        let (sender, chunks) = mpsc::channel(1);
        (Self::Stream { status, headers: Vec::new(), chunks }, sender)
    }

    /// The same answer, once `gate` is open.
    /// A response that breaks off before its end.
    pub fn cut() -> Self {
        let (reply, chunks) = Self::stream(200);
        chunks.try_send(Err(std::io::ErrorKind::ConnectionReset.into())).unwrap();
        reply
    }

    pub fn held(self, gate: &Gate) -> Self {
        Self::Held(gate.clone(), Box::new(self))
    }

    async fn respond(mut self) -> Response<BoxBody<Bytes, std::io::Error>> {
        loop {
            match self {
                Self::Held(gate, reply) => {
                    gate.passed().await;
                    self = *reply;
                }
                Self::Answer { status, headers, body } => {
                    let mut response = Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(name, value);
                    }
                    let body = Full::new(Bytes::from(body)).map_err(|never| match never {});
                    return response.body(body.boxed()).unwrap();
                }
                Self::Stream { status, headers, chunks } => {
                    let mut response = Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(name, value);
                    }
                    return response.body(Chunks(chunks).boxed()).unwrap();
                }
            }
        }
    }
}

impl Gate {
    pub fn shut() -> Self {
        Self(watch::Sender::new(false))
    }

    pub fn open(&self) {
        self.0.send_replace(true);
    }

    async fn passed(&self) {
        self.0.subscribe().wait_for(|open| *open).await.unwrap();
    }
}
