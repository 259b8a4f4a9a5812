//! What a solver remembers: the outcomes of searches, the pairs that lie within one another, the written forms.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::carrier::Carrier;
use super::formula::{FormulaId, Map};
use super::outcome::Outcome;
use super::tags::Tags;
use super::types::Kind;

/// A search that was begun.
#[derive(Clone)]
pub(super) enum Memo {
    /// The search is under way, at this depth.
    Open(usize),
    /// The search ended so, provided that the one at this depth finds nothing.
    Provided(Outcome, usize),
    /// The search ended so.
    Done(Outcome),
}

/// A source and a target.
pub(super) type Within = (FormulaId, FormulaId);

/// The pairs that are known.
#[derive(Default)]
pub(super) struct Subsumption {
    pub(super) proved: HashSet<Within, FixedState>,
    /// Pairs that are proved if those are that were given; forgotten after the proof.
    pub(super) conditional: Option<Vec<Within>>,
    /// Pairs that do not hold, or cannot be decided.
    pub(super) refuted: HashSet<Within, FixedState>,
    /// Pairs that structure does not show, as long as no search proves another pair.
    pub(super) failed: HashSet<Within, FixedState>,
    /// What references stand for that stand for references.
    pub(super) unfolded: Map<FormulaId, FormulaId>,
    /// The tags of formulas that were asked for.
    pub(super) tags: Map<FormulaId, Tags>,
    /// Pairs under way, and those that hold if they do, each with its place in `trail`: a step into a value may lead
    /// to them again.
    pub(super) assumed: Map<Within, usize>,
    pub(super) trail: Vec<Within>,
    /// The first pair of `trail` that was assumed to hold.
    pub(super) leans_on: usize,
    /// The proof under way gave up somewhere, so that its failure says nothing.
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

/// The written forms that were asked for.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) known: Map<(FormulaId, Carrier), FormulaId>,
    /// The forms that are being made, each within the one before it.
    pub(super) open: Vec<(FormulaId, Carrier)>,
    pub(super) of_kind: Map<(FormulaId, Of), FormulaId>,
}

/// The values of one kind, or one truth value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Of {
    Kind(Kind),
    Bool(bool),
}
