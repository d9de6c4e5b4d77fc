//! One call under way: what is sent, what is logged of it, what its caller is told where it failed.

use std::time::Instant;

use bytes::Bytes;
use engine::{Encoding, Endpoint, Fault, Outcome};
use uuid::Uuid;

use super::Arrival;
use super::answer::told;
use super::call::Calling;
use crate::delivery::intake;
use crate::inbound::Refusal;
use crate::outbound;

/// A call under way.
pub(super) struct Asked<'a> {
    pub arrival: &'a Arrival<'a>,
    pub endpoint: &'a Endpoint,
    pub calling: Box<Calling>,
    pub started: Instant,
}

/// How a call ended.
pub(super) struct End {
    pub outcome: Outcome,
    pub response: Result<outbound::Response, outbound::Error>,
}

impl Asked<'_> {
    /// The repeat of a message carries the same key, so that a partner that honours it acts once.
    pub fn key(&self) -> String {
        match &self.calling.message.idempotency {
            Some(known) => {
                // With the body: one that was mended asks for something else.
                let mut name = format!("{}\n{}\n", known.scope, known.id).into_bytes();
                name.extend_from_slice(&known.digest);
                Uuid::new_v5(&Uuid::NAMESPACE_OID, &name).to_string()
            }
            None => Uuid::new_v4().to_string(),
        }
    }

    /// What the contract sets; of a body that is passed on also what the caller says of it.
    pub fn headers(&self) -> Vec<(String, String)> {
        let mut headers = intake::owned(self.calling.call.request.headers.clone());
        if self.arrival.channel.encoding != Encoding::Raw {
            return headers;
        }
        for name in ["content-type", "content-encoding"] {
            let given = self.arrival.inbound.headers.iter().find(|(given, _)| given == name);
            if let (Some(given), false) = (given, headers.iter().any(|(known, _)| known == name)) {
                headers.push(given.clone());
            }
        }
        headers
    }

    pub fn request<'r>(
        &'r self,
        headers: &'r [(String, String)],
        key: &'r str,
        parent: &'r str,
    ) -> outbound::Request<'r> {
        let request = &self.calling.call.request;
        // Of what a caller streams it says itself what it is.
        let content_type = match self.arrival.channel.encoding {
            Encoding::Raw => "application/octet-stream",
            _ => outbound::content_type(request.encoding),
        };
        let body = match self.arrival.channel.encoding {
            Encoding::Raw => Bytes::new(),
            _ => outbound::encoded(content_type, &self.endpoint.outgoing(&request.body)),
        };
        outbound::Request {
            method: request.method.as_str(),
            partner: &request.partner,
            tls: self.endpoint.tls.as_ref(),
            url: &request.url,
            headers,
            content_type,
            body,
            idempotency_key: key,
            auth: self.endpoint.auth.as_ref(),
            timeout: self.endpoint.timeout,
            traceparent: Some(parent),
            tracestate: self.arrival.trace.state(),
        }
    }

    pub fn has_effects(&self) -> bool {
        !self.calling.deliveries.is_empty() || !self.calling.records.is_empty()
    }

    /// The partner has responded, and we cannot do what the route says.
    pub fn unanswerable(&self, faults: &[Fault]) -> Refusal {
        for fault in faults {
            tracing::error!(
                channel = &*self.arrival.channel.name,
                endpoint = &*self.endpoint.name,
                route = &*self.calling.call.route,
                %fault,
                "called, and no answer can be made of it"
            );
        }
        Refusal::Unanswerable { faults: told(faults) }
    }

    /// One line an outcome; ids of ours only, nothing from the payload.
    pub fn report(&self, outcome: Outcome, status: Option<u16>, error: Option<&outbound::Error>) {
        let took = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        macro_rules! line {
            ($level:ident, $text:literal) => {
                tracing::$level!(
                    endpoint = &*self.endpoint.name,
                    route = &*self.calling.call.route,
                    id = self.calling.message.id,
                    trace = self.arrival.trace.id(),
                    status,
                    took_ms = took,
                    fault = error.map(ToString::to_string),
                    $text
                )
            };
        }
        match outcome {
            Outcome::Delivered => line!(info, "called"),
            Outcome::Rejected => line!(warn, "called: rejected by the partner"),
            Outcome::Failed => line!(warn, "called: failed"),
        }
    }
}

/// What a caller is told whose call failed and whose route says nothing of it.
pub(super) fn failed(end: &End) -> Refusal {
    match &end.response {
        Ok(response) => {
            Refusal::CallFailed { late: false, unknown: false, retry_after: response.retry_after }
        }
        Err(error) => Refusal::CallFailed {
            late: *error == outbound::Error::Timeout,
            unknown: error.may_have_arrived(),
            retry_after: None,
        },
    }
}
