//! Builds the graph of aligned pairs.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use openapi_document::{Located, Node as DocumentNode, Unresolved, pointer};
use serde_json::Value;

use crate::comparison::{Comparison, SchemaUse};
use crate::containment::{Carrier, Inside, Refutation};
use crate::diff::face::{Additional, Condition, Face};
use crate::diff::node::{Claim, Decision, Edge, Index, Letter, Local, Node, NodeId, Step, Unmatched};
use crate::diff::pair::{self, Both};
use crate::report::{Direction, Questions, Side, Touched};
use crate::rules::lifecycle;
use crate::rules::union::KnownTraits;
use crate::rules::{annotations, by_witness, discriminators, object, union, values, xml};

use crate::schema::keywords::SUNSET;
use crate::schema::reader::Reader;
use crate::unchanged::Unchanged;

/// Maximum number of steps from the whole message to a pair, because deeper values are never read.
const DEEPEST: usize = 1_000;

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
    renames: Vec<(NodeId, Local)>,
    /// The locations of two components, if a reference leads to the first in the base and to the second in the
    /// revision.
    swaps: HashSet<(Arc<str>, Arc<str>)>,
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
        let ids = |places: &Vec<Located<'d>>| places.iter().map(|it| it.node.id()).collect();
        let key = (places.each_ref().map(ids), direction, carrier);
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

    /// Records that two locations refer to different components, at which `node` starts.
    fn note_swap(&mut self, node: NodeId, base: &Located<'d>, revision: &Located<'d>) {
        let reference = |place: &Located<'d>| place.text("$ref").map(str::to_owned);
        if let (Some(old), Some(new)) = (reference(base), reference(revision))
            && old != new
        {
            let Node { base, revision, .. } = &self.nodes[node];
            self.swaps
                .insert((Arc::clone(&base.at), Arc::clone(&revision.at)));
        }
    }

    /// Marks each drift between two components that is behind a changed reference.
    pub(crate) fn tell_swaps(&mut self) {
        for node in &mut self.nodes {
            for Local { drift, .. } in &mut node.locals {
                let (Some(old), Some(new)) = (
                    drift.base_at.as_deref().and_then(component),
                    drift.revision_at.as_deref().and_then(component),
                ) else {
                    continue;
                };
                if self.swaps.contains(&(old.into(), new.into())) {
                    let name = |at: &str| pointer::unescape(at.rsplit('/').next().unwrap_or_default()).into();
                    drift.swap = Some((name(old), name(new)));
                }
            }
        }
    }

    /// Reports the components that have different names where a use starts.
    pub(crate) fn file_renames(&mut self) {
        for (id, local) in std::mem::take(&mut self.renames) {
            let locals = &mut self.nodes[id].locals;
            if locals.iter().all(|other| other.drift.title != local.drift.title) {
                locals.push(local);
            }
        }
    }

    pub(crate) fn both<'n>(&'n self, comparison: &Comparison<'d>, id: NodeId) -> Both<'n, 'd> {
        Both::of(&self.nodes[id], comparison)
    }

    /// Pairs the schemas one step deeper. Beyond [`DEEPEST`], a pair is compared as a whole.
    fn expand(&mut self, comparison: &mut Comparison<'d>, id: NodeId) {
        if self.depths[id] == DEEPEST {
            return;
        }
        let both = Both::of(&self.nodes[id], comparison);
        let reader = comparison.schemas.reader();
        let aligned = union::align(&comparison.unchanged, reader, &mut self.traits, &both);
        let whole = union::whole_side(&both);
        let beside = names_beside(&both);
        let carrier = both.node.carrier;
        let mut pairs = children(&both);
        pairs.extend(aligned.pairs.into_iter().map(Child::in_place));
        let overlapping = overlapping(&comparison.unchanged, comparison.schemas.reader(), &both);
        pairs.extend(overlapping);
        pairs.extend(discriminators::pairs(&both).into_iter().map(Child::in_place));
        let mut dangling = dangling_in(&both);
        let direction = both.direction();

        let mut edges: Vec<Edge> = Vec::new();
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
            let tag = step.is_empty().then(|| {
                let both = Both::of(&self.nodes[id], comparison);
                discriminators::tag_of_pair(&both, &base)
            });
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
            let child = self.node(comparison, [base, revision], direction, inside);
            if child == known {
                self.depths[child] = self.depths[id] + 1;
            }
            if let Some((base, revision)) = swapped {
                self.note_swap(child, &base, &revision);
            }
            if child == id {
                continue;
            }
            if !met.insert((child, step.clone())) {
                continue;
            }
            if step.is_empty() {
                self.nodes[child].whole = whole;
                let (sent, read) = (self.nodes[id].source(), self.nodes[id].target());
                self.nodes[child].stands_in(sent, read);
                if self.nodes[child].tag.is_none() {
                    self.nodes[child].tag = tag.flatten();
                }
                self.nodes[child].stands_beside(beside.clone());
            } else {
                self.nodes[child].stands_by_itself();
                self.nodes[child].stands_beside(others);
            }
            edges.push(Edge {
                step,
                child,
                items,
                lifts: None,
                is_tried: false,
            });
        }
        let node = &mut self.nodes[id];
        node.edges = edges;
        node.dangling = dangling;
        node.unmatched = aligned.unmatched;
    }

    /// Names the drifts of each pair by the rules, once its verdict is known.
    pub(crate) fn name_drifts(&mut self, comparison: &mut Comparison<'d>) {
        let names_in_xml = xml::names(&self.nodes);
        for id in 0..self.nodes.len() {
            let both = self.both(comparison, id);
            if both.leads_apart() || both.base.is_unread || both.revision.is_unread {
                // The parts that were not read may be the same.
                continue;
            }
            let mut locals = object::compare(&mut comparison.schemas, &both);
            locals.extend(values::compare(&mut comparison.schemas, &both));
            locals.extend(annotations::compare(&both));
            locals.extend(annotations::content_schema(&mut comparison.schemas, &both));
            locals.extend(names_in_xml.get(&id).and_then(|names| xml::compare(&both, names)));
            locals.extend(deprecation(&both));
            locals.extend(union::compare(&mut comparison.schemas, &both));
            let tags = discriminators::compare(&mut comparison.schemas, &both, &locals);
            locals.extend(tags);
            locals.extend(union::overlap(&mut comparison.schemas, &both));
            self.nodes[id].locals = locals;
        }
    }

    /// The refutation of a pair, the deeper pair from which it was lifted, and the path to that pair.
    pub(crate) fn refutation(&self, mut id: NodeId) -> Option<(Vec<Step>, NodeId, &Refutation)> {
        let mut path = Vec::new();
        loop {
            match &self.nodes[id].decision {
                Decision::Refuted(Some(refutation)) => return Some((path, id, refutation)),
                Decision::Refuted(None) => {
                    let edge = self.nodes[id].lifted_by?;
                    path.push((id, edge));
                    id = self.nodes[id].edges[edge].child;
                }
                _ => return None,
            }
        }
    }

    /// The step along an edge, as it is reported.
    pub(crate) fn step(&self, node: NodeId, edge: usize) -> &str {
        &self.nodes[node].edges[edge].step
    }

    /// The step along an edge in a value. In a map, it is a name that no property beside the map has.
    pub(crate) fn step_of_value(&self, node: NodeId, edge: usize) -> String {
        let (base, revision) = &self.nodes[node].faces;
        let step = self.step(node, edge);
        let is_map = |face: &Face<'_>| matches!(face.additional, Additional::Like(_));
        let is_bare = base.is_bare() && revision.is_bare();
        if step != "/*" || is_bare || !(is_map(base) && is_map(revision)) {
            return step.to_owned();
        }
        let mut names = (0..).map(|n| format!("name{n}"));
        let name = names.find(|name| !base.declares(name) && !revision.declares(name));
        format!("/{}", name.unwrap_or_default())
    }

    /// The path along edges, as it is reported.
    pub(crate) fn way(&self, edges: &[Step]) -> String {
        edges.iter().map(|(node, edge)| self.step(*node, *edge)).collect()
    }

    /// The path along edges in a value.
    pub(crate) fn way_of_value(&self, edges: &[Step]) -> String {
        let steps = edges.iter().map(|(node, edge)| self.step_of_value(*node, *edge));
        steps.collect()
    }

    /// A value that is sent under the first pair of a path and contains `value` at its end. It is made of a small
    /// value of each pair on the path, which costs no search for the whole; `None` if those do not fit together.
    pub(crate) fn around(
        &self,
        comparison: &mut Comparison<'d>,
        edges: &[Step],
        value: &Value,
    ) -> Option<Value> {
        let mut whole = value.clone();
        for &(node, edge) in edges.iter().rev() {
            let step = self.step_of_value(node, edge);
            let step = step.strip_prefix('/').map(pointer::unescape);
            let inside = Inside::step(step.as_deref(), self.nodes[node].edges[edge].items);
            let source = self.nodes[node].source();
            whole = comparison.schemas.with_part(source, inside, whole)?;
        }
        let (root, _) = edges.first()?;
        comparison.schemas.as_sent(self.nodes[*root].source(), &whole)
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
        .map_err(|unresolved| comparison.note_dangling(side, unresolved, touched))
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

/// Two corresponding schemas one step deeper.
struct Child<'d> {
    step: String,
    base: Located<'d>,
    revision: Located<'d>,
    /// Whether they describe items instead of properties.
    items: bool,
    /// The names that other parts declare for the same value.
    beside: [BTreeSet<&'d str>; 2],
    /// Further schemas of each document for the same value.
    further: [Vec<Located<'d>>; 2],
}

impl<'d> Child<'d> {
    /// Two schemas for the same value.
    fn in_place((base, revision): (Located<'d>, Located<'d>)) -> Self {
        Self {
            step: String::new(),
            base,
            revision,
            items: false,
            beside: Default::default(),
            further: Default::default(),
        }
    }
}

/// Pairs of corresponding schemas one step deeper.
fn children<'d>(both: &Both<'_, 'd>) -> Vec<Child<'d>> {
    let (base, revision) = (both.base, both.revision);
    let mut pairs = Vec::new();
    let mut pair = |step: String, old: &Located<'d>, new: &Located<'d>, items: bool| {
        pairs.push(Child {
            step,
            base: old.clone(),
            revision: new.clone(),
            items,
            beside: Default::default(),
            further: Default::default(),
        });
    };
    for &name in base.properties.keys().chain(
        revision
            .properties
            .keys()
            .filter(|it| !base.properties.contains_key(*it)),
    ) {
        let step = || pointer::join("", name);
        match (base.property(name), revision.property(name)) {
            (Some(old), Some(new)) => pair(step(), old, new, false),
            // A name that only one side declares belongs to the map of the other side.
            (Some(old), None) if !revision.declares(name) => {
                if let Additional::Like(new) = &revision.additional {
                    pair(step(), old, new, false);
                }
            }
            (None, Some(new)) if !base.declares(name) => {
                if let Additional::Like(old) = &base.additional {
                    pair(step(), old, new, false);
                }
            }
            _ => {}
        }
    }
    let (old, new) = (by_name(base), by_name(revision));
    for (name, conditions) in &old {
        let is_certain = base.properties.contains_key(name) || revision.properties.contains_key(name);
        let Some(others) = new.get(name).filter(|_| !is_certain) else {
            continue;
        };
        for (condition, old) in conditions {
            // If several parts describe a property under the same condition, none of them is complete.
            let said = conditions.iter().filter(|it| it.0 == *condition).count();
            let mut of_condition = others.iter().filter(|it| it.0 == *condition);
            if let (1, Some((_, new)), None) = (said, of_condition.next(), of_condition.next()) {
                pair(pointer::join("", name), old, new, false);
            }
        }
    }
    if let (Additional::Like(old), Additional::Like(new)) = (&base.additional, &revision.additional) {
        pair("/*".to_owned(), old, new, false);
    }
    if let ([old], [new]) = (base.items.as_slice(), revision.items.as_slice()) {
        pair("/*".to_owned(), old, new, true);
    }
    for (index, (old, new)) in base.prefix.iter().zip(&revision.prefix).enumerate() {
        pair(format!("/{index}"), old, new, true);
    }
    for (pattern, old) in &base.patterns {
        if let Some((_, new)) = revision.patterns.iter().find(|(other, _)| other == pattern) {
            pair("/*".to_owned(), old, new, false);
        }
    }
    pairs
}

/// Maximum number of conditions on one property; with more, only the surrounding schema is compared.
const MOST_CONDITIONS: usize = 32;

/// The schemas that apply under conditions, by property.
fn by_name<'f, 'd>(face: &'f Face<'d>) -> BTreeMap<&'d str, Vec<(Condition<'d>, &'f Located<'d>)>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (condition, name, place) in &face.conditions {
        all.entry(*name).or_default().push((*condition, place));
    }
    all.retain(|_, conditions| conditions.len() <= MOST_CONDITIONS);
    all
}

/// Pairs of schemas that describe one property, or the items, in several parts of an `allOf` each. No other part
/// describes what changed in one part, so no part hides the effect of a change in another one.
fn overlapping<'d>(
    unchanged: &Unchanged<'d>,
    reader: &mut Reader<'d>,
    both: &Both<'_, 'd>,
) -> Vec<Child<'d>> {
    let mut pairs = Vec::new();
    let (base, revision) = (both.base, both.revision);
    let properties = base.properties.iter().filter_map(|(name, old)| {
        let new = revision.properties.get(name)?;
        Some((openapi_document::pointer::join("", name), old, new, false))
    });
    let items = std::iter::once(("/*".to_owned(), &base.items, &revision.items, true));
    for (step, old, new, items) in properties.chain(items) {
        let is_single = old.len() < 2 && new.len() < 2;
        if is_single || old.is_empty() || new.is_empty() {
            continue;
        }
        let changed: Vec<usize> = if old.len() == new.len() {
            (0..old.len())
                .filter(|&index| !unchanged.same(old[index].node, new[index].node))
                .collect()
        } else {
            Vec::new()
        };
        if changed.is_empty() && old.len() == new.len() {
            continue;
        }
        // A closed part refuses the names that another part declares.
        let mut limits_names = false;
        let mut names = |index: usize| {
            [(Side::Base, &old[index]), (Side::Revision, &new[index])].map(|(side, place)| {
                let face = Face::of(reader, side, place, both.direction());
                limits_names |= face.limits_names();
                face.all_names()
            })
        };
        let said: Vec<[BTreeSet<&str>; 2]> = if changed.is_empty() {
            Vec::new()
        } else {
            (0..old.len()).map(&mut names).collect()
        };
        let all = |index: usize| -> BTreeSet<&str> { said[index].iter().flatten().copied().collect() };
        let stands_alone = |index: usize| {
            let mut others = (0..said.len()).filter(|other| *other != index);
            !all(index).is_empty() && others.all(|other| all(other).is_disjoint(&all(index)))
        };
        let beside = |index: usize| {
            [0, 1].map(|side| {
                let others = said.iter().enumerate().filter(|(other, _)| *other != index);
                others.flat_map(|(_, said)| said[side].iter().copied()).collect()
            })
        };
        if changed.is_empty() || limits_names || !changed.iter().all(|&index| stands_alone(index)) {
            pairs.extend(together(unchanged, reader, both, (step, old, new, items)));
            continue;
        }
        pairs.extend(changed.into_iter().map(|index| Child {
            step: step.clone(),
            base: old[index].clone(),
            revision: new[index].clone(),
            items,
            beside: beside(index),
            further: Default::default(),
        }));
    }
    pairs
}

/// Maximum number of schemas for the same value; with more, only the surrounding schema is compared.
const MOST_TOGETHER: usize = 8;

/// All schemas for one property, or for the items, as one group for each document, because none of them is complete.
/// The changed schema comes first, because it provides the location of the drift.
fn together<'d>(
    unchanged: &Unchanged<'d>,
    reader: &mut Reader<'d>,
    both: &Both<'_, 'd>,
    (step, old, new, items): (String, &[Located<'d>], &[Located<'d>], bool),
) -> Option<Child<'d>> {
    if old.len().max(new.len()) > MOST_TOGETHER {
        return None;
    }
    let first_changed = |own: &[Located<'d>], is_kept: &dyn Fn(&Located<'d>) -> bool| {
        let mut own = own.to_vec();
        let first = own.iter().position(|it| !is_kept(it)).unwrap_or_default();
        own[..=first].rotate_right(1);
        own
    };
    let old = first_changed(old, &|it| {
        new.iter().any(|other| unchanged.same(it.node, other.node))
    });
    let new = first_changed(new, &|it| {
        old.iter().any(|other| unchanged.same(other.node, it.node))
    });
    // A single part does not determine which alternatives hold for the whole.
    let is_plain = [(Side::Base, &old), (Side::Revision, &new)]
        .into_iter()
        .all(|(side, places)| {
            let face = Face::of_all(reader, side, places, both.direction());
            face.unions.is_empty() && face.discriminator.is_none()
        });
    let (mut old, mut new) = (old.into_iter(), new.into_iter());
    is_plain.then_some(Child {
        step,
        base: old.next()?,
        revision: new.next()?,
        items,
        beside: Default::default(),
        further: [old.collect(), new.collect()],
    })
}

/// The component that contains a location.
fn component(at: &str) -> Option<&str> {
    let name = at.strip_prefix("/components/schemas/")?;
    let end = name.find('/').unwrap_or(name.len());
    Some(&at[..at.len() - name.len() + end])
}

fn deprecation<'d>(both: &Both<'_, 'd>) -> Vec<Local> {
    let mut found = Vec::new();
    let says = |face: &Face<'d>| face.annotation("deprecated").and_then(DocumentNode::as_bool) == Some(true);
    if !says(both.base) && says(both.revision) {
        let title = format!("{} is deprecated", pair::label_of(both, Side::Base));
        found.push(both.local(&by_witness::PROPERTY_DEPRECATED, title));
    }
    let dates = (both.base.annotation(SUNSET), both.revision.annotation(SUNSET));
    if dates.0 != dates.1 {
        let sunset = lifecycle::sunset(dates.0, dates.1, &pair::label_of(both, Side::Base));
        found.extend(sunset.map(|(rule, title)| both.local(rule, title)));
    }
    found
}

/// A component that both documents use here under different names. Each name exists in one document only, or both
/// components have the same meaning.
fn renamed<'d>(
    comparison: &Comparison<'d>,
    node: &Node<'d>,
    base: &Located<'d>,
    revision: &Located<'d>,
) -> Option<Local> {
    let (old, new) = (base.text("$ref")?, revision.text("$ref")?);
    if old == new {
        return None;
    }
    let found = |side: Side, from: &Located<'d>, reference: &str| {
        comparison
            .document(side)
            .resolve_schema(from.node, reference)
            .ok()
    };
    let (old_at, new_at) = (
        found(Side::Base, base, old)?.at,
        found(Side::Revision, revision, new)?.at,
    );
    let renamed = found(Side::Revision, revision, old).is_none() && found(Side::Base, base, new).is_none();
    if !renamed && !comparison.are_alike(base.node, revision.node) {
        return None;
    }
    let name = |reference: &str| reference.rsplit('/').next().unwrap_or_default().to_owned();
    let title = if renamed {
        format!("the component `{}` is called `{}`", name(old), name(new))
    } else {
        format!(
            "the component `{}` is used where `{}` was, and has the same meaning",
            name(new),
            name(old)
        )
    };
    let drift = crate::findings::Drift::new(&by_witness::RENAMED, format!("{old} {new}"), title)
        .base(&old_at)
        .revision(&new_at)
        .flows(node.direction);
    Some(Local {
        drift,
        suffix: String::new(),
        whole: false,
        inline: false,
        claim: Claim::Other,
    })
}
