//! A handler at work within the task of its connection: a task of its own would cost more than many a message.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// Work that comes to its end even if nobody waits for it any more: it becomes a task of its own then.
pub(super) struct Carried<F: Future<Output: Send> + Send + 'static>(Option<Pin<Box<F>>>);

/// The work has panicked.
#[derive(Debug)]
pub(super) struct Panicked;

impl<F: Future<Output: Send> + Send + 'static> Carried<F> {
    pub fn new(work: F) -> Self {
        Self(Some(Box::pin(work)))
    }
}

impl<F: Future<Output: Send> + Send + 'static> Future for Carried<F> {
    type Output = Result<F::Output, Panicked>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = self.0.as_mut() else { return Poll::Ready(Err(Panicked)) };
        // It is never looked at again after a panic.
        let ended = match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(done)) => Ok(done),
            Err(_) => Err(Panicked),
        };
        self.0 = None;
        Poll::Ready(ended)
    }
}

impl<F: Future<Output: Send> + Send + 'static> Drop for Carried<F> {
    fn drop(&mut self) {
        // Without a runtime the process is at its end.
        if let (Some(work), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(work);
        }
    }
}
