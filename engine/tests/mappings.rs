//! Mappings over messages: every key of a rule, and what a message with a fault leads to.
//!
//! A case is one file in `mappings/`: sections of a contract (`settings`, `codes`, `records`) and of a route (`map`,
//! `record`, …), a `script`, the `schema` of what is sent, `files` of rows, the records that are `known`, and
//! `messages`. What becomes of each message stands beside it, in `<case>.snap`. The lines that faults name are those of the case's file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use engine::diagnostic::{Diagnostics, render};
use engine::document::{Node, yaml};
use engine::source::Sources;
use engine::value::Arena;
use engine::{
    Bundle, Engine, Environment, Fault, File, Ids, Inbound, Records, Translation, Unavailable, World,
    compile, policy,
};

/// A message holds this wherever its value must not be told.
const SECRET: &str = "SECRETVALUE";

/// The sections that go into the contract; those below stay in the test; all others are of the route.
const CONTRACT: [&str; 3] = ["codes", "records", "settings"];
const TEST: [&str; 5] = ["files", "known", "messages", "schema", "script"];

const CONTRACT_END: &str = "
partner: bank
channels: {inbox: {post: /bank, auth: none, message: \"'Message'\", messages: {Message: null}}}
endpoints: {take: {post: \"https://bank.example\", request: bank/take}}
";

const ROUTE_END: &str = "
receive: inbox
message: Message
send: take
";

#[test]
fn what_becomes_of_messages() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("mappings");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for path in cases() {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        insta::assert_snapshot!(&*name, Case::read(&name, &path).run());
    }
}

/// A megabyte of elements, each of which costs far more than its bytes: what is spent ends, and so does the message.
#[test]
fn a_large_message_pays_for_all_it_causes() {
    let message =
        format!("{{\"text\": \"{}\", \"items\": [1{}]}}", "a".repeat(100_000), ",1".repeat(500_000));
    for each in [
        "{script: tools.spin, args: [\"@\"]}",
        "{script: tools.same, args: [root().text]}",
        "{from: \"split(root().text, 'b')\"}",
        "{from: \"reverse(root().items)\"}",
        "{from: \"sort(root().items)\"}",
        "{from: \"length(root().text)\"}",
        "{from: \"sum(root().items)\"}",
        "{from: \"length(capture_all(root().text, 'a'))\"}",
        "{from: \"replace_pattern(root().text, '.*[^a]|a', 'b')\"}",
    ] {
        let case = Case {
            engine: compiled(vec![
                file("mappings/bank/partner.yaml", CONTRACT_END.to_owned()),
                file(
                    "mappings/bank/each.yaml",
                    format!("map:\n  all: {{each: items, map: {{one: {each}}}}}\n{ROUTE_END}"),
                ),
                file(
                    "mappings/bank/tools.rhai",
                    "fn same(x) { x }\nfn spin(x) { for i in 0..20 { x += i } x }".to_owned(),
                ),
                file("schemas/bank/take.json", "{}".to_owned()),
            ]),
            known: Known::Rows(Vec::new()),
            messages: Vec::new(),
        };
        let faults = case.translate(&message).unwrap_err();
        assert_eq!(faults[0].detail, "the computation is larger than one message may cause", "{each}");
    }
}

#[test]
fn a_table_may_have_a_hundred_thousand_rows() {
    let rows: String = (0..100_000).map(|row| format!("{row:06},A{row},\"text, {row}\"\n")).collect();
    let contract = format!("{CONTRACT_END}\ncodes: {{long: {{rows: long.csv}}}}\n");
    let case = Case {
        engine: compiled(vec![
            file("mappings/bank/partner.yaml", contract),
            file("mappings/bank/long.csv", format!("theirs,ours,text\n{rows}")),
            file(
                "mappings/bank/route.yaml",
                format!(
                    "map: {{ours: \"ours('long', code)\", text: \"ours_row('long', ours).text\"}}\n{ROUTE_END}"
                ),
            ),
            file("schemas/bank/take.json", "{}".to_owned()),
        ]),
        known: Known::Rows(Vec::new()),
        messages: Vec::new(),
    };
    let translation = case.translate(r#"{"code": "099999", "ours": "A5"}"#).unwrap();
    assert_eq!(translation.deliveries[0].request.body, br#"{"ours":"A99999","text":"text, 5"}"#);
}

/// Each of many elements sends the whole message: what goes out is paid for, also where nothing is computed.
#[test]
fn a_message_pays_for_all_that_goes_out() {
    let case = Case {
        engine: compiled(vec![
            file("mappings/bank/partner.yaml", CONTRACT_END.to_owned()),
            file("mappings/bank/each.yaml", format!("for: items\ncopy: message()\n{ROUTE_END}")),
            file("schemas/bank/take.json", "{}".to_owned()),
        ]),
        known: Known::Rows(Vec::new()),
        messages: Vec::new(),
    };
    let message =
        |items| format!("{{\"text\": \"{}\", \"items\": [1{}]}}", "a".repeat(100_000), ",1".repeat(items));
    assert_eq!(case.translate(&message(100)).unwrap().deliveries.len(), 101);
    let faults = case.translate(&message(9_000)).unwrap_err();
    assert_eq!(faults[0].detail, "what the message causes is larger than one message may cause");
}

#[test]
fn an_empty_id_is_said_to_be_empty() {
    let contract = CONTRACT_END.replace("Message: null}", "Message: null}, id: id");
    let case = Case {
        engine: compiled(vec![
            file("mappings/bank/partner.yaml", contract),
            file("mappings/bank/empty.yaml", format!("map: {{id: id}}\n{ROUTE_END}")),
            file("schemas/bank/take.json", "{}".to_owned()),
        ]),
        known: Known::Rows(Vec::new()),
        messages: Vec::new(),
    };
    let detail = |message: &str| case.translate(message).unwrap_err()[0].detail.clone();
    assert_eq!(detail(r#"{"id": ""}"#), "the message's id is empty");
    assert_eq!(detail("{}"), "the message's id is missing");
    assert_eq!(detail(r#"{"id": []}"#), "the message's id must be a string or a number, not array");
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mappings");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|name| name == "yaml")).collect();
    cases.sort();
    cases
}

struct Case {
    engine: Engine,
    known: Known,
    messages: Vec<String>,
}

impl Case {
    fn read(name: &str, path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap();
        let mut sources = Sources::new();
        let id = sources.add(name, &*text);
        let mut diagnostics = Diagnostics::new();
        let node = yaml::parse(id, &sources, &mut diagnostics);
        let node = node
            .unwrap_or_else(|| panic!("{}", render::text::render(diagnostics.as_slice(), &sources, false)));
        let scalar = |key: &str| node.get(key).and_then(Node::as_scalar).map(|scalar| scalar.text.clone());
        let is_contract = |section: &str| CONTRACT.contains(&section);
        let is_route = |section: &str| !CONTRACT.contains(&section) && !TEST.contains(&section);
        let mut files = vec![
            file("mappings/bank/partner.yaml", sections(&text, is_contract) + CONTRACT_END),
            file(&format!("mappings/bank/{name}.yaml"), sections(&text, is_route) + ROUTE_END),
            file("schemas/bank/take.json", scalar("schema").unwrap_or_else(|| "{}".to_owned())),
        ];
        for (name, content) in node.get("files").and_then(Node::as_mapping).unwrap_or_default() {
            let text = content.as_scalar().unwrap().text.clone();
            files.push(file(&format!("mappings/bank/{}", name.value), text));
        }
        files.extend(scalar("script").map(|script| file("mappings/bank/tools.rhai", script)));
        Self {
            engine: compiled(files),
            known: Known::read(node.get("known")),
            messages: texts(node.get("messages")),
        }
    }

    fn run(&self) -> String {
        let mut told = String::new();
        for message in &self.messages {
            writeln!(told, "{message}").unwrap();
            match self.translate(message) {
                Ok(translation) => tell(&translation, &mut told),
                Err(faults) => tell_faults(&faults, &mut told),
            }
            told.push('\n');
        }
        told
    }

    fn translate(&self, message: &str) -> Result<Translation, Vec<Fault>> {
        let (arena, inbound) = (Arena::new(), Inbound::default());
        let ids = Series(AtomicU64::new(1));
        let now = "2026-03-02T09:16:31Z".parse().unwrap();
        let world = World { now, ids: &ids, records: &self.known };
        let channel = self.engine.channels().next().unwrap();
        let received = self.engine.open(channel, message.as_bytes(), &inbound, world, &arena);
        let received = received.map_err(|fault| vec![fault])?;
        self.engine.translate(channel, &received, &inbound, world, &arena)
    }
}

fn tell(translation: &Translation, told: &mut String) {
    for delivery in &translation.deliveries {
        writeln!(told, "=> {}", String::from_utf8_lossy(&delivery.request.body)).unwrap();
    }
    for write in &translation.records {
        let unique: String = write.unique.iter().map(|(field, value)| format!(", {field} {value}")).collect();
        let json = String::from_utf8_lossy(&write.json);
        writeln!(told, "=> record {} {}{unique}: {json}", write.record.name, write.key).unwrap();
    }
}

/// Faults go into answers and logs: none of their forms may hold a value of the message.
fn tell_faults(faults: &[Fault], told: &mut String) {
    for fault in faults {
        writeln!(told, "!! {fault}").unwrap();
        let forms = [fault.to_string(), serde_json::to_string(fault).unwrap(), format!("{fault:?}")];
        assert!(forms.iter().all(|form| !form.contains(SECRET)), "{fault} tells a value");
    }
    writeln!(told, "-> {:?}", policy(faults)).unwrap();
}

fn file(path: &str, text: String) -> File {
    File { path: path.to_owned(), bytes: text.into_bytes() }
}

fn compiled(files: Vec<File>) -> Engine {
    let compiled = compile(&Bundle::from_iter(files), &Environment::default());
    compiled.engine.unwrap_or_else(|| {
        let sorted = compiled.diagnostics.into_sorted(&compiled.sources);
        panic!("{}", render::text::render(&sorted, &compiled.sources, false))
    })
}

/// The text with only these sections left in it, on the lines where they were.
fn sections(text: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let mut kept = String::new();
    let mut wanted = false;
    for line in text.lines() {
        if line.starts_with(|first: char| first.is_ascii_alphabetic()) {
            wanted = is_wanted(line.split(':').next().unwrap_or_default());
        }
        if wanted && !line.starts_with('#') {
            kept.push_str(line);
        }
        kept.push('\n');
    }
    kept
}

fn texts(node: Option<&Node>) -> Vec<String> {
    let items = node.and_then(Node::as_sequence).expect("a list of texts");
    items.iter().map(|item| item.as_scalar().expect("a text").text.clone()).collect()
}

/// Records in memory: each list by the record's name, or nothing that can be read.
enum Known {
    Rows(Vec<(String, serde_json::Value)>),
    Unavailable,
}

impl Known {
    fn read(node: Option<&Node>) -> Self {
        let Some(node) = node else { return Self::Rows(Vec::new()) };
        let Some(records) = node.as_mapping() else { return Self::Unavailable };
        let rows = records.iter().flat_map(|(name, rows)| {
            let rows = texts(Some(rows)).into_iter();
            rows.map(|row| (format!("bank.{}", name.value), serde_json::from_str(&row).unwrap()))
        });
        Self::Rows(rows.collect())
    }
}

impl Records for Known {
    fn find(&self, name: &str, field: &str, value: &str) -> Result<Option<String>, Unavailable> {
        let Self::Rows(rows) = self else { return Err(Unavailable) };
        let found = rows.iter().find(|(record, row)| record == name && row[field] == value);
        Ok(found.map(|(_, row)| row.to_string()))
    }

    fn list(
        &self,
        name: &str,
        filter: Option<(&str, &str)>,
        limit: usize,
    ) -> Result<Vec<String>, Unavailable> {
        let Self::Rows(rows) = self else { return Err(Unavailable) };
        let wanted = rows.iter().filter(|(record, row)| {
            record == name && filter.is_none_or(|(field, value)| row[field] == value)
        });
        Ok(wanted.take(limit).map(|(_, row)| row.to_string()).collect())
    }
}

/// The ids …01, …02, …
struct Series(AtomicU64);

impl Ids for Series {
    fn uuid(&self) -> uuid::Uuid {
        uuid::Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}
