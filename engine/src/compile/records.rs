//! Records: what is declared of them, and which fields they can have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::declarations::Declarations;
use super::documents::Documents;
use super::expressions::Compiler;
use super::mapping::Position;
use super::quantity;
use super::schemas::KnownSchemas;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use crate::document::contract::Record as Written;
use crate::document::route::{RecordRow, Step, Then};
use crate::document::rule::Map;
use crate::expression::{Fields, Known, Record, Sight, Used};
use crate::plan::mapping::Mapping;
use crate::schema::Shape;
use crate::source::Spanned;

/// The fields that rows write, by record.
pub(super) type Rows = BTreeMap<String, BTreeSet<String>>;

/// A record of a contract.
#[derive(Debug)]
pub(super) struct Declared {
    /// Its fields are those of its schema, if that tells them.
    record: Record,
    /// Its fields are those that are written.
    open: bool,
}

/// The records that one partner declares.
pub(super) fn declared(
    documents: &Documents,
    schemas: KnownSchemas<'_>,
    used: &Used,
    diagnostics: &mut Diagnostics,
) -> Vec<Declared> {
    let mut records = Vec::new();
    for (name, written) in documents.contract.iter().flat_map(|contract| &contract.records) {
        let qualified = format!("{}.{}", documents.partner, name.value);
        let names = shape(written, schemas, used, diagnostics)
            .and_then(|shape| of_schema(written, &shape, diagnostics));
        let record = Record {
            name: qualified.as_str().into(),
            key: written.key.text.as_str().into(),
            unique: written.unique.iter().map(|field| field.text.as_str().into()).collect(),
            keep: written.keep.as_ref().and_then(|keep| quantity::duration(keep, diagnostics)),
            schema: written.schema.as_ref().map(|schema| schema.text.as_str().into()),
            fields: names.map(|names| fields(&qualified, names)),
        };
        records.push(Declared { record, open: written.schema.is_none() });
    }
    records
}

/// Every record by `partner.record`, those that are as they were the same as before.
pub(super) fn joined<'d>(
    declarations: impl Iterator<Item = &'d Declarations> + Clone,
    earlier: &BTreeMap<String, Arc<Record>>,
) -> BTreeMap<String, Arc<Record>> {
    let written = written_fields(declarations.clone());
    let mut records = BTreeMap::new();
    for Declared { record, open } in declarations.flat_map(|declarations| &declarations.records) {
        let fields = match (open, &written) {
            (false, _) => record.fields.clone(),
            (true, None) => None,
            (true, Some(written)) => {
                let keys = std::iter::once(&record.key).chain(&record.unique).map(|name| &**name);
                let rows = written.get(&*record.name).into_iter().flatten().copied();
                let names: BTreeSet<&str> = keys.chain(rows).collect();
                Some(fields(&record.name, names.into_iter().map(str::to_owned).collect()))
            }
        };
        let record = Record { fields, ..record.clone() };
        let known = earlier.get(&*record.name).filter(|known| ***known == record).cloned();
        records.insert(record.name.to_string(), known.unwrap_or_else(|| Arc::new(record)));
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
    schemas: KnownSchemas<'s>,
    used: &Used,
    diagnostics: &mut Diagnostics,
) -> Option<Shape<'s>> {
    let schema = declared.schema.as_ref()?;
    let found = schemas.shape(&schema.text, used);
    if found.is_none() && !schemas.is_broken(&schema.text, used) {
        let message = format!("there is no schema `{}`", schema.text);
        let help = suggestion(&schema.text, schemas.names())
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

/// The fields that any row of any route writes; `None` where not all routes could be read.
fn written_fields<'d>(
    declarations: impl Iterator<Item = &'d Declarations>,
) -> Option<BTreeMap<&'d str, BTreeSet<&'d str>>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for declarations in declarations {
        for (record, names) in declarations.rows.as_ref()? {
            all.entry(record).or_default().extend(names.iter().map(String::as_str));
        }
    }
    Some(all)
}

/// The fields that the rows of one partner's routes write; `None` where not all routes could be read.
pub(super) fn rows(documents: &Documents) -> Option<Rows> {
    let mut rows = Rows::new();
    for route in documents.routes.values() {
        of_steps(&documents.partner, &route.steps, &mut rows);
        if let Some(call) = &route.call {
            of_then(&documents.partner, &call.then, &mut rows);
        }
    }
    (!documents.unread_routes).then_some(rows)
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
            target: Known::shape(schema.and_then(|schema| self.schemas.shape(schema, self.used))),
            path: String::new(),
            at: written.record.span,
            schema_of: "the record",
            // Other rows may have written the other fields.
            over_a_copy: true,
        };
        self.mapping(&Map { rows: written.fields.clone(), whole: true }, &position)
    }
}
