//! References that cannot be followed. Their meaning is undecided; the rest is compared.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::comparison::Comparison;
use crate::findings::{Drift, Place};
use crate::report::{Level, Side};
use crate::rule::{Affects, Rule};

pub(crate) const RULES: &[&Rule] = &[&UNRESOLVED, &UNRESOLVED_IN_BOTH];

pub(crate) const UNRESOLVED: Rule = Rule {
    id: "reference-unresolved",
    level: Level::Risky,
    affects: Affects::Both,
    explanation: "A reference in one document leads to nothing or out of the document, so what it means is not compared.",
    mend: "Tell the vendor, and compare the place by hand.",
    readings: &[11],
};
const UNRESOLVED_IN_BOTH: Rule = Rule {
    id: "reference-unresolved-in-both",
    level: Level::Cosmetic,
    affects: Affects::Both,
    explanation: "Both documents have the same reference that leads to nothing or out of the document, so what it means is not compared.",
    mend: "Tell the vendor.",
    readings: &[11],
};

/// The unresolved references at one place of an operation's messages.
#[derive(Default)]
struct AtPlace<'a> {
    base: HashSet<&'a str, FixedState>,
    revision: HashSet<&'a str, FixedState>,
    /// The single reference of each side that the other side does not have, if each side has one.
    replaced: Option<(&'a str, &'a str)>,
}

/// The references of one finding: one of the base, one of the revision, or one of each at the same place.
type Cause<'a> = (Option<&'a str>, Option<&'a str>);

/// Reports the references that the comparison noted: one finding for each reference, or for each pair of a reference
/// and its replacement.
///
/// See reading 11 in `docs/readings.md`.
pub(crate) fn report(comparison: &mut Comparison<'_>) {
    let noted = std::mem::take(&mut comparison.dangling);
    let mut places: HashMap<_, AtPlace<'_>, FixedState> = HashMap::default();
    for dangling in noted.in_order() {
        for touched in &dangling.touched {
            let place = places.entry(touched.place()).or_default();
            let own = match dangling.side {
                Side::Base => &mut place.base,
                Side::Revision => &mut place.revision,
            };
            own.insert(&dangling.unresolved.reference);
        }
    }
    places.values_mut().for_each(AtPlace::pair_up);
    // A document compared with itself has no findings, even if it has unresolved references.
    let is_itself = comparison.base.root() == comparison.revision.root();
    // The finding of each cause, and the places that it lists.
    let mut filed: HashMap<Cause<'_>, (Place, HashSet<_, FixedState>), FixedState> = HashMap::default();
    // The references are visited in the order in which they were met, so that a finding lists operations in document
    // order.
    for dangling in noted.in_order() {
        let reference = dangling.unresolved.reference.as_str();
        let mut last = None;
        for touched in &dangling.touched {
            let cause = places[&touched.place()].cause(dangling.side, reference);
            if is_itself && cause.0 == cause.1 {
                continue;
            }
            let (place, listed) = filed.entry(cause).or_insert_with(|| {
                let drift = drift(cause, &dangling.unresolved.why);
                (comparison.findings.of_kind(drift, touched), HashSet::default())
            });
            last = Some(place.index);
            if !place.is_beside {
                let finding = comparison.findings.get_mut(place.index);
                let at = match dangling.side {
                    Side::Base => &mut finding.base_at,
                    Side::Revision => &mut finding.revision_at,
                };
                at.get_or_insert_with(|| dangling.unresolved.at.clone());
            }
            // A reference in both documents was noted twice, so the operation may be listed already.
            if listed.insert(touched.place()) {
                comparison.findings.touch_at(*place, touched.clone());
            }
        }
        if let Some(index) = last {
            comparison.findings.omit(index, dangling.unlisted);
        }
    }
}

impl<'a> AtPlace<'a> {
    /// Finds the single remaining reference of each side.
    fn pair_up(&mut self) {
        let sole = |own: &HashSet<&'a str, FixedState>, other: &HashSet<&'a str, FixedState>| {
            let mut left = own.difference(other);
            left.next().copied().filter(|_| left.next().is_none())
        };
        self.replaced = sole(&self.base, &self.revision).zip(sole(&self.revision, &self.base));
    }

    /// The cause to which a reference of one side belongs: the same reference of both sides, the single remaining
    /// reference of each side, or itself.
    fn cause(&self, side: Side, reference: &'a str) -> Cause<'a> {
        if self.base.contains(reference) && self.revision.contains(reference) {
            return (Some(reference), Some(reference));
        }
        match (self.replaced, side) {
            (Some((old, new)), _) => (Some(old), Some(new)),
            (None, Side::Base) => (Some(reference), None),
            (None, Side::Revision) => (None, Some(reference)),
        }
    }
}

fn drift(cause: Cause<'_>, why: &str) -> Drift {
    let (rule, title) = match cause {
        (Some(old), Some(new)) if old != new => {
            let title = format!("the reference `{old}` became `{new}`, and neither can be followed: {why}");
            (&UNRESOLVED, title)
        }
        (Some(reference), Some(_)) => (
            &UNRESOLVED_IN_BOTH,
            format!("the reference `{reference}` cannot be followed: {why}"),
        ),
        (old, new) => {
            let reference = old.or(new).unwrap_or_default();
            let title = format!("the reference `{reference}` cannot be followed: {why}");
            (&UNRESOLVED, title)
        }
    };
    Drift::new(rule, format!("{cause:?}"), title).undecided(why)
}
