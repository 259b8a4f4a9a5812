//! Builds the graph of aligned pairs, asks the question of each, and finds what explains a refutation.

use crate::comparison::{Comparison, SchemaUse};
use crate::local::both::{self, Both};
use crate::local::node::{Index, Local, Node, NodeId};
use crate::local::view::{Additional, View};
use crate::local::{object, residual, union, values};
use crate::place::Place;
use crate::report::{Direction, Questions, Side};
use crate::schema::{Verdict, World};

#[derive(Default)]
pub(crate) struct Graph<'d> {
    pub(crate) nodes: Vec<Node<'d>>,
    index: Index,
    /// Nodes before this one know their edges.
    grown: usize,
    /// Components that are called differently where a use begins.
    renames: Vec<(NodeId, Local)>,
}

impl<'d> Graph<'d> {
    /// The node at which a use begins; nothing when a reference leads nowhere, which is noted.
    pub(crate) fn root(&mut self, comparison: &mut Comparison<'d>, it: &SchemaUse<'d>) -> Option<NodeId> {
        let touched = it.pair.touched_in(&it.slot, it.slot.at());
        let pinned = comparison.follow(Side::Pin, it.pinned.clone(), &touched)?;
        let staging = comparison.follow(Side::Staging, it.staging.clone(), &touched)?;
        let node = self.node(comparison, pinned, staging, it.direction);
        if let Some(local) = renamed(comparison, &self.nodes[node], &it.pinned, &it.staging) {
            self.renames.push((node, local));
        }
        Some(node)
    }

    /// The node of two places that are no references.
    fn node(
        &mut self,
        comparison: &mut Comparison<'d>,
        pinned: Place<'d>,
        staging: Place<'d>,
        direction: Direction,
    ) -> NodeId {
        let key = (pinned.at.clone(), staging.at.clone(), direction);
        if let Some(&id) = self.index.get(&key) {
            return id;
        }
        let schemas = &mut comparison.schemas;
        let pinned_id = schemas.lower(Side::Pin, &pinned.at, direction);
        let staging_id = schemas.lower(Side::Staging, &staging.at, direction);
        let (source, target) = match direction {
            Direction::Request => (pinned_id, staging_id),
            Direction::Response => (staging_id, pinned_id),
        };
        let verdict = schemas.contains(source, target, World::Closed);
        let homes = (pinned.at.clone(), staging.at.clone());
        self.nodes.push(Node {
            pinned,
            staging,
            direction,
            pinned_id,
            staging_id,
            verdict,
            locals: Vec::new(),
            edges: Vec::new(),
            dangling: Vec::new(),
            homes,
        });
        self.index.insert(key, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Follows all pairs down to where nothing differs any more.
    pub(crate) fn grow(&mut self, comparison: &mut Comparison<'d>) {
        while self.grown < self.nodes.len() {
            let id = self.grown;
            self.grown += 1;
            self.expand(comparison, id);
        }
        for (id, local) in std::mem::take(&mut self.renames) {
            let locals = &mut self.nodes[id].locals;
            if locals.iter().all(|other| other.drift.title != local.drift.title) {
                locals.push(local);
            }
        }
    }

    fn both<'n>(&'n self, comparison: &Comparison<'d>, id: NodeId) -> Both<'n, 'd> {
        let node = &self.nodes[id];
        Both {
            node,
            pinned: View::of(comparison.pinned, &node.pinned, node.direction),
            staging: View::of(comparison.staging, &node.staging, node.direction),
            documents: (comparison.pinned, comparison.staging),
        }
    }

    fn expand(&mut self, comparison: &mut Comparison<'d>, id: NodeId) {
        let both = self.both(comparison, id);
        let mut locals = object::compare(&mut comparison.schemas, &both);
        locals.extend(values::compare(&mut comparison.schemas, &both));
        locals.extend(deprecation(&both));
        let aligned = union::compare(&mut comparison.schemas, &comparison.unchanged, &both);
        locals.extend(aligned.locals);
        let mut pairs = children(&both);
        pairs.extend(
            aligned
                .pairs
                .into_iter()
                .map(|(pinned, staging)| (String::new(), pinned, staging)),
        );
        let mut dangling: Vec<_> = both
            .pinned
            .unresolved
            .iter()
            .map(|unresolved| (Side::Pin, unresolved.clone()))
            .collect();
        dangling.extend(
            both.staging
                .unresolved
                .iter()
                .map(|unresolved| (Side::Staging, unresolved.clone())),
        );
        let homes = (both.pinned.home.clone(), both.staging.home.clone());
        let direction = both.direction();

        let mut edges = Vec::new();
        for (step, pinned, staging) in pairs {
            locals.extend(renamed(comparison, &self.nodes[id], &pinned, &staging));
            if comparison.unchanged.same(pinned.value, staging.value) {
                continue;
            }
            let mut follow = |side: Side, place: Place<'d>| {
                let document = comparison.document(side);
                place
                    .follow(document)
                    .map_err(|unresolved| dangling.push((side, unresolved)))
                    .ok()
            };
            let (pinned, staging) = (follow(Side::Pin, pinned), follow(Side::Staging, staging));
            if let (Some(pinned), Some(staging)) = (pinned, staging) {
                let child = self.node(comparison, pinned, staging, direction);
                if child != id && !edges.contains(&(step.clone(), child)) {
                    edges.push((step, child));
                }
            }
        }
        let node = &mut self.nodes[id];
        node.locals = locals;
        node.edges = edges;
        node.dangling = dangling;
        node.homes = homes;
    }

    /// Files what no deeper pair explains: refutations, questions without an answer, and what only widens.
    pub(crate) fn explain(&mut self, comparison: &mut Comparison<'d>) {
        let order = self.components();
        // From the leaves up: whether something at or below a node explains that not all that is sent is taken, and
        // whether there is anything to say at all.
        let mut explained = vec![false; self.nodes.len()];
        let mut undecided = vec![false; self.nodes.len()];
        let mut spoken = vec![false; self.nodes.len()];
        for group in order {
            let below = |flags: &[bool], nodes: &[Node<'d>]| {
                group
                    .iter()
                    .any(|&id| nodes[id].edges.iter().any(|(_, child)| flags[*child]))
            };
            let mut is_explained =
                below(&explained, &self.nodes) || group.iter().any(|&id| self.nodes[id].explains_itself());
            let mut is_undecided = below(&undecided, &self.nodes)
                || group.iter().any(|&id| {
                    let node = &self.nodes[id];
                    !node.dangling.is_empty() || node.locals.iter().any(|it| it.drift.undecided.is_some())
                });
            let mut has_spoken =
                below(&spoken, &self.nodes) || group.iter().any(|&id| !self.nodes[id].locals.is_empty());

            if !is_explained {
                for id in self.culprits(comparison, &group, |verdict| {
                    matches!(verdict, Verdict::Refuted(_))
                }) {
                    let both = self.both(comparison, id);
                    let Verdict::Refuted(refutation) = &self.nodes[id].verdict else {
                        continue;
                    };
                    let local = residual::refuted(&both, refutation);
                    self.nodes[id].locals.push(local);
                    (is_explained, has_spoken) = (true, true);
                }
            }
            if !is_explained && !is_undecided {
                for id in self.culprits(comparison, &group, |verdict| {
                    matches!(verdict, Verdict::Undecided(_))
                }) {
                    let both = self.both(comparison, id);
                    let Verdict::Undecided(reason) = &self.nodes[id].verdict else {
                        continue;
                    };
                    let local = residual::undecided(&both, reason);
                    self.nodes[id].locals.push(local);
                    (is_undecided, has_spoken) = (true, true);
                }
            }
            if !has_spoken && !is_undecided {
                let proved = |verdict: &Verdict| *verdict == Verdict::Proved;
                for id in self.culprits(comparison, &group, proved) {
                    if let Some(local) = self.reverse(comparison, id) {
                        self.nodes[id].locals.push(local);
                        has_spoken = true;
                    }
                }
            }
            for id in group {
                // Below a proved pair nothing counts as refused, so it explains nothing above either.
                let proved = self.nodes[id].verdict == Verdict::Proved;
                explained[id] = is_explained && !proved;
                undecided[id] = is_undecided && !proved;
                spoken[id] = has_spoken;
            }
        }
    }

    /// What the reverse question says of a pair of which all that is sent is taken.
    fn reverse(&self, comparison: &mut Comparison<'d>, id: NodeId) -> Option<Local> {
        let both = self.both(comparison, id);
        let (source, target) = (self.nodes[id].source(), self.nodes[id].target());
        // Only names of components differ, and that is told where they are used.
        if same_shape(comparison, &self.nodes[id]) {
            return None;
        }
        if comparison.schemas.is_empty(self.nodes[id].staging_id) == Some(true) {
            let title = format!("{} admits no value at all", both::label_of(&both, Side::Staging));
            return Some(both.local(&residual::NOTHING, title));
        }
        match comparison.schemas.contains(target, source, World::Closed) {
            Verdict::Proved => {
                let title = format!("{} is written differently", both::label_of(&both, Side::Pin));
                Some(both.local(&residual::REWRITTEN, title))
            }
            Verdict::Refuted(refutation) => Some(residual::more(&both, &refutation)),
            Verdict::Undecided(_) => None,
        }
    }

    /// Of a group of pairs that contain each other, those at which a verdict arises: whose own words differ, or the
    /// first one that has it.
    fn culprits(
        &self,
        comparison: &Comparison<'d>,
        group: &[NodeId],
        has: impl Fn(&Verdict) -> bool,
    ) -> Vec<NodeId> {
        let with: Vec<NodeId> = group
            .iter()
            .copied()
            .filter(|&id| has(&self.nodes[id].verdict))
            .collect();
        if with.len() < 2 {
            return with;
        }
        let own: Vec<NodeId> = with
            .iter()
            .copied()
            .filter(|&id| {
                let both = self.both(comparison, id);
                own_words(&both.pinned) != own_words(&both.staging)
            })
            .collect();
        if own.is_empty() {
            with.into_iter().take(1).collect()
        } else {
            own
        }
    }

    /// Strongly connected groups of nodes, deeper ones first (Tarjan, without recursion).
    fn components(&self) -> Vec<Vec<NodeId>> {
        const UNSEEN: usize = usize::MAX;
        let count = self.nodes.len();
        let (mut number, mut low) = (vec![UNSEEN; count], vec![0; count]);
        let mut on_stack = vec![false; count];
        let (mut stack, mut groups, mut next) = (Vec::new(), Vec::new(), 0);
        for start in 0..count {
            if number[start] != UNSEEN {
                continue;
            }
            let mut calls = vec![(start, 0)];
            while let Some(&mut (id, ref mut edge)) = calls.last_mut() {
                if *edge == 0 && number[id] == UNSEEN {
                    (number[id], low[id]) = (next, next);
                    next += 1;
                    stack.push(id);
                    on_stack[id] = true;
                }
                if let Some((_, child)) = self.nodes[id].edges.get(*edge) {
                    *edge += 1;
                    if number[*child] == UNSEEN {
                        calls.push((*child, 0));
                    } else if on_stack[*child] {
                        low[id] = low[id].min(number[*child]);
                    }
                    continue;
                }
                calls.pop();
                if let Some((parent, _)) = calls.last() {
                    low[*parent] = low[*parent].min(low[id]);
                }
                if low[id] == number[id] {
                    let mut group = Vec::new();
                    while let Some(member) = stack.pop() {
                        on_stack[member] = false;
                        group.push(member);
                        if member == id {
                            break;
                        }
                    }
                    group.sort_unstable();
                    groups.push(group);
                }
            }
        }
        groups
    }

    /// How many questions were asked, and how they ended.
    pub(crate) fn questions(&self, comparison: &Comparison<'d>) -> Questions {
        let undecided = self
            .nodes
            .iter()
            .filter(|node| matches!(node.verdict, Verdict::Undecided(_)))
            .count();
        Questions {
            asked: self.nodes.len(),
            undecided,
            internal_faults: usize::try_from(comparison.schemas.faults()).unwrap_or(usize::MAX),
        }
    }
}

fn same_shape<'d>(comparison: &Comparison<'d>, node: &Node<'d>) -> bool {
    comparison.pinned.version() == comparison.staging.version()
        && comparison.shape(Side::Pin, node.pinned.value)
            == comparison.shape(Side::Staging, node.staging.value)
}

/// Pairs of schemas that stand for each other one step deeper.
fn children<'d>(both: &Both<'_, 'd>) -> Vec<(String, Place<'d>, Place<'d>)> {
    let (pinned, staging) = (&both.pinned, &both.staging);
    let mut pairs = Vec::new();
    let mut pair =
        |step: String, old: &Place<'d>, new: &Place<'d>| pairs.push((step, old.clone(), new.clone()));
    for &name in pinned.properties.keys().chain(
        staging
            .properties
            .keys()
            .filter(|it| !pinned.properties.contains_key(*it)),
    ) {
        let step = || crate::pointer::join("", name);
        match (pinned.property(name), staging.property(name)) {
            (Some(old), Some(new)) => pair(step(), old, new),
            // A name that only one side declares is one of the other's map.
            (Some(old), None) if !staging.properties.contains_key(name) => {
                if let Additional::Like(new) = &staging.additional {
                    pair(step(), old, new);
                }
            }
            (None, Some(new)) if !pinned.properties.contains_key(name) => {
                if let Additional::Like(old) = &pinned.additional {
                    pair(step(), old, new);
                }
            }
            _ => {}
        }
    }
    if let (Additional::Like(old), Additional::Like(new)) = (&pinned.additional, &staging.additional) {
        pair("/*".to_owned(), old, new);
    }
    if let ([old], [new]) = (pinned.items.as_slice(), staging.items.as_slice()) {
        pair("/*".to_owned(), old, new);
    }
    let lists = |view: &View<'d>, key: &str| view.parts.iter().find_map(|part| part.get(key));
    if let (Some(old), Some(new)) = (lists(pinned, "prefixItems"), lists(staging, "prefixItems")) {
        for (index, (old, new)) in old.items().zip(new.items()).enumerate() {
            pair(format!("/{index}"), &old, &new);
        }
    }
    if let (Some(old), Some(new)) = (
        lists(pinned, "patternProperties"),
        lists(staging, "patternProperties"),
    ) {
        for (pattern, old) in old.members() {
            if let Some(new) = new.get(pattern) {
                pair("/*".to_owned(), &old, &new);
            }
        }
    }
    pairs
}

/// What a schema says itself, its parts and members aside.
fn own_words(view: &View<'_>) -> Vec<String> {
    const MEMBERS: [&str; 10] = [
        "properties",
        "items",
        "additionalProperties",
        "allOf",
        "oneOf",
        "anyOf",
        "$ref",
        "prefixItems",
        "patternProperties",
        "$defs",
    ];
    let mut words = Vec::new();
    for part in &view.parts {
        for (key, value) in part.value.as_object().into_iter().flatten() {
            if !MEMBERS.contains(&key.as_str()) && !crate::shape::is_prose(key) {
                words.push(format!("{key}: {value}"));
            }
        }
    }
    words.sort();
    words
}

fn deprecation<'d>(both: &Both<'_, 'd>) -> Option<Local> {
    let says = |view: &View<'d>| view.keyword("deprecated") == Some(&serde_json::Value::Bool(true));
    (!says(&both.pinned) && says(&both.staging)).then(|| {
        let title = format!("{} is deprecated", both::label_of(both, Side::Pin));
        both.local(&residual::PROPERTY_DEPRECATED, title)
    })
}

/// A component that both documents use here under different names, each of which only one of them has.
fn renamed<'d>(
    comparison: &Comparison<'d>,
    node: &Node<'d>,
    pinned: &Place<'d>,
    staging: &Place<'d>,
) -> Option<Local> {
    let (old, new) = (pinned.text("$ref")?, staging.text("$ref")?);
    let lacks =
        |side: Side, reference: &str| crate::place::target(comparison.document(side), reference).is_err();
    if old == new || !lacks(Side::Staging, old) || !lacks(Side::Pin, new) {
        return None;
    }
    let name = |reference: &str| reference.rsplit('/').next().unwrap_or_default().to_owned();
    let title = format!("the component `{}` is called `{}`", name(old), name(new));
    let drift = crate::findings::Drift::new(&residual::RENAMED, format!("{old} {new}"), title)
        .pinned(old.trim_start_matches('#'))
        .staging(new.trim_start_matches('#'))
        .flows(node.direction);
    Some(Local {
        drift,
        suffix: String::new(),
        whole: false,
        inline: false,
        refutes: false,
    })
}
