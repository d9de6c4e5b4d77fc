//! The compiled configuration: what it is and how it runs.

pub mod auth;
pub mod contract;
pub mod mapping;
pub mod route;
pub(crate) mod secret;
pub mod sheet;
pub mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::expression::Record;
use crate::schema::Compiled;

/// All of a configuration that has no errors.
#[derive(Debug)]
pub(crate) struct Plan {
    pub contracts: contract::Contracts,
    /// By `partner/route`.
    pub routes: BTreeMap<Box<str>, Arc<route::Route>>,
    /// By `partner.record`.
    pub records: BTreeMap<String, Arc<Record>>,
    /// The names of all, `partner.setting`.
    pub settings: BTreeSet<String>,
    pub schemas: Compiled,
}
