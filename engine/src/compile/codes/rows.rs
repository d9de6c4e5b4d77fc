//! The rows of a table, wherever they are written: in the YAML, or in a CSV, TSV or JSON file beside it.

use std::collections::HashMap;

use crate::compile::documents::Documents;
use crate::diagnostic::{Code, Diagnostic, did_you_mean, suggestion};
use crate::document::contract::codes::{Codes as Written, Column, Rows as WrittenRows};
use crate::document::sheet::Sheet;
use crate::document::{Kind, Node, Reader, Resolved, Scalar, Style, json};
use crate::source::{SourceId, Span, Spanned};

/// Rows of which every look-up costs the same; more of them are a data base.
const MAX_ROWS: usize = 200_000;

/// What was read.
#[derive(Default)]
pub(super) struct Rows {
    /// Each by the partner's code.
    pub rows: Vec<(Spanned<String>, Node)>,
    /// The columns of a file's header.
    pub header: Option<Vec<String>>,
    /// Where they would be, if there were any.
    pub at: Option<Span>,
}

/// `None` where something was reported that leaves no table.
pub(super) fn read(written: &Written, documents: &Documents, reader: &mut Reader<'_>) -> Option<Rows> {
    let (file, source) = match &written.rows {
        WrittenRows::Here(rows) => return Some(Rows { rows: rows.clone(), ..Rows::default() }),
        WrittenRows::File(file) => (file, find(file, documents, reader)?),
    };
    let mut rows = if file.text.ends_with(".json") {
        Rows { rows: json_rows(source, reader)?, ..Rows::default() }
    } else {
        sheet_rows(source, written, reader)?
    };
    rows.at = Some(Span::new(source, 0, 0));
    if rows.rows.len() > MAX_ROWS {
        let message = format!("the file has {} rows, more than {MAX_ROWS}", rows.rows.len());
        reader.report(Diagnostic::error(Code::TooMany, message, file.span));
        return None;
    }
    check_codes(&rows.rows, reader);
    Some(rows)
}

/// The file of this name; not there for a mistake that is reported.
fn find(file: &Scalar, documents: &Documents, reader: &mut Reader<'_>) -> Option<SourceId> {
    let name = file.text.as_str();
    let is_data = [".csv", ".tsv", ".json"].iter().any(|extension| name.ends_with(extension));
    let (code, message, help) = if name.contains(['/', '\\']) {
        let help = "the file lies beside the YAML; its name is without a path";
        (Code::BadName, format!("`{name}` leads out of the partner's folder"), Some(help.to_owned()))
    } else if !is_data {
        let help = "rows are a mapping, or a file: .csv, .tsv or .json";
        (Code::BadValue, format!("`{name}` is no file of rows"), Some(help.to_owned()))
    } else {
        match documents.data.get(name) {
            Some(source) => return *source,
            None => {
                let known = documents.data.keys().map(String::as_str);
                let help = suggestion(name, known)
                    .unwrap_or_else(|| "it would lie beside the file that names it".to_owned());
                (Code::MissingFile, format!("there is no file `{name}`"), Some(help))
            }
        }
    };
    reader.report(Diagnostic::error(code, message, file.span).help_if(help));
    None
}

/// Cells are text, but for those of columns that are declared to hold something else.
fn sheet_rows(source: SourceId, written: &Written, reader: &mut Reader<'_>) -> Option<Rows> {
    let Sheet { header, rows } = Sheet::read(source, reader)?;
    if header.iter().all(|name| name.value != "theirs") {
        let names = header.iter().map(|name| name.value.as_str());
        let help = match names.clone().find(|name| did_you_mean(name, ["theirs"]).is_some()) {
            Some(meant) => format!("did you mean the column `{meant}`?"),
            None => format!("its columns are: {}", names.collect::<Vec<_>>().join(", ")),
        };
        let at = header.first().map_or(Span::new(source, 0, 0), |name| name.span);
        let message = "no column is called `theirs`";
        reader.report(Diagnostic::error(Code::MissingKey, message, at).help(help));
        return None;
    }
    let typed = |name: &str| {
        let declared = written.columns.iter().find(|(column, _)| column.value == name);
        name == "inbound_only" || declared.is_some_and(|(_, kind)| *kind != Column::Text)
    };
    let typed: Vec<&str> = header.iter().map(|name| name.value.as_str()).filter(|name| typed(name)).collect();
    let rows = rows.into_iter().filter_map(|mut node| {
        if let Kind::Mapping(cells) = &mut node.kind {
            for (_, cell) in cells.iter_mut().filter(|(name, _)| typed.contains(&name.value.as_str())) {
                if let Kind::Scalar(scalar) = &mut cell.kind {
                    scalar.resolved = resolved(&scalar.text);
                }
            }
        }
        keyed(node, reader)
    });
    let rows = rows.collect();
    let own = |name: &String| !matches!(name.as_str(), "theirs" | "ours" | "inbound_only");
    let header = header.into_iter().map(|name| name.value).filter(own).collect();
    Some(Rows { rows, header: Some(header), at: None })
}

/// A number or a truth as YAML would have it; a word like `null` is a word.
fn resolved(text: &str) -> Resolved {
    match Resolved::of(text, Style::Plain) {
        Resolved::Null => Resolved::String,
        resolved => resolved,
    }
}

/// A list of rows, each with its `theirs`, or an object of rows as in YAML.
fn json_rows(source: SourceId, reader: &mut Reader<'_>) -> Option<Vec<(Spanned<String>, Node)>> {
    let node = json::parse(source, reader)?;
    match node.kind {
        Kind::Mapping(rows) => Some(rows),
        Kind::Sequence(rows) => Some(rows.into_iter().filter_map(|row| keyed(row, reader)).collect()),
        Kind::Scalar(_) => {
            let at = Node { span: Span::new(source, 0, 1), ..node };
            reader.wrong(&at, "a file of rows", "a list of objects, or an object")
        }
    }
}

/// The row by its code, which is no longer one of its columns.
fn keyed(mut row: Node, reader: &mut Reader<'_>) -> Option<(Spanned<String>, Node)> {
    let start = Span { end: row.span.start + 1, ..row.span };
    let Kind::Mapping(entries) = &mut row.kind else {
        return reader.wrong(&Node { span: start, ..row }, "a row", "an object");
    };
    let code = entries.iter().position(|(name, _)| name.value == "theirs");
    let code = code.map(|at| entries.remove(at).1);
    match code.as_ref().and_then(Node::as_scalar) {
        Some(scalar) if !scalar.text.is_empty() && scalar.resolved != Resolved::Null => {
            Some((Spanned::new(scalar.text.clone(), scalar.span), row))
        }
        _ => {
            let at = code.map_or(start, |code| code.span);
            let message = "the row has no code: `theirs` is empty";
            reader.report(Diagnostic::error(Code::EmptyValue, message, at));
            None
        }
    }
}

/// Of two rows with one code it would be chance which is found.
fn check_codes(rows: &[(Spanned<String>, Node)], reader: &mut Reader<'_>) {
    let mut places: HashMap<&str, Vec<Span>> = HashMap::with_capacity(rows.len());
    for (theirs, _) in rows {
        places.entry(&theirs.value).or_default().push(theirs.span);
    }
    for (theirs, _) in rows {
        if let Some([first, second, rest @ ..]) = places.get(&*theirs.value).map(Vec::as_slice)
            && *first == theirs.span
        {
            let message = format!("the code `{}` has {} rows", theirs.value, rest.len() + 2);
            reader.report(
                Diagnostic::error(Code::DuplicateRow, message, *second)
                    .context(*first, "the first")
                    .help("keep one of them; what else it means may be a column"),
            );
        }
    }
}
