//! What a message does wrong, in words that give none of it away.

use jsonschema::{ErrorIterator, ValidationError, error::ValidationErrorKind};

use crate::fault::Violation;
use crate::value::{Text, Value};

/// Of a value that is known to be wrong, by a schema that cannot be asked what is.
pub(super) fn untold() -> Violation {
    Violation { path: "@".into(), keyword: String::new(), message: "does not satisfy its schema".into() }
}

/// Longer messages and names are cut.
const LONGEST: usize = 300;

/// The first `limit` violations among `errors`, which are about `root`.
pub(super) fn collect(errors: ErrorIterator<'_>, root: Value<'_>, limit: usize) -> Vec<Violation> {
    let mut violations = Vec::new();
    for error in errors.take(limit) {
        add(&error, root, limit, &mut violations);
    }
    violations
}

fn add(error: &ValidationError<'_>, root: Value<'_>, limit: usize, out: &mut Vec<Violation>) {
    if let Some(branch) = telling_branch(error) {
        for inner in branch {
            add(inner, root, limit, out);
        }
    } else if out.len() < limit {
        out.push(violation(error, root));
    }
}

/// Of alternatives, the one the message seems to mean: the only one of the right type. Its errors
/// say more than that none of the alternatives holds.
fn telling_branch<'e>(error: &'e ValidationError<'_>) -> Option<&'e [ValidationError<'static>]> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) =
        error.kind()
    else {
        return None;
    };
    let is_other = |inner: &ValidationError<'_>| {
        inner.instance_path() == error.instance_path()
            && matches!(
                inner.kind(),
                ValidationErrorKind::Type { .. }
                    | ValidationErrorKind::Constant { .. }
                    | ValidationErrorKind::Enum { .. }
            )
    };
    let mut meant = context.iter().filter(|branch| !branch.iter().any(is_other));
    match (meant.next(), meant.next()) {
        (Some(branch), None) => Some(branch),
        _ => None,
    }
}

fn violation(error: &ValidationError<'_>, root: Value<'_>) -> Violation {
    let mut path = path(root, error.instance_path().as_str());
    let message = match error.kind() {
        ValidationErrorKind::Required { property } => {
            push_name(&mut path, property.as_str().unwrap_or_default());
            "is required".to_owned()
        }
        ValidationErrorKind::PropertyNames { error } => {
            format!("a property name is not allowed: {}", error.masked())
        }
        _ => error.masked().to_string(),
    };
    let path = if path.is_empty() { "@".to_owned() } else { path };
    Violation { path, keyword: error.kind().keyword().to_owned(), message: bounded(message) }
}

/// A JSON pointer as a JMESPath.
fn path(root: Value<'_>, pointer: &str) -> String {
    let mut path = String::new();
    let mut node = Some(root);
    for segment in pointer.split('/').skip(1) {
        let elements = node.and_then(|node| node.as_array());
        match (elements, segment.parse::<usize>()) {
            (Some(elements), Ok(at)) => {
                path.push_str(&format!("[{at}]"));
                node = elements.get(at).copied();
            }
            _ => {
                let name = segment.replace("~1", "/").replace("~0", "~");
                push_name(&mut path, &name);
                node = node.and_then(|node| node.get(&name));
            }
        }
    }
    path
}

fn push_name(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    let mut chars = name.chars();
    let starts_well = chars.next().is_some_and(|char| char.is_ascii_alphabetic() || char == '_');
    if starts_well && chars.all(|char| char.is_ascii_alphanumeric() || char == '_') {
        path.push_str(&bounded(name.to_owned()));
        return;
    }
    let mut quoted = Vec::new();
    Text::plain(&bounded(name.to_owned())).write_json(&mut quoted);
    path.push_str(&String::from_utf8_lossy(&quoted));
}

/// Cuts what is too long to read.
pub(super) fn bounded(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text
}
