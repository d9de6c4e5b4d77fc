//! `tolmach schema`: what editors are told.

use engine::document::json_schema;
use serde_json::Value;

use super::shown;
use crate::harness::Folder;

#[test]
fn the_schemas_are_those_of_the_engine() {
    let folder = Folder::empty();
    for (kind, schema) in [
        (None, json_schema::mapping()),
        (Some("contract"), json_schema::contract()),
        (Some("codes"), json_schema::codes()),
        (Some("route"), json_schema::route()),
    ] {
        let arguments: Vec<&str> = ["schema"].into_iter().chain(kind).collect();
        let expected = format!("$ tolmach {}\n{schema:#}\n--- exit 0\n\n", arguments.join(" "));
        assert_eq!(shown(folder.path(), &arguments, ""), expected);
    }
}

#[test]
fn the_schemas_of_files_that_are_not_mappings() {
    for kind in ["settings", "context", "flow"] {
        let shown = shown(Folder::empty().path(), &["schema", kind], "");
        let json = shown.split_once('\n').unwrap().1.split("--- exit 0").next().unwrap();
        assert!(serde_json::from_str::<Value>(json).is_ok(), "{json}");
        insta::assert_snapshot!(format!("the schema of {kind}"), shown);
    }
}
