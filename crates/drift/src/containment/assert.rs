//! Asserts a formula in a search: its literals become constraints, and its alternatives become clauses.

use std::rc::Rc;

use super::constraints::SearchState;
use super::formula::{Arena, Formula, FormulaId, WIDE};
use super::fuel::SPENT;
use super::outcome::Outcome;
use super::solver::{Effort, Solver};
use super::types::Kind;

/// Number of adjacent entries that are copied in one small operation.
const OPERATIONS_OF_COPY: usize = 32;

impl Solver<'_> {
    /// Asserts that a formula holds. Returns `false` on a conflict, which leaves no value.
    pub(super) fn assert(&mut self, state: &mut SearchState, id: FormulaId) -> bool {
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            if id == Arena::FALSE {
                return false;
            }
            if !self.fuel.work(1) {
                state.doubt = Some(SPENT.into());
                return true;
            }
            match self.lowering.arena.get(id) {
                Formula::Kinds(kinds) => {
                    if !kinds.has(state.kind) {
                        return false;
                    }
                }
                Formula::Literal(literal) => {
                    if literal.kind() == state.kind {
                        state.is_new = false;
                        if !state.constraints.add(literal) {
                            return false;
                        }
                    }
                }
                Formula::And(parts) if parts.len() > WIDE && state.is_new => {
                    let parts = Rc::clone(parts);
                    if !self.assert_wide(state, id, &parts) {
                        return false;
                    }
                }
                Formula::And(parts) => todo.extend(parts.iter().rev()),
                Formula::Or(parts) => {
                    if !parts.iter().any(|part| self.holds_for_kind(*part, state.kind)) {
                        state.is_new = false;
                        state.clauses.push(Rc::clone(parts));
                    }
                }
                Formula::Ref(_) | Formula::NotRef(_) | Formula::Opaque(_) | Formula::NotOpaque(_) => {
                    if state.asserted.contains(id) {
                        continue;
                    }
                    // The wider readings admit every value that this one admits.
                    for id in self.wider(id).into_iter().flatten().chain([id]) {
                        let not = self.lowering.arena.not(id);
                        if state.asserted.contains(not) {
                            return false;
                        }
                        state.asserted.insert(id);
                    }
                    match *self.lowering.arena.get(id) {
                        Formula::Ref(def) => todo.push(self.body(def)),
                        Formula::NotRef(def) => {
                            let body = self.body(def);
                            todo.push(self.lowering.arena.not(body));
                        }
                        Formula::Opaque(opaque) | Formula::NotOpaque(opaque) => {
                            state.doubt = Some(self.lowering.definitions.reason(opaque).into());
                        }
                        _ => {}
                    }
                }
                Formula::OneOf(parts) => {
                    let parts = Rc::clone(parts);
                    let parts = self.possible(&parts, state.kind);
                    if parts.is_empty() {
                        return false;
                    }
                    let mut clause = Vec::new();
                    for (index, part) in parts.iter().enumerate() {
                        let mut this = vec![*part];
                        for (other, rival) in parts.iter().enumerate() {
                            if other != index {
                                this.push(self.lowering.arena.not(*rival));
                            }
                        }
                        clause.push(self.lowering.arena.and(this));
                        if !self.fuel.work(parts.len()) {
                            state.doubt = Some(SPENT.into());
                            break;
                        }
                    }
                    state.is_new = false;
                    state.clauses.push(clause.into());
                }
                Formula::NotOneOf(parts) => {
                    let parts = Rc::clone(parts);
                    self.assert_none_or_two(state, &parts);
                }
            }
        }
        true
    }

    /// Asserts that either none or at least two of several formulas hold.
    fn assert_none_or_two(&mut self, state: &mut SearchState, parts: &[FormulaId]) {
        let parts = self.possible(parts, state.kind);
        let none: Vec<_> = parts.iter().map(|part| self.lowering.arena.not(*part)).collect();
        let mut clause = vec![self.lowering.arena.and(none)];
        'pairs: for (index, part) in parts.iter().enumerate() {
            for other in &parts[index + 1..] {
                if !self.fuel.step() {
                    state.doubt = Some(SPENT.into());
                    break 'pairs;
                }
                if self.solve(&[*part, *other]) == Outcome::Unsat {
                    continue;
                }
                clause.push(self.lowering.arena.and([*part, *other]));
            }
        }
        state.is_new = false;
        state.clauses.push(clause.into());
    }

    /// Asserts a conjunction of very many formulas in a new state. The resulting constraints are cached.
    fn assert_wide(&mut self, state: &mut SearchState, id: FormulaId, parts: &[FormulaId]) -> bool {
        let key = (id, state.kind);
        if !self.wide.contains_key(&key) {
            let mut alone = SearchState::new(state.kind);
            // A part that is a wide conjunction itself is asserted here, because a chain of them would fill the stack.
            alone.is_new = false;
            // Without fuel no part is asserted any more, and nothing is cached.
            let mut assert = |part: &FormulaId| !self.fuel.is_spent() && self.assert(&mut alone, *part);
            let holds = parts.iter().all(&mut assert) && self.propagate(&mut alone, Effort::Quick);
            if self.fuel.is_spent() {
                state.doubt = Some(SPENT.into());
                return true;
            }
            alone.share();
            self.wide.insert(key, holds.then(|| Rc::new(alone)));
        }
        let Some(Some(alone)) = self.wide.get(&key).cloned() else {
            return false;
        };
        self.fuel.work(alone.size() / OPERATIONS_OF_COPY);
        let negated = |id: FormulaId| {
            let not = self.lowering.arena.known_not(id);
            not.is_some_and(|not| alone.asserted.contains(not))
        };
        if state.asserted.iter().any(negated) {
            return false;
        }
        let mut asserted = alone.asserted.clone();
        for id in state.asserted.iter() {
            asserted.insert(id);
        }
        let doubt = state.doubt.take();
        *state = (*alone).clone();
        state.asserted = asserted;
        state.doubt = state.doubt.take().or(doubt);
        true
    }

    fn possible(&mut self, parts: &[FormulaId], kind: Kind) -> Vec<FormulaId> {
        parts
            .iter()
            .copied()
            .filter(|part| self.may_be(*part, kind))
            .collect()
    }

    /// Whether a formula holds for every value of a kind, as far as its structure shows.
    fn holds_for_kind(&self, id: FormulaId, kind: Kind) -> bool {
        match self.lowering.arena.get(id) {
            Formula::Kinds(kinds) => kinds.has(kind),
            Formula::Literal(literal) => literal.kind() != kind,
            Formula::And(parts) => parts.iter().all(|part| self.holds_for_kind(*part, kind)),
            Formula::Or(parts) => parts.iter().any(|part| self.holds_for_kind(*part, kind)),
            _ => false,
        }
    }

    /// Whether a formula may hold for some value of a kind, as far as this is known without a search.
    pub(super) fn may_be(&mut self, id: FormulaId, kind: Kind) -> bool {
        let id = self.unfolded(id);
        let arena = &self.lowering.arena;
        let excludes =
            |part: &FormulaId| matches!(arena.get(*part), Formula::Kinds(kinds) if !kinds.has(kind));
        !arena.conjuncts(id).iter().any(excludes)
    }
}
