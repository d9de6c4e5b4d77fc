//! The job as an integrator would write it, compiled: the files under `mappings/` and `schemas/` of this folder.

use std::path::Path;

use engine::diagnostic::render;
use engine::{Bundle, Compiled, Engine, Environment, File};

use crate::Failure;

/// The route of the job.
pub const ROUTE: &str = "bank/loan-request";

const FILES: [(&str, &str); 6] = [
    ("mappings/bank/codes.yaml", include_str!("../mappings/bank/codes.yaml")),
    ("mappings/bank/loan-request.yaml", include_str!("../mappings/bank/loan-request.yaml")),
    ("mappings/bank/partner.yaml", include_str!("../mappings/bank/partner.yaml")),
    ("mappings/site/partner.yaml", include_str!("../mappings/site/partner.yaml")),
    ("schemas/bank/loan-request.json", include_str!("../schemas/bank/loan-request.json")),
    ("schemas/site/deal-application.json", include_str!("../schemas/site/deal-application.json")),
];

/// Where the contracts name the schemas, and what stands there when nothing is validated.
const SCHEMAS: [(&str, &str); 2] = [
    ("dealApplication: site/deal-application", "dealApplication: null"),
    ("\n    request: bank/loan-request", ""),
];

/// The files; without the schemas where nothing is to be validated.
#[must_use]
pub fn bundle(validated: bool) -> Bundle {
    let text = |text: &str| match validated {
        true => text.to_owned(),
        false => SCHEMAS.iter().fold(text.to_owned(), |text, (named, not)| text.replace(named, not)),
    };
    let files = FILES.iter().filter(|(path, _)| validated || !path.starts_with("schemas/"));
    files.map(|(path, it)| File { path: (*path).to_owned(), bytes: text(it).into_bytes() }).collect()
}

/// Writes the files below a folder.
///
/// # Errors
/// One of them cannot be written.
pub fn write(bundle: &Bundle, folder: &Path) -> Result<(), Failure> {
    for (path, text) in bundle.texts() {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
        std::fs::write(path, text)?;
    }
    Ok(())
}

/// Compiles a configuration.
///
/// # Errors
/// All that is wrong with it, as a person is told.
pub fn compile(bundle: &Bundle) -> Result<Engine, Failure> {
    let Compiled { engine, diagnostics, sources } = engine::compile(bundle, &Environment::default());
    engine.ok_or_else(|| render::text::render(&diagnostics.into_sorted(&sources), &sources, false).into())
}
