//! YAML text as a tree in which every value knows where it was written.
//!
//! What is read is YAML 1.2 with the core schema, made narrower where YAML surprises people: a key
//! is a word and stands once in its mapping, a number keeps the digits it was written with, `NO`
//! and `on` are words, tags and merge keys are refused. Nothing else of the engine knows the parser
//! behind this module.

mod anchors;
mod builder;
mod decode;
mod frame;
mod lexical;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;

pub use scalar::{Resolved, Scalar, Style};

use crate::diagnostic::Diagnostics;
use crate::source::{SourceId, Sources, Span, Spanned};

/// A larger file is refused; the largest contract known has 60 KB.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// How many mappings and sequences may stand in one another.
pub const MAX_DEPTH: usize = 64;
/// What anchors and aliases of one file may copy: the bytes of the texts, and 64 bytes for every
/// value.
pub const MAX_COPIED: usize = 1024 * 1024;
/// After so many findings the rest of a file is not read.
pub const MAX_FINDINGS: usize = 100;

/// One value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: Kind,
    /// The text of the value: with its quotes or brackets or `|`, without anchor, comments and the
    /// white space around it. A value that an alias copied keeps the place of the original.
    pub span: Span,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Scalar(Scalar),
    Sequence(Vec<Node>),
    /// In the order written; keys are unique.
    Mapping(Vec<(Spanned<String>, Node)>),
}

impl Node {
    /// The scalar, if it is one.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            Kind::Scalar(scalar) => Some(scalar),
            Kind::Sequence(_) | Kind::Mapping(_) => None,
        }
    }

    /// The elements, if it is a sequence.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::Sequence(elements) => Some(elements),
            Kind::Scalar(_) | Kind::Mapping(_) => None,
        }
    }

    /// The entries, if it is a mapping.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&[(Spanned<String>, Node)]> {
        match &self.kind {
            Kind::Mapping(entries) => Some(entries),
            Kind::Scalar(_) | Kind::Sequence(_) => None,
        }
    }

    /// The value of a key, if this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        let mut entries = self.as_mapping()?.iter();
        entries.find(|(name, _)| name.value == key).map(|(_, value)| value)
    }

    /// What the value is, as it is called in a message: `a mapping`, `a list`, `a number`.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.resolved.noun(),
            Kind::Sequence(_) => "a list",
            Kind::Mapping(_) => "a mapping",
        }
    }

    /// The place of a part of a scalar's decoded text, see [`Scalar::span_of`]; the whole span for
    /// another kind of node.
    #[must_use]
    pub fn span_of(&self, sources: &Sources, start: usize, end: usize) -> Span {
        match &self.kind {
            Kind::Scalar(scalar) => scalar.span_of(sources, start, end),
            Kind::Sequence(_) | Kind::Mapping(_) => self.span,
        }
    }
}

/// Reads the one document of a source.
///
/// What is wrong goes to `diagnostics`. A tree may come with errors (of a repeated key the first
/// one stands); there is none when what follows from the error would only mislead: after a syntax
/// error, a merge key, or a limit.
#[must_use]
pub fn parse(source: SourceId, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = sources.text(source);
    let refused = syntax::refusals(source, text);
    if !refused.is_empty() {
        diagnostics.extend(refused);
        return None;
    }
    builder::build(&lexical::Text::new(source, text), diagnostics)
}
