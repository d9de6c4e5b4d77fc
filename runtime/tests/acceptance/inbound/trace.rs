//! The caller's trace goes on with what is called because of a message.

use runtime::store::MessageState;

use crate::harness::{Answer, Folder, Partner, Process, Reply, command, order};

const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_with_every_attempt_and_in_the_log() {
    let bank = Partner::start().answering(|call| Reply::json(if call.number == 0 { 503 } else { 200 }, "{}"));
    let folder = Folder::orders(&bank).patient();
    let mut process = Process::start(&folder).await;
    let parent = format!("00-{ID}-00f067aa0ba902b7-01");
    let request = process.request("POST", "/orders").header("content-type", "application/json");
    let request = request.header("traceparent", &parent).header("tracestate", "shop=1");
    assert_eq!(Answer::of(request.body(order("o1", "anna"))).await.unwrap().status, 200);
    process.all_once(MessageState::Delivered).await;
    let calls = bank.calls();
    let parents: Vec<&str> = calls.iter().map(|call| call.header("traceparent").unwrap()).collect();
    assert!(parents.iter().all(|parent| parent.starts_with(&format!("00-{ID}-"))), "{parents:?}");
    assert!(parents[0] != parents[1] && !parents.contains(&&*parent), "{parents:?}");
    assert_eq!(calls[1].header("tracestate"), Some("shop=1"));
    process.terminate().await;
    process.ended().await;
    for line in ["accepted", "will be tried again", "delivered"] {
        assert_eq!(process.logged(line).await["trace"], ID, "{line}");
    }
}

#[test]
fn a_filter_that_says_nothing_is_told() {
    let folder = Folder::empty().file("mappings/shop/partner.yaml", "partner: shop\n");
    for wrong in ["inof", "runtime=loud"] {
        let run = ["run", "--listen", "127.0.0.1:0"];
        let ended =
            command().env("TOLMACH_LOG", wrong).arg("-C").arg(folder.path()).args(run).output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(told.starts_with(&format!("error: TOLMACH_LOG cannot be `{wrong}`")), "{told}");
        assert_eq!(ended.status.code(), Some(2));
    }
}
