//! One message after another through one route, in memory that is used again: for streams, and for a person who tries it.

use bumpalo::collections::Vec as ArenaVec;

use super::answer::Saying;
use super::part::Part;
use super::{Engine, NOTHING, World, parse, read_of, scope};
use crate::expression::Inbound;
use crate::fault::{Fault, Kind};
use crate::plan::mapping::Writer;
use crate::plan::route::{Route, Sends, Trigger};
use crate::value::Arena;

/// So much memory is kept whatever the next message needs.
const KEPT: usize = 16 << 20;
/// So many bytes of memory a message may need for each of its own.
const EACH: usize = 32;

/// Memory that messages are mapped in, one after another. Once it has grown to what they need, a message takes nothing
/// from the heap, unless its rules use scripts or records, or a schema asks for what its check copies.
#[derive(Debug, Default)]
pub struct Workspace {
    arena: Arena,
    writer: Writer,
}

impl Workspace {
    /// Room for a message of so many bytes. Memory that an unusual one has needed and this one will not is given back.
    fn emptied(&mut self, bytes: usize) -> &mut Self {
        if self.arena.allocated_bytes() > KEPT.max(bytes.saturating_mul(EACH)) {
            *self = Self::default();
        }
        self.arena.reset();
        self
    }
}

impl Engine {
    /// What the route `name` sends for this message, whatever its `when` says: one body for each delivery, in order. Of a
    /// route that calls, what it would call with; of one that sends nothing, its answer.
    ///
    /// # Errors
    /// As for [`Self::open`] and [`Self::translate`]; `None` when there is no such route.
    pub fn map<'a>(
        &'a self,
        name: &str,
        body: &'a [u8],
        inbound: &'a Inbound,
        world: World<'a>,
        workspace: &'a mut Workspace,
    ) -> Option<Result<&'a [&'a [u8]], Vec<Fault>>> {
        let route = self.routes.get(name)?;
        Some(self.map_route(route, body, inbound, world, workspace))
    }

    fn map_route<'a>(
        &'a self,
        route: &'a Route,
        body: &'a [u8],
        inbound: &'a Inbound,
        world: World<'a>,
        workspace: &'a mut Workspace,
    ) -> Result<&'a [&'a [u8]], Vec<Fault>> {
        let Workspace { arena, writer } = workspace.emptied(body.len());
        let channel = route.channel().and_then(|channel| self.contracts.channels.get(channel));
        let body = channel.map_or(NOTHING, |channel| read_of(channel, body));
        let value = parse(body, arena, Kind::Malformed, "the message").map_err(|fault| vec![fault])?;
        if let (Some(channel), Trigger::Receive { message, .. }) = (channel, &route.trigger) {
            self.validate_message(channel, message, value).map_err(|fault| vec![fault])?;
        }
        let scope = scope(value, inbound, world, arena);
        let part = self.carry_out(route, None, body, value, &scope, writer)?;
        Ok(bodies(route, &part, arena))
    }
}

fn bodies<'a>(route: &Route, part: &Part<'a>, arena: &'a Arena) -> &'a [&'a [u8]] {
    let mut bodies = ArenaVec::new_in(arena);
    match &part.saying {
        Some(Saying::Call { outgoing, .. }) => bodies.push(outgoing.body),
        Some(Saying::Now(said)) if route.sends() == Sends::Nothing => bodies.push(said.body),
        _ => bodies.extend(part.effects.sent.iter().map(|sent| sent.outgoing.body)),
    }
    bodies.into_bump_slice()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_an_unusual_message_is_given_back_to_a_usual_one_only() {
        let mut workspace = Workspace::default();
        workspace.arena.alloc_slice_fill_default::<u64>(KEPT / 4);
        assert!(workspace.emptied(KEPT).arena.allocated_bytes() > KEPT);
        assert!(workspace.emptied(2_000).arena.allocated_bytes() < KEPT);
    }
}
