//! How long a proof takes.

/// What a person asks for, or what every run of the tests has time for.
pub fn form<T>(short: T, long: T) -> T {
    match std::env::var("TOLMACH_FAULTS").as_deref() {
        Ok("long") => long,
        Ok(other) => panic!("TOLMACH_FAULTS is `long` or nothing, not `{other}`"),
        Err(_) => short,
    }
}
