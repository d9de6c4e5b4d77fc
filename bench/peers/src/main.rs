//! All cases in one process, the peers too: `cargo run --release --manifest-path bench/peers/Cargo.toml`.

mod jaq;
mod jmespath;
mod rhai;
mod sonic;
mod vrl;

use std::process::ExitCode;

use bench::case::{CASES, Entry, Work};

const PEERS: [Entry; 5] = [
    Entry { name: "sonic-rs", work: Work::Copies, make: || Ok(Box::new(sonic::Sonic::default())) },
    Entry { name: "vrl", work: Work::Maps, make: || Ok(Box::new(vrl::Vrl::new()?)) },
    Entry { name: "jmespath", work: Work::Maps, make: || Ok(Box::new(jmespath::Jmespath::new()?)) },
    Entry { name: "jaq", work: Work::Maps, make: || Ok(Box::new(jaq::Jaq::new()?)) },
    Entry { name: "rhai", work: Work::Maps, make: || Ok(Box::new(rhai::Rhai::new()?)) },
];

fn main() -> ExitCode {
    bench::command::main(&[CASES, &PEERS].concat())
}

/// A date as the bank writes it; `None` when the text is too short.
fn day(text: &str) -> Option<String> {
    Some([text.get(8..10)?, text.get(5..7)?, text.get(0..4)?].join("."))
}
