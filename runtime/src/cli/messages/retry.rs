//! Try again: a parked or rejected delivery is made again, a message parked on arrival is translated again.
//!
//! The serving process does both, with its own configuration and environment: nothing is sent from here.

use std::path::Path;

use clap::Args;
use jiff::Timestamp;

use super::{Failure, Status};
use crate::store::Redriven;
use crate::store::sqlite::Operator;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The id of a message or of a delivery
    id: String,
}

pub(super) fn run(store: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    drop(super::open(store)?);
    let text = match Operator::open(store)?.redrive(&arguments.id, Timestamp::now())? {
        Redriven::Unknown => {
            return Err(format!("there is no message and no delivery {}", arguments.id).into());
        }
        Redriven::Deliveries(0) => {
            anstream::println!("nothing to do: nothing of it is parked or rejected");
            return Ok(Status::Findings);
        }
        Redriven::Deliveries(1) => "1 delivery is made again".to_owned(),
        Redriven::Deliveries(count) => format!("{count} deliveries are made again"),
        Redriven::Message => "the message is translated again".to_owned(),
    };
    anstream::println!("{text}, by `tolmach run` as soon as it runs");
    Ok(Status::Ok)
}
