//! Why a message is not valid: the library tells, and its validators are large. They are made of the files when they are
//! needed, and the last few are kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::compile;
use super::document::{Document, Documents};
use super::tree::Tree;
use super::violation;
use crate::fault::Violation;
use crate::value::Value;

/// So many partners can send nonsense at once and be told quickly.
const KEPT: usize = 32;

type Validator = Arc<jsonschema::Validator<Tree>>;
/// The file of a schema, then those that it refers to.
type Files = Arc<[Arc<Document>]>;

/// The validators that were asked last, the very last in front.
#[derive(Default)]
pub(super) struct Explainers(Mutex<VecDeque<(Files, Validator)>>);

impl std::fmt::Debug for Explainers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explainers").finish_non_exhaustive()
    }
}

impl Explainers {
    /// Whether a value satisfies the schema of these files after all; not, where the library cannot be asked.
    pub fn finds_valid(&self, files: &Files, value: Value<'_>) -> bool {
        self.validator(files).is_some_and(|validator| validator.is_valid(&value))
    }

    /// What is wrong with a value that does not satisfy the schema of these files.
    pub fn violations(&self, files: &Files, value: Value<'_>, limit: usize) -> Vec<Violation> {
        match self.validator(files) {
            Some(validator) => violation::collect(validator.iter_errors(&value), value, limit),
            None => vec![violation::untold()],
        }
    }

    fn validator(&self, files: &Files) -> Option<Validator> {
        if let Some(known) = self.known(files) {
            return Some(known);
        }
        let name = files.first()?.name();
        let documents = Documents::new(files.iter().cloned());
        let validator = Arc::new(compile::validator(&Arc::new(documents), name)?);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(KEPT - 1);
        kept.push_front((Arc::clone(files), Arc::clone(&validator)));
        Some(validator)
    }

    fn known(&self, files: &Files) -> Option<Validator> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| Arc::ptr_eq(known, files))?;
        let known = kept.remove(at)?;
        let validator = Arc::clone(&known.1);
        kept.push_front(known);
        Some(validator)
    }
}
