//! Durations and sizes as people write them: 15s, 2h, 400d; 64KB, 2MB.

use std::time::Duration;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::{SIZES, Scalar, UNITS};

/// Ten years: longer is a mistake in the unit.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 86_400);
/// A message is held in memory whole.
const LARGEST: usize = 64 << 20;

/// A duration; what is wrong with it is reported.
pub fn duration(scalar: &Scalar, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let parsed = duration_of(&scalar.text);
    if parsed.is_none() {
        let message = format!("`{}` is not a duration", scalar.text);
        diagnostics.push(
            Diagnostic::error(Code::BadDuration, message, scalar.span)
                .help("a whole number and ms, s, m, h or d: 500ms, 15s, 2h, 400d"),
        );
    }
    parsed
}

/// A duration as people write one: 15s, 2h, 400d; none where it is no such.
#[must_use]
pub fn duration_of(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let duration = number.parse::<u64>().ok()?.checked_mul(factor).map(Duration::from_millis)?;
    (duration <= LONGEST).then_some(duration)
}

pub(super) fn size(scalar: &Scalar, diagnostics: &mut Diagnostics) -> Option<usize> {
    let parsed = split(&scalar.text).and_then(|(number, unit)| {
        let (_, factor) = SIZES.into_iter().find(|(name, _)| *name == unit)?;
        number.parse::<usize>().ok()?.checked_mul(factor)
    });
    if parsed.is_none_or(|size| size == 0 || size > LARGEST) {
        let message = format!("`{}` is not a size", scalar.text);
        diagnostics.push(
            Diagnostic::error(Code::BadSize, message, scalar.span)
                .help("a whole number and KB or MB, at most 64MB: 256KB, 2MB"),
        );
        return None;
    }
    parsed
}

fn split(text: &str) -> Option<(&str, &str)> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    Some((text.get(..unit)?, text.get(unit..)?.trim_start()))
}
