#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use engine::Networks;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::*;
use crate::outbound::fake::{Fake, Reply};

fn grant(url: String) -> OAuth2 {
    OAuth2 {
        token_url: url.into(),
        client_id: Secret::new("client:1"),
        client_secret: Some(Secret::new("с+ &")),
        user: None,
        scope: Some("read write".into()),
    }
}

/// Gives `token-0`, `token-1`, … for a hundred seconds each.
async fn numbered() -> Fake {
    Fake::start(|_, before| {
        Reply::json(
            200,
            format!(r#"{{"access_token":"token-{before}","token_type":"Bearer","expires_in":100}}"#),
        )
    })
    .await
}

/// The results of fifty callers at once.
async fn crowd(grant: &OAuth2) -> Vec<Result<String, Error>> {
    let tokens = Arc::new(Tokens::new());
    let client = Arc::new(Transport::new(Networks::default()).unwrap());
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let (tokens, client, grant) = (Arc::clone(&tokens), Arc::clone(&client), grant.clone());
        callers.spawn(async move {
            let token = tokens.bearer("bank/token", &grant, &client).await?;
            Ok(token.reveal().to_owned())
        });
    }
    callers.join_all().await
}

#[tokio::test]
async fn a_public_client_asks_for_a_user() {
    let server = numbered().await;
    let user = Some((Secret::new("shop"), Secret::new("p&w")));
    let grant = OAuth2 { client_secret: None, user, ..grant(server.url("/token")) };
    Tokens::new().bearer("bank/token", &grant, &Transport::new(Networks::default()).unwrap()).await.unwrap();
    let seen = server.seen().concat();
    let form = "grant_type=password&username=shop&password=p%26w&client_id=client%3A1&scope=read+write";
    assert!(seen.ends_with(form), "{seen}");
    assert!(!seen.contains("authorization"), "{seen}");
}

#[tokio::test]
async fn fifty_callers_make_one_request() {
    let server = numbered().await;
    let results = crowd(&grant(server.url("/token"))).await;
    assert_eq!(results, vec![Ok("token-0".to_owned()); 50]);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn fifty_callers_share_one_failure() {
    let server = Fake::start(|_, _| Reply::json(503, "{}")).await;
    let results = crowd(&grant(server.url("/token"))).await;
    assert_eq!(results, vec![Err(Error::Status(503)); 50]);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn the_request_is_what_the_rfc_prescribes() {
    let server = numbered().await;
    let grant = grant(server.url("/token?tenant=1"));
    let tokens = Tokens::new();
    tokens.bearer("a", &grant, &Transport::new(Networks::default()).unwrap()).await.unwrap();
    let seen = server.seen().concat();
    assert!(seen.starts_with("POST /token?tenant=1 HTTP/1.1\r\n"));
    // client%3A1:%D1%81%2B+%26
    assert!(seen.contains("authorization: Basic Y2xpZW50JTNBMTolRDElODElMkIrJTI2\r\n"));
    assert!(seen.contains("accept: application/json\r\n"));
    assert!(seen.contains("content-type: application/x-www-form-urlencoded\r\n"));
    assert!(seen.ends_with("\r\n\r\ngrant_type=client_credentials&scope=read+write"));
}

#[test]
fn a_token_is_kept_for_the_life_it_was_granted() {
    let (slot, grant, start) = (Slot::default(), grant(String::new()), Instant::now());
    let granted = Granted { token: Secret::new("t"), life: Duration::from_secs(90) };
    slot.keep(&grant, Ok(granted), start).unwrap();
    let kept = |seconds| slot.kept(&grant, start + Duration::from_secs(seconds));
    assert!(matches!(kept(89), Some(Ok(token)) if token.reveal() == "t"));
    assert!(kept(90).is_none());
}

#[test]
fn a_failure_is_kept_for_a_second() {
    let (slot, grant, start) = (Slot::default(), grant(String::new()), Instant::now());
    slot.keep(&grant, Err(Error::Timeout), start).unwrap_err();
    let kept = |millis| slot.kept(&grant, start + Duration::from_millis(millis));
    assert!(matches!(kept(999), Some(Err(Error::Timeout))));
    assert!(kept(1000).is_none());
}

#[tokio::test]
async fn only_the_token_in_use_is_forgotten() {
    let server = numbered().await;
    let (grant, client, tokens) =
        (grant(server.url("/")), Transport::new(Networks::default()).unwrap(), Tokens::new());
    let first = tokens.bearer("a", &grant, &client).await.unwrap();
    tokens.invalidate("a", &first);
    let second = tokens.bearer("a", &grant, &client).await.unwrap();
    tokens.invalidate("a", &first);
    let third = tokens.bearer("a", &grant, &client).await.unwrap();
    assert_eq!(second.reveal(), "token-1");
    assert_eq!(third.reveal(), "token-1");
}

#[tokio::test]
async fn names_and_grants_do_not_share_tokens() {
    let server = numbered().await;
    let (client, tokens) = (Transport::new(Networks::default()).unwrap(), Tokens::new());
    let mut grant = grant(server.url("/"));
    let first = tokens.bearer("a", &grant, &client).await.unwrap();
    let other_name = tokens.bearer("b", &grant, &client).await.unwrap();
    grant.client_secret = Some(Secret::new("rotated"));
    let other_grant = tokens.bearer("a", &grant, &client).await.unwrap();
    let all = [first, other_name, other_grant].map(|token| token.reveal().to_owned());
    assert_eq!(all, ["token-0", "token-1", "token-2"]);
}

#[tokio::test]
async fn a_bad_answer_is_told_by_its_kind() {
    let server = Fake::start(|request, _| match request.get(..7) {
        Some("POST /1") => Reply::json(302, ""),
        Some("POST /2") => Reply::json(200, " ".repeat(70_000)),
        Some("POST /3") => Reply::json(200, "<html>"),
        _ => Reply::Raw(Vec::new()),
    })
    .await;
    let client = Transport::new(Networks::default()).unwrap();
    let mut errors = Vec::new();
    for path in ["/1", "/2", "/3", "/4"] {
        let result = Tokens::new().bearer("a", &grant(server.url(path)), &client).await;
        errors.push(result.unwrap_err());
    }
    let nowhere = grant("not a url".to_owned());
    errors.push(Tokens::new().bearer("a", &nowhere, &client).await.unwrap_err());
    assert_eq!(
        errors,
        [Error::Status(302), Error::TooLarge, Error::Malformed, Error::Unreachable, Error::BadUrl]
    );
}

#[tokio::test]
async fn a_caller_that_gives_up_does_not_hold_up_the_others() {
    let arrived = Arc::new(Notify::new());
    let signal = Arc::clone(&arrived);
    let server = Fake::start(move |_, before| match before {
        0 => {
            signal.notify_one();
            Reply::Silence
        }
        _ => Reply::json(200, r#"{"access_token":"t","token_type":"bearer"}"#),
    })
    .await;
    let (client, tokens) = (Transport::new(Networks::default()).unwrap(), Tokens::new());
    let grant = grant(server.url("/"));
    tokio::select! {
        _ = tokens.bearer("a", &grant, &client) => panic!("the server is silent"),
        () = arrived.notified() => {}
    }
    let token = tokens.bearer("a", &grant, &client).await.unwrap();
    assert_eq!(token.reveal(), "t");
}

#[test]
fn nothing_shows_a_token() {
    let shown = format!("{:?}", Token(Secret::new("s3cret")));
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn a_token_url_that_leads_inside_is_shown_no_secret() {
    let server = numbered().await;
    let inside = std::net::IpAddr::from([127, 0, 0, 1]);
    let client = Transport::leading_to(inside, Networks::default()).unwrap();
    let grant = grant(server.url("/token").replace("127.0.0.1", "bank.example"));
    let result = Tokens::new().bearer("bank/token", &grant, &client).await;
    assert_eq!(result.unwrap_err(), Error::Forbidden(inside));
    assert!(server.seen().is_empty());
}
