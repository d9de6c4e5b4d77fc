//! `tolmach test`: cases against their snapshots.

use std::fs;

use super::shown;
use crate::harness::{Folder, Partner};

const CASE: &str = "tests/cases/bank/order/book";

/// A case of an order that the bank takes, at its second attempt.
fn folder() -> Folder {
    Folder::orders(&Partner::start())
        .file(
            "mappings/bank/partner.yaml",
            "
partner: bank
records: {order: {key: id}}
endpoints:
  orders: {post: \"https://bank.example/orders\"}
",
        )
        .route("then: {delivered: [{record: {order: {id: message().id, number: number}}}]}")
        .file(&format!("{CASE}.json"), r#"{"type": "Order", "id": "o-1", "customer": "c-1", "amount": 1.10}"#)
        .file(
            &format!("{CASE}.context.yaml"),
            "responses: {bank/orders: [{status: 503}, {body: {number: 1234567890123456789012.10}}]}\n",
        )
}

#[test]
fn the_shipped_cases_are_as_accepted() {
    let shown = shown(&Folder::shipped(), &["test"], "");
    assert!(shown.ends_with("ok\n--- exit 0\n\n"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_new_then_accepted_then_changed() {
    let folder = folder();
    let run = |arguments: &[&str]| shown(folder.path(), arguments, "");
    let snapshot = folder.path().join(format!("{CASE}.snap"));
    let pending = folder.path().join(format!("{CASE}.snap.new"));
    let mut told = run(&["test"]);
    assert!(pending.exists() && !snapshot.exists());
    told += &run(&["test", "--accept"]);
    assert!(!pending.exists() && snapshot.exists());
    told += &run(&["test", "order/book"]);
    let route = "mappings/bank/order.yaml";
    let changed = fs::read_to_string(folder.path().join(route)).unwrap().replace("id: id,", "number: id,");
    fs::write(folder.path().join(route), changed).unwrap();
    told += &run(&["test"]);
    insta::assert_snapshot!(told);
    assert!(shown(folder.path(), &["test", "--review"], "n\n").contains("1 changed"));
    assert!(shown(folder.path(), &["test", "--review"], "y\n").contains("1 ok"));
    assert!(run(&["test"]).contains("1 ok") && !pending.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_cannot_be_played_says_why() {
    let context = "
now: yesterday
recrods: {}
settings: {bank.ulr: a}
records: {bank.order: [{number: 1}], bank.oder: []}
responses:
  bank/order: []
  bank/orders: [{status: 99}, {body: {}, text: a}]
";
    let folder = folder()
        .file(&format!("{CASE}.context.yaml"), context)
        .file("tests/cases/bank/ordre/book.json", "{}")
        .file("tests/cases/bank/order/renamed.snap", "")
        .file("tests/cases/bank/order/not-json.json", "{");
    insta::assert_snapshot!(shown(folder.path(), &["test"], ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_server_gets_a_report() {
    let folder = folder().file("tests/cases/bank/gone/book.json", "{}");
    let report = folder.path().join("report.xml");
    shown(folder.path(), &["test", "--junit", report.to_str().unwrap()], "");
    let report = fs::read_to_string(report).unwrap();
    let times = regex::Regex::new(r#"time="[0-9.]+""#).unwrap();
    insta::assert_snapshot!(times.replace_all(&report, r#"time="[time]""#));
}

const FLOW: &str = "
title: The bank is busy at first
steps:
  - receive: shop/orders
    body: {type: Order, id: o-1, customer: c-1, amount: 1.10}
    answer: {status: 200, body: {taken: o-1}}
  - responses:
      bank/orders: [{status: 503}, {body: {number: 77}}]
  - wait: 1m
  - expect:
      - {send: bank/orders, body: {amount: 1.10}}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_is_new_then_accepted_then_unmet() {
    let folder = folder().file("tests/flows/busy.yaml", FLOW);
    fs::remove_file(folder.path().join(format!("{CASE}.json"))).unwrap();
    fs::remove_file(folder.path().join(format!("{CASE}.context.yaml"))).unwrap();
    let run = |arguments: &[&str]| shown(folder.path(), arguments, "");
    let mut told = run(&["test"]);
    told += &run(&["test", "--accept"]);
    told += &run(&["test", "flows/busy"]);
    let other = FLOW.replace("taken: o-1", "taken: o-2").replace("amount: 1.10}}", "amount: 1.1, sum: 5}}");
    let other = other + "      - {send: bank/orders}\n  - expect: []\n";
    fs::write(folder.path().join("tests/flows/busy.yaml"), other).unwrap();
    told += &run(&["test"]);
    // What a flow expects is written by a person: nothing accepts that it is unmet.
    assert!(run(&["test", "--accept"]).contains("1 unmet"));
    insta::assert_snapshot!(told);
}

#[test]
fn a_flow_that_cannot_be_played_says_why() {
    let flow = "
now: yesterday
settings: {shop.url: a}
steps:
  - receive: shop/order
    body: {}
  - receive: shop/orders
    file: tests/no-such-file.json
  - {receive: shop/orders, body: {}, text: a}
  - wait: 2 days
  - {wait: 1s, start: bank}
  - start: bnak
  - responses: {bank/order: [{}]}
  - expect: [{sent: bank/orders}, {send: bank/notice}]
  - aswer: {status: 200}
";
    insta::assert_snapshot!(shown(folder_of(flow).path(), &["test"], ""));
}

fn folder_of(flow: &str) -> Folder {
    Folder::empty()
        .file(
            "mappings/shop/partner.yaml",
            "partner: shop\nchannels: {orders: {post: /orders, auth: none, message: \"'Order'\", messages: {Order: null}}}\n",
        )
        .file("mappings/bank/partner.yaml", "partner: bank\nendpoints: {orders: {post: \"https://bank.example\"}}\n")
        .file("mappings/bank/order.yaml", "receive: shop/orders\nmessage: Order\nsend: orders\ncopy: \"@\"\n")
        .file("tests/flows/wrong.yaml", flow)
}

/// The page on testing tells flows by one that is played.
#[test]
fn the_flow_of_the_page_is_a_shipped_one() {
    let read = |path: &str| fs::read_to_string(Folder::shipped().join(path)).unwrap();
    let page = read("docs/testing.md");
    let example = page.split("```yaml\n# tests/flows/bank-is-busy.yaml\n").nth(1).unwrap();
    assert_eq!(example.split("```").next().unwrap(), read("tests/flows/bank-is-busy.yaml"));
}

#[test]
fn no_cases_are_a_mistake() {
    let folder = Folder::empty().file("mappings/shop/partner.yaml", "partner: shop\n");
    let told = shown(folder.path(), &["test"], "");
    assert!(
        told.ends_with(
            "error: there are no cases in FOLDER/tests/cases, no flows in FOLDER/tests/flows\n--- exit 2\n\n"
        ),
        "{told}"
    );
    let told = shown(&Folder::shipped(), &["test", "nothing-is-called-so"], "");
    assert!(told.contains("error: there are no cases of this name"), "{told}");
}
