//! What a caller is told: every refusal over real HTTP, and the repeat of a message.

mod abuse;
mod idempotency;
mod overload;
mod refusal;
mod trace;

use crate::harness::{Folder, Partner};

pub const SHOP: (&str, &str) = ("shop", "secret-of-the-shop");

/// A shop with credentials, a schema, and orders that are small.
const CONTRACT: &str = "
partner: shop
settings: {user: shop, password: secret-of-the-shop, token: secret-token}
channels:
  orders:
    post: /orders
    auth: {basic: {user: user, password: password}}
    message: type
    messages: {Order: shop/order, Unrouted: null}
    id: id
    key: customer
    max_body: 1KB
  status:
    put: /orders/{id}/status
    auth: {bearer: {token: token}}
    body: form
    message: \"'Status'\"
    messages: {Status: null}
";

const SCHEMA: &str = r#"{
  "type": "object",
  "required": ["id", "lines"],
  "properties": {
    "id": {"type": "string", "maxLength": 20},
    "customer": {"type": "string"},
    "on": {"type": "string"},
    "lines": {
      "type": "array",
      "items": {"properties": {"price": {"type": "number"}, "kind": {"enum": ["BOOK", "MAP"]}}}
    }
  }
}"#;

const ROUTE: &str = "
receive: shop/orders
message: Order
answer: {status: 201, map: {taken: id, ticket: uuid()}}
send: bank/orders
map:
  id: id
  total: {from: \"minor_units(lines[0].price)\", required: true}
  on: \"date(on, '%d.%m.%Y')\"
record: {order: {id: id, customer: customer}}
";

fn folder(bank: &Partner) -> Folder {
    Folder::orders(bank)
        .file("mappings/shop/partner.yaml", CONTRACT)
        .file("mappings/bank/order.yaml", ROUTE)
        .file("schemas/shop/order.json", SCHEMA)
}

/// An order that is taken.
fn order(id: &str) -> String {
    format!(
        r#"{{"type": "Order", "id": "{id}", "customer": "anna", "lines": [{{"price": 12.5, "kind": "BOOK"}}]}}"#
    )
}
