//! `docs/language.md`: every block is run, every key has its row.

use std::collections::{BTreeSet, VecDeque};

use engine::document::{Key, contract, route, rule};
use engine::value::Arena;
use engine::{Answering, Engine, Inbound, Outcome, Response, Verdict};

use crate::bench::{Bench, Given, Series, compact, concluded, rendered};
use crate::page::{Block, blocks, entries};

const PAGE: &str = include_str!("../../../docs/language.md");

#[test]
fn every_example_gives_what_it_says() {
    let blocks = blocks(PAGE);
    let bench = Bench::new(&blocks);
    let mut example = Example::default();
    for block in &blocks {
        match block.info.as_str() {
            "yaml rule" => example = Example { rows: Some(block), ..Example::default() },
            "json input" => example.input = Some(block),
            "json output" => assert_eq!(example.json(&bench), compact(&block.text), "line {}", block.line),
            "text fault" => assert_eq!(example.faults(&bench), block.text.trim(), "line {}", block.line),
            "text diagnostics" => {
                assert_eq!(example.mistakes(&bench), block.text.trim(), "line {}", block.line)
            }
            wrong if wrong.starts_with("yaml wrong ") => example.wrong = Some(block),
            "text" | "json records" => {}
            other => assert!(is_file(other) || is_told(other), "line {}: what is `{other}`?", block.line),
        }
    }
}

#[test]
fn the_story_happens_as_it_is_told() {
    let blocks = blocks(PAGE);
    let bench = Bench::new(&blocks);
    let engine = bench.engine();
    let mut story = Story { bench: &bench, engine: &engine, told: VecDeque::new(), message: "", sent: None };
    for block in &blocks {
        let (kind, name) =
            block.info.strip_prefix("json ").unwrap_or_default().split_once(' ').unwrap_or_default();
        match kind {
            "received" => story.received(name, &block.text),
            "response" => story.response(name, &block.text),
            "answered" | "recorded" | "sent" => story.tell(kind, name, block),
            _ => {}
        }
    }
    assert!(story.told.is_empty(), "the page does not tell of {:?}", story.told);
}

#[test]
fn every_key_has_its_row() {
    let told: BTreeSet<&str> = entries(PAGE).collect();
    let keys = |keys: &'static [Key]| keys.iter().map(|key| key.name);
    let keys = keys(contract::KEYS).chain(keys(contract::codes::KEYS)).chain(keys(contract::RECORD));
    for key in keys.chain(route::KEYS.iter().chain(rule::KEYS).map(|key| key.name)) {
        assert!(told.contains(key), "`{key}` has no row");
    }
}

fn is_file(info: &str) -> bool {
    info.split_once(' ')
        .is_some_and(|(_, name)| name.starts_with("mappings/") || name.starts_with("schemas/"))
}

fn is_told(info: &str) -> bool {
    ["received", "answered", "recorded", "sent", "response"]
        .iter()
        .any(|kind| info.strip_prefix("json ").is_some_and(|rest| rest.starts_with(kind)))
}

/// Rules and what they are tried on.
#[derive(Default)]
struct Example<'b> {
    rows: Option<&'b Block>,
    input: Option<&'b Block>,
    wrong: Option<&'b Block>,
}

impl Example<'_> {
    fn run(&self, bench: &Bench) -> Given {
        let input = self.input.expect("an input stands before the output");
        bench.rules(&self.rows.expect("rules stand before the input").text, &input.text)
    }

    fn json(&self, bench: &Bench) -> String {
        match self.run(bench) {
            Given::Json(json) => json,
            Given::Faults(faults) => panic!("faults: {faults:#?}"),
            Given::Mistakes(compiled) => panic!("{}", rendered(compiled)),
        }
    }

    fn faults(&self, bench: &Bench) -> String {
        match self.run(bench) {
            Given::Json(json) => panic!("no fault: {json}"),
            Given::Faults(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            Given::Mistakes(compiled) => panic!("{}", rendered(compiled)),
        }
    }

    fn mistakes(&self, bench: &Bench) -> String {
        let wrong = self.wrong.expect("a wrong file stands before its diagnostics");
        let path = wrong.info.strip_prefix("yaml wrong ").unwrap_or_default();
        rendered(bench.compile(&[(path, &wrong.text)])).trim().to_owned()
    }
}

/// A conversation: what happened and is still to be told.
struct Story<'s> {
    bench: &'s Bench,
    engine: &'s Engine,
    told: VecDeque<Event>,
    message: &'s str,
    /// The last delivery that was told of.
    sent: Option<Event>,
}

/// Something a message caused.
#[derive(Debug, Default)]
struct Event {
    /// `sent bank/create_application`
    what: String,
    json: String,
    route: String,
    step: String,
}

impl<'s> Story<'s> {
    fn received(&mut self, channel: &str, message: &'s str) {
        assert!(self.told.is_empty(), "the page does not tell of {:?}", self.told);
        let (arena, inbound, series) = (Arena::new(), Inbound::default(), Series::default());
        let world = self.bench.world(&series);
        let channel = self.engine.channels().find(|known| *known.name == *channel).expect("a channel");
        let received =
            self.engine.open(channel, message.as_bytes(), &inbound, world, &arena).expect("a message");
        let done = self.engine.translate(channel, &received, &inbound, world, &arena).expect("no fault");
        let Answering::Now(reply) = done.answering else { panic!("a call") };
        let what = format!("answered {}", reply.status);
        self.told.push_back(Event { what, json: text(reply.body), ..Event::default() });
        self.happened(done.records, done.deliveries);
        self.message = message;
    }

    fn response(&mut self, status: &str, body: &'s str) {
        assert!(self.told.is_empty(), "the page does not tell of {:?}", self.told);
        let (arena, inbound, series) = (Arena::new(), Inbound::default(), Series::default());
        let world = self.bench.world(&series);
        let sent = self.sent.take().expect("a delivery");
        let name = sent.what.trim_start_matches("sent ");
        let endpoint = self.engine.endpoint(name).expect("an endpoint");
        let response = Response { status: status.parse().expect("a status"), body: body.as_bytes() };
        let verdict = self.engine.verdict(endpoint, sent.json.as_bytes(), response, world, &arena);
        let outcome = match verdict.expect("a response") {
            Verdict::Delivered => Outcome::Delivered,
            Verdict::Rejected => Outcome::Rejected,
            Verdict::Retry => Outcome::Failed,
        };
        let mut concluded = concluded(&sent.route, &sent.step, name, (self.message, &sent.json, body));
        (concluded.response, concluded.outcome) = (Some(response), outcome);
        let followed = self.engine.follow(concluded, &inbound, world, &arena).expect("no fault");
        self.happened(followed.records, followed.deliveries);
    }

    fn happened(&mut self, records: Vec<engine::RecordWrite>, deliveries: Vec<engine::Delivery>) {
        for record in records {
            let what = format!("recorded {}", record.record.name);
            self.told.push_back(Event { what, json: text(record.json), ..Event::default() });
        }
        for delivery in deliveries {
            let what = format!("sent {}", delivery.request.endpoint);
            let step = delivery.step.to_string();
            let (json, route) = (text(delivery.request.body), delivery.route.to_string());
            self.told.push_back(Event { what, json, route, step });
        }
    }

    fn tell(&mut self, kind: &str, name: &str, block: &Block) {
        let event = self.told.pop_front().expect("something happened");
        assert_eq!(event.what, format!("{kind} {name}"), "line {}", block.line);
        let told = if block.text.is_empty() { String::new() } else { compact(&block.text) };
        assert_eq!(event.json, told, "line {}", block.line);
        if kind == "sent" {
            self.sent = Some(event);
        }
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}
