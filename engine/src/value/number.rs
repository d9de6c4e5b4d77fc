//! A number by its lexeme.

use std::{
    cmp::Ordering,
    hash::{Hash, Hasher},
};

use super::Arena;

/// Exponents beyond this many digits are refused, which keeps comparison exact in machine integers.
const EXPONENT_DIGITS: usize = 17;

/// A JSON number exactly as it was written.
///
/// Comparison is by mathematical value over the decimal digits, never through a float:
/// `1.10 == 1.1`, `1e2 == 100`, and two identifiers of twenty digits differ when their last digit
/// does.
#[derive(Clone, Copy, Debug)]
pub struct Number<'a>(&'a str);

impl<'a> Number<'a> {
    /// A number from its JSON text; `None` when `lexeme` is not one JSON number or its exponent has
    /// more than 17 digits.
    #[must_use]
    pub fn from_lexeme(lexeme: &'a str) -> Option<Self> {
        match measure(lexeme.as_bytes()) {
            Ok(length) if length == lexeme.len() => Some(Self(lexeme)),
            _ => None,
        }
    }

    /// The digits of `value`, written into the arena.
    #[must_use]
    pub fn from_i64(arena: &'a Arena, value: i64) -> Self {
        const DIGITS: &str = "0123456789";
        match usize::try_from(value).ok().and_then(|digit| DIGITS.get(digit..=digit)) {
            Some(digit) => Self(digit),
            None => Self(bumpalo::format!(in arena, "{}", value).into_bump_str()),
        }
    }

    /// A lexeme the caller has measured.
    pub(super) const fn trusted(lexeme: &'a str) -> Self {
        Self(lexeme)
    }

    pub(super) fn copy_into<'b>(&self, arena: &'b Arena) -> Number<'b> {
        Number(arena.alloc_str(self.0))
    }

    /// The lexeme.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        self.0
    }

    /// The value when it is an integer in the range of `i64`, however it is written (`1e2`, `5.0`).
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok().or_else(|| i64::try_from(self.decimal().integer()?).ok())
    }

    /// The value when it is an integer in the range of `u64`, however it is written.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok().or_else(|| u64::try_from(self.decimal().integer()?).ok())
    }

    /// The nearest `f64`: the digits may be lost, and a number out of range becomes an infinity.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Whether the value is a whole number: `1`, `1.0` and `1e2` are.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        !self.0.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) || self.decimal().is_integer()
    }

    /// Whether the value is zero, `-0.0e5` included.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.decimal().is_zero()
    }

    /// Orders by exact mathematical value; work is linear in the lexemes, whatever the exponents.
    #[must_use]
    pub fn compare(&self, other: &Number<'_>) -> Ordering {
        if self.0 == other.0 {
            return Ordering::Equal;
        }
        self.decimal().compare(&other.decimal())
    }

    fn decimal(&self) -> Decimal<'a> {
        Decimal::of(self.0)
    }
}

impl<'b> PartialEq<Number<'b>> for Number<'_> {
    fn eq(&self, other: &Number<'b>) -> bool {
        self.compare(other) == Ordering::Equal
    }
}

impl Eq for Number<'_> {}

impl Hash for Number<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let decimal = self.decimal();
        decimal.sign().hash(state);
        if !decimal.is_zero() {
            decimal.scale.hash(state);
            decimal.digits().for_each(|digit| digit.hash(state));
        }
    }
}

impl<'b> PartialOrd<Number<'b>> for Number<'_> {
    fn partial_cmp(&self, other: &Number<'b>) -> Option<Ordering> {
        Some(self.compare(other))
    }
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(other)
    }
}

/// `±0.d₁d₂…dₙ × 10^scale`, the digits being `whole` then `fraction` with no zero at either end; no
/// digits at all is zero.
struct Decimal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    scale: i64,
}

impl<'a> Decimal<'a> {
    fn of(lexeme: &'a str) -> Self {
        let (mantissa, exponent) = lexeme.split_once(['e', 'E']).unwrap_or((lexeme, "0"));
        let (negative, digits) =
            mantissa.strip_prefix('-').map_or((false, mantissa), |digits| (true, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        // Seventeen digits and a length fit an i64 with room to spare.
        let exponent = exponent.parse::<i64>().unwrap_or(0);
        let length = |digits: &str| i64::try_from(digits.len()).unwrap_or(i64::MAX / 4);
        if whole.is_empty() {
            let significant = fraction.trim_start_matches('0');
            let leading = length(fraction) - length(significant);
            return Self { negative, whole, fraction: significant, scale: exponent - leading };
        }
        let scale = exponent + length(whole);
        let whole = if fraction.is_empty() { whole.trim_end_matches('0') } else { whole };
        Self { negative, whole, fraction, scale }
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.whole.bytes().chain(self.fraction.bytes())
    }

    const fn count(&self) -> usize {
        self.whole.len() + self.fraction.len()
    }

    const fn is_zero(&self) -> bool {
        self.count() == 0
    }

    fn is_integer(&self) -> bool {
        self.is_zero() || i64::try_from(self.count()).is_ok_and(|count| count <= self.scale)
    }

    /// The value of an integer of at most 20 digits.
    fn integer(&self) -> Option<i128> {
        if self.is_zero() {
            return Some(0);
        }
        if !self.is_integer() || self.scale > 20 {
            return None;
        }
        let value = self.digits().fold(0_i128, |value, digit| value * 10 + i128::from(digit & 0x0f));
        let zeros = u32::try_from(self.scale).ok()?.checked_sub(u32::try_from(self.count()).ok()?)?;
        let value = value.checked_mul(10_i128.checked_pow(zeros)?)?;
        Some(if self.negative { -value } else { value })
    }

    fn compare(&self, other: &Decimal<'_>) -> Ordering {
        match (self.sign(), other.sign()) {
            (left, right) if left != right => left.cmp(&right),
            (0, _) => Ordering::Equal,
            (1, _) => self.compare_magnitude(other),
            _ => other.compare_magnitude(self),
        }
    }

    const fn sign(&self) -> i8 {
        match (self.is_zero(), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// Both start with a nonzero digit, so the scale decides before the digits do.
    fn compare_magnitude(&self, other: &Decimal<'_>) -> Ordering {
        self.scale.cmp(&other.scale).then_with(|| self.digits().cmp(other.digits()))
    }
}

/// Why bytes do not begin with a JSON number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// A digit is missing at this distance.
    Digit(usize),
    /// A zero leads other digits.
    LeadingZero,
    /// The exponent is absurd.
    Exponent,
}

/// The length of the JSON number at the start of `bytes`.
#[inline]
pub(super) fn measure(bytes: &[u8]) -> Result<usize, Malformed> {
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let mut at = digits_from(bytes, sign);
    match at - sign {
        0 => return Err(Malformed::Digit(at)),
        1 => {}
        _ if bytes.get(sign) == Some(&b'0') => return Err(Malformed::LeadingZero),
        _ => {}
    }
    if bytes.get(at) == Some(&b'.') {
        let start = at + 1;
        at = digits_from(bytes, start);
        if at == start {
            return Err(Malformed::Digit(at));
        }
    }
    match bytes.get(at) {
        Some(b'e' | b'E') => measure_exponent(bytes, at + 1),
        _ => Ok(at),
    }
}

fn measure_exponent(bytes: &[u8], start: usize) -> Result<usize, Malformed> {
    let start = start + usize::from(matches!(bytes.get(start), Some(b'+' | b'-')));
    let end = digits_from(bytes, start);
    let digits = bytes.get(start..end).unwrap_or_default();
    if digits.is_empty() {
        return Err(Malformed::Digit(end));
    }
    let significant = digits.iter().skip_while(|digit| **digit == b'0').count();
    if significant > EXPONENT_DIGITS { Err(Malformed::Exponent) } else { Ok(end) }
}

/// The end of the digits that begin at `start`.
#[inline]
fn digits_from(bytes: &[u8], start: usize) -> usize {
    let rest = bytes.get(start..).unwrap_or_default();
    start + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
