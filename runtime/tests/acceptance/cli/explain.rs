//! `tolmach explain`: codes and routes.

use serde_json::Value;

use super::shown;
use crate::harness::{Folder, Partner};

#[test]
fn all_codes_are_listed() {
    let folder = Folder::empty();
    let text = shown(folder.path(), &["explain"], "");
    assert!(text.contains("\n  E0201  a key has no meaning here\n"), "{text}");
    let json = output(&shown(folder.path(), &["explain", "--format", "json"], ""));
    assert!(json.as_array().unwrap().iter().all(|code| code["page"].as_str().unwrap().starts_with("# E0")));
}

#[test]
fn a_code_is_explained() {
    let folder = Folder::empty();
    let mut text = String::new();
    for typed in ["E0201", "e0201", "0201"] {
        text.push_str(&shown(folder.path(), &["explain", typed], ""));
    }
    text.push_str(&shown(folder.path(), &["explain", "201", "--format", "json"], ""));
    insta::assert_snapshot!(text);
}

#[test]
fn what_cannot_be_explained() {
    let folder = Folder::empty();
    let mut text = String::new();
    for typed in ["E02O1", "E9999", "order", ""] {
        let shown = shown(folder.path(), &["explain", typed], "");
        assert!(shown.ends_with("--- exit 2\n\n"), "{shown}");
        text.push_str(&shown);
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_is_a_mapping_sheet() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank);
    let mut text = String::new();
    for arguments in [
        &["explain", "bank/order"][..],
        &["explain", "bank/order", "--format", "markdown"],
        &["explain", "bank/ordr"],
    ] {
        text.push_str(&shown(folder.path(), arguments, ""));
    }
    insta::assert_snapshot!(text);
    let json = output(&shown(folder.path(), &["explain", "bank/order", "--format", "json"], ""));
    assert_eq!(json["parts"][1]["rows"][0]["source"], "id");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_mistakes_has_no_sheets() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank).route("whne: id\n");
    insta::assert_snapshot!(shown(folder.path(), &["explain", "bank/order"], ""));
}

/// What was printed, as JSON.
fn output(shown: &str) -> Value {
    let text = shown.split_once('\n').unwrap().1.split("--- exit").next().unwrap();
    serde_json::from_str(text).unwrap()
}
