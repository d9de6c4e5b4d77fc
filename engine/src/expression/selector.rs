//! What an expression asks of a message first: a text at a path. Where the message has another, it is not true.

use super::eval::{Comparison, Expr};
use super::path::Path;

/// A path, and the texts at its end without which the expression is not true.
#[derive(Debug)]
pub struct Selector<'e> {
    pub path: &'e Path,
    pub texts: Vec<&'e str>,
}

impl Expr {
    /// None where it does not begin so. `&&` looks no further than a left side that is not true.
    pub(super) fn selector(&self) -> Option<Selector<'_>> {
        match self {
            Self::And(left, _) => left.selector(),
            Self::Or(left, right) => {
                let (mut left, right) = (left.selector()?, right.selector()?);
                left.texts.extend(right.texts);
                left.path.order(right.path).is_eq().then_some(left)
            }
            Self::Compare(Comparison::Equal, left, right) => match (&**left, &**right) {
                (Self::Path(path), Self::Literal(literal)) | (Self::Literal(literal), Self::Path(path)) => {
                    Some(Selector { path, texts: vec![literal.as_text()?] })
                }
                _ => None,
            },
            _ => None,
        }
    }
}
