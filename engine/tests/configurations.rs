//! Broken configurations, and all that their writers are told.
//!
//! A case is a folder in `configurations/`: the files in which it differs from the sound configuration in
//! `configurations/sound/`. What is found in it stands beside it, in `<case>.snap`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use engine::diagnostic::render::text;
use engine::{Bundle, Environment, File, compile};

/// The configuration that every case changes.
const SOUND: &str = "sound";

#[test]
fn what_the_writer_of_a_broken_configuration_is_told() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("configurations");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for case in cases() {
        insta::assert_snapshot!(&*case, diagnostics(&case));
    }
}

#[test]
fn the_sound_configuration_is_sound() {
    assert_eq!(diagnostics(SOUND), "");
}

/// A snapshot whose case is gone would never be looked at again.
#[test]
fn every_snapshot_has_its_case() {
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "snap") {
            assert!(path.with_extension("").is_dir(), "{} has no case", path.display());
            let told = fs::read_to_string(&path).unwrap();
            assert!(
                told.contains("in 1 file") || told.contains(" files"),
                "{}: nothing is found",
                path.display()
            );
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations")
}

fn cases() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
    let mut names: Vec<String> = folders.map(|folder| folder.file_name().into_string().unwrap()).collect();
    names.retain(|name| name != SOUND);
    names.sort();
    names
}

/// The rendered diagnostics of the sound configuration with the files of the case put over it.
fn diagnostics(case: &str) -> String {
    let mut files = BTreeMap::new();
    for part in [SOUND, case] {
        let root = folder().join(part);
        collect(&root, &root, &mut files);
    }
    let files = files.into_iter().map(|(path, bytes)| File { path, bytes });
    let compiled = compile(&Bundle::from_iter(files), &Environment::default());
    let stops = compiled.diagnostics.has_errors();
    assert_eq!(compiled.engine.is_none(), stops, "{case}: there is an engine unless there are errors");
    text::render(&compiled.diagnostics.into_sorted(&compiled.sources), &compiled.sources, false)
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}
