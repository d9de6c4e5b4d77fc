//! The key that is an HTTP method.

use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Fields, Law, Reader, Scalar};
use crate::exchange::Method;

const METHODS: [(&str, Method); 5] = [
    ("get", Method::Get),
    ("post", Method::Post),
    ("put", Method::Put),
    ("patch", Method::Patch),
    ("delete", Method::Delete),
];

/// A channel and an endpoint have one method.
pub(super) const METHOD: Law = Law::One { of: &["get", "post", "put", "patch", "delete"], pairs: &[] };

/// The one method key, with its path or URL.
pub(super) fn method(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    what: &str,
    value: &str,
) -> Option<(Method, Scalar)> {
    let mut given = METHODS.into_iter().filter(|(name, _)| fields.has(name));
    let Some((name, method)) = given.next() else {
        if METHODS.iter().any(|(name, _)| fields.misspells(name)) {
            return None;
        }
        let message = format!("{what} needs a method with {value}");
        let diagnostic = Diagnostic::error(Code::MissingKey, message, fields.span);
        reader.report(diagnostic.help("one of: get, post, put, patch, delete"));
        return None;
    };
    if let Some((second, _)) = given.next() {
        let message = format!("`{name}` and `{second}` exclude each other");
        reader.report(Diagnostic::error(Code::ConflictingKeys, message, fields.key_span(second)));
    }
    Some((method, reader.scalar(fields, name)?))
}
