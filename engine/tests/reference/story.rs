//! A conversation: what comes in, and everything that it causes, told block by block.
//!
//! | block | |
//! |---|---|
//! | `json received CHANNEL`, `http received CHANNEL` | a message comes in, by its body alone or as a whole request |
//! | `text due ROUTE` | a route runs by itself |
//! | `json response STATUS`, `text response STATUS`, `text response none` | the endpoint last told of responds, or does not |
//! | `json answered STATUS`, `text answered STATUS`, `http answered STATUS` | what the caller gets; `text answered none` |
//! | `json called ENDPOINT`, `json sent ENDPOINT`, `http …` | a request, by its body alone or with its line and headers |
//! | `json recorded RECORD` | what is remembered |
//! | `text faults` | what is wrong with it, and what becomes of it unless it is refused |

use std::collections::VecDeque;

use engine::value::Arena;
use engine::{
    Answering, Delivery, Engine, Fault, Inbound, Outcome, Policy, RecordWrite, Reply, Request, Response,
    Verdict, policy,
};

use crate::bench::{Bench, Series, compact, concluded};
use crate::page::Block;

const KINDS: [&str; 8] = ["received", "due", "response", "answered", "called", "sent", "recorded", "faults"];

pub fn is_told(info: &str) -> bool {
    let mut words = info.split(' ');
    matches!(words.next(), Some("json" | "text" | "http"))
        && words.next().is_some_and(|kind| KINDS.contains(&kind))
}

/// Everything that a page tells happens, and nothing else does.
pub fn happens(blocks: &[Block]) {
    let bench = Bench::new(blocks);
    let engine = bench.engine();
    let mut story =
        Story { bench: &bench, engine: &engine, told: VecDeque::new(), message: None, asked: None };
    for block in blocks.iter().filter(|block| is_told(&block.info)) {
        let mut words = block.info.split(' ').skip(1);
        let (kind, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match kind {
            "received" => story.received(name, block),
            "due" => story.due(name),
            "response" => story.response(name, block),
            _ => story.tell(kind, name, block),
        }
    }
    assert!(story.told.is_empty(), "the page does not tell of {:?}", story.told);
}

struct Story<'s> {
    bench: &'s Bench,
    engine: &'s Engine,
    /// What happened and is still to be told.
    told: VecDeque<Event>,
    /// What came in last.
    message: Option<(Inbound, String)>,
    /// The request that was told of last.
    asked: Option<Event>,
}

#[derive(Debug, Default)]
struct Event {
    /// `sent bank/create_application`
    what: String,
    /// The line and the headers of a request or an answer.
    head: String,
    body: String,
    route: String,
    step: String,
}

impl<'s> Story<'s> {
    fn received(&mut self, channel: &str, block: &Block) {
        self.nothing_is_left(block);
        let channel = self.engine.channel(channel).expect("a channel");
        let (inbound, body) = match block.info.starts_with("http") {
            true => request(channel.door.as_ref().map_or("", |(_, path)| path), &block.text),
            false => (Inbound::default(), block.text.trim_end().to_owned()),
        };
        let (arena, series) = (Arena::new(), Series::default());
        let world = self.bench.world(&series);
        let opened = self.engine.open(channel, body.as_bytes(), &inbound, world, &arena);
        let done = opened
            .map_err(|fault| vec![fault])
            .and_then(|received| self.engine.translate(channel, &received, &inbound, world, &arena));
        match done {
            Err(faults) => self.faults(faults),
            Ok(done) => {
                match done.answering {
                    Answering::Now(reply) => self.answered(Some(reply)),
                    Answering::Call(call) => {
                        let event = event("called", call.request);
                        self.told.push_back(Event { route: call.route.into(), ..event });
                    }
                }
                self.happened(done.records, done.deliveries);
            }
        }
        self.message = Some((inbound, body));
    }

    fn due(&mut self, route: &str) {
        assert!(self.told.is_empty(), "the page does not tell of {:?}", self.told);
        let (arena, inbound, series) = (Arena::new(), Inbound::default(), Series::default());
        match self.engine.unprompted(route, &inbound, self.bench.world(&series), &arena) {
            Err(faults) => self.faults(faults),
            Ok(None) => {}
            Ok(Some(done)) => self.happened(done.records, done.deliveries),
        }
        self.message = Some((inbound, "{}".to_owned()));
    }

    fn response(&mut self, status: &str, block: &Block) {
        self.nothing_is_left(block);
        let asked = self.asked.take().expect("a request was told of");
        let (kind, endpoint) = asked.what.split_once(' ').expect("called or sent");
        let (arena, series) = (Arena::new(), Series::default());
        let world = self.bench.world(&series);
        let response =
            status.parse().ok().map(|status| Response { status, body: block.text.trim_end().as_bytes() });
        let contract = self.engine.endpoint(endpoint).expect("an endpoint");
        let verdict = response.map(|response| {
            self.engine.verdict(contract, asked.body.as_bytes(), response, world, &arena).expect("a response")
        });
        let outcome = match verdict {
            Some(Verdict::Delivered) => Outcome::Delivered,
            Some(Verdict::Rejected) => Outcome::Rejected,
            Some(Verdict::Retry) | None => Outcome::Failed,
        };
        let (inbound, message) = self.message.clone().expect("a message");
        let mut concluded = concluded(&asked.route, &asked.step, endpoint, (&message, &asked.body, ""));
        (concluded.response, concluded.outcome) = (response, outcome);
        if kind == "called" {
            match self.engine.called(concluded, &inbound, world, &arena) {
                Err(faults) => self.faults(faults),
                Ok(answered) => {
                    self.answered(answered.reply);
                    self.happened(answered.records, answered.deliveries);
                }
            }
            return;
        }
        let none = Inbound::default();
        match self.engine.follow(concluded, &none, world, &arena) {
            Err(faults) => self.faults(faults),
            Ok(followed) => self.happened(followed.records, followed.deliveries),
        }
    }

    fn answered(&mut self, reply: Option<Reply>) {
        let Some(reply) = reply else {
            return self.told.push_back(Event { what: "answered none".to_owned(), ..Event::default() });
        };
        let content_type = (Box::from("content-type"), reply.content_type.into());
        let headers = std::iter::once(content_type).chain(reply.headers);
        self.told.push_back(Event {
            what: format!("answered {}", reply.status),
            head: lines(headers),
            body: text(reply.body),
            ..Event::default()
        });
    }

    fn happened(&mut self, records: Vec<RecordWrite>, deliveries: Vec<Delivery>) {
        for record in records {
            let what = format!("recorded {}", record.record.name);
            self.told.push_back(Event { what, body: text(record.json), ..Event::default() });
        }
        for delivery in deliveries {
            let (route, step) = (delivery.route.into(), delivery.step.into());
            self.told.push_back(Event { route, step, ..event("sent", delivery.request) });
        }
    }

    fn faults(&mut self, faults: Vec<Fault>) {
        let mut lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        if policy(&faults) != Policy::Refuse {
            lines.push(format!("-> {:?}", policy(&faults)));
        }
        let what = "faults ".to_owned();
        self.told.push_back(Event { what, body: lines.join("\n"), ..Event::default() });
    }

    fn tell(&mut self, kind: &str, name: &str, block: &Block) {
        let Some(event) = self.told.pop_front() else { panic!("line {}: nothing happened", block.line) };
        assert_eq!(event.what, format!("{kind} {name}"), "line {}: {event:?}", block.line);
        let told = block.text.trim_end();
        let (format, _) = block.info.split_once(' ').unwrap_or_default();
        match format {
            "json" if told.is_empty() => assert_eq!(event.body, "", "line {}", block.line),
            "json" => assert_eq!(compact(&event.body), compact(told), "line {}", block.line),
            "http" => {
                let whole = format!("{}\n{}", event.head, event.body);
                assert_eq!(whole.trim_end(), told, "line {}", block.line);
            }
            _ => assert_eq!(event.body, told, "line {}", block.line),
        }
        if kind == "sent" || kind == "called" {
            self.asked = Some(event);
        }
    }

    fn nothing_is_left(&self, block: &Block) {
        assert!(self.told.is_empty(), "line {}: the page does not tell of {:?}", block.line, self.told);
    }
}

fn event(kind: &str, request: Request) -> Event {
    Event {
        what: format!("{kind} {}", request.endpoint),
        head: format!("{} {}\n{}", request.method.as_str(), request.url, lines(request.headers)),
        body: text(request.body),
        ..Event::default()
    }
}

fn lines(headers: impl IntoIterator<Item = (Box<str>, String)>) -> String {
    headers.into_iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

/// `GET /orders/42?page=2`, headers, an empty line and the body.
fn request(pattern: &str, http: &str) -> (Inbound, String) {
    let (head, body) = http.split_once("\n\n").unwrap_or((http, ""));
    let mut lines = head.lines();
    let target = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a request line");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let params = pattern.split('/').zip(path.split('/')).filter_map(|(name, value)| {
        let name = name.strip_prefix('{')?.strip_suffix('}')?;
        Some((name.to_owned(), value.to_owned()))
    });
    let inbound = Inbound {
        headers: lines.filter_map(|line| line.split_once(": ")).map(pair).collect(),
        query: query.split('&').filter_map(|part| part.split_once('=')).map(pair).collect(),
        path_params: params.collect(),
    };
    (inbound, if body.trim().is_empty() { "{}".to_owned() } else { body.to_owned() })
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}
