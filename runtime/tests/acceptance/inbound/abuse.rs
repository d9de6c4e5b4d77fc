//! What is no proper HTTP, or too much of it: each case is answered or cut off, and the next caller is served.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{SHOP, folder, order};
use crate::harness::{Answer, Caller, Partner, Tolmach, together};

const HOST: &str = "host: tolmach\r\n";
/// The credentials of the shop.
const BASIC: &str = "authorization: Basic c2hvcDpzZWNyZXQtb2YtdGhlLXNob3A=\r\n";

/// The first line of what comes back; nothing more is sent after a request that is `cut`.
async fn first_line(caller: &Caller, request: &[u8], cut: bool) -> String {
    let mut stream = TcpStream::connect(caller.address()).await.unwrap();
    // Who is cut off cannot send the rest.
    drop(stream.write_all(request).await);
    if cut {
        let _ = stream.shutdown().await;
    }
    let (mut answer, mut more) = (Vec::new(), [0; 1024]);
    while !answer.contains(&b'\n') {
        match stream.read(&mut more).await {
            Ok(0) | Err(_) => return "cut off".to_owned(),
            Ok(length) => answer.extend_from_slice(&more[..length]),
        }
    }
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

/// Those that are no whole request.
const CUT: [&str; 4] = ["nothing", "half a head", "a body that breaks off", "no last chunk"];

fn post(headers: &str, body: &str) -> Vec<u8> {
    format!("POST /orders HTTP/1.1\r\n{HOST}{BASIC}content-type: application/json\r\n{headers}\r\n{body}")
        .into_bytes()
}

fn cases() -> Vec<(&'static str, Vec<u8>)> {
    let chunked = "transfer-encoding: chunked\r\n";
    let body = order("a");
    let whole = format!("content-length: {}\r\n", body.len());
    let long = "a".repeat(64 * 1024);
    let many: String = (0..200).map(|n| format!("x-{n}: 1\r\n")).collect();
    vec![
        ("nothing", Vec::new()),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00".to_vec()),
        ("HTTP/0.9", b"GET /\r\n".to_vec()),
        ("HTTP/3.0", format!("GET / HTTP/3.0\r\n{HOST}\r\n").into_bytes()),
        ("half a head", b"POST /orders HTTP/1.1\r\nhost: tol".to_vec()),
        ("a head of 64 KB", format!("GET / HTTP/1.1\r\n{HOST}x: {long}\r\n\r\n").into_bytes()),
        ("a URL of 64 KB", format!("GET /{long} HTTP/1.1\r\n{HOST}\r\n").into_bytes()),
        ("200 headers", format!("GET / HTTP/1.1\r\n{HOST}{many}\r\n").into_bytes()),
        ("a header with NUL", format!("GET / HTTP/1.1\r\n{HOST}x: a\0b\r\n\r\n").into_bytes()),
        ("a folded header", format!("GET / HTTP/1.1\r\n{HOST}x: a\r\n b\r\n\r\n").into_bytes()),
        ("a blank before the colon", format!("GET / HTTP/1.1\r\n{HOST}x : a\r\n\r\n").into_bytes()),
        ("a length and chunks", post(&format!("{whole}{chunked}"), "0\r\n\r\n")),
        ("two lengths", post("content-length: 5\r\ncontent-length: 6\r\n", "12345")),
        ("a negative length", post("content-length: -1\r\n", "")),
        ("a length that is no number", post("content-length: 1e3\r\n", "")),
        ("a length of 2^64", post("content-length: 18446744073709551616\r\n", "")),
        ("a body that breaks off", post("content-length: 500\r\n", "{")),
        ("a chunk of a bad size", post(chunked, "zz\r\n{}\r\n0\r\n\r\n")),
        ("a chunk of 2^64", post(chunked, "10000000000000000\r\n{}\r\n0\r\n\r\n")),
        ("a chunk that is longer than it says", post(chunked, "1\r\n{}\r\n0\r\n\r\n")),
        ("a chunk extension of 64 KB", post(chunked, &format!("2;{long}\r\n{{}}\r\n0\r\n\r\n"))),
        ("no last chunk", post(chunked, "2\r\n{}\r\n")),
        ("64 KB of trailers", post(chunked, &format!("2\r\n{{}}\r\n0\r\nx: {long}\r\n\r\n"))),
        ("chunks within chunks", post("transfer-encoding: chunked, chunked\r\n", "0\r\n\r\n")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_proper_request_harms_nobody_else() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(folder(&bank)).await;
    let mut told = String::new();
    for (number, (name, request)) in cases().into_iter().enumerate() {
        told.push_str(&format!("{name}: {}\n", first_line(&tolmach, &request, CUT.contains(&name)).await));
        let next = tolmach.post_as(SHOP, "/orders", order(&format!("next-{number}"))).await;
        assert_eq!(next.status, 201, "after {name}: {}", next.shown());
    }
    insta::assert_snapshot!(told);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

async fn compressed(caller: &Caller, coding: &str, body: Vec<u8>) -> Answer {
    let request = caller.request("POST", "/orders").basic_auth(SHOP.0, Some(SHOP.1));
    let request = request.header("content-type", "application/json").header("content-encoding", coding);
    Answer::of(request.body(body)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_compressed_is_read_up_to_the_limit() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(folder(&bank)).await;
    let message = order("o1");
    assert_eq!(compressed(&tolmach, "gzip", gzip(message.as_bytes())).await.status, 201);
    assert_eq!(tolmach.messages()[0].body, message.as_bytes(), "it is kept as it was before");
    let plain = tolmach.post_as(SHOP, "/orders", message.clone()).await;
    assert_eq!((plain.status, tolmach.messages().len()), (201, 1), "it is the same message");
    let bomb = gzip(&vec![b' '; 32 << 20]);
    let bombs = (0..8).map(|_| {
        let (caller, bomb) = (tolmach.caller(), bomb.clone());
        async move { compressed(&caller, "gzip", bomb).await.status }
    });
    assert!(together(bombs).await.iter().all(|status| *status == 413));
    let unknown = compressed(&tolmach, "br", message.clone().into_bytes()).await;
    assert_eq!((unknown.status, unknown.header("accept-encoding")), (415, Some("gzip, deflate")));
    let cut = gzip(message.as_bytes());
    assert_eq!(compressed(&tolmach, "gzip", cut[..cut.len() - 2].to_vec()).await.status, 400);
}
