//! Anchored values and what copying them costs: ten lines of aliases can stand for a billion
//! values.

use std::collections::BTreeMap;

use super::{Kind, MAX_COPIED, Node};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// What a value costs beside its text.
const NODE_COST: usize = 64;

/// The anchored values of a document, within one budget for keeping and copying them.
pub struct Anchors {
    kept: BTreeMap<usize, Kept>,
    left: usize,
}

struct Kept {
    /// `None` if the value alone is beyond the budget.
    node: Option<Node>,
    cost: usize,
    height: usize,
}

/// Why an alias cannot be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The alias stands inside of the value it names.
    Recursive,
    /// The copies of this file become too large.
    Budget,
}

impl Anchors {
    pub fn new() -> Self {
        Self { kept: BTreeMap::new(), left: MAX_COPIED }
    }

    /// Keeps a value; 0 is the parser's number for no anchor.
    pub fn keep(&mut self, anchor: usize, node: &Node) {
        if anchor == 0 {
            return;
        }
        let (cost, height) = measure(node);
        let node = self.spend(cost).then(|| node.clone());
        self.kept.insert(anchor, Kept { node, cost, height });
    }

    /// A copy of an anchored value, and how many mappings and sequences stand in one another in it.
    pub fn copy(&mut self, anchor: usize) -> Result<(Node, usize), Refusal> {
        let kept = self.kept.get(&anchor).ok_or(Refusal::Recursive)?;
        let (cost, height) = (kept.cost, kept.height);
        if kept.node.is_none() || cost > self.left {
            return Err(Refusal::Budget);
        }
        let node = kept.node.clone().ok_or(Refusal::Budget)?;
        self.left -= cost;
        Ok((node, height))
    }

    fn spend(&mut self, cost: usize) -> bool {
        let left = self.left.checked_sub(cost);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}

impl Refusal {
    pub fn diagnostic(self, alias: Span) -> Diagnostic {
        let (message, help) = match self {
            Self::Recursive => {
                ("an alias stands inside of the value it names", "a value cannot hold itself: write it out")
            }
            Self::Budget => (
                "the aliases of this file copy too much",
                "write the values out, or put them in a code table",
            ),
        };
        Diagnostic::error(Code::AliasBudget, message, alias).help(help)
    }
}

/// Cost and height of a tree. The recursion is as deep as the tree, which has at most `MAX_DEPTH`
/// floors.
fn measure(node: &Node) -> (usize, usize) {
    let children: Vec<(usize, usize)> = match &node.kind {
        Kind::Scalar(scalar) => return (NODE_COST + scalar.text.len(), 0),
        Kind::Sequence(elements) => elements.iter().map(measure).collect(),
        Kind::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| {
                let (cost, height) = measure(value);
                (cost + NODE_COST + key.len(), height)
            })
            .collect(),
    };
    let cost = children.iter().map(|(cost, _)| cost).sum::<usize>();
    let height = children.iter().map(|(_, height)| *height).max().unwrap_or(0);
    (NODE_COST + cost, height + 1)
}
