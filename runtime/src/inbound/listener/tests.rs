#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::*;
use crate::inbound::body;

/// Answers by path: `/panic` panics, `/hold` waits to be released, `/read` reads the body.
#[derive(Default)]
struct Scripted {
    held: Notify,
    release: Notify,
    finished: Notify,
}

impl Handler for Scripted {
    async fn handle(&self, request: Request<Incoming>, peer: Arc<Peer>) -> Response {
        assert!(peer.address.ip().is_loopback());
        match request.uri().path() {
            "/panic" => panic!("on purpose"),
            "/hold" => {
                self.held.notify_one();
                self.release.notified().await;
                self.finished.notify_one();
            }
            "/read" => match body::read(request.into_body(), 8, body::TIMEOUT).await {
                Ok(bytes) => return Response::new(whole(bytes)),
                Err(refusal) => return refusal.into_response(),
            },
            _ => {}
        }
        Response::new(whole("ok"))
    }
}

struct Running {
    address: SocketAddr,
    handler: Arc<Scripted>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

impl Running {
    async fn start(limits: Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let handler = Arc::new(Scripted::default());
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let server = tokio::spawn(serve(listener, Arc::clone(&handler), shutdown, (limits, None)));
        Self { address, handler, stop, server }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// All that comes back for `bytes` until the server closes the connection.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // A server that closes with unread input resets the connection.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }
}

fn short() -> Limits {
    Limits { head: Duration::from_millis(50), ..Limits::default() }
}

async fn get(client: reqwest::Client, url: String) -> (u16, String) {
    let response = client.get(url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

#[tokio::test]
async fn both_protocols_are_served() {
    let running = Running::start(Limits::default()).await;
    let newer = reqwest::Client::builder().http2_prior_knowledge();
    for client in [reqwest::Client::new(), newer.build().unwrap()] {
        let response = client.get(running.url("/")).send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "ok");
    }
}

#[tokio::test]
async fn a_panic_is_an_answer_and_not_the_end() {
    let running = Running::start(Limits::default()).await;
    let client = reqwest::Client::new();
    let (status, body) = get(client.clone(), running.url("/panic")).await;
    assert_eq!(status, 500);
    assert!(body.contains("urn:tolmach:problem:internal"), "{body}");
    let after = get(client, running.url("/")).await;
    assert_eq!(after, (200, "ok".to_owned()));
}

#[tokio::test]
async fn a_body_is_bounded_over_the_wire() {
    let running = Running::start(Limits::default()).await;
    let client = reqwest::Client::new();
    for (sent, status) in [("12345678", 200), ("123456789", 413)] {
        let request = client.post(running.url("/read")).body(sent);
        assert_eq!(request.send().await.unwrap().status().as_u16(), status);
    }
    let chunked = "POST /read HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n\
                   5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n";
    let closing = chunked.replace("host: a", "host: a\r\nconnection: close");
    let answer = running.raw(closing.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_caller_that_does_not_come_to_the_point_is_cut() {
    let running = Running::start(short()).await;
    for stalled in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost: "] {
        let answer = running.raw(stalled.as_bytes()).await;
        assert!(!answer.contains("200"), "{stalled:?}: {answer}");
    }
    let idle = running.raw(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(idle.starts_with("HTTP/1.1 200 OK\r\n"), "{idle}");
}

#[tokio::test]
async fn a_head_is_bounded() {
    let running = Running::start(Limits::default()).await;
    let large = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(2 * MAX_HEAD));
    let answer = running.raw(large.as_bytes()).await;
    assert!(!answer.contains(" 200 "), "{answer}");
}

#[tokio::test]
async fn a_connection_too_many_waits_for_its_turn() {
    let running = Running::start(Limits { connections: 1, ..Limits::default() }).await;
    let first = reqwest::Client::new();
    assert_eq!(get(first.clone(), running.url("/")).await.0, 200);
    let second = tokio::spawn(get(reqwest::Client::new(), running.url("/")));
    tokio::pin!(second);
    let early = tokio::time::timeout(Duration::from_millis(50), &mut second).await;
    assert!(early.is_err(), "there was no room");
    // It closes the idle connection.
    drop(first);
    assert_eq!(second.await.unwrap().0, 200);
}

#[tokio::test]
async fn a_request_in_progress_is_answered_before_the_end() {
    let running = Running::start(Limits::default()).await;
    let request = tokio::spawn(get(reqwest::Client::new(), running.url("/hold")));
    running.handler.held.notified().await;
    running.stop.send(()).unwrap();
    running.handler.release.notify_one();
    assert_eq!(request.await.unwrap(), (200, "ok".to_owned()));
    running.server.await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let running = Running::start(Limits::default()).await;
    let client = reqwest::Client::new();
    get(client.clone(), running.url("/")).await;
    let _silent = TcpStream::connect(running.address).await.unwrap();
    running.stop.send(()).unwrap();
    let end = tokio::time::timeout(Duration::from_secs(5), running.server);
    end.await.expect("it ends before the drain does").unwrap();
}

#[tokio::test]
async fn the_end_does_not_wait_for_ever() {
    let running = Running::start(Limits { drain: Duration::from_millis(50), ..Limits::default() }).await;
    let request = tokio::spawn(reqwest::get(running.url("/hold")));
    running.handler.held.notified().await;
    running.stop.send(()).unwrap();
    running.server.await.unwrap();
    assert!(request.await.unwrap().is_err());
}

#[tokio::test]
async fn a_handler_outlives_a_caller_that_hangs_up() {
    let running = Running::start(Limits::default()).await;
    let request = tokio::spawn(get(reqwest::Client::new(), running.url("/hold")));
    running.handler.held.notified().await;
    request.abort();
    assert!(request.await.unwrap_err().is_cancelled());
    running.stop.send(()).unwrap();
    running.handler.release.notify_one();
    running.handler.finished.notified().await;
    running.server.await.unwrap();
}
