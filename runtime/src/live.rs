//! The generation at work: what has begun comes to its end on its own, what begins is the next one's.

use std::sync::Arc;

use engine::Engine;
use hyper::Request;
use hyper::body::Incoming;
use tokio::sync::watch;

use crate::delivery::Attempt;
use crate::inbound::{Handler, Peer, Response};
use crate::service::{self, Service};
use crate::store::Store;
use crate::world::StoredRecords;

/// What works by one generation of the configuration.
pub struct Active {
    pub service: Service,
    pub attempt: Attempt,
}

/// The generation that is at work now.
#[derive(Clone)]
pub struct Live(pub watch::Receiver<Arc<Active>>);

impl Active {
    /// The same by another generation.
    ///
    /// # Errors
    /// What [`Service::next`] finds wrong with it.
    pub fn next(&self, engine: &Arc<Engine>, store: &Arc<dyn Store>) -> Result<Self, service::Error> {
        let records = Arc::new(StoredRecords::new(Arc::clone(store), Arc::clone(engine)));
        let service = self.service.next(Arc::clone(engine), Arc::clone(&records))?;
        let attempt =
            Attempt { engine: Arc::clone(engine), records, client: Arc::clone(&self.attempt.client) };
        Ok(Self { service, attempt })
    }
}

impl Live {
    #[must_use]
    pub fn now(&self) -> Arc<Active> {
        Arc::clone(&self.0.borrow())
    }
}

impl Handler for Live {
    async fn handle(&self, request: Request<Incoming>, peer: Arc<Peer>) -> Response {
        self.now().service.answer(request, &peer).await
    }
}
