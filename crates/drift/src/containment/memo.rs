//! The memory of a solver: the outcomes of searches, the known pairs of subsumption, and the written forms.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::carrier::Carrier;
use super::formula::{FormulaId, Map};
use super::outcome::Outcome;
use super::tags::Tags;
use super::types::Kind;

/// The state of a search that was begun.
#[derive(Clone)]
pub(super) enum Memo {
    /// The search is in progress, at this depth.
    Open(usize),
    /// The search has this outcome, provided that the search at this depth finds nothing.
    Provided(Outcome, usize),
    /// The search has this outcome.
    Done(Outcome),
}

/// A source and a target of subsumption.
pub(super) type Within = (FormulaId, FormulaId);

/// The pairs whose result is known.
#[derive(Default)]
pub(super) struct Subsumption {
    pub(super) proved: HashSet<Within, FixedState>,
    /// Pairs that are proved under the given assumptions; they are forgotten after the proof.
    pub(super) conditional: Option<Vec<Within>>,
    /// Pairs that do not hold, or cannot be decided.
    pub(super) refuted: HashSet<Within, FixedState>,
    /// Pairs that the structural proof failed to show. They are tried again once a search proves another pair.
    pub(super) failed: HashSet<Within, FixedState>,
    /// The formulas at the end of chains of references.
    pub(super) unfolded: Map<FormulaId, FormulaId>,
    /// The tags of formulas, computed on demand.
    pub(super) tags: Map<FormulaId, Tags>,
    /// Pairs in progress, and those that hold if these do, each with its position in `trail`. A step into a value may
    /// lead to them again.
    pub(super) assumed: Map<Within, usize>,
    pub(super) trail: Vec<Within>,
    /// The first position in `trail` of a pair that was assumed to hold.
    pub(super) leans_on: usize,
    /// Whether the current proof gave up somewhere, so that its failure has no meaning.
    pub(super) gave_up: bool,
}

impl Subsumption {
    pub(super) fn prove(&mut self, pair: Within) {
        if self.proved.insert(pair)
            && let Some(conditional) = &mut self.conditional
        {
            conditional.push(pair);
        }
    }
}

/// The written forms that were computed.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) known: Map<(FormulaId, Carrier), FormulaId>,
    /// The forms in progress, each nested in the previous one.
    pub(super) open: Vec<(FormulaId, Carrier)>,
    pub(super) of_kind: Map<(FormulaId, Of), FormulaId>,
}

/// The values of one kind, or one boolean value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Kind(Kind),
    Bool(bool),
}
