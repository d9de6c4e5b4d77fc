//! `docs/batch.md`: its files are made, its commands are run in a shell, and what they print is what it says.

use std::path::Path;
use std::process::Command;

use super::timeless;
use crate::harness::Folder;

const PAGE: &str = include_str!("../../../../../docs/batch.md");

#[test]
fn every_example_prints_what_it_says() {
    let mut folder = Folder::empty();
    let mut commands = 0;
    for (info, text) in blocks() {
        if let Some((_, path)) = info.split_once(' ') {
            folder = folder.file(path, text);
            continue;
        }
        assert_eq!(info, "console");
        for example in text.strip_prefix("$ ").unwrap().split("\n$ ") {
            let (command, expected) = example.split_once('\n').unwrap_or((example, ""));
            assert_eq!(timeless(&run(folder.path(), command)), timeless(expected.trim_end()), "$ {command}");
            commands += 1;
        }
    }
    assert!(commands > 0);
}

/// What stands behind the fence of each block, and its text.
fn blocks() -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGE.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap())
}

/// Both outputs of a command, as a terminal would show them.
fn run(folder: &Path, command: &str) -> String {
    let tolmach = Path::new(env!("CARGO_BIN_EXE_tolmach")).parent().unwrap();
    let path = format!("{}:{}", tolmach.display(), std::env::var("PATH").unwrap());
    let script = format!("exec 2>&1\n{command}");
    let done =
        Command::new("sh").args(["-c", &script]).current_dir(folder).env("PATH", path).output().unwrap();
    String::from_utf8(done.stdout).unwrap().trim_end().to_owned()
}
