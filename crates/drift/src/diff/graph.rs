//! Builds the graph of aligned pairs.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use openapi_document::{Located, Unresolved, pointer};

use crate::comparison::{Comparison, SchemaUse};
use crate::containment::Carrier;
use crate::diff::children::{Child, children, overlapping};
use crate::diff::counterparts::{self, KnownTraits};
use crate::diff::face::Face;
use crate::diff::node::{Decision, Edge, Index, Key, Letter, Local, Node, NodeId, Tag, Unmatched};
use crate::diff::pair::Both;
use crate::diff::renames::renamed;
use crate::findings::Drift;
use crate::report::{Direction, Questions, Side, Touched};
use crate::rules::{by_witness, discriminators, union, xml};

/// Maximum number of steps from the whole message to a pair, because deeper values are never read.
const DEEPEST: usize = 1_000;
/// Maximum number of pairs, unless the documents are so large that they have [`BYTES_OF_A_PAIR`] for each. Once there are
/// as many, the parts of further pairs are not paired, and further uses are not compared. Vendors' documents have at most
/// some thousands.
const MOST_PAIRS: usize = 25_000;
const BYTES_OF_A_PAIR: usize = 1_024;
/// Why a use, or a part of a pair, is not compared.
const UNCOMPARED: &str = "so many other pairs of schemas were compared";
const UNCOMPARED_PARTS: &str = "so many parts changed that some were not compared by themselves";

/// The number of pairs from which no more are added.
fn most_pairs(comparison: &mut Comparison<'_>) -> usize {
    MOST_PAIRS.max(comparison.schemas.reader().bytes() / BYTES_OF_A_PAIR)
}

#[derive(Default)]
pub(crate) struct Graph<'d> {
    pub(crate) nodes: Vec<Node<'d>>,
    index: Index,
    traits: KnownTraits<'d>,
    /// The index of the first node whose edges are not known yet.
    grown: usize,
    /// The number of edges on the path that first led to each node.
    depths: Vec<usize>,
    /// Components that have different names where a use starts.
    pub(super) renames: Vec<(NodeId, Local)>,
    /// The locations of two components, if a reference leads to the first in the base and to the second in the
    /// revision.
    pub(super) swaps: HashSet<(Arc<str>, Arc<str>)>,
}

impl<'d> Graph<'d> {
    /// The pairs to which each pair leads.
    pub(super) fn children(&self) -> Vec<Vec<NodeId>> {
        let children = |node: &Node<'_>| node.edges.iter().map(|it| it.child).collect();
        self.nodes.iter().map(children).collect()
    }

    /// The node at which a use starts; `None` for an unresolved reference, which is recorded.
    pub(crate) fn root(&mut self, comparison: &mut Comparison<'d>, it: &SchemaUse<'d>) -> Option<NodeId> {
        let touched = it.pair.touched_in(&it.slot, it.slot.at());
        // Both are followed before either is given up, so that a reference that dangles in both is recorded for both.
        let base = follow_alone(comparison, Side::Base, &it.base, &touched);
        let revision = follow_alone(comparison, Side::Revision, &it.revision, &touched);
        let places = [vec![base?], vec![revision?]];
        if self.nodes.len() >= most_pairs(comparison)
            && !self.index.contains_key(&key(&places, it.direction, it.carrier))
        {
            let [base, revision] = places.map(|it| it[0].at.to_string());
            let drift = Drift::new(
                &by_witness::UNDECIDED,
                "",
                "so many schemas changed that some were not compared",
            );
            let drift = drift.base(&base).revision(&revision).undecided(UNCOMPARED);
            comparison.report(drift, touched);
            return None;
        }
        let node = self.node(comparison, places, it.direction, it.carrier);
        self.nodes[node].stands_by_itself();
        self.nodes[node].stands_beside(Default::default());
        self.nodes[node].may_be_absent |= !it.is_given;
        if it.carrier == Carrier::Xml {
            self.nodes[node]
                .root_names
                .push(xml::root_names(&it.base, &it.revision));
        }
        match renamed(comparison, &self.nodes[node], &it.base, &it.revision) {
            Some(local) => self.renames.push((node, local)),
            None => self.note_swap(node, &it.base, &it.revision),
        }
        Some(node)
    }

    /// The node of locations that are not references: one in each document, or several for the same value.
    fn node(
        &mut self,
        comparison: &mut Comparison<'d>,
        places: [Vec<Located<'d>>; 2],
        direction: Direction,
        carrier: Carrier,
    ) -> NodeId {
        let key = key(&places, direction, carrier);
        if let Some(&id) = self.index.get(&key) {
            return id;
        }
        let schemas = &mut comparison.schemas;
        let [base_id, revision_id] = [Side::Base, Side::Revision].map(|side| {
            let all: Vec<_> = places[side.index()].iter().map(|it| it.node).collect();
            schemas.lower_together(side, &all, direction, carrier)
        });
        let target = match direction {
            Direction::Request => revision_id,
            Direction::Response => base_id,
        };
        let lenient_target = schemas.taking_overlaps(target);
        let reader = comparison.schemas.reader();
        let faces = (
            Face::of_all(reader, Side::Base, &places[0], direction),
            Face::of_all(reader, Side::Revision, &places[1], direction),
        );
        let [base, revision] = places.map(|it| it.into_iter().next().expect("at least one place"));
        self.nodes.push(Node {
            base,
            revision,
            direction,
            carrier,
            root_names: Vec::new(),
            may_be_absent: false,
            base_id,
            revision_id,
            lenient_target,
            faces,
            whole: None,
            beside: None,
            unmatched: Unmatched::default(),
            tag: None,
            senders: Vec::new(),
            readers: Vec::new(),
            is_covered: false,
            decision: Decision::Open,
            letter: Letter::Unasked,
            follows: false,
            lifted_by: None,
            locals: Vec::new(),
            edges: Vec::new(),
            dangling: Vec::new(),
        });
        self.depths.push(0);
        self.index.insert(key, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Expands all pairs down to where nothing differs any more.
    pub(crate) fn grow(&mut self, comparison: &mut Comparison<'d>) {
        while self.grown < self.nodes.len() {
            let id = self.grown;
            self.grown += 1;
            self.expand(comparison, id);
        }
        self.mark_absent(comparison);
    }

    /// Marks the values that may be absent: properties that are not required, and their alternatives.
    fn mark_absent(&mut self, comparison: &Comparison<'d>) {
        let mut open: Vec<NodeId> = (0..self.nodes.len()).collect();
        while let Some(id) = open.pop() {
            let both = self.both(comparison, id);
            let (sent, read) = (both.sent(), both.read());
            let is_absent = |step: &str| {
                let name = pointer::unescape(step.strip_prefix('/').unwrap_or_default());
                let is_property = sent.declares(&name) || read.declares(&name);
                let is_alternative = step.is_empty();
                is_alternative && both.node.may_be_absent || is_property && !sent.required.contains(&*name)
            };
            let edges = &self.nodes[id].edges;
            let absent: Vec<NodeId> = edges
                .iter()
                .filter(|it| !self.nodes[it.child].may_be_absent && is_absent(&it.step))
                .map(|it| it.child)
                .collect();
            for child in absent {
                self.nodes[child].may_be_absent = true;
                open.push(child);
            }
        }
    }

    pub(crate) fn both<'n>(&'n self, comparison: &Comparison<'d>, id: NodeId) -> Both<'n, 'd> {
        Both::of(&self.nodes[id], comparison)
    }

    /// The pairs of schemas one step deeper. Alternatives without a counterpart are kept in the node.
    fn pairs(&mut self, comparison: &mut Comparison<'d>, id: NodeId) -> Vec<Child<'d>> {
        let both = Both::of(&self.nodes[id], comparison);
        let reader = comparison.schemas.reader();
        let aligned = counterparts::align(&comparison.unchanged, reader, &mut self.traits, &both);
        let mut pairs = children(&both);
        pairs.extend(aligned.pairs.into_iter().map(Child::in_place));
        pairs.extend(overlapping(&comparison.unchanged, reader, &both));
        pairs.extend(discriminators::pairs(&both).into_iter().map(Child::in_place));
        self.nodes[id].unmatched = aligned.unmatched;
        pairs
    }

    /// The tag that selects a deeper pair. It can only select among schemas for the same value.
    fn tag_of(
        &self,
        comparison: &Comparison<'d>,
        id: NodeId,
        step: &str,
        base: &Located<'d>,
    ) -> Option<Tag<'d>> {
        if !step.is_empty() {
            return None;
        }
        discriminators::tag_of_pair(&self.both(comparison, id), base)
    }

    /// Compares the schemas one step deeper as pairs of their own. Beyond [`DEEPEST`] and [`most_pairs`], a pair is compared as a whole.
    fn expand(&mut self, comparison: &mut Comparison<'d>, id: NodeId) {
        if self.depths[id] == DEEPEST || self.nodes.len() >= most_pairs(comparison) {
            return;
        }
        let pairs = self.pairs(comparison, id);
        let both = Both::of(&self.nodes[id], comparison);
        let whole = union::whole_side(&both);
        let beside = names_beside(&both);
        let carrier = both.node.carrier;
        let mut dangling = dangling_in(&both);
        let direction = both.direction();

        let most = most_pairs(comparison);
        let mut is_cut = false;
        let mut edges: Vec<Edge<'d>> = Vec::new();
        let mut met: HashSet<(NodeId, String)> = HashSet::new();
        for Child {
            step,
            base,
            revision,
            items,
            beside: others,
            further,
        } in pairs
        {
            let name = pointer::unescape(step.strip_prefix('/').unwrap_or_default());
            let inside = if step.is_empty() {
                carrier
            } else {
                comparison.schemas.carrier_inside(carrier, &name, items)
            };
            let renamed = renamed(comparison, &self.nodes[id], &base, &revision);
            let is_single = further.iter().all(Vec::is_empty);
            let may_swap = is_single && renamed.is_none() && !step.is_empty();
            let swapped = may_swap.then(|| (base.clone(), revision.clone()));
            self.renames.extend(renamed.map(|local| (id, local)));
            let tag = self.tag_of(comparison, id, &step, &base);
            if is_single && comparison.unchanged.same(base.node, revision.node) {
                continue;
            }
            // By themselves, these schemas may have another meaning than here.
            let reader = comparison.schemas.reader();
            let (own, other) = &self.nodes[id].faces;
            if reader.depends_on(0, base.node, &own.parts)
                || reader.depends_on(1, revision.node, &other.parts)
            {
                continue;
            }
            let [more, more_of_revision] = further;
            let base = follow_all(comparison, Side::Base, (base, more), &mut dangling);
            let revision = (revision, more_of_revision);
            let revision = follow_all(comparison, Side::Revision, revision, &mut dangling);
            let (Some(base), Some(revision)) = (base, revision) else {
                continue;
            };
            let known = self.nodes.len();
            let places = [base, revision];
            if known >= most && !self.index.contains_key(&key(&places, direction, inside)) {
                is_cut = true;
                continue;
            }
            let child = self.node(comparison, places, direction, inside);
            if child == known {
                self.depths[child] = self.depths[id] + 1;
            }
            if let Some((base, revision)) = swapped {
                self.note_swap(child, &base, &revision);
            }
            if child == id || !met.insert((child, step.clone())) {
                continue;
            }
            if step.is_empty() {
                self.nodes[child].whole = whole;
                let (sent, read) = (self.nodes[id].source(), self.nodes[id].target());
                self.nodes[child].stands_in(sent, read);
                if self.nodes[child].tag.is_none() {
                    self.nodes[child].tag.clone_from(&tag);
                }
                self.nodes[child].stands_beside(beside.clone());
            } else {
                self.nodes[child].stands_by_itself();
                self.nodes[child].stands_beside(others);
            }
            edges.push(Edge {
                step,
                child,
                tag,
                items,
                lifts: None,
                is_tried: false,
            });
        }
        if is_cut {
            let both = Both::of(&self.nodes[id], comparison);
            let mut local = both.local(&by_witness::UNDECIDED, UNCOMPARED_PARTS.to_owned());
            local.drift = local.drift.undecided(UNCOMPARED);
            self.renames.push((id, local));
        }
        let node = &mut self.nodes[id];
        node.edges = edges;
        node.dangling = dangling;
    }

    /// The number of questions, and the number of undecided ones.
    pub(crate) fn questions(&self, comparison: &Comparison<'d>) -> Questions {
        let undecided = self
            .nodes
            .iter()
            .filter(|node| matches!(node.decision, Decision::Undecided(_)))
            .count();
        Questions {
            asked: self.nodes.len(),
            undecided,
            internal_faults: usize::try_from(comparison.schemas.faults()).unwrap_or(usize::MAX),
        }
    }
}

/// The key of the node of some locations.
fn key(places: &[Vec<Located<'_>>; 2], direction: Direction, carrier: Carrier) -> Key {
    let ids = |places: &Vec<Located<'_>>| places.iter().map(|it| it.node.id()).collect();
    (places.each_ref().map(ids), direction, carrier)
}

/// The references of both faces that cannot be resolved.
fn dangling_in(both: &Both<'_, '_>) -> Vec<(Side, Unresolved)> {
    let base = both.base.unresolved.iter().map(|it| (Side::Base, it.clone()));
    let revision = both
        .revision
        .unresolved
        .iter()
        .map(|it| (Side::Revision, it.clone()));
    base.chain(revision).collect()
}

/// Follows a reference without other keywords; an unresolved one is recorded.
fn follow_alone<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    place: &Located<'d>,
    touched: &Touched,
) -> Option<Located<'d>> {
    let found = comparison.schemas.reader().follow_alone(side, place.clone());
    found
        .map_err(|unresolved| comparison.dangling.note(side, unresolved, touched))
        .ok()
}

/// Follows the references of schemas for the same value; `None` if one cannot be resolved.
fn follow_all<'d>(
    comparison: &mut Comparison<'d>,
    side: Side,
    (first, more): (Located<'d>, Vec<Located<'d>>),
    dangling: &mut Vec<(Side, Unresolved)>,
) -> Option<Vec<Located<'d>>> {
    let reader = comparison.schemas.reader();
    let mut found = Vec::with_capacity(more.len() + 1);
    let mut is_whole = true;
    for place in std::iter::once(first).chain(more) {
        match reader.follow_alone(side, place) {
            Ok(place) => found.push(place),
            Err(unresolved) => {
                dangling.push((side, unresolved));
                is_whole = false;
            }
        }
    }
    is_whole.then_some(found)
}

/// The names that each side declares beside the alternatives of a pair, at every location of the pair.
fn names_beside<'d>(both: &Both<'_, 'd>) -> [BTreeSet<&'d str>; 2] {
    let declared = [both.base, both.revision].map(|face| face.properties.keys().copied());
    let mut around = both.node.beside.clone().unwrap_or_default().into_iter();
    declared.map(|own| own.chain(around.next().into_iter().flatten()).collect())
}
