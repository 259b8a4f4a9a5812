//! `uniqueItems`: finds an array of distinct items by matching positions with values, within the bounds of
//! `contains`.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::array::Arrays;
use super::contains_counts::ContainsCounts;
use super::formula::{FormulaId, Map};
use super::outcome::Outcome;
use super::solver::Solver;

/// Maximum length of an array for which the values of every position are listed.
const LISTED: usize = 40;
/// Maximum number of sign assignments that are tried.
const TRIED: usize = 2_000;

/// The values listed for a position, each with its formula.
type Listed = Vec<(FormulaId, Rc<Value>)>;

impl Solver<'_> {
    /// Searches for an array of `length` distinct items. A position with fewer values than there are items is matched
    /// with one of them; any other position always has an unused value. `None` if this is undecided.
    pub(super) fn unique_items(
        &mut self,
        arrays: &Arrays,
        length: u64,
        counted: &ContainsCounts,
    ) -> Option<Outcome> {
        let length = usize::try_from(length).ok().filter(|length| *length <= LISTED)?;
        let mut positions = Vec::new();
        for index in 0..length {
            let mut choices = Vec::new();
            for signs in counted.signs() {
                let mut item = arrays.at(index as u64);
                item.extend(self.signed(counted, signs));
                let values = self.some_values(item, length)?;
                if !values.is_empty() {
                    choices.push((signs, values));
                }
            }
            positions.push(choices);
        }
        let mut matching = Matching {
            positions: &positions,
            counted,
            tries: TRIED,
            chosen: Vec::new(),
            holders: Map::default(),
        };
        if !matching.complete(&counted.none(), Map::default())? {
            return Some(Outcome::Unsat);
        }
        let mut items: Vec<_> = std::iter::repeat_n(Rc::new(Value::Null), length).collect();
        for (value, index) in &matching.holders {
            let held = matching.chosen[*index].iter().find(|(this, _)| this == value)?;
            items[*index] = Rc::clone(&held.1);
        }
        Some(Outcome::list(&items))
    }

    /// All values of an item, but no more than `most`; `None` if they cannot be listed.
    fn some_values(&mut self, mut item: Vec<FormulaId>, most: usize) -> Option<Listed> {
        let mut values = Vec::new();
        while values.len() < most {
            match self.solve(&item) {
                Outcome::Sat(value) => {
                    let this = self.lowering.value(&value);
                    item.push(self.arena().not(this));
                    values.push((this, value));
                }
                Outcome::Unsat => break,
                Outcome::Unknown { .. } => return None,
            }
        }
        Some(values)
    }
}

/// The search for distinct values of all positions that satisfy the counts.
struct Matching<'p> {
    /// For each position, the signs that its item can have, with values for each of them.
    positions: &'p [Vec<(u32, Listed)>],
    counted: &'p ContainsCounts,
    tries: usize,
    /// The values of the signs that were chosen for each position so far.
    chosen: Vec<&'p Listed>,
    /// The position of each value, once all are found.
    holders: Map<FormulaId, usize>,
}

impl Matching<'_> {
    /// Extends the matching of the first positions to all positions, and returns whether this succeeds. `None` if too
    /// many assignments were tried.
    fn complete(&mut self, counts: &[u64], holders: Map<FormulaId, usize>) -> Option<bool> {
        let index = self.chosen.len();
        let Some(choices) = self.positions.get(index) else {
            self.holders = holders;
            return Some(self.counted.are_met(counts));
        };
        for (signs, values) in choices {
            self.tries = self.tries.checked_sub(1)?;
            let Some(counts) = self.counted.with(counts, index as u64, *signs) else {
                continue;
            };
            let mut holders = holders.clone();
            self.chosen.push(values);
            if self.place(index, &mut holders, &mut BTreeSet::new()) && self.complete(&counts, holders)? {
                return Some(true);
            }
            self.chosen.pop();
        }
        Some(false)
    }

    /// Finds a value for a position, and moves other positions to other values if this helps.
    fn place(
        &self,
        index: usize,
        holders: &mut Map<FormulaId, usize>,
        asked: &mut BTreeSet<FormulaId>,
    ) -> bool {
        for (value, _) in self.chosen[index] {
            if !asked.insert(*value) {
                continue;
            }
            let is_free = match holders.get(value).copied() {
                None => true,
                Some(holder) => self.place(holder, holders, asked),
            };
            if is_free {
                holders.insert(*value, index);
                return true;
            }
        }
        false
    }
}
