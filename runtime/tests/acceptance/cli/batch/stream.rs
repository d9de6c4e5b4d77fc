//! Long streams: their order, their memory, and what happens when their reader goes away.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::thread::JoinHandle;

use super::{ORDER, orders};
use crate::harness::{Folder, command};

fn start(folder: &Folder, more: &[&str]) -> Child {
    let mut tolmach = command();
    tolmach.arg("-C").arg(folder.path()).args(ORDER).args(more);
    tolmach.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Writes line after line until there are no more, or nobody reads them.
fn feed(
    mut input: ChildStdin,
    lines: impl Iterator<Item = String> + Send + 'static,
) -> JoinHandle<ChildStdin> {
    std::thread::spawn(move || {
        for line in lines {
            if input.write_all(line.as_bytes()).is_err() {
                break;
            }
        }
        input
    })
}

#[tokio::test]
async fn the_order_of_the_lines_is_kept() {
    const LINES: usize = 50_000;
    let folder = orders();
    for threads in ["1", "2", "7"] {
        let mut tolmach = start(&folder, &["--threads", threads]);
        // Some lines are much longer than others: their chunks are ready late.
        let lines = (1..=LINES).map(|number| match number % 1000 {
            0 => format!("{{\"sum\": {number}}}\n"),
            1 => format!("{{\"id\": {number}, \"rest\": [{}0]}}\n", "1.5, ".repeat(20_000)),
            _ => format!("{{\"id\": {number}}}\n"),
        });
        let fed = feed(tolmach.stdin.take().unwrap(), lines);
        let errors = BufReader::new(tolmach.stderr.take().unwrap());
        let errors = std::thread::spawn(|| errors.lines().map(Result::unwrap).collect::<Vec<_>>());
        let output = BufReader::new(tolmach.stdout.take().unwrap());
        let mut expected = (1..=LINES).filter(|number| number % 1000 != 0);
        // The input is closed once all of it is written.
        let ended = std::thread::spawn(|| drop(fed.join().unwrap()));
        for line in output.lines() {
            assert_eq!(line.unwrap(), format!("{{\"id\":{}}}", expected.next().unwrap()));
        }
        assert_eq!(expected.next(), None);
        ended.join().unwrap();
        let errors = errors.join().unwrap();
        assert_eq!(errors.len(), LINES / 1000);
        for (at, error) in (1..).zip(errors) {
            assert!(error.starts_with(&format!("line {}: ", at * 1000)), "{error}");
        }
        assert_eq!(tolmach.wait().unwrap().code(), Some(1));
    }
}

/// What came is mapped while more is waited for.
#[tokio::test]
async fn nothing_waits_for_the_next_line() {
    let folder = orders();
    let mut tolmach = start(&folder, &[]);
    let (mut input, output) = (tolmach.stdin.take().unwrap(), tolmach.stdout.take().unwrap());
    let mut output = BufReader::new(output).lines();
    for number in 0..3 {
        writeln!(input, "{{\"id\": {number}}}").unwrap();
        assert_eq!(output.next().unwrap().unwrap(), format!("{{\"id\":{number}}}"));
    }
    drop(input);
    assert!(tolmach.wait().unwrap().success());
}

#[tokio::test]
async fn it_ends_when_its_reader_goes_away() {
    let folder = orders();
    let mut tolmach = start(&folder, &[]);
    let endless = (0..).map(|number| format!("{{\"id\": {number}}}\n"));
    let fed = feed(tolmach.stdin.take().unwrap(), endless);
    let mut line = String::new();
    let mut output = BufReader::new(tolmach.stdout.take().unwrap());
    output.read_line(&mut line).unwrap();
    assert_eq!(line, "{\"id\":0}\n");
    drop(output);
    fed.join().unwrap();
    let done = tolmach.wait_with_output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8(done.stderr).unwrap()), (Some(141), String::new()));
}

/// Even where its input is never closed.
#[tokio::test]
async fn it_does_not_wait_for_its_input_then() {
    let folder = orders();
    let mut tolmach = start(&folder, &[]);
    let mut input = tolmach.stdin.take().unwrap();
    drop(tolmach.stdout.take());
    writeln!(input, "{{\"id\": 1}}").unwrap();
    assert_eq!(tolmach.wait().unwrap().code(), Some(141));
    drop(input);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_stays_flat() {
    const MEGABYTE: usize = 1 << 20;
    let folder = orders();
    let mut tolmach = start(&folder, &["--threads", "4"]);
    let (mut input, output) = (tolmach.stdin.take().unwrap(), tolmach.stdout.take().unwrap());
    let mut output = BufReader::new(output).lines().map(Result::unwrap);
    // Lines of 2 KB, and a longer one than is taken.
    let lines = format!("{{\"id\": 1, \"rest\": \"{}\"}}\n", "x".repeat(2000)).repeat(MEGABYTE / 2000);
    let count = MEGABYTE / 2000;
    let long = "x".repeat(MEGABYTE);
    let mut peaks = Vec::new();
    for megabytes in [32, 256] {
        let lines = lines.clone();
        let fed = std::thread::spawn(move || {
            for _ in 0..megabytes {
                input.write_all(lines.as_bytes()).unwrap();
            }
            input
        });
        assert!(output.by_ref().take(megabytes * count).all(|line| line == "{\"id\":1}"));
        input = fed.join().unwrap();
        peaks.push(peak(&tolmach));
    }
    for _ in 0..128 {
        input.write_all(long.as_bytes()).unwrap();
    }
    input.write_all(b"\n{\"id\": 2}\n").unwrap();
    assert_eq!(output.next().unwrap(), "{\"id\":2}");
    peaks.push(peak(&tolmach));
    drop(input);
    assert_eq!(tolmach.wait().unwrap().code(), Some(1));
    let [first, second, third] = peaks[..] else { panic!("{peaks:?}") };
    assert!(second < first + 16_000 && third < first + 32_000, "{peaks:?} KB");
}

/// The most memory that the process has had, in KB.
#[cfg(target_os = "linux")]
fn peak(process: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let row = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    row.trim().trim_end_matches(" kB").parse().unwrap()
}
