//! What nothing refers to: looked for when nothing else is wrong, because a broken rule refers to nothing either.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bundle::{Documents, Partner};
use super::names::Names;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::contract::codes::{Codes, Rows};
use crate::plan::route::Route;
use crate::source::Span;

pub(super) fn check(
    documents: &Documents,
    names: &Names,
    routes: &BTreeMap<Box<str>, Arc<Route>>,
    diagnostics: &mut Diagnostics,
) {
    for (name, partner) in &documents.partners {
        definitions(name, partner, names, diagnostics);
        messages(name, partner, routes, diagnostics);
    }
}

fn definitions(name: &str, partner: &Partner, names: &Names, diagnostics: &mut Diagnostics) {
    let unused = |short: &str| !names.used.contains(&format!("{name}.{short}"));
    let inline = partner.contract.iter().flat_map(|contract| &contract.codes);
    for (table, _) in inline.chain(&partner.codes).filter(|(table, _)| unused(&table.value)) {
        let message = format!("no expression uses the code table `{}`", table.value);
        diagnostics.push(
            Diagnostic::warning(Code::UnusedName, message, table.span)
                .help(format!("ours('{}', code) and theirs('{}', code) do", table.value, table.value)),
        );
    }
    for (file, source) in &partner.data {
        let reads = |table: &Codes| matches!(&table.rows, Rows::File(name) if name.text == *file);
        let inline = partner.contract.iter().flat_map(|contract| &contract.codes);
        if let (Some(source), false) = (source, inline.chain(&partner.codes).any(|(_, table)| reads(table))) {
            let message = format!("no code table reads `{file}`");
            diagnostics.push(
                Diagnostic::warning(Code::UnusedName, message, Span::new(*source, 0, 0))
                    .help(format!("a code table with `rows: {file}` does")),
            );
        }
    }
    for (file, source) in partner.scripts.iter().filter(|(file, _)| unused(file)) {
        let message = format!("no rule calls a function of the script `{file}`");
        diagnostics.push(
            Diagnostic::warning(Code::UnusedName, message, Span::new(*source, 0, 0))
                .help(format!("a rule {{script: {file}.function}} does")),
        );
    }
}

fn messages(
    name: &str,
    partner: &Partner,
    routes: &BTreeMap<Box<str>, Arc<Route>>,
    diagnostics: &mut Diagnostics,
) {
    let channels = partner.contract.iter().flat_map(|contract| &contract.channels);
    for (channel, written) in channels {
        let full = format!("{name}/{}", channel.value);
        let takes = |kind: &str| routes.values().any(|route| route.takes(&full, kind));
        for (kind, _) in written.messages.iter().filter(|(kind, _)| !takes(&kind.value)) {
            let message = format!("no route takes `{}` from {full}", kind.value);
            diagnostics.push(
                Diagnostic::warning(Code::UnroutedMessage, message, kind.span)
                    .help("such a message is refused; write a route for it, or take it off the list"),
            );
        }
    }
}
