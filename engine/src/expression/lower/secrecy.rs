//! Where a secret may stand: in what a hash is made of, as it is, and nowhere else.
//!
//! A test of a secret would tell something of it, in a hash as well: `sha256(if(starts_with(secret, 'a'), 'x', 'y'))`. So
//! on its way into the hash a secret may be joined, sorted and written otherwise, and nothing more.

use jmespath::ast::Ast;

/// Their result does not tell what they were given.
const SEALS: [&str; 3] = ["hash", "hmac", "sha256"];
/// Their result is made of all that they were given.
const CARRIES: [&str; 14] = [
    "base64",
    "base64url",
    "concat_sorted",
    "from_items",
    "hex",
    "join",
    "lower",
    "merge",
    "to_json",
    "to_query",
    "to_string",
    "trim_prefix",
    "upper",
    "url_encode",
];

/// Whether what stands within a call of `function` is sealed, if the call itself is or is not.
pub(super) fn within(function: &str, args: &[Ast], sealed: bool) -> bool {
    // A prefix that comes from a message would ask the secret for it, sign by sign.
    let asks = function == "trim_prefix" && !matches!(args, [_, Ast::Literal { .. }]);
    SEALS.contains(&function) || (sealed && !asks && CARRIES.contains(&function))
}

/// Whether a sealed expression's parts are sealed as well: a list, an object, a call.
pub(super) fn is_plain(ast: &Ast) -> bool {
    matches!(ast, Ast::MultiList { .. } | Ast::MultiHash { .. } | Ast::Function { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::functions;

    #[test]
    fn the_names_are_those_of_functions() {
        for name in SEALS.iter().chain(&CARRIES) {
            assert!(functions::find(name).is_some(), "{name}");
        }
    }
}
