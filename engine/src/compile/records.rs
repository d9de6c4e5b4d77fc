//! Records: what is declared of them, and which fields they can have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::bundle::{Documents, Partner};
use super::expressions::Compiler;
use super::mapping::Position;
use super::quantity;
use super::schemas::KnownSchemas;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use crate::document::contract::Record as Written;
use crate::document::route::{RecordRow, Route, Step, Then};
use crate::document::rule::Map;
use crate::expression::{Fields, Known, Record, Sight};
use crate::plan::mapping::Mapping;
use crate::schema::Shape;
use crate::source::Spanned;

/// Every record by `partner.record`.
pub(super) fn declared(
    documents: &Documents,
    schemas: &KnownSchemas<'_>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Arc<Record>> {
    let written = written_fields(documents);
    let mut records = BTreeMap::new();
    for (partner, document) in &documents.partners {
        for (name, declared) in document.contract.iter().flat_map(|contract| &contract.records) {
            let qualified = format!("{partner}.{}", name.value);
            let keys = std::iter::once(&declared.key).chain(&declared.unique).map(|field| field.text.clone());
            let names = match shape(declared, schemas, diagnostics) {
                Some(shape) => of_schema(declared, &shape, diagnostics),
                None if declared.schema.is_some() => None,
                None => written.as_ref().map(|written| {
                    let rows = written.get(&qualified).into_iter().flatten().cloned();
                    keys.chain(rows).collect::<BTreeSet<_>>().into_iter().collect()
                }),
            };
            let record = Record {
                name: qualified.as_str().into(),
                key: declared.key.text.as_str().into(),
                unique: declared.unique.iter().map(|field| field.text.as_str().into()).collect(),
                keep: declared.keep.as_ref().and_then(|keep| quantity::duration(keep, diagnostics)),
                schema: declared.schema.as_ref().map(|schema| schema.text.as_str().into()),
                fields: names.map(|names| fields(&qualified, names)),
            };
            records.insert(qualified, Arc::new(record));
        }
    }
    records
}

fn fields(record: &str, names: Vec<String>) -> Fields {
    let names = names.into_iter().map(String::into_boxed_str).collect();
    Fields { of: format!("record `{record}`").into(), names, noun: "field", code: Code::UnknownField }
}

/// The shape of the schema that the record names; an unknown one is reported.
fn shape<'s>(
    declared: &Written,
    schemas: &KnownSchemas<'s>,
    diagnostics: &mut Diagnostics,
) -> Option<Shape<'s>> {
    let schema = declared.schema.as_ref()?;
    let found = schemas.schemas.shape(&schema.text);
    if found.is_none() && !schemas.broken.contains(&schema.text) {
        let message = format!("there is no schema `{}`", schema.text);
        let help = suggestion(&schema.text, schemas.schemas.names())
            .unwrap_or_else(|| format!("the file would be schemas/{}.json", schema.text));
        diagnostics.push(Diagnostic::error(Code::UnknownSchema, message, schema.span).help(help));
    }
    found
}

/// The fields of a schema, where it is closed; those that find a record are among them.
fn of_schema(declared: &Written, shape: &Shape<'_>, diagnostics: &mut Diagnostics) -> Option<Vec<String>> {
    if shape.is_open() {
        return None;
    }
    let names: Vec<String> = shape.names().into_iter().map(str::to_owned).collect();
    for field in std::iter::once(&declared.key).chain(&declared.unique) {
        if !names.contains(&field.text) {
            let message = format!("the record's schema has no `{}`", field.text);
            let help = suggestion(&field.text, names.iter().map(String::as_str));
            diagnostics.push(Diagnostic::error(Code::UnknownField, message, field.span).help_if(help));
        }
    }
    Some(names)
}

type Rows = BTreeMap<String, BTreeSet<String>>;

/// The fields that any row of any route writes; `None` where not all routes could be read.
fn written_fields(documents: &Documents) -> Option<Rows> {
    let mut rows = Rows::new();
    for (name, Partner { routes, unread_routes, .. }) in &documents.partners {
        if *unread_routes {
            return None;
        }
        for route in routes.values() {
            of_route(name, route, &mut rows);
        }
    }
    Some(rows)
}

fn of_route(partner: &str, route: &Route, rows: &mut Rows) {
    of_steps(partner, &route.steps, rows);
    if let Some(call) = &route.call {
        of_then(partner, &call.then, rows);
    }
}

fn of_steps(partner: &str, steps: &[Step], rows: &mut Rows) {
    for step in steps {
        match step {
            Step::Send(send) => of_then(partner, &send.then, rows),
            Step::Record(step) => step.rows.iter().for_each(|row| of_row(partner, row, rows)),
        }
    }
}

fn of_then(partner: &str, then: &Then, rows: &mut Rows) {
    for steps in [&then.delivered, &then.rejected, &then.failed] {
        of_steps(partner, steps, rows);
    }
}

fn of_row(partner: &str, row: &RecordRow, rows: &mut Rows) {
    let name = &row.record.value;
    let qualified = if name.contains('.') { name.clone() } else { format!("{partner}.{name}") };
    let first = |(target, _): &(Spanned<String>, _)| {
        super::mapping::split_path(&target.value).and_then(|names| names.into_iter().next())
    };
    rows.entry(qualified).or_default().extend(row.fields.iter().filter_map(first));
}

impl<'c> Compiler<'c> {
    /// The fields that a row of `record` writes: targets, checked against the record's schema.
    pub(super) fn record_fields(
        &mut self,
        partner: &str,
        record: &Record,
        written: &RecordRow,
        sight: &Sight<'c>,
    ) -> Mapping {
        let schema = record.schema.as_deref();
        let position = Position {
            partner,
            sight: sight.clone(),
            target: Known::shape(schema.and_then(|schema| self.schemas.schemas.shape(schema))),
            path: String::new(),
            at: written.record.span,
            schema_of: "the record",
            // Other rows may have written the other fields.
            over_a_copy: true,
        };
        self.mapping(&Map { rows: written.fields.clone(), whole: true }, &position)
    }
}
