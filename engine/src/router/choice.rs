//! Which of many routes a message can be for, without asking each of them: most `when`s hold for some texts at one path.

use std::collections::HashMap;
use std::sync::Arc;

use bumpalo::collections::Vec as ArenaVec;
use foldhash::fast::RandomState;

use crate::expression::Selector;
use crate::plan::route::Route;
use crate::value::{Arena, Value};

/// So many routes are as quickly asked as looked up.
const FEW: usize = 8;

/// The routes of one message type.
#[derive(Debug)]
pub struct Choice {
    /// In the order they are tried.
    routes: Vec<Arc<Route>>,
    splits: Vec<Split>,
    /// The places of those that are asked whatever the message is.
    others: Vec<usize>,
    /// Whether one of them makes its caller wait for an endpoint.
    pub calls: bool,
}

/// Routes that one path tells apart.
#[derive(Debug)]
struct Split {
    /// One of them, for its path.
    example: usize,
    /// Their places, by the text that leads to them.
    places: HashMap<Box<str>, Vec<usize>, RandomState>,
}

impl Choice {
    /// Of routes in the order they are tried.
    pub fn new(routes: Vec<Arc<Route>>) -> Self {
        let (mut selected, mut others) = (Vec::new(), Vec::new());
        for (place, route) in routes.iter().enumerate() {
            match selector(route) {
                Some(selector) => selected.push((place, selector)),
                None => others.push(place),
            }
        }
        selected.sort_by(|(_, left), (_, right)| left.path.order(right.path));
        let mut splits = Vec::new();
        for same in selected.chunk_by(|(_, left), (_, right)| left.path.order(right.path).is_eq()) {
            match same {
                [(example, _), ..] if same.len() > FEW => splits.push(Split::new(*example, same)),
                few => others.extend(few.iter().map(|(place, _)| place)),
            }
        }
        let calls = routes.iter().any(|route| route.calls());
        Self { routes, splits, others, calls }
    }

    /// In the order they are tried, the routes whose `when` may hold; that of any other does not.
    pub fn candidates<'a>(&'a self, node: Value<'a>, arena: &'a Arena) -> impl Iterator<Item = &'a Route> {
        let mut places = ArenaVec::new_in(arena);
        places.extend_from_slice(&self.others);
        for split in &self.splits {
            places.extend_from_slice(self.selected(split, node, arena));
        }
        places.sort_unstable();
        places.into_iter().filter_map(|place| self.routes.get(place).map(|route| &**route))
    }

    fn selected<'a>(&'a self, split: &'a Split, node: Value<'a>, arena: &'a Arena) -> &'a [usize] {
        let path =
            self.routes.get(split.example).and_then(|route| selector(route)).map(|selector| selector.path);
        match path.map(|path| path.follow(node)) {
            Some(Value::String(text)) => split.places.get(text.decode_in(arena)).map_or(&[], Vec::as_slice),
            _ => &[],
        }
    }
}

impl Split {
    fn new(example: usize, selected: &[(usize, Selector<'_>)]) -> Self {
        let mut places: HashMap<Box<str>, Vec<usize>, RandomState> = HashMap::default();
        for (place, selector) in selected {
            for text in &selector.texts {
                places.entry((*text).into()).or_default().push(*place);
            }
        }
        for places in places.values_mut() {
            // `a == 'x' || a == 'x'`
            places.dedup();
        }
        Self { example, places }
    }
}

fn selector(route: &Route) -> Option<Selector<'_>> {
    route.when.as_ref().and_then(|when| when.selector())
}
