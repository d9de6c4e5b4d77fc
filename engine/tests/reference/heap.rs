//! Once a workspace has grown to what its messages need, an example that gives a result takes nothing from the heap.

/// How an example shows that it does after all, and why.
const EXCEPTIONS: [(&str, &str); 6] = [
    ("record('", "the store gives each record as a text of its own"),
    ("records('", "the store gives each record as a text of its own"),
    ("script:", "Rhai keeps its values on the heap"),
    ("Σ", "how a capital sigma is written small is left to the library"),
    ("\"email\":", "`email_address`, by which `jsonschema` checks that format, copies what it reads"),
    ("\"unique\":", "`uniqueItems` over more than a few elements takes a hash set"),
];

/// So many messages, and the workspace and the caches of libraries have grown.
const WARM: usize = 5;

/// Fails if `map` takes memory, unless the example is an exception.
pub fn is_left_alone(example: &str, mut map: impl FnMut()) {
    assert!(densa_alloc::is_active());
    if EXCEPTIONS.iter().any(|(sign, _)| example.contains(sign)) {
        return;
    }
    (0..WARM).for_each(|_| map());
    let ((), counted) = densa_alloc::measure(map);
    let taken = counted.allocs + counted.reallocs;
    assert_eq!(taken, 0, "memory is taken from the heap by\n{example}");
}
