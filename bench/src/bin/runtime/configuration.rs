//! What `tolmach` is given: the mapping of the job, by a channel for each case.

use std::fs;
use std::path::Path;

use crate::Failure;

/// What comes in, 2 KB.
pub const DEAL: &str = include_str!("configuration/deal.json");
/// What the other side answers, 2 KB.
pub const LOAN: &str = include_str!("configuration/loan.json");
/// The id in [`DEAL`]: where every message is to be a new one, another is put in its place.
pub const ID: &str = "00000000-0000-4000-8000-000000000000";

/// The paths of the channels.
pub const QUESTIONS: &str = "/questions";
pub const KEPT: &str = "/kept";
pub const DELIVERED: &str = "/inbox";

const JOB: &str = include_str!("../../../mappings/bank/loan-request.yaml");
const CODES: &str = include_str!("../../../mappings/bank/codes.yaml");
const FILES: [(&str, &str); 3] = [
    ("site/partner.yaml", include_str!("configuration/site.yaml")),
    ("bank/partner.yaml", include_str!("configuration/bank.yaml")),
    ("bank/codes.yaml", CODES),
];
/// Routes that lack their mapping.
const ROUTES: [(&str, &str); 3] = [
    ("bank/question.yaml", include_str!("configuration/question.yaml")),
    ("bank/kept.yaml", include_str!("configuration/kept.yaml")),
    ("bank/delivered.yaml", include_str!("configuration/delivered.yaml")),
];

/// Writes the files of a configuration into `folder`.
pub fn write(folder: &Path) -> Result<(), Failure> {
    let at = JOB.find("\nmap:").ok_or("the job has no mapping")?;
    let mappings = folder.join("mappings");
    fs::create_dir_all(mappings.join("site"))?;
    fs::create_dir_all(mappings.join("bank"))?;
    for (path, text) in FILES {
        fs::write(mappings.join(path), text)?;
    }
    for (path, text) in ROUTES {
        fs::write(mappings.join(path), format!("{text}{}", &JOB[at..]))?;
    }
    Ok(())
}
