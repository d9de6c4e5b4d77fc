//! The reference (`docs/*.md`) is run: an example that does not give what it says fails here.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod bench;
mod examples;
mod functions;
mod heap;
mod language;
mod page;
mod pages;
mod stories;
mod story;

#[global_allocator]
static ALLOCATOR: densa_alloc::CountingAllocator = densa_alloc::CountingAllocator::system();
