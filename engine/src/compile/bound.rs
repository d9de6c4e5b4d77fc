//! One partner's contract and routes, compiled with all that they refer to.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::declarations::{Endpoint, Face};
use super::documents::Documents;
use super::expressions::Compiler;
use super::memo::folder;
use super::names::Names;
use super::schemas::KnownSchemas;
use super::{contract, route};
use crate::codes::Table;
use crate::diagnostic::Diagnostics;
use crate::expression::{Kind, Patterns, Record, Setting, Used};
use crate::plan::contract as plan;
use crate::plan::route::Route;
use crate::schema::Schema;
use crate::source::{Sources, Span};

#[derive(Debug)]
pub(super) struct Bound {
    pub channels: Vec<Arc<plan::Channel>>,
    pub endpoints: Vec<Arc<plan::Endpoint>>,
    pub routes: Vec<BoundRoute>,
    /// The code tables and scripts that something refers to, with their partner's name.
    pub used: BTreeSet<String>,
    pub diagnostics: Diagnostics,
    needs: Vec<Need>,
    doubtful: bool,
}

#[derive(Debug)]
pub(super) struct BoundRoute {
    pub route: Arc<Route>,
    /// Where its message type is written.
    pub message_at: Option<Span>,
}

/// Something outside of the partner's files, as it was when they were compiled.
#[derive(Debug)]
enum Need {
    Channel(String, Arc<Face>),
    Endpoint(String, Arc<Endpoint>),
    Record(Arc<Record>),
    Schema(String, Arc<Schema>),
    Setting(String, Setting),
    Table(Arc<Table>),
}

/// What a partner is compiled with.
#[derive(Clone, Copy)]
pub(super) struct Means<'m> {
    pub sources: &'m Sources,
    pub names: &'m Names,
    pub schemas: KnownSchemas<'m>,
    pub patterns: &'m Patterns,
    /// In the sandbox the only destination is this process: its own base URL.
    pub only: Option<&'m str>,
}

pub(super) fn bind(documents: &Documents, means: Means<'_>) -> Bound {
    let Means { sources, names, schemas, patterns, only } = means;
    let used = Used::default();
    let diagnostics = Diagnostics::new();
    let mut compiler = Compiler { sources, names, schemas, patterns, used: &used, only, diagnostics };
    let contract = contract::compile(documents, &mut compiler);
    let routes = route::compile(documents, &mut compiler);
    let diagnostics = compiler.diagnostics;
    let doubtful = used.is_doubtful();
    let found = used.into_names();
    let of_interest = |kind| matches!(kind, Kind::Script | Kind::Table);
    Bound {
        channels: contract.channels,
        endpoints: contract.endpoints,
        routes,
        used: found.iter().filter(|(kind, _)| of_interest(*kind)).map(|(_, name)| name.clone()).collect(),
        needs: found.into_iter().filter_map(|(kind, name)| need(kind, name, means)).collect(),
        diagnostics,
        doubtful,
    }
}

/// What was found by the name; nothing of a script, which is the partner's own.
fn need(kind: Kind, name: String, Means { names, schemas, .. }: Means<'_>) -> Option<Need> {
    Some(match kind {
        Kind::Channel => Need::Channel(name.clone(), Arc::clone(names.channels.get(&name)?)),
        Kind::Endpoint => Need::Endpoint(name.clone(), Arc::clone(names.endpoints.get(&name)?)),
        Kind::Record => Need::Record(Arc::clone(names.records.get(&name)?)),
        Kind::Schema => Need::Schema(name.clone(), Arc::clone(schemas.schemas.get(&name)?)),
        Kind::Setting => Need::Setting(name.clone(), names.settings.get(&name)?.clone()),
        Kind::Table => Need::Table(Arc::clone(names.tables.get(&name)?)),
        Kind::Script => return None,
    })
}

impl Bound {
    /// Whether it is what is meant, and can be used again.
    pub fn is_sound(&self) -> bool {
        !self.doubtful && !self.diagnostics.has_errors()
    }

    /// The partners whose names it refers to.
    pub fn partners(&self) -> impl Iterator<Item = &str> {
        self.needs.iter().map(|need| folder(need.name()))
    }

    /// Whether it would be the same with these names and schemas, the partner's own files being the same.
    pub fn holds(&self, names: &Names, schemas: KnownSchemas<'_>) -> bool {
        self.needs.iter().all(|need| need.is_met(names, schemas))
    }
}

impl Need {
    fn name(&self) -> &str {
        match self {
            Self::Channel(name, _)
            | Self::Endpoint(name, _)
            | Self::Schema(name, _)
            | Self::Setting(name, _) => name,
            Self::Record(record) => &record.name,
            Self::Table(table) => table.name(),
        }
    }

    fn is_met(&self, names: &Names, schemas: KnownSchemas<'_>) -> bool {
        match self {
            Self::Channel(name, face) => names.channels.get(name) == Some(face),
            Self::Endpoint(name, endpoint) => names.endpoints.get(name) == Some(endpoint),
            Self::Record(record) => {
                names.records.get(&*record.name).is_some_and(|known| Arc::ptr_eq(known, record))
            }
            Self::Schema(name, schema) => schemas.is_still(name, schema),
            Self::Setting(name, setting) => names.settings.get(name) == Some(setting),
            Self::Table(table) => {
                names.tables.get(table.name()).is_some_and(|known| Arc::ptr_eq(known, table))
            }
        }
    }
}
