//! How far a batch is: a bar while it runs, a line at its end.

use std::fs::File;
use std::io::{IsTerminal, Read, stderr, stdout};
use std::time::Duration;

use indicatif::{DecimalBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::chunk::Tally;
use super::read::Input;

const OF_A_TOTAL: &str =
    "{decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left; {msg} {wide_bar}";
const OF_A_STREAM: &str = "{decimal_bytes}, {decimal_bytes_per_sec}, {elapsed}; {msg} {spinner}";

/// Between two looks at the clock where nothing else moves the bar.
const TICK: Duration = Duration::from_millis(250);

/// Counts what was read; shown where a person waits and does not see the messages themselves.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// The bar needs a terminal for itself: none is shown where somebody types the messages, or sees the results.
    pub fn new(input: &Input) -> Self {
        let total = input.size();
        if !stderr().is_terminal() || stdout().is_terminal() || input.file.is_terminal() {
            return Self { bar: ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()) };
        }
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        let template = if total.is_some() { OF_A_TOTAL } else { OF_A_STREAM };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let progress = Self { bar };
        progress.count(Tally::default());
        progress.bar.enable_steady_tick(TICK);
        progress
    }

    /// The file, and whatever is read from it is counted.
    pub fn follow(&self, file: File) -> impl Read + Send + use<> {
        self.bar.wrap_read(file)
    }

    /// Shows what was done so far.
    pub fn count(&self, tally: Tally) {
        if !self.bar.is_hidden() {
            self.bar.set_message(counted(tally));
        }
    }

    /// Writes to standard error where the bar stands.
    pub fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    /// Says what was done in all, on a terminal or where it is asked for.
    pub fn end(&self, tally: Tally, asked: bool) {
        if asked || stderr().is_terminal() {
            let (bytes, time) = (self.bar.position(), self.bar.elapsed().as_secs_f64());
            let rate = DecimalBytes(if time > 0.0 { (bytes as f64 / time) as u64 } else { 0 });
            anstream::eprintln!("{}; {} in {time:.1} s, {rate}/s", counted(tally), DecimalBytes(bytes));
        }
    }
}

fn counted(tally: Tally) -> String {
    format!("messages: {}, faulty: {}", HumanCount(tally.messages), HumanCount(tally.faulty))
}
