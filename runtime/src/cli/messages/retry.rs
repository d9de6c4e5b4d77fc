//! Try again: a parked or rejected delivery is made again, a message parked on arrival is translated again.
//!
//! The serving process does both, with its own configuration and environment: nothing is sent from here.

use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{Failure, Format, Status};
use crate::store::Redriven;
use crate::store::sqlite::Operator;

/// Who does it, and when.
const SERVER: &str = ", by the process that serves this database";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The id of a message or of a delivery
    id: String,
}

pub(super) fn run(store: &Path, arguments: &Arguments, format: Format) -> Result<Status, Failure> {
    drop(super::open(store)?);
    let redriven = Operator::open(store)?.redrive(&arguments.id, Timestamp::now())?;
    let (deliveries, message, text) = match redriven {
        Redriven::Unknown => {
            return Err(format!("there is no message and no delivery {}", arguments.id).into());
        }
        Redriven::Deliveries(0) => {
            (0, false, "nothing to do: nothing of it is parked or rejected".to_owned())
        }
        Redriven::Deliveries(1) => (1, false, format!("1 delivery is made again{SERVER}")),
        Redriven::Deliveries(count) => (count, false, format!("{count} deliveries are made again{SERVER}")),
        Redriven::Superseded => (0, false, "nothing to do: a later delivery has taken its place".to_owned()),
        Redriven::Message => (0, true, format!("the message is translated again{SERVER}")),
    };
    match format {
        Format::Text => anstream::println!("{text}"),
        Format::Json => anstream::println!("{}", json!({"deliveries": deliveries, "message": message})),
    }
    Ok(if message || deliveries > 0 { Status::Ok } else { Status::Findings })
}
