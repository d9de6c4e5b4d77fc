//! One message with everything that is known of it; payloads only when they are asked for.

use std::path::Path;

use clap::Args;
use engine::value::pretty;
use serde_json::Value;

use super::super::configuration;
use super::{Failure, Format, Source, Status, coloured, detail, segment, store, text_of};
use crate::view::{self, Payload};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The message's id, as `tolmach messages` lists it
    id: String,
    /// Show the bodies too: what came, what was answered, what was sent and what came back
    #[arg(long)]
    payload: bool,
}

pub(super) fn run(source: Source<'_>, arguments: &Arguments, format: Format) -> Result<Status, Failure> {
    let message = match source {
        Source::Process(remote) => {
            let payload = if arguments.payload { "true" } else { "false" };
            remote.get(&format!("/messages/{}", segment(&arguments.id)), &[("payload", payload)])?
        }
        Source::File { store, folder } => read(store, folder, arguments)?,
    };
    match format {
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&message)?),
        Format::Text => anstream::print!("{}", text(&message, arguments.payload)),
    }
    Ok(Status::Ok)
}

/// From the file; what is sensitive in the bodies is told by the configuration as it is now.
fn read(file: &Path, folder: &Path, arguments: &Arguments) -> Result<Value, Failure> {
    let Some(message) = store::open(file)?.show(&arguments.id)? else {
        return Err(format!("there is no message {}", arguments.id).into());
    };
    if !arguments.payload {
        return Ok(view::detail(&message, Payload::Hidden));
    }
    let compiled = configuration::compile(folder, &configuration::offline())?;
    match &compiled.engine {
        Some(engine) => Ok(view::detail(&message, Payload::Masked(engine))),
        None => Err("the configuration has mistakes: what is sensitive in the bodies is not known; \
                     `tolmach check` tells them"
            .into()),
    }
}

fn text(message: &Value, payload: bool) -> String {
    let answered = message["answer"]["status"].as_u64();
    let mut text = format!(
        "message   {}\nreceived  {}\nstate     {}\nchannel   {}\ntype      {}\nroute     {}\nkey       {}\nanswered  {}\n",
        text_of(message, "id"),
        text_of(message, "received_at"),
        coloured(text_of(message, "state")),
        text_of(message, "channel"),
        text_of(message, "type"),
        text_of(message, "route"),
        text_of(message, "key"),
        answered.map_or_else(|| "-".to_owned(), |status| status.to_string()),
    );
    if let Some(detail) = detail(&message["fault"]) {
        text.push_str(&format!("fault     {detail}\n"));
    }
    // What runs by itself came from nobody, and nobody was answered.
    if payload && answered.is_some() {
        text.push_str(&body("came", &message["body"]));
        text.push_str(&headers("was answered", &message["answer"]["headers"]));
        text.push_str(&body("was answered", &message["answer"]["body"]));
    }
    for delivery in message["deliveries"].as_array().into_iter().flatten() {
        text.push_str(&format!(
            "\ndelivery  {}\nto        {}  {} {}\nstep      {} {}\nstate     {}\n",
            text_of(delivery, "id"),
            text_of(delivery, "endpoint"),
            text_of(delivery, "method"),
            text_of(delivery, "url"),
            text_of(delivery, "route"),
            text_of(delivery, "step"),
            coloured(text_of(delivery, "state")),
        ));
        for attempt in delivery["attempt_list"].as_array().into_iter().flatten() {
            text.push_str(&attempt_text(attempt));
        }
        if payload {
            text.push_str(&payloads(delivery));
        }
    }
    text
}

fn attempt_text(attempt: &Value) -> String {
    let status = attempt["status"].as_u64().map_or_else(String::new, |status| format!(" HTTP {status}"));
    let fault = detail(&attempt["fault"]).map_or_else(String::new, |detail| format!(": {detail}"));
    let outcome = coloured(text_of(attempt, "outcome"));
    format!("  attempt {}  {}  {outcome}{status}{fault}\n", attempt["number"], text_of(attempt, "ended_at"))
}

fn payloads(delivery: &Value) -> String {
    let mut text = headers("was sent", &delivery["headers"]);
    text.push_str(&match delivery["content_type"].as_str() {
        Some("") | None => body("was sent", &Value::Null),
        Some(_) => body("was sent", &delivery["body"]),
    });
    let last = delivery["attempt_list"].as_array().and_then(|attempts| attempts.last());
    if let Some(response) = last.map(|attempt| &attempt["response"]).filter(|response| !response.is_null()) {
        text.push_str(&body("came back", response));
    }
    text
}

/// Those that a contract or a route sets.
fn headers(what: &str, headers: &Value) -> String {
    let line = |pair: &Value| Some(format!("  {what}: {}: {}\n", pair[0].as_str()?, pair[1].as_str()?));
    headers.as_array().into_iter().flatten().filter_map(line).collect()
}

fn body(what: &str, body: &Value) -> String {
    let body = body.as_str().unwrap_or_default();
    if body.is_empty() {
        return format!("  {what}: nothing\n");
    }
    let indented: Vec<String> = pretty(body.as_bytes()).lines().map(|line| format!("    {line}")).collect();
    format!("  {what}:\n{}\n", indented.join("\n"))
}
