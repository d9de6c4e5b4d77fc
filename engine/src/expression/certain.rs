//! What an expression yields whatever the message is.

use super::eval::Comparison;
use super::{Expr, is_true};
use crate::value::{Arena, Constant, Value};

impl Expr {
    /// Whether it is always true or always false, as far as literals tell.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::Literal(literal) => Some(is_true(literal.value(&Arena::new()))),
            Self::Not(inner) => inner.truth().map(|truth| !truth),
            Self::And(left, right) => match (left.truth(), right.truth()) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), right) => right,
                (None, _) => None,
            },
            Self::Or(left, right) => match (left.truth(), right.truth()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), right) => right,
                (None, _) => None,
            },
            Self::Compare(comparison, left, right) => match (&**left, &**right) {
                (Self::Literal(left), Self::Literal(right)) => Some(compare(*comparison, left, right)),
                _ => None,
            },
            _ => None,
        }
    }
}

fn compare(comparison: Comparison, left: &Constant, right: &Constant) -> bool {
    let arena = Arena::new();
    let order = match (left.value(&arena), right.value(&arena)) {
        (Value::Number(left), Value::Number(right)) => Some(left.compare(&right)),
        _ => None,
    };
    match comparison {
        Comparison::Equal => left == right,
        Comparison::NotEqual => left != right,
        // What has no order is not compared: null, which is not true.
        Comparison::Less => order.is_some_and(|order| order.is_lt()),
        Comparison::LessOrEqual => order.is_some_and(|order| order.is_le()),
        Comparison::Greater => order.is_some_and(|order| order.is_gt()),
        Comparison::GreaterOrEqual => order.is_some_and(|order| order.is_ge()),
    }
}
