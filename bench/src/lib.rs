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

/// Counts the allocations of each thread; the memory is glibc's. Beside an allocation the count costs next to nothing.
#[global_allocator]
static ALLOCATOR: densa_alloc::CountingAllocator = densa_alloc::CountingAllocator::system();

#[cfg(test)]
mod tests {
    /// The sections of a manifest that say how a release is built, but for a crate that the benchmarks do not have.
    fn release(manifest: &str) -> Vec<&str> {
        let sections = manifest.split("\n[").filter(|section| section.starts_with("profile.release"));
        sections.filter(|section| !section.contains("libsqlite3-sys")).map(str::trim).collect()
    }

    #[test]
    fn the_peers_are_built_as_the_product_is() {
        let (product, peers) = (include_str!("../../Cargo.toml"), include_str!("../peers/Cargo.toml"));
        assert_eq!(release(product), release(peers));
    }
}
