//! Attributes drifts to the operations that reach them, and to the paths. The drifts thereby become findings.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::comparison::{Comparison, FIELD, SchemaUse};
use crate::containment::{Carrier, Inward, Refutation, SchemaId};
use crate::diff::graph::Graph;
use crate::diff::node::{Decision, Letter, Local, Node, NodeId, Step};
use crate::findings::{Drift, Place};
use crate::gate::Claim;
use crate::report::Touched;
use crate::rules::by_witness;
use crate::rules::message;

/// Maximum number of steps in the walks that are cached. Beyond it, they are forgotten and walked again.
const MOST_KEPT: usize = 1_000_000;
/// Maximum number of steps in all walks. Once there are as many, further walks visit only what no walk has visited yet,
/// so that each drift is still told, but not each operation that reaches it. Vendors' documents have at most some
/// hundred thousand.
const MOST_WALKED: usize = 5_000_000;
/// Number of steps to a drift that count as one part of the message that shows it.
const STEPS: usize = 16;
/// Number of steps to a drift beyond which its place is written anew for each use.
const DEEP: usize = 200;
/// Why a use does not list all of its drifts.
const UNWALKED: &str = "so many places reach what changed that not all are listed";

/// Reports a finding for every drift that a use reaches.
pub(crate) fn file<'d>(
    comparison: &mut Comparison<'d>,
    graph: &Graph<'d>,
    uses: &[SchemaUse<'d>],
    roots: &[Option<NodeId>],
) {
    let worth = worth_visiting(graph);
    // The finding of each drift that does not depend on the slot, so that it is looked up once, not once per
    // operation.
    let mut filed: Vec<Vec<Option<Place>>> = graph
        .nodes
        .iter()
        .map(|node| vec![None; node.locals.len()])
        .collect();
    // The index of each unresolved reference, for the same reason.
    let mut noted: Vec<Vec<Option<usize>>> = graph
        .nodes
        .iter()
        .map(|node| vec![None; node.dangling.len()])
        .collect();
    let (mut visit, mut kept) = (Visit::new(graph), 0);
    // Many uses start at the same pair, such as that of the errors of all operations, so its walk is cached.
    let mut walks: HashMap<(NodeId, String), Walk> = HashMap::new();
    // The pairs whose refutation was reported because no drift shows it.
    let mut lifted: HashSet<NodeId> = HashSet::new();
    // Whether the value that refutes a pair can be sent from the doubtful pair above it so that it is refused there,
    // too.
    let mut reaching: HashMap<(NodeId, NodeId, usize), bool> = HashMap::new();
    for (it, root) in uses.iter().zip(roots) {
        let Some(root) = *root else { continue };
        let key = (root, it.slot.at());
        if !walks.contains_key(&key) {
            let walk = visit.walk(root, graph, &worth);
            let size = walk.steps.len();
            kept += size;
            if kept > MOST_KEPT {
                walks.clear();
                kept = size;
            }
            walks.insert(key.clone(), walk);
        }
        let walk = walks.get_mut(&key).expect("the walk was kept");
        if walk.is_cut {
            cut_short(comparison, it);
        }
        let mut is_shown = false;
        for Stop { step, told } in &mut walk.stops {
            // Most stops only count a place that is not listed, and do not need the path.
            let (steps, edges) = (&walk.steps, OnceCell::new());
            let edges = || edges.get_or_init(|| path_to(steps, *step)).as_slice();
            let step = &steps[*step];
            let node = &graph.nodes[step.node];
            note_dangling(comparison, graph, it, (step.node, edges), &mut noted[step.node]);
            for Told { number, at, carried } in told {
                let (local, filed) = (&node.locals[*number], &mut filed[step.node][*number]);
                // Where nothing follows from what is refused deeper, nothing does further out.
                let is_nothing = local.drift.rule.id == by_witness::NOTHING.id
                    && graph.reads_nothing(comparison, step.node);
                let is_refuted = local.refutes() && local.drift.witness.is_some();
                if let Some(place) = *filed
                    && !comparison.findings.lists_more(place.index)
                    && !comparison.wants_message(place.index)
                {
                    is_shown |= is_refuted || is_nothing;
                    comparison.findings.omit(place.index, 1);
                    continue;
                }
                let edges = edges();
                let reached = Reached {
                    root,
                    node: step.node,
                    edges,
                    doubt: step.doubt,
                };
                if is_refuted {
                    // Another alternative may accept the witness, and the refutation then has another reason. A drift
                    // that already is a finding is not checked again for each path to it.
                    if filed.is_none()
                        && let Some([_, inside]) = reached.at_doubt()
                        && matches!(graph.nodes[inside.root].decision, Decision::Refuted(_))
                        && !*reaching
                            .entry((inside.root, step.node, *number))
                            .or_insert_with(|| {
                                let parts = members(&graph.nodes[inside.root]);
                                // The message of a finding for which this is not asked is not asked for either.
                                !comparison.may_write(parts) || reaches(comparison, graph, inside, local)
                            })
                    {
                        continue;
                    }
                    is_shown = true;
                }
                is_shown |= is_nothing;
                let whole = Whole {
                    reached,
                    local,
                    carried,
                };
                let at = || {
                    let write = || [&key.1, &*graph.way(edges), &local.suffix].concat().into();
                    // Thousands of long places would fill a gigabyte, and few are needed again.
                    if edges.len() > DEEP {
                        write()
                    } else {
                        Arc::clone(at.get_or_init(write))
                    }
                };
                place(comparison, graph, it, whole, &at, filed);
            }
        }
        if !is_shown
            && let Some((edges, node, refutation)) = graph.refutation(root)
            // A walk that was cut short does not show what an earlier one has shown.
            && !(walk.is_cut && (lifted.contains(&node) || filed[node].iter().any(Option::is_some)))
            && !graph.reads_nothing(comparison, node)
        {
            lifted.insert(node);
            lift(comparison, graph, (it, &key), (&edges, node), refutation);
        }
    }
}

/// Reports the refutation of a pair because no drift below it shows it.
fn lift<'d>(
    comparison: &mut Comparison<'d>,
    graph: &Graph<'d>,
    (it, (root, at)): (&SchemaUse<'d>, &(NodeId, String)),
    (edges, node): (&[Step], NodeId),
    refutation: &Refutation,
) {
    let local = {
        let both = graph.both(comparison, node);
        by_witness::refuted(comparison.schemas.reader(), &both, refutation)
    };
    let reached = Reached {
        root: *root,
        node,
        edges,
        doubt: None,
    };
    let written = OnceCell::new();
    let at = || {
        let at = written.get_or_init(|| [&**at, &graph.way(edges), &local.suffix].concat().into());
        Arc::clone(at)
    };
    let whole = Whole {
        reached,
        local: &local,
        carried: &mut Carried::Unsought,
    };
    place(comparison, graph, it, whole, &at, &mut None);
}

/// Records the references of a node that a use reaches and that lead to nothing.
fn note_dangling<'d, 'e>(
    comparison: &mut Comparison<'d>,
    graph: &Graph<'d>,
    it: &SchemaUse<'d>,
    (node, edges): (NodeId, impl Fn() -> &'e [Step]),
    noted: &mut [Option<usize>],
) {
    for ((side, unresolved), noted) in graph.nodes[node].dangling.iter().zip(noted) {
        if let Some(index) = noted.filter(|it| !comparison.dangling.lists_more(*it)) {
            comparison.dangling.omit(index);
            continue;
        }
        let touched = it.pair.touched_in(&it.slot, it.slot.at() + &graph.way(edges()));
        *noted = Some(comparison.dangling.note(*side, unresolved.clone(), &touched));
    }
}

/// A node that a use reaches from its root.
#[derive(Clone, Copy)]
struct Reached<'w> {
    root: NodeId,
    node: NodeId,
    /// The path from the root to the node.
    edges: &'w [Step],
    /// The first pair on the path that may still accept the value that the node refuses.
    doubt: Option<NodeId>,
}

impl Reached<'_> {
    /// The path to the pair that may still accept the value, and the path from there to the node.
    fn at_doubt(self) -> Option<[Self; 2]> {
        let doubt = self.doubt?;
        let place = self.edges.iter().rposition(|(node, _)| *node == doubt)?;
        let (to, from) = self.edges.split_at(place);
        let [to, from] = [(self.root, doubt, to), (doubt, self.node, from)];
        Some([to, from].map(|(root, node, edges)| Self {
            root,
            node,
            edges,
            doubt: None,
        }))
    }
}

/// The value of a root that contains the witness of a drift.
enum Carried {
    Unsought,
    Sought(Option<Value>),
}

/// A drift of a node that a use reaches, and the value of the root that contains its witness.
struct Whole<'w> {
    reached: Reached<'w>,
    local: &'w Local,
    carried: &'w mut Carried,
}

/// Reports a drift of a node that a use reaches. Its location is written only where it is needed, because it may be as
/// long as the path.
fn place<'d>(
    comparison: &mut Comparison<'d>,
    graph: &Graph<'d>,
    it: &SchemaUse<'d>,
    whole: Whole<'_>,
    at: &dyn Fn() -> Arc<str>,
    filed: &mut Option<Place>,
) {
    let (reached, local) = (whole.reached, whole.local);
    let touched = || it.pair.touched_in(&it.slot, at());
    let place = if let Some(place) = *filed {
        place
    } else {
        let mut drift = local.drift.clone();
        if local.inline {
            drift.cause = format!("{} {}", drift.cause, at());
        }
        comparison.findings.of_kind(drift, &touched())
    };
    if !local.inline {
        *filed = Some(place);
    }
    let Place { index, is_beside } = place;
    let is_first = comparison.findings.get_mut(index).operations.len() < comparison.options.messages;
    let parts = members(&graph.nodes[reached.root]) + comparison.parts_of_requests(&it.pair);
    let parts = parts + reached.edges.len() / STEPS;
    let is_wanted = !is_beside && (is_first || comparison.wants_message(index));
    let mut shown = None;
    if is_wanted && comparison.may_show(index, parts) {
        comparison.schemas.take_doubt();
        if let Some(message) = message(comparison, graph, it, whole, index) {
            let claim = Claim {
                pair: &it.pair,
                accepted_by: graph.nodes[reached.node].sender(),
                at: &at(),
                is_removal: false,
                is_list: false,
                status: it.slot.status().map(|it| &**it),
                message: &message,
            };
            let stands = comparison.show(index, &claim);
            shown = (stands && is_first).then(|| Box::new(Value::Object(message)));
        } else if comparison.schemas.is_spent() {
            comparison.leave_open(
                index,
                "so many values were built to show others that its message was not",
            );
        } else if let Decision::Undecided(why) = &graph.nodes[reached.root].decision {
            // A part differs, but it is undecided whether a whole message is refused because of it. For example, an
            // unresolved reference may surround the part.
            comparison.leave_open(index, why);
        } else if let Some(why) = comparison.schemas.take_doubt() {
            comparison.leave_open(index, &why);
        }
    }
    if !is_beside && !comparison.findings.lists_more(index) {
        return comparison.findings.omit(index, 1);
    }
    let touched = Touched {
        message: shown,
        ..touched()
    };
    comparison.findings.touch_at(place, touched);
}

/// The cost of a value of a whole schema.
fn members(root: &Node<'_>) -> usize {
    let is_form = matches!(root.carrier, Carrier::Form(_) | Carrier::Query(_));
    root.edges.len() * if is_form { FIELD } else { 1 }
}

/// Whether a value of the root can carry the witness of a drift and is refused there.
fn reaches<'d>(
    comparison: &mut Comparison<'d>,
    graph: &Graph<'d>,
    reached: Reached<'_>,
    local: &Local,
) -> bool {
    let witness = local.drift.witness.as_ref();
    let target = graph.nodes[reached.root].target();
    witness.is_some_and(|it| carrying(comparison, graph, reached, target, &it.value).is_some())
}

/// The nodes at or below which there is something to report.
fn worth_visiting(graph: &Graph<'_>) -> Vec<bool> {
    let mut above: Vec<Vec<NodeId>> = vec![Vec::new(); graph.nodes.len()];
    let mut worth = vec![false; graph.nodes.len()];
    let mut open = Vec::new();
    for (id, node) in graph.nodes.iter().enumerate() {
        for edge in &node.edges {
            above[edge.child].push(id);
        }
        if !node.locals.is_empty() || !node.dangling.is_empty() {
            worth[id] = true;
            open.push(id);
        }
    }
    while let Some(id) = open.pop() {
        for &parent in &above[id] {
            if !worth[parent] {
                worth[parent] = true;
                open.push(parent);
            }
        }
    }
    worth
}

/// The claims that may be reported at a node, according to the path that leads there.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each kind of claim")]
struct Telling {
    /// Refusals and undecided drifts: no pair on the path is proved.
    doubts: bool,
    /// Widening: no pair on the path is proved to send everything that it accepts.
    widening: bool,
    /// Refusals by the exact meaning of `oneOf`: no pair on the path is proved to be contained in that meaning.
    overlaps: bool,
    /// All other claims.
    others: bool,
}

impl Telling {
    /// The claims that were not reported before.
    fn without(self, told: Self) -> Self {
        Self {
            doubts: self.doubts && !told.doubts,
            widening: self.widening && !told.widening,
            overlaps: self.overlaps && !told.overlaps,
            others: self.others && !told.others,
        }
    }

    fn with(self, other: Self) -> Self {
        Self {
            doubts: self.doubts || other.doubts,
            widening: self.widening || other.widening,
            overlaps: self.overlaps || other.overlaps,
            others: self.others || other.others,
        }
    }

    fn is_empty(self) -> bool {
        !(self.doubts || self.widening || self.overlaps || self.others)
    }

    fn tells(self, local: &Local) -> bool {
        if local.overlaps() {
            self.overlaps
        } else if local.is_despite_containment() {
            self.others && !self.doubts
        } else if local.is_doubt() {
            self.doubts
        } else if local.widens() {
            self.widening
        } else {
            self.others
        }
    }

    /// The claims of the node above that may be reported at `node`, too.
    fn below(self, node: &Node<'_>) -> Self {
        Self {
            doubts: self.doubts && node.decision != Decision::Proved,
            widening: self.widening && !node.is_covered,
            overlaps: self.overlaps && node.letter != Letter::Kept,
            ..self
        }
    }
}

/// One visit of a walk to a node.
#[derive(Clone, Copy)]
struct WalkStep {
    node: NodeId,
    /// The claims that may be reported at this node and below it: no pair on the path has ruled them out.
    may: Telling,
    /// The claims among them that no shorter path has reported.
    tells: Telling,
    /// The first pair on the path that may accept a witness that is refused below it.
    doubt: Option<NodeId>,
    /// The visit that led here, and the edge it took.
    from: Option<(usize, usize)>,
}

/// The steps of a walk from a root, and those among them at which there is something to report.
struct Walk {
    steps: Vec<WalkStep>,
    stops: Vec<Stop>,
    /// Whether it left out what other walks had visited.
    is_cut: bool,
}

/// A step of a walk at which there is something to report, by its index.
struct Stop {
    step: usize,
    told: Vec<Told>,
}

/// The path to a step of a walk.
fn path_to(steps: &[WalkStep], step: usize) -> Vec<Step> {
    let (mut edges, mut step) = (Vec::new(), &steps[step]);
    while let Some((from, edge)) = step.from {
        step = &steps[from];
        edges.push((step.node, edge));
    }
    edges.reverse();
    edges
}

/// A drift that is reported at a stop.
struct Told {
    /// Its index among the drifts of the node.
    number: usize,
    /// Its location in a message, once it is needed.
    at: OnceCell<Arc<str>>,
    /// The value of the root that contains its witness, searched once for all uses of the walk.
    carried: Carried,
}

/// A breadth-first walk, so that the shortest path is reported.
struct Visit {
    /// For each node, the number of the last walk that reached it, and the claims that this walk reported.
    met: Vec<(u32, Telling)>,
    /// For each node, the claims that any walk reported.
    known: Vec<Telling>,
    /// The number of steps that walks may still take.
    unwalked: usize,
    walk: u32,
    steps: Vec<WalkStep>,
    open: VecDeque<usize>,
    is_cut: bool,
}

impl Visit {
    fn new(graph: &Graph<'_>) -> Self {
        Self {
            met: vec![(0, Telling::default()); graph.nodes.len()],
            known: vec![Telling::default(); graph.nodes.len()],
            unwalked: MOST_WALKED,
            walk: 0,
            steps: Vec::new(),
            open: VecDeque::new(),
            is_cut: false,
        }
    }

    /// The walk from a root.
    fn walk(&mut self, root: NodeId, graph: &Graph<'_>, worth: &[bool]) -> Walk {
        self.begin(root, graph);
        let mut stops = Vec::new();
        while let Some(index) = self.next(graph, worth) {
            let step = self.steps[index];
            let node = &graph.nodes[step.node];
            if !node.locals.is_empty() || !node.dangling.is_empty() {
                let locals = node.locals.iter().enumerate();
                let told = locals.filter(|(_, local)| step.tells.tells(local));
                let told = told.map(|(number, _)| Told {
                    number,
                    at: OnceCell::new(),
                    carried: Carried::Unsought,
                });
                let told = told.collect();
                stops.push(Stop { step: index, told });
            }
        }
        Walk {
            steps: std::mem::take(&mut self.steps),
            stops,
            is_cut: self.is_cut,
        }
    }

    fn begin(&mut self, root: NodeId, graph: &Graph<'_>) {
        self.walk += 1;
        self.is_cut = false;
        let all = Telling {
            doubts: true,
            widening: true,
            overlaps: true,
            others: true,
        };
        let may = all.below(&graph.nodes[root]);
        self.push(root, may, None, None);
    }

    fn push(&mut self, node: NodeId, may: Telling, doubt: Option<NodeId>, from: Option<(usize, usize)>) {
        let (walk, told) = &mut self.met[node];
        if *walk != self.walk {
            (*walk, *told) = (self.walk, Telling::default());
        }
        let tells = may.without(*told);
        if tells.is_empty() {
            return;
        }
        let known = &mut self.known[node];
        if self.unwalked == 0 && may.without(*known).is_empty() {
            self.is_cut = true;
            return;
        }
        *known = known.with(may);
        *told = told.with(may);
        self.open.push_back(self.steps.len());
        self.steps.push(WalkStep {
            node,
            may,
            tells,
            doubt,
            from,
        });
    }

    /// Takes the next step, and returns its index.
    fn next(&mut self, graph: &Graph<'_>, worth: &[bool]) -> Option<usize> {
        let index = self.open.pop_front()?;
        let step = self.steps[index];
        let parent = &graph.nodes[step.node];
        self.unwalked = self.unwalked.saturating_sub(1 + parent.edges.len());
        for (index_of_edge, edge) in parent.edges.iter().enumerate() {
            if worth[edge.child] {
                // If one refutation of a child is also one of its parent, other refutations of the child need not be.
                let lifts = edge.lifts == Some(true);
                let may = step.may.below(&graph.nodes[edge.child]);
                let doubt = step.doubt.or((!lifts).then_some(step.node));
                self.push(edge.child, may, doubt, Some((index, index_of_edge)));
            }
        }
        Some(index)
    }
}

/// Reports that a use reaches more drifts than those that list it.
fn cut_short<'d>(comparison: &mut Comparison<'d>, it: &SchemaUse<'d>) {
    let drift = Drift::new(
        &by_witness::UNDECIDED,
        UNWALKED,
        "what other operations share changed, and the findings do not list each operation that reaches it",
    );
    let drift = drift
        .base(&it.base.at)
        .revision(&it.revision.at)
        .undecided(UNWALKED);
    let touched = it.pair.touched_in(&it.slot, it.slot.at());
    comparison.report(drift, touched);
}

/// A whole message of the operation that shows a finding.
fn message<'d>(
    comparison: &mut Comparison<'d>,
    graph: &Graph<'d>,
    it: &SchemaUse<'d>,
    whole: Whole<'_>,
    finding: usize,
) -> Option<Map<String, Value>> {
    let Whole {
        reached,
        local,
        carried,
    } = whole;
    if let Carried::Unsought = carried {
        let finding = comparison.findings.get_mut(finding);
        let value = finding.witness.as_ref()?.value.clone();
        let target = |id: NodeId| {
            let node = &graph.nodes[id];
            if local.overlaps() {
                node.target_to_the_letter()
            } else {
                node.target()
            }
        };
        // The value is built inside the doubtful pair first. It is then refused there, and not at another place that
        // is like it.
        let found = reached.at_doubt().and_then(|[outside, inside]| {
            let value = carrying(comparison, graph, inside, target(inside.root), &value)?;
            carrying(comparison, graph, outside, target(reached.root), &value)
        });
        let found = found.or_else(|| carrying(comparison, graph, reached, target(reached.root), &value));
        *carried = Carried::Sought(found);
    }
    let Carried::Sought(Some(value)) = carried else {
        return None;
    };
    let value = value.clone();
    let side = graph.nodes[reached.node].sender();
    Some(message::carrying(comparison, side, &it.pair, &it.slot, value))
}

/// A value of the root that contains `value` at the end of the path, and is refused there.
fn carrying<'d>(
    comparison: &mut Comparison<'d>,
    graph: &Graph<'d>,
    reached: Reached<'_>,
    target: SchemaId,
    value: &Value,
) -> Option<Value> {
    if reached.root == reached.node {
        return Some(value.clone());
    }
    if comparison.schemas.is_spent() {
        return None;
    }
    let source = graph.nodes[reached.root].source();
    let around = graph.around(comparison, reached.edges, value);
    let schemas = &mut comparison.schemas;
    if let Some(whole) = around.filter(|whole| schemas.accepts(target, whole) != Ok(true)) {
        return Some(whole);
    }
    let mut whole = |way: &[Inward]| {
        let whole = schemas.instance_along(source, way, value)?;
        // An alternative on the path may accept a value that the intended alternative refuses.
        if schemas.accepts(target, &whole) != Ok(true) {
            return Some(whole);
        }
        let whole = schemas.refused_instance_along((source, target), way, value)?;
        (schemas.accepts(target, &whole) != Ok(true)).then_some(whole)
    };
    let ways = graph.ways_of_value(reached.edges);
    if let Some(found) = ways.iter().find_map(|way| whole(way)) {
        return Some(found);
    }
    // The surrounding schemas may need another value there than the one that was found for the part alone.
    let node = &graph.nodes[reached.node];
    let whole = schemas.instance_along_with_any(source, &ways[0], (node.source(), node.target()))?;
    (schemas.accepts(target, &whole) != Ok(true)).then_some(whole)
}
