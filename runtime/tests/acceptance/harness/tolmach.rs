//! Tolmach in the process of the test.

use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

use engine::diagnostic::render;
use runtime::app::{App, Error};
use runtime::config::Config;
use tokio::sync::oneshot;

use super::{Caller, Folder};

/// A running Tolmach; it ends with the test's runtime.
pub struct Tolmach {
    caller: Caller,
    /// Dropped, it says what SIGTERM says.
    _stop: oneshot::Sender<()>,
    /// Kept for as long as it is used.
    _folder: Folder,
}

impl Tolmach {
    /// Runs a configuration of the test's own.
    pub async fn start(folder: Folder) -> Self {
        Self::run(folder.path().to_owned(), false, folder).await
    }

    /// Runs the shipped packs with their sandboxes; the database lies in `place`.
    pub async fn sandbox(place: Folder) -> Self {
        Self::run(Folder::shipped(), true, place).await
    }

    async fn run(folder: PathBuf, sandbox: bool, kept: Folder) -> Self {
        let store = kept.store();
        let config = Config {
            folder,
            listen: ([127, 0, 0, 1], 0).into(),
            store: store.clone(),
            drain: Duration::from_secs(10),
            keep: Duration::from_secs(3600),
            proxies: engine::Networks::default(),
            private: engine::Networks::default(),
            admin: None,
            tls: None,
            token: None,
            sandbox,
        };
        let app = App::start(config).await.unwrap_or_else(|error| panic!("{}", explained(error)));
        let caller = Caller::new(app.address(), store);
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(app.run(async { drop(stopped.await) }));
        Self { caller, _stop: stop, _folder: kept }
    }
}

/// What the author of the configuration is told.
fn explained(error: Error) -> String {
    match error {
        Error::Configuration(compiled) => {
            let sorted = compiled.diagnostics.into_sorted(&compiled.sources);
            render::text::render(&sorted, &compiled.sources, false)
        }
        error => error.to_string(),
    }
}

impl Deref for Tolmach {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}
