//! What is compiled after a change is what would be compiled from nothing, and a change takes its place partner by partner.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]
#![allow(clippy::disallowed_methods, reason = "the engine is given bytes; somebody has to read them")]

mod edit;
mod files;
mod generations;
mod observed;

use engine::{Bundle, Environment, Memo, Variables, compile, recompile};
use proptest::prelude::*;

use edit::{Edit, edits};
use files::Files;
use observed::Observed;

fn surroundings() -> Environment {
    Environment {
        unset: Variables::Optional,
        listen: "http://127.0.0.1:1".to_owned(),
        ..Environment::default()
    }
}

/// Every mistake of the reference, made and taken back.
#[test]
fn a_mistake_is_told_as_if_it_had_always_been_there() {
    let sound = files::sound();
    let mut memo = Memo::default();
    let compare = |files: &Files, memo: &mut Memo, what: &str| {
        let bundle = Bundle::from_iter(files.list());
        let environment = Environment::default();
        let whole = Observed::of(compile(&bundle, &environment), &[]);
        assert_eq!(Observed::of(recompile(&bundle, &environment, memo), &[]), whole, "{what}");
    };
    for (name, files) in files::broken(&sound) {
        compare(&files, &mut memo, &name);
        compare(&sound, &mut memo, "sound again");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// The shipped configuration, changed again and again.
    #[test]
    fn what_was_compiled_before_changes_nothing(steps in prop::collection::vec(edits(), 1..6)) {
        let (shipped, messages) = (files::shipped(), files::messages());
        let (mut files, mut memo) = (shipped.clone(), Memo::default());
        for edits in steps {
            Edit::apply_all(&edits, &mut files, &shipped);
            let bundle = Bundle::from_iter(files.list());
            let whole = Observed::of(compile(&bundle, &surroundings()), &messages);
            let again = Observed::of(recompile(&bundle, &surroundings(), &mut memo), &messages);
            prop_assert_eq!(again, whole);
        }
    }
}

#[test]
fn what_does_not_change_is_the_same_as_before() {
    let mut files = files::shipped();
    let mut memo = Memo::default();
    let mut engine = |files: &Files| {
        let compiled = recompile(&Bundle::from_iter(files.list()), &surroundings(), &mut memo);
        compiled.engine.unwrap()
    };
    let route = |engine: &engine::Engine, name: &str| {
        std::sync::Arc::as_ptr(engine.routes().find(|route| *route.name == *name).unwrap()).addr()
    };
    let first = engine(&files);
    // What goodfin takes and how often it is asked concerns nobody who sends to it.
    files.replace("mappings/goodfin/partner.yaml", "attempts: 12", "attempts: 11");
    let second = engine(&files);
    assert_eq!(second.endpoint("goodfin/openapi_in").unwrap().retry.attempts, 11);
    let theirs = "itfinance/add-deal-application";
    assert_eq!(route(&first, theirs), route(&second, theirs));
    assert_ne!(route(&first, "goodfin/common-response"), route(&second, "goodfin/common-response"));
    // A schema that its routes write by does.
    files.replace("schemas/goodfin/openapi-in.json", "\"title\": \"", "\"title\": \"A ");
    let third = engine(&files);
    assert_ne!(route(&second, "itfinance/status-changed"), route(&third, "itfinance/status-changed"));
    assert_eq!(route(&second, "itfinance-sandbox/token"), route(&third, "itfinance-sandbox/token"));
}
