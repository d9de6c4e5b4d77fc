//! Routes: both contracts are found, every part is compiled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::bundle::Documents;
use super::expressions::Compiler;
use super::mapping::Position;
use super::quantity;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, suggestion};
use crate::document::Scalar;
use crate::document::route as written;
use crate::document::rule::{Missing, Rule, Source};
use crate::expression::{Known, Record, Sight};
use crate::plan::contract::{Channel, Contracts, Endpoint};
use crate::plan::mapping::Mapping;
use crate::plan::route::{Answer, Body, RecordRow, Route, Send, Step, Then};
use crate::source::{Span, Spanned};

/// Sends within sends within sends: a conversation of more rounds is several routes.
const MAX_NESTING: usize = 8;

/// Every route by `partner/route`.
pub(super) fn compile(
    documents: &Documents,
    contracts: &Contracts,
    compiler: &mut Compiler<'_>,
) -> BTreeMap<Box<str>, Arc<Route>> {
    let mut routes = BTreeMap::new();
    for (partner, document) in &documents.partners {
        for (name, route) in &document.routes {
            let full: Box<str> = format!("{partner}/{name}").into();
            let mut routing = Routing { compiler, documents, contracts, partner, message: Known::Any };
            if let Some(route) = routing.route(&full, route) {
                routes.insert(full, Arc::new(route));
            }
        }
    }
    check_fallbacks(documents, &routes, &mut compiler.diagnostics);
    routes
}

/// A route without `when` takes what the others leave; of two, one would never be reached.
fn check_fallbacks(
    documents: &Documents,
    routes: &BTreeMap<Box<str>, Arc<Route>>,
    diagnostics: &mut Diagnostics,
) {
    let mut fallbacks: BTreeMap<(&str, &str), Span> = BTreeMap::new();
    for (partner, document) in &documents.partners {
        for (name, written) in &document.routes {
            let Some(route) = routes.get(format!("{partner}/{name}").as_str()) else { continue };
            let (None, Some(message)) = (&route.when, &written.message) else { continue };
            match fallbacks.insert((&route.channel, &route.message), message.span) {
                None => {}
                Some(first) => diagnostics.push(
                    Diagnostic::error(
                        Code::DuplicateRoute,
                        format!("two routes without `when` take `{}` from {}", route.message, route.channel),
                        message.span,
                    )
                    .context(first, "the first")
                    .help("`when` tells which messages a route takes"),
                ),
            }
        }
    }
}

struct Routing<'r, 'c> {
    compiler: &'r mut Compiler<'c>,
    documents: &'r Documents,
    contracts: &'r Contracts,
    partner: &'r str,
    /// The shape of the message that came in.
    message: Known<'c>,
}

impl<'c> Routing<'_, 'c> {
    fn route(&mut self, name: &str, written: &written::Route) -> Option<Route> {
        let channel = self.channel(written.receive.as_ref()?)?;
        let message = written.message.as_ref()?;
        self.message = self.message_shape(message, &channel);
        let sight = Sight::over(self.message.clone());
        Some(Route {
            name: name.into(),
            partner: self.partner.into(),
            title: written.title.as_deref().map(Into::into),
            place: self.compiler.place(written.span),
            channel: channel.name.clone(),
            message: message.text.as_str().into(),
            when: self.compiler.optional(written.when.as_ref(), self.partner, &sight),
            answer: written.answer.as_ref().map(|answer| self.answer(answer, written.span, &sight)),
            records: written.records.iter().filter_map(|row| self.record(row, &sight)).collect(),
            send: match &written.send {
                Some(send) => Some(self.send(send, "send".to_owned(), &sight, 0)?),
                None => None,
            },
        })
    }

    fn channel(&mut self, name: &Scalar) -> Option<Arc<Channel>> {
        let full = self.qualify(&name.text);
        let found = self.contracts.channels.get(full.as_str());
        if found.is_none() && !self.explains(&full) {
            let message = format!("there is no channel `{}`", name.text);
            let help = suggestion(&full, self.contracts.channels.keys().map(|name| &**name));
            self.compiler.error(Code::UnknownChannel, message, name.span, help);
        }
        found.cloned()
    }

    /// Whether the channel or endpoint is missing because of a mistake that is reported.
    fn explains(&self, full: &str) -> bool {
        self.documents.declares(full) || self.compiler.names.broken.explains(full)
    }

    /// `inbox` is this partner's, `goodfin/inbox` another's.
    fn qualify(&self, name: &str) -> String {
        if name.contains('/') { name.to_owned() } else { format!("{}/{name}", self.partner) }
    }

    fn message_shape(&mut self, message: &Scalar, channel: &Channel) -> Known<'c> {
        match channel.messages.iter().find(|(name, _)| **name == *message.text) {
            Some((_, schema)) => {
                Known::shape(schema.as_ref().and_then(|schema| self.compiler.schemas.schemas.shape(schema)))
            }
            None => {
                let text = format!("`{}` has no message `{}`", channel.name, message.text);
                let help = suggestion(&message.text, channel.messages.iter().map(|(name, _)| &**name));
                self.compiler.error(Code::UnknownMessageType, text, message.span, help);
                Known::Any
            }
        }
    }

    fn answer(&mut self, written: &written::Answer, at: Span, sight: &Sight<'c>) -> Answer {
        let status = written.status.as_ref().map_or(200, |status| {
            u16::try_from(status.value).ok().filter(|status| (200..600).contains(status)).unwrap_or_else(
                || {
                    let message = "an HTTP status is 200 to 599";
                    self.compiler.error(Code::OutOfRange, message, status.span, None);
                    200
                },
            )
        });
        let position = self.position(sight, Known::Any, at);
        Answer { status, mapping: written.map.as_ref().map(|map| self.compiler.mapping(map, &position)) }
    }

    fn send(
        &mut self,
        written: &written::Send,
        step: String,
        sight: &Sight<'c>,
        depth: usize,
    ) -> Option<Send> {
        if depth > MAX_NESTING {
            let message = format!("deliveries follow deliveries more than {MAX_NESTING} times");
            self.compiler.error(Code::TooDeep, message, written.endpoint.span, None);
            return None;
        }
        let endpoint = self.endpoint(&written.endpoint)?;
        let request = self.schema_of(endpoint.request.as_deref());
        let after = written
            .after
            .as_ref()
            .and_then(|after| quantity::duration(after, &mut self.compiler.diagnostics));
        let when = self.compiler.optional(written.when.as_ref(), self.partner, sight);
        let body = self.body(written, sight, request.clone())?;
        let answer = self.schema_of(endpoint.response.as_deref());
        let inner = Sight::of_follow_up(self.message.clone(), request, answer);
        Some(Send {
            place: self.compiler.place(written.endpoint.span),
            endpoint: endpoint.name.clone(),
            when,
            after: after.unwrap_or(Duration::ZERO),
            body,
            then: self.then(&written.then, &step, &inner, depth),
            step: step.into(),
        })
    }

    fn schema_of(&self, name: Option<&str>) -> Known<'c> {
        Known::shape(name.and_then(|name| self.compiler.schemas.schemas.shape(name)))
    }

    fn endpoint(&mut self, name: &Scalar) -> Option<Arc<Endpoint>> {
        let full = self.qualify(&name.text);
        let found = self.contracts.endpoints.get(full.as_str());
        if found.is_none() && !self.explains(&full) {
            let message = format!("there is no endpoint `{}`", name.text);
            let help = suggestion(&full, self.contracts.endpoints.keys().map(|name| &**name));
            self.compiler.error(Code::UnknownEndpoint, message, name.span, help);
        }
        found.cloned()
    }

    fn body(&mut self, written: &written::Send, sight: &Sight<'c>, request: Known<'c>) -> Option<Body> {
        let position = self.position(sight, request, written.endpoint.span);
        match (&written.map, &written.copy) {
            (map, Some(from)) => {
                let source = Source::Copy { from: from.clone(), except: Vec::new(), map: map.clone() };
                let rule = Rule { span: from.span, source, when: None, missing: Missing::Required };
                self.compiler.rule(&rule, &position).map(|rule| Body::Copy(Box::new(rule)))
            }
            (Some(map), None) => Some(Body::Mapping(self.compiler.mapping(map, &position))),
            (None, None) => {
                let message = "the delivery has no body";
                let help = "`map` says what is sent; `copy: \"@\"` sends the message as it is";
                self.compiler.error(Code::MissingKey, message, written.endpoint.span, Some(help.to_owned()));
                None
            }
        }
    }

    fn position<'p>(&self, sight: &Sight<'c>, target: Known<'c>, at: Span) -> Position<'p, 'c>
    where
        Self: 'p,
    {
        let (sight, path) = (sight.clone(), String::new());
        Position { partner: self.partner, sight, target, path, at, over_a_copy: false }
    }

    fn then(&mut self, written: &written::Then, step: &str, sight: &Sight<'c>, depth: usize) -> Then {
        let mut steps = |rows: &[written::Step], outcome: &str| {
            let mut steps = Vec::new();
            for (at, row) in rows.iter().enumerate() {
                match row {
                    written::Step::Send(send) => {
                        let name = format!("{step}.then.{outcome}[{at}]");
                        steps.extend(
                            self.send(send, name, sight, depth + 1).map(|send| Step::Send(Box::new(send))),
                        );
                    }
                    written::Step::Record(rows) => {
                        steps.extend(rows.iter().filter_map(|row| self.record(row, sight)).map(Step::Record));
                    }
                }
            }
            steps
        };
        Then {
            delivered: steps(&written.delivered, "delivered"),
            rejected: steps(&written.rejected, "rejected"),
            failed: steps(&written.failed, "failed"),
        }
    }

    fn record(&mut self, written: &written::RecordRow, sight: &Sight<'c>) -> Option<RecordRow> {
        let record = self.record_named(&written.record)?;
        if !written.fields.iter().any(|(field, _)| *field.value == *record.key) {
            let message = format!("the record's key `{}` is not given", record.key);
            let help = Some("without its key it is not known which record is meant".to_owned());
            self.compiler.error(Code::MissingKey, message, written.record.span, help);
        }
        let position = self.position(sight, Known::Any, written.record.span);
        let mut members = Vec::new();
        for (field, rule) in &written.fields {
            let inner = Position { path: field.value.clone(), ..position.clone() };
            if let Some(rule) = self.compiler.rule(rule, &inner) {
                members.push(crate::plan::mapping::Member::new(&field.value, rule));
            }
        }
        Some(RecordRow {
            record,
            place: self.compiler.place(written.record.span),
            when: self.compiler.optional(written.when.as_ref(), self.partner, sight),
            fields: Mapping { members },
        })
    }

    fn record_named(&mut self, name: &Spanned<String>) -> Option<Arc<Record>> {
        let names = self.compiler.names_of(self.partner);
        let qualified = names.qualify(&name.value);
        let found = names.records.get(&qualified).cloned();
        if found.is_none() && !names.broken.explains(&qualified) {
            let message = format!("there is no record `{}`", name.value);
            let help = suggestion(&name.value, names.known(names.records));
            self.compiler.error(Code::UnknownRecord, message, name.span, help);
        }
        found
    }
}
