//! One message with everything that is known of it; payloads only when they are asked for.

use clap::Args;
use engine::value::pretty;
use serde_json::{Value, json};

use super::{Failure, Format, Status, coloured, detail, fault_json, list};
use crate::store::sqlite::Reader;
use crate::store::{Attempt, DeliveryDetail, MessageDetail};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The message's id, as `tolmach messages` lists it
    id: String,
    /// Show the bodies too: what came, what was answered, what was sent and what came back
    #[arg(long)]
    payload: bool,
}

pub(super) fn run(store: &Reader, arguments: &Arguments, format: Format) -> Result<Status, Failure> {
    let Some(message) = store.show(&arguments.id)? else {
        return Err(format!("there is no message {}", arguments.id).into());
    };
    match format {
        Format::Json => {
            anstream::println!(
                "{}",
                serde_json::to_string_pretty(&message_json(&message, arguments.payload))?
            );
        }
        Format::Text => anstream::print!("{}", text(&message, arguments.payload)),
    }
    Ok(Status::Ok)
}

fn text(message: &MessageDetail, payload: bool) -> String {
    let summary = &message.summary;
    let mut text = format!(
        "message   {}\nreceived  {}\nstate     {}\nchannel   {}\ntype      {}\nroute     {}\nkey       {}\nanswered  {}\n",
        summary.id,
        summary.received_at,
        coloured(summary.state.name()),
        summary.channel,
        summary.message_type.as_deref().unwrap_or("-"),
        summary.route.as_deref().unwrap_or("-"),
        summary.key.as_deref().unwrap_or("-"),
        answered(message),
    );
    if let Some(detail) = detail(summary.fault.as_deref()) {
        text.push_str(&format!("fault     {detail}\n"));
    }
    // What runs by itself came from nobody, and nobody was answered.
    if payload && message.answer.status != 0 {
        text.push_str(&body("came", &message.body));
        text.push_str(&headers("was answered", &message.answer.headers));
        text.push_str(&body("was answered", &message.answer.body));
    }
    for (known, delivery) in summary.deliveries.iter().zip(&message.deliveries) {
        text.push_str(&format!(
            "\ndelivery  {}\nto        {}  {} {}\nstep      {} {}\nstate     {}\n",
            delivery.id,
            known.endpoint,
            delivery.method,
            delivery.url,
            known.route,
            known.step,
            coloured(known.state.name()),
        ));
        for attempt in &delivery.attempts {
            text.push_str(&attempt_text(attempt));
        }
        if payload {
            text.push_str(&payloads(delivery));
        }
    }
    text
}

/// A message that nobody sent has no answer.
fn answered(message: &MessageDetail) -> String {
    match message.answer.status {
        0 => "-".to_owned(),
        status => status.to_string(),
    }
}

fn attempt_text(attempt: &Attempt) -> String {
    let status =
        attempt.response.as_ref().map_or_else(String::new, |response| format!(" HTTP {}", response.status));
    let fault = detail(attempt.fault.as_deref()).map_or_else(String::new, |detail| format!(": {detail}"));
    let outcome = coloured(attempt.outcome.name());
    format!("  attempt {}  {}  {outcome}{status}{fault}\n", attempt.number, attempt.ended_at)
}

fn payloads(delivery: &DeliveryDetail) -> String {
    let mut text = headers("was sent", &delivery.headers);
    text.push_str(&match delivery.content_type.as_str() {
        "" => body("was sent", &[]),
        _ => body("was sent", &delivery.body),
    });
    if let Some(response) = delivery.attempts.last().and_then(|attempt| attempt.response.as_ref()) {
        text.push_str(&body("came back", &response.body));
    }
    text
}

/// Those that a contract or a route sets.
fn headers(what: &str, headers: &[(String, String)]) -> String {
    headers.iter().map(|(name, value)| format!("  {what}: {name}: {value}\n")).collect()
}

fn body(what: &str, bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return format!("  {what}: nothing\n");
    }
    let indented: Vec<String> = pretty(bytes).lines().map(|line| format!("    {line}")).collect();
    format!("  {what}:\n{}\n", indented.join("\n"))
}

fn message_json(message: &MessageDetail, payload: bool) -> Value {
    let mut shown = list::message_json(&message.summary);
    let deliveries: Vec<Value> =
        message.deliveries.iter().map(|delivery| delivery_json(delivery, payload)).collect();
    shown["answer"] = match &message.answer {
        nobody if nobody.status == 0 => Value::Null,
        answer => json!({
            "status": answer.status,
            "headers": payload.then(|| pairs(&answer.headers)),
            "body": payload.then(|| lossy(&answer.body)),
        }),
    };
    if payload {
        shown["body"] = lossy(&message.body).into();
    }
    let known = shown.get_mut("deliveries").and_then(Value::as_array_mut);
    for (known, mut more) in known.into_iter().flatten().zip(deliveries) {
        if let (Some(known), Some(more)) = (known.as_object_mut(), more.as_object_mut()) {
            known.append(more);
        }
    }
    shown
}

fn delivery_json(delivery: &DeliveryDetail, payload: bool) -> Value {
    json!({
        "lane": delivery.lane,
        "idempotency_key": delivery.idempotency_key,
        "method": delivery.method,
        "url": delivery.url,
        "content_type": delivery.content_type,
        "headers": payload.then(|| pairs(&delivery.headers)),
        "body": payload.then(|| lossy(&delivery.body)),
        "attempt_list": delivery.attempts.iter().map(|attempt| attempt_json(attempt, payload)).collect::<Vec<_>>(),
    })
}

fn attempt_json(attempt: &Attempt, payload: bool) -> Value {
    let response = attempt.response.as_ref();
    json!({
        "number": attempt.number,
        "started_at": attempt.started_at.to_string(),
        "ended_at": attempt.ended_at.to_string(),
        "outcome": attempt.outcome.name(),
        "status": response.map(|response| response.status),
        "response": response.filter(|_| payload).map(|response| lossy(&response.body)),
        "fault": fault_json(attempt.fault.as_deref()),
    })
}

fn pairs(headers: &[(String, String)]) -> Value {
    headers.iter().map(|(name, value)| json!([name, value])).collect()
}

/// Bodies are bytes; as text in JSON they keep their digits.
fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
