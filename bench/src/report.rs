//! What was measured, for people and for programs.

use std::fmt::Write;

use crate::measure::Cost;

/// The costs over one set of messages.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Section {
    /// The size, or the file.
    pub name: String,
    /// The mean length of a message.
    pub bytes: usize,
    pub costs: Vec<Cost>,
}

/// The section as a table.
#[must_use]
pub fn table(section: &Section) -> String {
    let mut text = format!(
        "{} ({} bytes)\n{:<14}{:>12}{:>11}{:>9}{:>13}{:>8}\n",
        section.name, section.bytes, "case", "us/message", "to typed", "to raw", "allocations", "MB/s"
    );
    for Cost { case, micros, to_typed, to_raw, allocations } in &section.costs {
        let ratio = |ratio: &Option<f64>| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.2}"));
        let (typed, raw) = (ratio(to_typed), ratio(to_raw));
        let speed = section.bytes as f64 / micros;
        // Writing to a string does not fail.
        let _ = writeln!(text, "{case:<14}{micros:>12.2}{typed:>11}{raw:>9}{allocations:>13.1}{speed:>8.0}");
    }
    text
}
