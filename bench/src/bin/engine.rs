//! The engine beside programs written by hand, in one process: `cargo run --release -p bench --bin engine`.

use std::process::ExitCode;

fn main() -> ExitCode {
    bench::command::main(bench::case::CASES)
}
