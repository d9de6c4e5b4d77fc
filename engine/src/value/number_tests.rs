#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;

fn number(lexeme: &str) -> Number<'_> {
    Number::from_lexeme(lexeme).expect(lexeme)
}

#[test]
fn the_grammar_is_json_s() {
    for lexeme in [
        "0",
        "-0",
        "12",
        "-1.50",
        "1e5",
        "1E+05",
        "0.0e-7",
        "1e99999999999999999",
        "1e000000000000000000000001",
    ] {
        assert_eq!(number(lexeme).as_str(), lexeme);
    }
    for text in [
        "",
        "-",
        "+1",
        "01",
        "-01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "NaN",
        "Infinity",
        "0x1",
        "1 ",
        " 1",
        "1e100000000000000000",
    ] {
        assert!(Number::from_lexeme(text).is_none(), "{text}");
    }
}

#[test]
fn equality_is_mathematical() {
    for (left, right) in [
        ("1.10", "1.1"),
        ("1e2", "100"),
        ("100", "0.1e3"),
        ("-0", "0"),
        ("0e99", "0.000"),
        ("1200e-2", "12"),
        ("0.0012", "12e-4"),
        ("1e0099", "10e98"),
        ("99999999999999999999", "99999999999999999999.0"),
    ] {
        assert_eq!(number(left), number(right), "{left} {right}");
    }
    assert_ne!(number("12345678901234567890"), number("12345678901234567891"));
    assert_ne!(number("0.1"), number("0.10000000000000000001"));
    assert_ne!(number("1e99999999999999999"), number("1e99999999999999998"));
}

#[test]
fn order_is_mathematical() {
    let ascending = [
        "-1e3",
        "-10.5",
        "-10",
        "-1e-9",
        "0",
        "1e-99999999999999999",
        "0.09",
        "0.1",
        "0.11",
        "1",
        "9",
        "10",
        "10.1",
        "1e30",
    ];
    for (at, left) in ascending.iter().enumerate() {
        for (other, right) in ascending.iter().enumerate() {
            assert_eq!(number(left).compare(&number(right)), at.cmp(&other), "{left} {right}");
        }
    }
}

#[test]
fn whole_numbers_are_found_however_written() {
    for (lexeme, value) in [
        ("1e2", 100),
        ("5.0", 5),
        ("-1200e-2", -12),
        ("0.0", 0),
        ("-0", 0),
        ("9223372036854775807", i64::MAX),
    ] {
        assert_eq!(number(lexeme).as_i64(), Some(value), "{lexeme}");
        assert!(number(lexeme).is_integer());
    }
    for lexeme in ["1.5", "1e-1", "9223372036854775808", "1e999999999"] {
        assert_eq!(number(lexeme).as_i64(), None, "{lexeme}");
    }
    assert_eq!(number("18446744073709551615").as_u64(), Some(u64::MAX));
    assert_eq!(number("-1").as_u64(), None);
    assert!(number("1e999999999").is_integer());
    assert!(!number("1e-999999999").is_integer());
    assert!(!number("10.01").is_integer());
}

#[test]
fn small_integers_need_no_memory() {
    let arena = Arena::new();
    assert_eq!(Number::from_i64(&arena, 7).as_str(), "7");
    assert_eq!(arena.allocated_bytes(), 0);
    assert_eq!(Number::from_i64(&arena, i64::MIN).as_str(), i64::MIN.to_string());
    assert_eq!(Number::from_i64(&arena, 10).as_str(), "10");
}

/// `digits × 10^exponent` written with a moved point and padding zeros.
fn rewritten(value: i64, shift: usize, zeros: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = value.unsigned_abs().to_string();
    let (digits, fraction) = (digits.trim_start_matches('0'), "0".repeat(zeros));
    if digits.is_empty() {
        return format!("{sign}0.{fraction}0e-{shift}");
    }
    format!("{sign}{digits}{}.{fraction}0e-{shift}", "0".repeat(shift))
}

proptest! {
    #[test]
    fn integers_compare_as_integers(left: i64, right: i64) {
        let (one, two) = (left.to_string(), right.to_string());
        prop_assert_eq!(number(&one).compare(&number(&two)), left.cmp(&right));
        prop_assert_eq!(number(&one).as_i64(), Some(left));
    }

    #[test]
    fn spelling_does_not_matter(value: i64, shift in 0_usize..40, zeros in 0_usize..10, other: i64) {
        let (plain, odd, third) = (value.to_string(), rewritten(value, shift, zeros), other.to_string());
        prop_assert_eq!(number(&plain).compare(&number(&odd)), Ordering::Equal);
        prop_assert_eq!(number(&odd).compare(&number(&third)), value.cmp(&other));
        prop_assert_eq!(number(&odd).as_i64(), Some(value));
    }

    #[test]
    fn order_is_total(
        left in "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?(e-?[0-9]{1,2})?",
        right in "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?(e-?[0-9]{1,2})?",
    ) {
        let (one, two) = (number(&left), number(&right));
        prop_assert_eq!(one.compare(&two), two.compare(&one).reverse());
        // Far apart in floats is far apart exactly.
        let (near, far) = (one.as_f64(), two.as_f64());
        if (near - far).abs() > near.abs().max(far.abs()) * 1e-9 {
            prop_assert_eq!(Some(one.compare(&two)), near.partial_cmp(&far));
        }
    }
}
