//! Conversations of whole routes: `engine/tests/stories/*.md`, each a configuration and what happens to it.
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

use std::fs;
use std::path::Path;

use crate::page::blocks;
use crate::story;

#[test]
fn every_story_happens_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut pages: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(!pages.is_empty());
    for page in pages {
        println!("{}", page.display());
        let blocks = blocks(&fs::read_to_string(&page).unwrap());
        for block in &blocks {
            let is_file = block.info.contains(" mappings/") || block.info.contains(" schemas/");
            let known = is_file || block.info == "json records" || story::is_told(&block.info);
            assert!(known, "line {}: what is `{}`?", block.line, block.info);
        }
        story::happens(&blocks);
    }
}
