//! Which route takes a message: by channel and type, then the first whose `when` holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::expression::{Scope, is_true};
use crate::fault::{Fault, Kind};
use crate::plan::route::Route;
use crate::value::Value;

/// Routes by channel and message type, each list in the order of the routes' names.
#[derive(Debug, Default)]
pub struct Router {
    routes: BTreeMap<(Box<str>, Box<str>), Vec<Arc<Route>>>,
}

impl Router {
    pub fn new<'r>(routes: impl IntoIterator<Item = &'r Arc<Route>>) -> Self {
        let mut router = Self::default();
        for route in routes {
            let from = (route.channel.clone(), route.message.clone());
            router.routes.entry(from).or_default().push(Arc::clone(route));
        }
        router
    }

    /// The route that takes the message.
    ///
    /// # Errors
    /// No route does, or a `when` could not be decided.
    pub fn find<'a>(
        &'a self,
        channel: &str,
        message: &str,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> Result<&'a Arc<Route>, Fault> {
        let routes = self.routes.get(&(channel.into(), message.into())).map_or(&[][..], Vec::as_slice);
        for route in routes {
            let Some(when) = &route.when else { return Ok(route) };
            let holds = when.eval(node, scope).map_err(|error| Fault {
                rule: Some(route.place.clone()),
                source: Some(when.text().to_owned()),
                ..Fault::new(Kind::Rule, error.to_string()).policy(error.policy()).on_route(&route.name)
            })?;
            if is_true(holds) {
                return Ok(route);
            }
        }
        let detail = if routes.is_empty() {
            format!("no route takes `{message}` from {channel}")
        } else {
            format!("no `when` of the routes that take `{message}` from {channel} holds for this message")
        };
        Err(Fault::new(Kind::NoRoute, detail))
    }
}
