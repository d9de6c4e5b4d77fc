//! What is passed on unread: an endpoint's response, a caller's body.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use runtime::store::MessageState;
use serde_json::json;
use tokio::sync::mpsc;

use crate::harness::{Answer, Chunks, Folder, Partner, Reply, Tolmach, eventually};

const SHOP: &str = "
partner: shop
channels:
  documents:
    get: /documents/{id}
    auth: none
    message: \"'Document'\"
    messages: {Document: null}
  uploads:
    post: /uploads/{id}
    auth: none
    body: raw
    max_body: 2MB
    message: \"'Upload'\"
    messages: {Upload: null}
";

const BANK: &str = "
partner: bank
settings: {url: \"$URL\"}
endpoints:
  document:
    get: \"{url}/documents/{id}\"
    headers: {accept: application/pdf}
  upload:
    post: \"{url}/uploads\"
    headers: {x-source: shop}
";

const DOCUMENT: &str = "
receive: shop/documents
message: Document
call: bank/document
map: {id: path_param('id')}
forward: true
answer: {on: rejected, status: 404, map: {error: error}}
";

const UPLOAD: &str = "
receive: shop/uploads
message: Upload
call: bank/upload
forward: true
";

const CHUNK: usize = 64 * 1024;

fn folder(bank: &Partner) -> Folder {
    Folder::empty()
        .file("mappings/shop/partner.yaml", SHOP)
        .file("mappings/bank/partner.yaml", &BANK.replace("$URL", &bank.url()))
        .file("mappings/bank/document.yaml", DOCUMENT)
        .file("mappings/bank/upload.yaml", UPLOAD)
}

fn pdf(reply: Reply) -> Reply {
    reply
        .with("content-type", "application/pdf")
        .with("content-disposition", "attachment; filename=\"a.pdf\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_goes_on_as_it_is() {
    let bank = Partner::start().answering(|_| {
        let reply = Reply::Answer { status: 206, headers: Vec::new(), body: "%PDF".to_owned() };
        pdf(reply).with("etag", "\"v1\"").with("set-cookie", "a=b").with("x-inner", "1")
    });
    let tolmach = Tolmach::start(folder(&bank)).await;
    let answer = Answer::of(tolmach.request("GET", "/documents/d7")).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (206, &b"%PDF"[..]));
    let mut names: Vec<&str> = answer.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["content-disposition", "content-length", "content-type", "date", "etag"]);
    assert_eq!(answer.header("content-length"), Some("4"));
    let calls = bank.calls();
    assert_eq!((&*calls[0].method, &*calls[0].path), ("GET", "/documents/d7"));
    assert_eq!((calls[0].header("accept"), calls[0].body.len()), (Some("application/pdf"), 0));
    assert!(tolmach.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_response_is_never_held() {
    const CHUNKS: usize = 1024;
    let produced = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&produced);
    let bank = Partner::start().answering(move |_| {
        let (reply, sender) = Reply::stream(200);
        let counted = Arc::clone(&counted);
        tokio::spawn(async move {
            for _ in 0..CHUNKS {
                if sender.send(Ok(Bytes::from(vec![7; CHUNK]))).await.is_err() {
                    return;
                }
                counted.fetch_add(CHUNK, Ordering::SeqCst);
            }
        });
        pdf(reply)
    });
    let tolmach = Tolmach::start(folder(&bank)).await;
    let mut response = tolmach.request("GET", "/documents/d7").send().await.unwrap();
    let mut read = response.chunk().await.unwrap().unwrap().len();
    // Who does not read holds the bank up: what is under way is what sockets hold.
    let mut looks = (0, 0);
    eventually("the bank is held up", || {
        let now = produced.load(Ordering::SeqCst);
        looks = if looks.0 == now { (now, looks.1 + 1) } else { (now, 0) };
        (looks.1 > 30).then_some(())
    })
    .await;
    assert!(looks.0 < CHUNKS * CHUNK / 2, "{} bytes were taken", looks.0);
    while let Some(chunk) = response.chunk().await.unwrap() {
        read += chunk.len();
    }
    assert_eq!(read, CHUNKS * CHUNK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_breaks_off_does_not_look_whole() {
    let bank = Partner::start().answering(|_| {
        let (reply, sender) = Reply::stream(200);
        tokio::spawn(async move {
            sender.send(Ok(Bytes::from_static(b"%PDF"))).await.unwrap();
            sender.send(Err(std::io::ErrorKind::BrokenPipe.into())).await.unwrap();
        });
        pdf(reply)
    });
    let tolmach = Tolmach::start(folder(&bank)).await;
    let response = tolmach.request("GET", "/documents/d7").send().await;
    // The head may be on its way with the break, or before it.
    if let Ok(response) = response {
        assert_eq!(response.status().as_u16(), 200);
        assert!(response.bytes().await.is_err(), "it looks whole");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_delivered_is_answered_as_for_any_call() {
    let bank = Partner::start().answering(|call| match call.path.as_str() {
        "/documents/gone" => Reply::json(410, r#"{"error": "gone"}"#),
        _ => Reply::json(503, "{}"),
    });
    let tolmach = Tolmach::start(folder(&bank)).await;
    let gone = Answer::of(tolmach.request("GET", "/documents/gone")).await.unwrap();
    assert_eq!((gone.status, gone.json()), (404, json!({"error": "gone"})));
    let failed = Answer::of(tolmach.request("GET", "/documents/d7")).await.unwrap();
    assert_eq!(failed.json()["type"], "urn:tolmach:problem:partner-failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_is_committed_once_and_the_response_is_not_kept() {
    let bank = Partner::start()
        .answering(|_| pdf(Reply::Answer { status: 200, headers: Vec::new(), body: "%PDF".to_owned() }));
    let folder = folder(&bank);
    let contract = SHOP.replace(
        "    get: /documents/{id}\n",
        "    get: /documents/{id}\n    routes: all\n    id: path_param('id')\n",
    );
    let folder = folder.file("mappings/shop/partner.yaml", &contract).file(
        "mappings/bank/seen.yaml",
        "receive: shop/documents\nmessage: Document\nsend: bank/upload\nmap: {seen: path_param('id')}\n",
    );
    let tolmach = Tolmach::start(folder).await;
    let first = Answer::of(tolmach.request("GET", "/documents/d7")).await.unwrap();
    assert_eq!((first.status, &first.body[..]), (200, &b"%PDF"[..]));
    tolmach.only_message_once(MessageState::Delivered).await;
    let again = Answer::of(tolmach.request("GET", "/documents/d7")).await.unwrap();
    assert_eq!((again.status, again.json()["type"].as_str()), (409, Some("urn:tolmach:problem:passed-on")));
    assert_eq!(bank.calls().len(), 2);
}

/// A body of so many pieces, sent as it is made.
fn upload(chunks: usize) -> reqwest::Body {
    let (sender, body) = mpsc::channel(1);
    tokio::spawn(async move {
        for _ in 0..chunks {
            if sender.send(Ok(Bytes::from(vec![7; CHUNK]))).await.is_err() {
                return;
            }
        }
    });
    reqwest::Body::wrap(Chunks(body))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_passed_on_unread() {
    let bank = Partner::start().answering(|_| Reply::json(201, r#"{"stored": true}"#));
    let tolmach = Tolmach::start(folder(&bank)).await;
    let request = tolmach.request("POST", "/uploads/u1").header("content-type", "image/png");
    let answer = Answer::of(request.body(upload(16))).await.unwrap();
    assert_eq!((answer.status, answer.json()), (201, json!({"stored": true})));
    let call = bank.calls().remove(0);
    assert_eq!(call.body.len(), 16 * CHUNK);
    assert_eq!((call.header("content-type"), call.header("x-source")), (Some("image/png"), Some("shop")));

    // Neither JSON nor text, with a length that is known.
    let request = tolmach.request("POST", "/uploads/u2").body(vec![0xff, 0, 1]);
    assert_eq!(Answer::of(request).await.unwrap().status, 201);
    let call = bank.calls().remove(1);
    assert_eq!((&call.body[..], call.header("content-length")), (&[0xff, 0, 1][..], Some("3")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_cut() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(folder(&bank)).await;
    let declared = tolmach.request("POST", "/uploads/u1").body(vec![7; 3 * 1024 * 1024]);
    assert_eq!(Answer::of(declared).await.unwrap().status, 413);
    let undeclared = tolmach.request("POST", "/uploads/u1").body(upload(48));
    assert_eq!(Answer::of(undeclared).await.unwrap().status, 413);
    assert!(bank.calls().is_empty(), "no whole body has come");
}
