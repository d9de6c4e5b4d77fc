//! `docs/functions.md`: every function has its entry with its real signature, and every example is run.

use std::collections::BTreeMap;

use engine::expression::functions;

use crate::bench::{Bench, Given, compact, errors, rendered};
use crate::page::{Block, blocks, entries};

const PAGE: &str = include_str!("../../../docs/functions.md");

#[test]
fn every_function_has_its_entry_and_an_example() {
    let mut told: BTreeMap<&str, &str> = BTreeMap::new();
    for signature in entries(PAGE).filter(|entry| entry.ends_with(')')) {
        let name = signature.split('(').next().unwrap_or_default();
        assert!(functions::find(name).is_some(), "there is no function `{name}`");
        assert_eq!(told.insert(name, signature), None, "`{name}` has two entries");
    }
    let examples: String = blocks(PAGE)
        .iter()
        .filter(|block| !block.info.starts_with("json"))
        .map(|block| &*block.text)
        .collect();
    for name in functions::names() {
        let signature = told.get(name).unwrap_or_else(|| panic!("`{name}` has no entry"));
        assert_eq!(parameters(signature), expected(name), "{signature}");
        assert!(examples.contains(&format!("{name}(")), "`{name}` has no example");
    }
}

#[test]
fn every_example_gives_what_it_says() {
    let blocks = blocks(PAGE);
    let mut bench = Bench::new(&blocks);
    if let Some(http) = blocks.iter().find(|block| block.info == "http") {
        bench.request(&http.text);
    }
    let first = blocks.iter().find(|block| block.info == "json input").expect("a message for all");
    let (mut rows, mut input, mut request, mut response) = ("", first, "", "");
    let mut wrong = Vec::new();
    for block in &blocks {
        if input.section != block.section {
            input = first;
        }
        match block.info.as_str() {
            "json input" => input = block,
            "json request" => request = &block.text,
            "json response" => response = &block.text,
            "yaml rule" => rows = &block.text,
            "json output" => {
                let given = told(bench.rules(rows, &input.text));
                assert_eq!(given, format!("=> {}", compact(&block.text)), "line {}", block.line);
            }
            "jmespath" => {
                wrong.extend(each(block, |expression| bench.rules(&rule(expression), &input.text)));
            }
            "jmespath then" => wrong.extend(each(block, |expression| {
                bench.rules_after(&rule(expression), &input.text, (request, response))
            })),
            "http" | "json records" | "yaml mappings/bank/partner.yaml" => {}
            other => panic!("line {}: what is `{other}`?", block.line),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Runs the lines of a block, each an expression and what is told of it; those that give something else.
fn each(block: &Block, run: impl Fn(&str) -> Given) -> Vec<String> {
    let mut wrong = Vec::new();
    for (line, text) in (block.line + 1..).zip(block.text.lines()) {
        let (expression, result) = text.split_once(" # ").expect("an expression and its result");
        let given = told(run(expression.trim()));
        let given = given
            .strip_prefix("=> {\"result\":")
            .and_then(|json| json.strip_suffix('}'))
            .map_or(given.clone(), |json| format!("=> {json}"));
        if given != result {
            wrong.push(format!("line {line}: {text}\n    {given}"));
        }
    }
    wrong
}

/// The result as the page writes it.
fn told(outcomes: Given) -> String {
    match outcomes {
        Given::Json(json) => format!("=> {json}"),
        Given::Faults(faults) => {
            format!("fault: {}", faults.first().map_or("", |fault| &fault.detail))
        }
        Given::Mistakes(compiled) => match errors(&compiled).as_slice() {
            [only] => format!("error: {}", only.message),
            _ => panic!("{}", rendered(compiled)),
        },
    }
}

/// A mapping of one rule.
fn rule(expression: &str) -> String {
    let quoted = serde_json::Value::from(expression);
    format!("map:\n  result: {{from: {quoted}, null: keep}}\n")
}

/// The parameters of a signature: the type of each, in brackets if it may be left out, with dots if it is repeated.
fn parameters(signature: &str) -> Vec<String> {
    let inside = signature.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')')).unwrap_or_default();
    let parameters = inside.split(", ").filter(|parameter| !parameter.is_empty());
    parameters
        .map(|parameter| {
            let (name, kind) = parameter.split_once(": ").expect("a name and a type");
            let mark = name.chars().next().filter(|mark| matches!(mark, '[' | '.'));
            mark.map_or(kind.to_owned(), |mark| format!("{mark}{kind}"))
        })
        .collect()
}

/// The same from the engine's declaration.
fn expected(name: &str) -> Vec<String> {
    let function = functions::find(name).expect("a function");
    let (least, most) = function.arity();
    let count = most.unwrap_or(function.parameters.len());
    let mut expected: Vec<String> = (0..count)
        .map(|at| {
            let kind = kind(&function.parameter(at).to_string());
            if at < least { kind.to_owned() } else { format!("[{kind}]") }
        })
        .collect();
    if let Some(rest) = function.rest {
        expected.push(format!(".{}", kind(&rest.to_string())));
    }
    expected
}

/// The page's word for a type.
fn kind(engines: &str) -> &'static str {
    match engines {
        "any value" => "any",
        "a boolean" => "boolean",
        "a number" => "number",
        "a string" => "string",
        "an array" => "array",
        "an object" => "object",
        "an &expression" => "&expression",
        "a number or a string" => "number or string",
        "a string or an array" => "string or array",
        "a string, an array or an object" => "string or array or object",
        "an array of numbers" => "numbers",
        "an array of strings" => "strings",
        "an array of numbers or of strings" => "numbers or strings",
        "a string or null" => "string?",
        "a number, a numeric string or null" => "amount?",
        "an array or null" => "array?",
        "an object or null" => "object?",
        other => panic!("the page has no word for {other}"),
    }
}
