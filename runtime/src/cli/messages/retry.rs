//! Try again: a parked or rejected delivery is made again, a message parked on arrival is translated again.
//!
//! The serving process does both, with its own configuration and environment: nothing is sent from here.

use clap::Args;
use jiff::Timestamp;

use super::{Failure, Format, Source, Status, operator, segment};
use crate::admin::retried;
use crate::store::Redriven;

/// Who does it, and when.
const SERVER: &str = ", by the process that serves this database";

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The id of a message or of a delivery
    id: String,
}

pub(super) fn run(source: Source<'_>, arguments: &Arguments, format: Format) -> Result<Status, Failure> {
    let told = match source {
        Source::Process(remote) => {
            remote.post(&format!("/messages/{}/retry", segment(&arguments.id)), &[])?
        }
        Source::File { store, .. } => match operator(store)?.redrive(&arguments.id, Timestamp::now())? {
            Redriven::Unknown => {
                return Err(format!("there is no message and no delivery {}", arguments.id).into());
            }
            redriven => retried(redriven),
        },
    };
    let (deliveries, message) = (told["deliveries"].as_u64().unwrap_or_default(), told["message"] == true);
    match format {
        Format::Json => anstream::println!("{told}"),
        Format::Text => anstream::println!(
            "{}",
            match deliveries {
                _ if message => format!("the message is translated again{SERVER}"),
                _ if told["superseded"] == true => {
                    "nothing to do: a later delivery has taken its place".to_owned()
                }
                0 => "nothing to do: nothing of it is parked or rejected".to_owned(),
                1 => format!("1 delivery is made again{SERVER}"),
                count => format!("{count} deliveries are made again{SERVER}"),
            }
        ),
    }
    Ok(if message || deliveries > 0 { Status::Ok } else { Status::Findings })
}
