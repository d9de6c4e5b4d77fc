//! Code tables: rows are read, both directions are unambiguous, what must be covered is.

use std::collections::BTreeMap;

use super::constant::constant;
use super::schemas::KnownSchemas;
use crate::codes::{Row, Table, Unknown};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use crate::document::contract::Codes as Written;
use crate::document::{Key, Kind, Node, Reader};
use crate::source::{Sources, Span, Spanned};
use crate::value::Constant;

const UNKNOWN: &[Key] = &[
    Key::new("ours", "our code that stands for all unknown codes of theirs"),
    Key::new("theirs", "their code that stands for all unknown codes of ours"),
    Key::new("use", "one code for both"),
];

pub(super) fn compile(
    name: &str,
    written: &Written,
    schemas: &KnownSchemas<'_>,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Table {
    let mut reader = Reader { sources, diagnostics };
    let rows: Vec<(Row, Span)> =
        written.rows.iter().map(|(theirs, node)| row(&mut reader, theirs, node)).collect();
    check_reverse(&rows, diagnostics);
    let covered = written.covers.as_ref().and_then(|covers| enumeration(covers, schemas, diagnostics));
    if let (Some(values), Some(covers)) = (covered, &written.covers) {
        check_coverage(&rows, &values, covers.span, diagnostics);
    }
    let unknown = unknown(&mut Reader { sources, diagnostics }, written.unknown.as_ref());
    Table::new(name, rows.into_iter().map(|(row, _)| row).collect(), unknown)
}

/// `theirs: ours`, or `theirs: {ours: …, inbound_only: true, …}`.
fn row(reader: &mut Reader<'_>, theirs: &Spanned<String>, node: &Node) -> (Row, Span) {
    let mut row =
        Row { theirs: theirs.value.as_str().into(), ours: None, columns: Vec::new(), inbound_only: false };
    let Kind::Mapping(entries) = &node.kind else {
        row.ours = scalar_code(reader, node);
        return (row, node.span);
    };
    let mut at = theirs.span;
    for (column, node) in entries {
        match column.value.as_str() {
            "ours" => {
                row.ours = scalar_code(reader, node);
                at = node.span;
            }
            "inbound_only" => row.inbound_only = reader.boolean(node, "`inbound_only`").unwrap_or_default(),
            "theirs" => {
                let message = "`theirs` is the row's key";
                reader.report(Diagnostic::error(Code::ConflictingKeys, message, column.span));
            }
            name => row.columns.push((name.into(), constant(node))),
        }
    }
    (row, at)
}

/// Our code; null where the row has no meaning for us.
fn scalar_code(reader: &mut Reader<'_>, node: &Node) -> Option<Constant> {
    if node.as_scalar().is_none() {
        return reader.wrong(node, "a code", "one value");
    }
    let code = constant(node);
    code.as_code().is_some().then_some(code)
}

/// Two rows with one code of ours need to say which of them is the way back.
fn check_reverse(rows: &[(Row, Span)], diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, (&Row, Span)> = BTreeMap::new();
    for (row, span) in rows {
        let Some(ours) = row.ours.as_ref().and_then(Constant::as_code) else { continue };
        if row.inbound_only {
            continue;
        }
        match seen.get(ours) {
            None => drop(seen.insert(ours, (row, *span))),
            Some((first, first_span)) => {
                let message = format!("`{ours}` has two ways back: `{}` and `{}`", first.theirs, row.theirs);
                diagnostics.push(
                    Diagnostic::error(Code::AmbiguousReverse, message, *span)
                        .context(*first_span, "the first")
                        .help("mark all rows but one with inbound_only: true"),
                );
            }
        }
    }
}

/// The enumeration that `schemas/goodfin/common.json#/$defs/Status` points to.
fn enumeration(
    covers: &crate::document::Scalar,
    schemas: &KnownSchemas<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<String>> {
    let (file, pointer) = covers.text.split_once('#').unwrap_or((&covers.text, ""));
    let name = file.strip_prefix("schemas/").unwrap_or(file);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let Some(document) = schemas.schemas.document(name) else {
        if !schemas.broken.contains(name) {
            let message = format!("there is no schema `{name}`");
            let help = suggestion(name, schemas.schemas.names());
            diagnostics.push(Diagnostic::error(Code::UnknownSchema, message, covers.span).help_if(help));
        }
        return None;
    };
    let values =
        document.pointer(pointer).and_then(|found| found.get("enum")).and_then(|found| found.as_array());
    let Some(values) = values else {
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
    Some(values.iter().filter_map(text).collect())
}

/// Every value of the enumeration has a row, and every code of ours is one of its values.
fn check_coverage(rows: &[(Row, Span)], values: &[String], at: Span, diagnostics: &mut Diagnostics) {
    let codes: Vec<(&str, Span)> =
        rows.iter().filter_map(|(row, span)| Some((row.ours.as_ref()?.as_code()?, *span))).collect();
    let missing: Vec<&str> = values
        .iter()
        .map(String::as_str)
        .filter(|value| !codes.iter().any(|(code, _)| code == value))
        .collect();
    if !missing.is_empty() {
        let message = format!("no row for {}", missing.join(", "));
        diagnostics.push(
            Diagnostic::error(Code::UncoveredCode, message, at)
                .label("every value of this enumeration needs a row")
                .help("add the rows, or remove `covers`"),
        );
    }
    for (code, span) in codes.into_iter().filter(|(code, _)| !values.iter().any(|value| value == code)) {
        let message = format!("`{code}` is not a value of the enumeration");
        let help = suggestion(code, values.iter().map(String::as_str));
        diagnostics.push(Diagnostic::error(Code::CodeNotInEnum, message, span).help_if(help));
    }
}

fn unknown(reader: &mut Reader<'_>, node: Option<&Node>) -> Unknown {
    let Some(node) = node else { return Unknown::Reject };
    if matches!(node.kind, Kind::Mapping(_)) {
        let Some(fields) = reader.fields(node, "`unknown`", UNKNOWN) else { return Unknown::Reject };
        let side = |key| fields.get(key).or(fields.get("use")).map(constant);
        return Unknown::Use { ours: side("ours"), theirs: side("theirs") };
    }
    #[derive(Clone, Copy)]
    enum Word {
        Park,
        Reject,
        Keep,
    }
    let words = [("park", Word::Park), ("reject", Word::Reject), ("keep", Word::Keep)];
    match reader.choice(node, "`unknown`", &words) {
        Some(Word::Park) => Unknown::Park,
        Some(Word::Keep) => Unknown::Keep,
        Some(Word::Reject) | None => Unknown::Reject,
    }
}
