//! `covers`: every value of an enumeration has a row, and every code is one of its values.

use std::collections::HashSet;

use super::{Placed, Substitutes, With, Written};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use crate::document::Scalar;
use crate::source::{Span, Spanned};
use crate::value::Constant;

pub(super) fn check(
    written: &Written,
    (rows, whole): (&[Placed], bool),
    substitutes: &Substitutes,
    with: With<'_>,
    diagnostics: &mut Diagnostics,
) {
    let ours = |(row, span): &Placed| Some((row.ours.as_ref()?.as_code()?.to_owned(), *span));
    if let Some(covers) = &written.covers.ours
        && let Some(values) = enumeration(covers, with, diagnostics)
    {
        let codes: Vec<_> = rows.iter().filter_map(ours).collect();
        check_codes(&values, &codes, substitutes.ours.as_ref(), diagnostics);
        if whole {
            check_values(&values, &codes, covers.span, diagnostics);
        }
        if whole && !written.inbound_only && substitutes.theirs.is_none() {
            check_ways_back(&values, rows, covers.span, diagnostics);
        }
    }
    if let Some(covers) = &written.covers.theirs
        && let Some(values) = enumeration(covers, with, diagnostics)
    {
        let codes: Vec<_> = rows.iter().map(|(row, span)| (row.theirs.to_string(), *span)).collect();
        check_codes(&values, &codes, substitutes.theirs.as_ref(), diagnostics);
        if whole {
            check_values(&values, &codes, covers.span, diagnostics);
        }
    }
}

/// The enumeration that `schemas/goodfin/common.json#/$defs/Status` points to.
fn enumeration(covers: &Scalar, with: With<'_>, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    let (file, pointer) = covers.text.split_once('#').unwrap_or((&covers.text, ""));
    let name = file.strip_prefix("schemas/").unwrap_or(file);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let With { schemas, used, .. } = with;
    if !schemas.contains(name) {
        if !schemas.is_broken(name, used) {
            let message = format!("there is no schema `{name}`");
            let help = suggestion(name, schemas.names());
            diagnostics.push(Diagnostic::error(Code::UnknownSchema, message, covers.span).help_if(help));
        }
        return None;
    }
    let shape = schemas.shape(&format!("{name}#{pointer}"), used);
    let Some(values) = shape.and_then(|shape| shape.enum_values()) else {
        let message = format!("`{pointer}` is not an enumeration in {name}.json");
        diagnostics.push(
            Diagnostic::error(Code::BadEnumPointer, message, covers.span)
                .help("the pointer leads to a schema that has `enum`: schemas/x.json#/$defs/Status"),
        );
        return None;
    };
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Null => None,
        other => Some(other.to_string()),
    };
    Some(values.into_iter().filter_map(text).collect())
}

/// Every value has a row.
fn check_values(values: &[String], codes: &[(String, Span)], at: Span, diagnostics: &mut Diagnostics) {
    let given: HashSet<&str> = codes.iter().map(|(code, _)| code.as_str()).collect();
    let missing: Vec<&str> =
        values.iter().map(String::as_str).filter(|value| !given.contains(value)).collect();
    if !missing.is_empty() {
        let message = format!("no row for {}", missing.join(", "));
        diagnostics.push(
            Diagnostic::error(Code::UncoveredCode, message, at)
                .label("every value of this enumeration needs a row")
                .help("add the rows, or remove `covers`"),
        );
    }
}

/// Every code is a value, also the one that stands for those without a row.
fn check_codes(
    values: &[String],
    codes: &[(String, Span)],
    substitute: Option<&Spanned<Constant>>,
    diagnostics: &mut Diagnostics,
) {
    let substitute = substitute.and_then(|code| Some((code.value.as_code()?.to_owned(), code.span)));
    let is_value = |code: &str| values.iter().any(|value| value == code);
    for (code, span) in codes.iter().chain(&substitute).filter(|(code, _)| !is_value(code)) {
        let (message, span) = (format!("`{code}` is not a value of the enumeration"), *span);
        let help = suggestion(code, values.iter().map(String::as_str));
        diagnostics.push(Diagnostic::error(Code::CodeNotInEnum, message, span).help_if(help));
    }
}

/// A value of which every row is for the way in could not be sent.
fn check_ways_back(values: &[String], rows: &[Placed], at: Span, diagnostics: &mut Diagnostics) {
    let one_way = |value: &&str| {
        let is_of = |(row, _): &&Placed| row.ours.as_ref().and_then(Constant::as_code) == Some(*value);
        let mut rows = rows.iter().filter(is_of).peekable();
        rows.peek().is_some() && rows.all(|(row, _)| row.inbound_only)
    };
    let stuck: Vec<&str> = values.iter().map(String::as_str).filter(one_way).collect();
    if !stuck.is_empty() {
        let message = format!("no way back for {}", stuck.join(", "));
        diagnostics.push(
            Diagnostic::error(Code::UncoveredCode, message, at)
                .label("every row of it is inbound_only")
                .help(
                    "one row of each is the way back; a table that is never gone back is inbound_only itself",
                ),
        );
    }
}
