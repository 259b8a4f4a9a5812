//! The constraints on an array: its length, the schemas of items by position, the counts of matching items, and
//! whether items repeat.

use super::contains_counts::ContainsCounts;
use super::formula::FormulaId;
use super::literal::Literal;
use super::sorted::MultiMap;

/// The constraints on an array.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrays {
    pub(super) min: u64,
    pub(super) max: Option<u64>,
    items: MultiMap<u64, FormulaId>,
    rest: Vec<(u64, FormulaId)>,
    pub(super) at_least: Vec<(u64, FormulaId, u64)>,
    at_most: Vec<(u64, FormulaId, u64)>,
    pub(super) unique: bool,
    pub(super) repeats: bool,
}

impl Arrays {
    pub(super) fn add(&mut self, literal: &Literal) -> bool {
        match literal {
            Literal::MinItems(n) => self.min = self.min.max(*n),
            Literal::MaxItems(n) => self.max = Some(self.max.map_or(*n, |old| old.min(*n))),
            Literal::Item(index, formula) => self.items.push(*index, *formula),
            Literal::Rest(from, formula) => self.rest.push((*from, *formula)),
            Literal::AtLeast(from, formula, n) => {
                self.at_least.push((*from, *formula, *n));
                self.min = self.min.max(from.saturating_add(*n));
            }
            Literal::AtMost(from, formula, n) => self.at_most.push((*from, *formula, *n)),
            Literal::Unique => self.unique = true,
            Literal::NotUnique => {
                self.repeats = true;
                self.min = self.min.max(2);
            }
            _ => {}
        }
        self.max.is_none_or(|max| self.min <= max) && !(self.unique && self.repeats)
    }

    pub(super) fn knows(&self, literal: &Literal) -> Option<bool> {
        match literal {
            Literal::MinItems(n) if self.min >= *n => Some(true),
            Literal::MinItems(n) if self.max.is_some_and(|max| max < *n) => Some(false),
            Literal::MaxItems(n) if self.max.is_some_and(|max| max <= *n) => Some(true),
            Literal::MaxItems(n) if self.min > *n => Some(false),
            Literal::Item(index, _) if self.max.is_some_and(|max| max <= *index) => Some(true),
            Literal::Item(index, formula) if self.items.of(*index).any(|it| it == *formula) => Some(true),
            Literal::Rest(from, formula) if self.rest.contains(&(*from, *formula)) => Some(true),
            Literal::AtLeast(from, formula, n) if self.at_least.contains(&(*from, *formula, *n)) => {
                Some(true)
            }
            Literal::AtMost(from, formula, n) if self.at_most.contains(&(*from, *formula, *n)) => Some(true),
            Literal::Unique if self.unique => Some(true),
            Literal::Unique if self.repeats => Some(false),
            Literal::NotUnique if self.repeats => Some(true),
            Literal::NotUnique if self.unique => Some(false),
            _ => None,
        }
    }

    /// The cost of a copy, in small operations.
    pub(super) fn size(&self) -> usize {
        2 * (self.items.len() + self.rest.len() + self.at_least.len() + self.at_most.len()) + 8
    }

    /// Lets copies from now on share the schemas by position.
    pub(super) fn share(&mut self) {
        self.items.share();
    }

    #[cfg(test)]
    pub(super) fn is_shared(&self) -> bool {
        self.items.is_shared()
    }

    /// The conjuncts that the item at an index must satisfy.
    pub(super) fn at(&self, index: u64) -> Vec<FormulaId> {
        let rest = self
            .rest
            .iter()
            .filter(|(from, _)| *from <= index)
            .map(|(_, formula)| *formula);
        self.items.of(index).chain(rest).collect()
    }

    /// Whether items that match some schema are counted.
    pub(super) fn counts(&self) -> bool {
        !self.at_least.is_empty() || !self.at_most.is_empty()
    }

    /// The bounds on the items that match `contains` schemas.
    pub(super) fn contains_counts(&self) -> ContainsCounts {
        ContainsCounts::new(&self.at_least, &self.at_most)
    }

    /// The index from which all positions have the same constraints.
    pub(super) fn alike_from(&self) -> u64 {
        let counted = self.at_least.iter().chain(&self.at_most).map(|(from, ..)| *from);
        let after_items = self.items.last_key().map(|index| index.saturating_add(1));
        counted
            .chain(after_items)
            .chain(self.rest.iter().map(|(from, _)| *from))
            .max()
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::formula::Arena;
    use super::*;

    #[test]
    fn what_the_constraints_say_is_known_without_a_search() {
        const ONE: FormulaId = Arena::TRUE;
        const OTHER: FormulaId = Arena::FALSE;
        let given = |literals: &[Literal]| {
            let mut arrays = Arrays::default();
            assert!(literals.iter().all(|it| arrays.add(it)));
            arrays
        };
        let arrays = given(&[
            Literal::MinItems(3),
            Literal::MaxItems(5),
            Literal::Item(0, ONE),
            Literal::Rest(1, ONE),
            Literal::AtLeast(0, ONE, 2),
            Literal::AtMost(0, ONE, 4),
            Literal::Unique,
        ]);
        for (literal, known) in [
            (Literal::MinItems(3), Some(true)),
            (Literal::MinItems(4), None),
            (Literal::MinItems(5), None),
            (Literal::MinItems(6), Some(false)),
            (Literal::MaxItems(6), Some(true)),
            (Literal::MaxItems(5), Some(true)),
            (Literal::MaxItems(4), None),
            (Literal::MaxItems(3), None),
            (Literal::MaxItems(2), Some(false)),
            (Literal::Item(0, ONE), Some(true)),
            (Literal::Item(0, OTHER), None),
            (Literal::Item(4, OTHER), None),
            (Literal::Item(5, OTHER), Some(true)),
            (Literal::Rest(1, ONE), Some(true)),
            (Literal::Rest(0, ONE), None),
            (Literal::AtLeast(0, ONE, 2), Some(true)),
            (Literal::AtLeast(0, ONE, 3), None),
            (Literal::AtMost(0, ONE, 4), Some(true)),
            (Literal::AtMost(0, ONE, 3), None),
            (Literal::Unique, Some(true)),
            (Literal::NotUnique, Some(false)),
        ] {
            assert_eq!(arrays.knows(&literal), known, "{literal:?}");
        }
        assert_eq!(arrays.at(0), [ONE]);
        assert_eq!(arrays.alike_from(), 1);
        let repeating = given(&[Literal::NotUnique]);
        assert_eq!(repeating.knows(&Literal::NotUnique), Some(true));
        assert_eq!(repeating.knows(&Literal::Unique), Some(false));
        assert_eq!(repeating.knows(&Literal::MinItems(2)), Some(true));
        let free = Arrays::default();
        for literal in [
            Literal::Unique,
            Literal::NotUnique,
            Literal::MaxItems(9),
            Literal::Item(9, ONE),
        ] {
            assert_eq!(free.knows(&literal), None, "{literal:?}");
        }
    }
}
