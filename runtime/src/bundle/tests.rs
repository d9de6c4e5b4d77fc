//! Folders as they are mounted, linked and broken.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.file("in/mappings/bank/partner.yaml", "partner: bank\n");
        folder
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn file(&self, path: &str, text: &str) -> &Self {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
        self
    }

    fn link(&self, to: &str, path: &str) -> &Self {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        symlink(to, self.path(path)).unwrap();
        self
    }

    /// The files that are read, or what is said.
    fn read(&self) -> Vec<String> {
        match read(&self.path("in"), true) {
            Ok(bundle) => {
                let mut files: Vec<_> = bundle.texts().map(|(path, _)| path.to_owned()).collect();
                files.sort();
                files
            }
            Err(error) => {
                let text = error.to_string().replace(self.0.path().to_str().unwrap(), "…");
                text.lines().map(str::to_owned).collect()
            }
        }
    }
}

#[test]
fn other_files_and_hidden_ones_are_not_read() {
    let folder = Folder::new();
    folder
        .file("in/mappings/bank/notes.txt", "")
        .file("in/mappings/.git/x.yaml", "")
        .file("in/schemas/a/b.json", "");
    folder
        .file("in/schemas/a/b.yaml", "")
        .file("in/mappings/bank/.x.yaml", "")
        .link("/", "in/mappings/bank/.root");
    assert_eq!(folder.read(), ["mappings/bank/partner.yaml", "schemas/a/b.json"]);
}

/// As Kubernetes mounts a configuration.
#[test]
fn a_link_to_a_file_within_the_folder_is_followed() {
    let folder = Folder::new();
    folder.file("in/mappings/shop/..2026/partner.yaml", "partner: shop\n");
    folder.link("..2026", "in/mappings/shop/..data");
    folder.link("..data/partner.yaml", "in/mappings/shop/partner.yaml");
    assert_eq!(folder.read(), ["mappings/bank/partner.yaml", "mappings/shop/partner.yaml"]);
}

#[test]
fn all_that_cannot_be_read_is_said_at_once() {
    let folder = Folder::new();
    folder
        .file("out/order.yaml", "title: elsewhere\n")
        .link("../../../out/order.yaml", "in/mappings/bank/a.yaml");
    folder.link("/etc/passwd", "in/mappings/bank/b.yaml").link("nowhere.yaml", "in/mappings/bank/c.yaml");
    folder.link("../bank", "in/mappings/bank/d").link("/dev/zero", "in/mappings/bank/e.yaml");
    folder
        .file("in/mappings/bank/f.yaml", &"#\n".repeat(3 << 20))
        .link("self.yaml", "in/mappings/bank/self.yaml");
    folder.file(&format!("in/schemas/{}x.json", "d/".repeat(10)), "{}");
    let _socket = UnixListener::bind(folder.path("in/mappings/bank/g.yaml")).unwrap();
    insta::assert_snapshot!(folder.read().join("\n"));
}

#[test]
fn a_folder_with_a_file_s_name_is_a_folder() {
    let folder = Folder::new();
    folder.file("in/mappings/bank/order.yaml/x.yaml", "");
    assert_eq!(folder.read(), ["mappings/bank/order.yaml/x.yaml", "mappings/bank/partner.yaml"]);
}

#[test]
fn the_folders_themselves_may_not_lead_out() {
    let folder = Folder::new();
    folder.file("out/a.json", "{}").link("../out", "in/schemas");
    assert_eq!(folder.read(), ["…/in/schemas is a link that leads out of the configuration's folder"]);
    assert!(matches!(read(&folder.path("out"), true), Err(Error::Missing(_))));
}

#[test]
fn a_folder_that_is_itself_a_link_is_read() {
    let folder = Folder::new();
    folder.link("in", "linked");
    assert_eq!(read(&folder.path("linked"), true).unwrap().texts().count(), 1);
}

#[test]
fn one_partner_is_read_again() {
    let folder = Folder::new();
    let contract = "in/mappings/bank/partner.yaml";
    folder.file("in/schemas/bank/a.json", "1").file("in/schemas/shop/b.json", "1");
    folder.file("in/mappings/shop/partner.yaml", "1").file("in/mappings/bank/sandbox/partner.yaml", "1");
    let known = read(&folder.path("in"), true).unwrap();
    folder
        .file(contract, "2")
        .file("in/mappings/bank/new.yaml", "2")
        .file("in/mappings/shop/partner.yaml", "2");
    folder.file("in/mappings/bank/sandbox/partner.yaml", "2");
    fs::remove_file(folder.path("in/schemas/bank/a.json")).unwrap();
    let again = |partner| {
        let bundle = read_partner(&folder.path("in"), true, partner, &known).unwrap();
        let text = |(path, text): (&str, &str)| format!("{path} {}", text.trim());
        let mut texts: Vec<_> = bundle.texts().map(text).collect();
        texts.sort();
        texts
    };
    assert_eq!(
        again("bank"),
        [
            "mappings/bank/new.yaml 2",
            "mappings/bank/partner.yaml 2",
            "mappings/bank/sandbox/partner.yaml 1",
            "mappings/shop/partner.yaml 1",
            "schemas/shop/b.json 1",
        ]
    );
    assert_eq!(
        again("bank-sandbox"),
        [
            "mappings/bank/partner.yaml partner: bank",
            "mappings/bank/sandbox/partner.yaml 2",
            "mappings/shop/partner.yaml 1",
            "schemas/bank/a.json 1",
            "schemas/shop/b.json 1",
        ]
    );
    folder.link("../other", "in/mappings/kiosk");
    assert_eq!(again("kiosk").len(), 5, "a link is no folder");
    assert_eq!(again("..").len(), 5);
}
