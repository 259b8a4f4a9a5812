//! The solver: the state of all searches. The operations on it are in other files of this module.

use std::rc::Rc;

use super::constraints::SearchState;
use super::formula::{Arena, FormulaId, Map};
use super::fuel::{Fuel, SPENT};
use super::lower::Lowering;
use super::memo::{Memo, Subsumption, Texts};
use super::outcome::Outcome;
use super::string::Patterns;
use super::subsume::Premise;
use super::types::Kind;

/// Maximum nesting of searches; deeper ones stay undecided.
pub(super) const DEEPEST: usize = 160;
/// Maximum number of calls on the stack; searches that need more stay undecided, too.
pub(super) const TALLEST: usize = 700;
pub(super) const TOO_DEEP: &str = "the schemas are nested too deep";

/// The effort of unit propagation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// Formulas are only evaluated directly.
    Quick,
    /// The values of properties and items are searched, too.
    Thorough,
}

/// A formula with a kind of values, and its premise if it has such values.
type LastPremise = ((Kind, FormulaId), Option<Rc<Premise>>);

/// The solver: all formulas, and the cache of the searches.
pub(super) struct Solver<'d> {
    pub(super) lowering: Lowering<'d>,
    pub(super) patterns: Patterns,
    pub(super) subsumption: Subsumption,
    /// The last premises that were asked about a part, of a source and of a target.
    pub(super) last_premises: [Option<LastPremise>; 2],
    pub(super) memo: Map<Rc<[FormulaId]>, Memo>,
    /// The number of nested values in all values of `memo`.
    pub(super) kept: usize,
    pub(super) provided: Vec<Rc<[FormulaId]>>,
    pub(super) depth: usize,
    /// The depth of the outermost open search on which the current one depends.
    pub(super) leans_on: usize,
    pub(super) fuel: Fuel,
    /// The number of calls on the stack.
    pub(super) calls: usize,
    /// The written forms of formulas that were computed.
    pub(super) texts: Texts,
    /// The constraints of wide conjunctions on values of one kind; `None` if they have no such value.
    pub(super) wide: Map<(FormulaId, Kind), Option<Rc<SearchState>>>,
}

impl<'d> Solver<'d> {
    pub(super) fn new(lowering: Lowering<'d>, fuel: Fuel) -> Self {
        Self {
            lowering,
            patterns: Patterns::default(),
            subsumption: Subsumption::default(),
            last_premises: [None, None],
            memo: Map::default(),
            kept: 0,
            provided: Vec::new(),
            depth: 0,
            leans_on: usize::MAX,
            fuel,
            calls: 0,
            texts: Texts::default(),
            wide: Map::default(),
        }
    }

    pub(super) fn arena(&mut self) -> &mut Arena {
        &mut self.lowering.arena
    }

    /// Answers one question, with its own fuel.
    pub(super) fn ask(&mut self, formulas: &[FormulaId]) -> Outcome {
        self.fuel.refill();
        self.solve(formulas)
    }

    /// Makes a nested search, unless the stack or the fuel does not allow it.
    pub(super) fn nested(&mut self, calls: usize, go: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        self.descend(calls, go).unwrap_or_else(Outcome::unknown)
    }

    /// Makes a nested call.
    ///
    /// # Errors
    /// The reason why the stack or the fuel does not allow it.
    pub(super) fn descend<T>(
        &mut self,
        calls: usize,
        go: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, &'static str> {
        if self.calls + calls > TALLEST {
            return Err(TOO_DEEP);
        }
        if !self.fuel.step() {
            return Err(SPENT);
        }
        self.calls += calls;
        let found = go(self);
        self.calls -= calls;
        Ok(found)
    }
}
