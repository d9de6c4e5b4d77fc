//! Faults as they are kept with a message or an attempt: one sentence for lists, and all there is to know.

use engine::Fault;
use serde_json::json;

/// Faults of the engine.
#[must_use]
pub fn stored(faults: &[Fault]) -> String {
    json!({"detail": faults.first().map(ToString::to_string), "faults": faults}).to_string()
}

/// A fault that one sentence says.
#[must_use]
pub fn problem(detail: &str) -> String {
    json!({ "detail": detail }).to_string()
}
