//! Bounds on the number of items that match `contains` schemas, and the counts that a partial array has reached.

use super::formula::FormulaId;
use super::sorted::distinct;

/// A bound on the number of items, from an index on, that match a schema: at least or at most `n`.
struct Bound {
    from: u64,
    /// The index of the schema among the counted ones.
    bit: usize,
    n: u64,
    least: bool,
}

/// The `contains` schemas of an array and their bounds. The *signs* of an item are a bitmask of the counted schemas
/// that it matches.
pub(super) struct ContainsCounts {
    schemas: Vec<FormulaId>,
    bounds: Vec<Bound>,
}

impl ContainsCounts {
    /// Creates the counts. `at_least` and `at_most` contain an index, a schema and a number each.
    pub(super) fn new(at_least: &[(u64, FormulaId, u64)], at_most: &[(u64, FormulaId, u64)]) -> Self {
        let all = || at_least.iter().chain(at_most);
        let schemas = distinct(all().map(|(_, formula, _)| *formula));
        let bounds = all()
            .enumerate()
            .map(|(at, (from, formula, n))| Bound {
                from: *from,
                bit: schemas.binary_search(formula).unwrap_or(0),
                n: *n,
                least: at < at_least.len(),
            })
            .collect();
        Self { schemas, bounds }
    }

    pub(super) fn schemas(&self) -> &[FormulaId] {
        &self.schemas
    }

    /// All signs that an item may have.
    pub(super) fn signs(&self) -> std::ops::Range<u32> {
        0..1 << self.schemas.len()
    }

    /// The counts of an array without items.
    pub(super) fn none(&self) -> Vec<u64> {
        vec![0; self.bounds.len()]
    }

    /// The counts after one more item; `None` if a bound is exceeded. A count stops at its lower bound, because
    /// higher counts make no difference.
    pub(super) fn with(&self, counts: &[u64], index: u64, signs: u32) -> Option<Vec<u64>> {
        let count = |(count, bound): (&u64, &Bound)| {
            let is_one = index >= bound.from && signs & (1 << bound.bit) != 0;
            let count = count + u64::from(is_one);
            if bound.least {
                Some(count.min(bound.n))
            } else {
                (count <= bound.n).then_some(count)
            }
        };
        counts.iter().zip(&self.bounds).map(count).collect()
    }

    /// Whether an array with these counts satisfies all bounds.
    pub(super) fn are_met(&self, counts: &[u64]) -> bool {
        let mut both = counts.iter().zip(&self.bounds);
        both.all(|(count, bound)| !bound.least || *count >= bound.n)
    }
}
