//! `tolmach new`: files to begin with. What is there is never written over.

use std::io::{Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use clap::{Args, Subcommand};
use engine::document::{NAMES, forbidden_sign};

use super::{Failure, Status};
use crate::{bundle, cases, flows};

const EXAMPLES: &str = "Examples:
  tolmach new folder integrations                a configuration that runs: two partners, a sandbox, a case, a flow
  tolmach new partner parcels                    mappings/parcels, with its sandbox
  tolmach new route parcels/paid --receive shop/inbox --message OrderPaid --send parcels/messages
  tolmach new case parcels/paid/first m.json     a message whose result is then accepted by `tolmach test`
  tolmach new flow parcel-arrives --receive shop/inbox

What is there is never written over. Exit codes: 0 ok, 2 usage.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A configuration folder with an example that runs
    Folder {
        /// Where; it is made where it is not there
        path: PathBuf,
    },
    /// A partner and its sandbox
    Partner {
        /// Its name: letters, digits, `_` and `-`
        name: String,
    },
    /// A route of a partner
    Route {
        /// PARTNER/ROUTE
        name: String,
        /// The channel that the message comes over: PARTNER/CHANNEL
        #[arg(long, value_name = "CHANNEL")]
        receive: String,
        /// The message type
        #[arg(long, value_name = "TYPE")]
        message: String,
        /// The endpoint that it goes to: PARTNER/ENDPOINT
        #[arg(long, value_name = "ENDPOINT")]
        send: Option<String>,
    },
    /// A case of a route
    Case {
        /// PARTNER/ROUTE/CASE
        name: String,
        /// The message; `-` is the standard input, and without it the message is {}
        message: Option<PathBuf>,
    },
    /// A flow
    Flow {
        name: String,
        /// The channel that its first message comes over: PARTNER/CHANNEL
        #[arg(long, value_name = "CHANNEL")]
        receive: String,
    },
}

/// A file that is to be made: its path in the folder, and its text.
type Draft = (PathBuf, Vec<u8>);

macro_rules! templates {
    ($from:literal: $($file:literal),+ $(,)?) => {
        [$(($file, include_str!(concat!("new/", $from, "/", $file)))),+]
    };
}

const FOLDER: [(&str, &str); 12] = templates!(
    "folder":
    "README.md",
    ".gitignore",
    "mappings/shop/partner.yaml",
    "mappings/bank/partner.yaml",
    "mappings/bank/codes.yaml",
    "mappings/bank/new-order.yaml",
    "mappings/bank/sandbox/partner.yaml",
    "mappings/bank/sandbox/take.yaml",
    "schemas/shop/order.json",
    "tests/cases/bank/new-order/minimal.json",
    "tests/cases/bank/new-order/minimal.context.yaml",
    "tests/flows/order-taken.yaml",
);

const PARTNER: [(&str, &str); 3] =
    templates!("partner": "partner.yaml", "sandbox/partner.yaml", "sandbox/take.yaml");

pub(super) fn run(folder: &Path, arguments: &Arguments) -> Result<Status, Failure> {
    let (folder, drafts, next) = match &arguments.what {
        What::Folder { path } => {
            let drafts = FOLDER.map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).into();
            (path.as_path(), drafts, format!("tolmach -C {} test --accept", path.display()))
        }
        What::Partner { name } => (folder, partner(name)?, "tolmach check".to_owned()),
        What::Route { name, receive, message, send } => (
            folder,
            vec![route(folder, name, (receive, message), send.as_deref())?],
            format!("tolmach explain {name}"),
        ),
        What::Case { name, message } => {
            (folder, vec![case(folder, name, message.as_deref())?], format!("tolmach test {name} --accept"))
        }
        What::Flow { name, receive } => {
            (folder, vec![flow(name, receive)?], format!("tolmach test flows/{name}"))
        }
    };
    write(folder, &drafts)?;
    anstream::println!("next: {next}");
    Ok(Status::Ok)
}

fn partner(name: &str) -> Result<Vec<Draft>, Failure> {
    let [name] = parts(name)?;
    if bundle::played(name).is_some() {
        return Err("a sandbox is made with the partner that it plays".into());
    }
    let title: String =
        name.chars().take(1).flat_map(char::to_uppercase).chain(name.chars().skip(1)).collect();
    let variable = name.to_uppercase().replace('-', "_");
    let filled = |text: &str| {
        text.replace("$partner", name).replace("$Partner", &title).replace("$PARTNER", &variable).into_bytes()
    };
    let folder = Path::new(bundle::MAPPINGS).join(name);
    Ok(PARTNER.iter().map(|(path, text)| (folder.join(path), filled(text))).collect())
}

fn route(
    folder: &Path,
    name: &str,
    (receive, message): (&str, &str),
    send: Option<&str>,
) -> Result<Draft, Failure> {
    let [partner, route] = parts(name)?;
    parts::<2>(receive)?;
    let home = home(folder, partner)?;
    let title = quoted(&format!("{message} over {receive}"));
    let mut text = format!("title: {title}\nreceive: {receive}\nmessage: {}\n\n", quoted(message));
    match send {
        None => text.push_str("answer: {status: 200}\n"),
        Some(send) => {
            parts::<2>(send)?;
            text.push_str(&format!("answer: {{status: 202}}\n\nsend: {send}\ncopy: \"@\"      # as it is; what differs stands under `map`\n"));
        }
    }
    Ok((home.join(format!("{route}.yaml")), text.into_bytes()))
}

fn case(folder: &Path, name: &str, message: Option<&Path>) -> Result<Draft, Failure> {
    let [partner, route, case] = parts(name)?;
    let file = home(folder, partner)?.join(format!("{route}.yaml"));
    if !folder.join(&file).exists() {
        return Err(format!("there is no route {partner}/{route}: {} is not there", file.display()).into());
    }
    let text = match message {
        None => b"{}\n".to_vec(),
        Some(path) if path == Path::new("-") => {
            let mut text = Vec::new();
            io::stdin().lock().read_to_end(&mut text)?;
            text
        }
        Some(path) => {
            fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?
        }
    };
    Ok((Path::new(cases::FOLDER).join(partner).join(route).join(format!("{case}.json")), text))
}

fn flow(name: &str, receive: &str) -> Result<Draft, Failure> {
    let [name] = parts(name)?;
    parts::<2>(receive)?;
    let text = format!(
        "title: What happens, in one line
sandbox: true
steps:
  - receive: {receive}
    body: {{}}
    answer: {{status: 200}}
  - wait: 1m
  - expect: []
"
    );
    Ok((Path::new(flows::FOLDER).join(format!("{name}.yaml")), text.into_bytes()))
}

/// Where the files of a partner are; a sandbox's are within those of the partner that it plays.
fn home(folder: &Path, partner: &str) -> Result<PathBuf, Failure> {
    let mappings = Path::new(bundle::MAPPINGS);
    let home = match bundle::played(partner) {
        Some(played) => mappings.join(played).join("sandbox"),
        None => mappings.join(partner),
    };
    match folder.join(&home).join("partner.yaml").exists() {
        true => Ok(home),
        false => {
            Err(format!("there is no partner {partner}: `tolmach new partner {partner}` makes one").into())
        }
    }
}

/// The names between the slashes.
fn parts<const N: usize>(name: &str) -> Result<[&str; N], Failure> {
    let sound = |part: &str| !part.is_empty() && forbidden_sign(part).is_none();
    let parts: Vec<&str> = name.split('/').collect();
    match <[&str; N]>::try_from(parts) {
        Ok(parts) if parts.iter().all(|part| sound(part)) => Ok(parts),
        Ok(_) => Err(format!("`{name}`: {NAMES}").into()),
        Err(_) => {
            let wanted = ["NAME", "PARTNER/NAME", "PARTNER/ROUTE/CASE"].get(N.saturating_sub(1)).copied();
            Err(format!("`{name}` is not of the form {}", wanted.unwrap_or_default()).into())
        }
    }
}

/// A message type may hold any sign, and those that mean something to YAML.
fn quoted(text: &str) -> String {
    let plain = text.chars().all(|sign| sign.is_alphanumeric() || "_-/ ".contains(sign));
    if plain && text.starts_with(char::is_alphabetic) && !matches!(text, "true" | "false" | "null") {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// All of them, or none where one is there already.
fn write(folder: &Path, drafts: &[Draft]) -> Result<(), Failure> {
    let there: Vec<String> = drafts
        .iter()
        .map(|(path, _)| folder.join(path))
        .filter(|path| path.exists())
        .map(|path| shown(&path))
        .collect();
    if !there.is_empty() {
        return Err(format!("nothing was written; there already: {}", there.join(", ")).into());
    }
    for (path, text) in drafts {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::File::create_new(&path)
            .and_then(|mut file| file.write_all(text))
            .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
        anstream::println!("made {}", shown(&path));
    }
    Ok(())
}

/// Without the `./` of the default folder.
fn shown(path: &Path) -> String {
    path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>().display().to_string()
}
