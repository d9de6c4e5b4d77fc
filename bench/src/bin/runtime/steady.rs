//! Messages at a steady rate, whether or not those before were answered: what a sender waits that has a rate of its own.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::{Failure, configuration};

/// Milliseconds from when a message was due to its answer: one that had to wait for a connection has waited too.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
    pub max: f64,
    /// Messages a second.
    pub rate: f64,
}

/// Not measured: a process that has just begun has its memory and its files to get first.
const WARM_UP: u64 = 1;

/// When each message is due.
pub struct Schedule {
    begun: Instant,
    interval: Duration,
    /// The first that is measured.
    pub first: u64,
    pub last: u64,
}

impl Schedule {
    pub fn new(rate: f64, seconds: u64) -> Self {
        let numbered = |seconds: u64| (rate * seconds as f64) as u64;
        let (first, last) = (numbered(WARM_UP), numbered(WARM_UP + seconds));
        Self { begun: Instant::now(), interval: Duration::from_secs_f64(1.0 / rate), first, last }
    }

    pub fn due(&self, number: u64) -> Instant {
        self.begun + self.interval.mul_f64(number as f64)
    }

    /// How many are due by now.
    pub fn come(&self) -> u64 {
        self.begun.elapsed().div_duration_f64(self.interval) as u64 + 1
    }
}

impl Latency {
    pub fn of(mut waited: Vec<Duration>, rate: f64) -> Self {
        waited.sort();
        let at = |share: f64| {
            let index = (waited.len().saturating_sub(1) as f64 * share) as usize;
            waited.get(index).map_or(f64::NAN, |waited| waited.as_secs_f64() * 1e3)
        };
        Self { p50: at(0.5), p99: at(0.99), max: at(1.0), rate }
    }
}

/// Sends `rate` messages a second over so many connections.
///
/// # Errors
/// A message that is not accepted.
pub fn run(
    address: SocketAddr,
    path: &'static str,
    (rate, seconds): (f64, u64),
    connections: usize,
) -> Result<Latency, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let waited = runtime.block_on(async {
        let mut senders = Vec::new();
        for _ in 0..connections {
            senders.push(connect(address).await?);
        }
        let work = Arc::new((Schedule::new(rate, seconds), AtomicU64::new(0)));
        let mut tasks = JoinSet::new();
        for sender in senders {
            tasks.spawn(send_all(sender, address, path, Arc::clone(&work)));
        }
        let mut waited = Vec::new();
        while let Some(done) = tasks.join_next().await {
            waited.extend(done??);
        }
        Ok::<_, Failure>(waited)
    })?;
    Ok(Latency::of(waited, rate))
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Full<Bytes>>, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// One connection: it takes the next message that is due, waits for its time and its answer.
async fn send_all(
    mut sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
    path: &'static str,
    work: Arc<(Schedule, AtomicU64)>,
) -> Result<Vec<Duration>, Failure> {
    let (before, after) = configuration::DEAL.split_once(configuration::ID).ok_or("the message has no id")?;
    let (schedule, next) = &*work;
    let mut waited = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= schedule.last {
            return Ok(waited);
        }
        let due = schedule.due(number);
        tokio::time::sleep_until(due.into()).await;
        let body = format!("{before}{:08x}-0000-4000-8000-{number:012x}{after}", scattered(number));
        let request = Request::post(path)
            .header(HOST, address.to_string())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body)))?;
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        response.into_body().collect().await?;
        if number >= schedule.first {
            waited.push(due.elapsed());
        }
        if !status.is_success() {
            return Err(format!("{path}: {status}").into());
        }
    }
}

/// Ids come in no order.
fn scattered(number: u64) -> u32 {
    (number as u32).wrapping_mul(0x9e37_79b9)
}
