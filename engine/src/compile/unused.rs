//! What nothing refers to: looked for when nothing else is wrong, because a broken rule refers to nothing either.

use std::collections::BTreeSet;

use super::bound::Bound;
use super::declarations::Declarations;
use super::documents::Documents;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::contract::codes::{Codes, Rows};
use crate::plan::route::Trigger;
use crate::source::Span;

/// What is said of each definition of a partner if nothing refers to its name; of one without a name, at any rate.
pub(super) fn definitions(documents: &Documents) -> Vec<(Option<String>, Diagnostic)> {
    let mut unused = documents.unused.clone();
    let named = |name: &str| Some(format!("{}.{name}", documents.partner));
    for (table, _) in documents.tables() {
        let message = format!("no expression uses the code table `{}`", table.value);
        let warning = Diagnostic::warning(Code::UnusedName, message, table.span)
            .help(format!("ours('{}', code) and theirs('{}', code) do", table.value, table.value));
        unused.push((named(&table.value), warning));
    }
    for (file, source) in &documents.data {
        let reads = |table: &Codes| matches!(&table.rows, Rows::File(name) if name.text == *file);
        if let (Some(source), false) = (source, documents.tables().any(|(_, table)| reads(table))) {
            let message = format!("no code table reads `{file}`");
            let warning = Diagnostic::warning(Code::UnusedName, message, Span::new(*source, 0, 0))
                .help(format!("a code table with `rows: {file}` does"));
            unused.push((None, warning));
        }
    }
    for (file, source) in &documents.scripts {
        let message = format!("no rule calls a function of the script `{file}`");
        let warning = Diagnostic::warning(Code::UnusedName, message, Span::new(*source, 0, 0))
            .help(format!("a rule {{script: {file}.function}} does"));
        unused.push((named(file), warning));
    }
    unused
}

/// `declarations` and `bound` are those of the same partners.
pub(super) fn check<'d>(
    declarations: impl Iterator<Item = &'d Declarations>,
    bound: impl Iterator<Item = &'d Bound> + Clone,
    diagnostics: &mut Diagnostics,
) {
    let used: BTreeSet<&str> = bound.clone().flat_map(|bound| &bound.used).map(String::as_str).collect();
    let taken: BTreeSet<(&str, &str)> = bound
        .flat_map(|bound| &bound.routes)
        .filter_map(|bound| match &bound.route.trigger {
            Trigger::Receive { channel, message } => Some((&**channel, &**message)),
            Trigger::Start | Trigger::Every(_) => None,
        })
        .collect();
    for declared in declarations {
        let unused = declared
            .unused
            .iter()
            .filter(|(name, _)| name.as_deref().is_none_or(|name| !used.contains(name)));
        diagnostics.extend(unused.map(|(_, warning)| warning.clone()));
        for channel in &declared.channels {
            let full = channel.name.as_str();
            for (kind, at) in channel.kinds.iter().filter(|(kind, _)| !taken.contains(&(full, kind))) {
                let message = format!("no route takes `{kind}` from {full}");
                diagnostics.push(
                    Diagnostic::warning(Code::UnroutedMessage, message, *at)
                        .help("such a message is refused; write a route for it, or take it off the list"),
                );
            }
        }
    }
}
