//! docs/tutorial.md, played: its files are written, its commands are run, and what they print is what the page shows.
//! With INSTA_UPDATE=always the page gets what they print.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Folder, command, words};

/// A part of the page.
enum Part<'p> {
    Text(&'p str),
    /// A file of the folder, by the name in its fence.
    File {
        path: &'p str,
        text: &'p str,
    },
    /// Commands after `$`, each with what it prints.
    Console(&'p str),
}

#[test]
fn the_tutorial_is_true() {
    let path = Folder::shipped().join("docs/tutorial.md");
    let page = fs::read_to_string(&path).unwrap();
    let folder = Folder::empty();
    let mut variables = Vec::new();
    let mut played = String::new();
    for part in parts(&page) {
        match part {
            Part::Text(text) => played.push_str(text),
            Part::File { path, text } => {
                let file = folder.path().join(path);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
                played.push_str(text);
            }
            Part::Console(text) => played.push_str(&console(folder.path(), text, &mut variables)),
        }
    }
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(path, &played).unwrap();
    }
    assert_same(&page, &played);
}

fn assert_same(page: &str, played: &str) {
    let differs = page.lines().zip(played.lines()).position(|(shown, came)| shown != came);
    if let Some(at) = differs {
        let from = |text: &str| text.lines().skip(at).take(12).collect::<Vec<_>>().join("\n");
        panic!("docs/tutorial.md:{} shows\n{}\n\nand this came:\n{}", at + 1, from(page), from(played));
    }
    assert_eq!(page.len(), played.len());
}

fn parts(page: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find("\n```") {
        let (before, fence) = rest.split_at(at + 1);
        let (first, after) = fence.split_once('\n').unwrap();
        let (block, behind) = after.split_at(after.find("```\n").unwrap());
        parts.push(Part::Text(before));
        parts.push(Part::Text(&fence[..=first.len()]));
        let (language, path) = first.trim_start_matches('`').split_once(' ').unwrap_or((&first[3..], ""));
        parts.push(match (language, path) {
            ("console", _) => Part::Console(block),
            (_, "") => Part::Text(block),
            (_, path) => Part::File { path, text: block },
        });
        let (end, behind) = behind.split_at(3);
        parts.push(Part::Text(end));
        rest = behind;
    }
    parts.push(Part::Text(rest));
    parts
}

/// The block with what its commands print now.
fn console(folder: &Path, block: &str, variables: &mut Vec<(String, String)>) -> String {
    let mut text = String::new();
    for line in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
        writeln!(text, "$ {line}").unwrap();
        match line.split_once(' ').unwrap() {
            ("export", pairs) => variables.extend(
                pairs
                    .split(' ')
                    .map(|pair| pair.split_once('=').unwrap())
                    .map(|(a, b)| (a.to_owned(), b.to_owned())),
            ),
            ("tolmach", arguments) => {
                let output = run(command().current_dir(folder).envs(variables.iter().cloned()), arguments);
                text.push_str(&output);
            }
            (other, _) => panic!("the tutorial cannot run `{other}`"),
        }
    }
    text
}

fn run(command: &mut Command, arguments: &str) -> String {
    let output = command.args(words(arguments)).output().unwrap();
    let mut text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
