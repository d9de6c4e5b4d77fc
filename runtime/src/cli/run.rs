//! `tolmach run`: listen, translate, deliver, until we are told to stop.

mod log;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use engine::{Engine, Route, Secret, Variables};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use log::Log;

use super::{Failure, STACK, Status, configuration};
use crate::app::{App, Error};
use crate::bundle::{FOLDERS, played};
use crate::config::{Config, Mistakes, Overrides};
use crate::reload::Ask;
use crate::reload::watch::Watching;
use crate::service::cause;

/// The variable with the token of the operator's API.
pub(super) const TOKEN: &str = "TOLMACH_ADMIN_TOKEN";
/// Fewer signs can be tried.
const SHORTEST: usize = 16;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tolmach run --sandbox                   every partner is its sandbox, in this process
  tolmach run --listen 0.0.0.0:8080 --log json")]
pub(super) struct Arguments {
    /// The address to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The database file [default: tolmach.db in the configuration folder, or tolmach-sandbox.db]
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// Play the partners too: their sandboxes are served by this process
    #[arg(long)]
    sandbox: bool,
    /// Do not read the files again when they change: `tolmach reload` does
    #[arg(long)]
    no_watch: bool,
    /// How the log is written
    #[arg(long, value_enum, default_value_t = Log::Text)]
    log: Log,
}

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    // To the end: what is logged on the way there is written too.
    let _logging = log::begin(arguments.log)?;
    let token = token();
    if token.as_ref().is_some_and(|token| token.reveal().chars().count() < SHORTEST) {
        return Err(format!("{TOKEN} can be guessed: a token has {SHORTEST} characters or more").into());
    }
    let overrides = Overrides {
        listen: arguments.listen,
        store: arguments.store.clone(),
        sandbox: arguments.sandbox,
        token,
        unset: Variables::Required,
    };
    let config = match Config::load(folder, overrides) {
        Ok(config) => config,
        Err(mistakes) => return Ok(show(*mistakes)),
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build()?;
    let done = runtime.block_on(serve(config, arguments));
    match done {
        Ok(()) => Ok(Status::Ok),
        Err(Failed::App(Error::Configuration(compiled))) => {
            anstream::eprint!("{}", configuration::render(*compiled));
            Ok(Status::Findings)
        }
        Err(Failed::App(error)) => Err(error.into()),
        Err(Failed::Signals(error)) => Err(error.into()),
    }
}

/// The token of the operator's API that somebody has chosen.
pub(super) fn token() -> Option<Secret> {
    std::env::var(TOKEN).ok().filter(|token| !token.is_empty()).map(Secret::new)
}

enum Failed {
    App(Error),
    Signals(std::io::Error),
}

async fn serve(config: Config, arguments: &Arguments) -> Result<(), Failed> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failed::Signals)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(Failed::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::Signals)?;
    let (store, sandbox) = (config.store.display().to_string(), config.sandbox);
    // Before the files are read: what changes meanwhile is read again.
    let watching = (!arguments.no_watch).then(|| Watching::begin(&config.folder));
    let app = App::start(config).await.map_err(Failed::App)?;
    announce(&app, &store, sandbox);
    if arguments.log == Log::Text {
        anstream::eprint!("{}{}", channels(app.engine(), &app.base()), by_themselves(app.engine()));
    }
    if let Some(watching) = watching {
        watch(watching, app.reloads());
    }
    let reload = app.reloads();
    tokio::spawn(async move {
        // Who asks while a reload is to come gets that one.
        while hangup.recv().await.is_some() {
            let _ = reload.try_send(None);
        }
    });
    let shutdown = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: what is under way comes to its end");
    };
    app.run(shutdown).await.map_err(Failed::App)?;
    tracing::info!("stopped");
    Ok(())
}

/// Has the files read again when they change, where that can be noticed.
fn watch(watching: notify::Result<Watching>, reloads: mpsc::Sender<Ask>) {
    match watching {
        Ok(watching) => {
            tracing::info!(folders = FOLDERS.join(", "), "watching the files for changes");
            tokio::spawn(watching.run(reloads));
        }
        Err(error) => {
            tracing::warn!(%error, "changes of the files are not noticed: `tolmach reload` reads them");
        }
    }
}

fn announce(app: &App, store: &str, sandbox: bool) {
    let (address, admin) = (app.address(), app.admin().map(|admin| admin.to_string()));
    let tls = app.base().starts_with("https");
    tracing::info!(%address, tls, store, sandbox, admin, routes = app.engine().routes().count(), "listening");
}

/// What can be called, for a person who has just started it. The partners that are played are counted only: it is we who
/// call them.
fn channels(engine: &Engine, base: &str) -> String {
    let (mut text, mut sandboxed) = (String::new(), 0);
    for channel in engine.channels() {
        let Some((method, path)) = &channel.door else { continue };
        if played(&channel.partner).is_some() {
            sandboxed += 1;
            continue;
        }
        text.push_str(&format!("  {:6} {base}{path}  {}\n", method.as_str(), channel.name));
    }
    if sandboxed > 0 {
        text.push_str(&format!("  and {sandboxed} channels of sandboxes\n"));
    }
    text
}

/// What nobody has to call.
fn by_themselves(engine: &Engine) -> String {
    let line = |route: &Arc<Route>| Some(format!("  {:12} {}\n", cause(&route.trigger)?, route.name));
    engine.routes().filter_map(line).collect()
}

pub(super) fn show(mistakes: Mistakes) -> Status {
    let sorted = mistakes.diagnostics.into_sorted(&mistakes.sources);
    anstream::eprint!("{}", configuration::for_people(&sorted, &mistakes.sources));
    Status::Findings
}
