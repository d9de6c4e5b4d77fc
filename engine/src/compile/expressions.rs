//! Compiling one expression of a document: problems land on its line and column.

use super::names::Names;
use super::schemas::KnownSchemas;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use crate::document::Scalar;
use crate::expression::{self, Expression, Known, Patterns, Sight, Used};
use crate::fault::Place;
use crate::source::{Sources, Span};

/// What every step of the compiler needs.
pub(super) struct Compiler<'c> {
    pub sources: &'c Sources,
    pub names: &'c Names,
    pub schemas: KnownSchemas<'c>,
    pub patterns: &'c Patterns,
    /// What was found by its name.
    pub used: &'c Used,
    /// In the sandbox the only destination is this process: its own base URL.
    pub only: Option<&'c str>,
    pub diagnostics: Diagnostics,
}

impl<'c> Compiler<'c> {
    /// The names as the files of `partner` see them.
    pub fn names_of<'n>(&'n self, partner: &'n str) -> expression::Names<'n> {
        expression::Names {
            partner,
            tables: &self.names.tables,
            records: &self.names.records,
            settings: &self.names.settings,
            broken: &self.names.broken,
            used: self.used,
            patterns: self.patterns,
        }
    }

    /// Compiles an expression and tells what is known of its result. A broken one is reported and yields nothing.
    pub fn typed(
        &mut self,
        written: &Scalar,
        partner: &str,
        sight: &Sight<'c>,
    ) -> Option<(Expression, Known<'c>)> {
        let result = Expression::compile(&written.text, &self.names_of(partner), sight);
        match result {
            Ok(compiled) => Some(compiled),
            Err(problems) => {
                for problem in problems {
                    let span = written.span_of(self.sources, problem.at.start, problem.at.end);
                    self.diagnostics
                        .push(Diagnostic::error(problem.code, problem.message, span).help_if(problem.help));
                }
                None
            }
        }
    }

    pub fn expression(&mut self, written: &Scalar, partner: &str, sight: &Sight<'c>) -> Option<Expression> {
        self.typed(written, partner, sight).map(|(expression, _)| expression)
    }

    pub fn optional(
        &mut self,
        written: Option<&Scalar>,
        partner: &str,
        sight: &Sight<'c>,
    ) -> Option<Expression> {
        written.and_then(|written| self.expression(written, partner, sight))
    }

    /// The shape of the schema that the contract of `partner` names; an unknown one is reported.
    pub fn shape(&mut self, schema: Option<&Scalar>, partner: &str) -> Known<'c> {
        let Some(schema) = schema else { return Known::Any };
        let schemas = self.schemas;
        // Part of a file is not enough: what is validated is the whole of one.
        let found = schemas.contains(&schema.text).then(|| schemas.shape(&schema.text, self.used)).flatten();
        if found.is_none() && !schemas.is_broken(&schema.text, self.used) {
            let full = if schema.text.contains('/') {
                schema.text.clone()
            } else {
                format!("{partner}/{}", schema.text)
            };
            let help = suggestion(&full, schemas.names())
                .unwrap_or_else(|| format!("the file would be schemas/{}.json", schema.text));
            let message = format!("there is no schema `{}`", schema.text);
            self.error(Code::UnknownSchema, message, schema.span, Some(help));
        }
        Known::shape(found)
    }

    pub fn error(&mut self, code: Code, message: impl Into<String>, span: Span, help: Option<String>) {
        self.diagnostics.push(Diagnostic::error(code, message, span).help_if(help));
    }

    pub fn place(&self, span: Span) -> Place {
        let (line, column) = self.sources.line_column(span);
        Place::new(self.sources.shared_name(span.source), line, column)
    }
}
