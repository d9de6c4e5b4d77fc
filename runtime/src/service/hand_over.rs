//! A delivery to a channel of our own: it is taken in as a message, and takes no way over the network.

use std::pin::Pin;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use engine::Inbound;
use http_body_util::BodyExt as _;
use jiff::Timestamp;

use super::{Arrival, PAUSED_FOR, Service};
use crate::inbound::{Refusal, Response};
use crate::outbound::{self, client::MAX_RESPONSE};
use crate::store::NewDelivery;
use crate::trace::Trace;

/// A delivery on its way into a channel; it may wait for a call.
type HandingOver<'a> = Pin<Box<dyn Future<Output = Result<outbound::Response, outbound::Error>> + Send + 'a>>;

impl Service {
    /// The answer of the channel, as the response to the delivery. Nobody shows credentials: it is we who write.
    ///
    /// # Errors
    /// The answer is too large to be kept.
    pub fn hand_over<'a>(
        &'a self,
        channel: &'a str,
        delivery: &'a NewDelivery,
        trace: Option<&'a str>,
    ) -> HandingOver<'a> {
        Box::pin(self.handed_over(channel, delivery, trace))
    }

    async fn handed_over(
        &self,
        channel: &str,
        delivery: &NewDelivery,
        trace: Option<&str>,
    ) -> Result<outbound::Response, outbound::Error> {
        let started = Instant::now();
        let taken = self.take_over(channel, delivery, trace).await;
        let (response, refused) = match taken {
            Ok(response) => (response, None),
            Err(refusal) => {
                let response = refusal.into_response();
                let status = response.status().as_u16();
                tracing::warn!(channel, delivery = delivery.id, status, "refused what was handed over");
                (response, Some(status))
            }
        };
        let partner = channel.split('/').next().unwrap_or_default();
        self.shared.metrics.answered(partner, refused, started.elapsed());
        read(response).await
    }

    async fn take_over(
        &self,
        channel: &str,
        delivery: &NewDelivery,
        trace: Option<&str>,
    ) -> Result<Response, Refusal> {
        let listening = self.channels.iter().find(|listening| *listening.channel.name == *channel);
        let listening = listening.ok_or(Refusal::NotFound)?;
        let channel = &listening.channel;
        if self.shared.pauses.hold_messages(&channel.partner) {
            return Err(Refusal::Paused { retry_after: PAUSED_FOR });
        }
        let key = ("idempotency-key".to_owned(), delivery.idempotency_key.clone());
        let inbound = Inbound { headers: vec![key], ..Inbound::default() };
        let body = Bytes::copy_from_slice(&delivery.body);
        let arrival = Arrival { channel, inbound, trace: Trace::restored(trace), body, at: Timestamp::now() };
        let decision = listening.pace.run(arrival.body.len(), || self.decide(&arrival, None));
        self.carry_out(&arrival, decision, None).await
    }
}

async fn read(response: Response) -> Result<outbound::Response, outbound::Error> {
    let status = response.status().as_u16();
    let retry_after = outbound::asked(response.headers(), status, Timestamp::now());
    let (mut body, mut read) = (response.into_body(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| outbound::Error::Reset)?;
        read.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        if read.len() > MAX_RESPONSE {
            return Err(outbound::Error::TooLarge { status, limit: MAX_RESPONSE });
        }
    }
    Ok(outbound::Response { status, body: read.freeze(), content_type: None, retry_after })
}
