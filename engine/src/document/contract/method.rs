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

/// A channel has one method, or nobody reaches it from outside.
pub(super) const DOOR: Law =
    Law::One { of: &["get", "post", "put", "patch", "delete", "internal"], pairs: &[] };
/// An endpoint has one method, or is a channel of ours.
pub(super) const TARGET: Law =
    Law::One { of: &["get", "post", "put", "patch", "delete", "channel"], pairs: &[] };

/// The one method key, with its path or URL; `other` is what may stand instead.
pub(super) fn method(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    (what, value): (&str, &str),
    other: &'static str,
) -> Option<Option<(Method, Scalar)>> {
    let other = fields.has(other).then_some((other, None));
    let given = METHODS.into_iter().filter(|(name, _)| fields.has(name));
    let mut given = given.map(|(name, method)| (name, Some(method))).chain(other);
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
    let Some(method) = method else { return Some(None) };
    Some(Some((method, reader.scalar(fields, name)?)))
}

/// Keys that say nothing beside `key`; each is reported.
pub(super) fn excluded(reader: &mut Reader<'_>, fields: &Fields<'_>, key: &str, others: &[&str], why: &str) {
    for other in others.iter().filter(|other| fields.has(other)) {
        let message = format!("`{key}` and `{other}` exclude each other");
        let diagnostic = Diagnostic::error(Code::ConflictingKeys, message, fields.key_span(other));
        reader.report(diagnostic.help(why));
    }
}
