//! What Tolmach costs beside its peers: one job, done by each of them, measured side by side in one process.

pub mod case;
pub mod clock;
pub mod command;
pub mod compare;
pub mod configuration;
pub mod measure;
pub mod message;
pub mod report;
pub mod scale;
pub mod tool;
pub mod turns;

/// What ends a run, for the person who started it.
pub type Failure = Box<dyn std::error::Error>;

/// How a run ends: with what it failed of, where it did.
#[must_use]
pub fn ended(run: Result<(), Failure>) -> std::process::ExitCode {
    match run {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            std::process::ExitCode::FAILURE
        }
    }
}

/// Counts the allocations of each thread; the memory is glibc's. Beside an allocation the count costs next to nothing.
#[global_allocator]
static ALLOCATOR: densa_alloc::CountingAllocator = densa_alloc::CountingAllocator::system();

#[cfg(test)]
mod tests {
    /// What a manifest says of a release build.
    fn release(manifest: &str) -> Vec<&str> {
        let lines = manifest.lines().skip_while(|line| *line != "[profile.release]").skip(1);
        lines.take_while(|line| !line.is_empty()).collect()
    }

    #[test]
    fn the_peers_are_built_as_the_product_is() {
        let peers = release(include_str!("../peers/Cargo.toml"));
        for line in release(include_str!("../../Cargo.toml")) {
            assert!(peers.contains(&line), "{line}");
        }
    }
}
