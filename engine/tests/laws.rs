//! Laws of the functions: what one makes the other takes back, whatever the value is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

use engine::{NilIds, NoRecords, World, evaluate};
use proptest::prelude::*;
use serde_json::{Value, json};

/// The result of an expression over a value.
fn run(expression: &str, value: &Value) -> String {
    let world = World { now: jiff::Timestamp::UNIX_EPOCH, ids: &NilIds, records: &NoRecords };
    let json = evaluate(expression, value.to_string().as_bytes(), world)
        .unwrap_or_else(|error| panic!("{expression} over {value}: {error:?}"));
    String::from_utf8(json).unwrap()
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded(text in any::<String>(), other in any::<String>()) {
        let value = json!({"text": text, "other": other});
        for law in [
            "base64_decode(base64(text)) == text",
            "base64url_decode(base64url(text)) == text",
            "hex_decode(hex(text)) == text",
            "url_decode(url_encode(text)) == text",
            "parse_json(to_json(@)) == @",
            "parse_query(to_query(@)) == @",
            "from_items(items(@)) == @",
            "concat_sorted(@) == concat_sorted({other: other, text: text})",
            "merge(pick(@, ['text']), omit(@, ['text'])) == @",
        ] {
            prop_assert_eq!(run(law, &value), "true", "{}", law);
        }
    }

    #[test]
    fn texts_keep_what_they_are_made_of(text in any::<String>(), part in "[a-c]{1,2}", width in 0..40_usize) {
        let value = json!({"text": text, "part": part, "width": width});
        for law in [
            "join(part, split(text, part)) == text",
            "reverse(reverse(text)) == text",
            "trim_suffix(join('', [text, part]), part) == text",
            "trim_prefix(join('', [part, text]), part) == text",
            "starts_with(pad_right(text, width, '_'), text)",
            "ends_with(pad(text, width), text)",
            "replace_pattern(text, '', '') == text",
        ] {
            prop_assert_eq!(run(law, &value), "true", "{}", law);
        }
    }

    #[test]
    fn money_is_exact(minor in any::<i64>(), other in -1_000_000_000_i64..1_000_000_000, divisor in 1_i64..10_000) {
        let value = json!({"minor": minor, "other": other, "divisor": divisor});
        for law in [
            "minor_units(major_units(minor)) == minor",
            "sub(add(minor, other), other) == minor",
            "div(mul(minor, divisor), divisor, `0`) == minor",
            "parse_number(format_number(major_units(minor), `2`, ',', ' '), ',', ' ') == major_units(minor)",
            "fixed(minor, `2`) == minor",
            "sum_of([{a: minor}, {a: other}], &a) == add(minor, other)",
            "round(div(minor, divisor, `0`, 'floor')) <= div(minor, divisor, `0`, 'ceiling')",
        ] {
            prop_assert_eq!(run(law, &value), "true", "{}", law);
        }
    }

    /// Since 1970: before, some zones had offsets with seconds, which ISO 8601 cannot write.
    #[test]
    fn times_go_there_and_back(seconds in 0_i64..4_000_000_000, days in -10_000_i64..10_000) {
        let value = json!({"seconds": seconds, "days": days});
        for law in [
            "timestamp(from_timestamp(seconds)) == seconds",
            "timestamp(from_timestamp(seconds, 's', 'Europe/Moscow')) == seconds",
            "timestamp(in_zone(from_timestamp(seconds), 'America/New_York')) == seconds",
            "days_between(from_timestamp(seconds), add_days(from_timestamp(seconds), days)) == days",
            "add_seconds(from_timestamp(seconds), `60`) == add_time(from_timestamp(seconds), '1m')",
            "before(from_timestamp(seconds), add_time(from_timestamp(seconds), '1ms'))",
        ] {
            prop_assert_eq!(run(law, &value), "true", "{}", law);
        }
    }

    #[test]
    fn groups_hold_every_element(keys in proptest::collection::vec("[a-d]", 0..20), size in 1..7_usize) {
        let elements: Vec<_> = keys.iter().enumerate().map(|(at, key)| json!({"key": key, "at": at})).collect();
        let value = json!({"elements": elements, "size": size});
        for law in [
            "sort_by(values(group_by(elements, &key))[], &at) == elements",
            "chunk(elements, size)[] == elements",
            "length(unique_by(elements, &key)) == length(keys(group_by(elements, &key)))",
            "unique(elements[].key) == unique_by(elements, &key)[].key",
            "values(index_by(elements, &at)) == elements",
        ] {
            prop_assert_eq!(run(law, &value), "true", "{}", law);
        }
    }
}
