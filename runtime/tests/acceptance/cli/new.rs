//! `tolmach new`: what it makes is in order, and what is there stays.

use std::fs;

use super::shown;
use crate::harness::Folder;

#[test]
fn a_folder_runs_as_it_is() {
    let place = Folder::empty();
    let made = place.path().join("integrations");
    let mut told = shown(place.path(), &["new", "folder", made.to_str().unwrap()], "");
    for arguments in [&["test", "--accept"][..], &["test"]] {
        told += &shown(&made, arguments, "").replace(made.to_str().unwrap(), "FOLDER/integrations");
    }
    assert!(shown(&made, &["check"], "").ends_with("ok: 2 channels, 1 endpoint, 2 routes\n--- exit 0\n\n"));
    told += &fs::read_to_string(made.join("tests/cases/bank/new-order/minimal.snap")).unwrap();
    insta::assert_snapshot!(told);
}

#[test]
fn a_partner_a_route_a_case_and_a_flow() {
    let folder = Folder::empty();
    let run = |arguments: &[&str], input: &str| shown(folder.path(), arguments, input);
    let mut told = run(&["new", "partner", "night-parcels"], "");
    for arguments in [
        &["new", "route", "night-parcels/paid", "--receive", "night-parcels/inbox", "--message", "Message"][..],
        &[
            "new",
            "route",
            "night-parcels-sandbox/more",
            "--receive",
            "night-parcels-sandbox/messages",
            "--message",
            "So: \"more\"",
        ],
        &["new", "case", "night-parcels/paid/first", "-"],
        &["new", "case", "night-parcels-sandbox/take/empty"],
        &["new", "flow", "arrives", "--receive", "night-parcels/inbox"],
    ] {
        told += &run(arguments, "{\"type\": \"Message\"}");
    }
    told += &run(&["explain", "night-parcels/paid"], "");
    fs::remove_file(folder.path().join("mappings/night-parcels/sandbox/more.yaml")).unwrap();
    told += &run(&["test", "--accept"], "");
    insta::assert_snapshot!(told);
}

#[test]
fn nothing_is_written_over() {
    let folder = Folder::empty().file("mappings/parcels/sandbox/take.yaml", "mine");
    let told = shown(folder.path(), &["new", "partner", "parcels"], "");
    insta::assert_snapshot!(told);
    assert!(!folder.path().join("mappings/parcels/partner.yaml").exists());
    assert_eq!(fs::read_to_string(folder.path().join("mappings/parcels/sandbox/take.yaml")).unwrap(), "mine");
}

#[test]
fn what_cannot_be_made_says_why() {
    let folder = Folder::empty().file("mappings/shop/partner.yaml", "partner: shop\n");
    let mut told = String::new();
    for arguments in [
        &["new", "partner", "a/b"][..],
        &["new", "partner", "a b"],
        &["new", "partner", "shop-sandbox"],
        &["new", "route", "paid", "--receive", "shop/inbox", "--message", "Paid"],
        &["new", "route", "bank/paid", "--receive", "shop/inbox", "--message", "Paid"],
        &["new", "route", "shop/../paid", "--receive", "shop/inbox", "--message", "Paid"],
        &["new", "route", "shop/paid", "--receive", "inbox", "--message", "Paid"],
        &["new", "case", "shop/paid/first"],
        &["new", "flow", "../../first", "--receive", "shop/inbox"],
        &["new", "route", "shop/paid"],
        &["new"],
    ] {
        told += &shown(folder.path(), arguments, "");
    }
    insta::assert_snapshot!(told);
}
