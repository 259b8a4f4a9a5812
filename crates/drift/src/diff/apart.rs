//! Alternatives that are refused and taken all the same: by another alternative that does not know their names.
//!
//! An open object takes every name, so `{"a": 1}` is of `{b?: string}`, too. Containment holds then and no message is
//! refused, and yet nobody reads `a` any more as it was sent. Both documents take such a message, or neither does by the
//! letter, so none is shown: a message that is shown is one that the reader refuses.

use crate::comparison::Comparison;
use crate::containment::Carrier;
use crate::diff::graph::Graph;
use crate::diff::node::{Decision, Local, NodeId};
use crate::rules::by_witness;
use crate::rules::union;

impl<'d> Graph<'d> {
    /// Adds a drift for each alternative of which a value is refused by all that know its names.
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
        // The value that refuted the alternative is at hand; a search for another one is worth little.
        let at_hand = self.value_of(comparison, edge.child);
        let schemas = &mut comparison.schemas;
        let value = at_hand
            .filter(|value| schemas.is_refused_apart(pair, &others, value))
            .or_else(|| schemas.refused_apart(pair, &others))?;
        // What nobody takes is told as a refusal, where it is sent.
        if both.witness(schemas, &value, "").is_some() {
            return None;
        }
        let is_taken = schemas.accepts(both.node.target(), &value) == Ok(true);
        let (way, deepest) = self.deepest(edge.child)?;
        let below = self.both(comparison, deepest);
        // A schema that takes no value is a slip, from which nothing follows.
        if comparison.schemas.is_empty(below.node.target()) == Some(true) {
            return None;
        }
        let told = below.node.locals.iter().find(|it| it.refutes());
        let told = match (told, &below.node.decision) {
            (Some(told), _) => told.clone(),
            (None, Decision::Refuted(Some(refutation))) => by_witness::refuted(&below, refutation),
            _ => return None,
        };
        let mut local = union::ignored(&below, &told, is_taken);
        local.suffix = way + &told.suffix;
        local.whole = true;
        Some(local)
    }

    /// The pair at which the refutation of another one arises, and the way there.
    fn deepest(&self, mut id: NodeId) -> Option<(String, NodeId)> {
        let mut way = String::new();
        while self.nodes[id].decision == Decision::Refuted(None) {
            let edge = self.nodes[id].lifted_by?;
            way.push_str(self.step(id, edge));
            id = self.nodes[id].edges[edge].child;
        }
        Some((way, id))
    }
}
