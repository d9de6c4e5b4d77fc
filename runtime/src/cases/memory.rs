//! The world of a case: ids in a series, records in memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use engine::{Ids, RecordWrite, Records, Unavailable};
use uuid::Uuid;

use crate::store::merge::{merge, scalar};

/// The first id ends with 1, the next with 2.
#[derive(Debug, Default)]
pub struct Series(AtomicU64);

impl Ids for Series {
    fn uuid(&self) -> Uuid {
        let number = self.0.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        Uuid::from_u64_pair(0x4000, 0x8000_0000_0000_0000 | number)
    }
}

/// Records by name and key, each the text of an object.
#[derive(Debug, Default)]
pub struct Memory(Mutex<BTreeMap<(String, String), String>>);

impl Memory {
    pub fn put(&self, record: &str, key: &str, json: &str) {
        self.lock().insert((record.to_owned(), key.to_owned()), json.to_owned());
    }

    /// As the store writes one: its fields replace those that are there, the others stay.
    ///
    /// # Errors
    /// The fields are not one object.
    pub fn write(&self, write: &RecordWrite) -> Result<(), serde_json::Error> {
        let mut records = self.lock();
        let place = (write.record.name.to_string(), write.key.clone());
        let fields = String::from_utf8_lossy(&write.json);
        let stored = records.get(&place).map(String::as_str);
        let merged = merge(stored, (&write.record.key, &write.key), &fields)?;
        records.insert(place, merged);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(String, String), String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Records for Memory {
    fn find(&self, name: &str, field: &str, value: &str) -> Result<Option<String>, Unavailable> {
        Ok(self.list(name, Some((field, value)), 1)?.pop())
    }

    fn list(
        &self,
        name: &str,
        filter: Option<(&str, &str)>,
        limit: usize,
    ) -> Result<Vec<String>, Unavailable> {
        let records = self.lock();
        let named = records.iter().filter(|((record, _), _)| record == name).map(|(_, json)| json);
        let fits = |json: &&String| {
            filter.is_none_or(|(field, value)| scalar(json, field).as_deref() == Some(value))
        };
        Ok(named.filter(fits).take(limit).cloned().collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_4_and_come_in_order() {
        let series = Series::default();
        let (first, second) = (series.uuid(), series.uuid());
        assert_eq!(first.get_version_num(), 4);
        assert_eq!(first.to_string(), "00000000-0000-4000-8000-000000000001");
        assert!(first < second);
    }

    #[test]
    fn records_are_found_by_any_field_and_listed_by_key() {
        let memory = Memory::default();
        memory.put("bank.order", "b", r#"{"id":"b","number":7}"#);
        memory.put("bank.order", "a", r#"{"id":"a","number":"7"}"#);
        memory.put("bank.other", "a", "{}");
        let found = memory.find("bank.order", "id", "b").unwrap();
        assert_eq!(found.as_deref(), Some(r#"{"id":"b","number":7}"#));
        assert_eq!(memory.list("bank.order", Some(("number", "7")), 9).unwrap().len(), 2);
        assert_eq!(memory.list("bank.order", None, 1).unwrap(), [r#"{"id":"a","number":"7"}"#]);
    }
}
