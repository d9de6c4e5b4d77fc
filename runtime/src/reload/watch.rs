//! Sees that the files change, and asks for a reload once they have come to rest.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep, timeout};

use super::Ask;
use crate::bundle::FOLDERS;

/// Files that nobody has changed for so long are taken to be whole.
const REST: Duration = Duration::from_millis(200);
/// Who never rests is read nevertheless.
const LONGEST: Duration = Duration::from_secs(2);
/// How often it is looked whether the folders are still those that are watched: a link may lead elsewhere.
const LOOK: Duration = Duration::from_secs(2);

/// The folder of a configuration whose changes are noticed.
pub struct Watching {
    folder: PathBuf,
    changed: Arc<Notify>,
    watched: Watched,
}

/// What is watched, for as long as it is kept.
struct Watched {
    _watcher: RecommendedWatcher,
    places: Vec<Place>,
}

/// A folder where it really is.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Watching {
    /// Begins to watch: what changes from now on is read again, be it before [`Self::run`].
    ///
    /// # Errors
    /// The system gives no more watches, or none at all.
    pub fn begin(folder: &Path) -> notify::Result<Self> {
        let changed = Arc::new(Notify::new());
        let watched = Watched::new(folder, &changed)?;
        Ok(Self { folder: folder.to_owned(), changed, watched })
    }

    /// Asks for a reload after each burst of changes, until nobody can be asked any more.
    pub async fn run(mut self, reloads: mpsc::Sender<Ask>) {
        loop {
            if timeout(LOOK, self.changed.notified()).await.is_ok() {
                come_to_rest(&self.changed).await;
            } else if self.watched.places == places(&self.folder) || !self.follow() {
                continue;
            }
            // A reload that is to come reads this change too.
            if let Err(TrySendError::Closed(_)) = reloads.try_send(None) {
                return;
            }
        }
    }

    /// Watches the folders where they are now; `false` where that cannot be, and the next look tries again.
    fn follow(&mut self) -> bool {
        match Watched::new(&self.folder, &self.changed) {
            Ok(watched) => self.watched = watched,
            // Whoever swaps a folder may not have put the next one there yet.
            Err(error) => tracing::debug!(%error, "the files cannot be watched now"),
        }
        self.watched.places == places(&self.folder)
    }
}

async fn come_to_rest(changed: &Notify) {
    let deadline = Instant::now() + LONGEST;
    while timeout(REST, changed.notified()).await.is_ok() {
        if Instant::now() >= deadline {
            return sleep(REST).await;
        }
    }
}

impl Watched {
    fn new(folder: &Path, changed: &Arc<Notify>) -> notify::Result<Self> {
        let changed = Arc::clone(changed);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // What was lost may have been a change.
            if event.map_or(true, |event| matters(&event)) {
                changed.notify_one();
            }
        })?;
        let places = places(folder);
        if places.is_empty() {
            return Err(notify::Error::path_not_found().add_path(folder.to_owned()));
        }
        for place in &places {
            watcher.watch(&place.path, RecursiveMode::Recursive)?;
        }
        Ok(Self { _watcher: watcher, places })
    }
}

/// The folders that are there; one that is made later is found by the next look.
fn places(folder: &Path) -> Vec<Place> {
    FOLDERS.iter().filter_map(|name| Place::of(&folder.join(name))).collect()
}

impl Place {
    fn of(path: &Path) -> Option<Self> {
        let path = path.canonicalize().ok()?;
        let found = path.metadata().ok().filter(std::fs::Metadata::is_dir)?;
        Some(Self { device: found.dev(), inode: found.ino(), path })
    }
}

/// Reading is no change: a reload would cause the next one.
fn matters(event: &Event) -> bool {
    match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) => true,
        EventKind::Any | EventKind::Other => event.need_rescan(),
    }
}
