//! Tolmach's engine. This file alone knows how it is called.

use engine::{Engine, Ids, Inbound, Records, Unavailable, Workspace, World};
use jiff::Timestamp;
use uuid::Uuid;

use super::Case;
use crate::{Failure, configuration};

/// The compiled configuration, and what is reused from message to message.
pub struct Ours {
    engine: Engine,
    inbound: Inbound,
    workspace: Workspace,
}

impl Ours {
    /// `validated`: the message by the sender's schema, the result by the receiver's.
    pub fn new(validated: bool) -> Result<Self, Failure> {
        let engine = configuration::compile(&configuration::bundle(validated))?;
        Ok(Self { engine, inbound: Inbound::default(), workspace: Workspace::default() })
    }
}

impl Case for Ours {
    fn run<'a>(&'a mut self, message: &'a [u8]) -> Result<&'a [u8], Failure> {
        let world = World { now: Timestamp::now(), ids: &Nothing, records: &Nothing };
        let Self { engine, inbound, workspace } = self;
        let mapped = engine.map(configuration::ROUTE, message, inbound, world, workspace);
        let sent = mapped
            .ok_or("there is no such route")?
            .map_err(|faults| faults.iter().map(|fault| format!("{fault}\n")).collect::<String>())?;
        Ok(sent.first().ok_or("the route sends nothing")?)
    }
}

/// The job needs neither ids nor records.
struct Nothing;

impl Ids for Nothing {
    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }
}

impl Records for Nothing {
    fn find(&self, _: &str, _: &str, _: &str) -> Result<Option<String>, Unavailable> {
        Ok(None)
    }

    fn list(&self, _: &str, _: Option<(&str, &str)>, _: usize) -> Result<Vec<String>, Unavailable> {
        Ok(Vec::new())
    }
}
