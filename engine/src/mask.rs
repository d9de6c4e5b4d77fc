//! A message as it may be shown to a person: without what its schemas mark as sensitive, wherever it went.

use std::collections::BTreeSet;

use crate::engine::Engine;
use crate::schema::{MASKED, Schema, without};
use crate::value::{Arena, Limits, Value, read};

/// What a body is, as far as its schema goes.
#[derive(Debug, Clone, Copy)]
pub enum Part<'p> {
    /// What came over this channel, as this type.
    Message { channel: &'p str, message_type: Option<&'p str> },
    /// What went to this endpoint.
    Request { endpoint: &'p str },
    /// What this endpoint has said.
    Response { endpoint: &'p str },
    /// It has no schema of its own: an answer.
    Other,
}

/// Hides what is sensitive in all the parts of one message. First it learns from each of them: a value that one schema marks is
/// hidden in all others too.
#[derive(Debug)]
pub struct Mask<'e> {
    engine: &'e Engine,
    secrets: BTreeSet<String>,
}

/// What is known of a part's schema.
enum Known<'e> {
    Schema(&'e Schema),
    /// The contract gives it none.
    None,
    /// Its contract has changed: nobody knows what was sensitive in it.
    Gone,
}

impl<'e> Mask<'e> {
    #[must_use]
    pub fn new(engine: &'e Engine) -> Self {
        Self { engine, secrets: BTreeSet::new() }
    }

    /// Learns what is sensitive in a body.
    pub fn learn(&mut self, part: Part<'_>, body: &[u8]) {
        let arena = Arena::new();
        if let (Known::Schema(schema), Ok(value)) =
            (known(self.engine, part), read(body, &arena, &Limits::default()))
        {
            schema.sensitive(value, &mut self.secrets);
        }
    }

    /// The body as it may be shown. One that cannot be read, or whose contract is gone, is hidden as a whole.
    #[must_use]
    pub fn body(&self, part: Part<'_>, body: &[u8]) -> Vec<u8> {
        if body.is_empty() {
            return Vec::new();
        }
        let arena = Arena::new();
        let value = read(body, &arena, &Limits::default());
        let shown = match (known(self.engine, part), value) {
            (Known::Gone, _) | (Known::Schema(_), Err(_)) => Value::string(MASKED),
            (Known::Schema(schema), Ok(value)) => schema.masked(value, &self.secrets, &arena),
            (Known::None, Ok(value)) => without(value, &self.secrets, &arena),
            (Known::None, Err(_)) => return self.text(&String::from_utf8_lossy(body)).into_bytes(),
        };
        let mut out = Vec::with_capacity(body.len());
        shown.write_json(&mut out);
        out
    }

    /// A text, such as a URL, without what was learned.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        // The longest first: a short one may be a part of it.
        let mut secrets: Vec<&String> =
            self.secrets.iter().filter(|secret| text.contains(&***secret)).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.into_iter().fold(text.to_owned(), |text, secret| text.replace(&**secret, MASKED))
    }
}

fn known<'e>(engine: &'e Engine, part: Part<'_>) -> Known<'e> {
    let name = match part {
        Part::Other => return Known::None,
        Part::Message { channel, message_type } => engine.channel(channel).map(|channel| {
            let declared = |name: &str| channel.messages.iter().find(|(known, _)| **known == *name);
            message_type.and_then(declared).and_then(|(_, schema)| schema.as_deref())
        }),
        Part::Request { endpoint } => engine.endpoint(endpoint).map(|endpoint| endpoint.request.as_deref()),
        Part::Response { endpoint } => engine.endpoint(endpoint).map(|endpoint| endpoint.response.as_deref()),
    };
    match name {
        None => Known::Gone,
        Some(None) => Known::None,
        Some(Some(name)) => engine.schema(name).map_or(Known::Gone, Known::Schema),
    }
}
