//! The files of a configuration, sorted by what they are and parsed.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::document::contract::{Codes, Contract};
use crate::document::route::Route;
use crate::document::{Node, Reader, yaml};
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
}

/// One partner's documents.
#[derive(Debug, Default)]
pub(super) struct Partner {
    pub contract: Option<Contract>,
    pub codes: Vec<(Spanned<String>, Codes)>,
    /// By the route's name without the partner's.
    pub routes: BTreeMap<String, Route>,
    pub scripts: BTreeMap<String, SourceId>,
    /// Where a missing contract is reported.
    first: Option<SourceId>,
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
    let added: Vec<(SourceId, &File)> =
        files.into_iter().filter_map(|file| Some((add(file, sources, diagnostics)?, file))).collect();
    let mut documents = Documents::default();
    for (source, file) in added {
        if let Some(schema) = file.path.strip_prefix("schemas/").and_then(|path| path.strip_suffix(".json")) {
            documents.schemas.insert(schema.to_owned(), source);
        } else if let Some(placed) = place(&file.path) {
            documents.read(&placed, source, sources, diagnostics);
        } else {
            let message = "the file is not where a partner's files are";
            let diagnostic = Diagnostic::error(Code::MisplacedFile, message, Span::new(source, 0, 0));
            diagnostics.push(diagnostic.help(
                "a partner's files are mappings/<partner>/*.yaml, its sandbox's mappings/<partner>/sandbox/*.yaml",
            ));
        }
    }
    documents.check_contracts(diagnostics);
    documents
}

fn add(file: &File, sources: &mut Sources, diagnostics: &mut Diagnostics) -> Option<SourceId> {
    match std::str::from_utf8(&file.bytes) {
        Ok(text) => Some(sources.add(&file.path, text)),
        Err(error) => {
            let valid = error.valid_up_to();
            let before = file.bytes.get(..valid).map(String::from_utf8_lossy).unwrap_or_default();
            let source = sources.add(&file.path, before);
            let message = "the file is not UTF-8 text";
            diagnostics.push(
                Diagnostic::error(Code::NotUtf8, message, Span::new(source, valid, valid))
                    .help("save it as UTF-8; older editors write Windows-1251"),
            );
            None
        }
    }
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

impl Documents {
    fn read(
        &mut self,
        placed: &Placed<'_>,
        source: SourceId,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) {
        let partner = self.partners.entry(placed.partner.clone()).or_default();
        partner.first.get_or_insert(source);
        if placed.extension == "rhai" {
            partner.scripts.insert(placed.stem.to_owned(), source);
            return;
        }
        let Some(node) = yaml::parse(source, sources, diagnostics) else {
            // What is broken is reported; its absence is not a second mistake.
            partner.first = None;
            return;
        };
        let mut reader = Reader { sources, diagnostics };
        partner.read(placed.stem, &node, &mut reader);
    }

    /// Every folder has a contract, and the contract names its folder.
    fn check_contracts(&self, diagnostics: &mut Diagnostics) {
        for (name, partner) in &self.partners {
            match (&partner.contract, partner.first) {
                (Some(contract), _) if contract.partner.text != *name => {
                    let message =
                        format!("the contract is of `{}`, its folder is of `{name}`", contract.partner.text);
                    diagnostics.push(
                        Diagnostic::error(Code::PartnerMismatch, message, contract.partner.span)
                            .help(format!("write `partner: {name}`, or rename the folder")),
                    );
                }
                (None, Some(first)) => {
                    let message = format!("partner `{name}` has no contract");
                    diagnostics.push(
                        Diagnostic::error(Code::MissingFile, message, Span::new(first, 0, 0))
                            .help("its folder needs a partner.yaml"),
                    );
                }
                _ => {}
            }
        }
    }
}

impl Partner {
    fn read(&mut self, stem: &str, node: &Node, reader: &mut Reader<'_>) {
        match stem {
            "partner" => {
                self.contract = Contract::read(reader, node);
                if self.contract.is_none() {
                    self.first = None;
                }
            }
            "codes" => self.codes = Codes::read_file(reader, node),
            route => {
                if let Some(read) = Route::read(reader, node) {
                    self.routes.insert(route.to_owned(), read);
                }
            }
        }
    }
}
