//! A person looks at a difference and decides.

use std::io::{self, BufRead as _, Write as _};

use crate::cases::Case;

/// Whether the person accepts what came; the end of the input is no.
pub(super) fn accepts(case: &Case, shown: &str) -> io::Result<bool> {
    anstream::print!("{}\n{shown}accept? [y/N] ", case.name);
    anstream::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
