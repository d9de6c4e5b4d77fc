//! OAuth2 access tokens: kept until they are to be renewed, asked for once however many wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use engine::{OAuth2, Secret};
use tokio::time::Instant;

pub use super::grant::Error;
use super::grant::{self, Granted};
use crate::transport::Transport;

/// How long a failure is the answer for those who ask after it.
const FAILURE_LIFE: Duration = Duration::from_secs(1);

/// The longest that [`Tokens::bearer`] takes: one request of somebody else, then one of its own.
pub const LONGEST: Duration = Duration::from_secs(2 * grant::TIMEOUT.as_secs());

/// An access token.
#[derive(Debug)]
pub struct Token(Secret);

impl Token {
    /// The token, to be sent and nothing else. It consists of visible ASCII characters.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

/// The tokens of all authentications, by name.
#[derive(Debug, Default)]
pub struct Tokens {
    slots: Mutex<BTreeMap<Box<str>, Arc<Slot>>>,
}

impl Tokens {
    /// Empty; tokens are asked for when they are first needed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A token for the authentication called `name`: the kept one, or a new one.
    ///
    /// One request at a time goes out for a name; who comes meanwhile gets its result, and a
    /// failure answers those who come within a second after it. A `grant` that has changed (after
    /// a reload) is asked with at once. Takes at most [`LONGEST`].
    ///
    /// # Errors
    /// [`Error`]; all of them say that nothing was sent with the missing token.
    pub async fn bearer(&self, name: &str, grant: &OAuth2, http: &Transport) -> Result<Arc<Token>, Error> {
        let slot = self.slot(name);
        if let Some(result) = slot.kept(grant, Instant::now()) {
            return result;
        }
        let _flight =
            tokio::time::timeout(grant::TIMEOUT, slot.flight.lock()).await.map_err(|_| Error::Timeout)?;
        // Whoever held the lock may have brought what we need.
        if let Some(result) = slot.kept(grant, Instant::now()) {
            return result;
        }
        let granted = grant::ask(grant, http).await;
        slot.keep(grant, granted, Instant::now())
    }

    /// Forgets `stale`, a token that an endpoint has refused, unless it was replaced meanwhile.
    pub fn invalidate(&self, name: &str, stale: &Token) {
        self.slot(name).forget(stale);
    }

    fn slot(&self, name: &str) -> Arc<Slot> {
        let mut slots = locked(&self.slots);
        if let Some(slot) = slots.get(name) {
            return Arc::clone(slot);
        }
        Arc::clone(slots.entry(name.into()).or_default())
    }
}

#[derive(Debug, Default)]
struct Slot {
    /// Held by the one who asks the token endpoint.
    flight: tokio::sync::Mutex<()>,
    last: Mutex<Option<Last>>,
}

/// What came of the last request.
#[derive(Debug)]
struct Last {
    grant: OAuth2,
    result: Result<Arc<Token>, Error>,
    until: Instant,
}

impl Slot {
    fn kept(&self, grant: &OAuth2, now: Instant) -> Option<Result<Arc<Token>, Error>> {
        locked(&self.last)
            .as_ref()
            .filter(|last| now < last.until && last.grant == *grant)
            .map(|last| last.result.clone())
    }

    fn keep(
        &self,
        grant: &OAuth2,
        granted: Result<Granted, Error>,
        now: Instant,
    ) -> Result<Arc<Token>, Error> {
        let life = granted.as_ref().map_or(FAILURE_LIFE, |granted| granted.life);
        let result = granted.map(|granted| Arc::new(Token(granted.token)));
        *locked(&self.last) = Some(Last { grant: grant.clone(), result: result.clone(), until: now + life });
        result
    }

    fn forget(&self, stale: &Token) {
        let mut last = locked(&self.last);
        // The same token object, not the same text: a server may grant one text twice.
        if let Some(Last { result: Ok(kept), .. }) = &*last
            && std::ptr::eq(Arc::as_ptr(kept), stale)
        {
            *last = None;
        }
    }
}

/// No code under these locks can panic halfway through a change, so a poisoned one is sound.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
