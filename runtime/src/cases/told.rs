//! What a page says of an answer, of what is sent and remembered, and of what is wrong.

use engine::{Delivery, Fault, Policy, RecordWrite, Reply, Request};

use super::page::Page;

impl Page {
    pub fn reply(&mut self, reply: &Reply) {
        let kind = if reply.body.is_empty() { "" } else { &*reply.content_type };
        self.write(format!("answer {} {kind}", reply.status).trim_end());
        self.within(|page| {
            page.headers(&reply.headers);
            page.json(&reply.body);
        });
    }

    pub fn request(&mut self, request: &Request, delivery: Option<&Delivery>) {
        self.within(|page| {
            page.write(&format!("{} {}", request.method.as_str(), request.url));
            if let Some(key) = delivery.and_then(|delivery| delivery.key.as_ref()) {
                page.write(&format!("key: {key}"));
            }
            if let Some(delivery) = delivery.filter(|delivery| !delivery.after.is_zero()) {
                page.write(&format!("after: {:?}", delivery.after));
            }
            page.headers(&request.headers);
            page.json(&request.body);
        });
    }

    pub fn record(&mut self, write: &RecordWrite) {
        self.write(&format!("record {} {}", write.record.name, write.key));
        self.within(|page| page.json(&write.json));
    }

    /// What is wrong, and what becomes of the message for it.
    pub fn faults(&mut self, on_fault: Policy, faults: &[Fault]) {
        self.write(match policy(on_fault, faults) {
            Policy::Refuse => "refused",
            Policy::Park => "parked",
            Policy::Retry => "not yet",
        });
        for fault in faults {
            self.within(|page| page.write(&format!("fault: {fault}")));
        }
    }

    fn headers(&mut self, headers: &[(Box<str>, String)]) {
        for (name, value) in headers {
            self.write(&format!("{name}: {value}"));
        }
    }
}

/// What becomes of a message that its channel treats so.
pub fn policy(on_fault: Policy, faults: &[Fault]) -> Policy {
    match engine::policy(faults) {
        Policy::Refuse => on_fault,
        policy => policy,
    }
}
