//! Messages as they are shown to a person or a program: payloads only when they are asked for, and without what is sensitive.

use engine::{Engine, Mask, Shown};
use serde_json::{Value, json};

use crate::store::{Attempt, DeliveryDetail, DeliverySummary, MessageDetail, MessageSummary};

/// Whether bodies are shown.
#[derive(Debug, Clone, Copy)]
pub enum Payload<'e> {
    Hidden,
    /// Without what the schemas of this configuration mark as sensitive.
    Masked(&'e Engine),
}

/// A message and its deliveries.
#[must_use]
pub fn summary(message: &MessageSummary) -> Value {
    json!({
        "id": message.id,
        "received_at": message.received_at.to_string(),
        "state": message.state.name(),
        "partner": message.partner,
        "channel": message.channel,
        "type": message.message_type,
        "route": message.route,
        "key": message.key,
        "fault": fault(message.fault.as_deref()),
        "deliveries": message.deliveries.iter().map(delivery_summary).collect::<Vec<_>>(),
    })
}

/// A message with everything that is known of it.
#[must_use]
pub fn detail(message: &MessageDetail, payload: Payload<'_>) -> Value {
    let hidden = match payload {
        Payload::Hidden => None,
        Payload::Masked(engine) => Some(learned(engine, message)),
    };
    let mask = hidden.as_ref();
    let came = came(message);
    let mut shown = summary(&message.summary);
    shown["answer"] = match &message.answer {
        // What runs by itself came from nobody, and nobody was answered.
        nobody if nobody.status == 0 => Value::Null,
        answer => json!({
            "status": answer.status,
            "headers": mask.map(|mask| headers(mask, &answer.headers)),
            "body": mask.map(|mask| body(mask, Shown::Other, &answer.body)),
        }),
    };
    if let Some(mask) = mask {
        shown["body"] = body(mask, came, &message.body).into();
    }
    let known = shown.get_mut("deliveries").and_then(Value::as_array_mut);
    let known = known.into_iter().flatten().zip(&message.summary.deliveries).zip(&message.deliveries);
    for ((shown, summary), detail) in known {
        let mut more = delivery(&summary.endpoint, detail, mask);
        if let (Some(shown), Some(more)) = (shown.as_object_mut(), more.as_object_mut()) {
            shown.append(more);
        }
    }
    shown
}

/// All that is sensitive in any part of the message.
fn learned<'e>(engine: &'e Engine, message: &MessageDetail) -> Mask<'e> {
    let mut mask = Mask::new(engine);
    mask.learn(came(message), &message.body);
    for (known, delivery) in message.summary.deliveries.iter().zip(&message.deliveries) {
        let endpoint = &known.endpoint;
        mask.learn(Shown::Request { endpoint }, &delivery.body);
        for response in delivery.attempts.iter().filter_map(|attempt| attempt.response.as_ref()) {
            mask.learn(Shown::Response { endpoint }, &response.body);
        }
    }
    mask
}

/// What nobody has sent came over no channel.
fn came(message: &MessageDetail) -> Shown<'_> {
    let MessageSummary { channel, message_type, .. } = &message.summary;
    match message.answer.status {
        0 => Shown::Other,
        _ => Shown::Message { channel, message_type: message_type.as_deref() },
    }
}

fn delivery_summary(delivery: &DeliverySummary) -> Value {
    json!({
        "id": delivery.id,
        "endpoint": delivery.endpoint,
        "route": delivery.route,
        "step": delivery.step,
        "state": delivery.state.name(),
        "attempts": delivery.attempts,
        "next_due": delivery.next_due.map(|due| due.to_string()),
        "behind": delivery.behind,
        "fault": fault(delivery.last_fault.as_deref()),
    })
}

fn delivery(endpoint: &str, delivery: &DeliveryDetail, mask: Option<&Mask<'_>>) -> Value {
    let attempts: Vec<Value> = delivery.attempts.iter().map(|each| attempt(endpoint, each, mask)).collect();
    json!({
        "lane": delivery.lane,
        "idempotency_key": delivery.idempotency_key,
        "method": delivery.method,
        "url": mask.map_or_else(|| place(&delivery.url), |mask| mask.text(&delivery.url)),
        "content_type": delivery.content_type,
        "headers": mask.map(|mask| headers(mask, &delivery.headers)),
        "body": mask.map(|mask| body(mask, Shown::Request { endpoint }, &delivery.body)),
        "attempt_list": attempts,
    })
}

fn attempt(endpoint: &str, attempt: &Attempt, mask: Option<&Mask<'_>>) -> Value {
    let response = attempt.response.as_ref();
    let said = |mask| response.map(|response| body(mask, Shown::Response { endpoint }, &response.body));
    json!({
        "number": attempt.number,
        "started_at": attempt.started_at.to_string(),
        "ended_at": attempt.ended_at.to_string(),
        "outcome": attempt.outcome.name(),
        "status": response.map(|response| response.status),
        "response": mask.and_then(said),
        "fault": fault(attempt.fault.as_deref()),
    })
}

/// A stored fault.
fn fault(fault: Option<&str>) -> Value {
    fault.and_then(|fault| serde_json::from_str(fault).ok()).unwrap_or_default()
}

fn headers(mask: &Mask<'_>, headers: &[(String, String)]) -> Value {
    headers.iter().map(|(name, value)| json!([name, mask.text(value)])).collect()
}

/// Bodies are bytes; as text in JSON they keep their digits.
fn body(mask: &Mask<'_>, part: Shown<'_>, bytes: &[u8]) -> String {
    String::from_utf8_lossy(&mask.body(part, bytes)).into_owned()
}

/// A URL without its query, which is made of a message.
fn place(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}
