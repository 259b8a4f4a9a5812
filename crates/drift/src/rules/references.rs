//! References that cannot be followed. Their meaning is undecided; the rest is compared.

use std::collections::{HashMap, HashSet};

use foldhash::fast::FixedState;

use crate::comparison::Comparison;
use crate::dangling::Dangling;
use crate::findings::Drift;
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
    base: Vec<&'a Dangling>,
    revision: Vec<&'a Dangling>,
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
            match dangling.side {
                Side::Base => place.base.push(dangling),
                Side::Revision => place.revision.push(dangling),
            }
        }
    }
    // A document compared with itself has no findings, even if it has unresolved references.
    let is_itself = comparison.base.root() == comparison.revision.root();
    let is_told = |cause: &Cause<'_>| !(is_itself && cause.0 == cause.1);
    let causes: HashMap<_, Vec<_>, FixedState> = places
        .iter()
        .map(|(at, place)| (*at, place.causes().into_iter().filter(is_told).collect()))
        .collect();
    // The finding of each cause, and the places that it lists.
    let mut filed: HashMap<Cause<'_>, (usize, HashSet<_, FixedState>), FixedState> = HashMap::default();
    // The references are visited in the order in which they were met, so that a finding lists operations in document
    // order.
    for dangling in noted.in_order() {
        let reference = dangling.unresolved.reference.as_str();
        let mut last = None;
        for touched in &dangling.touched {
            let causes = causes.get(&touched.place()).into_iter().flatten();
            let is_own = |it: &&Cause<'_>| match dangling.side {
                Side::Base => it.0 == Some(reference),
                Side::Revision => it.1 == Some(reference),
            };
            for cause in causes.filter(is_own) {
                let (index, listed) = filed.entry(*cause).or_insert_with(|| {
                    let drift = drift(*cause, &dangling.unresolved.why);
                    (comparison.findings.of(drift), HashSet::default())
                });
                last = Some(*index);
                let finding = comparison.findings.get_mut(*index);
                let at = match dangling.side {
                    Side::Base => &mut finding.base_at,
                    Side::Revision => &mut finding.revision_at,
                };
                at.get_or_insert_with(|| dangling.unresolved.at.clone());
                // A reference in both documents was noted twice, so the operation may be listed already.
                if listed.insert(touched.place()) {
                    comparison.findings.touch(*index, touched.clone());
                }
            }
        }
        if let Some(index) = last {
            comparison.findings.omit(index, dangling.unlisted);
        }
    }
}

impl<'a> AtPlace<'a> {
    /// Pairs the references of both sides: equal ones, and the single remaining reference of each side.
    fn causes(&self) -> Vec<Cause<'a>> {
        let names = |list: &[&'a Dangling]| -> Vec<&'a str> {
            list.iter().map(|it| it.unresolved.reference.as_str()).collect()
        };
        let (base, revision) = (names(&self.base), names(&self.revision));
        let in_both: Vec<&str> = base.iter().copied().filter(|it| revision.contains(it)).collect();
        let left = |names: &[&'a str]| -> Vec<&'a str> {
            names.iter().copied().filter(|it| !in_both.contains(it)).collect()
        };
        let mut causes: Vec<Cause<'a>> = in_both.iter().map(|it| (Some(*it), Some(*it))).collect();
        match (left(&base).as_slice(), left(&revision).as_slice()) {
            ([old], [new]) => causes.push((Some(*old), Some(*new))),
            (old, new) => {
                causes.extend(old.iter().map(|it| (Some(*it), None)));
                causes.extend(new.iter().map(|it| (None, Some(*it))));
            }
        }
        causes
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
