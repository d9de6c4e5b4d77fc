//! What sets a route in motion, as written.

use crate::diagnostic::{Code, Diagnostic};
use crate::document::{Fields, Reader, Scalar};

#[derive(Debug)]
pub enum Trigger {
    /// A message of this type over this channel.
    Receive { channel: Scalar, message: Scalar },
    /// The start of the process, and each reload.
    Start,
    /// The passing of this time.
    Every(Scalar),
}

pub(super) const STARTS: [(&str, ()); 1] = [("start", ())];

pub(super) const TRIGGERS: [&str; 3] = ["receive", "on", "every"];

impl Trigger {
    pub(super) fn read(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let given: Vec<&str> = TRIGGERS.into_iter().filter(|name| fields.has(name)).collect();
        match given.as_slice() {
            [] if TRIGGERS.iter().any(|name| fields.misspells(name)) => None,
            [] => {
                let message = "nothing sets the route in motion";
                let help = "it has one of: receive (a channel), on (start), every (a duration)";
                reader.report(Diagnostic::error(Code::MissingKey, message, fields.span).help(help));
                None
            }
            ["receive"] => Self::receive(reader, fields),
            ["on"] => {
                let node = fields.get("on")?;
                reader.choice(node, "`on`", &STARTS).map(|()| Self::Start)
            }
            [_] => reader.scalar(fields, "every").map(Self::Every),
            [first, second, ..] => {
                let message = format!("`{first}` and `{second}` exclude each other");
                let at = fields.key_span(second);
                reader.report(
                    Diagnostic::error(Code::ConflictingKeys, message, at)
                        .help("what has two causes is two routes"),
                );
                None
            }
        }
    }

    fn receive(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Self> {
        let channel = reader.scalar(fields, "receive");
        if !fields.has("message") && !fields.misspells("message") {
            let diagnostic = Diagnostic::error(
                Code::MissingKey,
                "a route needs the key `message`",
                fields.key_span("receive"),
            );
            reader.report(diagnostic.help("`message`: the message type, one of those of the channel"));
        }
        let message = reader.scalar(fields, "message");
        Some(Self::Receive { channel: channel?, message: message? })
    }
}
