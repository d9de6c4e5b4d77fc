//! The command line: one file a command.

mod check;
mod configuration;
mod eval;
mod explain;
mod map;
mod messages;
mod new;
mod partners;
mod reload;
mod remote;
mod run;
mod schema;
mod test;
mod text;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Tolmach translates messages between partners: YAML instead of adapters.
#[derive(Debug, Parser)]
#[command(name = "tolmach", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Arguments {
    /// The configuration folder: it holds mappings/ and schemas/
    #[arg(long, short = 'C', global = true, default_value = ".", value_name = "FOLDER")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  tolmach run --sandbox                              play every partner in this process
  tolmach check                                      everything that is wrong with the files, at once
  tolmach explain E0201                              what a code means, with an example
  tolmach map bank/new-application m.json            what a route makes of a message
  tolmach eval 'payload.items[0].id' m.json          try an expression
  tolmach test                                       do all cases give what was accepted?
  tolmach new partner parcels                        files to begin with
  tolmach messages                                   what came in and where it went
  tolmach reload                                     changed files take effect

Exit codes: 0 ok, 1 findings, 2 usage.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Listen, translate, deliver
    Run(run::Arguments),
    /// Check the configuration and say all that is wrong
    Check(check::Arguments),
    /// Explain a diagnostic's code, or a route as a mapping sheet
    Explain(explain::Arguments),
    /// Map a message by a route and print the result
    Map(map::Arguments),
    /// Evaluate an expression over a message
    Eval(eval::Arguments),
    /// Play the cases of the configuration and compare with their snapshots
    Test(test::Arguments),
    /// Make a folder, a partner, a route, a case or a flow to begin with
    New(new::Arguments),
    /// List, show, retry and discard messages
    Messages(messages::Arguments),
    /// How partners stand
    Partners(partners::List),
    /// Hold a partner back
    Pause(partners::Pause),
    /// End a pause
    Resume(partners::Pause),
    /// Have the serving process read its files again
    Reload(reload::Arguments),
    /// Print the JSON Schema of the files, for editors
    Schema(schema::Arguments),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ok,
    /// The command worked and found something to mend.
    Findings,
    /// Whoever read the output went away before the work was done.
    CutOff,
}

/// As a shell tells of a process that SIGPIPE has ended.
const CUT_OFF: u8 = 128 + 13;

/// Of a thread that runs the engine: a script's values may nest thousands of levels before its time is up. Only what is
/// used of it takes memory.
const STACK: usize = 16 * 1024 * 1024;

/// Carries out the command line.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let folder = arguments.config;
    let done = match arguments.command {
        Command::Run(arguments) => run::run(&folder, &arguments),
        Command::Check(arguments) => check::run(&folder, &arguments),
        Command::Explain(arguments) => explain::run(&folder, &arguments),
        Command::Map(arguments) => map::run(&folder, arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Test(arguments) => test::run(&folder, &arguments),
        Command::New(arguments) => new::run(&folder, &arguments),
        Command::Messages(arguments) => messages::run(&folder, &arguments),
        Command::Partners(arguments) => partners::list(&folder, &arguments),
        Command::Pause(arguments) => partners::pause(&folder, &arguments, true),
        Command::Resume(arguments) => partners::pause(&folder, &arguments, false),
        Command::Reload(arguments) => reload::run(&folder, &arguments),
        Command::Schema(arguments) => schema::run(&arguments),
    };
    match done {
        Ok(Status::Ok) => ExitCode::SUCCESS,
        Ok(Status::Findings) => ExitCode::from(1),
        Ok(Status::CutOff) => ExitCode::from(CUT_OFF),
        // Whoever reads our output has seen enough.
        Err(error) if error.downcast_ref::<std::io::Error>().is_some_and(is_closed_pipe) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn is_closed_pipe(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::BrokenPipe
}

/// What a command may fail with: it is shown to a person and nothing else.
type Failure = Box<dyn std::error::Error + Send + Sync>;
