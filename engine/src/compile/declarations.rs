//! What one partner declares: all that the files of others may refer to, and what is looked at across partners.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::documents::Documents;
use super::records::{self, Declared, Rows};
use super::schemas::KnownSchemas;
use super::settings::{self, Environment};
use super::{codes, contract, unused};
use crate::codes::Table;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::Scalar;
use crate::document::contract as written;
use crate::exchange::{Encoding, Method, Routes};
use crate::expression::{Broken, Setting, Used};
use crate::fault::Policy;
use crate::schema::Schema;
use crate::script::{File as Script, Scripts};
use crate::source::{Sources, Span};

/// A larger script is data in the wrong place.
const MAX_SCRIPT: usize = 256 * 1024;

/// All names are with the partner's: `partner.name`, or `partner/name` of channels and endpoints.
#[derive(Debug, Default)]
pub(super) struct Declarations {
    pub tables: Vec<Arc<Table>>,
    pub settings: Vec<(String, Setting)>,
    pub scripts: Vec<(String, Arc<Script>)>,
    pub records: Vec<Declared>,
    pub channels: Vec<Channel>,
    pub endpoints: Vec<(String, Arc<Endpoint>)>,
    /// The fields that rows of its routes write; `None` where not all routes could be read.
    pub rows: Option<Rows>,
    pub broken: Broken,
    /// Said of what nothing refers to, by its name; without one, said at any rate.
    pub unused: Vec<(Option<String>, Diagnostic)>,
    /// What it was compiled with.
    pub schemas: Vec<(String, Arc<Schema>)>,
    pub diagnostics: Diagnostics,
    doubtful: bool,
}

/// A channel, as far as it concerns others.
#[derive(Debug)]
pub(super) struct Channel {
    pub name: String,
    pub face: Arc<Face>,
    /// Where we listen, and where that is written.
    pub door: Option<(Method, String, Span)>,
    /// Its message types.
    pub kinds: Vec<(String, Span)>,
}

/// What routes need to know of a channel.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Face {
    pub encoding: Encoding,
    pub on_fault: Policy,
    pub routes: Routes,
    /// Each type with its schema.
    pub messages: Vec<(Box<str>, Option<Box<str>>)>,
}

/// What routes need to know of an endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub encoding: Encoding,
    /// Whether it is a channel of ours.
    pub is_channel: bool,
    pub request: Option<Box<str>>,
    pub response: Option<Box<str>>,
}

/// What declarations are made with.
#[derive(Clone, Copy)]
pub(super) struct Means<'m> {
    pub sources: &'m Sources,
    pub environment: &'m Environment,
    pub schemas: KnownSchemas<'m>,
    pub scripts: &'m Scripts,
    /// What was declared before: what is the same stays the same.
    pub earlier: Option<&'m Declarations>,
}

pub(super) fn declare(documents: &Documents, diagnostics: Diagnostics, means: Means<'_>) -> Declarations {
    let partner = documents.partner.as_str();
    let used = Used::default();
    let mut declarations = Declarations {
        broken: documents.broken.clone(),
        rows: records::rows(documents),
        unused: unused::definitions(documents),
        diagnostics,
        ..Declarations::default()
    };
    if let Some(contract) = &documents.contract {
        for (name, written) in &contract.settings {
            let full = (partner, name.value.as_str());
            let setting = settings::resolve(full, written, means.environment, &mut declarations.diagnostics);
            declarations.settings.push((format!("{partner}.{}", name.value), setting));
        }
        declarations.channels =
            contract.channels.iter().map(|(name, written)| channel(partner, &name.value, written)).collect();
        declarations.endpoints = contract
            .endpoints
            .iter()
            .map(|(name, written)| endpoint(partner, &name.value, written))
            .collect();
    }
    declarations.add_tables(documents, means, &used);
    declarations.add_scripts(documents, means);
    declarations.records = records::declared(documents, means.schemas, &used, &mut declarations.diagnostics);
    declarations.doubtful = used.is_doubtful();
    declarations.schemas = means.schemas.found(used);
    declarations
}

impl Declarations {
    /// Whether it is what is meant, and can be used again.
    pub fn is_sound(&self) -> bool {
        !self.doubtful && !self.diagnostics.has_errors() && self.broken.is_empty()
    }

    /// Whether it would be the same with these schemas.
    pub fn holds(&self, schemas: KnownSchemas<'_>) -> bool {
        self.schemas.iter().all(|(name, schema)| schemas.is_still(name, schema))
    }

    fn add_tables(&mut self, documents: &Documents, means: Means<'_>, used: &Used) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for (name, written) in documents.tables() {
            if let Some(first) = seen.insert(&name.value, name.span) {
                let message = format!("code table `{}` is defined twice", name.value);
                self.diagnostics.push(
                    Diagnostic::error(Code::DuplicateName, message, name.span)
                        .context(first, "the first")
                        .help("keep it in partner.yaml or in codes.yaml, not in both"),
                );
            }
            let with = codes::With { documents, schemas: means.schemas, used, sources: means.sources };
            match codes::compile(name, written, with, &mut self.diagnostics) {
                Some(table) => self.tables.push(as_before(table, means.earlier)),
                None => self.broken.name(&documents.partner, &name.value),
            }
        }
    }

    fn add_scripts(&mut self, documents: &Documents, means: Means<'_>) {
        let (partner, sources) = (&documents.partner, means.sources);
        for (file, source) in &documents.scripts {
            let text = sources.text(*source);
            if text.len() > MAX_SCRIPT {
                let message = format!("the script is larger than {} KB", MAX_SCRIPT / 1024);
                self.diagnostics.push(
                    Diagnostic::error(Code::ScriptTooLarge, message, Span::new(*source, 0, 0))
                        .help("tables of codes belong into `codes`, not into a script"),
                );
                self.broken.name(partner, file);
                continue;
            }
            match means.scripts.compile(sources.name(*source), text) {
                Ok(script) => self.scripts.push((format!("{partner}.{file}"), script)),
                Err(mistakes) => {
                    self.broken.name(partner, file);
                    for mistake in mistakes {
                        let at = offset(text, mistake.line, mistake.column);
                        let end = offset(text, mistake.line, mistake.column + mistake.width);
                        let span = Span::new(*source, at, end);
                        let diagnostic = Diagnostic::error(mistake.code, mistake.message, span);
                        self.diagnostics.push(diagnostic.help_if(mistake.help));
                    }
                }
            }
        }
    }
}

/// The table, or the same one as it was before: others know it by its identity.
fn as_before(table: Table, earlier: Option<&Declarations>) -> Arc<Table> {
    let mut known = earlier.iter().flat_map(|earlier| &earlier.tables);
    known.find(|known| ***known == table).map_or_else(|| Arc::new(table), Arc::clone)
}

fn channel(partner: &str, name: &str, written: &written::Channel) -> Channel {
    let schema = |schema: &Option<Scalar>| schema.as_ref().map(|schema| schema.text.as_str().into());
    let messages = written.messages.iter().map(|(kind, found)| (kind.value.as_str().into(), schema(found)));
    let (encoding, on_fault, routes) = (written.encoding, written.on_fault, written.routes);
    Channel {
        name: format!("{partner}/{name}"),
        face: Arc::new(Face { encoding, on_fault, routes, messages: messages.collect() }),
        door: written.door.as_ref().map(|(method, path)| (*method, path.text.clone(), path.span)),
        kinds: written.messages.iter().map(|(kind, _)| (kind.value.clone(), kind.span)).collect(),
    }
}

fn endpoint(partner: &str, name: &str, written: &written::Endpoint) -> (String, Arc<Endpoint>) {
    let schema = |schema: &Option<Scalar>| schema.as_ref().map(|schema| schema.text.as_str().into());
    let (request, response) = (schema(&written.request), schema(&written.response));
    let is_channel = matches!(written.target, written::Target::Channel(_));
    let endpoint = Endpoint { encoding: contract::encoding(written), is_channel, request, response };
    (format!("{partner}/{name}"), Arc::new(endpoint))
}

/// The byte offset of a line and a column in characters, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
}
