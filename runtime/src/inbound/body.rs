//! Reads the body of a request: bounded in size and time.

use std::error::Error as StdError;
use std::pin::{Pin, pin};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body;

use super::Refusal;

/// The longest a caller may take for a whole body.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// What is read and thrown away of a body that is refused: a caller that sends all before it reads would otherwise have
/// its connection reset, and never see the answer.
const DISCARDED: usize = 16 << 20;
const DISCARD_TIMEOUT: Duration = Duration::from_secs(2);

/// The whole body, of at most `limit` bytes, if it arrives within `timeout`.
///
/// Nothing of a body whose declared length is above the limit is kept.
///
/// # Errors
/// [`Refusal::TooLarge`], [`Refusal::Timeout`], and [`Refusal::BadRequest`] for a body that breaks
/// off.
pub async fn read<B>(body: B, limit: usize, timeout: Duration) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let mut body = pin!(body);
    if usize::try_from(body.size_hint().lower()).map_or(true, |declared| declared > limit) {
        discard(body).await;
        return Err(Refusal::TooLarge { limit });
    }
    match tokio::time::timeout(timeout, Limited::new(body.as_mut(), limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            discard(body).await;
            Err(Refusal::TooLarge { limit })
        }
        Ok(Err(_)) => Err(Refusal::BadRequest { detail: "the body breaks off before its end" }),
        Err(_) => Err(Refusal::Timeout),
    }
}

/// Reads on for a while and throws away what comes.
pub async fn discard<B: Body<Data = Bytes>>(mut body: Pin<&mut B>) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > DISCARDED {
                break;
            }
        }
    };
    // Whether it ends or not, the answer is the same.
    let _ = tokio::time::timeout(DISCARD_TIMEOUT, reading).await;
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use std::collections::VecDeque;
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::{Frame, SizeHint};

    use super::*;

    /// A body that declares a length, gives its chunks and then never ends.
    struct Script {
        declared: u64,
        chunks: VecDeque<Result<&'static [u8], io::ErrorKind>>,
    }

    impl Body for Script {
        type Data = Bytes;
        type Error = io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
            match self.chunks.pop_front() {
                Some(Ok(chunk)) => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(chunk))))),
                Some(Err(kind)) => Poll::Ready(Some(Err(kind.into()))),
                None => Poll::Pending,
            }
        }

        fn size_hint(&self) -> SizeHint {
            let mut hint = SizeHint::new();
            hint.set_lower(self.declared);
            hint
        }
    }

    async fn refused(
        declared: u64,
        chunks: &[Result<&'static [u8], io::ErrorKind>],
    ) -> Result<Bytes, Refusal> {
        let chunks = chunks.iter().copied().collect();
        read(Script { declared, chunks }, 4, Duration::from_millis(20)).await
    }

    #[tokio::test]
    async fn a_body_up_to_the_limit_is_read() {
        let body = http_body_util::Full::new(Bytes::from_static(b"1234"));
        assert_eq!(read(body, 4, TIMEOUT).await.unwrap(), "1234");
    }

    #[tokio::test]
    async fn a_declared_length_is_believed_and_an_undeclared_one_counted() {
        let too_large = Err(Refusal::TooLarge { limit: 4 });
        assert_eq!(refused(5, &[]).await, too_large);
        assert_eq!(refused(u64::MAX, &[]).await, too_large);
        assert_eq!(refused(0, &[Ok(b"123"), Ok(b"45")]).await, too_large);
    }

    #[tokio::test]
    async fn a_body_that_stops_is_not_waited_for() {
        assert_eq!(refused(4, &[Ok(b"123")]).await, Err(Refusal::Timeout));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused() {
        let result = refused(4, &[Ok(b"123"), Err(io::ErrorKind::UnexpectedEof)]).await;
        assert!(matches!(result, Err(Refusal::BadRequest { .. })));
    }
}
