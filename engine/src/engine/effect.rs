//! What a message causes. While it is worked out all of it lies in the message's arena; what is kept is copied out.

use std::sync::Arc;
use std::time::Duration;

use bumpalo::collections::Vec as ArenaVec;

use crate::exchange::{Encoding, Method};
use crate::expression::Record;
use crate::plan::contract::Endpoint;
use crate::plan::route::Send;
use crate::value::Value;

/// What is to be sent to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `partner/endpoint`
    pub endpoint: Box<str>,
    /// The destination.
    pub partner: Box<str>,
    pub method: Method,
    /// Of a channel of ours its name.
    pub url: String,
    /// Names in lower case; values that a header can hold.
    pub headers: Vec<(Box<str>, String)>,
    /// How the body goes out: of a form, an object of scalars is kept as JSON until then.
    pub encoding: Encoding,
    /// JSON, also where no body goes out.
    pub body: Vec<u8>,
}

/// One delivery to be made, durable before anybody is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `partner/route`
    pub route: Box<str>,
    /// Where in the route's plan it stands; given back when it is concluded.
    pub step: Box<str>,
    pub request: Request,
    /// Deliveries to one partner with one key are made in order; without a key there is no order.
    pub key: Option<String>,
    /// The wait before the first attempt.
    pub after: Duration,
}

/// One record to be made or changed, in the same commit as what caused it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordWrite {
    pub record: Arc<Record>,
    pub key: String,
    /// The unique fields that are given, with their values.
    pub unique: Vec<(Box<str>, String)>,
    /// A JSON object: the fields to set.
    pub json: Vec<u8>,
}

/// A name and its value.
pub(super) type Pair<'a> = (&'a str, &'a str);

/// A [`Request`] in the arena.
#[derive(Clone, Copy)]
pub(super) struct Outgoing<'a> {
    pub endpoint: &'a Endpoint,
    pub url: &'a str,
    pub headers: &'a [Pair<'a>],
    pub body: &'a [u8],
    /// The body as a value; null where its endpoint does not look into it.
    pub value: Value<'a>,
}

/// A [`Delivery`] in the arena.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub send: &'a Send,
    pub outgoing: Outgoing<'a>,
    pub key: Option<&'a str>,
}

/// A [`RecordWrite`] in the arena.
#[derive(Clone, Copy)]
pub(super) struct Kept<'a> {
    pub record: &'a Arc<Record>,
    pub key: &'a str,
    pub unique: &'a [Pair<'a>],
    pub json: &'a [u8],
}

/// All that one route causes beside its answer.
pub(super) struct Effects<'a> {
    /// `partner/route`
    pub route: &'a str,
    pub sent: ArenaVec<'a, Sent<'a>>,
    pub kept: ArenaVec<'a, Kept<'a>>,
}

impl Effects<'_> {
    pub fn deliveries(&self) -> impl Iterator<Item = Delivery> + '_ {
        self.sent.iter().map(|sent| Delivery {
            route: self.route.into(),
            step: sent.send.step.clone(),
            request: sent.outgoing.request(),
            key: sent.key.map(str::to_owned),
            after: sent.send.after,
        })
    }

    pub fn records(&self) -> impl Iterator<Item = RecordWrite> + '_ {
        self.kept.iter().map(|kept| RecordWrite {
            record: Arc::clone(kept.record),
            key: kept.key.to_owned(),
            unique: owned(kept.unique),
            json: kept.json.to_vec(),
        })
    }
}

impl Outgoing<'_> {
    pub fn request(&self) -> Request {
        Request {
            endpoint: self.endpoint.name.clone(),
            partner: self.endpoint.partner.clone(),
            method: self.endpoint.method(),
            url: self.url.to_owned(),
            headers: owned(self.headers),
            encoding: self.endpoint.encoding,
            body: self.body.to_vec(),
        }
    }
}

/// Pairs, copied out of the arena.
pub(super) fn owned(pairs: &[Pair<'_>]) -> Vec<(Box<str>, String)> {
    pairs.iter().map(|(name, value)| ((*name).into(), (*value).to_owned())).collect()
}
