//! References that lead nowhere we can read. What they stand for is undecided; the rest is compared.

use std::collections::BTreeMap;

use crate::comparison::{Comparison, Dangling};
use crate::findings::Drift;
use crate::report::{Level, Side};
use crate::rule::Rule;

pub(crate) const RULES: &[&Rule] = &[&UNRESOLVED, &UNRESOLVED_IN_BOTH];

const UNRESOLVED: Rule = Rule {
    id: "reference-unresolved",
    level: Level::Risky,
    explanation: "A reference leads nowhere or out of the document, in one of the two documents: what stands there is not compared.",
};
const UNRESOLVED_IN_BOTH: Rule = Rule {
    id: "reference-unresolved-in-both",
    level: Level::Cosmetic,
    explanation: "Both documents have the same reference that leads nowhere or out of the document: what stands there is not compared.",
};

/// Files what was noted along the way.
pub(crate) fn report(comparison: &mut Comparison<'_>) {
    let noted = std::mem::take(&mut comparison.dangling);
    let mut by_reference: BTreeMap<String, Vec<(Side, Dangling)>> = BTreeMap::new();
    for ((side, _), dangling) in noted {
        by_reference
            .entry(dangling.unresolved.reference.clone())
            .or_default()
            .push((side, dangling));
    }
    for (reference, places) in by_reference {
        let at = |side: Side| {
            places
                .iter()
                .find(|(own, _)| *own == side)
                .map(|(_, dangling)| dangling.unresolved.at.clone())
        };
        let (base_at, revision_at) = (at(Side::Base), at(Side::Revision));
        let rule = if base_at.is_some() && revision_at.is_some() {
            &UNRESOLVED_IN_BOTH
        } else {
            &UNRESOLVED
        };
        let why = places[0].1.unresolved.why.clone();
        let title = format!("the reference `{reference}` cannot be followed: {why}");
        let mut drift = Drift::new(rule, reference, title).undecided(why);
        (drift.base_at, drift.revision_at) = (base_at, revision_at);
        let index = comparison.findings.of(drift);
        for touched in places.into_iter().flat_map(|(_, dangling)| dangling.touched) {
            comparison.findings.touch(index, touched);
        }
    }
}
