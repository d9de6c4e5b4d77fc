//! Every refusal, as the caller sees it. No answer and no log line holds a value of the message or a secret.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{SHOP, folder, order};
use crate::harness::{Answer, Caller, Folder, Partner, Process, Tolmach};

async fn tolmach() -> (Partner, Tolmach) {
    let bank = Partner::start();
    let tolmach = Tolmach::start(folder(&bank)).await;
    (bank, tolmach)
}

/// The answer to a request of these headers.
async fn with(tolmach: &Caller, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut request =
        tolmach.request("POST", "/orders").basic_auth(SHOP.0, Some(SHOP.1)).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Answer::of(request).await.unwrap()
}

/// The answer to a message.
async fn to(tolmach: &Caller, body: &str) -> Answer {
    tolmach.post_as(SHOP, "/orders", body).await
}

/// Sends bytes as they are and reads what comes until the connection ends.
async fn raw(tolmach: &Caller, request: &str) -> String {
    let mut stream = TcpStream::connect(tolmach.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // The listener may cut a connection whose request it has not read to the end.
    drop(stream.read_to_end(&mut answer).await);
    let text = String::from_utf8(answer).unwrap();
    text.lines().filter(|line| !line.starts_with("date: ")).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials() {
    let (_bank, tolmach) = tolmach().await;
    let body = order("o1");
    let none = tolmach.post("/orders", body.as_str()).await;
    insta::assert_snapshot!(none.shown());
    for wrong in [("shop", "wrong"), ("wrong", SHOP.1), ("", ""), ("shop", "")] {
        let answer = tolmach.post_as(wrong, "/orders", body.as_str()).await;
        assert_eq!(answer.shown(), none.shown(), "the answer does not tell what is wrong");
    }
    let bearer =
        Answer::of(tolmach.request("PUT", "/orders/1/status").bearer_auth("secret-toke")).await.unwrap();
    insta::assert_snapshot!(bearer.shown());
    assert!(tolmach.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_methods() {
    let (_bank, tolmach) = tolmach().await;
    for path in ["/", "/order", "/orders/", "/orders/1", "/Orders", "/orders%2F"] {
        let answer = tolmach.post_as(SHOP, path, order("o1")).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    insta::assert_snapshot!("no channel", tolmach.post_as(SHOP, "/", order("o1")).await.shown());
    let other = Answer::of(tolmach.request("DELETE", "/orders")).await.unwrap();
    insta::assert_snapshot!("another method", other.shown());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large() {
    let (_bank, tolmach) = tolmach().await;
    let head = "POST /orders HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Basic c2hvcDpzZWNyZXQtb2YtdGhlLXNob3A=\r\n";
    // Nothing of the body is sent: its declared length is enough.
    insta::assert_snapshot!(raw(&tolmach, &format!("{head}content-length: 1025\r\n\r\n")).await);

    let chunk = format!("201\r\n{}\r\n", " ".repeat(0x201));
    let chunked =
        raw(&tolmach, &format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n")).await;
    assert!(chunked.starts_with("HTTP/1.1 413 "), "{chunked}");

    let fits = format!("{:1024}", order("o1"));
    assert_eq!(to(&tolmach, &fits).await.status, 201);
}

/// A caller that sends it all before it reads has its answer too.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_far_too_large_is_answered() {
    let (_bank, tolmach) = tolmach().await;
    for _ in 0..5 {
        let answer = to(&tolmach, &" ".repeat(8 << 20)).await;
        assert_eq!(answer.status, 413);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_of_body() {
    let (_bank, tolmach) = tolmach().await;
    let mut text = String::new();
    for headers in [
        &[("content-type", "text/plain")][..],
        &[("content-type", "application/json; charset=windows-1251")],
        &[("content-type", "application/json"), ("content-encoding", "br")],
    ] {
        let answer = with(&tolmach, headers, &order("o1")).await;
        assert_eq!(answer.status, 415, "{headers:?}");
        text.push_str(&format!("# {headers:?}\n{}\n\n", answer.shown()));
    }
    insta::assert_snapshot!(text);
    assert_eq!(
        with(&tolmach, &[("content-type", "application/vnd.shop+json")], &order("o1")).await.status,
        201
    );
    assert_eq!(with(&tolmach, &[], &order("o2")).await.status, 201);
    let json = tolmach.request("PUT", "/orders/1/status").bearer_auth("secret-token");
    let json = Answer::of(json.header("content-type", "application/json").body("{}")).await.unwrap();
    assert_eq!(json.status, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_message() {
    let (bank, tolmach) = tolmach().await;
    let cases = [
        ("nothing", ""),
        ("half of it", r#"{"type": "Order", "id": "#),
        ("two messages", "{} {}"),
        ("a key twice", r#"{"type": "Order", "id": "a", "id": "b"}"#),
        ("not UTF-8 escapes", r#"{"type": "Order", "id": "\ud800"}"#),
        ("an array", "[]"),
        ("no type", r#"{"id": "o1"}"#),
        ("an unknown type", r#"{"type": "MARKER", "id": "o1"}"#),
        ("a type that is no text", r#"{"type": {"a": "MARKER"}, "id": "o1"}"#),
        ("no id", r#"{"type": "Order", "customer": "MARKER", "lines": []}"#),
        ("no order key", r#"{"type": "Order", "id": "o1", "lines": []}"#),
        ("no route", r#"{"type": "Unrouted", "id": "o1", "customer": "MARKER"}"#),
        (
            "the schema",
            r#"{"type": "Order", "id": "o1-is-a-MARKER-that-is-long", "customer": "MARKER", "lines": [{"price": "MARKER"}, {"kind": "MARKER"}]}"#,
        ),
        (
            "two rules",
            r#"{"type": "Order", "id": "MARKER", "customer": "MARKER", "lines": [{"price": 1.255}], "on": "MARKER"}"#,
        ),
        ("a required value", r#"{"type": "Order", "id": "MARKER", "customer": "MARKER", "lines": []}"#),
    ];
    let mut text = String::new();
    for (name, body) in cases {
        let answer = to(&tolmach, body).await;
        assert!([400, 422].contains(&answer.status), "{name}: {}", answer.status);
        text.push_str(&format!("# {name}\n{}\n\n", answer.shown()));
    }
    assert!(!text.contains("MARKER"), "a value of a message in {text}");
    insta::assert_snapshot!(text);
    assert!(tolmach.messages().is_empty());
    assert!(bank.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_write() {
    let (_bank, tolmach) = tolmach().await;
    let path = tolmach.store_path().to_owned();
    let database = || rusqlite::Connection::open(&path).unwrap();
    database().execute_batch("ALTER TABLE message RENAME TO broken").unwrap();
    let answer = to(&tolmach, &order("o1")).await;
    insta::assert_snapshot!(answer.shown());
    // Mended, it takes the message: what was not acknowledged was not kept.
    database().execute_batch("ALTER TABLE broken RENAME TO message").unwrap();
    assert_eq!(to(&tolmach, &order("o1")).await.status, 201);
    assert_eq!(tolmach.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_what_happened_and_never_what_was_in_it() {
    let bank = Partner::start();
    let folder = folder(&bank);
    let process = Process::start(&folder).await;
    let marked = [
        r#"{"type": "MARKER", "id": "MARKER"}"#,
        r#"{"type": "Order", "id": "MARKER", "customer": "MARKER", "lines": [{"price": "MARKER"}]}"#,
        r#"{"type": "Order", "id": "MARKER", "customer": "MARKER", "lines": [{"price": 1.255}], "on": "MARKER"}"#,
        r#"{"type": "Order", "id": "MARKER", "customer": "MARKER", "lines": [{"price": 1}], "note": "MARKER"}"#,
        r#"{"type": "Order", "id": "MARKER", "customer": "MARKER", "lines": [{"price": 2}], "note": "MARKER"}"#,
    ];
    let mut statuses = Vec::new();
    for body in marked {
        statuses.push(to(&process, body).await.status);
    }
    assert_eq!(statuses, [422, 422, 422, 201, 409]);
    let wrong = process.post_as(("MARKER", "MARKER"), "/orders?secret=MARKER", order("o1")).await;
    assert_eq!(wrong.status, 401);
    bank.called(1).await;
    process.logged("delivered").await;

    let log = process.log();
    for secret in ["MARKER", SHOP.1, "secret-token"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    for line in ["wrong credentials", "the same id with another body", "`lines[0].price`", "accepted"] {
        assert!(log.contains(line), "no {line} in {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_sign_and_those_who_come_from_elsewhere() {
    const CONTRACT: &str = "
partner: shop
settings: {key: secret-key}
channels:
  signed:
    post: /signed
    auth: {signature: {given: header('x-sign'), is: \"hmac(setting('key'), body())\"}}
    message: \"'Order'\"
    messages: {Order: null}
  elsewhere:
    post: /elsewhere
    auth: none
    networks: [192.0.2.0/24]
    message: \"'Order'\"
    messages: {Order: null}
";
    let bank = Partner::start();
    let route = "receive: shop/signed\nmessage: Order\nanswer: {map: {taken: id}}\n";
    let folder = Folder::orders(&bank)
        .file("mappings/shop/partner.yaml", CONTRACT)
        .file("mappings/bank/order.yaml", route);
    let tolmach = Tolmach::start(folder).await;
    let body = r#"{"id":"o1"}"#;
    let sent = |sign: Option<&str>| {
        let request = tolmach.request("POST", "/signed").body(body);
        Answer::of(sign.into_iter().fold(request, |request, sign| request.header("x-sign", sign)))
    };
    let right = "f5ec8663e447e8d0a372b627b91950173f96ddb439c76236745f62eaa53c0acf";
    let unsigned = sent(None).await.unwrap();
    insta::assert_snapshot!("nothing signed", unsigned.shown());
    assert_eq!(sent(Some("00")).await.unwrap().shown(), unsigned.shown());
    assert_eq!(sent(Some(right)).await.unwrap().status, 200);
    let elsewhere = tolmach.post("/elsewhere", body).await;
    insta::assert_snapshot!("from elsewhere", elsewhere.shown());
}
