//! How the engine's cost grows: `cargo run --release -p bench --bin scaling`.

use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;

use bench::case::{CASES, Case, Ours, Served};
use bench::clock::thread_time;
use bench::configuration::compile;
use bench::measure::{check, measure, runners};
use bench::message::{SIZES, Set};
use bench::scale::{Partners, Rows, Way};
use bench::turns::{Effort, Subject, median, turns};
use bench::{Failure, ended};
use clap::Parser;
use engine::{Bundle, Engine};

/// Messages that look codes up: so many that the processor's caches do not hold what they find, or so few that they do.
const MANY: usize = 256;
const FEW: usize = 4;

#[derive(Debug, Parser)]
#[command(
    about = "Measures how the cost of a message grows with its size, with partners and routes, with code tables"
)]
struct Arguments {
    /// A short run: the figures are coarse
    #[arg(long)]
    quick: bool,
    /// Write the figures as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// One line of a table.
#[derive(serde::Serialize)]
struct Point {
    /// What grows, and how large it is here.
    of: &'static str,
    size: usize,
    /// Microseconds of CPU time a message.
    micros: f64,
    /// Nanoseconds of each unit: a byte, a look-up; none of routes.
    each: Option<f64>,
    /// Milliseconds of CPU time to compile the configuration; none where it does not grow.
    load: Option<f64>,
}

fn main() -> ExitCode {
    ended(run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let effort = if arguments.quick { Effort::QUICK } else { Effort::FULL };
    let mut points = Vec::new();
    let mut table = |title: &str, unit: &str, measured: Vec<Point>| {
        print(title, unit, &measured);
        points.extend(measured);
    };
    for case in ["ours", "ours+schemas", "typed", "raw"] {
        table(&format!("bytes of a message, {case}"), "ns/byte", sizes(case, effort)?);
    }
    table("routes, a channel for each partner", "", partners(Way::Own, effort)?);
    table("routes, one channel for all partners", "", partners(Way::Shared, effort)?);
    table("rows of a code table, many different codes", "ns/look-up", rows("rows", MANY, effort)?);
    table("rows of a code table, the same few codes", "ns/look-up", rows("rows, few codes", FEW, effort)?);
    if let Some(path) = &arguments.json {
        std::fs::write(path, serde_json::to_vec_pretty(&points)?)?;
    }
    Ok(())
}

/// The job over larger and larger messages.
fn sizes(case: &'static str, effort: Effort) -> Result<Vec<Point>, Failure> {
    let [small, middle, large] = SIZES.map(|(_, shape)| shape);
    let shapes = [small, middle, large, large.times(10), large.times(100)];
    let points = shapes.into_iter().map(|shape| {
        let set = Set::generated(case, shape, 1);
        let mut runners = runners(CASES, &[case.to_owned()])?;
        check(&mut runners, &set.messages)?;
        let micros = median(measure(&mut runners, &set.messages, effort)?.iter().map(|cost| cost.micros));
        let each = Some(micros * 1e3 / set.mean_bytes() as f64);
        Ok(Point { of: case, size: set.mean_bytes(), micros, each, load: None })
    });
    points.collect()
}

/// One message of one partner among more and more of them.
fn partners(way: Way, effort: Effort) -> Result<Vec<Point>, Failure> {
    let all = [1, 10, 100, 1_000].map(|count| Partners { count, way });
    let mut served = Vec::new();
    for partners in all {
        let (engine, load) = loaded(&partners.bundle())?;
        served.push((partners, load, partners.message(), Served::new(engine, partners.channel())));
    }
    let mut subjects: Vec<Subject<'_>> = Vec::new();
    for (_, _, message, served) in &mut served {
        subjects.push(Box::new(|| {
            black_box(served.serve(black_box(message))?);
            Ok(())
        }));
    }
    let times = turns(&mut subjects, effort)?;
    drop(subjects);
    let of = match way {
        Way::Own => "routes",
        Way::Shared => "routes of one channel",
    };
    let point = |((partners, load, ..), times): (&(Partners, f64, _, _), Vec<f64>)| Point {
        of,
        size: partners.routes(),
        micros: median(times),
        each: None,
        load: Some(*load),
    };
    Ok(served.iter().zip(times).map(point).collect())
}

/// Look-ups in larger and larger code tables.
fn rows(of: &'static str, messages: usize, effort: Effort) -> Result<Vec<Point>, Failure> {
    let mut all = Vec::new();
    for rows in [10, 100, 1_000, 10_000, 100_000].map(Rows) {
        let (engine, load) = loaded(&rows.bundle())?;
        all.push((rows, load, rows.messages(messages), Ours::new(engine, Rows::ROUTE)));
    }
    let mut subjects: Vec<Subject<'_>> = Vec::new();
    for (_, _, messages, ours) in &mut all {
        subjects.push(Box::new(|| {
            for message in &*messages {
                black_box(ours.run(black_box(message))?);
            }
            Ok(())
        }));
    }
    let times = turns(&mut subjects, effort)?;
    drop(subjects);
    let point = |((rows, load, ..), times): (&(Rows, f64, _, _), Vec<f64>)| {
        let micros = median(times) / messages as f64;
        let each = Some(micros * 1e3 / Rows::LOOKUPS as f64);
        Point { of, size: rows.0, micros, each, load: Some(*load) }
    };
    Ok(all.iter().zip(times).map(point).collect())
}

/// A configuration, and the milliseconds its compilation took.
fn loaded(bundle: &Bundle) -> Result<(Engine, f64), Failure> {
    let began = thread_time();
    let engine = compile(bundle)?;
    Ok((engine, (thread_time() - began).as_secs_f64() * 1e3))
}

fn print(title: &str, unit: &str, points: &[Point]) {
    println!("{title}\n{:>12}{:>14}{unit:>12}{:>12}", "", "us/message", "load ms");
    for Point { size, micros, each, load, .. } in points {
        let figure = |value: &Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
        println!("{size:>12}{micros:>14.2}{:>12}{:>12}", figure(each), figure(load));
    }
    println!();
}
