//! Help, and what is said to a command line that cannot be carried out.

use super::shown;
use crate::harness::Folder;

#[test]
fn every_command_explains_itself() {
    let folder = Folder::empty();
    let mut text = String::new();
    for command in [
        &["--help"][..],
        &["run", "--help"],
        &["check", "--help"],
        &["explain", "--help"],
        &["map", "--help"],
        &["eval", "--help"],
        &["test", "--help"],
        &["messages", "--help"],
        &["messages", "show", "--help"],
        &["messages", "retry", "--help"],
        &["schema", "--help"],
    ] {
        text.push_str(&shown(folder.path(), command, ""));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_command_line_that_cannot_be_carried_out() {
    let folder = Folder::empty();
    let mut text = String::new();
    for arguments in [
        &["chek"][..],
        &["map"],
        &["run", "--listen", "everywhere"],
        &["check", "--format", "xml"],
        &["check"],
        &["run"],
        &["eval", "a", "no-such-file.json"],
        &["messages"],
        &["messages", "show", "x", "--store", "no-such.db"],
        &["messages", "--state", "lost"],
        &["schema", "partner"],
    ] {
        let shown = shown(folder.path(), arguments, "");
        assert!(shown.ends_with("--- exit 2\n\n"), "{shown}");
        text.push_str(&shown);
    }
    insta::assert_snapshot!(text);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
