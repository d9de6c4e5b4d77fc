//! Calls a running Tolmach over HTTP and looks into its store.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use hyper::HeaderMap;
use runtime::store::sqlite::{Reader, SqliteStore};
use runtime::store::{Filter, MessageDetail, MessageState};
use serde_json::Value;

use super::eventually;

/// One caller of one Tolmach.
#[derive(Clone)]
pub struct Caller {
    address: SocketAddr,
    store: PathBuf,
    http: reqwest::Client,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Caller {
    pub fn new(address: SocketAddr, store: PathBuf) -> Self {
        Self { address, store, http: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    pub fn caller(&self) -> Self {
        self.clone()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("http://{}{path}", self.address))
    }

    /// Posts JSON without credentials.
    pub async fn post(&self, path: &str, body: impl Into<String>) -> Answer {
        let request = self.request("POST", path).header("content-type", "application/json").body(body.into());
        Answer::of(request).await.unwrap()
    }

    /// Posts JSON with Basic credentials.
    pub async fn post_as(
        &self,
        (user, password): (&str, &str),
        path: &str,
        body: impl Into<String>,
    ) -> Answer {
        let request = self.request("POST", path).basic_auth(user, Some(password));
        Answer::of(request.header("content-type", "application/json").body(body.into())).await.unwrap()
    }

    /// Posts an order of the shop; it must be taken.
    pub async fn order(&self, id: &str, customer: &str) {
        let answer = self.post("/orders", order(id, customer)).await;
        assert_eq!(answer.status, 200, "{}", answer.shown());
    }

    /// Posts an order of the shop; `false` if there was no answer.
    pub async fn try_order(&self, id: &str, customer: &str) -> bool {
        let request = self.request("POST", "/orders").header("content-type", "application/json");
        match Answer::of(request.body(order(id, customer))).await {
            Ok(answer) => answer.status == 200,
            Err(_) => false,
        }
    }

    pub fn store_path(&self) -> &Path {
        &self.store
    }

    pub fn store(&self) -> Reader {
        SqliteStore::open_read_only(&self.store).unwrap()
    }

    /// Every message in full, oldest first.
    pub fn messages(&self) -> Vec<MessageDetail> {
        let store = self.store();
        let mut all = store.list(&Filter { limit: 1000, ..Filter::default() }).unwrap();
        all.reverse();
        all.iter().map(|message| store.show(&message.id).unwrap().unwrap()).collect()
    }

    /// The only message, once it has the state.
    pub async fn only_message_once(&self, state: MessageState) -> MessageDetail {
        let mut all = self.all_once(state).await;
        assert_eq!(all.len(), 1);
        all.remove(0)
    }

    /// Every message, once there is one and all have the state.
    pub async fn all_once(&self, state: MessageState) -> Vec<MessageDetail> {
        eventually(&format!("every message is {}", state.name()), || {
            let all = self.messages();
            let done = !all.is_empty() && all.iter().all(|message| message.summary.state == state);
            done.then_some(all)
        })
        .await
    }
}

/// An order of the shop.
pub fn order(id: &str, customer: &str) -> String {
    serde_json::json!({"type": "Order", "id": id, "customer": customer, "amount": 10}).to_string()
}

impl Answer {
    pub async fn of(request: reqwest::RequestBuilder) -> Result<Self, reqwest::Error> {
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, body: response.bytes().await? })
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status, the headers that mean something, and the body on several lines.
    pub fn shown(&self) -> String {
        let mut text = format!("HTTP {}\n", self.status);
        for name in ["allow", "content-type", "retry-after", "www-authenticate"] {
            if let Some(value) = self.header(name) {
                writeln!(text, "{name}: {value}").unwrap();
            }
        }
        let body = match serde_json::from_slice::<Value>(&self.body) {
            Ok(json) => serde_json::to_string_pretty(&json).unwrap(),
            Err(_) => String::from_utf8_lossy(&self.body).into_owned(),
        };
        format!("{text}\n{body}")
    }
}
