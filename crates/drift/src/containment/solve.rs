//! The search for a value of a formula, which decides containment: `B` contains `A` if `A and not B` has no value.
//!
//! A value has one kind, so each kind is searched separately. Conjuncts are asserted as literals; clauses are reduced
//! by unit propagation, and the search branches on a clause with the fewest alternatives. The value of a property or
//! an item needs a nested search, whose outcome is cached. A search that reaches itself through a property or an item
//! needs no outcome there, because the smallest value of a formula contains no smaller value of the same formula.

use std::rc::Rc;

use serde_json::Value;

use super::constraints::{Constraints, SearchState};
use super::evaluate::Truth;
use super::formula::{Arena, Formula, FormulaId, WIDE};
use super::fuel::SPENT;
use super::memo::Memo;
use super::outcome::{Outcome, parts};
use super::solver::{DEEPEST, Effort, Solver, TALLEST, TOO_DEEP};
use super::sorted::distinct;
use super::types::{Kind, Kinds};

/// Maximum nesting of a value that is built, because no judge accepts a deeper one. Each found value contains the
/// values inside it, so a long chain of schemas would need a long value for each of its links.
const DEEPEST_VALUE: usize = 320;
/// Number of operations that one nested value of a kept value costs: it is copied, counted and dropped.
const KEEPING: usize = 16;
/// The nested values of a value that are paid with the steps that found it.
const SMALL: usize = 16;
/// Maximum number of nested values in all values that are kept, some hundred bytes each.
pub(super) const MOST_KEPT: usize = 1_000_000;
/// Number of formulas from which sorting them costs more than the rest of a search, and what it costs for each.
const LONG: usize = 256;
const SORTING: usize = 4;
/// Number of calls on the stack between two nested searches.
const CALLS: usize = 4;

impl Solver<'_> {
    /// Searches for a value of the conjunction of the formulas.
    pub(super) fn solve(&mut self, formulas: &[FormulaId]) -> Outcome {
        let mut key = Vec::with_capacity(formulas.len());
        for id in formulas {
            match self.lowering.arena.get(*id) {
                Formula::And(parts) if parts.len() <= WIDE => key.extend(parts.iter().copied()),
                Formula::Kinds(Kinds::ALL) => {}
                _ => key.push(*id),
            }
        }
        let key = distinct(key);
        self.fuel.work(SORTING * key.len().saturating_sub(LONG));
        if key.first() == Some(&Arena::FALSE) || self.contradictory(&key) {
            return Outcome::Unsat;
        }
        self.fuel.work(key.len());
        let key: Rc<[FormulaId]> = key.into();
        match self.memo.get(&key) {
            Some(Memo::Done(outcome)) => return outcome.clone(),
            Some(Memo::Provided(outcome, depth)) => {
                self.leans_on = self.leans_on.min(*depth);
                return outcome.clone();
            }
            Some(Memo::Open(depth)) => {
                self.leans_on = self.leans_on.min(*depth);
                return Outcome::Unsat;
            }
            None => {}
        }
        if self.depth >= DEEPEST {
            return Outcome::unknown(TOO_DEEP);
        }
        let (outer, first) = (self.leans_on, self.provided.len());
        self.leans_on = usize::MAX;
        self.memo.insert(Rc::clone(&key), Memo::Open(self.depth));
        self.depth += 1;
        let mut outcome = self.nested(CALLS, |this| this.solve_kinds(&key));
        if let Outcome::Sat(value) = &outcome
            && is_deeper(value, DEEPEST_VALUE)
        {
            outcome = Outcome::unknown(TOO_DEEP);
        }
        if self.fuel.is_spent() && outcome == Outcome::Unsat {
            outcome = Outcome::unknown(SPENT);
        }
        self.depth -= 1;
        let leans_on = self.leans_on;
        if leans_on < self.depth && !matches!(outcome, Outcome::Sat(_)) {
            // The outcome assumes that an outer search finds nothing (coinduction). It is forgotten if that search
            // finds a value.
            self.memo
                .insert(Rc::clone(&key), Memo::Provided(outcome.clone(), leans_on));
            self.provided.push(key);
            self.leans_on = outer.min(leans_on);
            return outcome;
        }
        // Outcomes that depend on this search alone are final if it found nothing; otherwise they are forgotten.
        let stands = outcome == Outcome::Unsat;
        for inner in self.provided.split_off(first) {
            let Some(Memo::Provided(end, on)) = self.memo.get(&inner).cloned() else {
                continue;
            };
            if on < self.depth {
                self.provided.push(inner);
            } else if stands {
                self.memo.insert(inner, Memo::Done(end));
            } else {
                self.memo.remove(&inner);
            }
        }
        // A search that ran out of fuel or stack may have another outcome with more fuel, or at a smaller depth.
        let starved = self.fuel.is_spent() || self.calls + CALLS > TALLEST;
        if starved && matches!(outcome, Outcome::Unknown { .. }) {
            self.memo.remove(&key);
        } else {
            if let Outcome::Sat(value) = &outcome {
                self.keep(parts([&**value]));
            }
            self.memo.insert(key, Memo::Done(outcome.clone()));
        }
        self.leans_on = outer;
        outcome
    }

    /// Pays for a value that is kept. Forgets all kept values if they become too many, because they are copies of each
    /// other if schemas are nested.
    fn keep(&mut self, size: usize) {
        self.fuel.work(KEEPING * size.saturating_sub(SMALL));
        self.kept += size;
        if self.kept > MOST_KEPT {
            self.memo
                .retain(|_, it| !matches!(it, Memo::Done(Outcome::Sat(_))));
            self.kept = size;
        }
    }

    /// Whether a conjunct is the negation of another one, or of another one's wider reading.
    fn contradictory(&self, sorted: &[FormulaId]) -> bool {
        let is_denied = |id: FormulaId| {
            let not = self.lowering.arena.known_not(id);
            not.is_some_and(|not| sorted.binary_search(&not).is_ok())
        };
        let mut all = sorted.iter();
        all.any(|id| is_denied(*id) || self.wider(*id).into_iter().flatten().any(is_denied))
    }

    fn solve_kinds(&mut self, key: &[FormulaId]) -> Outcome {
        let mut end = Outcome::Unsat;
        for kind in Kind::ALL {
            let mut state = SearchState::new(kind);
            // A wide conjunct is asserted first, because its constraints by itself are cached.
            let wide = key.iter().find(|id| self.lowering.arena.is_wide(**id)).copied();
            let mut conjuncts = wide
                .into_iter()
                .chain(key.iter().copied().filter(|id| Some(*id) != wide));
            let alive = conjuncts.all(|id| self.assert(&mut state, id));
            if !alive {
                continue;
            }
            end = end.or(self.search(state));
            if matches!(end, Outcome::Sat(_)) {
                break;
            }
        }
        end
    }

    fn search(&mut self, mut state: SearchState) -> Outcome {
        if !self.propagate(&mut state, Effort::Thorough) {
            return Outcome::Unsat;
        }
        // The clause with the fewest alternatives comes first; among equals, the first one that was asserted.
        let next = (0..state.clauses.len()).min_by_key(|index| state.clauses[*index].len());
        let Some(next) = next else {
            return self.leaf(state);
        };
        let clause = state.clauses.remove(next);
        state.share();
        let mut end = Outcome::Unsat;
        for option in clause.iter().copied() {
            if !self.fuel.work(state.size()) {
                return end.or(Outcome::unknown(SPENT));
            }
            let mut branch = state.clone();
            if !self.assert(&mut branch, option) {
                continue;
            }
            end = end.or(self.nested(1, |this| this.search(branch)));
            if matches!(end, Outcome::Sat(_)) {
                return end;
            }
            if self.fuel.is_spent() {
                return end.or(Outcome::unknown(SPENT));
            }
        }
        end
    }

    /// Unit propagation: drops clauses that hold and alternatives that fail, and asserts the only alternative of a
    /// clause, until nothing more is asserted. Returns `false` on a conflict.
    pub(super) fn propagate(&mut self, state: &mut SearchState, effort: Effort) -> bool {
        let mut thorough = false;
        let mut open = Vec::new();
        loop {
            let mut asserted = false;
            let mut index = 0;
            while index < state.clauses.len() {
                let clause = Rc::clone(&state.clauses[index]);
                self.fuel.work(4 * clause.len());
                open.clear();
                let mut holds = false;
                for option in clause.iter().copied() {
                    if self.fuel.is_spent() {
                        return true;
                    }
                    // An option found open in the quick pass stays open until something is asserted.
                    let mut truth = if thorough && !asserted {
                        Truth::Open
                    } else {
                        self.evaluate(state, option)
                    };
                    if truth == Truth::Open && thorough {
                        truth = self.look_closer(state, option);
                    }
                    match truth {
                        Truth::Holds => {
                            holds = true;
                            break;
                        }
                        Truth::Fails => {}
                        Truth::Open => open.push(option),
                    }
                }
                if holds {
                    state.clauses.swap_remove(index);
                    continue;
                }
                match open.as_slice() {
                    [] => return false,
                    [one] => {
                        let one = *one;
                        state.clauses.swap_remove(index);
                        if !self.assert(state, one) {
                            return false;
                        }
                        asserted = true;
                    }
                    still => {
                        if still.len() != clause.len() {
                            state.clauses[index] = still.into();
                        }
                        index += 1;
                    }
                }
                if !self.fuel.step() {
                    return true;
                }
            }
            if asserted {
                thorough = false;
                continue;
            }
            if thorough || effort == Effort::Quick || state.clauses.is_empty() {
                return true;
            }
            thorough = true;
        }
    }

    fn leaf(&mut self, state: SearchState) -> Outcome {
        let outcome = match state.constraints {
            Constraints::Null => Outcome::sat(Value::Null),
            Constraints::Bool { no: true, .. } => Outcome::sat(Value::Bool(false)),
            Constraints::Bool { yes: true, .. } => Outcome::sat(Value::Bool(true)),
            Constraints::Bool { .. } => Outcome::Unsat,
            Constraints::Number(numbers) => numbers.solve(&mut self.fuel),
            Constraints::String(strings) => self.solve_string(&strings),
            Constraints::Array(arrays) => self.solve_array(&arrays),
            Constraints::Object(objects) => self.solve_object(&objects),
        };
        outcome.unless(state.doubt)
    }
}

/// Whether a value is nested more than this many levels deep.
pub(super) fn is_deeper(value: &Value, levels: usize) -> bool {
    let mut inside: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => return false,
    };
    levels == 0 || inside.any(|it| is_deeper(it, levels - 1))
}
