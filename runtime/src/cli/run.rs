//! `tolmach run`.
use std::path::Path;

use clap::Args;

use super::{Failure, Status};

#[derive(Debug, Args)]
pub(super) struct Arguments {}

pub(super) fn run(_: &Path, _: &Arguments) -> Result<Status, Failure> {
    Ok(Status::Ok)
}
