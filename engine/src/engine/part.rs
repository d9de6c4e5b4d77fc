//! What several routes of one message cause together.

use super::answer::Saying;
use super::effect::Effects;
use super::{Answering, Reply, Translation};

/// What one route makes of a message.
pub(super) struct Part<'a> {
    /// None where it does not say what its caller gets.
    pub saying: Option<Saying<'a>>,
    pub effects: Effects<'a>,
}

/// All that the routes of one message cause; at most one of them answers.
pub(super) fn merge(parts: &[Part<'_>]) -> Translation {
    let said = parts.iter().find_map(|part| Some((part.effects.route, part.saying.as_ref()?)));
    let route = said.map_or_else(|| parts.first().map(|part| part.effects.route), |(route, _)| Some(route));
    Translation {
        route: route.unwrap_or_default().into(),
        answering: said
            .map_or_else(|| Answering::Now(Reply::accepted()), |(route, saying)| saying.answering(route)),
        deliveries: parts.iter().flat_map(|part| part.effects.deliveries()).collect(),
        records: parts.iter().flat_map(|part| part.effects.records()).collect(),
    }
}
