//! Evaluates a formula under the constraints of a search, either directly or by searching the values of properties
//! and items.

use std::rc::Rc;

use super::constraints::{Constraints, SearchState};
use super::formula::{Formula, FormulaId};
use super::literal::Literal;
use super::object::Objects;
use super::outcome::Outcome;
use super::solver::Solver;
use super::types::Kind;

/// Maximum nesting of formulas whose evaluation is covered by the cost of their clause.
const CHEAP: usize = 6;

/// Maximum number of parts in such formulas.
const CHEAP_PARTS: usize = 64;

/// The truth value of a formula under some constraints: three-valued, as in Kleene's logic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Truth {
    /// The formula holds for every value that satisfies the constraints.
    Holds,
    /// The formula holds for no value that satisfies the constraints.
    Fails,
    /// Neither is known.
    Open,
}

impl Truth {
    fn of(known: Option<bool>) -> Self {
        match known {
            Some(true) => Self::Holds,
            Some(false) => Self::Fails,
            None => Self::Open,
        }
    }
}

impl Solver<'_> {
    /// Evaluates a formula under the constraints, without a search.
    pub(super) fn evaluate(&mut self, state: &SearchState, id: FormulaId) -> Truth {
        self.evaluate_inside(state, id, 0)
    }

    fn evaluate_inside(&mut self, state: &SearchState, id: FormulaId, nesting: usize) -> Truth {
        // Formulas share their parts, so a deep formula may have far more paths than parts.
        if nesting > CHEAP && !self.fuel.work(1) {
            return Truth::Open;
        }
        match self.lowering.arena.get(id) {
            Formula::Kinds(kinds) if kinds.has(state.kind) => Truth::Holds,
            Formula::Kinds(_) => Truth::Fails,
            Formula::Literal(literal) if literal.kind() != state.kind => Truth::Holds,
            Formula::Literal(literal) => match &state.constraints {
                Constraints::Object(objects) => Truth::of(objects.knows(literal)),
                Constraints::Array(arrays) => Truth::of(arrays.knows(literal)),
                Constraints::String(strings) if strings.excludes(literal) => Truth::Fails,
                bools @ Constraints::Bool { .. } if !bools.clone().add(literal) => Truth::Fails,
                _ => Truth::Open,
            },
            formula @ (Formula::And(parts) | Formula::Or(parts)) => {
                // The truth value of a part that decides the whole, and that of the whole if no part is open.
                let (decisive, otherwise) = match formula {
                    Formula::And(_) => (Truth::Fails, Truth::Holds),
                    _ => (Truth::Holds, Truth::Fails),
                };
                let parts = Rc::clone(parts);
                if parts.len() > CHEAP_PARTS && !self.fuel.work(parts.len()) {
                    return Truth::Open;
                }
                let mut whole = otherwise;
                for part in parts.iter() {
                    match self.evaluate_inside(state, *part, nesting + 1) {
                        found if found == decisive => return decisive,
                        Truth::Open => whole = Truth::Open,
                        _ => {}
                    }
                }
                whole
            }
            Formula::Ref(_) | Formula::NotRef(_) | Formula::Opaque(_) | Formula::NotOpaque(_) => {
                if state.asserted.contains(id) {
                    return Truth::Holds;
                }
                if self
                    .lowering
                    .arena
                    .known_not(id)
                    .is_some_and(|not| state.asserted.contains(not))
                {
                    return Truth::Fails;
                }
                let (reference, otherwise) = match *self.lowering.arena.get(id) {
                    Formula::Ref(_) => (id, Truth::Fails),
                    Formula::NotRef(def) => (self.lowering.arena.reference(def), Truth::Holds),
                    _ => return Truth::Open,
                };
                if self.may_be(reference, state.kind) {
                    Truth::Open
                } else {
                    otherwise
                }
            }
            Formula::OneOf(_) | Formula::NotOneOf(_) => Truth::Open,
        }
    }

    /// Evaluates a formula under the constraints, and searches the values of properties and items for it.
    pub(super) fn look_closer(&mut self, state: &SearchState, id: FormulaId) -> Truth {
        if !matches!(self.lowering.arena.get(id), Formula::Literal(_) | Formula::And(_)) {
            return Truth::Open;
        }
        let (mut literals, mut whole) = (Vec::new(), true);
        for part in self.lowering.arena.conjuncts(id) {
            match self.lowering.arena.get(part) {
                Formula::Literal(literal) if literal.kind() == state.kind => literals.push(literal.clone()),
                Formula::Literal(_) | Formula::Kinds(_) => {}
                _ => whole = false,
            }
        }
        self.fuel.work(literals.len());
        if let Constraints::Object(objects) = &state.constraints {
            return self.look_closer_at_properties(objects, &literals, whole);
        }
        self.fuel.work(state.constraints.size());
        let mut constraints = state.constraints.clone();
        if !literals.iter().all(|literal| constraints.add(literal)) {
            return Truth::Fails;
        }
        match &constraints {
            Constraints::Array(arrays) => self.look_closer_at_items(arrays, &literals),
            Constraints::Number(numbers) if numbers.solve(&mut self.fuel) == Outcome::Unsat => Truth::Fails,
            Constraints::String(strings)
                if strings.solve(&self.lowering.arena, &mut self.patterns, &mut self.fuel)
                    == Outcome::Unsat =>
            {
                Truth::Fails
            }
            _ => Truth::Open,
        }
    }

    /// Evaluates literals of an object property by property. `whole` means that the formula consists of these
    /// literals.
    fn look_closer_at_properties(&mut self, objects: &Objects, literals: &[Literal], whole: bool) -> Truth {
        if literals
            .iter()
            .any(|literal| objects.knows(literal) == Some(false))
        {
            return Truth::Fails;
        }
        let mut implied = whole;
        for literal in literals {
            let Literal::Prop(name, formula) = literal else {
                implied &= objects.knows(literal) == Some(true);
                continue;
            };
            let before = self.property(objects, *name);
            if objects.must_have(*name) || literals.contains(&Literal::Has(*name)) {
                let mut value = before.clone();
                value.push(*formula);
                if self.solve(&value) == Outcome::Unsat {
                    return Truth::Fails;
                }
            }
            // This is limited to scalars, such as tags, because the check is cheap for them.
            implied = implied && before.iter().any(|id| self.is_scalar(*id)) && {
                let mut value = before;
                value.push(self.lowering.arena.not(*formula));
                self.surely_unsat(&value)
            };
        }
        if implied { Truth::Holds } else { Truth::Open }
    }

    /// Whether the conjunction of the formulas is unsatisfiable, independently of the searches in progress.
    fn surely_unsat(&mut self, formulas: &[FormulaId]) -> bool {
        let outer = std::mem::replace(&mut self.leans_on, usize::MAX);
        let empty = self.solve(formulas) == Outcome::Unsat;
        let alone = self.leans_on == usize::MAX;
        self.leans_on = self.leans_on.min(outer);
        empty && alone
    }

    fn is_scalar(&mut self, id: FormulaId) -> bool {
        let id = self.unfolded(id);
        let arena = &self.lowering.arena;
        let is_scalar = |id: &FormulaId| matches!(arena.get(*id), Formula::Kinds(kinds) if !kinds.has(Kind::Array) && !kinds.has(Kind::Object));
        arena.conjuncts(id).iter().any(is_scalar)
    }
}
