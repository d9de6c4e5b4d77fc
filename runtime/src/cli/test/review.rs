//! A person looks at a difference and decides.

use std::io::{self, BufRead as _, Write as _};

/// Whether the person accepts what came; the end of the input is no.
pub(super) fn accepts(name: &str, shown: &str) -> io::Result<bool> {
    anstream::print!("{}\n{shown}accept? [y/N] ", name);
    anstream::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
