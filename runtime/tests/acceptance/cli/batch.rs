//! `tolmach map --ndjson`: what it makes of every kind of line, and how it ends.

mod page;
mod stream;
#[cfg(target_os = "linux")]
mod terminal;

use std::fs::{File, read_to_string};

use regex::Regex;

use super::shown;
use crate::harness::{Folder, Partner, command};

const ORDER: &[&str] = &["map", "bank/order", "--ndjson"];

/// Orders are sent on; one without an id has a fault.
fn orders() -> Folder {
    Folder::orders(&Partner::closed()).file(
        "mappings/bank/order.yaml",
        "receive: shop/orders\nmessage: Order\nsend: bank/orders\nmap: {id: {from: id, required: true}, sum: minor_units(sum)}\n",
    )
}

fn with(more: &[&'static str]) -> Vec<&'static str> {
    [ORDER, more].concat()
}

/// Runs inside a runtime because a partner's port is taken.
#[tokio::test]
async fn lines_of_every_kind() {
    let folder = orders();
    let input = b"\xef\xbb\xbf{\"id\": 1}\r\n\n  \t\r\n{\"id\": \"\xff\"}\n{\"id\": 2, \"sum\": 1.001}\n{\"sum\": \"x\"}\n\xef\xbb\xbf{\"id\": 3}\n{\"id\": 4}";
    let mut text = String::new();
    for arguments in [with(&[]), with(&["--keep-lines"]), with(&["--format", "json", "--threads", "3"])] {
        text.push_str(&shown(folder.path(), &arguments, input));
    }
    text.push_str(&shown(folder.path(), ORDER, ""));
    text.push_str(&shown(folder.path(), &with(&["--keep-lines"]), "\n"));
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn every_kind_of_route() {
    let folder = orders()
        .file("mappings/bank/parts.yaml", "receive: shop/orders\nmessage: Note\nwhen: kind == 'parts'\nfor: parts\nsend: bank/orders\nmap: {number: '@'}\n")
        .file("mappings/bank/two.yaml", "receive: shop/orders\nmessage: Note\nwhen: kind == 'two'\nsteps:\n- {send: bank/orders, map: {id: id}}\n- {send: bank/notices, when: notice, map: {of: id}}\n")
        .file("mappings/bank/text.yaml", "receive: shop/orders\nmessage: Note\nwhen: kind == 'text'\nanswer: {text: '{text}'}\n")
        .file("mappings/bank/silent.yaml", "receive: shop/orders\nmessage: Note\nanswer: {status: 204}\n");
    let input = r#"{"id": 1, "parts": [1, 2], "notice": true, "text": "one\ntwo"}
{"id": 2, "parts": [], "text": "one"}
{"id": 3, "parts": 7, "text": null}
"#;
    let mut text = String::new();
    for route in ["bank/parts", "bank/two", "bank/text", "bank/silent"] {
        text.push_str(&shown(folder.path(), &["map", route, "--ndjson"], input));
        text.push_str(&shown(folder.path(), &["map", route, "--ndjson", "--keep-lines"], input));
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn faults_go_into_a_file() {
    let folder = orders();
    let file = folder.path().join("faults");
    let input = "{\"id\": 1}\n{}\n{\"id\": 2, \"sum\": \"x\"}\n{\"sum\": \"x\"}\n";
    let mut text = String::new();
    for format in ["text", "json"] {
        let arguments = ["--faults", file.to_str().unwrap(), "--format", format, "--verbose"];
        text.push_str(&timeless(&shown(folder.path(), &[ORDER, &arguments].concat(), input)));
        text.push_str(&read_to_string(&file).unwrap());
    }
    insta::assert_snapshot!(text);
    shown(folder.path(), &[ORDER, &["--faults", file.to_str().unwrap()]].concat(), "{\"id\": 1}\n");
    assert_eq!(read_to_string(&file).unwrap(), "", "no faults of an earlier run");
}

#[tokio::test]
async fn a_line_is_as_long_as_a_body_may_be() {
    let folder = orders().channel("max_body: 1KB");
    let of = |bytes: usize| format!("{{\"id\": \"{}\"}}", "x".repeat(bytes - 10));
    let input =
        format!("{}\r\n{}\n{}\n{{\"id\": 1}}\n{}", of(1024), of(1025), of(3 << 20), "[".repeat(1 << 20));
    let shown = shown(folder.path(), ORDER, &input).replace(&"x".repeat(1000), "x...");
    insta::assert_snapshot!(shown);
}

#[tokio::test]
async fn what_cannot_be_read_or_written_is_told() {
    let folder = orders();
    let mut text = String::new();
    for (arguments, input) in [
        (with(&["/"]), ""),
        (with(&["no-such-file"]), ""),
        (with(&["--faults", "no-such-folder/faults"]), ""),
        (with(&["--faults", "/dev/full"]), "{}"),
        (vec!["map", "bank/order", "--threads", "2"], "{}"),
        (with(&["--threads", "0"]), "{}"),
    ] {
        text.push_str(&shown(folder.path(), &arguments, input));
    }
    insta::assert_snapshot!(text);
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut tolmach = command();
    tolmach.arg("-C").arg(folder.path()).args(ORDER).arg(line(&folder)).stdout(full);
    let done = tolmach.output().unwrap();
    let error = "error: standard output cannot be written: No space left on device (os error 28)\n";
    assert_eq!((done.status.code(), String::from_utf8(done.stderr).unwrap()), (Some(2), error.to_owned()));
}

fn line(folder: &Folder) -> std::path::PathBuf {
    let file = folder.path().join("line.ndjson");
    std::fs::write(&file, "{\"id\": 1}\n").unwrap();
    file
}

fn timeless(text: &str) -> String {
    Regex::new(r"in [0-9.]+ s, .*/s").unwrap().replace_all(text, "in [time]").into_owned()
}

#[tokio::test]
async fn faults_never_overwrite_the_messages() {
    let folder = orders();
    let input = folder.path().join("in.ndjson");
    std::fs::write(&input, "{\"id\": 1}\n").unwrap();
    let path = input.to_str().unwrap();
    let told = shown(folder.path(), &[ORDER, &[path, "--faults", path]].concat(), "");
    assert!(
        told.ends_with("error: the faults would overwrite the messages: FOLDER/in.ndjson\n--- exit 2\n\n"),
        "{told}"
    );
    assert_eq!(read_to_string(&input).unwrap(), "{\"id\": 1}\n");
}
