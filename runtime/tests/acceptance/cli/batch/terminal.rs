//! What a person at a terminal sees.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};

use super::{ORDER, orders};
use crate::harness::command;

#[tokio::test]
async fn a_terminal_shows_how_far_it_is() {
    let folder = orders();
    let (screen, terminal) = terminal().unwrap();
    let mut tolmach = command();
    tolmach.arg("-C").arg(folder.path()).args(ORDER).env("TERM", "xterm");
    tolmach.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(terminal);
    let mut child = tolmach.spawn().unwrap();
    // The screen is not closed before all who could write on it have ended.
    drop(tolmach);
    let shown = std::thread::spawn(move || read(screen));
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"{\"id\": 1}\n{}\n").unwrap();
    drop(input);
    let done = child.wait_with_output().unwrap();
    assert_eq!((done.status.code(), done.stdout), (Some(1), b"{\"id\":1}\n".to_vec()));
    let shown = shown.join().unwrap();
    for part in
        ["messages: 0, faulty: 0", "line 2: mappings/bank/order.yaml", "messages: 2, faulty: 1; 13 B in "]
    {
        assert!(shown.contains(part), "{part} is not in {shown:?}");
    }
}

/// Both ends of a terminal: its screen, and what a process writes to.
fn terminal() -> io::Result<(File, OwnedFd)> {
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&screen)?;
    unlockpt(&screen)?;
    let terminal = ioctl_tiocgptpeer(&screen, OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    Ok((File::from(screen), terminal))
}

/// All that comes: a terminal that nobody writes to any more ends in an error.
fn read(mut screen: File) -> String {
    let (mut shown, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(read @ 1..) = screen.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(shown).unwrap()
}
