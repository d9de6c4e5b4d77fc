//! Whether two texts are the same JSON: members in any order, numbers by their exact value.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::Failure;

/// Where the two first differ, as a path; `None` when they are the same.
///
/// # Errors
/// One of them is not JSON.
pub fn difference(left: &[u8], right: &[u8]) -> Result<Option<String>, Failure> {
    let (left, right) = (serde_json::from_slice(left)?, serde_json::from_slice(right)?);
    let mut path = String::from("@");
    Ok(if same(left, right, &mut path)? { None } else { Some(path) })
}

/// Leaves the path at the first difference.
fn same(left: &RawValue, right: &RawValue, path: &mut String) -> Result<bool, Failure> {
    let (left, right) = (left.get(), right.get());
    match (left.as_bytes().first(), right.as_bytes().first()) {
        (Some(b'{'), Some(b'{')) => {
            let left: BTreeMap<String, &RawValue> = serde_json::from_str(left)?;
            let right: BTreeMap<String, &RawValue> = serde_json::from_str(right)?;
            for (name, left) in &left {
                let before = path.len();
                path.push('.');
                path.push_str(name);
                match right.get(name) {
                    Some(right) if same(left, right, path)? => path.truncate(before),
                    _ => return Ok(false),
                }
            }
            let Some(more) = right.keys().find(|name| !left.contains_key(*name)) else { return Ok(true) };
            path.push('.');
            path.push_str(more);
            Ok(false)
        }
        (Some(b'['), Some(b'[')) => {
            let left: Vec<&RawValue> = serde_json::from_str(left)?;
            let right: Vec<&RawValue> = serde_json::from_str(right)?;
            for (at, (left, right)) in left.iter().zip(&right).enumerate() {
                let before = path.len();
                path.push_str(&format!("[{at}]"));
                if !same(left, right, path)? {
                    return Ok(false);
                }
                path.truncate(before);
            }
            Ok(left.len() == right.len())
        }
        (Some(b'"'), Some(b'"')) => {
            Ok(serde_json::from_str::<String>(left)? == serde_json::from_str::<String>(right)?)
        }
        _ => Ok(left == right || number(left).is_some_and(|left| number(right) == Some(left))),
    }
}

fn number(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(left: &str, right: &str) -> Option<String> {
        difference(left.as_bytes(), right.as_bytes()).unwrap()
    }

    #[test]
    fn order_and_spelling_are_no_difference() {
        assert_eq!(at(r#"{"a": 1.50, "b": ["й"]}"#, r#"{"b":["\u0439"],"a":1.5}"#), None);
        assert_eq!(at("12345678901234567890.10", "12345678901234567890.1"), None);
    }

    #[test]
    fn a_difference_has_a_place() {
        assert_eq!(at(r#"{"a": [1, {"b": 2}]}"#, r#"{"a": [1, {"b": 3}]}"#).as_deref(), Some("@.a[1].b"));
        assert_eq!(at(r#"{"a": 1}"#, "{}").as_deref(), Some("@.a"));
        assert_eq!(at("{}", r#"{"a": 1}"#).as_deref(), Some("@.a"));
        assert_eq!(at(r#"{"a": [1]}"#, r#"{"a": [1, 2]}"#).as_deref(), Some("@.a"));
        assert_eq!(at("9007199254740993", "9007199254740992").as_deref(), Some("@"));
        assert_eq!(at("1", r#""1""#).as_deref(), Some("@"));
    }
}
