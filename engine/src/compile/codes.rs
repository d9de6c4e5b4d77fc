//! Code tables: rows are read, both directions are unambiguous, what must be covered is.

mod coverage;
mod rows;

use std::collections::{BTreeMap, HashSet};

use super::constant::constant;
use super::documents::Documents;
use super::schemas::KnownSchemas;
use crate::codes::{Row, Table, Unknown};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use crate::document::contract::codes::{Codes as Written, Column, POLICIES, Policy, Rows, SUBSTITUTES};
use crate::document::{Kind, Node, Reader};
use crate::expression::Used;
use crate::source::{Sources, Span, Spanned};
use crate::value::Constant;

/// A row and where its code of ours stands, or else the row itself.
type Placed = (Row, Span);

/// Codes that stand for those without a row, each with its place.
#[derive(Default)]
struct Substitutes {
    ours: Option<Spanned<Constant>>,
    theirs: Option<Spanned<Constant>>,
}

/// What a table is compiled with.
#[derive(Clone, Copy)]
pub(super) struct With<'w> {
    /// Of its partner.
    pub documents: &'w Documents,
    pub schemas: KnownSchemas<'w>,
    pub used: &'w Used,
    pub sources: &'w Sources,
}

/// After so many findings in a file of rows the others are only counted.
const MAX_FINDINGS: usize = 20;

/// `None` where the rows could not be read; that is reported.
pub(super) fn compile(
    name: &Spanned<String>,
    written: &Written,
    with: With<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Table> {
    let mut found = Diagnostics::new();
    let compiled = table(name, written, with, &mut found);
    let most = if matches!(written.rows, Rows::File(_)) { MAX_FINDINGS } else { found.len() };
    let more = found.len().saturating_sub(most);
    let mut found = found.into_iter();
    diagnostics.extend(found.by_ref().take(most));
    if let Some(next) = found.next() {
        let message = format!("{more} more mistakes in the code table `{}`", name.value);
        diagnostics.push(Diagnostic::error(next.code, message, next.primary.span));
    }
    compiled
}

fn table(
    name: &Spanned<String>,
    written: &Written,
    with: With<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Table> {
    let mut reader = Reader::new(with.sources, diagnostics);
    let before = reader.diagnostics.len();
    let read = rows::read(written, with.documents, &mut reader);
    let (unknown, substitutes) = unknown(&mut reader, written.unknown.as_ref());
    let read = read?;
    if read.rows.is_empty() {
        if reader.diagnostics.len() == before {
            let message = format!("the code table `{}` has no rows", name.value);
            reader.report(Diagnostic::error(Code::EmptyValue, message, read.at.unwrap_or(name.span)));
        }
        return None;
    }
    let mut rows: Vec<Placed> =
        read.rows.iter().map(|(theirs, node)| row(&mut reader, written, theirs, node)).collect();
    // Of rows that could not be read it is not known what they cover.
    let whole = reader.diagnostics.len() == before;
    if written.inbound_only {
        rows.iter_mut().for_each(|(row, _)| row.inbound_only = true);
    }
    let columns = columns(&rows, read.header);
    check_columns(written, &columns, diagnostics);
    check_reverse(&rows, diagnostics);
    coverage::check(written, (&rows, whole), &substitutes, with, diagnostics);
    let qualified = format!("{}.{}", with.documents.partner, name.value);
    Some(Table::new(qualified, columns, rows.into_iter().map(|(row, _)| row).collect(), unknown))
}

/// `theirs: ours`, or `theirs: {ours: …, inbound_only: true, …}`.
fn row(reader: &mut Reader<'_>, written: &Written, theirs: &Spanned<String>, node: &Node) -> Placed {
    let mut row =
        Row { theirs: theirs.value.as_str().into(), ours: None, columns: Vec::new(), inbound_only: false };
    let Kind::Mapping(entries) = &node.kind else {
        row.ours = scalar_code(reader, node);
        return (row, node.span);
    };
    let mut at = theirs.span;
    // One of them is our code, mostly.
    row.columns.reserve_exact(entries.len().saturating_sub(1));
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
            name => {
                check_type(reader, written, name, node);
                row.columns.push((name.into(), constant(node)));
            }
        }
    }
    (row, at)
}

/// A value is what its column is declared to hold; null is none.
fn check_type(reader: &mut Reader<'_>, written: &Written, name: &str, node: &Node) {
    let declared = written.columns.iter().find(|(column, _)| column.value == name);
    let (expected, is_one) = match declared.map(|(_, kind)| *kind) {
        None => return,
        Some(Column::Text) => ("text", "a string"),
        Some(Column::Number) => ("a number", "a number"),
        Some(Column::Boolean) => ("true or false", "a boolean"),
    };
    if node.noun() != is_one && node.noun() != "null" {
        let _: Option<()> = reader.wrong(node, &format!("`{name}`"), expected);
    }
}

/// Our code; null where the row has no meaning for us.
fn scalar_code(reader: &mut Reader<'_>, node: &Node) -> Option<Constant> {
    if node.as_scalar().is_none() {
        return reader.wrong(node, "a code", "one value");
    }
    let code = constant(node);
    code.as_code().is_some().then_some(code)
}

/// The columns beside the codes: those of a file's header, or else all that a row has.
fn columns(rows: &[Placed], header: Option<Vec<String>>) -> Vec<Box<str>> {
    let mut seen = HashSet::new();
    let header = header.into_iter().flatten().map(String::into_boxed_str);
    let given = rows.iter().flat_map(|(row, _)| &row.columns).map(|(name, _)| name.clone());
    header.chain(given).filter(|name| seen.insert(name.clone())).collect()
}

/// A type for a column that no row has is a slip of the pen.
fn check_columns(written: &Written, columns: &[Box<str>], diagnostics: &mut Diagnostics) {
    for (name, _) in &written.columns {
        let (code, message, help) = match name.value.as_str() {
            "theirs" | "ours" | "inbound_only" => {
                let message = format!("`{}` is no column of the table's own", name.value);
                (Code::ConflictingKeys, message, Some("codes are names: their type is given".to_owned()))
            }
            text if columns.iter().any(|column| **column == *text) => continue,
            text => {
                let help = suggestion(text, columns.iter().map(|column| &**column));
                (Code::UnknownColumn, format!("no row has a column `{text}`"), help)
            }
        };
        diagnostics.push(Diagnostic::error(code, message, name.span).help_if(help));
    }
}

/// Two rows with one code of ours need to say which of them is the way back.
fn check_reverse(rows: &[Placed], diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<&str, (&Row, Span)> = BTreeMap::new();
    for (row, span) in rows {
        let Some(ours) = row.ours.as_ref().and_then(Constant::as_code) else { continue };
        if row.inbound_only {
            continue;
        }
        match seen.get(ours) {
            None => drop(seen.insert(ours, (row, *span))),
            // The same code twice is reported as that.
            Some((first, _)) if first.theirs == row.theirs => {}
            Some((first, first_span)) => {
                let message = format!("`{ours}` has two ways back: `{}` and `{}`", first.theirs, row.theirs);
                diagnostics.push(
                    Diagnostic::error(Code::AmbiguousReverse, message, *span)
                        .context(*first_span, "the first")
                        .help("mark all rows but one with inbound_only: true, or the whole table"),
                );
            }
        }
    }
}

fn unknown(reader: &mut Reader<'_>, node: Option<&Node>) -> (Unknown, Substitutes) {
    let nothing = Substitutes::default();
    let Some(node) = node else { return (Unknown::Reject, nothing) };
    if matches!(node.kind, Kind::Mapping(_)) {
        let substitutes = substitutes(reader, node).unwrap_or_default();
        let code = |side: &Option<Spanned<Constant>>| side.as_ref().map(|code| code.value.clone());
        return (
            Unknown::Use { ours: code(&substitutes.ours), theirs: code(&substitutes.theirs) },
            substitutes,
        );
    }
    let policy = match reader.choice(node, "`unknown`", &POLICIES) {
        Some(Policy::Park) => Unknown::Park,
        Some(Policy::Keep) => Unknown::Keep,
        Some(Policy::Reject) | None => Unknown::Reject,
    };
    (policy, nothing)
}

/// The codes of `{ours: …}`, `{theirs: …}`, both, or `{use: …}`.
fn substitutes(reader: &mut Reader<'_>, node: &Node) -> Option<Substitutes> {
    let fields = reader.fields(node, &SUBSTITUTES)?;
    let given: Vec<&Node> = SUBSTITUTES.names().filter_map(|name| fields.get(name)).collect();
    let at = if fields.has("use") { fields.key_span("use") } else { node.span };
    if (given.is_empty() && fields.is_whole()) || (given.len() > 1 && fields.has("use")) {
        let message = if given.is_empty() { "`unknown` gives no code" } else { "`use` gives both codes" };
        let diagnostic = Diagnostic::error(Code::BadUnknownPolicy, message, at);
        reader.report(diagnostic.help("it is {ours: CODE}, {theirs: CODE}, both, or {use: CODE}"));
        return None;
    }
    for node in given {
        if constant(node).as_code().is_none() {
            let message = format!("a code must be one value, not {}", node.noun());
            reader.report(Diagnostic::error(Code::BadUnknownPolicy, message, node.span));
        }
    }
    let side = |key| {
        let node = fields.get(key).or(fields.get("use"))?;
        Some(Spanned::new(constant(node), node.span))
    };
    Some(Substitutes { ours: side("ours"), theirs: side("theirs") })
}
