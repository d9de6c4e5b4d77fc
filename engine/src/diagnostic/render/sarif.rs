//! For code scanners: a log in the Static Analysis Results Interchange Format, SARIF 2.1.0.

use serde::Serialize;

use crate::diagnostic::{Code, Diagnostic, Label, Severity};
use crate::source::{Sources, Span};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The usual name of the folder that the scanner was started in.
const BASE: &str = "%SRCROOT%";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    /// What a column counts: [`Sources`] counts characters.
    column_kind: &'static str,
    results: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule>,
}

/// A code with its page.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    name: String,
    short_description: Text<&'static str>,
    full_description: Text<String>,
    help: Help,
}

#[derive(Serialize)]
struct Text<T> {
    text: T,
}

#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text<String>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<&'a str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    /// After the last character, as SARIF counts.
    end_column: usize,
}

/// The diagnostics in the order given, as indented JSON; every code is a rule of it. `root` is the
/// configuration's folder within the repository: empty, or with a slash at its end.
///
/// # Errors
/// Only if the serializer refuses, which it does not for text and numbers.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, root: &str) -> serde_json::Result<String> {
    let driver = Driver {
        name: "Tolmach",
        version: env!("CARGO_PKG_VERSION"),
        rules: Code::ALL.iter().copied().map(rule).collect(),
    };
    let run = Run {
        tool: Tool { driver },
        column_kind: "unicodeCodePoints",
        results: diagnostics.iter().map(|diagnostic| finding(diagnostic, sources, root)).collect(),
    };
    serde_json::to_string_pretty(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

fn rule(code: Code) -> Rule {
    let page = code.page();
    // Title, meaning, example: paragraphs of the page.
    let meaning = page.split("\n\n").nth(1).unwrap_or(code.title());
    Rule {
        id: code.as_str(),
        name: format!("{code:?}"),
        short_description: Text { text: code.title() },
        full_description: Text { text: meaning.replace('\n', " ") },
        help: Help { text: page, markdown: page },
    }
}

fn finding<'a>(diagnostic: &'a Diagnostic, sources: &Sources, root: &str) -> Finding<'a> {
    let label = |id: Option<usize>, label: &'a Label| Location {
        id,
        physical_location: place(label.span, sources, root),
        message: (!label.text.is_empty()).then_some(Text { text: &*label.text }),
    };
    let mut message = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        message.push_str("; ");
        message.push_str(help);
    }
    Finding {
        rule_id: diagnostic.code.as_str(),
        rule_index: Code::ALL.iter().position(|code| *code == diagnostic.code),
        level: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: Text { text: message },
        locations: [label(None, &diagnostic.primary)],
        related_locations: (1..)
            .zip(&diagnostic.context)
            .map(|(id, context)| label(Some(id), context))
            .collect(),
    }
}

fn place(span: Span, sources: &Sources, root: &str) -> Place {
    let (start_line, start_column) = sources.line_column(span);
    let (end_line, end_column) = sources.end_line_column(span);
    let path = encoded(&format!("{root}{}", sources.name(span.source)));
    // Files elsewhere on the machine have no place in the repository.
    let artifact_location = match path.starts_with('/') {
        true => Artifact { uri: format!("file://{path}"), uri_base_id: None },
        false => Artifact { uri: path, uri_base_id: Some(BASE) },
    };
    Place { artifact_location, region: Region { start_line, start_column, end_line, end_column } }
}

/// A relative path as a URI reference.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn log(found: &[Diagnostic], sources: &Sources) -> Value {
        serde_json::from_str(&render(found, sources, "configuration/").unwrap()).unwrap()
    }

    #[test]
    fn every_member_is_there() {
        let mut sources = Sources::new();
        let id = sources.add("mappings/market/partner v2.yaml", "имя: да\npost: 1\n");
        let found = [
            Diagnostic::error(Code::UnknownKey, "unknown key `имя`", Span::new(id, 0, 6))
                .label("here")
                .context(Span::new(id, 12, 16), "beside this")
                .help("remove it"),
            Diagnostic::warning(Code::UnusedName, "nothing uses `post`", Span::new(id, 12, 900)),
        ];
        let mut log = log(&found, &sources);
        // One rule is as good as all. Its page and the version change, and with new codes the numbers of the rules.
        log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap().truncate(1);
        log["runs"][0]["tool"]["driver"]["version"] = "…".into();
        let help = &mut log["runs"][0]["tool"]["driver"]["rules"][0]["help"];
        (help["text"], help["markdown"]) = ("…".into(), "…".into());
        for result in log["runs"][0]["results"].as_array_mut().unwrap() {
            let index = usize::try_from(result["ruleIndex"].take().as_u64().unwrap()).unwrap();
            assert_eq!(result["ruleId"], Code::ALL[index].as_str());
        }
        insta::assert_snapshot!(serde_json::to_string_pretty(&log).unwrap());
    }

    #[test]
    fn every_code_is_a_rule() {
        let log = log(&[], &Sources::new());
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), Code::ALL.len());
        for (rule, code) in rules.iter().zip(Code::ALL) {
            assert_eq!(rule["id"], code.as_str());
            for text in ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"] {
                assert!(rule.pointer(text).is_some_and(|text| text != ""), "{code} {text}");
            }
        }
        assert_eq!(
            log["runs"][0]["results"],
            Value::Array(Vec::new()),
            "an empty list says that nothing was found"
        );
    }
}
