//! Notices that files have changed: a burst of changes asks for one reload.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, timeout_at};

use super::Ask;

/// Nothing more may change for so long before the files are read: an editor and a copy take several steps.
const QUIET: Duration = Duration::from_millis(200);
/// Changes that never end are read in between.
const LONGEST: Duration = Duration::from_secs(3);

/// The folders that hold the configuration.
const FOLDERS: [&str; 2] = ["mappings", "schemas"];

/// Watches as long as it lives.
pub struct Watching {
    folder: PathBuf,
    watcher: RecommendedWatcher,
    changed: Arc<Notify>,
}

impl Watching {
    /// Begins to watch a configuration's folder.
    ///
    /// # Errors
    /// The system gives no more watches, or none at all.
    pub fn begin(folder: &Path) -> notify::Result<Self> {
        let changed = Arc::new(Notify::new());
        // Events name places as the system knows them.
        let folder = folder.canonicalize()?;
        let (told, root) = (Arc::clone(&changed), folder.clone());
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            // What was lost may have been a change.
            if event.map_or(true, |event| concerns(&root, &event)) {
                told.notify_one();
            }
        })?;
        let mut watching = Self { folder, watcher, changed };
        watching.watch()?;
        Ok(watching)
    }

    /// Asks for a reload after each burst of changes, until nobody can be asked any more.
    pub async fn run(mut self, reloads: mpsc::Sender<Ask>) {
        loop {
            self.changed.notified().await;
            let latest = Instant::now() + LONGEST;
            while timeout_at(latest.min(Instant::now() + QUIET), self.changed.notified()).await.is_ok() {}
            // A folder that is new, or that took another's place, is not watched yet.
            if let Err(error) = self.watch() {
                tracing::warn!(%error, "changes of some files are not noticed: `tolmach reload` reads them");
            }
            if reloads.send(None).await.is_err() {
                return;
            }
        }
    }

    fn watch(&mut self) -> notify::Result<()> {
        self.watcher.watch(&self.folder, RecursiveMode::NonRecursive)?;
        for folder in FOLDERS.map(|name| self.folder.join(name)).iter().filter(|folder| folder.is_dir()) {
            self.watcher.watch(folder, RecursiveMode::Recursive)?;
        }
        Ok(())
    }
}

/// Whether an event may have changed what is read. Reading is no change, and the database lies in the same folder.
fn concerns(folder: &Path, event: &Event) -> bool {
    let changes = match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    };
    let within = |path: &PathBuf| {
        let first = path.strip_prefix(folder).ok().and_then(|path| path.components().next());
        let first = first.map(|first| first.as_os_str().to_string_lossy().into_owned());
        // A mounted configuration is swapped by a link whose name begins so.
        first.is_some_and(|first| FOLDERS.contains(&&*first) || first.starts_with(".."))
    };
    changes && (event.paths.is_empty() || event.paths.iter().any(within))
}
