//! Reading and compiling the configuration folder, for every command that needs one.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use clap::ValueEnum;
use engine::diagnostic::{Code, Diagnostic, Severity, render};
use engine::source::Sources;
use engine::{Compiled, Environment, Variables};

use super::Failure;
use crate::bundle;

/// How diagnostics are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Report {
    /// For people
    Text,
    /// For programs
    Json,
    /// For GitHub Actions: notes beside the lines of a change
    Github,
    /// For code scanners: SARIF 2.1.0
    Sarif,
}

/// The environment of a command that looks at files and does not run them.
pub(super) fn offline() -> Environment {
    Environment {
        variables: std::env::vars().collect(),
        settings: BTreeMap::new(),
        listen: "http://127.0.0.1:8080".to_owned(),
        sandbox: false,
        unset: Variables::Optional,
        stopwatch: crate::world::stopwatch,
    }
}

/// Compiles the folder, its sandboxes too where the environment is one or nothing is run.
pub(super) fn compile(folder: &Path, environment: &Environment) -> Result<Compiled, Failure> {
    let sandboxes = environment.sandbox || environment.unset == Variables::Optional;
    let bundle = bundle::read(folder, sandboxes)?;
    Ok(engine::compile(&bundle, environment))
}

/// What a person is told of a configuration that cannot be used.
pub(super) fn render(compiled: Compiled) -> String {
    for_people(&compiled.diagnostics.into_sorted(&compiled.sources), &compiled.sources)
}

/// The diagnostics for a terminal, and where more is said about them. Of settings without a value one is shown at most:
/// where files are written hardly any has one, and what is to be mended would be lost among them.
pub(super) fn for_people(sorted: &[Diagnostic], sources: &Sources) -> String {
    let is_unset = |diagnostic: &Diagnostic| {
        diagnostic.code == Code::UnsetVariable && diagnostic.severity == Severity::Warning
    };
    let error = sorted.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    let mut room = error.is_none();
    let shown = sorted.iter().filter(|each| !is_unset(each) || std::mem::take(&mut room));
    let shown: Vec<Diagnostic> = shown.cloned().collect();
    let mut text = render::text::render(&shown, sources, true);
    if let left @ 1.. = sorted.len() - shown.len() {
        let settings = if left == 1 { "setting has" } else { "settings have" };
        let more = if error.is_none() { "more " } else { "" };
        text.push_str(&format!(
            "{left} {more}{settings} no value: `tolmach check --format json` tells which\n"
        ));
    }
    if let Some(first) = error.or(sorted.first()) {
        text.push_str(&format!("`tolmach explain {}` tells more, with an example\n", first.code));
    }
    text
}

/// The diagnostics in any format; `folder` is where the files are.
pub(super) fn report(
    sorted: &[Diagnostic],
    sources: &Sources,
    folder: &Path,
    report: Report,
) -> Result<String, Failure> {
    Ok(match report {
        Report::Text => for_people(sorted, sources),
        Report::Json => format!("{}\n", render::json::render(sorted, sources)?),
        Report::Github => render::github::render(sorted, sources, &root(folder)),
        Report::Sarif => format!("{}\n", render::sarif::render(sorted, sources, &root(folder))?),
    })
}

/// The folder as paths within the repository begin: those who read these formats start where we do.
fn root(folder: &Path) -> String {
    let current = std::env::current_dir().ok();
    let below = current.as_ref().and_then(|current| folder.strip_prefix(current).ok()).unwrap_or(folder);
    let mut root = String::new();
    for part in below.components().filter(|part| *part != Component::CurDir) {
        match part {
            Component::RootDir => root.push('/'),
            part => {
                root.push_str(&part.as_os_str().to_string_lossy());
                root.push('/');
            }
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_where_we_are() {
        let below = std::env::current_dir().unwrap_or_default().join("a");
        assert_eq!(root(&below), "a/");
        for (folder, begins) in [(".", ""), ("a", "a/"), ("./a/b/", "a/b/"), ("../a", "../a/"), ("/a", "/a/")]
        {
            assert_eq!(root(Path::new(folder)), begins, "{folder}");
        }
    }
}
