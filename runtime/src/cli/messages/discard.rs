//! Give up for good: what is parked or pending is not delivered any more, and stays visible until it is forgotten.

use std::path::Path;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use super::{Failure, Format, Status};
use crate::store::Discarded;
use crate::store::sqlite::Operator;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The id of a message or of a delivery
    id: String,
}

pub(super) fn run(store: &Path, arguments: &Arguments, format: Format) -> Result<Status, Failure> {
    drop(super::open(store)?);
    let discarded = Operator::open(store)?.discard(&arguments.id, Timestamp::now())?;
    let (deliveries, message, text) = match discarded {
        Discarded::Unknown => {
            return Err(format!("there is no message and no delivery {}", arguments.id).into());
        }
        Discarded::Deliveries(0) => {
            (0, false, "nothing to do: nothing of it is parked or pending".to_owned())
        }
        Discarded::Deliveries(1) => (1, false, "1 delivery is given up".to_owned()),
        Discarded::Deliveries(count) => (count, false, format!("{count} deliveries are given up")),
        Discarded::Message => (0, true, "the message is given up".to_owned()),
    };
    match format {
        Format::Text => anstream::println!("{text}"),
        Format::Json => anstream::println!("{}", json!({"deliveries": deliveries, "message": message})),
    }
    Ok(if message || deliveries > 0 { Status::Ok } else { Status::Findings })
}
