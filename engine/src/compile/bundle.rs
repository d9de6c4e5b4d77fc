//! The files of a configuration, sorted by what they are and parsed.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::contract::{Codes, Contract, Unread};
use crate::document::route::Route;
use crate::document::{NAMES, Node, Reader, forbidden_sign, yaml};
use crate::expression::Broken;
use crate::source::{SourceId, Sources, Span, Spanned};

/// All files of a configuration, as they were read.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    pub files: Vec<File>,
}

/// One file; `path` is relative to the configuration's folder, with `/`.
#[derive(Debug, Clone)]
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// The parsed documents of a configuration.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// By the partner's name.
    pub partners: BTreeMap<String, Partner>,
    /// By the name under `schemas/`, without `.json`.
    pub schemas: BTreeMap<String, SourceId>,
    /// What could not be read of contracts, code tables and scripts.
    pub broken: Broken,
    /// Schemas that could not be read.
    pub broken_schemas: BTreeSet<String>,
}

/// One partner's documents.
#[derive(Debug, Default)]
pub(super) struct Partner {
    pub contract: Option<Contract>,
    pub codes: Vec<(Spanned<String>, Codes)>,
    /// By the route's name without the partner's.
    pub routes: BTreeMap<String, Route>,
    pub scripts: BTreeMap<String, SourceId>,
    /// Files of rows by their whole names; `None` where one is not text.
    pub data: BTreeMap<String, Option<SourceId>>,
    /// Whether a route could not be read, so that it is not known what all of them do.
    pub unread_routes: bool,
    /// By the name without its extension.
    files: BTreeMap<String, SourceId>,
}

/// What a path under `mappings/` says.
struct Placed<'p> {
    partner: String,
    stem: &'p str,
    extension: &'p str,
}

pub(super) fn read(bundle: &Bundle, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Documents {
    let mut files: Vec<&File> = bundle.files.iter().collect();
    files.sort_by(|left, right| left.path.cmp(&right.path));
    // All texts before any is read: a diagnostic may point into two of them.
    let added: Vec<_> = files.into_iter().map(|file| (add(file, sources, diagnostics), file)).collect();
    let mut documents = Documents::default();
    for ((source, is_text), file) in added {
        if let Some(schema) = file.path.strip_prefix("schemas/").and_then(|path| path.strip_suffix(".json")) {
            documents.schemas.extend(is_text.then(|| (schema.to_owned(), source)));
            documents.broken_schemas.extend((!is_text).then(|| schema.to_owned()));
        } else if let Some(placed) = place(&file.path) {
            documents.read(&placed, source, is_text, &mut Reader { sources, diagnostics });
        } else {
            diagnostics.push(misplaced(source));
        }
    }
    documents.check_contracts(diagnostics);
    documents
}

/// Adds the text, or as much of it as is text.
fn add(file: &File, sources: &mut Sources, diagnostics: &mut Diagnostics) -> (SourceId, bool) {
    match std::str::from_utf8(&file.bytes) {
        Ok(text) => (sources.add(&file.path, text), true),
        Err(error) => {
            let valid = error.valid_up_to();
            let before = file.bytes.get(..valid).map(String::from_utf8_lossy).unwrap_or_default();
            let source = sources.add(&file.path, before);
            let message = "the file is not UTF-8 text";
            diagnostics.push(
                Diagnostic::error(Code::NotUtf8, message, Span::new(source, valid, valid))
                    .help("save it as UTF-8; older editors write Windows-1251"),
            );
            (source, false)
        }
    }
}

fn misplaced(source: SourceId) -> Diagnostic {
    let message = "the file is not where a partner's files are";
    Diagnostic::error(Code::MisplacedFile, message, Span::new(source, 0, 0)).help(
        "a partner's files are mappings/<partner>/*.yaml, its sandbox's mappings/<partner>/sandbox/*.yaml",
    )
}

/// `mappings/goodfin/inbox.yaml` is goodfin's, `mappings/goodfin/sandbox/inbox.yaml` is goodfin-sandbox's.
fn place(path: &str) -> Option<Placed<'_>> {
    let rest = path.strip_prefix("mappings/")?;
    let (folder, file) = rest.rsplit_once('/')?;
    let (stem, extension) = file.rsplit_once('.')?;
    let partner = match folder.split_once('/') {
        None => folder.to_owned(),
        Some((partner, "sandbox")) => format!("{partner}-sandbox"),
        Some(_) => return None,
    };
    Some(Placed { partner, stem, extension })
}

fn is_written_like(name: &str, stem: &str) -> bool {
    stem != name && stem.eq_ignore_ascii_case(name)
}

/// A code table is a mapping: words under these keys are those of another document.
fn not_code_tables(node: &Node) -> Option<&'static str> {
    let has = |key| node.get(key).is_some_and(|value| value.as_scalar().is_some());
    if has("receive") || has("on") || has("every") {
        return Some("a route");
    }
    has("partner").then_some("a contract")
}

/// A partner, a route or a script is named by its file: the name is written in other files, in URLs of tools and in
/// the database.
fn check_file_name(placed: &Placed<'_>, source: SourceId, reader: &mut Reader<'_>) {
    for (what, name) in [("folder", &*placed.partner), ("file", placed.stem)] {
        if let Some(sign) = forbidden_sign(name) {
            let message = format!("the name of the {what} `{name}` holds `{}`", sign.escape_debug());
            let diagnostic = Diagnostic::error(Code::BadName, message, Span::new(source, 0, 0));
            reader.report(diagnostic.help(NAMES));
        }
    }
}

impl Documents {
    fn read(&mut self, placed: &Placed<'_>, source: SourceId, is_text: bool, reader: &mut Reader<'_>) {
        let partner = self.partners.entry(placed.partner.clone()).or_default();
        if matches!(placed.extension, "csv" | "tsv" | "json") {
            let name = format!("{}.{}", placed.stem, placed.extension);
            partner.data.insert(name, is_text.then_some(source));
            return;
        }
        check_file_name(placed, source, reader);
        if placed.extension == "rhai" {
            if is_text {
                partner.scripts.insert(placed.stem.to_owned(), source);
            } else {
                self.broken.name(&placed.partner, placed.stem);
            }
            return;
        }
        if let Some(first) = partner.files.insert(placed.stem.to_owned(), source) {
            let message = format!("two files are `{}`", placed.stem);
            let diagnostic = Diagnostic::error(Code::DuplicateName, message, Span::new(source, 0, 0));
            let diagnostic = diagnostic.context(Span::new(first, 0, 0), "the first");
            reader.report(diagnostic.help("remove or rename one of them; .yaml and .yml are the same"));
            return;
        }
        if let Some(meant) = ["partner", "codes"].into_iter().find(|name| is_written_like(name, placed.stem))
        {
            let message = format!("the file is not read as `{meant}.yaml`, which has small letters");
            let diagnostic = Diagnostic::error(Code::MisplacedFile, message, Span::new(source, 0, 0));
            reader.report(diagnostic.help(format!("rename it to {meant}.yaml")));
            self.broken.partner(&placed.partner);
            return;
        }
        let node = if is_text { yaml::parse(source, reader.sources, reader.diagnostics) } else { None };
        let unread = node.and_then(|node| partner.read(placed.stem, &node, reader));
        match (unread, placed.stem) {
            (Some(unread), _) if !unread.all => {
                unread.names.iter().for_each(|name| self.broken.name(&placed.partner, name));
            }
            (Some(_), _) | (None, "partner" | "codes") => self.broken.partner(&placed.partner),
            (None, _) => {
                if let Some(partner) = self.partners.get_mut(&placed.partner) {
                    partner.unread_routes = true;
                }
            }
        }
    }

    /// Every folder has a contract, and the contract names its folder.
    fn check_contracts(&mut self, diagnostics: &mut Diagnostics) {
        for (name, partner) in &self.partners {
            match &partner.contract {
                Some(contract) if contract.partner.text != *name => {
                    let given = &contract.partner;
                    let message = format!("the contract is of `{}`, its folder is of `{name}`", given.text);
                    diagnostics.push(
                        Diagnostic::error(Code::PartnerMismatch, message, given.span)
                            .help(format!("write `partner: {name}`, or rename the folder")),
                    );
                }
                None if !partner.files.keys().any(|stem| stem.eq_ignore_ascii_case("partner")) => {
                    self.broken.partner(name);
                    let data = partner.data.values().flatten();
                    let Some(first) =
                        partner.files.values().chain(partner.scripts.values()).chain(data).min()
                    else {
                        continue;
                    };
                    let message = format!("partner `{name}` has no contract");
                    diagnostics.push(
                        Diagnostic::error(Code::MissingFile, message, Span::new(*first, 0, 0))
                            .help("its folder needs a partner.yaml"),
                    );
                }
                _ => {}
            }
        }
    }

    /// Whether a contract has a channel or endpoint `partner/name`, be it sound or not.
    pub fn declares(&self, full: &str) -> bool {
        let Some((partner, name)) = full.split_once('/') else { return false };
        let contract = self.partners.get(partner).and_then(|partner| partner.contract.as_ref());
        contract.is_some_and(|contract| {
            let channels = contract.channels.iter().map(|(name, _)| name);
            channels.chain(contract.endpoints.iter().map(|(name, _)| name)).any(|known| known.value == name)
        })
    }
}

impl Partner {
    /// Reads one document; tells what could not be read of it, `None` when that is everything.
    fn read(&mut self, stem: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Unread> {
        let mut unread = Unread::default();
        match stem {
            "partner" => {
                let mut contract = Contract::read(reader, node)?;
                unread = std::mem::take(&mut contract.unread);
                self.contract = Some(contract);
            }
            "codes" => {
                if let Some(what) = not_code_tables(node) {
                    let message = format!("the file holds {what}, and is read as code tables");
                    let diagnostic = Diagnostic::error(Code::MisplacedFile, message, node.span);
                    reader.report(diagnostic.help("rename it: codes.yaml holds code tables by their names"));
                    return None;
                }
                self.codes = Codes::read_file(reader, node, &mut unread);
            }
            route => {
                self.routes.insert(route.to_owned(), Route::read(reader, node)?);
            }
        }
        Some(unread)
    }
}
