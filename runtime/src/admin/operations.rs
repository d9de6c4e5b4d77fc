//! What the API can do: the one list that requests are routed by and that its description is made of.

/// One operation.
pub(super) struct Operation {
    pub verb: Verb,
    pub method: &'static str,
    pub path: &'static str,
    pub about: &'static str,
    /// It needs no token.
    pub open: bool,
    /// Parameters of the query.
    pub query: &'static [Parameter],
}

/// What is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Health,
    Ready,
    Metrics,
    Document,
    Reload,
    Partners,
    Pause,
    Resume,
    Messages,
    Message,
    Retry,
    Discard,
}

/// One parameter of a query.
pub(super) struct Parameter {
    pub name: &'static str,
    pub about: &'static str,
    /// All that it can be, where that is not free.
    pub values: &'static [&'static str],
}

const WHAT: &[Parameter] =
    &[Parameter { name: "what", about: "both, where it is not given", values: &["messages", "deliveries"] }];

const FILTER: &[Parameter] = &[
    text("partner", "the sender"),
    text("route", "partner/route"),
    Parameter {
        name: "state",
        about: "where the message stands",
        values: &["accepted", "delivered", "rejected", "parked", "done", "queued", "discarded", "superseded"],
    },
    text("key", "the order key"),
    text("since", "received at this time (RFC 3339) or later"),
    text("until", "received before this time"),
    text("before", "the id of the last message of the page before"),
    text("limit", "at most so many, the newest; 50, and no more than 1000"),
];

const PAYLOAD: &[Parameter] = &[Parameter {
    name: "payload",
    about: "the bodies too, without what schemas mark as sensitive",
    values: &["true", "false"],
}];

pub(super) static OPERATIONS: &[Operation] = &[
    open(Verb::Health, "/health", "The process lives"),
    open(Verb::Ready, "/ready", "Messages can be kept"),
    get(Verb::Metrics, "/metrics", "Counters and levels, as OpenMetrics", &[]),
    open(Verb::Document, "/openapi.json", "This description"),
    post(Verb::Reload, "/reload", "Read the files again, and say what became of each partner", &[]),
    get(Verb::Partners, "/partners", "How each partner stands", &[]),
    post(Verb::Pause, "/partners/{partner}/pause", "Take nothing in, deliver nothing", WHAT),
    post(Verb::Resume, "/partners/{partner}/resume", "The end of a pause", WHAT),
    get(Verb::Messages, "/messages", "Messages, the newest first", FILTER),
    get(Verb::Message, "/messages/{id}", "All that is known of a message", PAYLOAD),
    post(Verb::Retry, "/messages/{id}/retry", "Try again what is parked or was rejected", &[]),
    post(Verb::Discard, "/messages/{id}/discard", "Give up for good what is parked or pending", &[]),
];

const fn text(name: &'static str, about: &'static str) -> Parameter {
    Parameter { name, about, values: &[] }
}

const fn open(verb: Verb, path: &'static str, about: &'static str) -> Operation {
    Operation { verb, method: "GET", path, about, open: true, query: &[] }
}

const fn get(verb: Verb, path: &'static str, about: &'static str, query: &'static [Parameter]) -> Operation {
    Operation { verb, method: "GET", path, about, open: false, query }
}

const fn post(verb: Verb, path: &'static str, about: &'static str, query: &'static [Parameter]) -> Operation {
    Operation { verb, method: "POST", path, about, open: false, query }
}

impl Operation {
    /// Whether the query says what the operation understands: a misspelt filter would find too much.
    pub fn check(&self, query: &[(String, String)]) -> Result<(), String> {
        for (name, value) in query {
            let Some(parameter) = self.query.iter().find(|parameter| parameter.name == name) else {
                let known = engine::diagnostic::suggestion(name, self.query.iter().map(|each| each.name));
                let help = known.map_or_else(String::new, |help| format!("; {help}"));
                return Err(format!("there is no parameter `{name}`{help}"));
            };
            if !parameter.values.is_empty() && !parameter.values.contains(&value.as_str()) {
                return Err(format!("`{name}` is one of {}", parameter.values.join(", ")));
            }
        }
        Ok(())
    }
}
