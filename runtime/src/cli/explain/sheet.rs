//! A mapping sheet as a table, for a terminal or for a document.

use engine::{Part, Row, Sheet};

/// A longer cell pushes its own row aside, not all of them.
const MAX_WIDTH: usize = 60;

const COLUMNS: [&str; 5] = ["target", "source", "missing", "when", "note"];

/// Aligned columns; those that are empty in a whole table are left out.
pub(super) fn text(sheet: &Sheet) -> String {
    let mut text = sheet.route.clone();
    text.push_str(&sheet.title.as_ref().map_or_else(String::new, |title| format!("  {title}")));
    text.push_str(&format!("\n\non    {}\n", sheet.cause));
    text.push_str(&sheet.when.as_ref().map_or_else(String::new, |when| format!("when  {when}\n")));
    for part in &sheet.parts {
        text.push_str(&format!("\n{}\n", part.what));
        for (word, value) in conditions(part) {
            text.push_str(&format!("  {word} {value}\n"));
        }
        text.push_str(&table(&part.rows));
    }
    text
}

fn table(rows: &[Row]) -> String {
    let lines: Vec<[&str; 5]> = rows.iter().map(cells).collect();
    let Some(shown) = columns(&lines) else { return String::new() };
    let widths: Vec<usize> = shown
        .iter()
        .map(|column| {
            let cells = lines.iter().chain([&COLUMNS]).filter_map(|line| line.get(*column));
            cells.map(|cell| cell.chars().count()).filter(|width| *width <= MAX_WIDTH).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for line in [&COLUMNS].into_iter().chain(&lines) {
        let cells = shown.iter().zip(&widths).map(|(column, width)| {
            let cell = line.get(*column).copied().unwrap_or_default();
            format!("{cell:width$}")
        });
        let cells: Vec<String> = cells.collect();
        text.push_str(&format!("  {}\n", cells.join("  ").trim_end()));
    }
    text
}

/// A heading and a table for each part.
pub(super) fn markdown(sheet: &Sheet) -> String {
    let title = sheet.title.as_deref().unwrap_or(&sheet.route);
    let mut text = format!("# {}\n\nRoute {}, on {}", plain(title), code(&sheet.route), plain(&sheet.cause));
    text.push_str(&sheet.when.as_ref().map_or_else(String::new, |when| format!(", when {}", code(when))));
    text.push_str(".\n");
    for part in &sheet.parts {
        text.push_str(&format!("\n## {}\n\n", plain(&capital(&part.what))));
        for (word, value) in conditions(part) {
            let value = if word == "after" { plain(value) } else { code(value) };
            text.push_str(&format!("{} {value}.\n\n", capital(word)));
        }
        text.push_str(&markdown_table(&part.rows));
    }
    text
}

fn markdown_table(rows: &[Row]) -> String {
    let lines: Vec<[&str; 5]> = rows.iter().map(cells).collect();
    let Some(shown) = columns(&lines) else { return String::new() };
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text =
        row(shown.iter().filter_map(|column| COLUMNS.get(*column)).map(|name| (*name).to_owned()).collect());
    text.push_str(&row(vec!["---".to_owned(); shown.len()]));
    for line in &lines {
        let cells = shown.iter().map(|column| {
            let cell = line.get(*column).copied().unwrap_or_default();
            // What is missing and what is remarked are words; all else is code.
            if matches!(column, 2 | 4) { plain(cell) } else { code(cell) }
        });
        text.push_str(&row(cells.collect()));
    }
    text
}

/// `None` where there are no rows.
fn columns(lines: &[[&str; 5]]) -> Option<Vec<usize>> {
    let used = |column: &usize| {
        *column < 2 || lines.iter().any(|line| line.get(*column).is_some_and(|cell| !cell.is_empty()))
    };
    (!lines.is_empty()).then(|| (0..COLUMNS.len()).filter(used).collect())
}

fn cells(row: &Row) -> [&str; 5] {
    [
        &row.target,
        &row.source,
        row.missing.as_deref().unwrap_or_default(),
        row.when.as_deref().unwrap_or_default(),
        row.note.as_deref().unwrap_or_default(),
    ]
}

fn conditions(part: &Part) -> impl Iterator<Item = (&'static str, &str)> {
    let all = [("after", &part.after), ("for each of", &part.each), ("when", &part.when)];
    all.into_iter().filter_map(|(word, value)| Some((word, value.as_deref()?)))
}

fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map_or_else(String::new, |first| first.to_uppercase().chain(signs).collect())
}

/// Text that Markdown takes as it is, in a cell too.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' => plain.extend(['\\', sign]),
            sign if sign.is_whitespace() => plain.push(' '),
            sign => plain.push(sign),
        }
    }
    plain
}

/// Code in a cell: fenced by more backquotes than it holds in a row; a bar would end the cell.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|sign| sign != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let room = if longest > 0 { " " } else { "" };
    let text = text.replace('|', "\\|").replace(['\n', '\r', '\t'], " ");
    format!("{fence}{room}{text}{room}{fence}")
}

#[cfg(test)]
#[allow(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]
mod tests {
    use engine::diagnostic::render;
    use engine::{Bundle, Environment, File, compile};

    use super::*;

    /// Every kind of rule, step and answer.
    const ROUTE: &str = r#"
title: Everything | at once
receive: in
message: Order
when: amount > `0`
answer:
  - {when: urgent, status: 201, headers: {x-id: "n-{id}"}, text: "taken {id}"}
  - {status: 200, map: {taken: id}}
steps:
  - send: out
    map:
      id: {from: id, required: true, note: "Ours | theirs"}
      kind: {value: LOAN}
      party.inn: {from: inn, null: keep}
      party.name: {from: name, default: nobody}
      person: {with: client, when: client, map: {name: name}}
      group: {map: {a: a}, note: Only together}
      lines: {each: "items[?price > `1`]", map: {name: name}}
      names: {each: items, from: upper(name)}
      same: {each: items}
      pair: {list: [id, {map: {kind: {value: 2}}}]}
      either: {first: [{from: a, when: "a || b"}, {value: none}], required: true}
      rest: {copy: client, except: [inn, kpp], map: {kind: {value: P}}}
      score: {script: score.grade, args: [amount, "`2`"]}
    then:
      delivered:
        - record: {order: {id: message().id}}
        - send: out
          after: 5m
          copy: message()
          then: {failed: [{send: out, map: {id: message().id}}]}
  - for: items
    when: urgent
    send: out
    map: {name: name}
"#;
    const PARTNER: &str = r#"
partner: bank
channels: {in: {post: /in, auth: none, message: type, messages: {Order: null}}}
endpoints: {out: {post: "https://bank.example/out"}}
records: {order: {key: id}}
"#;

    fn sheet(route: &str) -> Sheet {
        let files = [
            ("mappings/bank/partner.yaml", PARTNER),
            ("mappings/bank/order.yaml", route),
            ("mappings/bank/score.rhai", "fn grade(amount, years) { amount * years }"),
        ];
        let files = files.map(|(path, text)| File { path: path.to_owned(), bytes: text.into() });
        let compiled = compile(&Bundle::from_iter(files), &Environment::default());
        let found = compiled.diagnostics.into_sorted(&compiled.sources);
        let Some(engine) = compiled.engine else {
            panic!("{}", render::text::render(&found, &compiled.sources, false));
        };
        engine.routes().next().expect("a route").sheet()
    }

    #[test]
    fn for_a_terminal() {
        insta::assert_snapshot!(text(&sheet(ROUTE)));
    }

    #[test]
    fn for_a_document() {
        insta::assert_snapshot!(markdown(&sheet(ROUTE)));
    }

    #[test]
    fn for_programs() {
        let short = "on: start\nsend: out\nmap: {id: {from: uuid(), note: New each time}}\n";
        insta::assert_snapshot!(serde_json::to_string_pretty(&sheet(short)).expect("JSON"));
    }

    #[test]
    fn a_call_and_what_is_made_of_it() {
        let calls = "
receive: in
message: Order
call: out
map: {id: id}
answer: [{on: rejected, status: 404}, {map: {number: number}}]
then: {delivered: [{record: {order: {id: message().id}}}]}
";
        insta::assert_snapshot!(text(&sheet(calls)));
    }
}
