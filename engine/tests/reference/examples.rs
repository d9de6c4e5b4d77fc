//! Examples that no reader of the reference needs: `engine/tests/examples/*.md`, written as those of `docs/language.md`.
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

use std::fs;
use std::path::Path;

use crate::language::give_what_they_say;

#[test]
fn every_example_gives_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    let pages: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!pages.is_empty());
    for page in pages {
        println!("{}", page.display());
        give_what_they_say(&fs::read_to_string(&page).unwrap());
    }
}
