//! `docs/language.md`: every block is run, every key has its row.

use std::collections::BTreeSet;

use engine::document::{contract, route, rule};

use crate::bench::{Bench, Given, compact, rendered};
use crate::page::{Block, blocks, entries};
use crate::story;

const PAGE: &str = include_str!("../../../docs/language.md");

#[test]
fn every_example_gives_what_it_says() {
    give_what_they_say(PAGE);
}

/// Runs every example of a page.
pub fn give_what_they_say(page: &str) {
    let blocks = blocks(page);
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
            wrong if wrong.starts_with("yaml wrong ") || wrong.starts_with("rhai wrong ") => {
                example.wrong = Some(block)
            }
            "text" | "json records" => {}
            other => {
                assert!(is_file(other) || story::is_told(other), "line {}: what is `{other}`?", block.line)
            }
        }
    }
}

#[test]
fn the_story_happens_as_it_is_told() {
    story::happens(&blocks(PAGE));
}

#[test]
fn every_key_has_its_row() {
    let told: BTreeSet<&str> = entries(PAGE).collect();
    let keys = contract::KEYS.names().chain(contract::codes::KEYS.names()).chain(contract::RECORD.names());
    for key in keys.chain(route::KEYS.names()).chain(rule::KEYS.names()) {
        assert!(told.contains(key), "`{key}` has no row");
    }
}

fn is_file(info: &str) -> bool {
    info.split_once(' ')
        .is_some_and(|(_, name)| name.starts_with("mappings/") || name.starts_with("schemas/"))
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
        let path = wrong.info.rsplit(' ').next().unwrap_or_default();
        rendered(bench.compile(&[(path, &wrong.text)])).trim().to_owned()
    }
}
