//! The disk is full, and is given room again.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Partner, command};
use crate::oracle::Oracle;

/// A small disk in memory.
struct Disk {
    place: TempDir,
}

impl Disk {
    /// None where this machine does not let us mount one: that is said, and the proof is left out.
    fn mounted(size: &str) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let disk = Self { place };
        if let Err(reason) = disk.mount(&format!("size={size}")) {
            eprintln!("LEFT OUT: a small disk cannot be mounted here ({reason}); run it as root");
            return None;
        }
        Some(disk)
    }

    fn grow(&self, size: &str) {
        self.mount(&format!("remount,size={size}")).unwrap();
    }

    fn mount(&self, options: &str) -> Result<(), String> {
        let mut mount = Command::new("mount");
        let output = mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(self.path()).output();
        match output {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn store(&self) -> PathBuf {
        self.path().join("tolmach.db")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Where nothing was mounted there is nothing to undo.
        drop(Command::new("umount").arg("-l").arg(self.path()).output());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn full_while_messages_wait_and_while_they_are_delivered() {
    let Some(disk) = Disk::mounted("6m") else { return };
    let mut oracle = Oracle::new(24, Partner::closed()).padded(4000);
    let folder = oracle.folder().storing_at(&disk.store());
    let process = oracle.start(&folder).await;
    let sending = oracle.send(&process);
    oracle.refused(100).await;
    assert!(oracle.acknowledged() > 100, "it took what it had room for");
    // Delivered or not, nothing can be kept of it now.
    oracle.bank.open();
    oracle.refused(100).await;
    disk.grow("64m");
    oracle.happens(500).await;
    sending.stop().await;
    oracle.judge(&process, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_it_is_full() {
    let Some(disk) = Disk::mounted("6m") else { return };
    let mut oracle = Oracle::new(24, Partner::closed()).padded(4000);
    let folder = oracle.folder().storing_at(&disk.store());
    let process = oracle.start(&folder).await;
    let sending = oracle.send(&process);
    oracle.refused(100).await;
    process.kill();
    sending.gone().await;
    disk.grow("64m");
    oracle.bank.open();
    let process = oracle.start(&folder).await;
    oracle.judge(&process, &folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn full_at_the_start() {
    let Some(disk) = Disk::mounted("64k") else { return };
    let folder = Oracle::new(1, Partner::start()).folder().storing_at(&disk.store());
    let mut run = command();
    let run = run.arg("--config").arg(folder.path()).args(["run", "--listen", "127.0.0.1:0"]);
    let ended = run.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).replace(&disk.path().display().to_string(), "PLACE");
    assert_eq!(
        (ended.status.code(), &*said),
        (Some(2), "error: PLACE/tolmach.db: database or disk is full\n")
    );
}
