//! Finds the corresponding schemas one step deeper than a pair: of properties, items and parts of an `allOf`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use openapi_document::{Located, pointer};

use crate::diff::face::{Condition, Face};
use crate::diff::pair::Both;
use crate::report::Side;
use crate::schema::reader::Reader;
use crate::unchanged::Unchanged;

/// Two corresponding schemas one step deeper.
pub(super) struct Child<'d> {
    pub(super) step: String,
    pub(super) base: Located<'d>,
    pub(super) revision: Located<'d>,
    /// Whether they describe items instead of properties.
    pub(super) items: bool,
    /// The names that other parts declare for the same value.
    pub(super) beside: [BTreeSet<&'d str>; 2],
    /// Further schemas of each document for the same value.
    pub(super) further: [Vec<Located<'d>>; 2],
}

impl<'d> Child<'d> {
    fn new(step: String, base: Located<'d>, revision: Located<'d>, items: bool) -> Self {
        Self {
            step,
            base,
            revision,
            items,
            beside: Default::default(),
            further: Default::default(),
        }
    }

    /// Two schemas for the same value.
    pub(super) fn in_place((base, revision): (Located<'d>, Located<'d>)) -> Self {
        Self::new(String::new(), base, revision, false)
    }
}

/// Pairs of corresponding schemas one step deeper.
pub(super) fn children<'d>(both: &Both<'_, 'd>) -> Vec<Child<'d>> {
    let (base, revision) = (both.base, both.revision);
    let mut pairs = Vec::new();
    let mut pair = |step: String, old: &Located<'d>, new: &Located<'d>, items: bool| {
        pairs.push(Child::new(step, old.clone(), new.clone(), items));
    };
    for &name in base.properties.keys().chain(
        revision
            .properties
            .keys()
            .filter(|it| !base.properties.contains_key(*it)),
    ) {
        let step = || pointer::join("", name);
        match (base.property(name), revision.property(name)) {
            (Some(old), Some(new)) => pair(step(), old, new, false),
            // A name that only one side declares belongs to the map of the other side.
            (Some(old), None) if !revision.declares(name) => {
                if let Some(new) = revision.further_names() {
                    pair(step(), old, new, false);
                }
            }
            (None, Some(new)) if !base.declares(name) => {
                if let Some(old) = base.further_names() {
                    pair(step(), old, new, false);
                }
            }
            _ => {}
        }
    }
    let (old, new) = (by_name(base), by_name(revision));
    for (name, conditions) in &old {
        let is_certain = base.properties.contains_key(name) || revision.properties.contains_key(name);
        let Some(others) = new.get(name).filter(|_| !is_certain) else {
            continue;
        };
        for (condition, old) in conditions {
            // If several parts describe a property under the same condition, none of them is complete.
            let said = conditions.iter().filter(|it| it.0 == *condition).count();
            let mut of_condition = others.iter().filter(|it| it.0 == *condition);
            if let (1, Some((_, new)), None) = (said, of_condition.next(), of_condition.next()) {
                pair(pointer::join("", name), old, new, false);
            }
        }
    }
    if let (Some(old), Some(new)) = (base.further_names(), revision.further_names()) {
        pair("/*".to_owned(), old, new, false);
    }
    if let ([old], [new]) = (base.items.as_slice(), revision.items.as_slice()) {
        pair("/*".to_owned(), old, new, true);
    }
    for (index, both) in base.prefix.iter().zip(&revision.prefix).enumerate() {
        if let ([old], [new]) = (both.0.as_slice(), both.1.as_slice()) {
            pair(format!("/{index}"), old, new, true);
        }
    }
    let (old, new) = (by_pattern(base), by_pattern(revision));
    for (pattern, _) in &base.patterns {
        if let (Some(Some(old)), Some(Some(new))) = (old.get(pattern), new.get(pattern)) {
            pair("/*".to_owned(), old, new, false);
        }
    }
    pairs
}

/// The schemas of names that match a pattern, or `None` if several parts have the pattern, so that none of them is
/// complete.
fn by_pattern<'f, 'd>(face: &'f Face<'d>) -> HashMap<&'d str, Option<&'f Located<'d>>> {
    let mut all = HashMap::new();
    for (pattern, place) in &face.patterns {
        all.entry(*pattern)
            .and_modify(|it| *it = None)
            .or_insert(Some(place));
    }
    all
}

/// Maximum number of conditions on one property; with more, only the surrounding schema is compared.
const MOST_CONDITIONS: usize = 32;

/// The schemas that apply under conditions, by property.
fn by_name<'f, 'd>(face: &'f Face<'d>) -> BTreeMap<&'d str, Vec<(Condition<'d>, &'f Located<'d>)>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (condition, name, place) in &face.conditions {
        all.entry(*name).or_default().push((*condition, place));
    }
    all.retain(|_, conditions| conditions.len() <= MOST_CONDITIONS);
    all
}

/// Pairs of schemas that describe one property, or items, in several parts of an `allOf` each. No other part
/// describes what changed in one part, so no part hides the effect of a change in another one.
pub(super) fn overlapping<'d>(
    unchanged: &Unchanged<'d>,
    reader: &mut Reader<'d>,
    both: &Both<'_, 'd>,
) -> Vec<Child<'d>> {
    let mut pairs = Vec::new();
    let (base, revision) = (both.base, both.revision);
    let properties = base.properties.iter().filter_map(|(name, old)| {
        let new = revision.properties.get(name)?;
        Some((pointer::join("", name), old, new, false))
    });
    let items = std::iter::once(("/*".to_owned(), &base.items, &revision.items, true));
    let first_items = base.prefix.iter().zip(&revision.prefix).enumerate();
    let first_items = first_items.map(|(index, (old, new))| (format!("/{index}"), old, new, true));
    for (step, old, new, items) in properties.chain(items).chain(first_items) {
        let is_single = old.len() < 2 && new.len() < 2;
        if is_single || old.is_empty() || new.is_empty() {
            continue;
        }
        let changed: Vec<usize> = if old.len() == new.len() {
            (0..old.len())
                .filter(|&index| !unchanged.same(old[index].node, new[index].node))
                .collect()
        } else {
            Vec::new()
        };
        if changed.is_empty() && old.len() == new.len() {
            continue;
        }
        // A closed part refuses the names that another part declares.
        let mut limits_names = false;
        let mut names = |index: usize| {
            [(Side::Base, &old[index]), (Side::Revision, &new[index])].map(|(side, place)| {
                let face = Face::of(reader, side, place, both.direction());
                limits_names |= face.limits_names();
                face.all_names()
            })
        };
        let said: Vec<[BTreeSet<&str>; 2]> = if changed.is_empty() {
            Vec::new()
        } else {
            (0..old.len()).map(&mut names).collect()
        };
        let all = |index: usize| -> BTreeSet<&str> { said[index].iter().flatten().copied().collect() };
        let stands_alone = |index: usize| {
            let mut others = (0..said.len()).filter(|other| *other != index);
            !all(index).is_empty() && others.all(|other| all(other).is_disjoint(&all(index)))
        };
        let beside = |index: usize| {
            [0, 1].map(|side| {
                let others = said.iter().enumerate().filter(|(other, _)| *other != index);
                others.flat_map(|(_, said)| said[side].iter().copied()).collect()
            })
        };
        if changed.is_empty() || limits_names || !changed.iter().all(|&index| stands_alone(index)) {
            pairs.extend(together(unchanged, reader, both, (step, old, new, items)));
            continue;
        }
        pairs.extend(changed.into_iter().map(|index| Child {
            beside: beside(index),
            ..Child::new(step.clone(), old[index].clone(), new[index].clone(), items)
        }));
    }
    pairs
}

/// Maximum number of schemas for the same value; with more, only the surrounding schema is compared.
const MOST_TOGETHER: usize = 8;

/// All schemas for one property, or for the items, as one group for each document, because none of them is complete.
/// The changed schema comes first, because it provides the location of the drift.
fn together<'d>(
    unchanged: &Unchanged<'d>,
    reader: &mut Reader<'d>,
    both: &Both<'_, 'd>,
    (step, old, new, items): (String, &[Located<'d>], &[Located<'d>], bool),
) -> Option<Child<'d>> {
    if old.len().max(new.len()) > MOST_TOGETHER {
        return None;
    }
    let first_changed = |own: &[Located<'d>], is_kept: &dyn Fn(&Located<'d>) -> bool| {
        let mut own = own.to_vec();
        let first = own.iter().position(|it| !is_kept(it)).unwrap_or_default();
        own[..=first].rotate_right(1);
        own
    };
    let old = first_changed(old, &|it| {
        new.iter().any(|other| unchanged.same(it.node, other.node))
    });
    let new = first_changed(new, &|it| {
        old.iter().any(|other| unchanged.same(other.node, it.node))
    });
    // A single part does not determine which alternatives hold for the whole.
    let is_plain = [(Side::Base, &old), (Side::Revision, &new)]
        .into_iter()
        .all(|(side, places)| {
            let face = Face::of_all(reader, side, places, both.direction());
            face.unions.is_empty() && face.discriminator.is_none()
        });
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    let child = Child::new(step, old.next()?, new.next()?, items);
    is_plain.then_some(Child {
        further: [old.collect(), new.collect()],
        ..child
    })
}
