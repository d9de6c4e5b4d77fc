//! Bodies that find no room are told to come again before any of them is read.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::{Folder, Partner, Process};

/// Four of these fit into the room for bodies.
const BODY: usize = 60 << 20;

/// A caller that says how much will come, and then takes its time.
async fn slow(process: &Process) -> TcpStream {
    let mut stream = TcpStream::connect(process.address()).await.unwrap();
    let head = format!(
        "POST /orders HTTP/1.1\r\nhost: tolmach\r\ncontent-type: application/json\r\ncontent-length: {BODY}\r\n\
         expect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut head = [0; 4096];
    let length = stream.read(&mut head).await.unwrap();
    String::from_utf8_lossy(&head[..length]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_large_bodies_is_put_off() {
    let bank = Partner::start();
    let folder = Folder::orders(&bank).channel("max_body: 64MB");
    let process = Process::start(&folder).await;
    let mut admitted = Vec::new();
    for _ in 0..4 {
        let mut stream = slow(&process).await;
        assert!(answer(&mut stream).await.starts_with("HTTP/1.1 100"), "there is room");
        admitted.push(stream);
    }
    for _ in 0..100 {
        let told = answer(&mut slow(&process).await).await;
        assert!(told.starts_with("HTTP/1.1 503") && told.contains("retry-after: 1\r\n"), "{told}");
    }
    process.order("o1", "anna").await;
    // Whoever goes away leaves room.
    drop(admitted);
    while !answer(&mut slow(&process).await).await.starts_with("HTTP/1.1 100") {}
    assert!(process.peak_memory() < 200 << 10, "{} KB", process.peak_memory());
}
