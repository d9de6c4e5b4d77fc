//! The functions of the language, by family. Adding one: a row in its family's `FUNCTIONS`, its body beside it,
//! its entry in `docs/functions.md`.

mod arrays;
mod calendar;
mod codes;
mod dates;
mod day;
mod decimals;
mod edges;
mod encodings;
mod figures;
mod grouping;
mod hashes;
mod ids;
mod instants;
mod logic;
mod moment;
mod numbers;
mod objects;
mod patterns;
mod records;
mod references;
mod rounding;
mod scopes;
mod signatures;
mod strings;
mod structures;

pub use patterns::Patterns;

use super::binding::Function;

/// Every family, in the order of the reference.
static FAMILIES: &[&[Function]] = &[
    arrays::FUNCTIONS,
    calendar::FUNCTIONS,
    codes::FUNCTIONS,
    dates::FUNCTIONS,
    decimals::FUNCTIONS,
    edges::FUNCTIONS,
    encodings::FUNCTIONS,
    figures::FUNCTIONS,
    grouping::FUNCTIONS,
    hashes::FUNCTIONS,
    ids::FUNCTIONS,
    instants::FUNCTIONS,
    logic::FUNCTIONS,
    numbers::FUNCTIONS,
    objects::FUNCTIONS,
    patterns::FUNCTIONS,
    records::FUNCTIONS,
    references::FUNCTIONS,
    scopes::FUNCTIONS,
    signatures::FUNCTIONS,
    strings::FUNCTIONS,
    structures::FUNCTIONS,
];

/// The function `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name)
}

/// All names.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|function| function.name)
}

fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.iter().copied().flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn a_name_is_given_once() {
        let names: BTreeSet<_> = super::names().collect();
        assert_eq!(names.len(), super::names().count());
    }
}
