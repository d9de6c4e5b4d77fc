//! How each partner stands: since when it works by its files, and whether others wait to be mended.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Changed, Report};

/// The partners' standings, by name.
#[derive(Debug, Clone, Default)]
pub struct Standings {
    pub partners: BTreeMap<String, Standing>,
    /// How often the files were read.
    pub reloads: u64,
    /// The mistakes of the last time, as `tolmach check` shows them.
    pub mistakes: String,
}

/// How one partner stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Counts from 1, and grows when its files change.
    pub generation: u64,
    /// Since when it works by them.
    pub since: Timestamp,
    pub condition: Condition,
}

/// Whether a partner works by its files as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    Good,
    /// They have mistakes, and it works by those before.
    Broken,
    /// They do not go together with those of these partners, and it works by those before.
    Held {
        by: Vec<String>,
    },
}

impl Standings {
    /// All at work since `now`.
    pub fn new<'p>(partners: impl IntoIterator<Item = &'p str>, now: Timestamp) -> Self {
        let first = |partner: &str| (partner.to_owned(), Standing::first(now));
        let partners = partners.into_iter().filter(|partner| !partner.is_empty()).map(first).collect();
        Self { partners, ..Self::default() }
    }

    /// The partners that do not work by their files as they are now.
    pub fn stale(&self) -> impl Iterator<Item = &str> {
        let stale = |(_, standing): &(&String, &Standing)| standing.condition != Condition::Good;
        self.partners.iter().filter(stale).map(|(partner, _)| partner.as_str())
    }

    /// What a reload has changed of it.
    pub(super) fn note(&mut self, report: &Report, now: Timestamp) {
        self.reloads += 1;
        if report.error.is_some() {
            return;
        }
        self.mistakes.clone_from(&report.mistakes);
        // Whoever is not told of is as its files are.
        self.partners.values_mut().for_each(|standing| standing.condition = Condition::Good);
        for Changed { partner, fate, by } in &report.partners {
            if fate == "removed" {
                self.partners.remove(partner);
                continue;
            }
            let standing = self.partners.entry(partner.clone()).or_insert_with(|| Standing::before(now));
            match fate.as_str() {
                "broken" => standing.condition = Condition::Broken,
                "held" => standing.condition = Condition::Held { by: by.clone() },
                _ => *standing = Standing { generation: standing.generation + 1, ..Standing::first(now) },
            }
        }
    }
}

impl Standing {
    fn first(now: Timestamp) -> Self {
        Self { generation: 1, since: now, condition: Condition::Good }
    }

    /// Of one that is not at work yet.
    fn before(now: Timestamp) -> Self {
        Self { generation: 0, ..Self::first(now) }
    }
}

impl Condition {
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Broken => "broken",
            Self::Held { .. } => "held",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(partners: &[(&str, &str)]) -> Report {
        let changed = |(partner, fate): &(&str, &str)| Changed {
            partner: (*partner).to_owned(),
            fate: (*fate).to_owned(),
            by: Vec::new(),
        };
        let mut report = Report::default();
        report.partners = partners.iter().map(changed).collect();
        report
    }

    #[test]
    fn a_mistake_leaves_the_generation_and_is_forgotten_once_mended() {
        let (start, later) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let mut standings = Standings::new(["", "bank", "shop"], start);
        standings.note(&report(&[("bank", "broken"), ("shop", "changed"), ("new", "broken")]), later);
        let standing = |generation, since, condition| Standing { generation, since, condition };
        let expected = [
            ("bank", standing(1, start, Condition::Broken)),
            ("new", standing(0, later, Condition::Broken)),
            ("shop", standing(2, later, Condition::Good)),
        ];
        let expected = expected.into_iter().map(|(partner, standing)| (partner.to_owned(), standing));
        assert_eq!(standings.partners, expected.collect());
        standings.note(&report(&[("shop", "removed"), ("new", "changed")]), later);
        assert_eq!(standings.partners.get("bank"), Some(&standing(1, start, Condition::Good)));
        assert_eq!(standings.partners.get("new"), Some(&standing(1, later, Condition::Good)));
        assert_eq!(standings.partners.len(), 2);
    }
}
