//! What a partner can take, as written.

use crate::document::{Key, Keys, Node, Reader, Scalar, Shape};
use crate::source::Spanned;

/// How much goes to a partner at once, how often, and when it is left alone.
#[derive(Debug, Default)]
pub struct Limits {
    pub concurrent: Option<Spanned<u32>>,
    pub rate: Option<Scalar>,
    pub breaker: Option<Breaker>,
}

#[derive(Debug)]
pub enum Breaker {
    Off,
    On { failures: Option<Spanned<u32>>, pause: Option<Scalar> },
}

const OFF: [(&str, ()); 1] = [("none", ())];

pub static KEYS: Keys = Keys {
    what: "`limits`",
    laws: &[],
    keys: &[
        Key::new("concurrent", "requests at a time, deliveries and calls together")
            .of(Shape::Number { least: 1, most: 1000 }),
        Key::new("rate", "requests in a time: 10/s, 300/m, 1000/h"),
        Key::new("breaker", "{failures, pause}, or none: when the partner is left alone")
            .of(Shape::Either(&[Shape::Choice(&OFF), Shape::Keys(&BREAKER)])),
    ],
};

static BREAKER: Keys = Keys {
    what: "`breaker`",
    laws: &[],
    keys: &[
        Key::new("failures", "so many failures without a success in between")
            .of(Shape::Number { least: 1, most: 1000 })
            .or("20"),
        Key::new("pause", "how long nothing is tried then").of(Shape::Duration).or("5s"),
    ],
};

impl Limits {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, &KEYS)?;
        let concurrent = fields.get("concurrent").and_then(|node| number(reader, node, "`concurrent`"));
        let breaker = fields.get("breaker").and_then(|node| Breaker::read(reader, node));
        Some(Self { concurrent, rate: reader.scalar(&fields, "rate"), breaker })
    }
}

impl Breaker {
    fn read(reader: &mut Reader<'_>, node: &Node) -> Option<Self> {
        if node.as_scalar().is_some() {
            return reader.choice(node, "`breaker`", &OFF).map(|()| Self::Off);
        }
        let fields = reader.fields(node, &BREAKER)?;
        let failures = fields.get("failures").and_then(|node| number(reader, node, "`failures`"));
        Some(Self::On { failures, pause: reader.scalar(&fields, "pause") })
    }
}

fn number(reader: &mut Reader<'_>, node: &Node, what: &str) -> Option<Spanned<u32>> {
    reader.number(node, what).map(|number| Spanned::new(number, node.span))
}
