//! `tolmach schema`: what the files may say, as a JSON Schema for editors.

use clap::{Args, ValueEnum};
use engine::document::{Shape, json_schema};

use super::{Failure, Status};
use crate::{cases, config, flows};

const EXAMPLES: &str = "Examples:
  tolmach schema > tolmach.schema.json       one schema for all files under mappings/
  tolmach schema route                       only of a route

VS Code with the YAML extension, in .vscode/settings.json:
  \"yaml.schemas\": {\"./tolmach.schema.json\": \"mappings/**/*.yaml\"}

Neovim, in the settings of yamlls:
  yaml = { schemas = { [\"./tolmach.schema.json\"] = \"mappings/**/*.yaml\" } }

Helix, in .helix/languages.toml:
  [language-server.yaml-language-server.config.yaml.schemas]
  \"./tolmach.schema.json\" = \"mappings/**/*.yaml\"

Any of them for one file, in its first line:
  # yaml-language-server: $schema=../../tolmach.schema.json";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Of which kind of file; without it of every file under mappings/
    kind: Option<Kind>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// partner.yaml
    Contract,
    /// codes.yaml
    Codes,
    /// mappings.yaml
    Mappings,
    /// Every other file under mappings/
    Route,
    /// tests/cases/**/*.context.yaml
    Context,
    /// tests/flows/*.yaml
    Flow,
    /// tolmach.yaml
    Settings,
}

pub(super) fn run(arguments: &Arguments) -> Result<Status, Failure> {
    let schema = match arguments.kind {
        None => json_schema::mapping(),
        Some(Kind::Contract) => json_schema::contract(),
        Some(Kind::Codes) => json_schema::codes(),
        Some(Kind::Mappings) => json_schema::mappings(),
        Some(Kind::Route) => json_schema::route(),
        Some(Kind::Context) => {
            json_schema::of("Tolmach: what a case meets", &Shape::Keys(&cases::context::KEYS))
        }
        Some(Kind::Flow) => json_schema::of("Tolmach: a flow", &Shape::Keys(&flows::script::KEYS)),
        Some(Kind::Settings) => json_schema::of("Tolmach: its own settings", &Shape::Keys(&config::KEYS)),
    };
    anstream::println!("{schema:#}");
    Ok(Status::Ok)
}
