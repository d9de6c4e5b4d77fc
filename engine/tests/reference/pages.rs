//! `docs/diagnostics/*.md`: each page's wrong example gives its code and nothing else, the right one gives no error.
//!
//! A block says what it is: `yaml wrong mappings/bank/order.yaml`, `yaml right …`. It stands for the keys it shows of
//! that file of the sound configuration, or for all of a file that is not there. What no page can show is in
//! [`unprintable`].
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use engine::diagnostic::{Code, render};
use engine::{Bundle, Compiled, Environment, File, compile};

use crate::bench::errors;
use crate::page::{Block, blocks};

/// The example is run by the tests of the runtime, which reads that file.
const BY_THE_RUNTIME: [Code; 2] = [Code::BadAddress, Code::Unmet];

type Files = BTreeMap<String, Vec<u8>>;

#[test]
fn a_wrong_example_gives_the_code_of_its_page() {
    let mut mistaken = String::new();
    for code in run_here() {
        let wrong = groups(*code, "wrong");
        let unprintable = unprintable(*code);
        assert!(!wrong.is_empty() || unprintable.is_some(), "{code}: no example");
        for files in wrong.into_iter().chain(unprintable) {
            let compiled = compiled(*code, files);
            let found = compiled.diagnostics.iter().any(|diagnostic| diagnostic.code == *code);
            let only = errors(&compiled).iter().all(|diagnostic| diagnostic.code == *code);
            if !(found && only) {
                mistaken
                    .push_str(&format!("{code} should be found, and nothing else:\n{}\n", shown(compiled)));
            }
        }
    }
    assert!(mistaken.is_empty(), "{mistaken}");
}

#[test]
fn a_right_example_gives_no_error() {
    let mut mistaken = String::new();
    for code in run_here() {
        let right = groups(*code, "right");
        assert!(!right.is_empty() || unprintable(*code).is_some(), "{code}: nothing is said to be right");
        for files in right {
            let compiled = compiled(*code, files);
            let again = compiled.diagnostics.iter().any(|diagnostic| diagnostic.code == *code);
            if again || !errors(&compiled).is_empty() {
                mistaken.push_str(&format!("{code} should be mended:\n{}\n", shown(compiled)));
            }
        }
    }
    assert!(mistaken.is_empty(), "{mistaken}");
}

#[test]
fn every_page_has_its_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let code = name.strip_suffix(".md").and_then(Code::find);
        assert!(code.is_some_and(|code| name.starts_with(code.as_str())), "{name} is the page of no code");
    }
}

fn run_here() -> impl Iterator<Item = &'static Code> {
    Code::ALL.iter().filter(|code| !BY_THE_RUNTIME.contains(code))
}

/// The configurations a page shows: blocks follow each other until a file comes again.
fn groups(code: Code, kind: &str) -> Vec<Files> {
    let mut groups: Vec<BTreeMap<String, String>> = Vec::new();
    for Block { info, text, .. } in blocks(code.page()) {
        let path = info.split_once(' ').and_then(|(_, rest)| rest.strip_prefix(kind)).map(str::trim_start);
        let Some(path) = path else { continue };
        match groups.last_mut() {
            Some(group) if !group.contains_key(path) => drop(group.insert(path.to_owned(), text)),
            _ => groups.push(BTreeMap::from([(path.to_owned(), text)])),
        }
    }
    groups
        .into_iter()
        .map(|group| group.into_iter().map(|(path, text)| (path, text.into())).collect())
        .collect()
}

/// What is too long for a page, or is no text; an empty set where the surroundings are wrong, not a file.
fn unprintable(code: Code) -> Option<Files> {
    let route = "mappings/bank/order.yaml";
    let answer = |rule: String| (route, format!("answer: {{map: {{taken: {rule}}}}}\n").into_bytes());
    let nested =
        |open: &str, inside: &str, close: &str| format!("{}{inside}{}", open.repeat(200), close.repeat(200));
    let (path, bytes) = match code {
        Code::TooDeep => answer(format!("{{value: {}}}", nested("[", "1", "]"))),
        Code::FileTooLarge => ("mappings/bank/large.yaml", b"# \n".repeat(2 << 20)),
        Code::NotUtf8 => ("mappings/bank/large.yaml", b"title: \xcf\xf0\xe8\xe2\xe5\xf2".to_vec()),
        Code::ControlCharacter => ("mappings/bank/large.yaml", b"title: a\0b".to_vec()),
        Code::ExpressionTooLong => answer(format!("\"id{}\"", " || id".repeat(2000))),
        Code::ExpressionTooDeep => answer(format!("\"{}\"", nested("(", "id", ")"))),
        Code::SchemaTooDeep => ("schemas/bank/notice.json", nested(r#"{"items": "#, "{}", "}").into_bytes()),
        Code::ScriptTooLarge => {
            ("mappings/bank/scoring.rhai", format!("fn grade(a) {{ a }} // {}", "-".repeat(1 << 18)).into())
        }
        Code::BadSettingValue => (
            "mappings/bank/partner.yaml",
            b"settings: {base_url: 'https://bank.example', token: {env: BANK_TOKEN, secret: true}}\n"
                .to_vec(),
        ),
        Code::TooMany => {
            let rows = "codes: {product: {rows: products.csv}}\n".to_owned().into_bytes();
            let csv: String = (0..200_001).map(|row| format!("{row},C{row}\n")).collect();
            return Some(BTreeMap::from([
                ("mappings/bank/partner.yaml".to_owned(), rows),
                ("mappings/bank/products.csv".to_owned(), format!("theirs,ours\n{csv}").into()),
            ]));
        }
        _ => return None,
    };
    Some(BTreeMap::from([(path.to_owned(), bytes)]))
}

/// The sound configuration with what a page shows of it put over it.
fn compiled(code: Code, over: Files) -> Compiled {
    let mut files = Files::new();
    let sound = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations/sound");
    collect(&sound, &sound, &mut files);
    for (path, bytes) in over {
        let before = files.remove(&path).filter(|_| path.ends_with(".yaml"));
        files.insert(path, before.map_or(bytes.clone(), |before| overlaid(&before, &bytes)));
    }
    let files = files.into_iter().map(|(path, bytes)| File { path, bytes });
    compile(&Bundle::from_iter(files), &surroundings(code))
}

fn surroundings(code: Code) -> Environment {
    let mut environment =
        Environment { listen: "http://127.0.0.1:8080".to_owned(), ..Environment::default() };
    environment.sandbox = code == Code::ForbiddenDestination;
    if code == Code::BadSettingValue {
        environment.variables.insert("BANK_TOKEN".to_owned(), "secret\n".to_owned());
    }
    environment
}

/// The file `before` with the top-level keys of `over` in place of its own.
fn overlaid(before: &[u8], over: &[u8]) -> Vec<u8> {
    let (before, over) =
        (String::from_utf8(before.to_vec()).unwrap(), String::from_utf8(over.to_vec()).unwrap());
    let over = entries(&over);
    let mut merged = entries(&before);
    for (key, text) in over {
        match merged.iter_mut().find(|(known, _)| *known == key) {
            Some(entry) => entry.1 = text,
            None => merged.push((key, text)),
        }
    }
    merged.into_iter().map(|(_, text)| text).collect::<String>().into_bytes()
}

/// The top-level keys with their lines.
fn entries(text: &str) -> Vec<(&str, String)> {
    let mut entries: Vec<(&str, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        let key = line.split(':').next().filter(|_| line.starts_with(|sign: char| !sign.is_whitespace()));
        match (key, entries.last_mut()) {
            (None, Some((_, lines))) => lines.push_str(line),
            _ => entries.push((key.unwrap_or_default(), line.to_owned())),
        }
    }
    entries
}

fn collect(root: &Path, folder: &Path, files: &mut Files) {
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

fn shown(compiled: Compiled) -> String {
    render::text::render(&compiled.diagnostics.into_sorted(&compiled.sources), &compiled.sources, false)
}
