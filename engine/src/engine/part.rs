//! What several routes of one message cause together.

use super::{Answering, Delivery, RecordWrite, Reply, Translation};

/// What one route makes of a message.
pub(super) struct Part {
    pub route: Box<str>,
    /// None where it does not say what its caller gets.
    pub answering: Option<Answering>,
    pub deliveries: Vec<Delivery>,
    pub records: Vec<RecordWrite>,
}

/// All that the routes of one message cause; at most one of them answers.
pub(super) fn merge(parts: Vec<Part>) -> Translation {
    let mut merged = Translation {
        route: parts.first().map(|part| part.route.clone()).unwrap_or_default(),
        answering: Answering::Now(Reply::accepted()),
        deliveries: Vec::new(),
        records: Vec::new(),
    };
    for part in parts {
        if let Some(answering) = part.answering {
            (merged.route, merged.answering) = (part.route, answering);
        }
        merged.deliveries.extend(part.deliveries);
        merged.records.extend(part.records);
    }
    merged
}
