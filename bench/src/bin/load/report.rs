//! All sizes, interleaved; medians as a table and as JSON.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use super::measure::{self, Figures, Served};
use super::{Arguments, Failure, configuration};

/// A heading and what stands below it.
type Column = (&'static str, fn(&Size) -> f64);
type Measured = Vec<(Figures, Served)>;

#[derive(Serialize)]
struct Size {
    partners: usize,
    #[serde(flatten)]
    figures: Figures,
    serving: Served,
}

pub fn all(arguments: &Arguments) -> Result<(), Failure> {
    let this = std::env::current_exe()?;
    let tolmach = arguments.tolmach.clone().unwrap_or_else(|| this.with_file_name("tolmach"));
    let folder = tempfile::tempdir()?;
    let mut sizes: Vec<(usize, PathBuf, Measured)> = Vec::new();
    for partners in &arguments.partners {
        let folder = folder.path().join(partners.to_string());
        configuration::write(&folder, *partners)?;
        sizes.push((*partners, folder, Vec::new()));
    }
    for _ in 0..arguments.rounds {
        for (_, folder, measured) in &mut sizes {
            measured.push((once(&this, folder)?, measure::serve(&tolmach, folder)?));
        }
    }
    let sizes: Vec<Size> = sizes.iter().map(|(partners, _, measured)| medians(*partners, measured)).collect();
    print!("{}", table(&sizes));
    if let Some(file) = &arguments.json {
        fs::write(file, serde_json::to_string_pretty(&sizes)?)?;
    }
    Ok(())
}

/// In a process of its own, so that memory is that of this configuration.
fn once(this: &Path, folder: &Path) -> Result<Figures, Failure> {
    let output = Command::new(this).arg("once").arg(folder).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn medians(partners: usize, measured: &[(Figures, Served)]) -> Size {
    let of = |value: fn(&(Figures, Served)) -> f64| {
        let mut values: Vec<f64> = measured.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    };
    Size {
        partners,
        figures: Figures {
            read: of(|(figures, _)| figures.read),
            compile: of(|(figures, _)| figures.compile),
            cpu: of(|(figures, _)| figures.cpu),
            memory: of(|(figures, _)| figures.memory),
            peak: of(|(figures, _)| figures.peak),
            reload: of(|(figures, _)| figures.reload),
            reload_cpu: of(|(figures, _)| figures.reload_cpu),
            reload_all: of(|(figures, _)| figures.reload_all),
            reload_shared: of(|(figures, _)| figures.reload_shared),
        },
        serving: Served {
            start: of(|(_, served)| served.start),
            memory: of(|(_, served)| served.memory),
            peak: of(|(_, served)| served.peak),
        },
    }
}

fn table(sizes: &[Size]) -> String {
    let columns: [Column; 12] = [
        ("read ms", |size| size.figures.read),
        ("compile ms", |size| size.figures.compile),
        ("both, CPU ms", |size| size.figures.cpu),
        ("memory MB", |size| size.figures.memory),
        ("peak MB", |size| size.figures.peak),
        ("reload ms", |size| size.figures.reload),
        ("CPU ms", |size| size.figures.reload_cpu),
        ("all read ms", |size| size.figures.reload_all),
        ("shared ms", |size| size.figures.reload_shared),
        ("`run`: start ms", |size| size.serving.start),
        ("memory MB", |size| size.serving.memory),
        ("peak MB", |size| size.serving.peak),
    ];
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut text = format!("| partners | {} |\n|---:{}|\n", names.join(" | "), "|---:".repeat(columns.len()));
    for size in sizes {
        let cells: Vec<String> = columns.iter().map(|(_, value)| format!("{:.0}", value(size))).collect();
        text.push_str(&format!("| {} | {} |\n", size.partners, cells.join(" | ")));
    }
    text
}
