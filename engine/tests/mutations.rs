//! Whatever is done to the bytes of a sound configuration, it is compiled or its writer is told why not.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use engine::diagnostic::render::{github, json, sarif, text};
use engine::{Bundle, Environment, File, compile};
use proptest::prelude::*;

/// Pieces that mean something in one of the languages of the files.
const PIECES: [&str; 28] = [
    "\t", "\r\n", "\n\n", "\0", "\u{feff}", "ё", "😀", "\"", "'", "`", "{", "}", "[", "]", ": ", "- ", "#",
    "&a ", "*a", "<<: *a", "!!str ", "|\n", ">-\n", "---\n", "\\u0041", "$ref", "null", "(",
];

/// One change to one file; positions are fractions of its length.
#[derive(Debug, Clone)]
enum Change {
    Flip { at: f64, bits: u8 },
    Cut { from: f64 },
    Remove { from: f64, length: usize },
    Insert { at: f64, piece: &'static str },
    SwapLines { first: f64, second: f64 },
    RepeatLine { line: f64, times: usize },
}

fn change() -> impl Strategy<Value = Change> {
    let place = || 0.0..1.0f64;
    prop_oneof![
        (place(), 1..=255u8).prop_map(|(at, bits)| Change::Flip { at, bits }),
        place().prop_map(|from| Change::Cut { from }),
        (place(), 1..60usize).prop_map(|(from, length)| Change::Remove { from, length }),
        (place(), prop::sample::select(&PIECES[..])).prop_map(|(at, piece)| Change::Insert { at, piece }),
        (place(), place()).prop_map(|(first, second)| Change::SwapLines { first, second }),
        (place(), 1..50usize).prop_map(|(line, times)| Change::RepeatLine { line, times }),
    ]
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place"
)]
fn place(fraction: f64, length: usize) -> usize {
    (fraction * length as f64) as usize
}

fn changed(bytes: &[u8], change: &Change) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    let length = changed.len();
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    match *change {
        Change::Flip { at, bits } => {
            if let Some(byte) = changed.get_mut(place(at, length)) {
                *byte ^= bits;
            }
        }
        Change::Cut { from } => changed.truncate(place(from, length)),
        Change::Remove { from, length: count } => {
            let from = place(from, length);
            drop(changed.drain(from..(from + count).min(length)));
        }
        Change::Insert { at, piece } => {
            drop(changed.splice(place(at, length)..place(at, length), piece.bytes()))
        }
        Change::SwapLines { first, second } if !lines.is_empty() => {
            let count = lines.len();
            lines.swap(place(first, count), place(second, count));
            changed = lines.concat();
        }
        Change::RepeatLine { line, times } if !lines.is_empty() => {
            let line = place(line, lines.len());
            lines.splice(line..line, vec![lines[line]; times]);
            changed = lines.concat();
        }
        Change::SwapLines { .. } | Change::RepeatLine { .. } => {}
    }
    changed
}

fn sound() -> &'static [File] {
    static SOUND: OnceLock<Vec<File>> = OnceLock::new();
    SOUND.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations/sound");
        let mut files = Vec::new();
        collect(&root, &root, &mut files);
        files.sort_by(|left, right| left.path.cmp(&right.path));
        files
    })
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.push(File { path: name, bytes: fs::read(&path).unwrap() });
        }
    }
}

proptest! {
    #[test]
    fn no_change_of_a_configuration_brings_the_compiler_down(
        changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..4)
    ) {
        let mut files = sound().to_vec();
        for (file, change) in changes {
            let file = file.index(files.len());
            files[file].bytes = changed(&files[file].bytes, &change);
        }
        let compiled = compile(&Bundle::from_iter(files), &Environment::default());
        let errors = compiled.diagnostics.has_errors();
        prop_assert_eq!(compiled.engine.is_none(), errors);
        let found = compiled.diagnostics.into_sorted(&compiled.sources);
        let rendered = [
            text::render(&found, &compiled.sources, true),
            json::render(&found, &compiled.sources).unwrap(),
            github::render(&found, &compiled.sources, ""),
            sarif::render(&found, &compiled.sources, "").unwrap(),
        ];
        prop_assert!(rendered.iter().all(|text| !errors || text.contains("E0")));
    }
}
