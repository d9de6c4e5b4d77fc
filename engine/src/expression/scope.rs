//! What an expression can see beside the current node: the message, the answer, the world.

use std::cell::Cell;

use jiff::Timestamp;
use uuid::Uuid;

use super::Late;
use crate::value::{Arena, Value};

/// Where new ids come from. The runtime gives random ones, a test gives a series.
pub trait Ids: Send + Sync {
    /// A fresh id (version 4 for the runtime).
    fn uuid(&self) -> Uuid;
}

/// The records could not be read; the message may come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable;

/// The durable state that mappings look things up in.
pub trait Records: Send + Sync {
    /// The record `name` (`partner.record`) whose `field` has this value, as the text of a JSON object.
    ///
    /// # Errors
    /// When the state cannot be read now.
    fn find(&self, name: &str, field: &str, value: &str) -> Result<Option<String>, Unavailable>;

    /// Up to `limit` records `name`, as [`find`](Self::find) gives them, in an order that stays: all of them, or those
    /// whose field has this value as its text.
    ///
    /// # Errors
    /// When the state cannot be read now.
    fn list(
        &self,
        name: &str,
        filter: Option<(&str, &str)>,
        limit: usize,
    ) -> Result<Vec<String>, Unavailable>;
}

/// The parts of an inbound request beside its body.
#[derive(Debug, Clone, Default)]
pub struct Inbound {
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub path_params: Vec<(String, String)>,
}

/// An id that a rule has named, and those before it.
struct Named<'a> {
    name: &'a str,
    id: Uuid,
    before: Option<&'a Named<'a>>,
}

/// The world as one evaluation sees it: given from outside, so that every result can be repeated.
pub struct Context<'a> {
    pub now: Timestamp,
    pub ids: &'a dyn Ids,
    pub records: &'a dyn Records,
    pub inbound: &'a Inbound,
    /// The text of what came in while its sender is to be known, and of what goes out while its headers are made.
    pub body: Cell<&'a [u8]>,
    /// The message that came in.
    pub message: Late<'a>,
    /// What we sent to the endpoint, while its response is looked at.
    pub request: Late<'a>,
    /// The endpoint's response.
    pub answer: Value<'a>,
    /// The endpoint's HTTP status.
    pub status: Option<u16>,
    /// Ids that rules have named.
    named: Cell<Option<&'a Named<'a>>>,
    budget: Cell<u32>,
}

impl<'a> Context<'a> {
    /// Nodes one message may visit or make; a 40 KB message with 200 rules takes about a thousandth of it.
    const BUDGET: u32 = 20_000_000;

    #[must_use]
    pub fn new(
        now: Timestamp,
        ids: &'a dyn Ids,
        records: &'a dyn Records,
        inbound: &'a Inbound,
        message: Value<'a>,
    ) -> Self {
        Self {
            now,
            ids,
            records,
            inbound,
            body: Cell::new(&[]),
            message: Late::known(message),
            request: Late::known(Value::Null),
            answer: Value::Null,
            status: None,
            named: Cell::new(None),
            budget: Cell::new(Self::BUDGET),
        }
    }

    /// The id of this name: a fresh one the first time.
    pub(super) fn named_id(&self, name: &'a str, arena: &'a Arena) -> Uuid {
        let mut known = std::iter::successors(self.named.get(), |named| named.before);
        if let Some(named) = known.find(|named| named.name == name) {
            return named.id;
        }
        let id = self.ids.uuid();
        self.named.set(Some(arena.alloc(Named { name, id, before: self.named.get() })));
        id
    }

    /// What is left of it.
    #[must_use]
    pub fn budget(&self) -> u32 {
        self.budget.get()
    }

    /// Pays for `nodes` visited or made; `false` when the message has had its share. From
    /// then on it gets nothing more, however small.
    pub fn spend(&self, nodes: usize) -> bool {
        let cost = u32::try_from(nodes).unwrap_or(u32::MAX);
        match self.budget.get().checked_sub(cost) {
            Some(left) => {
                self.budget.set(left);
                true
            }
            None => {
                self.budget.set(0);
                false
            }
        }
    }
}

/// One level of the rules' nesting: `with` and `each` make a new one.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The node that was current outside.
    pub node: Value<'a>,
    /// The position in the nearest `each`.
    pub index: Option<usize>,
    pub parent: Option<&'a Frame<'a>>,
}

/// Everything an expression may use.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub arena: &'a Arena,
    pub context: &'a Context<'a>,
    /// The node the whole mapping began with.
    pub root: Value<'a>,
    /// The node the rule stands at, whatever filter or projection is being evaluated.
    pub current: Value<'a>,
    pub frame: Option<&'a Frame<'a>>,
}

impl<'a> Scope<'a> {
    /// The scope of a mapping over `root`.
    #[must_use]
    pub fn new(arena: &'a Arena, context: &'a Context<'a>, root: Value<'a>) -> Self {
        Self { arena, context, root, current: root, frame: None }
    }

    /// The scope inside a `with` or `each` whose outer node is `node`.
    #[must_use]
    pub fn inside(&self, node: Value<'a>, index: Option<usize>) -> Self {
        let index = index.or_else(|| self.frame.and_then(|frame| frame.index));
        let frame = self.arena.alloc(Frame { node, index, parent: self.frame });
        Self { frame: Some(frame), ..*self }
    }
}

/// No ids but the nil one: for what needs none, and must be the same each time.
#[derive(Debug, Clone, Copy, Default)]
pub struct NilIds;

impl Ids for NilIds {
    fn uuid(&self) -> Uuid {
        Uuid::nil()
    }
}

/// Nothing was remembered: for what looks at one message only.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRecords;

impl Records for NoRecords {
    fn find(&self, _: &str, _: &str, _: &str) -> Result<Option<String>, Unavailable> {
        Ok(None)
    }

    fn list(&self, _: &str, _: Option<(&str, &str)>, _: usize) -> Result<Vec<String>, Unavailable> {
        Ok(Vec::new())
    }
}
