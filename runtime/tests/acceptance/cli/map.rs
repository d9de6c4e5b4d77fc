//! `tolmach map` and `tolmach eval`: trying a route or an expression on a message.

use std::fs::read_to_string;

use super::{case, shown};
use crate::harness::{Folder, Partner};

const ROUTE: &str = "itfinance/add-deal-application";

#[test]
fn a_message_is_mapped() {
    let (folder, minimal) = (Folder::shipped(), case("itfinance/add-deal-application/minimal.json"));
    insta::assert_snapshot!(shown(&folder, &["map", ROUTE, &minimal], ""));
    // The same from standard input, on one line.
    let message = read_to_string(&minimal).unwrap();
    let compact = shown(&folder, &["map", ROUTE, "-", "--compact"], &message);
    insta::assert_snapshot!(compact);
    assert_eq!(compact.replace(" - ", " "), shown(&folder, &["map", ROUTE, "--compact"], &message));
}

#[test]
fn what_cannot_be_mapped_is_explained() {
    let folder = Folder::shipped();
    let mut text = String::new();
    for name in ["no-client", "client-not-sent", "unknown-product", "unknown-law", "fraction-of-a-kopeck"] {
        let file = case(&format!("itfinance/add-deal-application/{name}.json"));
        let shown = shown(&folder, &["map", ROUTE, &file], "");
        assert!(shown.ends_with("--- exit 1\n\n"), "{shown}");
        text.push_str(&shown);
    }
    text.push_str(&shown(&folder, &["map", ROUTE], "{\"a\": "));
    insta::assert_snapshot!(text);
}

#[test]
fn an_unknown_route_is_answered_with_the_nearest() {
    let folder = Folder::shipped();
    let near = shown(&folder, &["map", "itfinance/add-deal-aplication"], "{}");
    let far = shown(&folder, &["map", "nothing/like/it"], "{}");
    insta::assert_snapshot!(format!("{near}{far}"));
}

#[test]
fn a_stream_goes_on_after_a_bad_line() {
    let good = read_to_string(case("itfinance/add-deal-application/minimal.json")).unwrap().replace('\n', "");
    let bad = good.replace("\"BG\"", "\"UNKNOWN\"");
    let stream = format!("{good}\n{bad}\n\n{{\n{good}\n");
    let shown = shown(&Folder::shipped(), &["map", ROUTE, "--ndjson"], &stream);
    insta::assert_snapshot!(shown);
}

#[test]
fn an_expression_is_evaluated() {
    let folder = Folder::empty();
    let message = r#"{"a": {"b": [1, 2.50, "x"]}, "at": "2026-03-02T12:15:30"}"#;
    let mut text = String::new();
    for arguments in [
        &["eval", "a"][..],
        &["eval", "a", "--compact"],
        &["eval", "minor_units(a.b[1])"],
        &["eval", "date(at, '%d.%m.%Y')"],
        &["eval", "nothing.there"],
        &["eval", "a.b[?"],
        &["eval", "minor_unit(a.b[1])"],
        &["eval", "minor_units(a.b[2])"],
        &["eval", "theirs('product', a)"],
    ] {
        text.push_str(&shown(folder.path(), arguments, message));
    }
    text.push_str(&shown(folder.path(), &["eval", "a"], "{\"a\": "));
    insta::assert_snapshot!(text);
}

/// What each kind of route would send, one JSON after another.
#[tokio::test]
async fn every_kind_of_route_is_tried() {
    let bank = Partner::closed();
    let folder = Folder::orders(&bank)
        .file("mappings/bank/each.yaml", "receive: shop/orders\nmessage: Note\nfor: parts\nsend: bank/orders\nmap: {part: number, of: parent().id}\n")
        .file(
            "mappings/bank/order.yaml",
            "receive: shop/orders\nmessage: Order\ncall: bank/orders\nmap: {id: id}\nanswer: {map: {number: number}}\n",
        )
        .file("mappings/bank/start.yaml", "on: start\nsend: bank/notices\nmap: {up: {value: true}}\n");
    let note = r#"{"id": "n1", "parts": [{"number": 1}, {"number": 2}]}"#;
    let mut text = String::new();
    for (arguments, input) in [
        (&["map", "bank/each"][..], note),
        (&["map", "bank/each", "--compact"], note),
        (&["map", "bank/order"], r#"{"id": "o1"}"#),
        (&["map", "bank/start"], ""),
        (&["map", "bank/start", "--ndjson"], ""),
    ] {
        text.push_str(&shown(folder.path(), arguments, input));
    }
    insta::assert_snapshot!(text);
}
