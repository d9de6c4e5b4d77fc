//! `tolmach explain`: the page of a diagnostic's code, or a route as a mapping sheet.

mod sheet;

use std::path::Path;

use clap::{Args, ValueEnum};
use engine::diagnostic::{Code, suggestion};
use serde_json::json;

use super::{Failure, Status, configuration};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach explain                     every code with its title
  tolmach explain E0201               what a code means, with an example
  tolmach explain bank/order          a route as a mapping sheet
  tolmach explain bank/order --format markdown > order.md")]
pub(super) struct Arguments {
    /// A code (E0201), or a route (partner/route); nothing lists all codes
    subject: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For a terminal
    Text,
    /// For a document
    Markdown,
    /// For programs
    Json,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    match arguments.subject.as_deref() {
        None => anstream::print!("{}", all(arguments.format)?),
        Some(route) if route.contains('/') => return explain_route(folder, route, arguments.format),
        Some(typed) => anstream::print!("{}", page(typed, arguments.format)?),
    }
    Ok(Status::Ok)
}

/// All codes, a family under what its codes have in common.
fn all(form: Form) -> Result<String, Failure> {
    if form == Form::Json {
        let rows: Vec<_> = Code::ALL.iter().map(|code| as_json(*code)).collect();
        return Ok(format!("{}\n", serde_json::to_string_pretty(&rows)?));
    }
    let mut text = String::new();
    for (family, about) in Code::FAMILIES {
        text.push_str(&match form {
            Form::Markdown => format!("## {family}: {about}\n\n"),
            _ => format!("{family}  {about}\n"),
        });
        for code in Code::ALL.iter().filter(|code| code.family() == *family) {
            text.push_str(&match form {
                Form::Markdown => format!("- `{code}` {}\n", code.title()),
                _ => format!("  {code}  {}\n", code.title()),
            });
        }
        text.push('\n');
    }
    text.push_str("tolmach explain <CODE> tells more, with an example\n");
    Ok(text)
}

fn page(typed: &str, form: Form) -> Result<String, Failure> {
    let Some(code) = Code::find(typed) else {
        let known = Code::ALL.iter().map(|code| code.as_str());
        let help = suggestion(typed, known).map_or_else(String::new, |help| format!("; {help}"));
        return Err(format!(
            "there is no code `{typed}`{help}\n  `tolmach explain` lists all codes; a route is written partner/route"
        )
        .into());
    };
    Ok(match form {
        Form::Json => format!("{}\n", serde_json::to_string_pretty(&as_json(code))?),
        Form::Text | Form::Markdown => code.page().to_owned(),
    })
}

fn as_json(code: Code) -> serde_json::Value {
    json!({"code": code.as_str(), "title": code.title(), "family": code.family(), "page": code.page()})
}

fn explain_route(folder: &Path, name: &str, form: Form) -> Result<Status, Failure> {
    let mut compiled = configuration::compile(folder, &configuration::offline())?;
    let Some(engine) = compiled.engine.take() else {
        anstream::eprint!("{}", configuration::render(compiled));
        return Ok(Status::Findings);
    };
    let Some(route) = engine.routes().find(|route| *route.name == *name) else {
        let help = suggestion(name, engine.routes().map(|route| &*route.name));
        let help = help.map_or_else(String::new, |help| format!("; {help}"));
        return Err(format!("there is no route `{name}`{help}").into());
    };
    let sheet = route.sheet();
    match form {
        Form::Text => anstream::print!("{}", sheet::text(&sheet)),
        Form::Markdown => anstream::print!("{}", sheet::markdown(&sheet)),
        Form::Json => anstream::println!("{}", serde_json::to_string_pretty(&sheet)?),
    }
    Ok(Status::Ok)
}
