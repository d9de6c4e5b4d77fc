//! Where examples are tried: the configuration of a page, with one route added for the example at hand.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use engine::diagnostic::{Diagnostic, Severity, render};
use engine::value::{Arena, Limits, read};
use engine::{
    Bundle, Compiled, Concluded, Engine, Environment, File, Ids, Inbound, Outcome, Records, Response,
    Unavailable, Workspace, World, compile,
};
use uuid::Uuid;

use crate::heap;
use crate::page::Block;

/// An example stands where an integrator would write it.
const EXAMPLE: &str = "mappings/bank/example.yaml";
const NAME: &str = "bank/example";
const CONTRACT: &str = "mappings/example/partner.yaml";
const TAIL: &str = "receive: example/in\nmessage: Example\nsend: example/out\n";
const PARTNER: &str = r#"
partner: example
channels:
  in: {post: "/example/{id}", auth: none, message: "'Example'", messages: {Example: null}}
endpoints:
  out: {post: "http://example.test/"}
"#;

/// The variables that the pages' settings have no default for.
const SECRETS: [&str; 5] =
    ["ACQUIRER_KEY", "ACQUIRER_PASSWORD", "BANK_CALLBACK_TOKEN", "BANK_CLIENT_SECRET", "SHOP_PASSWORD"];

/// The configuration of a page, and the state its examples meet.
pub struct Bench {
    files: Vec<File>,
    pub state: State,
    pub inbound: Inbound,
}

/// Records by name, each a list of JSON objects.
#[derive(Default)]
pub struct State(BTreeMap<String, Vec<serde_json::Value>>);

/// Ids that are the same in every run.
#[derive(Default)]
pub struct Series(AtomicU64);

/// What an example gave.
pub enum Given {
    Json(String),
    /// The faults, one a line.
    Faults(Vec<engine::Fault>),
    /// It does not compile: what `tolmach check` prints.
    Mistakes(Compiled),
}

impl Bench {
    pub fn new(blocks: &[Block]) -> Self {
        let mut files = Vec::new();
        let mut bench_state = State::default();
        for block in blocks {
            let name = block.info.split_once(' ').map_or("", |(_, name)| name);
            if name.starts_with("mappings/") || name.starts_with("schemas/") {
                files.push(File { path: name.to_owned(), bytes: block.text.clone().into() });
            } else if block.info == "json records" {
                bench_state = State(serde_json::from_str(&block.text).expect("records by name"));
            }
        }
        Self { files, state: bench_state, inbound: Inbound::default() }
    }

    /// The examples' messages come with this request: `POST /example/42?page=2`, then headers.
    pub fn request(&mut self, http: &str) {
        let mut lines = http.lines();
        let target = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a request line");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let id = path.rsplit('/').next().unwrap_or_default();
        self.inbound.path_params = vec![pair(("id", id))];
        self.inbound.query = query.split('&').filter_map(|part| part.split_once('=')).map(pair).collect();
        let headers = lines.filter_map(|line| line.split_once(": "));
        self.inbound.headers = headers.map(|(name, value)| pair((&*name.to_lowercase(), value))).collect();
    }

    /// The page's own configuration, with more files.
    pub fn compile(&self, more: &[(&str, &str)]) -> Compiled {
        let mut files = self.files.clone();
        for (path, text) in more {
            files.push(File { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() });
        }
        let variables = SECRETS.map(|name| (name.to_owned(), "secret".to_owned())).into();
        let environment = Environment { variables, ..Environment::default() };
        compile(&Bundle::from_iter(files), &environment)
    }

    /// The page's configuration with the example's route, and a contract for it unless the page has its own.
    fn example(&self, route: &str) -> Compiled {
        let own = self.files.iter().any(|file| file.path == CONTRACT);
        let both = [(EXAMPLE, route), (CONTRACT, PARTNER)];
        self.compile(if own { &both[..1] } else { &both })
    }

    /// What the rows of a mapping make of `input`.
    pub fn rules(&self, rows: &str, input: &str) -> Given {
        let compiled = self.example(&format!("{rows}{TAIL}"));
        let Some(engine) = &compiled.engine else { return Given::Mistakes(compiled) };
        let (mut workspace, series) = (Workspace::default(), Series::default());
        let (body, world) = (input.as_bytes(), || self.world(&series));
        let mapped = engine.map(NAME, body, &self.inbound, world(), &mut workspace);
        let given = outcome(mapped.expect("the example's route").map(|sent| sent[0].to_vec()));
        if let Given::Json(_) = given {
            heap::is_left_alone(&format!("{rows}{input}"), || {
                drop(engine.map(NAME, body, &self.inbound, world(), &mut workspace));
            });
        }
        given
    }

    /// What the rows of a mapping make of a delivery that was answered with `response`.
    pub fn rules_after(&self, rows: &str, input: &str, (request, response): (&str, &str)) -> Given {
        let step: String = rows.lines().map(|line| format!("      {line}\n")).collect();
        let route = format!("{TAIL}copy: '@'\nthen:\n  delivered:\n    - send: example/out\n{step}");
        let compiled = self.example(&route);
        let Some(engine) = &compiled.engine else { return Given::Mistakes(compiled) };
        let (arena, series) = (Arena::new(), Series::default());
        let concluded = concluded(NAME, "send", "example/out", (input, request, response));
        let followed = engine.follow(concluded, &self.inbound, self.world(&series), &arena);
        outcome(
            followed
                .map(|followed| followed.deliveries.into_iter().next().expect("one delivery").request.body),
        )
    }

    pub fn world<'w>(&'w self, series: &'w Series) -> World<'w> {
        let now = "2026-03-02T09:16:31Z".parse().expect("a time");
        World { now, ids: series, records: &self.state }
    }

    pub fn engine(&self) -> Engine {
        let compiled = self.compile(&[]);
        assert!(errors(&compiled).is_empty(), "{}", rendered(compiled));
        compiled.engine.expect("no error")
    }
}

/// A delivery whose response means that it was taken.
pub fn concluded<'a>(
    route: &'a str,
    step: &'a str,
    endpoint: &'a str,
    (message, request, response): (&'a str, &'a str, &'a str),
) -> Concluded<'a> {
    Concluded {
        route,
        step,
        endpoint,
        message: message.as_bytes(),
        key: None,
        request: request.as_bytes(),
        response: Some(Response { status: 200, body: response.as_bytes() }),
        outcome: Outcome::Delivered,
    }
}

fn outcome(result: Result<Vec<u8>, Vec<engine::Fault>>) -> Given {
    match result {
        Ok(json) => Given::Json(String::from_utf8(json).expect("UTF-8")),
        Err(faults) => Given::Faults(faults),
    }
}

/// The errors among the diagnostics; a page may declare what only its examples use, which is a warning.
pub fn errors(compiled: &Compiled) -> Vec<Diagnostic> {
    let all = compiled.diagnostics.iter();
    all.filter(|diagnostic| diagnostic.severity == Severity::Error).cloned().collect()
}

/// The errors as `tolmach check` prints them.
pub fn rendered(compiled: Compiled) -> String {
    let mut sorted = compiled.diagnostics.into_sorted(&compiled.sources);
    sorted.retain(|diagnostic| diagnostic.severity == Severity::Error);
    render::text::render(&sorted, &compiled.sources, false)
}

/// The same JSON without blanks: order and digits stay.
pub fn compact(json: &str) -> String {
    let arena = Arena::new();
    let value =
        read(json.as_bytes(), &arena, &Limits::default()).unwrap_or_else(|error| panic!("{error}: {json}"));
    let mut text = Vec::new();
    value.write_json(&mut text);
    String::from_utf8(text).expect("UTF-8")
}

impl Records for State {
    fn find(&self, name: &str, field: &str, value: &str) -> Result<Option<String>, Unavailable> {
        let records = self.0.get(name).map_or(&[][..], Vec::as_slice);
        Ok(records.iter().find(|record| record[field] == value).map(ToString::to_string))
    }

    fn list(
        &self,
        name: &str,
        filter: Option<(&str, &str)>,
        limit: usize,
    ) -> Result<Vec<String>, Unavailable> {
        let records = self.0.get(name).map_or(&[][..], Vec::as_slice);
        let text = |value: &serde_json::Value| value.as_str().map_or(value.to_string(), str::to_owned);
        let wanted =
            records.iter().filter(|record| filter.is_none_or(|(field, value)| text(&record[field]) == value));
        Ok(wanted.take(limit).map(ToString::to_string).collect())
    }
}

impl Ids for Series {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1)
    }
}
