//! How many items of an array are of a schema: the bounds, and where a partial array stands with them.

use super::formula::FormulaId;

/// Items from an index on that are of a schema: at least or at most so many.
struct Bound {
    from: u64,
    /// Which of the counted schemas.
    bit: usize,
    n: u64,
    least: bool,
}

/// What is counted in an array. Of which counted schemas an item is, and of which it is not, are its *signs*: one bit
/// for each.
pub(super) struct Counted {
    schemas: Vec<FormulaId>,
    bounds: Vec<Bound>,
}

impl Counted {
    /// `at_least` and `at_most` hold an index, a schema and a number each.
    pub(super) fn new(at_least: &[(u64, FormulaId, u64)], at_most: &[(u64, FormulaId, u64)]) -> Self {
        let all = || at_least.iter().chain(at_most);
        let mut schemas: Vec<FormulaId> = all().map(|(_, formula, _)| *formula).collect();
        schemas.sort_unstable();
        schemas.dedup();
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

    /// What is counted of no items.
    pub(super) fn none(&self) -> Vec<u64> {
        vec![0; self.bounds.len()]
    }

    /// What is counted with one more item; nothing when that is too many. Beyond the least number all counts are alike.
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

    /// Whether an array with these counts keeps to all bounds.
    pub(super) fn are_met(&self, counts: &[u64]) -> bool {
        let mut both = counts.iter().zip(&self.bounds);
        both.all(|(count, bound)| !bound.least || *count >= bound.n)
    }
}
