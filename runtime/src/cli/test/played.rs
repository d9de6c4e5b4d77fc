//! What is played, and by which configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use engine::diagnostic::{Diagnostics, render, suggestion};
use engine::source::Sources;
use engine::{Engine, Environment};

use super::End;
use crate::cases::snapshot::{self, Verdict};
use crate::cases::{self, Case, Context};
use crate::cli::{Failure, configuration};
use crate::flows::{self, Flow};

/// A case or a flow.
pub(super) struct Item {
    /// `partner/route/case` or `flows/flow`
    pub name: String,
    /// What it is a part of: `partner/route` or `flows`.
    pub suite: String,
    /// Its file and its snapshot, below the configuration's folder.
    pub source: PathBuf,
    pub snapshot: PathBuf,
    /// None of a flow.
    case: Option<Case>,
}

impl Item {
    pub fn is_flow(&self) -> bool {
        self.case.is_none()
    }

    fn of_case(case: Case) -> Self {
        Self {
            name: case.name.clone(),
            suite: case.route.clone(),
            source: case.message.clone(),
            snapshot: case.snapshot(),
            case: Some(case),
        }
    }

    fn of_flow(source: PathBuf) -> Self {
        let stem = source.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let (name, suite) = (format!("flows/{}", stem.unwrap_or_default()), "flows".to_owned());
        Self { name, suite, snapshot: source.with_extension("snap"), source, case: None }
    }
}

/// All cases, then all flows, and what belongs to none of them.
pub(super) fn found(folder: &Path) -> Result<(Vec<Item>, Vec<PathBuf>), Failure> {
    let (cases, flows) = (cases::find(folder)?, flows::find(folder)?);
    let items = cases.cases.into_iter().map(Item::of_case).chain(flows.flows.into_iter().map(Item::of_flow));
    Ok((items.collect(), cases.strays.into_iter().chain(flows.strays).collect()))
}

/// Whether the partners are their sandboxes, and settings that are given.
type Surroundings = (bool, BTreeMap<String, String>);

/// The configuration as most cases see it, and as it is in other surroundings.
pub(super) struct Player<'p> {
    folder: &'p Path,
    engine: Engine,
    others: BTreeMap<Surroundings, Result<Engine, String>>,
}

impl<'p> Player<'p> {
    /// None where the configuration is not sound: then that was told.
    pub fn new(folder: &'p Path) -> Result<Option<Self>, Failure> {
        let mut compiled = configuration::compile(folder, &environment(false, BTreeMap::new()))?;
        let Some(engine) = compiled.engine.take() else {
            anstream::eprint!("{}", configuration::render(compiled));
            return Ok(None);
        };
        Ok(Some(Self { folder, engine, others: BTreeMap::new() }))
    }

    pub fn play(&mut self, item: &Item) -> Result<End, Failure> {
        let text = match &item.case {
            Some(case) => self.case(case)?,
            None => self.flow(item)?,
        };
        let text = match text {
            Ok(text) => text,
            Err(end) => return Ok(end),
        };
        let path = self.folder.join(&item.snapshot);
        let verdict = snapshot::compare(&path, &text)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
        Ok(match verdict {
            Verdict::Same => End::Same,
            Verdict::New => End::New { text },
            Verdict::Differs { expected } => End::Differs { expected, text },
        })
    }

    fn case(&mut self, case: &Case) -> Result<Result<String, End>, Failure> {
        let context = match self.context(case)? {
            Ok(context) => context,
            Err(told) => return Ok(Err(End::Unfit(told))),
        };
        let message = read(self.folder, &case.message)?;
        let engine = match self.surrounded(&(false, context.settings.clone()))? {
            Ok(engine) => engine,
            Err(told) => return Ok(Err(End::Unfit(told.clone()))),
        };
        let Some(route) = engine.routes().find(|route| *route.name == *case.route) else {
            let help = suggestion(&case.route, engine.routes().map(|route| &*route.name));
            let help = help.map_or_else(String::new, |help| format!("; {help}"));
            return Ok(Err(End::Unfit(format!("there is no route `{}`{help}", case.route))));
        };
        Ok(Ok(cases::play(engine, route, &message, &context)))
    }

    /// What the case meets, or what is wrong with what says so.
    fn context(&self, case: &Case) -> Result<Result<Context, String>, Failure> {
        let name = case.context();
        let text = match fs::read_to_string(self.folder.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ok(Context::default())),
            text => text.map_err(|error| format!("{} cannot be read: {error}", name.display()))?,
        };
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let name = name.display().to_string();
        let context = Context::read(&name, &text, &self.engine, &mut sources, &mut diagnostics);
        Ok(if diagnostics.has_errors() { Err(shown(diagnostics, &sources)) } else { Ok(context) })
    }

    fn flow(&mut self, item: &Item) -> Result<Result<String, End>, Failure> {
        let text = read(self.folder, &item.source)?;
        let (text, name) = (String::from_utf8_lossy(&text), item.source.display().to_string());
        let file = |path: &str| fs::read(self.folder.join(path));
        let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
        let flow = Flow::read((&name, &text), &self.engine, &file, &mut sources, &mut diagnostics);
        let (Some(flow), false) = (flow, diagnostics.has_errors()) else {
            return Ok(Err(End::Unfit(shown(diagnostics, &sources))));
        };
        let listen = configuration::offline().listen;
        let engine = match self.surrounded(&(flow.sandbox, flow.settings.clone()))? {
            Ok(engine) => engine,
            Err(told) => return Ok(Err(End::Unfit(told.clone()))),
        };
        let played = flows::play(engine, &flow, &listen);
        if played.unmet.is_empty() {
            return Ok(Ok(played.text));
        }
        let told = shown(played.unmet, &sources);
        Ok(Err(End::Unmet(format!("{told}\nwhat happened:\n{}", played.text))))
    }

    /// The configuration in these surroundings, or what is wrong with it there. Compiled once it is needed.
    fn surrounded(&mut self, surroundings: &Surroundings) -> Result<Result<&Engine, &String>, Failure> {
        let (sandbox, settings) = surroundings;
        if !sandbox && settings.is_empty() {
            return Ok(Ok(&self.engine));
        }
        if !self.others.contains_key(surroundings) {
            let mut compiled = configuration::compile(self.folder, &environment(*sandbox, settings.clone()))?;
            let engine = compiled.engine.take();
            let compiled = engine.ok_or_else(|| configuration::render(compiled));
            self.others.insert(surroundings.clone(), compiled);
        }
        let other = self.others.get(surroundings).ok_or("the configuration is not compiled")?;
        Ok(other.as_ref())
    }
}

/// The same on every machine: no variable is set.
fn environment(sandbox: bool, settings: BTreeMap<String, String>) -> Environment {
    Environment { variables: BTreeMap::new(), settings, sandbox, ..configuration::offline() }
}

fn read(folder: &Path, file: &Path) -> Result<Vec<u8>, Failure> {
    let path = folder.join(file);
    fs::read(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()).into())
}

fn shown(diagnostics: Diagnostics, sources: &Sources) -> String {
    render::text::render(&diagnostics.into_sorted(sources), sources, true)
}
