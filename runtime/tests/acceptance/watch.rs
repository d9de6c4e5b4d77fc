//! Files that change are read again without a word from anybody.

use std::fs;

use crate::harness::{Folder, Partner, Process, eventually, order};

async fn status_once(process: &Process, id: &str, expected: u16) {
    let mut last = 0;
    for attempt in 0.. {
        last = process.post("/orders", order(&format!("{id}-{attempt}"), "anna")).await.status;
        if last == expected || attempt == 2000 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert_eq!(last, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_written_or_takes_anothers_place_takes_effect() {
    let folder = Folder::orders(&Partner::start());
    let process = Process::watching(&folder).await;
    let route = |status: u16| format!("receive: shop/orders\nmessage: Order\nanswer: {{status: {status}}}\n");
    let path = folder.path().join("mappings/bank/order.yaml");
    fs::write(&path, route(201)).unwrap();
    status_once(&process, "a", 201).await;
    // As editors do it.
    fs::write(path.with_extension("tmp"), route(202)).unwrap();
    fs::rename(path.with_extension("tmp"), &path).unwrap();
    status_once(&process, "b", 202).await;
    // A folder that was not there before.
    let schema = folder.path().join("schemas/shop");
    fs::create_dir_all(&schema).unwrap();
    fs::write(schema.join("order.json"), r#"{"required": ["never"]}"#).unwrap();
    let contract = folder.path().join("mappings/shop/partner.yaml");
    let strict = fs::read_to_string(&contract).unwrap().replace("Order: null", "Order: shop/order");
    fs::write(&contract, strict).unwrap();
    status_once(&process, "c", 422).await;
    fs::write(schema.join("order.json"), "{}").unwrap();
    status_once(&process, "d", 202).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_told_and_changes_nothing() {
    let folder = Folder::orders(&Partner::start());
    let process = Process::watching(&folder).await;
    fs::write(folder.path().join("mappings/bank/order.yaml"), "receive: [\n").unwrap();
    eventually("the log tells it", || {
        process.log().contains("its files have mistakes: it goes on as before").then_some(())
    })
    .await;
    process.order("o1", "anna").await;
}
