//! What was measured, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::{accept, call};

#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub call: Option<call::Costs>,
    pub accept: Option<accept::Rates>,
}

impl Report {
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        if let Some(costs) = &self.call {
            of_calls(&mut text, costs);
        }
        if let Some(rates) = &self.accept {
            of_rates(&mut text, rates);
        }
        text
    }
}

/// Writing to a string does not fail.
fn of_calls(text: &mut String, costs: &call::Costs) {
    let call::Costs { connections, cases, goal } = costs;
    let _ = writeln!(text, "\none request, one response, 2 KB each; {connections} connections");
    let _ = writeln!(text, "{:<30}{:>12}{:>12}{:>8}", "", "CPU us", "requests/s", "ratio");
    for case in cases {
        let call::Case { name, micros, requests_per_second, ratio } = case;
        let _ = writeln!(text, "{name:<30}{micros:>12.1}{requests_per_second:>12.0}{ratio:>8.2}");
    }
    let _ = writeln!(text, "{:<30}{:>12}{:>12}{goal:>8.2}", "at most", "", "");
}

fn of_rates(text: &mut String, rates: &accept::Rates) {
    let accept::Rates { senders, cases, goal, goal_p99_ms } = rates;
    let _ = writeln!(text, "\ndurable messages of 2 KB; {senders} senders that wait for their answer");
    let _ = writeln!(
        text,
        "{:<30}{:>12}{:>12}{:>8}{:>9}{:>9}{:>9}",
        "", "CPU us", "messages/s", "ratio", "p50 ms", "p99 ms", "max ms"
    );
    for case in cases {
        let accept::Case { name, rate, ratio, micros, latency } = case;
        let (p50, p99, max) = (latency.p50, latency.p99, latency.max);
        let _ =
            writeln!(text, "{name:<30}{micros:>12.1}{rate:>12.0}{ratio:>8.2}{p50:>9.1}{p99:>9.1}{max:>9.1}");
    }
    let _ = writeln!(
        text,
        "{:<30}{:>12}{:>12}{goal:>8.2}{:>9}{goal_p99_ms:>9.1}",
        "at least, at most", "", "", ""
    );
}

/// The middle one.
pub fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = figures.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
