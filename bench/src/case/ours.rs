//! Tolmach's engine. This file alone knows how it is called.

use engine::value::Arena;
use engine::{Engine, Fault, Inbound, NilIds, NoRecords, Workspace, World};
use jiff::Timestamp;

use super::Case;
use crate::{Failure, configuration};

/// A compiled configuration, and what is reused from message to message.
pub struct Ours {
    engine: Engine,
    route: &'static str,
    workspace: Workspace,
    inbound: Inbound,
}

impl Ours {
    /// One route of a configuration.
    #[must_use]
    pub fn new(engine: Engine, route: &'static str) -> Self {
        Self { engine, route, workspace: Workspace::default(), inbound: Inbound::default() }
    }

    /// The job. `validated`: the message by the sender's schema, the result by the receiver's.
    pub(super) fn job(validated: bool) -> Result<Self, Failure> {
        let engine = configuration::compile(&configuration::bundle(validated))?;
        Ok(Self::new(engine, configuration::ROUTE))
    }
}

impl Case for Ours {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let mapped = self.engine.map(self.route, message, &self.inbound, world(), &mut self.workspace);
        let sent = mapped.ok_or("there is no such route")?.map_err(told)?;
        Ok(sent.first().ok_or("the route sends nothing")?)
    }
}

/// The same as it is used behind a channel: what is this message, which route takes it, what does it cause.
pub struct Served {
    engine: Engine,
    channel: String,
    arena: Arena,
    inbound: Inbound,
}

impl Served {
    /// One channel of a configuration.
    #[must_use]
    pub fn new(engine: Engine, channel: String) -> Self {
        Self { engine, channel, arena: Arena::new(), inbound: Inbound::default() }
    }

    /// Opens and translates one message; tells how many deliveries it causes.
    ///
    /// # Errors
    /// There is no such channel; the message is not one of its own.
    pub fn serve(&mut self, message: &[u8]) -> Result<usize, Failure> {
        self.arena.reset();
        let Self { engine, channel, arena, inbound } = self;
        let channel = engine.channel(channel).ok_or("there is no such channel")?;
        let received =
            engine.open(channel, message, inbound, world(), arena).map_err(|fault| fault.to_string())?;
        let translation = engine.translate(channel, &received, inbound, world(), arena).map_err(told)?;
        Ok(translation.deliveries.len())
    }
}

fn told(faults: Vec<Fault>) -> String {
    faults.iter().map(|fault| format!("{fault}\n")).collect()
}

/// The clock is read for every message, as it is in the runtime.
fn world() -> World<'static> {
    World { now: Timestamp::now(), ids: &NilIds, records: &NoRecords }
}
