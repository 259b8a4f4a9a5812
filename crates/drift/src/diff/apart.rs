//! Alternatives whose values are refused but still accepted by another alternative, which does not know their names.
//!
//! An open object accepts every name, so `{"a": 1}` also matches `{b?: string}`. Containment then holds and no
//! message is refused, although no reader interprets `a` as it was sent. Both documents accept such a message, or
//! both refuse it by the exact meaning of `oneOf`. The finding has no message, because such a message must be refused
//! by the reader.

use std::cell::OnceCell;
use std::collections::HashMap;

use serde_json::Value;

use crate::comparison::Comparison;
use crate::containment::{Carrier, Condition, SchemaId, Schemas};
use crate::diff::graph::Graph;
use crate::diff::node::{Decision, Local, Node, NodeId};
use crate::diff::pair::Both;
use crate::rules::by_witness;
use crate::rules::union::{self, Alternatives};

impl<'d> Graph<'d> {
    /// Adds a drift for each alternative with a value that all alternatives which know its names refuse.
    pub(crate) fn tell_apart(&mut self, comparison: &mut Comparison<'d>) {
        for id in 0..self.nodes.len() {
            let mut known = OnceCell::new();
            for edge in 0..self.nodes[id].edges.len() {
                let local = self.ignored(comparison, id, edge, &mut known);
                self.nodes[id].locals.extend(local);
            }
        }
    }

    /// The drift of one alternative. `known` keeps what was found out about all of them.
    fn ignored(
        &self,
        comparison: &mut Comparison<'d>,
        id: NodeId,
        edge: usize,
        known: &mut OnceCell<Option<Known<'d>>>,
    ) -> Option<Local> {
        let edge = &self.nodes[id].edges[edge];
        let child = &self.nodes[edge.child];
        let is_refuted = matches!(child.decision, Decision::Refuted(_));
        if !edge.step.is_empty() || !is_refuted || edge.lifts == Some(true) || child.carrier != Carrier::Json
        {
            return None;
        }
        let both = self.both(comparison, id);
        known.get_or_init(|| Known::of(&mut comparison.schemas, &both));
        let known = known.get_mut()?.as_mut()?;
        // The value that refuted the alternative is available. A search for another one gets little fuel.
        let at_hand = self.value_of(comparison, edge.child);
        let schemas = &mut comparison.schemas;
        let value = at_hand
            .filter(|value| known.all_refuse(schemas, &both, child, value))
            .or_else(|| known.refused(schemas, &both, child))?;
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

/// Maximum number of names of which a search is told that an alternative does not know them. Beyond it, only values at
/// hand are tried.
const MOST_NAMES: usize = 1_000_000;

/// The alternatives of the reader of a pair.
struct Known<'d> {
    alternatives: Alternatives<'d>,
    /// For each alternative, the condition that it refuses a value, or does not know a name that another one knows.
    conditions: HashMap<SchemaId, Condition>,
}

impl<'d> Known<'d> {
    fn of(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Option<Self> {
        Some(Self {
            alternatives: Alternatives::of(schemas, both)?,
            conditions: HashMap::new(),
        })
    }

    /// Whether a pair is refuted by an object that each alternative of the reader refuses, unless the object has a name
    /// that the alternative does not know and another one does.
    fn all_refuse(
        &self,
        schemas: &mut Schemas<'d>,
        both: &Both<'_, 'd>,
        pair: &Node<'d>,
        value: &Value,
    ) -> bool {
        let Some(members) = value.as_object() else {
            return false;
        };
        schemas.accepts(pair.source(), value) == Ok(true)
            && schemas.accepts(pair.target(), value) == Ok(false)
            && self.alternatives.others(both.node.reader(), pair).all(|other| {
                let mut names = members.keys();
                names.any(|name| self.alternatives.is_unknown(other, name))
                    || schemas.accepts(other.id, value) == Ok(false)
            })
    }

    /// Such an object, if little fuel suffices to find one.
    fn refused(&mut self, schemas: &mut Schemas<'d>, both: &Both<'_, 'd>, pair: &Node<'d>) -> Option<Value> {
        let alternatives = &self.alternatives;
        if alternatives.len_of_unknown() > MOST_NAMES {
            return None;
        }
        let others = alternatives.others(both.node.reader(), pair);
        let conditions: Vec<Condition> = others
            .map(|it| {
                let condition = || schemas.refusing_unless(it.id, alternatives.unknown(it));
                *self.conditions.entry(it.id).or_insert_with(condition)
            })
            .collect();
        let value = schemas.refused_apart((pair.source(), pair.target()), conditions.into_iter())?;
        self.all_refuse(schemas, both, pair, &value).then_some(value)
    }
}
