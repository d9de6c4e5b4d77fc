//! What Tolmach costs beside its peers: one job, done by each of them, measured side by side in one process.

pub mod case;
pub mod clock;
pub mod compare;
pub mod configuration;
pub mod measure;
pub mod message;
pub mod report;

/// What ends a run, for the person who started it.
pub type Failure = Box<dyn std::error::Error>;

/// Counts the allocations of each thread; the memory is glibc's. Beside an allocation the count costs next to nothing.
#[global_allocator]
static ALLOCATOR: densa_alloc::CountingAllocator = densa_alloc::CountingAllocator::system();
