//! Give up for good: what is parked or pending is not delivered any more, and stays visible until it is forgotten.

use clap::Args;
use jiff::Timestamp;

use super::{Failure, Format, Source, Status, operator, segment};
use crate::admin::given_up;
use crate::store::Discarded;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The id of a message or of a delivery
    id: String,
}

pub(super) fn run(source: Source<'_>, arguments: &Arguments, format: Format) -> Result<Status, Failure> {
    let told = match source {
        Source::Process(remote) => {
            remote.post(&format!("/messages/{}/discard", segment(&arguments.id)), &[])?
        }
        Source::File { store, .. } => match operator(store)?.discard(&arguments.id, Timestamp::now())? {
            Discarded::Unknown => {
                return Err(format!("there is no message and no delivery {}", arguments.id).into());
            }
            discarded => given_up(discarded),
        },
    };
    let (deliveries, message) = (told["deliveries"].as_u64().unwrap_or_default(), told["message"] == true);
    match format {
        Format::Json => anstream::println!("{told}"),
        Format::Text => anstream::println!(
            "{}",
            match deliveries {
                _ if message => "the message is given up".to_owned(),
                0 => "nothing to do: nothing of it is parked or pending".to_owned(),
                1 => "1 delivery is given up".to_owned(),
                count => format!("{count} deliveries are given up"),
            }
        ),
    }
    Ok(if message || deliveries > 0 { Status::Ok } else { Status::Findings })
}
