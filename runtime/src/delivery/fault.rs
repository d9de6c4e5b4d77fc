//! Faults as they are kept with a message or an attempt: one sentence for lists, and all there is to know.

use engine::Fault;
use serde_json::json;

/// Faults of the engine.
#[must_use]
pub fn stored(faults: &[Fault]) -> String {
    let more = match faults.len() {
        0 | 1 => String::new(),
        several => format!("; and {} more", several - 1),
    };
    let detail = faults.first().map(|first| format!("{first}{more}"));
    json!({"detail": detail, "faults": faults}).to_string()
}

/// A fault that one sentence says.
#[must_use]
pub fn problem(detail: &str) -> String {
    json!({ "detail": detail }).to_string()
}
