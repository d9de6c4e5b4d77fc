//! Mappings and sequences that are being read, and what may be a key.

use std::collections::HashMap;

use super::{Kind, Node, Style};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Span, Spanned};

/// A longer key is pointed at and not named.
const MAX_NAMED: usize = 80;

/// A mapping or sequence that is being read.
pub struct Frame {
    pub anchor: usize,
    /// Whether it stands in brackets or inside of some.
    pub flow: bool,
    pub bracketed: bool,
    pub start: Option<usize>,
    pub end: usize,
    pub content: Content,
}

pub enum Content {
    Sequence(Vec<Node>),
    Mapping(Mapping),
}

#[derive(Default)]
pub struct Mapping {
    pub entries: Vec<(Spanned<String>, Node)>,
    seen: HashMap<String, Span>,
    pub pending: Pending,
}

/// What the next value of a mapping is.
#[derive(Default)]
pub enum Pending {
    #[default]
    Key,
    ValueOf(Spanned<String>),
    /// The value of a key that was refused.
    Nothing,
}

impl Mapping {
    /// Takes a value as the next key, or says why it is none; the value behind a refused key is
    /// left out.
    pub fn key(&mut self, node: Node) -> Result<(), Diagnostic> {
        self.pending = Pending::Nothing;
        let label = node.noun();
        let Kind::Scalar(scalar) = node.kind else {
            return Err(Diagnostic::error(Code::KeyNotScalar, "a key must be a word", node.span)
                .label(label)
                .help("quote the key if it is an expression"));
        };
        match (scalar.style, &*scalar.text) {
            (Style::Plain, "") => {
                Err(Diagnostic::error(Code::KeyNotScalar, "a key is missing before the colon", node.span)
                    .help("write `key: value`; an empty key is written `\"\"`"))
            }
            (Style::Plain, "<<") => {
                Err(Diagnostic::error(Code::MergeKey, "merge keys are not supported", node.span)
                    .help("write the keys out, or copy a whole value with an alias: `key: *name`"))
            }
            _ => self.unique(Spanned::new(scalar.text, node.span)),
        }
    }

    fn unique(&mut self, key: Spanned<String>) -> Result<(), Diagnostic> {
        if let Some(&first) = self.seen.get(&key.value) {
            let message = match key.chars().nth(MAX_NAMED) {
                None => format!("the key `{}` is written twice", key.value),
                Some(_) => "a key is written twice".to_owned(),
            };
            return Err(Diagnostic::error(Code::DuplicateKey, message, key.span)
                .label("again here")
                .context(first, "first here")
                .help("keep one of the two"));
        }
        self.seen.insert(key.value.clone(), key.span);
        self.pending = Pending::ValueOf(key);
        Ok(())
    }
}
