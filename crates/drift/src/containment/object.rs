//! The constraints on an object: the names that must, may and cannot be present, and the schemas of their values.

use super::formula::{FormulaId, Text};
use super::literal::Literal;
use super::sorted::{MultiMap, SortedSet};

/// The constraints on an object.
#[derive(Clone, Debug, Default)]
pub(super) struct Objects {
    pub(super) has: SortedSet<Text>,
    pub(super) lacks: SortedSet<Text>,
    pub(super) props: MultiMap<Text, FormulaId>,
    pub(super) names: Vec<(FormulaId, FormulaId)>,
    pub(super) some: Vec<(FormulaId, FormulaId)>,
    pub(super) min: u64,
    pub(super) max: Option<u64>,
}

impl Objects {
    pub(super) fn add(&mut self, literal: &Literal) -> bool {
        match literal {
            Literal::Has(name) => {
                self.has.insert(*name);
                if self.lacks.contains(*name) {
                    return false;
                }
            }
            Literal::Lacks(name) => {
                self.lacks.insert(*name);
                if self.has.contains(*name) {
                    return false;
                }
            }
            Literal::Prop(name, formula) => self.props.push(*name, *formula),
            Literal::Names(names, formula) => self.names.push((*names, *formula)),
            Literal::SomeName(names, formula) => self.some.push((*names, *formula)),
            Literal::MinProps(n) => self.min = self.min.max(*n),
            Literal::MaxProps(n) => self.max = Some(self.max.map_or(*n, |old| old.min(*n))),
            _ => {}
        }
        let least = self.min.max(self.has.len() as u64);
        self.max.is_none_or(|max| least <= max)
    }

    /// Whether a literal holds or fails, if this is known without a search.
    pub(super) fn knows(&self, literal: &Literal) -> Option<bool> {
        match literal {
            Literal::Has(name) if self.has.contains(*name) => Some(true),
            Literal::Has(name) if self.lacks.contains(*name) => Some(false),
            Literal::Lacks(name) if self.has.contains(*name) => Some(false),
            Literal::Lacks(name) if self.lacks.contains(*name) => Some(true),
            Literal::Prop(name, _) if self.lacks.contains(*name) => Some(true),
            Literal::Prop(name, formula) if self.props.of(*name).any(|it| it == *formula) => Some(true),
            Literal::Names(names, formula) if self.names.contains(&(*names, *formula)) => Some(true),
            Literal::MinProps(n) if self.min.max(self.has.len() as u64) >= *n => Some(true),
            Literal::MinProps(n) if self.max.is_some_and(|max| max < *n) => Some(false),
            Literal::MaxProps(n) if self.max.is_some_and(|max| max <= *n) => Some(true),
            Literal::MaxProps(n) if self.min.max(self.has.len() as u64) > *n => Some(false),
            _ => None,
        }
    }

    /// The cost of a copy, in small operations.
    pub(super) fn size(&self) -> usize {
        2 * (self.has.len() + self.lacks.len() + self.props.len() + self.names.len() + self.some.len()) + 8
    }

    /// Lets copies from now on share the names.
    pub(super) fn share(&mut self) {
        self.has.share();
        self.lacks.share();
        self.props.share();
    }

    pub(super) fn must_have(&self, name: Text) -> bool {
        self.has.contains(name)
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
        let [has, lacks, may] = [Text(0), Text(1), Text(2)];
        let mut objects = Objects::default();
        for literal in [
            Literal::Has(has),
            Literal::Lacks(lacks),
            Literal::Prop(may, ONE),
            Literal::Names(ONE, OTHER),
            Literal::MinProps(3),
            Literal::MaxProps(5),
        ] {
            assert!(objects.add(&literal));
        }
        for (literal, known) in [
            (Literal::Has(has), Some(true)),
            (Literal::Has(lacks), Some(false)),
            (Literal::Has(may), None),
            (Literal::Lacks(has), Some(false)),
            (Literal::Lacks(lacks), Some(true)),
            (Literal::Lacks(may), None),
            (Literal::Prop(lacks, OTHER), Some(true)),
            (Literal::Prop(may, ONE), Some(true)),
            (Literal::Prop(may, OTHER), None),
            (Literal::Prop(has, ONE), None),
            (Literal::Names(ONE, OTHER), Some(true)),
            (Literal::Names(OTHER, ONE), None),
            (Literal::MinProps(3), Some(true)),
            (Literal::MinProps(4), None),
            (Literal::MinProps(5), None),
            (Literal::MinProps(6), Some(false)),
            (Literal::MaxProps(6), Some(true)),
            (Literal::MaxProps(5), Some(true)),
            (Literal::MaxProps(4), None),
            (Literal::MaxProps(3), None),
            (Literal::MaxProps(2), Some(false)),
        ] {
            assert_eq!(objects.knows(&literal), known, "{literal:?}");
        }
        // A required name counts.
        let mut objects = Objects::default();
        assert!(objects.add(&Literal::Has(has)));
        assert_eq!(objects.knows(&Literal::MinProps(1)), Some(true));
        assert_eq!(objects.knows(&Literal::MaxProps(0)), Some(false));
        assert_eq!(objects.knows(&Literal::MaxProps(1)), None);
        assert!(objects.add(&Literal::MaxProps(1)));
        assert!(!objects.add(&Literal::Has(may)));
    }
}
