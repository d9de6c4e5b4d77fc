//! The repeat of a message gets the first answer, byte for byte, and has no effect.

use runtime::store::MessageState;

use super::{SHOP, folder, order};
use crate::harness::{Partner, Tolmach, together};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_gets_the_first_answer() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(folder(&bank)).await;
    let first = tolmach.post_as(SHOP, "/orders", order("o1")).await;
    assert_eq!(first.status, 201, "{}", first.shown());
    tolmach.only_message_once(MessageState::Delivered).await;
    for _ in 0..3 {
        let again = tolmach.post_as(SHOP, "/orders", order("o1")).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert_eq!(again.header("content-type"), first.header("content-type"));
    }
    assert_eq!(tolmach.messages().len(), 1);
    assert_eq!(bank.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_at_once_have_one_effect() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(folder(&bank)).await;
    let callers = (0..20).map(|_| tolmach.caller());
    let answers =
        together(callers.map(|caller| async move { caller.post_as(SHOP, "/orders", order("o1")).await }))
            .await;
    let first = &answers[0];
    assert_eq!(first.status, 201, "{}", first.shown());
    assert!(answers.iter().all(|answer| (answer.status, &answer.body) == (first.status, &first.body)));
    tolmach.only_message_once(MessageState::Delivered).await;
    assert_eq!(bank.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_with_another_body_is_a_conflict() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(folder(&bank)).await;
    assert_eq!(tolmach.post_as(SHOP, "/orders", order("o1")).await.status, 201);
    let other = order("o1").replace("12.5", "12.50");
    insta::assert_snapshot!(tolmach.post_as(SHOP, "/orders", other).await.shown());
    assert_eq!(tolmach.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_may_be_mended_and_come_again() {
    let bank = Partner::start();
    let tolmach = Tolmach::start(folder(&bank)).await;
    let wrong = order("o1").replace("12.5", "\"much\"");
    assert_eq!(tolmach.post_as(SHOP, "/orders", wrong).await.status, 422);
    assert_eq!(tolmach.post_as(SHOP, "/orders", order("o1")).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_answer_outlives_the_process() {
    let bank = Partner::start();
    let folder = folder(&bank);
    let first = {
        let process = crate::harness::Process::start(&folder).await;
        let answer = process.post_as(SHOP, "/orders", order("o1")).await;
        process.kill();
        answer
    };
    let process = crate::harness::Process::start(&folder).await;
    let again = process.post_as(SHOP, "/orders", order("o1")).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(process.messages().len(), 1);
}
