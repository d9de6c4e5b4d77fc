//! Which routes take a message: by channel and type, then the first whose `when` holds, else the one that has none; or,
//! where the channel says so, all whose `when` holds.

mod choice;

use std::collections::BTreeMap;
use std::sync::Arc;

use bumpalo::collections::Vec as ArenaVec;

use choice::Choice;

use crate::exchange::Routes;
use crate::expression::{Scope, is_true};
use crate::fault::{Fault, Kind};
use crate::plan::route::{Route, Trigger};
use crate::value::Value;

/// The routes of one channel by message type.
type ByMessage = BTreeMap<Box<str>, Choice>;

/// Every route, by channel.
#[derive(Debug, Default)]
pub struct Router {
    channels: BTreeMap<Box<str>, ByMessage>,
}

impl Router {
    pub fn new<'r>(routes: impl IntoIterator<Item = &'r Arc<Route>>) -> Self {
        let mut channels: BTreeMap<_, BTreeMap<_, Vec<Arc<Route>>>> = BTreeMap::new();
        for route in routes {
            let Trigger::Receive { channel, message } = &route.trigger else { continue };
            let channel = channels.entry(channel.clone()).or_default();
            channel.entry(message.clone()).or_default().push(Arc::clone(route));
        }
        let choice = |(message, mut routes): (_, Vec<Arc<Route>>)| {
            // Stable: by name within each group.
            routes.sort_by_key(|route| route.when.is_none());
            (message, Choice::new(routes))
        };
        let by_message =
            |(channel, routes): (_, BTreeMap<_, _>)| (channel, routes.into_iter().map(choice).collect());
        Self { channels: channels.into_iter().map(by_message).collect() }
    }

    /// Whether a caller of this channel may wait for an endpoint's response: of one message type, or of any.
    pub fn calls(&self, channel: &str, message: Option<&str>) -> bool {
        let routes = self.channels.get(channel).into_iter().flatten();
        let mut routes = routes.filter(|(kind, _)| message.is_none_or(|message| ***kind == *message));
        routes.any(|(_, choice)| choice.calls)
    }

    /// The routes that take the message, at least one.
    ///
    /// # Errors
    /// No route does, or a `when` could not be decided.
    pub fn find<'a>(
        &'a self,
        channel: &str,
        take: Routes,
        message: &str,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> Result<&'a [&'a Route], Fault> {
        let choice = self.channels.get(channel).and_then(|channel| channel.get(message));
        let mut taking = ArenaVec::new_in(scope.arena);
        for route in choice.into_iter().flat_map(|choice| choice.candidates(node, scope.arena)) {
            if holds(route, node, scope)? {
                taking.push(route);
                if take == Routes::First {
                    break;
                }
            }
        }
        if !taking.is_empty() {
            return Ok(taking.into_bump_slice());
        }
        let detail = if choice.is_none() {
            format!("no route takes `{message}` from {channel}")
        } else {
            format!("no `when` of the routes that take `{message}` from {channel} holds for this message")
        };
        Err(Fault::new(Kind::NoRoute, detail))
    }
}

fn holds<'a>(route: &'a Route, node: Value<'a>, scope: &Scope<'a>) -> Result<bool, Fault> {
    let Some(when) = &route.when else { return Ok(true) };
    when.eval(node, scope).map(is_true).map_err(|error| Fault {
        rule: Some(route.place.clone()),
        source: Some(when.text().into_owned()),
        ..Fault::new(Kind::Rule, error.to_string()).policy(error.policy()).on_route(&route.name)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::expression::{
        Broken, Context, Expression, Inbound, Names, NilIds, NoRecords, Patterns, Sight, Used,
    };
    use crate::fault::Place;
    use crate::value::{Arena, Entry, Text};

    fn route(name: &str, when: Option<&str>) -> Arc<Route> {
        let names = Names {
            partner: "bank",
            tables: &BTreeMap::new(),
            records: &BTreeMap::new(),
            settings: &BTreeMap::new(),
            broken: &Broken::default(),
            used: &Used::default(),
            patterns: &Patterns::default(),
        };
        let compile = |text| Expression::compile(text, &names, &Sight::blind()).unwrap().0;
        Arc::new(Route {
            name: name.into(),
            partner: "bank".into(),
            title: None,
            place: Place { file: format!("{name}.yaml").into(), line: 1, column: 1 },
            trigger: Trigger::Receive { channel: "shop/inbox".into(), message: "Order".into() },
            when: when.map(compile),
            answers: Vec::new(),
            call: None,
            steps: Vec::new(),
        })
    }

    /// The route that takes the message `text`, or the fault.
    fn find(routes: &[Arc<Route>], channel: &str, message: &str, text: &str) -> Result<String, Fault> {
        taking(routes, Routes::First, (channel, message), text)
    }

    fn taking(
        routes: &[Arc<Route>],
        take: Routes,
        (channel, message): (&str, &str),
        text: &str,
    ) -> Result<String, Fault> {
        let router = Router::new(routes);
        let arena = Arena::new();
        let member = |name, text| Entry { key: Text::plain(name), value: Value::string(text) };
        let value = Value::object(&arena, &[member("also", "t27"), member("kind", text)]);
        let inbound = Inbound::default();
        let now = jiff::Timestamp::UNIX_EPOCH;
        let context = Context::new(now, &NilIds, &NoRecords, &inbound, value);
        let scope = Scope::new(&arena, &context, value);
        let found = router.find(channel, take, message, value, &scope)?;
        Ok(found.iter().map(|route| &*route.name).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn the_first_route_whose_condition_holds_takes_the_message() {
        let routes = [
            route("bank/a", Some("kind == 'a'")),
            route("bank/b", Some("starts_with(kind, 'b')")),
            route("bank/rest", None),
        ];
        for (text, name) in [("a", "bank/a"), ("b2", "bank/b"), ("c", "bank/rest")] {
            assert_eq!(find(&routes, "shop/inbox", "Order", text).unwrap(), name);
        }
    }

    #[test]
    fn where_all_take_a_message_each_does_whose_condition_holds() {
        let routes = [
            route("bank/a", Some("starts_with(kind, 'a')")),
            route("bank/b", Some("ends_with(kind, 'b')")),
            route("bank/log", None),
        ];
        let of = |text| taking(&routes, Routes::All, ("shop/inbox", "Order"), text).unwrap();
        assert_eq!((of("a"), of("ab")), ("bank/a bank/log".into(), "bank/a bank/b bank/log".into()));
        let only = taking(&routes[..1], Routes::All, ("shop/inbox", "Order"), "x");
        assert_eq!(only.unwrap_err().kind, Kind::NoRoute);
    }

    #[test]
    fn of_many_routes_those_take_a_message_that_would_if_each_were_asked() {
        let whens = |at: usize| match at % 7 {
            0 => format!("kind == 't{at}'"),
            1 => format!("'t{at}' == kind || kind == 't{}' || kind == 't{at}'", at + 1),
            2 => format!("kind == 't{at}' && starts_with(kind, 't')"),
            3 => format!("kind == 't{at}' && length(kind) == `0`"),
            4 => format!("kind == 't{at}' || starts_with(kind, 't{at}')"),
            5 => format!("kind != 't{at}' && kind == 't7'"),
            _ => format!("kind == 't{at}' || also == 't{at}'"),
        };
        let routes: Vec<_> = (0..90).map(|at| route(&format!("bank/{at:02}"), Some(&whens(at)))).collect();
        for text in (0..95).map(|at| format!("t{at}")).chain([String::new(), "t".to_owned()]) {
            let alone = |route: &Arc<Route>| find(std::slice::from_ref(route), "shop/inbox", "Order", &text);
            let asked: Vec<String> = routes.iter().filter_map(|route| alone(route).ok()).collect();
            let all = taking(&routes, Routes::All, ("shop/inbox", "Order"), &text);
            assert_eq!(all.unwrap_or_default(), asked.join(" "), "{text}");
            assert_eq!(find(&routes, "shop/inbox", "Order", &text).ok(), asked.first().cloned(), "{text}");
        }
    }

    #[test]
    fn a_message_that_nobody_takes_is_a_fault() {
        let routes = [route("bank/a", Some("kind == 'a'"))];
        let fault = find(&routes, "shop/inbox", "Order", "SECRETVALUE").unwrap_err();
        let detail = "no `when` of the routes that take `Order` from shop/inbox holds for this message";
        assert_eq!((fault.kind, &*fault.detail), (Kind::NoRoute, detail));
        let fault = find(&routes, "shop/inbox", "Cancel", "a").unwrap_err();
        assert_eq!((fault.kind, &*fault.detail), (Kind::NoRoute, "no route takes `Cancel` from shop/inbox"));
        assert_eq!(find(&routes, "shop/other", "Order", "a").unwrap_err().kind, Kind::NoRoute);
    }

    #[test]
    fn a_condition_that_fails_decides_nothing() {
        let routes = [route("bank/a", Some("sum(kind)")), route("bank/rest", None)];
        let fault = find(&routes, "shop/inbox", "Order", "SECRETVALUE").unwrap_err();
        assert_eq!(
            fault.to_string(),
            "bank/a.yaml:1:1: sum() takes an array of numbers as argument 1, not string (from `sum(kind)`)"
        );
    }
}
