//! Routes whose caller waits for an endpoint's response.

mod answer;
mod forward;
mod repeat;

use crate::harness::{Folder, Partner};

/// An order whose sender is told the bank's number at once; the bank is told that we know it.
const ROUTE: &str = "
receive: shop/orders
message: Order
call: bank/orders
map: {id: id, amount: amount}
answer:
  - status: 201
    headers: {x-number: \"{number}\"}
    map: {order: message().id, number: {from: number, required: true}}
  - {on: rejected, when: status() == `404`, status: 404, map: {error: {value: UNKNOWN}}}
then:
  delivered:
    - record: {order: {id: message().id, number: number}}
    - send: bank/notices
      map: {about: message().id, number: number}
";

fn folder(bank: &Partner) -> Folder {
    Folder::orders(bank).file("mappings/bank/order.yaml", ROUTE)
}
