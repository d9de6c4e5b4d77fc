//! The process that serves a configuration, by its operator's API.

use std::io;
use std::path::Path;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::handshake;
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use super::Failure;
use super::run::TOKEN;
use crate::admin::access::Access;

/// A way to the process.
pub(super) struct Remote {
    access: Access,
    runtime: Runtime,
}

impl Remote {
    /// The process that serves the database, if one does and can be asked.
    pub fn find(store: &Path) -> Result<Option<Self>, Failure> {
        let Some(access) = Access::find(store)? else { return Ok(None) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let reached = runtime.block_on(TcpStream::connect(access.address));
        match reached {
            Ok(_) => Ok(Some(Self { access, runtime })),
            // It was killed, and its file is left.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The process, or why there is none.
    pub fn required(store: &Path) -> Result<Self, Failure> {
        Self::find(store)?.ok_or_else(|| {
            let store = store.display();
            format!("no process serves {store}, or it has no API (`admin: none`); `tolmach run` starts one")
                .into()
        })
    }

    pub fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Failure> {
        self.call("GET", path, query)
    }

    pub fn post(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, Failure> {
        self.call("POST", path, query)
    }

    fn call(&self, method: &str, path: &str, query: &[(&str, &str)]) -> Result<Value, Failure> {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let (status, body) = self.runtime.block_on(self.exchange(method, &format!("{path}?{query}")))?;
        let value: Value = serde_json::from_slice(&body).unwrap_or_default();
        match status {
            StatusCode::OK => Ok(value),
            StatusCode::UNAUTHORIZED => {
                Err(format!("the process does not take our token: is {TOKEN} another one there?").into())
            }
            _ => {
                let told = value["detail"].as_str().or(value["title"].as_str()).unwrap_or("it says nothing");
                Err(told.to_owned().into())
            }
        }
    }

    async fn exchange(&self, method: &str, target: &str) -> Result<(StatusCode, Bytes), Failure> {
        let stream = TcpStream::connect(self.access.address).await?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, self.access.address.to_string())
            .header(AUTHORIZATION, format!("Bearer {}", self.access.token.reveal()))
            .body(Empty::<Bytes>::new())?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}

/// A part of a path, whatever it holds.
pub(super) fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
