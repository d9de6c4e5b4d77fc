//! What is known of a function's result, whatever its arguments are.

use crate::expression::Known;

/// The type of a result that is not null.
pub(super) fn known(function: &str) -> Known<'static> {
    match function {
        "add_days" | "add_months" | "add_seconds" | "add_time" | "base64" | "base64_decode" | "base64url"
        | "base64url_decode" | "capitalize" | "concat_sorted" | "date" | "format_number"
        | "from_timestamp" | "hash" | "header" | "hex" | "hex_decode" | "hmac" | "in_zone" | "join"
        | "lower" | "now" | "pad" | "pad_left" | "pad_right" | "parse_date" | "path_param" | "query"
        | "replace" | "replace_pattern" | "setting" | "sha256" | "slice" | "start_of" | "to_json"
        | "to_query" | "to_string" | "trim" | "trim_left" | "trim_prefix" | "trim_right" | "trim_suffix"
        | "type" | "upper" | "url_decode" | "url_encode" | "uuid" | "uuid5" | "uuid7" => {
            Known::Scalar("string")
        }
        "abs" | "add" | "avg" | "ceil" | "days_between" | "decimal" | "div" | "find_first" | "find_last"
        | "fixed" | "floor" | "index" | "length" | "major_units" | "minor_units" | "months_between"
        | "mul" | "parse_number" | "round" | "status" | "sub" | "sum" | "sum_of" | "timestamp"
        | "to_number" | "years_between" => Known::Scalar("number"),
        "after" | "before" | "contains" | "ends_with" | "matches" | "starts_with" | "to_boolean" => {
            Known::Scalar("boolean")
        }
        "capture_all" | "catalogue" | "chunk" | "items" | "keys" | "split" | "to_array" | "values"
        | "zip" => Known::Any.list_of(),
        _ => Known::Any,
    }
}

#[cfg(test)]
mod tests {
    use super::known;
    use crate::expression::functions;

    #[test]
    fn a_name_is_the_name_of_a_function() {
        let source = include_str!("results.rs");
        let listed = source.split("mod tests").next().unwrap_or_default();
        for name in listed.split('"').skip(1).step_by(2) {
            let is_type = ["string", "number", "boolean"].contains(&name);
            assert!(is_type || functions::find(name).is_some(), "{name}");
        }
        assert!(matches!(known("coalesce"), crate::expression::Known::Any));
    }
}
