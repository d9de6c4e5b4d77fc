//! All names of a configuration that expressions and contracts refer to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bundle::{Documents, Partner};
use super::schemas::KnownSchemas;
use super::settings::{self, Environment};
use super::{codes, records};
use crate::codes::Table;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expression::{Broken, Record, Setting, Used};
use crate::schema::Schemas;
use crate::script::Scripts;
use crate::source::{Sources, Span};

/// A larger script is data in the wrong place.
const MAX_SCRIPT: usize = 256 * 1024;

/// Each by `partner.name`.
#[derive(Default)]
pub(super) struct Names {
    pub tables: BTreeMap<String, Arc<Table>>,
    pub records: BTreeMap<String, Arc<Record>>,
    pub settings: BTreeMap<String, Setting>,
    pub scripts: Scripts,
    pub broken: Broken,
    /// Code tables by their names, scripts by `partner.file`.
    pub used: Used,
}

pub(super) fn collect(
    documents: &mut Documents,
    environment: &Environment,
    schemas: &Schemas,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Names {
    let scripts = Scripts::new(environment.stopwatch);
    let mut names = Names { broken: std::mem::take(&mut documents.broken), scripts, ..Names::default() };
    let known = KnownSchemas { schemas, broken: &documents.broken_schemas };
    for (partner, document) in &documents.partners {
        if let Some(contract) = &document.contract {
            for (name, written) in &contract.settings {
                let setting = settings::resolve(&name.value, written, environment, diagnostics);
                names.settings.insert(format!("{partner}.{}", name.value), setting);
            }
        }
        names.add_tables(partner, document, &known, sources, diagnostics);
        names.add_scripts(partner, document, sources, diagnostics);
    }
    names.records = records::declared(documents, &known, diagnostics);
    names
}

impl Names {
    fn add_tables(
        &mut self,
        partner: &str,
        document: &Partner,
        schemas: &KnownSchemas<'_>,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let inline = document.contract.iter().flat_map(|contract| &contract.codes);
        for (name, written) in inline.chain(&document.codes) {
            if let Some(first) = seen.insert(&name.value, name.span) {
                let message = format!("code table `{}` is defined twice", name.value);
                diagnostics.push(
                    Diagnostic::error(Code::DuplicateName, message, name.span)
                        .context(first, "the first")
                        .help("keep it in partner.yaml or in codes.yaml, not in both"),
                );
            }
            match codes::compile(name, written, (partner, document), schemas, sources, diagnostics) {
                Some(table) => {
                    self.tables.insert(table.name().to_owned(), Arc::new(table));
                }
                None => self.broken.name(partner, &name.value),
            }
        }
    }

    fn add_scripts(
        &mut self,
        partner: &str,
        document: &Partner,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) {
        for (file, source) in &document.scripts {
            let text = sources.text(*source);
            if text.len() > MAX_SCRIPT {
                let message = format!("the script is larger than {} KB", MAX_SCRIPT / 1024);
                diagnostics.push(
                    Diagnostic::error(Code::ScriptTooLarge, message, Span::new(*source, 0, 0))
                        .help("tables of codes belong into `codes`, not into a script"),
                );
                self.broken.name(partner, file);
                continue;
            }
            let added = self.scripts.add(&format!("{partner}.{file}"), sources.name(*source), text);
            for mistake in added.err().into_iter().flatten() {
                let at = offset(text, mistake.line, mistake.column);
                let span = Span::new(*source, at, offset(text, mistake.line, mistake.column + mistake.width));
                diagnostics
                    .push(Diagnostic::error(mistake.code, mistake.message, span).help_if(mistake.help));
                self.broken.name(partner, file);
            }
        }
    }
}

/// The byte offset of a line and a column in characters, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}
