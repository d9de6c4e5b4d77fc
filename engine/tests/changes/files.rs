//! Configurations of this repository, and messages for their routes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use engine::File;

/// Bytes by path.
#[derive(Debug, Clone, Default)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

/// A route and a message for it.
pub type Message = (String, Vec<u8>);

impl Files {
    pub fn list(&self) -> impl Iterator<Item = File> {
        self.0.iter().map(|(path, bytes)| File { path: path.clone(), bytes: bytes.clone() })
    }

    /// Another text in one place of a file.
    pub fn replace(&mut self, path: &str, text: &str, by: &str) {
        let bytes = self.0.get_mut(path).unwrap();
        let before = String::from_utf8(bytes.clone()).unwrap();
        assert!(before.contains(text), "{path} has no {text}");
        *bytes = before.replacen(text, by, 1).into_bytes();
    }

    fn read(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                self.read(root, &path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                self.0.insert(name, fs::read(&path).unwrap());
            }
        }
    }
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn under(root: &Path, folders: &[&str]) -> Files {
    let mut files = Files::default();
    folders.iter().for_each(|folder| files.read(root, &root.join(folder)));
    files
}

/// What every broken configuration of the reference differs from.
pub fn sound() -> Files {
    under(&here().join("tests/configurations/sound"), &[""])
}

/// The broken configurations by name.
pub fn broken(sound: &Files) -> Vec<(String, Files)> {
    let folder = here().join("tests/configurations");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !path.ends_with("sound"))
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    let over = |name: String| {
        let mut files = sound.clone();
        files.0.extend(under(&folder.join(&name), &[""]).0);
        (name, files)
    };
    names.into_iter().map(over).collect()
}

/// The configuration that is shipped.
pub fn shipped() -> Files {
    under(&here().join(".."), &["mappings", "schemas"])
}

/// The messages that are shipped with it.
pub fn messages() -> Vec<Message> {
    let cases = under(&here().join("../tests/cases"), &[""]);
    let route = |path: &str| path.rsplit_once('/').map(|(route, _)| route.to_owned());
    let json = cases.0.into_iter().filter(|(path, _)| path.ends_with(".json"));
    json.filter_map(|(path, bytes)| Some((route(&path)?, bytes))).collect()
}
