//! What is known of a function's result, whatever its arguments are.

use crate::expression::Known;

/// The type of a result that is not null.
pub(super) fn known(function: &str) -> Known<'static> {
    match function {
        "add_days" | "date" | "header" | "join" | "lower" | "now" | "pad" | "parse_date" | "path_param"
        | "query" | "replace" | "setting" | "slice" | "to_string" | "trim" | "type" | "upper" | "uuid"
        | "uuid5" => Known::Scalar("string"),
        "abs" | "add" | "avg" | "ceil" | "decimal" | "div" | "floor" | "index" | "length" | "major_units"
        | "minor_units" | "mul" | "round" | "status" | "sub" | "sum" | "to_number" => Known::Scalar("number"),
        "contains" | "ends_with" | "starts_with" => Known::Scalar("boolean"),
        "keys" | "split" | "to_array" | "values" | "zip" => Known::Any.list_of(),
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
