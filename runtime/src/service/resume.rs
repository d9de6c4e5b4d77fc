//! Messages that were parked on arrival and that an operator wants translated again.

use bytes::Bytes;
use engine::fault::Kind;
use engine::value::Arena;
use engine::{Answering, Fault, World};
use jiff::Timestamp;

use super::answer::conflict;
use super::unprompted::START;
use super::{Arrival, Service, beside, idempotency, json_of};
use crate::delivery::fault::stored;
use crate::delivery::intake::{self, Origin};
use crate::store::{self, Queued, Resumption};
use crate::trace::Trace;
use crate::world::RandomIds;

/// Queued messages that one look takes.
const AT_ONCE: usize = 100;

/// What became of a queued message.
enum Resumed {
    Translated,
    Parked,
    /// It is queued no more: somebody else has taken it.
    Gone,
}

impl Service {
    /// Translates the messages again that an operator has queued, by the configuration as it is now. Their senders have
    /// their answers already; what is left to do is what the messages cause.
    pub async fn resume_queued(&self) {
        let queued = match self.shared.store.queued(AT_ONCE) {
            Ok(queued) => queued,
            Err(error) => return tracing::error!(%error, "queued messages cannot be read"),
        };
        for message in queued {
            let resumption = self.translate_again(&message);
            match self.resume(resumption).await {
                Ok(Resumed::Parked) => tracing::error!(id = message.id, "parked again: waits for a person"),
                Ok(Resumed::Translated) => {
                    tracing::info!(id = message.id, "translated again");
                    self.shared.wake.notify_one();
                }
                Ok(Resumed::Gone) => {}
                Err(error) => tracing::error!(id = message.id, %error, "a message could not be resumed"),
            }
        }
    }

    /// Commits what the message causes; parks it again where its id or its records are in conflict with what is there.
    async fn resume(&self, resumption: Resumption) -> Result<Resumed, store::Error> {
        let faulty = resumption.fault.is_some();
        let mut parked = Resumption { deliveries: Vec::new(), records: Vec::new(), ..resumption.clone() };
        let (queued, faulty) = match self.shared.store.resume(resumption).await {
            Err(store::Error::RecordConflict { record, field }) => {
                parked.fault = Some(stored(&[conflict(&record, &field)]));
                (self.shared.store.resume(parked).await?, true)
            }
            Err(store::Error::KnownId { .. }) => {
                let known = Fault::new(Kind::Rule, "a message with this id came before");
                parked.fault = Some(stored(&[known]));
                parked.idempotency = None;
                (self.shared.store.resume(parked).await?, true)
            }
            done => (done?, faulty),
        };
        Ok(match (queued, faulty) {
            (false, _) => Resumed::Gone,
            (true, true) => Resumed::Parked,
            (true, false) => Resumed::Translated,
        })
    }

    fn translate_again(&self, message: &Queued) -> Resumption {
        let mut resumption = Resumption {
            message_id: message.id.clone(),
            message_type: None,
            route: None,
            idempotency: None,
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
        if message.channel == START {
            return self.begin_again(resumption, message);
        }
        let channel = self.engine.channel(&message.channel).ok_or_else(|| {
            let detail = format!("there is no channel {} any more", message.channel);
            vec![Fault::new(Kind::Configuration, detail)]
        })?;
        let body = Bytes::copy_from_slice(&message.body);
        let inbound =
            message.inbound.as_deref().map(beside::restored).transpose().map_err(|_| {
                vec![Fault::new(Kind::Configuration, "what came beside the body cannot be read")]
            })?;
        let inbound = inbound.unwrap_or_default();
        let trace = Trace::begin();
        let arrival = Arrival { channel, inbound, trace, body, at: Timestamp::now() };
        let json = json_of(&arrival).map_err(|fault| vec![fault])?;
        let arena = Arena::new();
        let world = World { now: arrival.at, ids: &RandomIds, records: &*self.records };
        let received =
            self.engine.open(channel, &json, &arrival.inbound, world, &arena).map_err(|fault| vec![fault])?;
        resumption.message_type = Some(received.message_type.to_string());
        resumption.key.clone_from(&received.key);
        resumption.idempotency = idempotency(&arrival, &received);
        let translation = self.engine.translate(channel, &received, &arrival.inbound, world, &arena)?;
        if let Answering::Call(_) = translation.answering {
            let detail = "the message asks for a call, and its caller waits no more";
            return Err(vec![Fault::new(Kind::Configuration, detail).on_route(&translation.route)]);
        }
        let origin = Origin { message_id: &message.id, depth: 0, at: arrival.at };
        resumption.deliveries = intake::deliveries(translation.deliveries, &self.engine, origin);
        resumption.records = intake::records(translation.records, arrival.at);
        resumption.route = Some(translation.route.into());
        Ok(())
    }

    /// What no message has caused has a route for a channel.
    fn begin_again(&self, resumption: &mut Resumption, message: &Queued) -> Result<(), Vec<Fault>> {
        resumption.route.clone_from(&message.route);
        let name = message.route.as_deref().unwrap_or_default();
        let route = self.engine.routes().find(|route| *route.name == *name).ok_or_else(|| {
            vec![Fault::new(Kind::Configuration, format!("there is no route {name} any more"))]
        })?;
        let Some(translation) = self.unprompted(route)? else { return Ok(()) };
        let origin = Origin { message_id: &message.id, depth: 0, at: Timestamp::now() };
        resumption.deliveries = intake::deliveries(translation.deliveries, &self.engine, origin);
        resumption.records = intake::records(translation.records, origin.at);
        Ok(())
    }
}
