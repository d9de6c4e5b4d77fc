//! What an editor offers to begin with.

use serde_json::{Value, json};

use crate::document::contract::{self, channel, codes, endpoint};
use crate::document::route::{self, step};
use crate::document::{Keys, rule};

/// The snippets for a mapping with these keys; `$1`, `${2:word}` are the places to fill in. An editor writes texts as
/// they are, so those that need quotes have them.
pub(super) fn of(keys: &'static Keys) -> Vec<Value> {
    let all = all();
    let own = all.iter().filter(|(owner, _)| std::ptr::eq(*owner, keys)).flat_map(|(_, snippets)| snippets);
    own.map(|(label, body)| json!({"label": label, "body": body})).collect()
}

type Snippets = Vec<(&'static str, Value)>;

fn all() -> [(&'static Keys, Snippets); 7] {
    [
        (
            &contract::KEYS,
            vec![(
                "a contract",
                json!({
                    "partner": "${1:partner}", "title": "${2:title}",
                    "settings": {"base_url": {"env": "${3:VARIABLE}", "default": "${4:https://partner.example}"}},
                    "endpoints": {"${5:endpoint}": {"post": "\"{base_url}/${6:path}\""}}
                }),
            )],
        ),
        (
            &channel::KEYS,
            vec![(
                "a channel",
                json!({
                    "post": "/${1:path}", "auth": {"basic": {"user": "${2:user}", "password": "${3:password}"}},
                    "message": "${4:type}", "messages": {"${5:Type}": "${6:partner/schema}"}, "id": "${7:id}"
                }),
            )],
        ),
        (
            &endpoint::KEYS,
            vec![(
                "an endpoint",
                json!({
                    "post": "\"{base_url}/${1:path}\"", "auth": "${2:none}", "request": "${3:partner/schema}",
                    "outcome": [{"when": "${4:code == '0'}", "is": "delivered"}, {"when": "${5:code}", "is": "rejected"}]
                }),
            )],
        ),
        (
            &codes::KEYS,
            vec![("a code table", json!({"rows": {"${1:theirs}": "${2:OURS}"}, "unknown": "${3:reject}"}))],
        ),
        (
            &route::KEYS,
            vec![(
                "a route",
                json!({
                    "title": "${7:title}", "receive": "${2:partner/channel}", "message": "${3:Type}",
                    "send": "${4:partner/endpoint}", "map": {"${5:target}": "${6:expression}"}
                }),
            )],
        ),
        (
            &step::STEP,
            vec![
                (
                    "a delivery",
                    json!({"send": "${1:partner/endpoint}", "map": {"${2:target}": "${3:expression}"}}),
                ),
                ("a record", json!({"record": {"${1:record}": {"${2:field}": "${3:expression}"}}})),
            ],
        ),
        (
            &rule::KEYS,
            vec![
                ("a required value", json!({"from": "${1:expression}", "required": true})),
                ("a constant", json!({"value": "${1:constant}"})),
                ("an object", json!({"with": "${1:expression}", "map": {"${2:target}": "${3:expression}"}})),
                ("an array", json!({"each": "${1:expression}", "map": {"${2:target}": "${3:expression}"}})),
            ],
        ),
    ]
}
