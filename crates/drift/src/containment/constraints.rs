//! The constraints that a search has asserted for a value of one kind, and the clauses that are still open.

use std::rc::Rc;

use super::array::Arrays;
use super::formula::FormulaId;
use super::literal::Literal;
use super::number::Numbers;
use super::object::Objects;
use super::sorted::SortedSet;
use super::string::Strings;
use super::types::Kind;

/// The conjunction of the literals that were asserted for a value of one kind.
#[derive(Clone)]
pub(super) enum Constraints {
    Null,
    Bool { yes: bool, no: bool },
    Number(Numbers),
    String(Strings),
    Array(Arrays),
    Object(Objects),
}

impl Constraints {
    pub(super) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Null => Self::Null,
            Kind::Bool => Self::Bool { yes: true, no: true },
            Kind::Number => Self::Number(Numbers::default()),
            Kind::String => Self::String(Strings::default()),
            Kind::Array => Self::Array(Arrays::default()),
            Kind::Object => Self::Object(Objects::default()),
        }
    }

    pub(super) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Bool { .. } => 1,
            Self::Number(numbers) => numbers.size(),
            Self::String(strings) => strings.size(),
            Self::Array(arrays) => arrays.size(),
            Self::Object(objects) => objects.size(),
        }
    }

    /// Adds a literal of the same kind. Returns `false` if no value is left.
    pub(super) fn add(&mut self, literal: &Literal) -> bool {
        match (self, literal) {
            (Self::Bool { yes, no }, Literal::Bool(b)) => {
                *yes &= *b;
                *no &= !*b;
                *yes || *no
            }
            (Self::Number(numbers), literal) => {
                numbers.add(literal);
                true
            }
            (Self::String(strings), literal) => strings.add(literal),
            (Self::Array(arrays), literal) => arrays.add(literal),
            (Self::Object(objects), literal) => objects.add(literal),
            _ => true,
        }
    }
}

/// A list of formulas of which at least one must hold. Copies of a state share it.
pub(super) type Clause = Rc<[FormulaId]>;

/// The state of one search.
#[derive(Clone)]
pub(super) struct SearchState {
    pub(super) kind: Kind,
    pub(super) constraints: Constraints,
    pub(super) clauses: Vec<Clause>,
    /// The references and opaque formulas asserted so far, which reveal a conflict with a negation.
    pub(super) asserted: SortedSet<FormulaId>,
    pub(super) doubt: Option<Rc<str>>,
    /// Whether no literal and no clause was asserted yet.
    pub(super) is_new: bool,
}

impl SearchState {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            constraints: Constraints::new(kind),
            clauses: Vec::new(),
            asserted: SortedSet::default(),
            doubt: None,
            is_new: true,
        }
    }

    /// Lets copies from now on share what may be long.
    pub(super) fn share(&mut self) {
        self.asserted.share();
        match &mut self.constraints {
            Constraints::Object(objects) => objects.share(),
            Constraints::Array(arrays) => arrays.share(),
            _ => {}
        }
    }

    /// The cost of a copy, in small operations.
    pub(super) fn size(&self) -> usize {
        self.constraints.size()
            + self.clauses.iter().map(|it| it.len()).sum::<usize>()
            + self.asserted.len()
            + 8
    }
}

#[cfg(test)]
mod tests {
    use super::super::formula::{Arena, Text};
    use super::*;

    /// Copies of a large state are cheap.
    #[test]
    fn a_shared_state_holds_nothing_that_a_copy_repeats() {
        let (name, any) = (Text(0), Arena::TRUE);
        for (kind, literals) in [
            (
                Kind::Object,
                &[
                    Literal::Has(name),
                    Literal::Lacks(Text(1)),
                    Literal::Prop(name, any),
                ][..],
            ),
            (Kind::Array, &[Literal::Item(0, any)]),
        ] {
            let mut state = SearchState::new(kind);
            state.asserted.insert(any);
            for literal in literals {
                assert!(state.constraints.add(literal));
            }
            let is_shared = |state: &SearchState| {
                let inside = match &state.constraints {
                    Constraints::Object(objects) => [
                        objects.has.is_shared(),
                        objects.lacks.is_shared(),
                        objects.props.is_shared(),
                    ],
                    Constraints::Array(arrays) => [arrays.is_shared(); 3],
                    _ => [false; 3],
                };
                inside.map(|it| it && state.asserted.is_shared())
            };
            assert_eq!(is_shared(&state), [false; 3]);
            state.share();
            assert_eq!(is_shared(&state), [true; 3]);
        }
    }
}
