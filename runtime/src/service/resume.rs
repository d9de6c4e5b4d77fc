//! Messages that were parked on arrival and that an operator wants translated again.

use bytes::Bytes;
use engine::value::Arena;
use engine::{Fault, Inbound, World};
use jiff::Timestamp;

use super::answer::stored;
use super::{Arrival, Service, json_of};
use crate::delivery::intake::{self, Origin};
use crate::store::{Queued, Resumption};
use crate::world::RandomIds;

/// Queued messages that one look takes.
const AT_ONCE: usize = 100;

impl Service {
    /// Translates the messages again that an operator has queued, by the configuration as it is now. Their senders have
    /// their answers already; what is left to do is what the messages cause.
    pub async fn resume_queued(&self) {
        let queued = match self.store.queued(AT_ONCE) {
            Ok(queued) => queued,
            Err(error) => return tracing::error!(%error, "queued messages cannot be read"),
        };
        for message in queued {
            let resumption = self.translate_again(&message);
            let parked = resumption.fault.is_some();
            match self.store.resume(resumption).await {
                Ok(true) if parked => tracing::error!(id = message.id, "parked again: waits for a person"),
                Ok(true) => {
                    tracing::info!(id = message.id, "translated again");
                    self.wake.notify_one();
                }
                Ok(false) => {}
                Err(error) => tracing::error!(id = message.id, %error, "a message could not be resumed"),
            }
        }
    }

    fn translate_again(&self, message: &Queued) -> Resumption {
        let mut resumption = Resumption {
            message_id: message.id.clone(),
            message_type: None,
            route: None,
            key: None,
            fault: None,
            deliveries: Vec::new(),
            records: Vec::new(),
        };
        if let Err(faults) = self.fill(&mut resumption, message) {
            resumption.fault = Some(stored(&faults));
        }
        resumption
    }

    fn fill(&self, resumption: &mut Resumption, message: &Queued) -> Result<(), Vec<Fault>> {
        let channel = self.channels.iter().find(|channel| *channel.name == *message.channel);
        let channel = channel.ok_or_else(|| {
            let detail = format!("there is no channel {} any more", message.channel);
            vec![Fault::new(engine::fault::Kind::Configuration, detail)]
        })?;
        let body = Bytes::copy_from_slice(&message.body);
        let arrival = Arrival { channel, inbound: Inbound::default(), body, at: Timestamp::now() };
        let json = json_of(&arrival).map_err(|fault| vec![fault])?;
        let arena = Arena::new();
        let world = World { now: arrival.at, ids: &RandomIds, records: &*self.records };
        let received =
            self.engine.open(channel, &json, &arrival.inbound, world, &arena).map_err(|fault| vec![fault])?;
        resumption.message_type = Some(received.message_type.to_string());
        resumption.key.clone_from(&received.key);
        let translation = self.engine.translate(channel, &received, &arrival.inbound, world, &arena)?;
        let origin = Origin { message_id: &message.id, route: &translation.route, depth: 0, at: arrival.at };
        resumption.deliveries = intake::deliveries(translation.deliveries, &self.engine, origin);
        resumption.records = intake::records(translation.records, arrival.at);
        resumption.route = Some(translation.route.into());
        Ok(())
    }
}
