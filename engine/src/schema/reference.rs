//! The references of a schema file.

use std::{collections::BTreeSet, fmt};

use serde_json::Value;

use super::document::Documents;
use crate::diagnostic::Code;

/// The meta-schemas that the validator carries with it.
const META_SCHEMAS: [&str; 2] = ["https://json-schema.org/", "http://json-schema.org/"];

/// How the URIs of this configuration's files begin.
const HERE: &str = "json-schema:///";

/// Keywords whose values are data, not schemas.
const DATA: [&str; 5] = ["const", "enum", "default", "example", "examples"];

/// Why a reference leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Error {
    /// Not a URI reference.
    Malformed { reference: String },
    /// No file of the configuration.
    Missing { uri: String },
    /// The file exists, the place in it does not.
    Nowhere { file: String, fragment: String },
}

impl Error {
    pub(super) const fn missing(uri: String) -> Self {
        Self::Missing { uri }
    }

    pub(super) fn code(&self) -> Code {
        match self {
            Self::Missing { uri } if !uri.starts_with(HERE) => Code::RemoteReference,
            Self::Missing { .. } | Self::Malformed { .. } | Self::Nowhere { .. } => Code::UnresolvedReference,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { reference } => write!(f, "`{reference}` is not a URI reference"),
            Self::Missing { uri } => match uri.strip_prefix(HERE) {
                Some(path) if path.starts_with("schemas/") => write!(f, "there is no file `{path}`"),
                Some(path) => write!(f, "`{path}` is outside of schemas/, which a reference cannot leave"),
                None => write!(
                    f,
                    "`{}` is not one of the schema files, and nothing is fetched",
                    uri.trim_start_matches("json-schema:")
                ),
            },
            Self::Nowhere { file, fragment } => write!(f, "there is no `{fragment}` in `{file}`"),
        }
    }
}

impl std::error::Error for Error {}

/// The references of one file.
#[derive(Debug, Default)]
pub(super) struct References {
    /// The files it needs.
    pub(super) files: BTreeSet<String>,
    /// Those that lead nowhere, with their places.
    pub(super) broken: Vec<(String, Error)>,
}

impl References {
    pub(super) fn of(documents: &Documents, name: &str, schema: &Value) -> Self {
        let mut references = Self::default();
        references.collect(documents, name, schema, &mut String::new());
        references
    }

    fn collect(&mut self, documents: &Documents, name: &str, schema: &Value, pointer: &mut String) {
        match schema {
            Value::Object(members) => {
                // A nested `$id` changes what references are relative to; the validator knows.
                if !pointer.is_empty() && members.get("$id").is_some_and(Value::is_string) {
                    return;
                }
                for (key, member) in members {
                    match member {
                        Value::String(target) if key == "$ref" => {
                            self.add(documents, name, target, pointer);
                        }
                        _ if DATA.contains(&key.as_str()) && !pointer.ends_with("/properties") => {}
                        _ => {
                            let key = key.replace('~', "~0").replace('/', "~1");
                            self.descend(documents, name, member, &key, pointer);
                        }
                    }
                }
            }
            Value::Array(elements) => {
                for (at, element) in elements.iter().enumerate() {
                    self.descend(documents, name, element, &at.to_string(), pointer);
                }
            }
            _ => {}
        }
    }

    fn descend(
        &mut self,
        documents: &Documents,
        name: &str,
        schema: &Value,
        segment: &str,
        pointer: &mut String,
    ) {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(segment);
        self.collect(documents, name, schema, pointer);
        pointer.truncate(length);
    }

    fn add(&mut self, documents: &Documents, name: &str, target: &str, pointer: &str) {
        if META_SCHEMAS.iter().any(|prefix| target.starts_with(prefix)) {
            return;
        }
        match documents.resolve(name, target) {
            Ok((file, _)) => {
                self.files.insert(file.to_owned());
            }
            Err(error) => self.broken.push((format!("{pointer}/$ref"), error)),
        }
    }
}
