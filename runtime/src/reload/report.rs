//! What came of a reload, for the log, for who asked, and for those who look later.

use std::collections::BTreeMap;

use engine::diagnostic::{Diagnostic, Severity, render};
use engine::source::Sources;
use engine::{Advance, Fate};
use serde::{Deserialize, Serialize};

use crate::inbound::tls;
use crate::service;

/// What the files that belong to no partner are called.
const SHARED: &str = "(shared files)";

/// What came of a reload.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Partners whose files are others than those at work, by name.
    pub partners: Vec<Changed>,
    /// How many are as they were.
    pub unchanged: usize,
    /// All mistakes, as `tolmach check` shows them.
    pub mistakes: String,
    /// The same for programs.
    pub diagnostics: Vec<serde_json::Value>,
    /// Why the listener's certificate could not be read again.
    pub certificate: Option<String>,
    /// Why nothing could be done at all.
    pub error: Option<String>,
    /// A line each, for the log.
    #[serde(skip)]
    lines: Vec<Line>,
}

/// What became of one partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    pub partner: String,
    /// `changed` and `removed` are at work; `broken` and `held` go on as before.
    pub fate: String,
    /// Of one that is held: those whose files its own do not go together with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Line {
    code: String,
    place: String,
    message: String,
}

impl Report {
    pub(super) fn new(advance: &Advance, refused: &BTreeMap<String, service::Error>) -> Self {
        let Advance { fates, diagnostics, sources, .. } = advance;
        let errors: Vec<Diagnostic> =
            diagnostics.iter().filter(|found| found.severity == Severity::Error).cloned().collect();
        let mut report = Self {
            lines: errors.iter().map(|error| Line::of(error, sources)).collect(),
            ..Self::rendered(errors, sources)
        };
        for (partner, error) in refused {
            report.mistakes.push_str(&format!("error: {error}\n"));
            report.lines.push(Line {
                code: String::new(),
                place: format!("mappings/{partner}"),
                message: error.to_string(),
            });
        }
        for (partner, fate) in fates {
            match changed(partner, fate) {
                Some(changed) => report.partners.push(changed),
                None => report.unchanged += 1,
            }
        }
        report
    }

    fn rendered(mut errors: Vec<Diagnostic>, sources: &Sources) -> Self {
        errors.sort_by_key(|error| {
            let span = error.primary.span;
            (sources.name(span.source).to_owned(), sources.line_column(span))
        });
        let json = render::json::render(&errors, sources).unwrap_or_default();
        Self {
            mistakes: if errors.is_empty() {
                String::new()
            } else {
                render::text::render(&errors, sources, false)
            },
            diagnostics: serde_json::from_str(&json).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// Nothing could be done, and all stays as it was.
    pub(super) fn failed(reason: &str) -> Self {
        Self { error: Some(reason.to_owned()), ..Self::default() }
    }

    /// The certificate that was there is used on.
    pub(super) fn stays(&mut self, error: &tls::Error) {
        let message = format!("the certificate stays as it was: {error}");
        self.mistakes.push_str(&format!("error: {message}\n"));
        self.lines.push(Line { code: String::new(), place: "tolmach.yaml".to_owned(), message });
        self.certificate = Some(error.to_string());
    }

    /// Whether every file that has changed is used.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.error.is_none() && self.certificate.is_none() && self.partners.iter().all(Changed::is_at_work)
    }

    pub(super) fn changes(&self) -> bool {
        self.partners.iter().any(Changed::is_at_work)
    }

    /// The partners that have begun anew.
    pub(super) fn at_work(&self) -> impl Iterator<Item = &str> {
        self.partners.iter().filter(|changed| changed.fate == "changed").map(|changed| &*changed.partner)
    }

    pub(super) fn log(&self) {
        if let Some(error) = &self.error {
            return tracing::error!(error, "no reload: all stays as it was");
        }
        for Line { code, place, message } in &self.lines {
            tracing::error!(code, place, "{message}");
        }
        for Changed { partner, fate, by } in &self.partners {
            match fate.as_str() {
                "broken" => tracing::warn!(partner, "its files have mistakes: it goes on as before"),
                "held" => tracing::warn!(
                    partner,
                    by = by.join(", "),
                    "its files do not go together with those of others: it goes on as before"
                ),
                fate => tracing::info!(partner, "reloaded: {fate}"),
            }
        }
        if self.partners.is_empty() && self.lines.is_empty() {
            return tracing::debug!("reload: all is as it was");
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for changed in &self.partners {
            *counts.entry(&changed.fate).or_default() += 1;
        }
        counts.insert("unchanged", self.unchanged);
        let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {word}")).collect();
        tracing::info!("reload: {}", counts.join(", "));
    }
}

impl Changed {
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        matches!(self.fate.as_str(), "changed" | "removed")
    }
}

fn changed(partner: &str, fate: &Fate) -> Option<Changed> {
    let (fate, by) = match fate {
        Fate::Unchanged => return None,
        Fate::Changed => ("changed", Vec::new()),
        Fate::Removed => ("removed", Vec::new()),
        Fate::Broken => ("broken", Vec::new()),
        Fate::Held { by } => ("held", by.iter().map(|partner| named(partner)).collect()),
    };
    Some(Changed { partner: named(partner), fate: fate.to_owned(), by })
}

fn named(partner: &str) -> String {
    if partner.is_empty() { SHARED.to_owned() } else { partner.to_owned() }
}

impl Line {
    fn of(error: &Diagnostic, sources: &Sources) -> Self {
        let span = error.primary.span;
        let (line, column) = sources.line_column(span);
        Self {
            code: error.code.to_string(),
            place: format!("{}:{line}:{column}", sources.name(span.source)),
            message: error.message.clone(),
        }
    }
}
