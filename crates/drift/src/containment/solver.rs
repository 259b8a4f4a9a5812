//! The solver: everything that a search reads and fills. What it does with them stands in files of their own.

use std::rc::Rc;

use super::constraints::SearchState;
use super::formula::{Arena, FormulaId, Map};
use super::fuel::Fuel;
use super::lower::Lowering;
use super::memo::{Memo, Subsumption, Texts};
use super::outcome::Outcome;
use super::string::Patterns;
use super::types::Kind;

/// Searches nested deeper than this stay undecided.
pub(super) const DEEPEST: usize = 160;
/// Searches that need more of the stack than this, counted in calls, stay undecided, too.
pub(super) const TALLEST: usize = 700;
pub(super) const TOO_DEEP: &str = "the schemas are nested too deep";
pub(super) const SPENT: &str = "the search ran out of fuel";

/// How far unit propagation looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// Only what shows at once.
    Quick,
    /// The values of properties and items are searched, too.
    Thorough,
}

/// The solver: all formulas, and the memo of the searches that were made.
pub(super) struct Solver<'d> {
    pub(super) lowering: Lowering<'d>,
    pub(super) patterns: Patterns,
    pub(super) subsumption: Subsumption,
    pub(super) memo: Map<Rc<[FormulaId]>, Memo>,
    pub(super) provided: Vec<Rc<[FormulaId]>>,
    pub(super) depth: usize,
    /// The outermost open search that the one under way leans on.
    pub(super) leans_on: usize,
    pub(super) fuel: Fuel,
    /// Calls on the stack.
    pub(super) calls: usize,
    /// The written forms of formulas that were asked for.
    pub(super) texts: Texts,
    /// What wide conjunctions say of values of one kind; nothing where they have none.
    pub(super) wide: Map<(FormulaId, Kind), Option<Rc<SearchState>>>,
}

impl<'d> Solver<'d> {
    pub(super) fn new(lowering: Lowering<'d>, fuel: Fuel) -> Self {
        Self {
            lowering,
            patterns: Patterns::default(),
            subsumption: Subsumption::default(),
            memo: Map::default(),
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
        self.begin();
        self.solve(formulas)
    }

    /// Begins a question.
    pub(super) fn begin(&mut self) {
        self.fuel.refill();
        self.depth = 0;
        self.calls = 0;
        self.leans_on = usize::MAX;
    }

    /// Goes on one call deeper, unless the stack or the fuel do not allow it.
    pub(super) fn nested(&mut self, calls: usize, go: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        if self.calls + calls > TALLEST {
            return Outcome::unknown(TOO_DEEP);
        }
        if !self.fuel.step() {
            return Outcome::unknown(SPENT);
        }
        self.calls += calls;
        let outcome = go(self);
        self.calls -= calls;
        outcome
    }
}
