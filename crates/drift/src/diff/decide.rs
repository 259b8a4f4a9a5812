//! Decides every pair: by structural subsumption, by the refutation of a deeper pair, or by a search.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::comparison::Comparison;
use crate::containment::{Inside, Refutation, SchemaId, Verdict, World};
use crate::diff::graph::Graph;
use crate::diff::node::{Decision, Edge, Letter, Node, NodeId};
use crate::report::Side;
use crate::rules::{object, union};
use crate::scc;
use openapi_document::pointer::unescape;

/// Maximum number of deeper refutations whose values are tried on a pair before it is searched with all remaining
/// fuel.
const MOST_TRIED: usize = 8;

impl<'d> Graph<'d> {
    /// Decides all pairs, deeper ones first.
    pub(crate) fn decide(&mut self, comparison: &mut Comparison<'d>) {
        for group in scc::components(&self.children()) {
            for &id in &group {
                let below: Vec<_> = self.nodes[id]
                    .edges
                    .iter()
                    .map(|it| self.within(it.child))
                    .collect();
                self.nodes[id].follows = self.nodes[id].dangling.is_empty()
                    && comparison.schemas.subsumes(self.within(id), &below);
            }
            self.prove(comparison, &group);
            for &id in &group {
                // A pair that does not follow from the deeper pairs does not follow without them either.
                let node = &self.nodes[id];
                let may_follow = node.follows || !node.dangling.is_empty();
                // A refutation that lifts is cheaper than the vain attempt of a proof.
                if node.decision == Decision::Open
                    && may_follow
                    && !self.lift(comparison, id)
                    && comparison.schemas.subsumes(self.within(id), &[])
                {
                    self.nodes[id].decision = Decision::Proved;
                }
            }
            while let Some(id) = self.open(comparison, &group) {
                self.search(comparison, id);
            }
            // Attribution needs the paths by which a refutation reaches a message.
            for &id in &group {
                let edges = if self.is_refuted(id) {
                    self.nodes[id].edges.len()
                } else {
                    0
                };
                for edge in 0..edges {
                    self.lifts(comparison, id, edge);
                }
            }
            self.decide_to_the_letter(comparison, &group);
        }
    }

    /// Decides for each contained pair whether it is also contained if the reader refuses values that match several
    /// alternatives of a `oneOf`.
    fn decide_to_the_letter(&mut self, comparison: &mut Comparison<'d>, group: &[NodeId]) {
        let is_kept = |nodes: &[Node<'d>], id: NodeId| nodes[id].letter == Letter::Kept;
        let mut asked: Vec<NodeId> = Vec::new();
        for &id in group {
            let node = &mut self.nodes[id];
            if node.decision != Decision::Proved {
                continue;
            }
            if node.target() == node.target_to_the_letter() {
                node.letter = Letter::Kept;
            } else {
                asked.push(id);
            }
        }
        // The pairs that hold if all deeper pairs do. They are assumed to hold until a deeper pair fails (coinduction).
        let mut standing: Vec<NodeId> = Vec::new();
        for &id in &asked {
            let below: Vec<_> = self.nodes[id]
                .edges
                .iter()
                .map(|it| self.to_the_letter(it.child))
                .collect();
            if comparison.schemas.subsumes(self.to_the_letter(id), &below) {
                standing.push(id);
            }
        }
        let standing = self.standing(standing, |node| node.letter == Letter::Kept);
        for &id in &standing {
            self.nodes[id].letter = Letter::Kept;
            comparison.schemas.note_proved(self.to_the_letter(id));
        }
        for id in asked {
            let (source, target) = self.to_the_letter(id);
            let mut letters = self.nodes[id].edges.iter().map(|it| &self.nodes[it.child].letter);
            let is_broken_below = letters.any(|it| matches!(it, Letter::Broken(_) | Letter::Undecided(_)));
            let is_loose = self.nodes[id].edges.iter().any(|it| {
                match &self.nodes[it.child].letter {
                    // An alternative around the refused one may still accept the value.
                    Letter::BrokenByName(refutation) if it.step.is_empty() => {
                        comparison.schemas.accepts(target, &refutation.witness) != Ok(true)
                    }
                    Letter::Loose | Letter::BrokenByName(_) => true,
                    _ => false,
                }
            });
            let schemas = &mut comparison.schemas;
            let verdict = if is_kept(&self.nodes, id) {
                Verdict::Proved
            } else if is_broken_below {
                // Only a proof matters here, and a proof usually is easy.
                let soon = schemas.contains_soon(source, target, World::Closed);
                soon.unwrap_or_else(|| Verdict::Undecided(String::new()))
            } else {
                schemas.contains(source, target, World::Closed)
            };
            self.nodes[id].letter = match verdict {
                Verdict::Proved if is_loose => Letter::Loose,
                Verdict::Proved => match self.overlap_by_name(comparison, id, (source, target)) {
                    Some(refutation) => Letter::BrokenByName(refutation),
                    None => Letter::Kept,
                },
                _ if is_broken_below => Letter::Unasked,
                Verdict::Refuted(refutation) => Letter::Broken(refutation),
                // The refusal of one alternative is reported there, regardless of others that accept its values.
                Verdict::Undecided(_) if self.is_told_below(id) => Letter::Unasked,
                Verdict::Undecided(_) if self.means_the_same(comparison, id) => Letter::Kept,
                Verdict::Undecided(why) => Letter::Undecided(why),
            };
        }
    }

    /// A value of one schema of a pair that matches several alternatives of the other one, because it has a name that
    /// another alternative declares. The closed world does not exclude such names.
    pub(crate) fn overlap_by_name(
        &self,
        comparison: &mut Comparison<'d>,
        id: NodeId,
        (source, target): (SchemaId, SchemaId),
    ) -> Option<Refutation> {
        let both = self.both(comparison, id);
        let (sent, side) = if source == self.nodes[id].source() {
            (both.sent(), self.nodes[id].sender())
        } else {
            (both.read(), self.nodes[id].reader())
        };
        if both.sent().unions.is_empty() || both.read().unions.is_empty() {
            return None;
        }
        let schemas = &mut comparison.schemas;
        let Verdict::Refuted(refutation) = schemas.contains(source, target, World::Open) else {
            return None;
        };
        let members = refutation.witness.as_object()?;
        let known = object::branch_names(schemas.reader(), side, sent);
        let is_declared = |name: &str| sent.declares(name) || known.contains(name);
        let is_declared = members.keys().all(|name| is_declared(name))
            && union::is_made_of_alternatives(schemas, &both, side, &refutation.witness);
        let lenient = schemas.taking_overlaps(target);
        (is_declared && schemas.contains(source, lenient, World::Open) == Verdict::Proved)
            .then_some(refutation)
    }

    /// The source and the target of a pair, if alternatives exclude each other.
    pub(crate) fn to_the_letter(&self, id: NodeId) -> (SchemaId, SchemaId) {
        (self.nodes[id].source(), self.nodes[id].target_to_the_letter())
    }

    /// The source and the target of a pair, if a value may match several alternatives.
    fn within(&self, id: NodeId) -> (SchemaId, SchemaId) {
        (self.nodes[id].source(), self.nodes[id].target())
    }

    /// Draws all conclusions within a component. Returns the pair to search next, if one is open.
    fn open(&mut self, comparison: &mut Comparison<'d>, group: &[NodeId]) -> Option<NodeId> {
        loop {
            self.prove(comparison, group);
            let open: Vec<NodeId> = self.open_in(group).collect();
            let mut changed = false;
            for &id in &open {
                changed |= self.lift(comparison, id);
            }
            if !changed {
                for &id in &open {
                    changed |= self.lift_by_value(comparison, id);
                }
            }
            if changed {
                continue;
            }
            let doubts: Vec<(NodeId, String)> = self
                .open_in(group)
                .filter(|&id| self.nodes[id].follows && !self.has_refuted_below(id))
                .filter_map(|id| Some((id, self.doubt_below(id)?)))
                .collect();
            let own_words = self.open_in(group).any(|id| !self.nodes[id].follows);
            if own_words || doubts.is_empty() {
                break;
            }
            for (id, why) in doubts {
                self.nodes[id].decision = Decision::Undecided(why);
            }
        }
        // Pairs whose own keywords differ come first, because their verdict may decide the others.
        let own = self.open_in(group).find(|&id| !self.nodes[id].follows);
        if own.is_some() {
            return own;
        }
        // The others wait for the pairs below them. One of those is refuted, but an alternative may still accept its
        // values.
        let torn = self.open_in(group).find(|&id| self.has_refuted_below(id));
        torn.or_else(|| self.open_in(group).next())
    }

    fn is_refuted(&self, id: NodeId) -> bool {
        matches!(self.nodes[id].decision, Decision::Refuted(_))
    }

    fn has_refuted_below(&self, id: NodeId) -> bool {
        let mut edges = self.nodes[id].edges.iter();
        edges.any(|it| self.is_refuted(it.child))
    }

    /// Whether a refusal is reported below a contained pair, although an alternative accepts the value.
    fn is_told_below(&self, id: NodeId) -> bool {
        self.nodes[id].edges.iter().any(|it| {
            let child = &self.nodes[it.child];
            self.is_refuted(it.child) || child.decision == Decision::Proved && child.letter == Letter::Unasked
        })
    }

    fn open_in(&self, group: &[NodeId]) -> impl Iterator<Item = NodeId> {
        group
            .iter()
            .copied()
            .filter(|&id| self.nodes[id].decision == Decision::Open)
    }

    /// Proves the pairs of a component that are contained if all of them are (coinduction). They depend on each other
    /// through properties and items, so each dependency leads to a smaller value, and values are finite.
    fn prove(&mut self, comparison: &mut Comparison<'d>, group: &[NodeId]) {
        let following = self.open_in(group).filter(|&id| self.nodes[id].follows).collect();
        let standing = self.standing(following, |node| node.decision == Decision::Proved);
        for id in standing {
            self.nodes[id].decision = Decision::Proved;
            comparison.schemas.note_proved(self.within(id));
        }
    }

    /// The largest part of `pairs` that holds if it holds: every deeper pair belongs to it too, or is `known` to hold.
    fn standing(&self, mut pairs: Vec<NodeId>, known: impl Fn(&Node<'d>) -> bool) -> Vec<NodeId> {
        let mut standing: HashSet<NodeId> = pairs.iter().copied().collect();
        let mut above: HashMap<NodeId, Vec<NodeId>> = HashMap::new();
        let mut fallen = Vec::new();
        for &id in &pairs {
            let children = self.nodes[id].edges.iter().map(|it| it.child);
            for child in children.filter(|child| !known(&self.nodes[*child])) {
                above.entry(child).or_default().push(id);
                if !standing.contains(&child) {
                    fallen.push(child);
                }
            }
        }
        while let Some(id) = fallen.pop() {
            let without = above.remove(&id).unwrap_or_default();
            fallen.extend(without.into_iter().filter(|it| standing.remove(it)));
        }
        pairs.retain(|id| standing.contains(id));
        pairs
    }

    /// Refutes a pair by the refutation of a deeper one that can be sent here and is refused here, too.
    fn lift(&mut self, comparison: &mut Comparison<'d>, id: NodeId) -> bool {
        let edges = 0..self.nodes[id].edges.len();
        let lifted = edges.into_iter().find(|&edge| self.lifts(comparison, id, edge));
        if let Some(edge) = lifted {
            let node = &mut self.nodes[id];
            node.decision = Decision::Refuted(None);
            node.lifted_by = Some(edge);
        }
        lifted.is_some()
    }

    fn lifts(&mut self, comparison: &mut Comparison<'d>, id: NodeId, edge: usize) -> bool {
        let Edge {
            child, items, lifts, ..
        } = self.nodes[id].edges[edge];
        if !self.is_refuted(child) {
            return false;
        }
        if let Some(known) = lifts {
            return known;
        }
        let step = self.step_of_value(id, edge);
        let step = step.strip_prefix('/').map(unescape);
        let inside = Inside::step(step.as_deref(), items);
        let lifts = comparison
            .schemas
            .lifts(self.within(id), inside, self.within(child));
        self.nodes[id].edges[edge].lifts = Some(lifts);
        lifts
    }

    /// Tries the value that refutes one of the alternatives, because another one may accept it.
    fn lift_by_value(&mut self, comparison: &mut Comparison<'d>, id: NodeId) -> bool {
        for edge in 0..self.nodes[id].edges.len() {
            let Edge {
                ref step,
                child,
                is_tried,
                ..
            } = self.nodes[id].edges[edge];
            if is_tried || !step.is_empty() || !self.is_refuted(child) {
                continue;
            }
            self.nodes[id].edges[edge].is_tried = true;
            let Some(value) = self.value_of(comparison, child) else {
                continue;
            };
            let both = self.both(comparison, id);
            let because = "no alternative takes it";
            if let Some(witness) = both.witness(&mut comparison.schemas, &value, because) {
                self.nodes[id].decision = Decision::Refuted(Some(Refutation {
                    witness: witness.value,
                    because: witness.because,
                }));
                self.nodes[id].lifted_by = Some(edge);
                return true;
            }
        }
        false
    }

    /// The refutation of a pair by a value that contains the witness against a property or an item.
    fn refuted_by_value(&mut self, comparison: &mut Comparison<'d>, id: NodeId) -> Option<Refutation> {
        let (source, target) = self.within(id);
        let edges = 0..self.nodes[id].edges.len();
        let refuted = edges.filter(|edge| {
            let edge = &self.nodes[id].edges[*edge];
            !edge.step.is_empty() && self.is_refuted(edge.child)
        });
        for edge in refuted.take(MOST_TRIED).collect::<Vec<_>>() {
            let child = self.nodes[id].edges[edge].child;
            let Some(value) = self.value_of(comparison, child) else {
                continue;
            };
            let step = self.step_of_value(id, edge);
            let schemas = &mut comparison.schemas;
            let Some(value) = schemas.instance_with(source, &step, &value) else {
                continue;
            };
            if let Some(refutation) = schemas.refuted_by(source, target, &value) {
                self.nodes[id].lifted_by = Some(edge);
                return Some(refutation);
            }
        }
        None
    }

    /// A value that refutes a pair, built around the witness of the deeper pair from which its refutation was lifted.
    pub(super) fn value_of(&self, comparison: &mut Comparison<'d>, id: NodeId) -> Option<Value> {
        let (edges, _, Refutation { witness: value, .. }) = self.refutation(id)?;
        if edges
            .iter()
            .all(|(node, edge)| self.step(*node, *edge).is_empty())
        {
            return Some(value.clone());
        }
        let source = self.nodes[id].source();
        let around = self.around(comparison, &edges, value);
        around.or_else(|| {
            let mut ways = self.ways_of_value(&edges).into_iter();
            ways.find_map(|way| comparison.schemas.instance_along(source, &way, value))
        })
    }

    fn doubt_below(&self, id: NodeId) -> Option<String> {
        self.nodes[id]
            .edges
            .iter()
            .find_map(|it| match &self.nodes[it.child].decision {
                Decision::Undecided(why) => Some(why.clone()),
                _ => None,
            })
    }

    /// Decides a pair by a question of its own.
    fn search(&mut self, comparison: &mut Comparison<'d>, id: NodeId) {
        let (source, target) = (self.nodes[id].source(), self.nodes[id].target());
        let schemas = &mut comparison.schemas;
        let soon = schemas.contains_soon(source, target, World::Closed);
        let soon = soon.or_else(|| self.refuted_by_value(comparison, id).map(Verdict::Refuted));
        let verdict = soon.unwrap_or_else(|| comparison.schemas.contains(source, target, World::Closed));
        self.nodes[id].decision = match verdict {
            Verdict::Proved => Decision::Proved,
            Verdict::Refuted(refutation) => {
                let both = self.both(comparison, id);
                let (value, because) = (&refutation.witness, &refutation.because);
                // The witness also counts for the pairs above if it has a tag that selects this alternative.
                let witness = both.node.tag.as_ref().and_then(|_| {
                    let schemas = &mut comparison.schemas;
                    both.witness(schemas, value, because)
                });
                let witness = witness.map_or(refutation.witness, |it| it.value);
                Decision::Refuted(Some(Refutation {
                    witness,
                    because: refutation.because,
                }))
            }
            Verdict::Undecided(_) if self.means_the_same(comparison, id) => Decision::Proved,
            Verdict::Undecided(why) => Decision::Undecided(why),
        };
    }

    /// Whether both schemas of a pair have the same meaning as they are written, which is asked where no search decides.
    pub(super) fn means_the_same(&self, comparison: &mut Comparison<'d>, id: NodeId) -> bool {
        let (node, both) = (&self.nodes[id], self.both(comparison, id));
        // Further schemas may apply to the same value.
        let stand_alone = [(Side::Base, node.base_id), (Side::Revision, node.revision_id)]
            .into_iter()
            .all(|(side, own)| both.lower(&mut comparison.schemas, side, node.place(side).node) == own);
        stand_alone && comparison.mean_the_same(node.base.node, node.revision.node)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::options::Options;
    use openapi_document::Document;

    const NAMES: [&str; 4] = ["a", "b", "c", "tag"];
    const COMPONENTS: [&str; 3] = ["A", "B", "C"];

    fn schema() -> impl Strategy<Value = Value> {
        let pick = |list: &'static [&'static str]| proptest::sample::select(list);
        let leaf = prop_oneof![
            Just(json!({"type": "string"})),
            Just(json!({"type": "string", "nullable": true})),
            Just(json!({"type": ["string", "null"]})),
            Just(json!({"type": "integer"})),
            Just(json!({"type": "number", "minimum": 1})),
            Just(json!({"type": "string", "enum": ["x", "y"]})),
            Just(json!({"type": "string", "enum": ["x"]})),
            Just(json!({"nullable": true, "enum": ["x"]})),
            Just(json!({"type": "string", "maxLength": 3, "readOnly": true})),
            Just(json!({"type": "null"})),
            Just(json!({})),
            pick(&COMPONENTS).prop_map(|name| json!({"$ref": format!("#/components/schemas/{name}")})),
            pick(&COMPONENTS)
                .prop_map(|name| json!({"$ref": format!("#/components/schemas/{name}"), "maxLength": 2})),
        ];
        leaf.prop_recursive(3, 24, 4, move |inner| {
            let object = (
                proptest::collection::vec((pick(&NAMES), inner.clone()), 0..4),
                proptest::collection::vec(pick(&NAMES), 0..2),
                prop_oneof![
                    4 => Just(Value::Null),
                    1 => Just(Value::Bool(false)),
                    1 => Just(Value::Bool(true)),
                    1 => inner.clone()
                ],
                any::<bool>(),
            );
            let object = object.prop_map(|(properties, required, additional, typed)| {
                let properties: Map<String, Value> = properties
                    .into_iter()
                    .map(|(name, it)| (name.to_owned(), it))
                    .collect();
                let mut object = json!({"properties": properties});
                if typed {
                    object["type"] = "object".into();
                }
                if !required.is_empty() {
                    object["required"] = required.into();
                }
                if !additional.is_null() {
                    object["additionalProperties"] = additional;
                }
                object
            });
            let union = (
                pick(&["allOf", "oneOf", "anyOf"]),
                proptest::collection::vec(inner.clone(), 1..4),
                any::<bool>(),
            );
            let union = union.prop_map(|(key, branches, nullable)| {
                let mut union = json!({key: branches});
                if nullable {
                    union["nullable"] = true.into();
                }
                union
            });
            prop_oneof![
                3 => object,
                1 => inner.prop_map(|items| json!({"type": "array", "items": items})),
                2 => union
            ]
        })
    }

    fn document(version: &str, components: &[Value]) -> Document {
        let schemas: Map<String, Value> = COMPONENTS
            .iter()
            .zip(components)
            .map(|(name, schema)| ((*name).to_owned(), schema.clone()))
            .collect();
        let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/A"}}});
        Document::read(
            json!({
                "openapi": version,
                "paths": {"/a": {"post": {
                    "requestBody": {"content": content},
                    "responses": {"200": {"content": content}},
                }}},
                "components": {"schemas": schemas},
            })
            .to_string(),
        )
        .expect("shallow enough")
    }

    fn versions() -> impl Strategy<Value = (&'static str, &'static str)> {
        prop_oneof![
            3 => Just(("3.0.3", "3.0.3")),
            3 => Just(("3.1.0", "3.1.0")),
            1 => Just(("3.0.3", "3.1.0")),
            1 => Just(("3.1.0", "3.0.3"))
        ]
    }

    /// Two lists of components that differ in one component.
    fn components() -> impl Strategy<Value = (Vec<Value>, Vec<Value>)> {
        let lists = proptest::collection::vec(schema(), COMPONENTS.len());
        (lists, schema(), 0..COMPONENTS.len()).prop_map(|(old, other, at)| {
            let mut new = old.clone();
            new[at] = other;
            (old, new)
        })
    }

    /// Whether no schema refers to itself without a step into the value. Such a schema has no meaning.
    fn is_founded(components: &[Value]) -> bool {
        fn reached<'v>(schema: &'v Value, into: &mut Vec<&'v str>) {
            into.extend(schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()));
            for key in ["allOf", "oneOf", "anyOf"] {
                for branch in schema[key].as_array().into_iter().flatten() {
                    reached(branch, into);
                }
            }
        }
        COMPONENTS.iter().all(|start| {
            let (mut open, mut met) = (vec![*start], Vec::new());
            while let Some(name) = open.pop() {
                let mut next = Vec::new();
                let index = COMPONENTS.iter().position(|it| *it == name).expect("a component");
                reached(&components[index], &mut next);
                if next.contains(start) {
                    return false;
                }
                open.extend(next.into_iter().filter(|it| !met.contains(it)));
                met.push(name);
            }
            true
        })
    }

    /// Checks that every decision agrees with a search of the whole pair, if the search decides.
    fn no_search_contradicts(old: &Document, new: &Document) -> Result<(), TestCaseError> {
        let options = Options::default();
        let mut comparison = Comparison::new(old, new, &options);
        crate::compare::paths(&mut comparison);
        let uses = std::mem::take(&mut comparison.uses);
        let mut graph = Graph::default();
        for it in &uses {
            graph.root(&mut comparison, it);
        }
        graph.grow(&mut comparison);
        graph.decide(&mut comparison);
        for node in &graph.nodes {
            let searched = comparison.schemas.search(node.source(), node.target());
            let disagree = matches!(
                (&node.decision, &searched),
                (Decision::Proved, Verdict::Refuted(_))
                    | (Decision::Refuted(_), Verdict::Proved)
                    | (Decision::Open, _)
            );
            prop_assert!(
                !disagree,
                "{:?} of {} and {}: {:?}, searched: {:?}",
                node.direction,
                comparison.document(Side::Base).at(&node.base.at).unwrap(),
                comparison.document(Side::Revision).at(&node.revision.at).unwrap(),
                node.decision,
                searched
            );
        }
        Ok(())
    }

    #[test]
    fn a_name_that_is_required_and_declared_nowhere_does_not_tell_alternatives_apart() {
        // Exactly one of two equal alternatives never holds, so nothing is sent.
        let same = json!({"$ref": "#/components/schemas/B"});
        let root = json!({"properties": {"a": {"oneOf": [{"$ref": "#/components/schemas/B", "maxLength": 2}, same]}}});
        let object = json!({"type": "object", "properties": {"c": {"type": "string"}}, "required": ["a"]});
        let text = json!({"type": "string"});
        for (old, new) in [(&object, &text), (&text, &object)] {
            let [old, new] =
                [old, new].map(|other| document("3.0.3", &[root.clone(), other.clone(), text.clone()]));
            no_search_contradicts(&old, &new).unwrap();
        }
    }

    #[test]
    fn two_parts_for_one_value_are_left_to_the_search() {
        // A value that matches two alternatives is accepted by neither, and a map's schema applies to declared names,
        // too.
        let (nothing, whole, text) = (
            json!({"type": "null"}),
            json!({"type": "integer"}),
            json!({"type": "string"}),
        );
        let (any, positive) = (
            json!({}),
            json!({"allOf": [whole, {"type": "number", "minimum": 1}]}),
        );
        let taking_null = json!({"type": "string", "nullable": true});
        let to_b = json!({"$ref": "#/components/schemas/B"});
        let map = json!({"properties": {}, "additionalProperties": text});
        for root in [
            json!({"oneOf": [whole, taking_null, nothing]}),
            json!({"oneOf": [whole, nothing, nothing], "nullable": true}),
            json!({"oneOf": [whole, text, nothing, nothing], "nullable": true}),
            json!({"oneOf": [whole, to_b]}),
            json!({"allOf": [map, {"properties": {"b": to_b}}, {"additionalProperties": true}]}),
        ] {
            for (from, to) in [("3.0.3", "3.1.0"), ("3.1.0", "3.0.3"), ("3.0.3", "3.0.3")] {
                for (old, new) in [
                    (&whole, &nothing),
                    (&nothing, &whole),
                    (&any, &text),
                    (&text, &positive),
                ] {
                    let old = document(from, &[root.clone(), old.clone(), text.clone()]);
                    let new = document(to, &[root.clone(), new.clone(), text.clone()]);
                    no_search_contradicts(&old, &new).unwrap();
                }
            }
        }
    }

    #[test]
    fn equal_parts_of_a_schema_that_refers_to_itself_do_not_prove_each_other() {
        // Only OpenAPI 3.1 reads what stands beside a reference, so `{"a": "aaa"}` is refused there.
        let part = json!({"$ref": "#/components/schemas/A", "maxLength": 2});
        let all = vec![
            json!({"properties": {"a": part, "b": part}}),
            json!({}),
            json!({}),
        ];
        for (from, to) in [("3.0.3", "3.1.0"), ("3.1.0", "3.0.3")] {
            no_search_contradicts(&document(from, &all), &document(to, &all)).unwrap();
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { max_global_rejects: u32::MAX, ..ProptestConfig::default() })]

        #[test]
        fn no_search_contradicts_what_the_parts_say((old, new) in components(), (from, to) in versions()) {
            prop_assume!(is_founded(&old) && is_founded(&new));
            no_search_contradicts(&document(from, &old), &document(to, &new))?;
        }
    }
}
