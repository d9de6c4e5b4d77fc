//! A response whose body is passed on as it comes.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderName, LAST_MODIFIED,
};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::client;
use super::flow::Flow;
use super::{Error, Response, retry_after};

/// What of a response's head belongs to its body. The rest is between the partner and us.
const PASSED: [HeaderName; 7] =
    [CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LAST_MODIFIED];
/// The longest that either side may take between two chunks.
const IDLE: Duration = Duration::from_secs(60);
/// Chunks on their way from one side to the other.
const CHUNKS: usize = 4;

/// The head of a response; its body has not been read.
#[derive(Debug)]
pub struct Opened {
    http: hyper::Response<Incoming>,
    timeout: Duration,
}

impl Opened {
    pub(super) fn new(http: hyper::Response<Incoming>, timeout: Duration) -> Self {
        Self { http, timeout }
    }

    #[must_use]
    pub fn status(&self) -> u16 {
        self.http.status().as_u16()
    }

    /// The headers that go on with the body.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let known = |name: &HeaderName| Some((name.clone(), self.http.headers().get(name)?.clone()));
        PASSED.iter().filter_map(known).collect()
    }

    /// At most a day.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        retry_after::of(self.http.headers(), self.status(), Timestamp::now())
    }

    /// The whole response after all.
    ///
    /// # Errors
    /// As for [`client::Client::call`].
    pub async fn read(self) -> Result<Response, Error> {
        timeout(self.timeout, client::read(self.http)).await.unwrap_or(Err(Error::Timeout))
    }

    /// The body as it comes; `held` is dropped at its end.
    #[must_use]
    pub fn pass_on(self, held: impl Send + 'static) -> Passing {
        let (sender, chunks) = mpsc::channel(CHUNKS);
        tokio::spawn(async move {
            let _held = held;
            pump(self.http.into_body(), sender).await;
        });
        Passing { chunks }
    }
}

/// Carries the chunks until one side has had enough. Only a body that came to its end is closed with `None`.
async fn pump(mut body: Incoming, chunks: mpsc::Sender<Option<Bytes>>) {
    let mut flow = Flow::begin(Instant::now());
    loop {
        let chunk = match timeout(IDLE, body.frame()).await {
            Ok(None) => None,
            Ok(Some(Ok(frame))) => match frame.into_data() {
                Ok(chunk) => Some(chunk),
                // Trailers are between the partner and us.
                Err(_) => continue,
            },
            Ok(Some(Err(_))) => return tracing::warn!("a response that is passed on broke off"),
            Err(_) => return tracing::warn!("a response that is passed on stands still"),
        };
        let (ends, length) = (chunk.is_none(), chunk.as_ref().map_or(0, Bytes::len));
        match timeout(IDLE, chunks.send(chunk)).await {
            Ok(Ok(())) if !ends && flow.moved(length, Instant::now()) => {}
            Ok(Ok(())) if !ends => return tracing::warn!("a response that is passed on trickles"),
            Ok(_) => return,
            Err(_) => return tracing::warn!("a caller does not take what is passed on"),
        }
    }
}

/// A body from an endpoint to a caller. One that breaks off is an error: it must not look whole.
#[derive(Debug)]
pub struct Passing {
    chunks: mpsc::Receiver<Option<Bytes>>,
}

impl Body for Passing {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        self.chunks.poll_recv(context).map(|chunk| match chunk {
            Some(Some(chunk)) => Some(Ok(Frame::data(chunk))),
            Some(None) => None,
            None => Some(Err(Error::Reset)),
        })
    }
}
