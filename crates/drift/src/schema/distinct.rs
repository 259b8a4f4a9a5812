//! Items that must differ from each other, each with a schema of its own.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::array::Arrays;
use super::node::{Map, NodeId};
use super::outcome::Outcome;
use super::solve::Solver;

/// Arrays of which every position's values are listed are no longer than this.
const LISTED: usize = 40;

impl Solver<'_> {
    /// Different items, where nothing counts them: a position of which fewer values are known than there are items is
    /// matched with one of them, any other has a value left. `None` when a position's values could not be listed.
    pub(super) fn distinct(&mut self, arrays: &Arrays, length: u64) -> Option<Outcome> {
        let length = usize::try_from(length).ok().filter(|length| *length <= LISTED)?;
        let mut listed: Vec<Vec<(NodeId, Rc<Value>)>> = Vec::new();
        for index in 0..length {
            let mut item = arrays.at(index as u64);
            let mut values = Vec::new();
            while values.len() < length {
                match self.solve(&item) {
                    Outcome::Sat(value) => {
                        let this = self.lowering.value(&value);
                        item.push(self.arena().not(this));
                        values.push((this, value));
                    }
                    Outcome::Empty => break,
                    Outcome::Unknown { .. } => return None,
                }
            }
            listed.push(values);
        }
        // The scarcest are matched first, so that those with a value for every position come last.
        let mut order: Vec<usize> = (0..length).collect();
        order.sort_by_key(|index| listed[*index].len());
        let mut holders: Map<NodeId, usize> = Map::default();
        for index in order {
            if !matched(index, &listed, &mut holders, &mut BTreeSet::new()) {
                return Some(Outcome::Empty);
            }
        }
        let mut items = vec![Value::Null; length];
        for (value, index) in &holders {
            let held = listed[*index].iter().find(|(this, _)| this == value)?;
            items[*index] = (*held.1).clone();
        }
        Some(Outcome::sat(Value::Array(items)))
    }
}

/// Finds a value for a position, moving others to other values where that helps.
fn matched(
    index: usize,
    listed: &[Vec<(NodeId, Rc<Value>)>],
    holders: &mut Map<NodeId, usize>,
    asked: &mut BTreeSet<NodeId>,
) -> bool {
    for (value, _) in &listed[index] {
        if !asked.insert(*value) {
            continue;
        }
        let is_free = match holders.get(value).copied() {
            None => true,
            Some(holder) => matched(holder, listed, holders, asked),
        };
        if is_free {
            holders.insert(*value, index);
            return true;
        }
    }
    false
}
