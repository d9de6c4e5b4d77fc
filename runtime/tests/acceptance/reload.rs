//! Changes of the files while messages flow: partner by partner, and what has a mistake changes nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::harness::{Answer, Caller, Folder, Partner, Process, order};

const CONTRACT: &str = "
partner: clock
channels:
  hands: {post: /clock, auth: none, message: \"'Time'\", messages: {Time: null}}
";

/// The folder, with a partner whose answer tells which generation it is of.
fn folder(bank: &Partner) -> Folder {
    let folder = Folder::orders(bank).file("mappings/clock/partner.yaml", CONTRACT);
    folder.file("mappings/clock/time.yaml", &time(1))
}

fn time(generation: u32) -> String {
    format!("receive: clock/hands\nmessage: Time\nanswer: {{map: {{generation: {{value: {generation}}}}}}}\n")
}

/// The answer, once it is this one.
async fn once(caller: &Caller, path: &str, is: impl Fn(&Answer) -> bool) -> Answer {
    let asked = async {
        loop {
            let answer = caller.post(path, "{}").await;
            if is(&answer) {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked).await.unwrap()
}

async fn generation(caller: &Caller, number: u32) {
    once(caller, "/clock", |answer| answer.status == 200 && answer.json()["generation"] == number).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_takes_its_place_and_no_request_fails() {
    let bank = Partner::start();
    let folder = folder(&bank);
    let process = Process::start(&folder).await;
    let stop = Arc::new(AtomicBool::new(false));
    let (caller, stopped) = (process.caller(), Arc::clone(&stop));
    let asking = tokio::spawn(async move {
        let mut asked = 0;
        while !stopped.load(Ordering::Relaxed) {
            let answer = caller.post("/clock", "{}").await;
            assert_eq!(answer.status, 200, "{}", answer.shown());
            asked += 1;
        }
        asked
    });
    for number in 2..10 {
        std::fs::write(folder.path().join("mappings/clock/time.yaml"), time(number)).unwrap();
        process.reload();
        generation(&process, number).await;
    }
    stop.store(true, Ordering::Relaxed);
    assert!(asking.await.unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_with_a_mistake_goes_on_as_before_and_the_others_change() {
    let bank = Partner::start();
    let folder = folder(&bank);
    let process = Process::start(&folder).await;
    let folder = folder
        .file("mappings/bank/order.yaml", "receive: shop/orders\nmessage: Order\nsned: bank/orders\n")
        .file("mappings/clock/time.yaml", &time(2));
    process.reload();
    generation(&process, 2).await;
    assert_eq!(process.post("/orders", order("o1", "c1")).await.status, 200);
    bank.called(1).await;
    let told = process.logged("its files have mistakes: it goes on as before").await;
    assert_eq!(told["partner"], "bank");
    let mistake = process.logged("a route has no key `sned`").await;
    assert_eq!(
        (&mistake["code"], &mistake["place"]),
        (&"E0201".into(), &"mappings/bank/order.yaml:3:1".into())
    );

    let folder = folder
        .file("mappings/bank/order.yaml", "receive: shop/orders\nmessage: Order\nanswer: {status: 202}\n")
        .file("mappings/clock/time.yaml", &time(3));
    process.reload();
    generation(&process, 3).await;
    assert_eq!(process.post("/orders", order("o2", "c1")).await.status, 202);

    std::fs::remove_dir_all(folder.path().join("mappings/clock")).unwrap();
    process.reload();
    once(&process, "/clock", |answer| answer.status == 404).await;
    assert_eq!(process.post("/orders", order("o3", "c1")).await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_start_belongs_to_the_reload_of_its_partner() {
    let bank = Partner::start();
    let folder = folder(&bank);
    let process = Process::start(&folder).await;
    let folder = folder
        .file("mappings/bank/start.yaml", "on: start\nsend: bank/notices\nmap: {up: {value: true}}\n")
        .file("mappings/clock/time.yaml", &time(2));
    process.reload();
    bank.called(1).await;
    let _folder = folder.file("mappings/clock/time.yaml", &time(3));
    process.reload();
    generation(&process, 3).await;
    assert_eq!(bank.calls().len(), 1, "the bank's files are as they were");
}
