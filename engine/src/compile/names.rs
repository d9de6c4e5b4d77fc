//! All names of a configuration that expressions and contracts refer to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::declarations::{Declarations, Endpoint, Face};
use super::records;
use crate::codes::Table;
use crate::expression::{Broken, Record, Setting};
use crate::script::Scripts;

/// Each by `partner.name`, channels and endpoints by `partner/name`.
pub(super) struct Names {
    pub tables: BTreeMap<String, Arc<Table>>,
    pub records: BTreeMap<String, Arc<Record>>,
    pub settings: BTreeMap<String, Setting>,
    pub scripts: Scripts,
    pub channels: BTreeMap<String, Arc<Face>>,
    pub endpoints: BTreeMap<String, Arc<Endpoint>>,
    pub broken: Broken,
}

/// What all partners declare together; `scripts` has none yet, `earlier` are the records as they were.
pub(super) fn joined(
    declarations: &[Arc<Declarations>],
    scripts: Scripts,
    earlier: &BTreeMap<String, Arc<Record>>,
) -> Names {
    let all = declarations.iter().map(|declarations| &**declarations);
    let mut names = Names {
        tables: BTreeMap::new(),
        records: records::joined(all.clone(), earlier),
        settings: BTreeMap::new(),
        scripts,
        channels: BTreeMap::new(),
        endpoints: BTreeMap::new(),
        broken: Broken::default(),
    };
    for declared in all {
        names.tables.extend(declared.tables.iter().map(|table| (table.name().to_owned(), Arc::clone(table))));
        names.settings.extend(declared.settings.iter().cloned());
        names
            .channels
            .extend(declared.channels.iter().map(|known| (known.name.clone(), Arc::clone(&known.face))));
        names.endpoints.extend(declared.endpoints.iter().cloned());
        names.broken.extend(&declared.broken);
        for (name, script) in &declared.scripts {
            names.scripts.insert(name, Arc::clone(script));
        }
    }
    names
}
