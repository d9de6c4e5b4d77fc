//! All names of a configuration that expressions and contracts refer to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bundle::Documents;
use super::settings::{self, Environment};
use super::{codes, quantity};
use crate::codes::Table;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::contract::Contract;
use crate::expression::{Record, Setting};
use crate::schema::Schemas;
use crate::script::Scripts;
use crate::source::{Sources, Span};

/// Each by `partner.name`.
#[derive(Default)]
pub(super) struct Names {
    pub tables: BTreeMap<String, Arc<Table>>,
    pub records: BTreeMap<String, Arc<Record>>,
    pub settings: BTreeMap<String, Setting>,
    pub scripts: Scripts,
}

pub(super) fn collect(
    documents: &Documents,
    environment: &Environment,
    schemas: &Schemas,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Names {
    let mut names = Names::default();
    for (partner, document) in &documents.partners {
        if let Some(contract) = &document.contract {
            for (name, written) in &contract.settings {
                let setting = settings::resolve(&name.value, written, environment, diagnostics);
                names.settings.insert(format!("{partner}.{}", name.value), setting);
            }
            names.add_records(partner, contract, diagnostics);
        }
        let inline = document.contract.iter().flat_map(|contract| &contract.codes);
        for (name, written) in inline.chain(&document.codes) {
            let qualified = format!("{partner}.{}", name.value);
            let table = codes::compile(&qualified, written, schemas, sources, diagnostics);
            if names.tables.insert(qualified, Arc::new(table)).is_some() {
                let message = format!("code table `{}` is defined twice", name.value);
                diagnostics.push(
                    Diagnostic::error(Code::DuplicateName, message, name.span)
                        .help("keep it in partner.yaml or in codes.yaml, not in both"),
                );
            }
        }
        for (file, source) in &document.scripts {
            if let Err(mistake) = names.scripts.add(&format!("{partner}.{file}"), sources.text(*source)) {
                let at = offset(sources.text(*source), mistake.line, mistake.column);
                let span = Span::new(*source, at, at + 1);
                diagnostics.push(Diagnostic::error(Code::ScriptSyntax, mistake.message, span));
            }
        }
    }
    names
}

impl Names {
    fn add_records(&mut self, partner: &str, contract: &Contract, diagnostics: &mut Diagnostics) {
        for (name, written) in &contract.records {
            let qualified = format!("{partner}.{}", name.value);
            let record = Record {
                name: qualified.as_str().into(),
                key: written.key.text.as_str().into(),
                unique: written.unique.iter().map(|field| field.text.as_str().into()).collect(),
                keep: written.keep.as_ref().and_then(|keep| quantity::duration(keep, diagnostics)),
            };
            self.records.insert(qualified, Arc::new(record));
        }
    }
}

/// The byte offset of a line and a column in characters, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}
