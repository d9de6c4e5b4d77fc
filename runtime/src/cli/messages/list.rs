//! The last messages, each with its deliveries.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::{Failure, Format, Remote, Source, Status, coloured, detail, store, text_of};
use crate::store::{Filter, MessageState};
use crate::view;

/// Messages that are asked for at once.
const PAGE: usize = 1000;

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

/// The newest last.
pub(super) fn run(source: Source<'_>, query: &Query, format: Format) -> Result<Status, Failure> {
    let mut messages = match source {
        Source::Process(remote) => asked(remote, query)?,
        Source::File { store, .. } => {
            store::open(store)?.list(&query.filter())?.iter().map(view::summary).collect()
        }
    };
    messages.reverse();
    match format {
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&messages)?),
        Format::Text if messages.is_empty() => anstream::println!("no messages"),
        Format::Text => {
            for message in &messages {
                anstream::print!("{}", text(message));
            }
        }
    }
    Ok(Status::Ok)
}

/// Page by page, as the process gives them.
fn asked(remote: &Remote, query: &Query) -> Result<Vec<Value>, Failure> {
    let mut messages: Vec<Value> = Vec::new();
    while messages.len() < query.limit {
        let limit = (query.limit - messages.len()).min(PAGE);
        let last = messages.last().and_then(|last| last["id"].as_str()).map(str::to_owned);
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let pairs = [
            ("partner", query.partner.clone()),
            ("route", query.route.clone()),
            ("state", query.state.map(|state| state.name().to_owned())),
            ("key", query.key.clone()),
            ("since", time(query.since)),
            ("until", time(query.until)),
            ("before", last.or_else(|| query.before.clone())),
            ("limit", Some(limit.to_string())),
        ];
        let pairs: Vec<(&str, &str)> =
            pairs.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))).collect();
        let page = remote.get("/messages", &pairs)?;
        let page = page.as_array().cloned().unwrap_or_default();
        let whole = page.len() == limit;
        messages.extend(page);
        if !whole {
            break;
        }
    }
    Ok(messages)
}

impl Query {
    fn filter(&self) -> Filter {
        Filter {
            partner: self.partner.clone(),
            route: self.route.clone(),
            state: self.state,
            key: self.key.clone(),
            since: self.since,
            until: self.until,
            before: self.before.clone(),
            limit: self.limit,
        }
    }
}

/// One message and its deliveries, for people.
fn text(message: &Value) -> String {
    let received: Option<Timestamp> = text_of(message, "received_at").parse().ok();
    let mut text = format!(
        "{}  {}  {} {} {}\n",
        text_of(message, "id"),
        received.unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S"),
        coloured(text_of(message, "state")),
        text_of(message, "channel"),
        // What nobody sent has no type, but a route that caused it.
        message["type"].as_str().or(message["route"].as_str()).unwrap_or("-"),
    );
    if let Some(detail) = detail(&message["fault"]) {
        text.push_str(&format!("    {detail}\n"));
    }
    for delivery in message["deliveries"].as_array().into_iter().flatten() {
        text.push_str(&delivery_text(delivery));
    }
    text
}

fn delivery_text(delivery: &Value) -> String {
    let attempts = match delivery["attempts"].as_u64() {
        Some(1) => "1 attempt".to_owned(),
        attempts => format!("{} attempts", attempts.unwrap_or_default()),
    };
    let due: Option<Timestamp> = delivery["next_due"].as_str().and_then(|due| due.parse().ok());
    let due = match due {
        Some(due) => format!(", next {}", due.strftime("%H:%M:%S")),
        None if delivery["behind"] == true => ", behind another of its key".to_owned(),
        None => String::new(),
    };
    let fault = detail(&delivery["fault"]).map_or_else(String::new, |detail| format!(": {detail}"));
    let state = coloured(text_of(delivery, "state"));
    format!("    -> {:32} {state} {attempts}{due}{fault}\n", text_of(delivery, "endpoint"))
}
