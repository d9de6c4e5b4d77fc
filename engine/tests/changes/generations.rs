//! Changes that take their place, and those that do not.

use std::collections::BTreeSet;

use engine::diagnostic::render::text;
use engine::{Advance, Bundle, Environment, Fate, File, Generation, Memo, compile};
use proptest::prelude::*;

use super::edit::{Edit, edits};
use super::files;
use super::observed::{outcomes, sheets};
use super::surroundings;

/// A partner that sends its orders to another.
fn partner(name: &str, to: &str) -> [(String, String); 2] {
    let contract = format!(
        "partner: {name}\nchannels: {{in: {{post: /{name}, auth: none, message: kind, messages: {{Order: null}}}}}}\n\
         endpoints: {{take: {{post: \"https://{name}.example\", auth: none}}}}\n"
    );
    let route = format!("receive: in\nmessage: Order\nsend: {to}/take\nmap: {{id: id}}\n");
    [(format!("mappings/{name}/partner.yaml"), contract), (format!("mappings/{name}/order.yaml"), route)]
}

struct Story {
    files: Vec<(String, String)>,
    generation: Generation,
    memo: Memo,
}

impl Story {
    /// Two shops that send to a bank.
    fn new() -> Self {
        let files: Vec<_> =
            [partner("bank", "bank"), partner("shop", "bank"), partner("stall", "bank")].concat();
        let mut memo = Memo::default();
        let first = Generation::new(bundle(&files), &Environment::default(), &mut memo);
        let Ok((generation, ..)) = first else { panic!("it is sound") };
        Self { files, generation, memo }
    }

    fn edit(&mut self, path: &str, text: &str, by: &str) -> &mut Self {
        let (_, file) = self.files.iter_mut().find(|(known, _)| known == path).unwrap();
        assert!(file.contains(text), "{path}");
        *file = file.replace(text, by);
        self
    }

    fn remove(&mut self, folder: &str) -> &mut Self {
        self.files.retain(|(path, _)| !path.starts_with(folder));
        self
    }

    /// What became of each partner, and what was said.
    fn advance(&mut self) -> (Vec<String>, String) {
        let wanted = bundle(&self.files);
        let advance = self.generation.advance(&wanted, &Environment::default(), &mut self.memo);
        let Advance { generation, fates, diagnostics, sources } = advance;
        self.generation = generation;
        let fates = fates.into_iter().map(|(partner, fate)| match fate {
            Fate::Held { by } => format!("{partner} held by {}", Vec::from_iter(by).join(" ")),
            fate => format!("{partner} {}", format!("{fate:?}").to_lowercase()),
        });
        (fates.collect(), text::render(&diagnostics.into_sorted(&sources), &sources, false))
    }

    fn routes(&self) -> Vec<String> {
        self.generation.engine().routes().map(|route| route.name.to_string()).collect()
    }
}

fn bundle(files: &[(String, String)]) -> Bundle {
    files.iter().map(|(path, text)| File { path: path.clone(), bytes: text.clone().into_bytes() }).collect()
}

#[test]
fn a_partner_with_a_mistake_keeps_what_worked_and_nobody_else_notices() {
    let mut story = Story::new();
    story.edit("mappings/shop/order.yaml", "map: {id: id}", "map: {id: idd(}");
    story.edit("mappings/stall/order.yaml", "map: {id: id}", "map: {id: number}");
    let (fates, told) = story.advance();
    assert_eq!(fates, ["bank unchanged", "shop broken", "stall changed"]);
    assert!(told.contains("mappings/shop/order.yaml:4"), "{told}");
    let sheets = sheets(story.generation.engine()).join("\n");
    assert!(sheets.contains("\"number\"") && sheets.contains("\"id\""), "{sheets}");
    // The mistake is still there, and is told again.
    let (fates, told) = story.advance();
    assert_eq!(fates, ["bank unchanged", "shop broken", "stall unchanged"]);
    assert!(told.contains("mappings/shop/order.yaml:4"), "{told}");
    story.edit("mappings/shop/order.yaml", "idd(", "idd");
    assert_eq!(
        story.advance(),
        (["bank unchanged", "shop changed", "stall unchanged"].map(str::to_owned).into(), String::new())
    );
}

#[test]
fn what_others_need_stays() {
    let mut story = Story::new();
    story.edit("mappings/bank/partner.yaml", "take:", "accept:").edit(
        "mappings/bank/order.yaml",
        "bank/take",
        "bank/accept",
    );
    let (fates, told) = story.advance();
    assert_eq!(fates, ["bank held by shop stall", "shop unchanged", "stall unchanged"]);
    assert!(told.contains("there is no endpoint `bank/take`"), "{told}");
    // One of two follows: it cannot go alone.
    story.edit("mappings/shop/order.yaml", "bank/take", "bank/accept");
    assert_eq!(story.advance().0, ["bank held by stall", "shop held by bank", "stall unchanged"]);
    story.edit("mappings/stall/order.yaml", "bank/take", "bank/accept");
    assert_eq!(story.advance().0, ["bank changed", "shop changed", "stall changed"]);
}

#[test]
fn partners_come_and_go() {
    let mut story = Story::new();
    story.files.extend(partner("kiosk", "nobody"));
    story.remove("mappings/stall");
    let (fates, told) = story.advance();
    assert_eq!(fates, ["bank unchanged", "kiosk broken", "shop unchanged", "stall removed"]);
    assert!(told.contains("there is no endpoint `nobody/take`"), "{told}");
    assert_eq!(story.routes(), ["bank/order", "shop/order"]);
    story.edit("mappings/kiosk/order.yaml", "nobody", "bank").remove("mappings/bank");
    // A bank that others send to does not go.
    assert_eq!(story.advance().0, ["bank held by shop", "kiosk broken", "shop unchanged"]);
    story.remove("mappings/shop").remove("mappings/kiosk");
    assert_eq!(story.advance().0, ["bank removed", "shop removed"]);
    assert_eq!(story.routes(), [""; 0]);
}

#[test]
fn of_two_that_want_one_path_the_one_that_had_it_keeps_it() {
    let mut story = Story::new();
    story.edit("mappings/bank/partner.yaml", "post: /bank", "post: /shop");
    assert_eq!(story.advance().0, ["bank held by shop", "shop unchanged", "stall unchanged"]);
    story.edit("mappings/shop/partner.yaml", "post: /shop", "post: /other");
    assert_eq!(story.advance().0, ["bank changed", "shop changed", "stall unchanged"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever is done to the files, what runs has no mistake, and is of each partner the new files or the last ones.
    #[test]
    fn what_runs_is_sound(steps in prop::collection::vec(edits(), 1..6)) {
        let (shipped, messages) = (files::shipped(), files::messages());
        let (mut files, mut memo) = (shipped.clone(), Memo::default());
        let first = Generation::new(Bundle::from_iter(shipped.list()), &surroundings(), &mut memo);
        let Ok((mut generation, ..)) = first else { panic!("it is sound") };
        for edits in steps {
            Edit::apply_all(&edits, &mut files, &shipped);
            let wanted = Bundle::from_iter(files.list());
            let Advance { generation: next, fates, diagnostics, .. } =
                generation.advance(&wanted, &surroundings(), &mut memo);
            let compiled = compile(next.bundle(), &surroundings());
            let whole = compiled.engine.expect("what runs is sound");
            prop_assert_eq!(sheets(next.engine()), sheets(&whole));
            prop_assert_eq!(outcomes(next.engine(), &messages), outcomes(&whole, &messages));
            for (partner, fate) in &fates {
                let of = match fate {
                    Fate::Changed | Fate::Removed => &wanted,
                    Fate::Unchanged | Fate::Broken | Fate::Held { .. } => generation.bundle(),
                };
                prop_assert!(next.bundle().agrees(of, partner), "{partner} {fate:?}");
            }
            let partners: BTreeSet<&str> = next.bundle().partners().collect();
            prop_assert!(partners.iter().all(|partner| fates.contains_key(*partner)));
            let taken = fates.values().all(|fate| matches!(fate, Fate::Unchanged | Fate::Changed | Fate::Removed));
            prop_assert_eq!(taken, !diagnostics.has_errors());
            generation = next;
        }
    }
}
