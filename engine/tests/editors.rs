//! The schema that editors read: it takes what the reader takes, and what the reader refuses it refuses.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

use std::path::{Path, PathBuf};

use engine::diagnostic::{Code, Diagnostics};
use engine::document::contract::{Codes, Contract, Unread};
use engine::document::route::Route;
use engine::document::shared::Shared;
use engine::document::{Kind, Node, Reader, Resolved, json_schema, yaml};
use engine::source::Sources;
use jsonschema::Validator;
use serde_json::{Value, json};

#[path = "reference/page.rs"]
#[allow(dead_code, reason = "the rows of tables are of no interest here")]
mod page;

/// A schema of its own for each kind of file, and the one for all.
struct Schemas {
    contract: Validator,
    codes: Validator,
    mappings: Validator,
    route: Validator,
    mapping: Validator,
}

/// A mapping file.
struct File {
    path: String,
    text: String,
}

#[test]
fn the_schemas_are_schemas() {
    for (name, schema) in all() {
        assert!(jsonschema::draft7::meta::is_valid(&schema), "{name}");
    }
}

#[test]
fn the_schemas() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("editors");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for (name, schema) in all() {
        insta::assert_snapshot!(name, format!("{schema:#}"));
    }
}

#[test]
fn sound_files_satisfy_them() {
    let schemas = Schemas::new();
    let files = sound();
    assert!(files.len() > 20, "{}", files.len());
    for file in &files {
        let node = node(&file.text).unwrap_or_else(|| panic!("{}", file.path));
        let value = value(&node);
        for schema in [schemas.of(&file.path), &schemas.mapping] {
            let errors: Vec<String> = schema
                .iter_errors(&value)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", file.path);
        }
    }
}

/// What is offered to begin with is what may be written there.
#[test]
fn snippets_satisfy_them() {
    let mut seen = 0;
    for (name, mut schema) in all() {
        let definitions = schema["definitions"].take();
        for (definition, within) in definitions.as_object().unwrap() {
            for snippet in within["defaultSnippets"].as_array().into_iter().flatten() {
                let mut text = String::new();
                write(&snippet["body"], "\n", &mut text);
                let document = value(&node(&text).unwrap_or_else(|| panic!("{text}")));
                let root = json!({"$ref": format!("#/definitions/{definition}"), "definitions": definitions});
                let schema = jsonschema::draft7::new(&root).unwrap();
                assert!(schema.is_valid(&document), "{name}, {definition}: {text}");
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen}");
}

/// A snippet as an editor writes it, with what it proposes for each place.
fn write(body: &Value, line: &str, text: &mut String) {
    match body {
        Value::Object(members) => {
            for (key, member) in members {
                text.push_str(line);
                text.push_str(&proposed(key));
                text.push_str(": ");
                write(member, &format!("{line}  "), text);
            }
        }
        Value::Array(items) => {
            for item in items {
                text.push_str(line);
                text.push('-');
                write(item, &format!("{line}  "), text);
            }
        }
        Value::String(string) => text.push_str(&proposed(string)),
        other => text.push_str(&other.to_string()),
    }
}

/// `/${1:path}` is `/path`.
fn proposed(text: &str) -> String {
    let mut parts = text.split("${");
    let mut proposed = parts.next().unwrap().to_owned();
    for part in parts {
        let (_, rest) = part.split_once(':').unwrap();
        proposed.push_str(&rest.replacen('}', "", 1));
    }
    proposed
}

/// Diagnostics of the shape of a document.
const STRUCTURAL: [Code; 5] =
    [Code::UnknownKey, Code::MissingKey, Code::WrongShape, Code::BadValue, Code::ConflictingKeys];

/// Cases whose only mistake is a file's name: one schema for all files goes by what they hold and cannot see it.
const MISPLACED: [&str; 2] = ["/a-contract-by-another-name/", "/a-route-in-the-file-of-codes/"];

#[test]
fn broken_files_do_not() {
    let schemas = Schemas::new();
    let mut seen = 0;
    for file in files(&root().join("tests/configurations")) {
        if file.path.contains("/sound/") {
            continue;
        }
        let codes = codes(&file);
        if !codes.iter().any(|code| STRUCTURAL.contains(code)) {
            continue;
        }
        let Some(node) = node(&file.text) else { continue };
        let value = value(&node);
        seen += 1;
        assert!(!schemas.of(&file.path).is_valid(&value), "{}: {codes:?}", file.path);
        let misplaced = MISPLACED.iter().any(|case| file.path.contains(case));
        assert!(misplaced || !schemas.mapping.is_valid(&value), "{}: {codes:?}", file.path);
    }
    assert!(seen > 20, "{seen}");
}

/// In every sound file every value is taken away, replaced by one of another shape, and given a key too many: what the
/// reader says of it the schema says.
#[test]
fn the_reader_and_the_schema_agree() {
    let schemas = Schemas::new();
    let (mut differing, mut tried) = (Vec::new(), 0);
    for file in sound() {
        let whole = value(&node(&file.text).unwrap());
        for Change { pointer, what, document } in changes(&whole) {
            let text = document.to_string();
            let codes = codes(&File { path: file.path.clone(), text });
            let valid = schemas.of(&file.path).is_valid(&document);
            tried += 1;
            let agree = valid == codes.is_empty();
            if !agree && (valid || !is_stricter(&pointer, &what)) {
                let told = if valid { "takes it" } else { "refuses it" };
                differing.push(format!(
                    "{}: {pointer} {what}: the schema {told}, the reader {codes:?}",
                    file.path
                ));
            }
        }
    }
    assert!(tried > 10_000, "{tried}");
    assert!(differing.is_empty(), "{} of {tried}:\n{}", differing.len(), differing.join("\n"));
}

/// Where the schema refuses what a document may say as far as its reader is concerned.
fn is_stricter(pointer: &str, what: &str) -> bool {
    // A name or a line for people that is a boolean: an editor would offer true and false for every name.
    let is_boolean = what == "= true";
    // These are texts and numbers until the documents are compiled; there the diagnostics are the compiler's.
    let quantities = ["timeout", "first", "max", "keep", "after", "every", "max_body", "status", "attempts"];
    let is_quantity = quantities.iter().any(|key| pointer.ends_with(&format!("/{key}")));
    // Rows are read where they come from, be it the document or a file; so is what stands for a missing one.
    let is_of_a_table = pointer.contains("/rows") || pointer.contains("/unknown");
    is_boolean || is_quantity || is_of_a_table
}

/// A document that differs from a sound one in one place.
struct Change {
    pointer: String,
    what: String,
    document: Value,
}

fn changes(whole: &Value) -> Vec<Change> {
    let mut pointers = Vec::new();
    collect(whole, String::new(), &mut pointers);
    let others =
        [json!(true), json!(7), json!("word"), json!(["word"]), json!({"zz": "word"}), json!([{"zz": 1}])];
    let mut changes = Vec::new();
    for pointer in &pointers {
        let mut change = |what: String, edit: &dyn Fn(&mut Value)| {
            let mut document = whole.clone();
            edit(&mut document);
            changes.push(Change { pointer: pointer.clone(), what, document });
        };
        let (parent, key) = pointer.rsplit_once('/').unwrap_or_default();
        let key = key.replace("~1", "/").replace("~0", "~");
        change("removed".to_owned(), &|document| {
            if let Some(Value::Object(members)) = document.pointer_mut(parent) {
                members.remove(&key);
            }
        });
        change("with a key too many".to_owned(), &|document| {
            if let Some(Value::Object(members)) = document.pointer_mut(pointer) {
                members.insert("zz".to_owned(), json!([["word"]]));
            }
        });
        for other in &others {
            change(format!("= {other}"), &|document| *document.pointer_mut(pointer).unwrap() = other.clone());
        }
    }
    changes
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                collect(member, format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), pointers);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{at}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

impl Schemas {
    fn new() -> Self {
        let compile = |schema: Value| jsonschema::draft7::new(&schema).unwrap();
        Self {
            contract: compile(json_schema::contract()),
            codes: compile(json_schema::codes()),
            mappings: compile(json_schema::mappings()),
            route: compile(json_schema::route()),
            mapping: compile(json_schema::mapping()),
        }
    }

    fn of(&self, path: &str) -> &Validator {
        match stem(path) {
            "partner" => &self.contract,
            "codes" => &self.codes,
            "mappings" => &self.mappings,
            _ => &self.route,
        }
    }
}

fn all() -> [(&'static str, Value); 5] {
    [
        ("contract", json_schema::contract()),
        ("codes", json_schema::codes()),
        ("mappings", json_schema::mappings()),
        ("route", json_schema::route()),
        ("mapping", json_schema::mapping()),
    ]
}

fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap().strip_suffix(".yaml").unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// What the repository ships, what the pages show, and the sound configuration.
fn sound() -> Vec<File> {
    let mut sound = files(&root().join("../mappings"));
    sound.extend(files(&root().join("tests/configurations/sound")));
    for folder in ["../docs", "tests/stories"] {
        for entry in std::fs::read_dir(root().join(folder)).unwrap() {
            let page = entry.unwrap().path();
            if page.extension().is_some_and(|extension| extension == "md") {
                let blocks = page::blocks(&std::fs::read_to_string(&page).unwrap());
                let files = blocks.into_iter().filter_map(|block| {
                    let path = block.info.strip_prefix("yaml mappings/")?;
                    Some(File { path: format!("{}: {path}", page.display()), text: block.text })
                });
                sound.extend(files);
            }
        }
    }
    sound
}

/// All mapping files under a folder.
fn files(folder: &Path) -> Vec<File> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            files.push(File { path: path.to_str().unwrap().replace('\\', "/"), text });
        }
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

fn node(text: &str) -> Option<Node> {
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let source = sources.add("file.yaml", text);
    yaml::parse(source, &sources, &mut diagnostics)
}

/// What the reader says of a file, without what is only compiled.
fn codes(file: &File) -> Vec<Code> {
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let source = sources.add(&*file.path, &*file.text);
    let Some(node) = yaml::parse(source, &sources, &mut diagnostics) else { return Vec::new() };
    let reader = &mut Reader::new(&sources, &mut diagnostics);
    match stem(&file.path) {
        "partner" => drop(Contract::read(reader, &node)),
        "codes" => drop(Codes::read_file(reader, &node, &mut Unread::default())),
        "mappings" => Shared::read(reader, Some(&node)).check(reader),
        _ => drop(Route::read(reader, &node)),
    }
    // Which shared mappings there are no single file tells.
    let codes = diagnostics.iter().map(|diagnostic| diagnostic.code);
    codes.filter(|code| *code != Code::UnknownMapping).collect()
}

/// A document as an editor sees it.
fn value(node: &Node) -> Value {
    match &node.kind {
        Kind::Scalar(scalar) => match scalar.resolved {
            Resolved::Null => Value::Null,
            Resolved::Bool(value) => Value::Bool(value),
            Resolved::Number => serde_json::from_str(&scalar.text).unwrap(),
            Resolved::String => Value::from(scalar.text.as_str()),
        },
        Kind::Sequence(items) => items.iter().map(value).collect(),
        Kind::Mapping(entries) => {
            entries.iter().map(|(key, node)| (key.value.clone(), value(node))).collect()
        }
    }
}
