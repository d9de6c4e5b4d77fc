//! How digits that are not wanted are dropped, and a division that drops them once.

use std::cmp::Ordering;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::expression::Problem;
use crate::expression::binding::Binding;

pub(super) const HALF_UP: RoundingStrategy = RoundingStrategy::MidpointAwayFromZero;

const WORDS: [(&str, RoundingStrategy); 7] = [
    ("half_up", HALF_UP),
    ("half_even", RoundingStrategy::MidpointNearestEven),
    ("half_down", RoundingStrategy::MidpointTowardZero),
    ("up", RoundingStrategy::AwayFromZero),
    ("down", RoundingStrategy::ToZero),
    ("ceiling", RoundingStrategy::ToPositiveInfinity),
    ("floor", RoundingStrategy::ToNegativeInfinity),
];

/// The rounding that a call names, if it names one.
///
/// # Errors
/// There is none of that name, or it is computed.
pub(super) fn written(binding: &Binding<'_>, position: usize) -> Result<Option<RoundingStrategy>, Problem> {
    binding.choice(position, "a rounding", &WORDS)
}

/// `left / right` with `digits` after the point. The crate's own division rounds to 28 digits first, and what is
/// rounded twice may be wrong. `None` when the result has too many digits; `right` is not zero.
pub(super) fn divide(
    left: Decimal,
    right: Decimal,
    digits: u32,
    rounding: RoundingStrategy,
) -> Option<Decimal> {
    let negative = left.is_sign_negative() != right.is_sign_negative();
    let (dividend, divisor) = (left.mantissa().abs(), right.mantissa().abs());
    let shift = i64::from(digits) + i64::from(right.scale()) - i64::from(left.scale());
    let (mut quotient, mut rest) = (dividend / divisor, dividend % divisor);
    for _ in 0..shift.max(0) {
        rest *= 10;
        quotient = quotient.checked_mul(10)?.checked_add(rest / divisor)?;
        rest %= divisor;
    }
    let dropped = match u32::try_from(-shift) {
        Ok(drop @ 1..) => {
            let unit = 10_i128.checked_pow(drop)?;
            let tail = quotient % unit;
            quotient /= unit;
            Dropped { half: tail.cmp(&(unit / 2)).then(rest.cmp(&0)), nothing: tail == 0 && rest == 0 }
        }
        _ => Dropped { half: (rest * 2).cmp(&divisor), nothing: rest == 0 },
    };
    if dropped.away(rounding, negative, quotient % 2 == 1) {
        quotient += 1;
    }
    Decimal::try_from_i128_with_scale(if negative { -quotient } else { quotient }, digits).ok()
}

/// What stands behind the last digit.
struct Dropped {
    /// Its order to a half.
    half: Ordering,
    nothing: bool,
}

impl Dropped {
    /// Whether the last digit grows.
    fn away(&self, rounding: RoundingStrategy, negative: bool, odd: bool) -> bool {
        match rounding {
            RoundingStrategy::MidpointAwayFromZero => self.half.is_ge(),
            RoundingStrategy::MidpointTowardZero => self.half.is_gt(),
            RoundingStrategy::MidpointNearestEven => self.half.is_gt() || (self.half.is_eq() && odd),
            RoundingStrategy::AwayFromZero => !self.nothing,
            RoundingStrategy::ToPositiveInfinity => !self.nothing && !negative,
            RoundingStrategy::ToNegativeInfinity => !self.nothing && negative,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(left: &str, right: &str, digits: u32, rounding: RoundingStrategy) -> Option<String> {
        let decimal = |text| Decimal::from_str_exact(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        divide(decimal(left), decimal(right), digits, rounding).map(|quotient| quotient.to_string())
    }

    #[test]
    fn a_quotient_is_rounded_once() {
        // 0.49999999999999999999999999999… : rounded to 28 digits it would be a half.
        let nearly = divided("4999999999999999999999999999", "9999999999999999999999999999", 0, HALF_UP);
        assert_eq!(nearly.as_deref(), Some("0"));
        let up = divided(
            "0.0000000000000000000000000001",
            "79228162514264337593543950335",
            2,
            RoundingStrategy::AwayFromZero,
        );
        assert_eq!(up.as_deref(), Some("0.01"));
        assert_eq!(divided("79228162514264337593543950335", "0.1", 0, HALF_UP), None);
    }

    #[test]
    fn every_rounding_decides_a_half_and_what_is_beside_it() {
        let rows = [
            ("half_up", ["3", "-3", "2", "3"]),
            ("half_even", ["2", "-2", "2", "3"]),
            ("half_down", ["2", "-2", "2", "3"]),
            ("up", ["3", "-3", "3", "3"]),
            ("down", ["2", "-2", "2", "2"]),
            ("ceiling", ["3", "-2", "3", "3"]),
            ("floor", ["2", "-3", "2", "2"]),
        ];
        for (name, expected) in rows {
            let rounding =
                WORDS.iter().find(|(word, _)| *word == name).map_or(HALF_UP, |(_, rounding)| *rounding);
            for (value, expected) in ["2.5", "-2.5", "2.1", "2.9"].into_iter().zip(expected) {
                assert_eq!(divided(value, "1", 0, rounding).as_deref(), Some(expected), "{name} {value}");
                let rounded =
                    Decimal::from_str_exact(value).map(|value| value.round_dp_with_strategy(0, rounding));
                assert_eq!(rounded.map(|value| value.to_string()).as_deref(), Ok(expected), "{name} {value}");
            }
        }
    }
}
