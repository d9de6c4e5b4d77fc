//! Routes that could take one message.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::bundle::Documents;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::route::Trigger as Written;
use crate::exchange::Routes;
use crate::plan::contract::Contracts;
use crate::plan::route::{Route, Trigger};
use crate::source::Span;

/// The first route of a kind for each message of each channel.
type Seen<'d> = BTreeMap<(&'d str, &'d str), Span>;

/// Where one route takes a message, of two without `when` the second is never reached; where all do, only one can answer.
pub(super) fn check(
    documents: &Documents,
    contracts: &Contracts,
    routes: &BTreeMap<Box<str>, Arc<Route>>,
    diagnostics: &mut Diagnostics,
) {
    let (mut fallbacks, mut answering) = (Seen::new(), Seen::new());
    for (partner, document) in &documents.partners {
        for (name, written) in &document.routes {
            let Some(route) = routes.get(format!("{partner}/{name}").as_str()) else { continue };
            let Trigger::Receive { channel, message } = &route.trigger else { continue };
            let Some(Written::Receive { message: written, .. }) = &written.trigger else { continue };
            let all = contracts.channels.get(channel).is_some_and(|channel| channel.routes == Routes::All);
            let (seen, code, message) = match all {
                false if route.when.is_none() => (
                    &mut fallbacks,
                    Code::DuplicateRoute,
                    format!("two routes without `when` take `{message}` from {channel}"),
                ),
                true if route.answers() => (
                    &mut answering,
                    Code::DuplicateAnswer,
                    format!("two routes answer `{message}` from {channel}"),
                ),
                _ => continue,
            };
            if let Some(first) = seen.insert((channel, &written.text), written.span) {
                diagnostics.push(
                    Diagnostic::error(code, message, written.span).context(first, "the first").help(
                        match all {
                            false => "`when` tells which messages a route takes",
                            true => {
                                "the channel's messages go to all their routes, and one of these can answer"
                            }
                        },
                    ),
                );
            }
        }
    }
}
