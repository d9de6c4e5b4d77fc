//! From a body that was written to the request that takes it out: its schema, its URL, its headers.

use bumpalo::collections::Vec as ArenaVec;

use super::effect::{Outgoing, Pair};
use super::parse;
use super::work::Work;
use crate::exchange::Encoding;
use crate::expression::Scope;
use crate::fault::{Fault, Kind, Place};
use crate::plan::contract::{Endpoint, Target};
use crate::plan::route::{Body, Headers};
use crate::value::{Arena, Value};

impl<'a> Work<'_, 'a> {
    /// The request to an endpoint; a fault is kept.
    pub fn request(
        &mut self,
        endpoint: &str,
        place: &Place,
        body: &'a Body,
        node: Value<'a>,
        scope: &Scope<'a>,
    ) -> Option<Outgoing<'a>> {
        let Some(endpoint) = self.engine.endpoint(endpoint) else {
            let detail = format!("there is no endpoint `{endpoint}` any more");
            self.fault(place, Fault::new(Kind::Configuration, detail));
            return None;
        };
        let body = self.body(body, place, node, scope)?;
        match self.address(endpoint, body, scope) {
            Ok(outgoing) => Some(outgoing),
            Err(fault) => {
                self.fault(place, fault);
                None
            }
        }
    }

    /// Checks what goes out against the receiver's schema, and finds its URL and its headers.
    fn address(
        &self,
        endpoint: &'a Endpoint,
        body: &'a [u8],
        scope: &Scope<'a>,
    ) -> Result<Outgoing<'a>, Fault> {
        let value = written(endpoint, body, scope.arena)?;
        if let Some(schema) = &endpoint.request {
            let detail = || format!("the mapped message does not satisfy the schema of {}", endpoint.name);
            self.engine.validate(schema, value, Kind::InvalidResult, detail)?;
        }
        if endpoint.encoding == Encoding::Form {
            check_form(value)?;
        }
        let scope = Scope { root: value, frame: None, ..*scope };
        let url = match &endpoint.target {
            Target::Url(_, url) => url.render_url(value, &scope).map_err(|error| {
                Fault::new(Kind::Rule, format!("the URL of {}: {error}", endpoint.name))
                    .policy(error.policy())
            })?,
            Target::Channel(name) => name,
        };
        scope.context.body.set(body);
        let headers = headers(&endpoint.headers, &endpoint.name, value, &scope)?;
        Ok(Outgoing { endpoint, url, headers, body, value })
    }
}

/// What was written, as a value; it is JSON by the way it was written, so it is read only where somebody looks into it.
fn written<'a>(endpoint: &Endpoint, body: &'a [u8], arena: &'a Arena) -> Result<Value<'a>, Fault> {
    if endpoint.looks_inside() || cfg!(debug_assertions) {
        return parse(body, arena, Kind::InvalidResult, "the mapped message");
    }
    Ok(Value::Null)
}

/// Headers as they are sent: one line of visible ASCII each (RFC 9110, section 5.5).
pub(super) fn headers<'a>(
    headers: &'a Headers,
    of: &str,
    node: Value<'a>,
    scope: &Scope<'a>,
) -> Result<&'a [Pair<'a>], Fault> {
    let mut rendered = ArenaVec::new_in(scope.arena);
    for (name, template) in headers {
        let fault = |detail: &str| Fault::new(Kind::Rule, format!("the header `{name}` of {of}: {detail}"));
        let value = template
            .render_text(node, scope)
            .map_err(|error| fault(&error.to_string()).policy(error.policy()))?;
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(fault("its value holds a sign that is not ASCII, or a line break"));
        }
        rendered.push((&**name, value));
    }
    Ok(rendered.into_bump_slice())
}

/// A form is names and texts.
fn check_form(outgoing: Value<'_>) -> Result<(), Fault> {
    let fault = |detail: String| Fault::new(Kind::InvalidResult, detail);
    let Value::Object(form) = outgoing else {
        return Err(fault(format!("a form is made of an object, not of {}", outgoing.kind())));
    };
    let nested =
        form.entries().iter().find(|entry| matches!(entry.value, Value::Object(_) | Value::Array(_)));
    nested.map_or(Ok(()), |entry| {
        let name = entry.key.decode();
        Err(fault(format!("a form holds no {}, and `{name}` is one", entry.value.kind())))
    })
}
