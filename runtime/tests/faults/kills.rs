//! kill -9 and SIGTERM under load.

use crate::form::form;
use crate::harness::Partner;
use crate::oracle::Oracle;

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_under_load() {
    let mut oracle = Oracle::new(24, Partner::start());
    let folder = oracle.folder();
    for kill in 0..form(50, 500) {
        let process = oracle.start(&folder).await;
        let sending = oracle.send(&process);
        // From the first event to a process that is warm and has a backlog.
        oracle.happens(1 + kill * 37 % 150).await;
        process.kill();
        sending.gone().await;
    }
    let process = oracle.start(&folder).await;
    eprintln!("{}", oracle.judge(&process, &folder).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_under_load() {
    let mut oracle = Oracle::new(24, Partner::start());
    let folder = oracle.folder();
    for stop in 0..form(5, 50) {
        let mut process = oracle.start(&folder).await;
        let sending = oracle.send(&process);
        oracle.happens(50 + stop * 37 % 150).await;
        process.terminate().await;
        let ended = process.ended().await;
        assert_eq!(ended.code(), Some(0), "{}", process.log());
        sending.gone().await;
    }
    let process = oracle.start(&folder).await;
    // Nothing was under way at an end: nothing comes twice.
    assert_eq!(oracle.judge(&process, &folder).await.repeated, 0);
}
