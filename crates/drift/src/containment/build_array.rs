//! Builds an array that satisfies its constraints, item by item.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::array::Arrays;
use super::contains_counts::ContainsCounts;
use super::evaluate::Truth;
use super::formula::FormulaId;
use super::fuel::SPENT;
use super::literal::Literal;
use super::outcome::{Outcome, parts};
use super::solver::Solver;

/// Maximum length of an array that is built.
const LONGEST: u64 = 1_000;
/// Maximum number of different schemas whose matching items are counted.
const COUNTED: usize = 6;
/// Maximum number of partial arrays that are kept at each position.
const PARTIAL: usize = 512;

impl Solver<'_> {
    /// Checks whether the constraints, which already include these literals, leave no value for an item that a
    /// literal restricts.
    pub(super) fn look_closer_at_items(&mut self, after: &Arrays, literals: &[Literal]) -> Truth {
        for literal in literals {
            let fails = match literal {
                Literal::Item(index, _) if after.min > *index => {
                    self.solve(&after.at(*index)) == Outcome::Unsat
                }
                Literal::AtLeast(from, formula, _) => {
                    let alike = after.alike_from();
                    alike.saturating_sub(*from) <= 64
                        && (*from..=alike).all(|index| {
                            let mut item = after.at(index);
                            item.push(*formula);
                            after.max.is_some_and(|max| max <= index) || self.solve(&item) == Outcome::Unsat
                        })
                }
                _ => false,
            };
            if fails {
                return Truth::Fails;
            }
        }
        Truth::Open
    }

    pub(super) fn solve_array(&mut self, arrays: &Arrays) -> Outcome {
        let needed: u64 = arrays
            .at_least
            .iter()
            .fold(0, |sum, (_, _, n)| sum.saturating_add(*n));
        let repeats = if arrays.repeats { 2 } else { 0 };
        // Further items can be removed from any valid array, and the rest stays valid.
        let most = arrays
            .min
            .max(arrays.alike_from().saturating_add(needed).saturating_add(repeats));
        let most = arrays.max.map_or(most, |max| max.min(most));
        let counted = arrays.contains_counts();
        if counted.schemas().len() > COUNTED || arrays.min > LONGEST {
            return Outcome::unknown("an array of that length or with that many counts is not built");
        }
        let mut end = Outcome::Unsat;
        for length in arrays.min..=most {
            if length > LONGEST || !self.fuel.step() {
                return end.or(Outcome::unknown(SPENT));
            }
            if arrays.repeats {
                let alike = arrays.alike_from().saturating_add(2).min(length);
                for second in 1..alike {
                    for first in 0..second {
                        end = end.or(self.of_length(arrays, length, &counted, Some((first, second))));
                        if matches!(end, Outcome::Sat(_)) {
                            return end;
                        }
                    }
                }
            } else {
                end = end.or(self.of_length(arrays, length, &counted, None));
            }
            if matches!(end, Outcome::Sat(_)) {
                return end;
            }
        }
        end
    }

    /// Builds arrays of one length position by position, with one partial array for each state of the counts.
    fn of_length(
        &mut self,
        arrays: &Arrays,
        length: u64,
        counted: &ContainsCounts,
        equal: Option<(u64, u64)>,
    ) -> Outcome {
        let shared = equal.map(|(first, second)| {
            let mut both = arrays.at(first);
            both.extend(arrays.at(second));
            both
        });
        let mut doubt = false;
        let mut level: BTreeMap<(Vec<u64>, u32), Vec<Rc<Value>>> = BTreeMap::new();
        level.insert((counted.none(), 0), Vec::new());
        for index in 0..length {
            let is_first = equal.is_some_and(|(first, _)| first == index);
            let is_second = equal.is_some_and(|(_, second)| second == index);
            let base = match &shared {
                Some(both) if is_first || is_second => both.clone(),
                _ => arrays.at(index),
            };
            let mut next: BTreeMap<(Vec<u64>, u32), Vec<Rc<Value>>> = BTreeMap::new();
            for ((counts, sign_of_first), items) in level {
                for signs in counted.signs() {
                    if !self.fuel.step() {
                        return Outcome::unknown(SPENT);
                    }
                    if is_second && signs != sign_of_first {
                        continue;
                    }
                    let Some(counts) = counted.with(&counts, index, signs) else {
                        continue;
                    };
                    let state = (counts, if is_first { signs } else { sign_of_first });
                    if next.contains_key(&state) {
                        continue;
                    }
                    let mut item = base.clone();
                    item.extend(self.signed(counted, signs));
                    if arrays.unique {
                        self.fuel.work(8 * parts(items.iter().map(|it| &**it)));
                        for other in &items {
                            let other = self.lowering.value(other);
                            let not = self.arena().not(other);
                            item.push(not);
                        }
                    }
                    match self.solve(&item) {
                        Outcome::Sat(value) => {
                            if next.len() >= PARTIAL {
                                doubt = true;
                                continue;
                            }
                            self.fuel.work(items.len() / 8);
                            let mut items = items.clone();
                            items.push(value);
                            next.insert(state, items);
                        }
                        Outcome::Unsat => {}
                        Outcome::Unknown { .. } => doubt = true,
                    }
                }
            }
            level = next;
            if level.is_empty() {
                break;
            }
        }
        for ((counts, _), items) in level {
            if counted.are_met(&counts) {
                return Outcome::list(&items);
            }
        }
        self.none_of_length(arrays, length, counted, doubt)
    }

    /// The conjuncts that an item with these signs must satisfy.
    pub(super) fn signed(&mut self, counted: &ContainsCounts, signs: u32) -> Vec<FormulaId> {
        let schemas = counted.schemas().iter().enumerate();
        schemas
            .map(|(bit, formula)| {
                if signs & (1 << bit) != 0 {
                    *formula
                } else {
                    self.arena().not(*formula)
                }
            })
            .collect()
    }

    /// The outcome for a length for which no array was found.
    fn none_of_length(
        &mut self,
        arrays: &Arrays,
        length: u64,
        counted: &ContainsCounts,
        doubt: bool,
    ) -> Outcome {
        // If all items have the same constraints, any choice of items is equally good. Otherwise an earlier item
        // could have left more choices for a later one.
        let alike = counted.schemas().is_empty() && arrays.alike_from() == 0;
        let settled = match (doubt, arrays.unique && !alike) {
            (true, _) => None,
            (false, true) => self.unique_items(arrays, length, counted),
            (false, false) => Some(Outcome::Unsat),
        };
        settled.unwrap_or_else(|| Outcome::unknown("which items an array may hold is not settled"))
    }
}
