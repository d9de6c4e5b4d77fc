//! The suite's files: how they are read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use engine::schema::Document;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Where the suite's cases expect the schemas that they refer to.
pub const SERVED: &str = "http://localhost:1234/";

/// The dialect whose schemas are served; the others are for cases of other dialects.
const DIALECT: &str = "draft2020-12";

/// A file of cases.
pub struct File {
    /// Below the folder of all cases.
    pub folder: String,
    pub name: String,
    pub groups: Vec<Group>,
}

/// One schema, and values that it is asked about.
#[derive(Deserialize)]
pub struct Group {
    pub description: String,
    pub schema: Box<RawValue>,
    pub tests: Vec<Case>,
}

#[derive(Deserialize)]
pub struct Case {
    pub description: String,
    pub data: Box<RawValue>,
    pub valid: bool,
}

/// The schemas that cases refer to, as files of a configuration.
#[derive(Default)]
pub struct Remotes(pub Vec<Arc<Document>>);

impl File {
    /// Whether the suite takes formats for remarks here, as a validator may that is not told otherwise. In `optional`
    /// they assert, as they do in a configuration.
    pub fn leaves_formats_open(&self) -> bool {
        self.folder == "required" && self.name == "format.json"
    }
}

impl Remotes {
    /// # Errors
    /// A file cannot be read.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let served = folder.join(DIALECT);
        let read = |path: PathBuf| {
            let mut schema: serde_json::Value = parsed(&path)?;
            let below = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            // A configuration's file goes by another URI where it says so itself.
            if let Some(members) = schema.as_object_mut() {
                members.entry("$id").or_insert_with(|| format!("{SERVED}{below}").into());
            }
            let document = Document::new(below.trim_end_matches(".json"), schema.to_string().into(), &schema);
            Ok(Arc::new(document))
        };
        paths(&served)?.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// All files of cases in a folder and below it, by name.
///
/// # Errors
/// There are none, or one cannot be read.
pub fn files(folder: &Path) -> Result<Vec<File>, String> {
    let paths = paths(folder)?;
    if paths.is_empty() {
        return Err(told(folder, &"there are no files of cases (*.json) in it"));
    }
    let read = |path: PathBuf| {
        let below = path.parent().and_then(|parent| parent.strip_prefix(folder).ok()).unwrap_or(folder);
        let below = Some(below.display().to_string()).filter(|below| !below.is_empty());
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(File { folder: below.unwrap_or_else(|| "required".to_owned()), name, groups: parsed(&path)? })
    };
    paths.into_iter().map(read).collect()
}

fn paths(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| told(folder, &error))? {
        let path = entry.map_err(|error| told(folder, &error))?.path();
        if path.is_dir() {
            found.extend(paths(&path)?);
        } else if path.extension().is_some_and(|name| name == "json") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn parsed<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let bytes = fs::read(path).map_err(|error| told(path, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| told(path, &error))
}

fn told(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
