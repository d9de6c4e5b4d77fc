//! The world the engine is given: random ids, records from the store.

use std::sync::Arc;

use engine::{Ids, Records, Unavailable};
use uuid::Uuid;

use crate::store::Store;

/// Random ids (version 4).
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn uuid(&self) -> Uuid {
        Uuid::new_v4()
    }
}

/// No state at all: for commands that look at one message only.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecords;

impl Records for NoRecords {
    fn find(&self, _: &str, _: &str, _: &str) -> Result<Option<String>, Unavailable> {
        Ok(None)
    }
}

/// The records of the store.
pub struct StoredRecords {
    store: Arc<dyn Store>,
    engine: Arc<engine::Engine>,
}

impl StoredRecords {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, engine: Arc<engine::Engine>) -> Self {
        Self { store, engine }
    }
}

impl Records for StoredRecords {
    fn find(&self, name: &str, field: &str, value: &str) -> Result<Option<String>, Unavailable> {
        let is_key = self.engine.record(name).is_some_and(|record| *record.key == *field);
        self.store.find_record(name, (!is_key).then_some(field), value).map_err(|error| {
            tracing::error!(record = name, %error, "the records cannot be read");
            Unavailable
        })
    }
}
