#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bad_files;
mod decoding;
mod limits;
mod properties;
mod spans;

use super::*;

/// A file, what is read from it and what is wrong with it.
struct Read {
    sources: Sources,
    root: Option<Node>,
    found: Vec<crate::diagnostic::Diagnostic>,
}

fn read(text: &str) -> Read {
    let mut sources = Sources::new();
    let id = sources.add("mappings/bank/partner.yaml", text);
    let mut diagnostics = Diagnostics::new();
    let root = parse(id, &sources, &mut diagnostics);
    assert!(root.is_some() || diagnostics.has_errors(), "no tree and no reason");
    Read { root, found: diagnostics.into_sorted(&sources), sources }
}

/// A file without faults.
fn good(text: &str) -> (Sources, Node) {
    let read = read(text);
    assert_eq!(read.found, [], "{text}");
    (read.sources, read.root.unwrap())
}

impl Read {
    fn codes(&self) -> Vec<&'static str> {
        self.found.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
    }
}

/// The value at a path of keys and indices.
fn at<'a>(root: &'a Node, path: &str) -> &'a Node {
    path.split('.').fold(root, |node, step| match step.parse::<usize>() {
        Ok(index) if node.as_sequence().is_some() => &node.as_sequence().unwrap()[index],
        _ => node.get(step).unwrap_or_else(|| panic!("no {step} in {path}")),
    })
}
