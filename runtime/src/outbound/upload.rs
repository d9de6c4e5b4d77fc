//! A caller's body on its way to an endpoint: counted, never kept.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};

/// The body; it breaks off above its limit.
pub struct Upload {
    /// None once it was too large.
    body: Option<Incoming>,
    left: usize,
    progress: Progress,
}

/// How far an upload has come, for those who wait for its end.
#[derive(Clone)]
pub struct Progress(Arc<Mutex<State>>);

struct State {
    /// Bytes since somebody looked last.
    moved: usize,
    broken: Option<Broken>,
    /// What is left of a body that is too large.
    rest: Option<Incoming>,
}

/// Why an upload has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    TooLarge,
    /// The caller broke it off.
    Cut,
}

impl Upload {
    #[must_use]
    pub fn new(body: Incoming, limit: usize) -> Self {
        let state = State { moved: 0, broken: None, rest: None };
        Self { body: Some(body), left: limit, progress: Progress(Arc::new(Mutex::new(state))) }
    }

    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// The body itself, as far as nothing was taken from it.
    #[must_use]
    pub fn into_body(self) -> Option<Incoming> {
        self.body
    }

    fn count(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, Broken> {
        let length = frame.data_ref().map_or(0, Bytes::len);
        self.left = self.left.checked_sub(length).ok_or(Broken::TooLarge)?;
        Ok(frame)
    }
}

impl Progress {
    /// Bytes that were taken from it since the last look.
    #[must_use]
    pub fn moved(&self) -> usize {
        self.with(|state| std::mem::take(&mut state.moved))
    }

    #[must_use]
    pub fn broken(&self) -> Option<Broken> {
        self.with(|state| state.broken)
    }

    /// What is left of a body that is too large.
    #[must_use]
    pub fn rest(&self) -> Option<Incoming> {
        self.with(|state| state.rest.take())
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let Poll::Ready(frame) = Pin::new(body).poll_frame(context) else { return Poll::Pending };
        let frame = match frame {
            Some(Ok(frame)) => self.count(frame),
            Some(Err(_)) => Err(Broken::Cut),
            None => return Poll::Ready(None),
        };
        let length = frame.as_ref().ok().and_then(Frame::data_ref).map_or(0, Bytes::len);
        let broken = frame.as_ref().err().copied();
        let rest = if broken == Some(Broken::TooLarge) { self.body.take() } else { None };
        self.progress.with(|state| {
            state.moved += length;
            state.broken = broken;
            state.rest = rest;
        });
        Poll::Ready(Some(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLarge => "the body is too large",
            Self::Cut => "the body breaks off",
        })
    }
}

impl StdError for Broken {}
