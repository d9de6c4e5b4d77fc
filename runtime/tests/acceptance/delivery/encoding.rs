//! How a delivery goes out: its headers, a form, no body; as it was agreed when it was kept.

use runtime::store::MessageState;

use crate::harness::{Folder, Partner, Process, Tolmach};

#[tokio::test(flavor = "multi_thread")]
async fn headers_and_a_form_outlive_the_process() {
    let mut bank = Partner::closed();
    let folder = Folder::orders(&bank)
        .patient()
        .endpoint("body: form\nheaders: {x-order: \"{id}\", accept: text/plain}");
    let process = Process::start(&folder).await;
    process.order("o 1", "anna").await;
    process.kill();
    bank.open();
    let process = Process::start(&folder).await;
    process.all_once(MessageState::Delivered).await;
    let call = bank.calls().remove(0);
    assert_eq!(&call.body[..], b"id=o+1&amount=10");
    assert_eq!(call.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!((call.header("x-order"), call.header("accept")), (Some("o 1"), Some("text/plain")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_body_nothing_is_said_of_it() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(Folder::orders(&bank).endpoint("body: none")).await;
    tolmach.order("o1", "anna").await;
    tolmach.only_message_once(MessageState::Delivered).await;
    let call = bank.calls().remove(0);
    assert_eq!((call.body.len(), call.header("content-type")), (0, None));
}
