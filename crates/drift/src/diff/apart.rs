//! Alternatives whose values are refused but still accepted by another alternative, which does not know their names.
//!
//! An open object accepts every name, so `{"a": 1}` also matches `{b?: string}`. Containment then holds and no
//! message is refused, although no reader interprets `a` as it was sent. Both documents accept such a message, or
//! both refuse it by the exact meaning of `oneOf`. The finding has no message, because such a message must be refused
//! by the reader.

use crate::comparison::Comparison;
use crate::containment::Carrier;
use crate::diff::graph::Graph;
use crate::diff::node::{Decision, Local, NodeId};
use crate::diff::pair::Both;
use crate::rules::by_witness;
use crate::rules::union;

impl<'d> Graph<'d> {
    /// Adds a drift for each alternative with a value that all alternatives which know its names refuse.
    pub(crate) fn tell_apart(&mut self, comparison: &mut Comparison<'d>) {
        for id in 0..self.nodes.len() {
            for edge in 0..self.nodes[id].edges.len() {
                let local = self.ignored(comparison, id, edge);
                self.nodes[id].locals.extend(local);
            }
        }
    }

    fn ignored(&self, comparison: &mut Comparison<'d>, id: NodeId, edge: usize) -> Option<Local> {
        let edge = &self.nodes[id].edges[edge];
        let child = &self.nodes[edge.child];
        let is_refuted = matches!(child.decision, Decision::Refuted(_));
        if !edge.step.is_empty() || !is_refuted || edge.lifts == Some(true) || child.carrier != Carrier::Json
        {
            return None;
        }
        let both = self.both(comparison, id);
        let others = union::others(&mut comparison.schemas, &both, child)?;
        let pair = (child.source(), child.target());
        // The value that refuted the alternative is available. A search for another one gets little fuel.
        let at_hand = self.value_of(comparison, edge.child);
        let schemas = &mut comparison.schemas;
        let value = at_hand
            .filter(|value| schemas.is_refused_apart(pair, &others, value))
            .or_else(|| schemas.refused_apart(pair, &others))?;
        // A value that no alternative accepts is reported as a refusal where it is sent.
        if both.witness(schemas, &value, "").is_some() {
            return None;
        }
        let is_taken = schemas.accepts(both.node.target(), &value) == Ok(true);
        let (below, told, suffix) = self.told(comparison, edge.child)?;
        // A schema that accepts no value is a mistake from which nothing follows.
        if comparison.schemas.is_empty(below.node.target()) == Some(true) {
            return None;
        }
        let mut local = union::ignored(&below, &told, is_taken);
        local.suffix = suffix;
        local.whole = true;
        Some(local)
    }

    /// The drift of a pair that is contained, although one of its alternatives is refused: another one accepts the same
    /// values, and perhaps without a word about them, as one that lists no values.
    pub(super) fn taken_by_another(&self, comparison: &mut Comparison<'d>, id: NodeId) -> Option<Local> {
        let mut edges = self.nodes[id].edges.iter();
        let edge = edges.find(|it| {
            let is_refuted = matches!(self.nodes[it.child].decision, Decision::Refuted(_));
            it.step.is_empty() && is_refuted && it.lifts != Some(true)
        })?;
        let (below, told, suffix) = self.told(comparison, edge.child)?;
        let mut local = union::taken_by_another(&below, &told);
        local.suffix = suffix;
        Some(local)
    }

    /// The deepest pair that shows the refutation of a pair, its drift, and the way to it.
    fn told(&self, comparison: &mut Comparison<'d>, id: NodeId) -> Option<(Both<'_, 'd>, Local, String)> {
        let (path, deepest, refutation) = self.refutation(id)?;
        let below = self.both(comparison, deepest);
        let told = below.node.locals.iter().find(|it| it.refutes());
        let told = told
            .cloned()
            .unwrap_or_else(|| by_witness::refuted(comparison.schemas.reader(), &below, refutation));
        let suffix = self.way(&path) + &told.suffix;
        Some((below, told, suffix))
    }
}
