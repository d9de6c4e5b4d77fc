//! A partner that is no proper HTTP server: it reads a request and writes whatever it likes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What it does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// Answers as it should.
    None,
    Silence,
    /// A byte now and then.
    Drops,
    /// Closes without a word.
    HangsUp,
    ResetInHead,
    ResetInBody,
    NoHttp,
    EndlessHead,
    EndlessBody,
    EndlessChunk,
    BadChunk,
    /// A length of 1 GB, and all of it.
    Gigabyte,
    LengthTooLong,
    LengthTooShort,
    TwoLengths,
    Fails,
}

pub const ALL: [Oddity; 16] = {
    use Oddity::*;
    [
        None,
        Silence,
        Drops,
        HangsUp,
        ResetInHead,
        ResetInBody,
        NoHttp,
        EndlessHead,
        EndlessBody,
        EndlessChunk,
        BadChunk,
        Gigabyte,
        LengthTooLong,
        LengthTooShort,
        TwoLengths,
        Fails,
    ]
};

const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// It is odd once for each order, whose id names the oddity, and takes it the next time.
pub struct Raw {
    pub address: SocketAddr,
    times: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl Raw {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let times: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
        let counted = Arc::clone(&times);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // Whoever is written to for ever hangs up some time.
                tokio::spawn(serve(stream, Arc::clone(&counted)));
            }
        });
        Self { address, times }
    }

    /// How often it was asked to take each order.
    pub fn times(&self) -> BTreeMap<String, usize> {
        self.times.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, times: Arc<Mutex<BTreeMap<String, usize>>>) -> std::io::Result<()> {
    while let Some(id) = request(&mut stream).await? {
        let time = {
            let mut times = times.lock().unwrap();
            let time = times.entry(id.clone()).or_default();
            *time += 1;
            *time
        };
        let oddity = ALL.into_iter().find(|oddity| time == 1 && id == format!("{oddity:?}"));
        let goes_on = oddity.unwrap_or(Oddity::None).play(&mut stream).await?;
        if !goes_on {
            return Ok(());
        }
    }
    Ok(())
}

/// The id of the order that a request brings; none when the caller has gone.
async fn request(stream: &mut TcpStream) -> std::io::Result<Option<String>> {
    let mut read = Vec::new();
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&read);
        let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
        if let Ok(order) = serde_json::from_str::<serde_json::Value>(body) {
            return Ok(Some(order["id"].as_str().unwrap().to_owned()));
        }
    }
}

impl Oddity {
    /// Whether the connection goes on.
    async fn play(self, stream: &mut TcpStream) -> std::io::Result<bool> {
        let head = |rest: &str| format!("HTTP/1.1 200 OK\r\n{rest}").into_bytes();
        match self {
            Self::None => {
                stream.write_all(TAKEN).await?;
                return Ok(true);
            }
            Self::Silence => std::future::pending().await,
            Self::Drops => {
                for byte in TAKEN.iter().cycle() {
                    stream.write_all(&[*byte]).await?;
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
            }
            Self::HangsUp => {}
            Self::ResetInHead => reset(stream, &head("content-le")).await?,
            Self::ResetInBody => reset(stream, &head("content-length: 100\r\n\r\n{\"a\": ")).await?,
            Self::NoHttp => stream.write_all(b"\x16\x03\x01 SSH-2.0 what is this?\r\n\r\n").await?,
            Self::EndlessHead => {
                stream.write_all(&head("")).await?;
                for_ever(stream, b"x-more: of the same, and again and again\r\n").await?;
            }
            Self::EndlessBody => {
                stream.write_all(&head("\r\n")).await?;
                for_ever(stream, &[b' '; 65536]).await?;
            }
            Self::EndlessChunk => {
                stream.write_all(&head("transfer-encoding: chunked\r\n\r\nfffffffffffffff\r\n")).await?;
                for_ever(stream, &[b' '; 65536]).await?;
            }
            Self::BadChunk => {
                stream.write_all(&head("transfer-encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n")).await?;
            }
            Self::Gigabyte => {
                stream.write_all(&head("content-length: 1073741824\r\n\r\n")).await?;
                for _ in 0..16384 {
                    stream.write_all(&[b' '; 65536]).await?;
                }
            }
            Self::LengthTooLong => stream.write_all(&head("content-length: 5\r\n\r\n{}")).await?,
            Self::LengthTooShort => stream.write_all(&head("content-length: 2\r\n\r\n{}{}{}")).await?,
            Self::TwoLengths => {
                stream.write_all(&head("content-length: 2\r\ncontent-length: 3\r\n\r\n{}")).await?;
            }
            Self::Fails => {
                stream.write_all(b"HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\n{}").await?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

async fn for_ever(stream: &mut TcpStream, piece: &[u8]) -> std::io::Result<()> {
    loop {
        stream.write_all(piece).await?;
    }
}

/// Closed at once, without the farewell of TCP.
async fn reset(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    stream.set_zero_linger()
}
