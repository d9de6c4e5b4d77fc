//! The documents of one partner: its files, sorted by what they are and parsed.

use std::collections::BTreeMap;

use super::bundle::{Files, Placed, Text};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::contract::{Codes, Contract, Unread};
use crate::document::route::Route;
use crate::document::shared::Shared;
use crate::document::{NAMES, Node, Reader, forbidden_sign, yaml};
use crate::expression::Broken;
use crate::source::{SourceId, Sources, Span, Spanned};

/// The file of a partner's shared mappings, without its extension.
const SHARED: &str = "mappings";

/// One partner's documents.
#[derive(Debug, Default)]
pub(super) struct Documents {
    pub partner: String,
    pub contract: Option<Contract>,
    pub codes: Vec<(Spanned<String>, Codes)>,
    /// By the route's name without the partner's.
    pub routes: BTreeMap<String, Route>,
    pub scripts: BTreeMap<String, SourceId>,
    /// Files of rows by their whole names; `None` where one is not text.
    pub data: BTreeMap<String, Option<SourceId>>,
    /// Whether a route could not be read, so that it is not known what all of them do.
    pub unread_routes: bool,
    /// What is said of shared mappings that nothing uses.
    pub unused: Vec<(Option<String>, Diagnostic)>,
    /// What could not be read of contracts, code tables and scripts.
    pub broken: Broken,
    /// By the name without its extension.
    files: BTreeMap<String, SourceId>,
}

/// A file of a partner.
struct Placement<'p> {
    stem: &'p str,
    extension: &'p str,
    source: SourceId,
    /// Whether all of it is text.
    whole: bool,
}

/// Reads what a partner wrote; the files have ids from `first` on, in their order.
pub(super) fn read(
    partner: &str,
    (files, first): (&Files, SourceId),
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Documents {
    let mut documents = Documents { partner: partner.to_owned(), ..Documents::default() };
    let shared = shared(files, first, sources, diagnostics);
    let mut reader = Reader::new(sources, diagnostics).beside(&shared);
    let mut next = first;
    for (path, text) in files {
        let source = next.give();
        if let Placed::Mapping { stem, extension, .. } = Placed::of(path) {
            check_is_text(source, text, reader.diagnostics);
            let placed = Placement { stem, extension, source, whole: text.whole };
            documents.read(&placed, &mut reader);
        }
    }
    let unused: Vec<_> = shared
        .unused(&reader)
        .map(|name| {
            let message = format!("nothing uses the shared mapping `{}`", name.value);
            let warning = Diagnostic::warning(Code::UnusedName, message, name.span);
            (None, warning.help(format!("`use: {}` beside or instead of `map` does", name.value)))
        })
        .collect();
    // A route that could not be read may use it.
    documents.unused = if documents.unread_routes { Vec::new() } else { unused };
    documents.check_contract(reader.diagnostics);
    documents
}

/// The shared mappings of a partner, which its routes are read by.
fn shared(files: &Files, first: SourceId, sources: &Sources, diagnostics: &mut Diagnostics) -> Shared {
    let mut next = first;
    for (path, text) in files {
        let source = next.give();
        let Placed::Mapping { stem: SHARED, extension: "yaml" | "yml", .. } = Placed::of(path) else {
            continue;
        };
        let node = if text.whole { yaml::parse(source, sources, diagnostics) } else { None };
        let shared = Shared::read(&mut Reader::new(sources, diagnostics), node.as_ref());
        shared.check(&mut Reader::new(sources, diagnostics).beside(&shared));
        return shared;
    }
    Shared::default()
}

pub(super) fn check_is_text(source: SourceId, text: &Text, diagnostics: &mut Diagnostics) {
    if !text.whole {
        let valid = text.text.len();
        let message = "the file is not UTF-8 text";
        diagnostics.push(
            Diagnostic::error(Code::NotUtf8, message, Span::new(source, valid, valid))
                .help("save it as UTF-8; older editors write Windows-1251"),
        );
    }
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
fn check_file_name(partner: &str, placed: &Placement<'_>, reader: &mut Reader<'_>) {
    for (what, name) in [("folder", partner), ("file", placed.stem)] {
        if let Some(sign) = forbidden_sign(name) {
            let message = format!("the name of the {what} `{name}` holds `{}`", sign.escape_debug());
            let diagnostic = Diagnostic::error(Code::BadName, message, Span::new(placed.source, 0, 0));
            reader.report(diagnostic.help(NAMES));
        }
    }
}

impl Documents {
    /// Every code table, those of the contract first.
    pub fn tables(&self) -> impl Iterator<Item = &(Spanned<String>, Codes)> {
        self.contract.iter().flat_map(|contract| &contract.codes).chain(&self.codes)
    }

    fn read(&mut self, placed: &Placement<'_>, reader: &mut Reader<'_>) {
        let Placement { stem, extension, source, whole } = *placed;
        if matches!(extension, "csv" | "tsv" | "json") {
            self.data.insert(format!("{stem}.{extension}"), whole.then_some(source));
            return;
        }
        check_file_name(&self.partner, placed, reader);
        if extension == "rhai" {
            if whole {
                self.scripts.insert(stem.to_owned(), source);
            } else {
                self.broken.name(&self.partner, stem);
            }
            return;
        }
        if let Some(first) = self.files.insert(stem.to_owned(), source) {
            let message = format!("two files are `{stem}`");
            let diagnostic = Diagnostic::error(Code::DuplicateName, message, Span::new(source, 0, 0));
            let diagnostic = diagnostic.context(Span::new(first, 0, 0), "the first");
            reader.report(diagnostic.help("remove or rename one of them; .yaml and .yml are the same"));
            return;
        }
        if stem == SHARED {
            return;
        }
        if let Some(meant) = ["partner", "codes", SHARED].into_iter().find(|name| is_written_like(name, stem))
        {
            let message = format!("the file is not read as `{meant}.yaml`, which has small letters");
            let diagnostic = Diagnostic::error(Code::MisplacedFile, message, Span::new(source, 0, 0));
            reader.report(diagnostic.help(format!("rename it to {meant}.yaml")));
            self.broken.partner(&self.partner);
            return;
        }
        let node = if whole { yaml::parse(source, reader.sources, reader.diagnostics) } else { None };
        match (node.and_then(|node| self.read_document(stem, &node, reader)), stem) {
            (Some(unread), _) if !unread.all => {
                unread.names.iter().for_each(|name| self.broken.name(&self.partner, name));
            }
            (Some(_), _) | (None, "partner" | "codes") => self.broken.partner(&self.partner),
            (None, _) => self.unread_routes = true,
        }
    }

    /// Reads one document; tells what could not be read of it, `None` when that is everything.
    fn read_document(&mut self, stem: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Unread> {
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

    /// Every folder has a contract, and the contract names its folder.
    fn check_contract(&mut self, diagnostics: &mut Diagnostics) {
        match &self.contract {
            Some(contract) if contract.partner.text != self.partner => {
                let given = &contract.partner;
                let message =
                    format!("the contract is of `{}`, its folder is of `{}`", given.text, self.partner);
                diagnostics.push(
                    Diagnostic::error(Code::PartnerMismatch, message, given.span)
                        .help(format!("write `partner: {}`, or rename the folder", self.partner)),
                );
            }
            None if !self.files.keys().any(|stem| stem.eq_ignore_ascii_case("partner")) => {
                let data = self.data.values().flatten();
                let Some(first) = self.files.values().chain(self.scripts.values()).chain(data).min() else {
                    return;
                };
                self.broken.partner(&self.partner);
                let message = format!("partner `{}` has no contract", self.partner);
                diagnostics.push(
                    Diagnostic::error(Code::MissingFile, message, Span::new(*first, 0, 0))
                        .help("its folder needs a partner.yaml"),
                );
            }
            _ => {}
        }
    }
}
