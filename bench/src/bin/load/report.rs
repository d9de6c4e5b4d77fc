//! All sizes, interleaved; medians as a table and as JSON.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use super::measure::{self, Figures, Served};
use super::{Arguments, Failure, configuration};

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
        },
        serving: Served {
            start: of(|(_, served)| served.start),
            memory: of(|(_, served)| served.memory),
            peak: of(|(_, served)| served.peak),
        },
    }
}

fn table(sizes: &[Size]) -> String {
    let mut text = String::from(
        "| partners | read ms | compile ms | both, CPU ms | memory MB | peak MB | reload ms | CPU ms | run: start ms | memory MB | peak MB |\n\
         |---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for Size { partners, figures, serving } in sizes {
        let Figures { read, compile, cpu, memory, peak, reload, reload_cpu } = figures;
        text.push_str(&format!(
            "| {partners} | {read:.0} | {compile:.0} | {cpu:.0} | {memory:.0} | {peak:.0} | {reload:.1} | \
             {reload_cpu:.1} | {:.0} | {:.0} | {:.0} |\n",
            serving.start, serving.memory, serving.peak
        ));
    }
    text
}
