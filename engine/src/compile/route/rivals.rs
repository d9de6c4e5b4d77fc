//! Routes that could take one message.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::compile::bound::BoundRoute;
use crate::compile::declarations::Face;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::exchange::Routes;
use crate::plan::route::Trigger;
use crate::source::Span;

/// The first route of a kind for each message of each channel.
type Seen<'d> = BTreeMap<(&'d str, &'d str), Span>;

/// Where one route takes a message, of two without `when` the second is never reached; where all do, only one can answer.
pub(in crate::compile) fn check<'d>(
    routes: impl Iterator<Item = &'d BoundRoute>,
    channels: &BTreeMap<String, Arc<Face>>,
    diagnostics: &mut Diagnostics,
) {
    let (mut fallbacks, mut answering) = (Seen::new(), Seen::new());
    for BoundRoute { route, message_at } in routes {
        let (Trigger::Receive { channel, message }, Some(at)) = (&route.trigger, message_at) else {
            continue;
        };
        let all = channels.get(&**channel).is_some_and(|face| face.routes == Routes::All);
        let (seen, code, text) = match all {
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
        if let Some(first) = seen.insert((channel, message), *at) {
            let help = match all {
                false => "`when` tells which messages a route takes",
                true => "the channel's messages go to all their routes, and one of these can answer",
            };
            diagnostics.push(Diagnostic::error(code, text, *at).context(first, "the first").help(help));
        }
    }
}
