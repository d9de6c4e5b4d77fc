#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;

use engine::{Jwt, SigningKey};
use tokio::net::TcpListener;

use super::*;
use crate::outbound::fake::{Fake, Reply};

fn request(url: &str) -> Request<'_> {
    Request {
        method: "POST",
        partner: "bank",
        tls: None,
        url,
        headers: &[],
        content_type: "application/json",
        body: Bytes::from_static(b"{\"a\":1}"),
        idempotency_key: "key-1",
        auth: None,
        timeout: Duration::from_secs(20),
        traceparent: None,
        tracestate: None,
    }
}

fn entry(auth: Auth) -> Authentication {
    Authentication { name: "bank/token".into(), auth: Arc::new(auth) }
}

fn oauth2(server: &Fake) -> Authentication {
    entry(Auth::OAuth2(OAuth2 {
        token_url: server.url("/token").into(),
        client_id: Secret::new("id"),
        client_secret: Some(Secret::new("secret")),
        user: None,
        scope: None,
    }))
}

fn granted(before: usize) -> Reply {
    Reply::json(200, format!(r#"{{"access_token":"token-{before}","token_type":"bearer"}}"#))
}

async fn call(request: Request<'_>) -> Result<Response, Error> {
    Client::new(Destinations::default(), Networks::default()).unwrap().call(request).await
}

#[tokio::test]
async fn a_call_carries_what_it_was_given() {
    let server = Fake::start(|_, _| {
        let headers = &["content-type: application/json", "retry-after: 7"];
        Reply::Answer(503, headers, "{}".to_owned())
    })
    .await;
    let url = server.url("/orders?x=1");
    let response = call(Request { traceparent: Some("00-a-b-01"), ..request(&url) }).await.unwrap();
    assert_eq!(
        response,
        Response {
            status: 503,
            body: Bytes::from_static(b"{}"),
            content_type: Some("application/json".to_owned()),
            retry_after: Some(Duration::from_secs(7)),
        }
    );
    let seen = server.seen().concat();
    assert!(seen.starts_with("POST /orders?x=1 HTTP/1.1\r\n"), "{seen}");
    assert!(seen.ends_with("\r\n\r\n{\"a\":1}"), "{seen}");
    let agent = concat!("user-agent: tolmach/", env!("CARGO_PKG_VERSION"));
    for line in [
        "accept: application/json",
        "content-type: application/json",
        "idempotency-key: key-1",
        "traceparent: 00-a-b-01",
        agent,
    ] {
        assert!(seen.contains(&format!("{line}\r\n")), "{line}\n{seen}");
    }
}

#[tokio::test]
async fn what_the_contract_sets_wins() {
    let server = Fake::start(|_, _| Reply::json(200, "{}")).await;
    let url = server.url("/");
    let headers = [("accept", "application/pdf"), ("content-type", "text/plain"), ("x-source", "shop")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    call(Request { headers: &headers, ..request(&url) }).await.unwrap();
    let seen = server.seen().remove(0).to_lowercase();
    for (name, value) in &headers {
        let lines: Vec<&str> = seen.lines().filter(|line| line.starts_with(&format!("{name}:"))).collect();
        assert_eq!(lines, [format!("{name}: {value}")]);
    }
}

#[tokio::test]
async fn a_call_without_a_body_has_no_content_type() {
    let server = Fake::start(|_, _| Reply::json(200, "")).await;
    let url = server.url("/");
    let response = call(Request { method: "GET", body: Bytes::new(), ..request(&url) }).await.unwrap();
    assert_eq!(response.status, 200);
    let seen = server.seen().concat();
    assert!(seen.starts_with("GET / HTTP/1.1\r\n"), "{seen}");
    assert!(!seen.contains("content-type"), "{seen}");
}

#[tokio::test]
async fn static_credentials_are_sent_and_never_replayed() {
    let server = Fake::start(|_, _| Reply::json(401, "{}")).await;
    let url = server.url("/");
    let basic = entry(Auth::Constant(Credential::Basic {
        user: Secret::new("банк"),
        password: Secret::new("p:w"),
    }));
    let bearer = entry(Auth::Constant(Credential::Bearer { token: Secret::new("s3cret") }));
    for auth in [&basic, &bearer] {
        let response = call(Request { auth: Some(auth), ..request(&url) }).await.unwrap();
        assert_eq!(response.status, 401);
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].contains("authorization: Basic 0LHQsNC90Lo6cDp3\r\n"));
    assert!(seen[1].contains("authorization: Bearer s3cret\r\n"));
}

#[tokio::test]
async fn what_is_sent_is_signed_for_each_attempt() {
    let server = Fake::start(|_, _| Reply::json(200, "{}")).await;
    let url = server.url("/");
    let key =
        entry(Auth::Constant(Credential::ApiKey { header: "x-api-key".into(), key: Secret::new("k-1") }));
    let webhook = entry(Auth::StandardWebhooks { key: SigningKey::new(*b"a key") });
    let jwt = |key: &str| Jwt {
        algorithm: "HS256",
        key: Secret::new(key),
        issuer: Some("us".into()),
        audience: Some("bank".into()),
    };
    let lifetime = Duration::from_secs(300);
    let token = entry(Auth::Jwt { jwt: jwt("key"), subject: None, lifetime });
    for auth in [&key, &webhook, &token] {
        call(Request { auth: Some(auth), ..request(&url) }).await.unwrap();
    }
    let seen = server.seen();
    let header = |at: usize, name: &str| {
        let line =
            seen[at].lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{name}"));
        line.trim_start_matches(": ").to_owned()
    };
    assert_eq!(header(0, "x-api-key"), "k-1");
    assert_eq!(header(1, "webhook-id"), "key-1");
    assert!(header(1, "webhook-signature").starts_with("v1,"));
    let token = header(2, "authorization").replace("Bearer ", "");
    let verifier = crate::auth::jwt::Verifier::new("bank/in", &jwt("key")).unwrap();
    assert_eq!(verifier.check(&token, Timestamp::now()), Ok(()));
    let none = entry(Auth::Jwt { jwt: jwt(""), subject: None, lifetime });
    assert_eq!(call(Request { auth: Some(&none), ..request(&url) }).await, Err(Error::BadKey));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let server = Fake::start(|request, before| {
        if request.starts_with("POST /token") {
            granted(before)
        } else if request.contains("Bearer token-0") {
            Reply::json(401, "{}")
        } else {
            Reply::json(200, "{\"ok\":1}")
        }
    })
    .await;
    let (url, auth) = (server.url("/orders"), oauth2(&server));
    let client = Client::new(Destinations::default(), Networks::default()).unwrap();
    for _ in 0..2 {
        let response = client.call(Request { auth: Some(&auth), ..request(&url) }).await.unwrap();
        assert_eq!(response.body, "{\"ok\":1}");
    }
    let seen = server.seen();
    let paths: Vec<&str> = seen.iter().map(|text| &text[5..11]).collect();
    // The second call uses the token of the replay.
    assert_eq!(paths, ["/token", "/order", "/token", "/order", "/order"]);
    assert!(seen[3].contains("idempotency-key: key-1\r\n"));
    assert!(seen[3].ends_with("{\"a\":1}"));
}

#[tokio::test]
async fn a_second_401_is_the_answer() {
    let server = Fake::start(|request, before| {
        if request.starts_with("POST /token") { granted(before) } else { Reply::json(401, "{}") }
    })
    .await;
    let (url, auth) = (server.url("/orders"), oauth2(&server));
    let response = call(Request { auth: Some(&auth), ..request(&url) }).await.unwrap();
    assert_eq!(response.status, 401);
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let server = Fake::start(|_, _| Reply::json(400, "{}")).await;
    let (url, auth) = (server.url("/orders"), oauth2(&server));
    let error = call(Request { auth: Some(&auth), ..request(&url) }).await.unwrap_err();
    assert_eq!(error, Error::Token(token::Error::Status(400)));
    assert!(error.is_retryable() && !error.may_have_arrived());
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn redirects_are_answers() {
    let server = Fake::start(|_, _| Reply::Answer(302, &["location: /elsewhere"], String::new())).await;
    let response = call(request(&server.url("/"))).await.unwrap();
    assert_eq!((response.status, server.seen().len()), (302, 1));
}

#[tokio::test]
async fn a_broken_or_missing_answer_is_told_by_its_kind() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{".to_vec();
    let server = Fake::start(move |request, _| match request.get(..7) {
        Some("POST /1") => Reply::Raw(Vec::new()),
        Some("POST /2") => Reply::Raw(cut.clone()),
        Some("POST /3") => Reply::Raw(b"SSH-2.0\r\n\r\n".to_vec()),
        _ => Reply::Silence,
    })
    .await;
    for (path, expected) in
        [("/1", Error::Reset), ("/2", Error::Reset), ("/3", Error::Reset), ("/4", Error::Timeout)]
    {
        let url = server.url(path);
        let mut request = request(&url);
        if expected == Error::Timeout {
            request.timeout = Duration::from_millis(100);
        }
        let error = call(request).await.unwrap_err();
        assert!(error.is_retryable() && error.may_have_arrived(), "{path}");
        assert_eq!(error, expected, "{path}");
    }
}

#[tokio::test]
async fn a_closed_port_means_that_nothing_arrived() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let error = call(request(&url)).await.unwrap_err();
    assert_eq!(error, Error::Connect);
    assert!(error.is_retryable() && !error.may_have_arrived());
}

#[tokio::test]
async fn a_large_answer_is_cut_whether_announced_or_not() {
    let server = Fake::start(|request, _| {
        let extra = usize::from(!request.starts_with("POST /fits"));
        let body = "x".repeat(MAX_RESPONSE + extra);
        if request.starts_with("POST /unannounced") {
            Reply::Raw(format!("HTTP/1.1 200 OK\r\n\r\n{body}").into_bytes())
        } else {
            Reply::json(200, body)
        }
    })
    .await;
    let fits = call(request(&server.url("/fits"))).await.unwrap();
    assert_eq!(fits.body.len(), MAX_RESPONSE);
    for path in ["/announced", "/unannounced"] {
        let error = call(request(&server.url(path))).await.unwrap_err();
        let expected = Error::TooLarge { status: 200, limit: MAX_RESPONSE };
        assert_eq!(error, expected, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_named() {
    let url = "http://127.0.0.1:1/";
    let auth = entry(Auth::Constant(Credential::Bearer { token: Secret::new("a\r\nX: y") }));
    let bad = [
        Request { method: "PO ST", ..request(url) },
        Request { idempotency_key: "a\r\nX: y", ..request(url) },
        Request { content_type: "a\nb", ..request(url) },
        Request { traceparent: Some("\0"), ..request(url) },
        Request { auth: Some(&auth), ..request(url) },
        request("/relative"),
        request("ftp://host/"),
        request("http://user:s3cret@host/"),
    ];
    let mut errors = Vec::new();
    for request in bad {
        let error = call(request).await.unwrap_err();
        assert!(!error.is_retryable() && !error.may_have_arrived());
        errors.push(error.to_string());
    }
    assert_eq!(
        errors,
        [
            "the method is not an HTTP method",
            "the header Idempotency-Key cannot be sent",
            "the header Content-Type cannot be sent",
            "the header traceparent cannot be sent",
            "the header Authorization cannot be sent",
            "the URL cannot be called",
            "the URL cannot be called",
            "the URL cannot be called",
        ]
    );
}
