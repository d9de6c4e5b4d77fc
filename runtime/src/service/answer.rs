//! What a sender is told, and what the log says of it.

use engine::{Channel, Fault, Inbound, Policy, Reply};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value;

use super::beside;
use crate::delivery::fault::stored;
use crate::delivery::intake::owned;
use crate::inbound::{Refusal, Response, whole};
use crate::metrics::Metrics;
use crate::store::{self, Acceptance, Accepted, Answer, Disposition, NewMessage};
use crate::trace::Trace;

const JSON: &str = "application/json";
const PARKED: &[u8] = br#"{"detail":"the message is kept and waits for a person","status":"parked"}"#;
const PROBLEM: &str = "application/problem+json";

/// The repeat of a message gets its first answer and has no effect.
pub(super) fn repeated(channel: &Channel, known: Accepted) -> Result<Answer, Refusal> {
    match known {
        Accepted::Duplicate(answer) => {
            tracing::info!(channel = &*channel.name, "repeated: the first answer is given again");
            Ok(answer)
        }
        Accepted::Conflict => {
            tracing::warn!(channel = &*channel.name, "the same id with another body");
            Err(Refusal::Conflict)
        }
        Accepted::New | Accepted::Superfluous => Err(Refusal::Internal),
    }
}

pub(super) fn refuse(channel: &Channel, faults: &[Fault]) -> Refusal {
    report_faults(&channel.name, faults);
    let malformed = faults.iter().any(|fault| fault.kind == engine::fault::Kind::Malformed);
    let told = told(faults);
    match engine::policy(faults) {
        _ if malformed => Refusal::Malformed { faults: told },
        Policy::Retry => Refusal::NotYet { faults: told },
        Policy::Refuse | Policy::Park => Refusal::Invalid { faults: told },
    }
}

/// Faults as a caller is told them: rules and paths, never values.
pub(super) fn told(faults: &[Fault]) -> Vec<Value> {
    faults.iter().filter_map(|fault| serde_json::to_value(fault).ok()).collect()
}

fn report_faults(channel: &str, faults: &[Fault]) {
    for fault in faults {
        tracing::warn!(channel, %fault, "fault");
    }
}

/// The message, kept for a person; its sender is told so.
pub(super) fn parked(mut message: NewMessage, inbound: &Inbound, faults: &[Fault]) -> Acceptance {
    report_faults(&message.channel, faults);
    message.inbound = Some(beside::kept(inbound));
    message.answer = waiting();
    message.disposition = Disposition::Parked;
    message.route =
        faults.iter().find_map(|fault| fault.route.as_deref()).map(str::to_owned).or(message.route);
    message.fault = Some(stored(faults));
    Acceptance { message, deliveries: Vec::new(), records: Vec::new() }
}

/// What the sender of a parked message is told.
pub(super) fn waiting() -> Answer {
    Answer { status: 202, content_type: JSON.to_owned(), headers: Vec::new(), body: PARKED.to_vec() }
}

/// The sender may come again; why is for the log.
pub(super) fn unavailable(channel: &Channel, error: &store::Error) -> Refusal {
    tracing::error!(channel = &*channel.name, %error, "a message could not be kept");
    Refusal::Unavailable
}

/// A message that would give a record what belongs to another one.
pub(super) fn conflict(record: &str, field: &str) -> Fault {
    Fault::new(engine::fault::Kind::Rule, format!("another {record} has this `{field}`"))
}

pub(super) fn answer(reply: Reply) -> Answer {
    let Reply { status, content_type, headers, body } = reply;
    Answer { status, content_type: content_type.into(), headers: owned(headers), body }
}

/// A problem as it is kept: its repeat gets the same.
pub(super) fn problem(refusal: Refusal) -> Answer {
    let (status, body) = refusal.into_problem().rendered();
    Answer { status, content_type: PROBLEM.to_owned(), headers: Vec::new(), body }
}

pub(super) fn into_response(answer: Answer) -> Response {
    let empty = answer.body.is_empty();
    let mut response = Response::new(whole(answer.body));
    *response.status_mut() = hyper::StatusCode::from_u16(answer.status).unwrap_or_default();
    if let (false, Ok(value)) = (empty, HeaderValue::from_str(&answer.content_type)) {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// What the log says of an accepted message.
pub(super) struct Summary {
    partner: String,
    message: String,
    channel: String,
    message_type: Option<String>,
    route: Option<String>,
    deliveries: usize,
    parked: bool,
    trace: Trace,
}

impl Summary {
    pub fn of(acceptance: &Acceptance) -> Self {
        let message = &acceptance.message;
        Self {
            partner: message.partner.clone(),
            message: message.id.clone(),
            channel: message.channel.clone(),
            message_type: message.message_type.clone(),
            route: message.route.clone(),
            deliveries: acceptance.deliveries.len(),
            parked: message.disposition == Disposition::Parked,
            trace: Trace::restored(message.trace.as_deref()),
        }
    }

    /// Logs it, and counts it.
    pub fn report(self, metrics: &Metrics) {
        metrics.accepted(&self.partner, self.parked);
        let Self { message, channel, message_type, route, deliveries, parked, trace, .. } = self;
        let trace = trace.id();
        if parked {
            tracing::error!(
                channel,
                r#type = message_type,
                route,
                id = message,
                trace,
                "parked: waits for a person"
            );
        } else {
            tracing::info!(
                channel,
                r#type = message_type,
                route,
                id = message,
                trace,
                deliveries,
                "accepted"
            );
        }
    }
}
