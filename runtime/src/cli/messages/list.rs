//! The last messages, each with its deliveries.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Failure, Format, Status, coloured, detail, fault_json};
use crate::store::sqlite::Reader;
use crate::store::{DeliverySummary, Filter, MessageState, MessageSummary};

#[derive(Debug, Args)]
pub(super) struct Query {
    /// Only what this partner sent
    #[arg(long)]
    partner: Option<String>,
    /// Only what this route took
    #[arg(long)]
    route: Option<String>,
    /// Only messages in this state: accepted, delivered, rejected, parked, done, queued, discarded, superseded
    #[arg(long, value_parser = state)]
    state: Option<MessageState>,
    /// Only messages with this order key
    #[arg(long)]
    key: Option<String>,
    /// Only what came at this time or later: 2026-03-02T12:00:00Z, or 1h for an hour ago
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    /// Only what came before this time
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Timestamp>,
    /// Only what came before the message with this id: the next page
    #[arg(long, value_name = "ID")]
    before: Option<String>,
    /// At most so many, the newest
    #[arg(long, default_value_t = 50)]
    limit: usize,
}

fn state(name: &str) -> Result<MessageState, String> {
    let names: Vec<&str> = MessageState::ALL.iter().map(|state| state.name()).collect();
    MessageState::from_name(name).ok_or_else(|| format!("it is one of {}", names.join(", ")))
}

/// A time, or how long ago it was.
fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let ago = engine::duration_of(text).and_then(|ago| SignedDuration::try_from(ago).ok());
    let time = ago.and_then(|ago| Timestamp::now().checked_sub(ago).ok());
    time.ok_or_else(|| "it is a time, 2026-03-02T12:00:00Z, or a duration, 30m, 1h, 7d".to_owned())
}

pub(super) fn run(store: &Reader, query: &Query, format: Format) -> Result<Status, Failure> {
    let filter = Filter {
        partner: query.partner.clone(),
        route: query.route.clone(),
        state: query.state,
        key: query.key.clone(),
        since: query.since,
        until: query.until,
        before: query.before.clone(),
        limit: query.limit,
    };
    let mut messages = store.list(&filter)?;
    messages.reverse();
    match format {
        Format::Json => {
            let messages: Vec<Value> = messages.iter().map(message_json).collect();
            anstream::println!("{}", serde_json::to_string_pretty(&messages)?);
        }
        Format::Text if messages.is_empty() => anstream::println!("no messages"),
        Format::Text => {
            for message in &messages {
                anstream::print!("{}", text(message));
            }
        }
    }
    Ok(Status::Ok)
}

/// One message and its deliveries, for people.
pub(super) fn text(message: &MessageSummary) -> String {
    let mut text = format!(
        "{}  {}  {} {} {}\n",
        message.id,
        message.received_at.strftime("%Y-%m-%d %H:%M:%S"),
        coloured(message.state.name()),
        message.channel,
        // What nobody sent has no type, but a route that caused it.
        message.message_type.as_deref().or(message.route.as_deref()).unwrap_or("-"),
    );
    if let Some(detail) = detail(message.fault.as_deref()) {
        text.push_str(&format!("    {detail}\n"));
    }
    for delivery in &message.deliveries {
        text.push_str(&delivery_text(delivery));
    }
    text
}

fn delivery_text(delivery: &DeliverySummary) -> String {
    let attempts = match delivery.attempts {
        1 => "1 attempt".to_owned(),
        attempts => format!("{attempts} attempts"),
    };
    let due = match delivery.next_due {
        Some(due) => format!(", next {}", due.strftime("%H:%M:%S")),
        None => String::new(),
    };
    let fault = match detail(delivery.last_fault.as_deref()) {
        Some(detail) => format!(": {detail}"),
        None => String::new(),
    };
    let state = coloured(delivery.state.name());
    format!("    -> {:32} {state} {attempts}{due}{fault}\n", delivery.endpoint)
}

/// One message and its deliveries, for programs.
pub(super) fn message_json(message: &MessageSummary) -> Value {
    json!({
        "id": message.id,
        "received_at": message.received_at.to_string(),
        "state": message.state.name(),
        "partner": message.partner,
        "channel": message.channel,
        "type": message.message_type,
        "route": message.route,
        "key": message.key,
        "fault": fault_json(message.fault.as_deref()),
        "deliveries": message.deliveries.iter().map(delivery_json).collect::<Vec<_>>(),
    })
}

fn delivery_json(delivery: &DeliverySummary) -> Value {
    json!({
        "id": delivery.id,
        "endpoint": delivery.endpoint,
        "route": delivery.route,
        "step": delivery.step,
        "state": delivery.state.name(),
        "attempts": delivery.attempts,
        "next_due": delivery.next_due.map(|due| due.to_string()),
        "fault": fault_json(delivery.last_fault.as_deref()),
    })
}
