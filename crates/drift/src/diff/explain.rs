//! Explains every verdict: by a deeper pair, by the keywords of the pair itself, or by its witness.

use openapi_document::Located;

use crate::comparison::Comparison;
use crate::containment::{Carrier, Refutation, Verdict, World};
use crate::diff::face::Face;
use crate::diff::graph::Graph;
use crate::diff::node::{Decision, Local, Node, NodeId};
use crate::diff::pair;
use crate::report::Side;
use crate::rules::{by_witness, union};
use crate::scc;
use crate::schema::canonical::own_keywords;

/// The answer to the reverse question for a contained pair.
enum Reverse {
    Told(Box<Local>),
    /// The reader accepts what is sent, and nothing else, in other words.
    Rewritten(Box<Local>),
    /// The reader accepts more, but the value that shows it is sent as another alternative.
    SentOtherwise,
    Nothing,
}

impl Reverse {
    fn told(local: Local) -> Self {
        Self::Told(Box::new(local))
    }
}

impl<'d> Graph<'d> {
    /// Adds a drift for each verdict that no deeper pair explains: refuted, undecided, or widened.
    pub(crate) fn explain(&mut self, comparison: &mut Comparison<'d>) {
        self.take_back(comparison);
        let order = scc::components(&self.children());
        let other_version = comparison.base.version() != comparison.revision.version();
        // These are computed from the leaves up: whether something at or below a node explains why values are
        // refused, and whether there is anything else to report.
        let mut explained = vec![false; self.nodes.len()];
        let mut undecided = vec![false; self.nodes.len()];
        let mut spoken = vec![false; self.nodes.len()];
        let mut widened = vec![false; self.nodes.len()];
        let mut rewritten = vec![false; self.nodes.len()];
        // Whether the value that shows a widening is sent as another alternative. Others may not be.
        let mut sent_otherwise = vec![false; self.nodes.len()];
        for group in order {
            let proved = |nodes: &[Node<'d>], id: NodeId| nodes[id].decision == Decision::Proved;
            let below = |flags: &[bool], nodes: &[Node<'d>], id: NodeId| {
                nodes[id].edges.iter().any(|it| flags[it.child])
            };
            // A refutation or a doubt below a proved pair is not reported, so it explains nothing.
            let seen = |flags: &[bool], nodes: &[Node<'d>]| {
                let mut open = group.iter().filter(|id| !proved(nodes, **id));
                open.any(|&id| below(flags, nodes, id))
            };
            let mut is_explained =
                seen(&explained, &self.nodes) || group.iter().any(|&id| self.nodes[id].explains_itself());
            let mut is_undecided = seen(&undecided, &self.nodes)
                || group.iter().any(|&id| {
                    let node = &self.nodes[id];
                    !node.dangling.is_empty() || node.locals.iter().any(|it| it.drift.undecided.is_some())
                });
            let mut has_spoken = group
                .iter()
                .any(|&id| self.nodes[id].says_more_than_words() || below(&spoken, &self.nodes, id));
            let mut is_widened = group
                .iter()
                .any(|&id| self.nodes[id].widens() || below(&widened, &self.nodes, id));
            if is_widened {
                self.cover(comparison, &group);
            }
            let mut is_rewritten = group
                .iter()
                .any(|&id| self.nodes[id].speaks() || below(&rewritten, &self.nodes, id));

            if !is_explained {
                is_explained = self.explain_by_witness(comparison, &group);
            }
            if !is_explained && !is_undecided {
                for id in self.culprits(comparison, &group, |decision| {
                    matches!(decision, Decision::Undecided(_))
                }) {
                    let both = self.both(comparison, id);
                    let Decision::Undecided(reason) = &self.nodes[id].decision else {
                        continue;
                    };
                    let local = by_witness::undecided(&both, reason);
                    self.nodes[id].locals.push(local);
                    is_undecided = true;
                }
            }
            if !has_spoken && !is_undecided {
                for id in self.culprits(comparison, &group, |decision| *decision == Decision::Proved) {
                    if is_widened && !self.nodes[id].is_covered {
                        continue;
                    }
                    // If only children differ and another drift already reports this, there is nothing to add. A child
                    // that is refuted reports nothing below a proved pair.
                    let mut children = self.nodes[id].edges.iter().map(|it| it.child);
                    let follows = self.nodes[id].follows && children.all(|it| proved(&self.nodes, it));
                    let is_open = below(&sent_otherwise, &self.nodes, id);
                    if is_rewritten && follows && !is_open && self.has_same_words(comparison, id) {
                        continue;
                    }
                    // In another version of OpenAPI everything is written differently, which is reported only once.
                    let is_told = is_rewritten || other_version || !self.nodes[id].locals.is_empty();
                    let local = match self.reverse(comparison, id) {
                        Reverse::Rewritten(_) if is_told => {
                            is_rewritten = true;
                            continue;
                        }
                        Reverse::Told(local) | Reverse::Rewritten(local) => *local,
                        Reverse::SentOtherwise => {
                            sent_otherwise[id] = true;
                            continue;
                        }
                        Reverse::Nothing => continue,
                    };
                    let widens = local.widens();
                    is_widened |= widens;
                    has_spoken |= local.drift.rule != &by_witness::REWRITTEN && !widens;
                    is_rewritten = true;
                    self.nodes[id].locals.push(local);
                }
            }
            if is_explained || has_spoken {
                self.explain_by_limits(comparison, &group);
            }
            let is_overlap_told = self.tell_never_sent(comparison, &group);
            has_spoken |= is_overlap_told;
            is_rewritten |= is_overlap_told;
            for id in group {
                let proved = proved(&self.nodes, id);
                explained[id] = is_explained && !proved;
                undecided[id] = is_undecided && !proved;
                spoken[id] = has_spoken;
                widened[id] = is_widened && !self.nodes[id].is_covered;
                rewritten[id] = is_rewritten;
            }
        }
    }

    /// Adds a drift by their witnesses for the refuted pairs of a component at which a refutation arises. Returns whether
    /// there is any.
    fn explain_by_witness(&mut self, comparison: &mut Comparison<'d>, group: &[NodeId]) -> bool {
        let mut is_explained = false;
        for id in self.culprits(comparison, group, |it| matches!(it, Decision::Refuted(Some(_)))) {
            let both = self.both(comparison, id);
            let Decision::Refuted(Some(refutation)) = &self.nodes[id].decision else {
                continue;
            };
            let local = if self.reads_nothing(comparison, id) {
                by_witness::nothing(&both, self.nodes[id].reader())
            } else {
                by_witness::refuted(comparison.schemas.reader(), &both, refutation)
            };
            self.nodes[id].locals.push(local);
            is_explained = true;
        }
        is_explained
    }

    /// Adds a drift for the pairs of a component whose limits by themselves refuse values, or no longer do. What is told
    /// of a pair otherwise, such as by a deeper one, may be mended and leave these values refused.
    fn explain_by_limits(&mut self, comparison: &mut Comparison<'d>, group: &[NodeId]) {
        for &id in group {
            if let Some(local) = self.beyond_limits(comparison, id) {
                self.nodes[id].locals.push(local);
            }
        }
    }

    fn beyond_limits(&self, comparison: &mut Comparison<'d>, id: NodeId) -> Option<Local> {
        let both = self.both(comparison, id);
        let node = &self.nodes[id];
        let is_told = |it: &Local| {
            let rule = it.drift.rule.id;
            by_witness::OF_LIMITS.contains(&rule) || rule == by_witness::NOTHING.id
        };
        let is_asked = node.whole.is_none() && node.carrier == Carrier::Json;
        if !is_asked || both.base.limits == both.revision.limits || node.locals.iter().any(is_told) {
            return None;
        }
        let mut ask = |one, other, limiting: &Face<'d>| {
            let parts: Vec<_> = limiting.parts.iter().map(|it| it.node).collect();
            comparison.schemas.beyond_limits(one, other, &parts)
        };
        // How many properties an object has follows from the names that are told of it, and a refusal of the same kind of
        // value may be the same refusal.
        let is_apart = |found: &Refutation, is_refusal: bool| {
            let kind = std::mem::discriminant(&found.witness);
            let is_other = |it: &Local| {
                let shown = it.drift.witness.as_ref();
                shown.is_some_and(|it| std::mem::discriminant(&it.value) != kind)
            };
            let mut refusals = node.locals.iter().filter(|it| it.refutes());
            let is_counted = found.witness.is_object() && !node.locals.is_empty();
            !is_counted && (!is_refusal || refusals.all(is_other))
        };
        let is_refuted = matches!(node.decision, Decision::Refuted(_));
        let refused = is_refuted.then(|| ask(node.source(), node.target(), both.read()));
        let (found, is_refusal) = match refused.flatten().filter(|it| is_apart(it, true)) {
            Some(found) => (found, true),
            None => (ask(node.target(), node.source(), both.sent())?, false),
        };
        if !is_apart(&found, is_refusal) {
            return None;
        }
        by_witness::beyond_limits(comparison.schemas.reader(), &both, &found, is_refusal)
    }

    /// Asks for each alternative that widens whether other alternatives already send everything that it accepts.
    fn cover(&mut self, comparison: &mut Comparison<'d>, group: &[NodeId]) {
        for &id in group {
            let node = &self.nodes[id];
            let mut near = node.edges.iter().map(|it| it.child).chain([id]);
            if node.senders.contains(&node.source()) || !near.any(|id| self.nodes[id].widens()) {
                continue;
            }
            // A proof usually is easy, and without one the wider alternative is reported.
            let mut is_sent = |sent| {
                let schemas = &mut comparison.schemas;
                schemas.contains_soon(node.target_to_the_letter(), sent, World::Closed)
                    == Some(Verdict::Proved)
            };
            let is_covered = node.senders.iter().all(|sent| is_sent(*sent));
            self.nodes[id].is_covered = is_covered;
        }
    }

    /// Whether the reader's schema has an empty list of alternatives. This is a mistake in its document, so that nothing
    /// follows from what it refuses.
    ///
    /// See reading 4 in `docs/readings.md`.
    pub(super) fn reads_nothing(&self, comparison: &Comparison<'d>, id: NodeId) -> bool {
        let is_empty = |it: &Located<'d>| {
            let mut lists = ["oneOf", "anyOf", "enum"].iter().filter_map(|key| it.says(key));
            lists.any(|it| it.is_array() && it.items().is_empty())
        };
        self.both(comparison, id).read().parts.iter().any(is_empty)
    }

    /// Removes the refusals of readers that have an empty list of alternatives.
    fn take_back(&mut self, comparison: &Comparison<'d>) {
        for id in 0..self.nodes.len() {
            let is_refuted = matches!(self.nodes[id].decision, Decision::Refuted(Some(_)));
            if is_refuted && self.reads_nothing(comparison, id) {
                self.nodes[id].locals.retain(|it| !it.refutes());
            }
        }
    }

    /// Adds the drifts of values that are never sent by the letter of `oneOf`, and returns whether there are any.
    fn tell_never_sent(&mut self, comparison: &mut Comparison<'d>, group: &[NodeId]) -> bool {
        let mut is_told = false;
        for &id in group {
            if let Some(local) = self.never_sent(comparison, id) {
                self.nodes[id].locals.push(local);
                is_told = true;
            }
        }
        is_told
    }

    /// The drift of a pair that is contained only because by the letter of `oneOf` a value is never sent: it matches
    /// several alternatives. Many senders send such values.
    ///
    /// See reading 4 in `docs/readings.md`.
    fn never_sent(&self, comparison: &mut Comparison<'d>, id: NodeId) -> Option<Local> {
        let node = &self.nodes[id];
        let follows = node.follows
            && node
                .edges
                .iter()
                .all(|it| self.nodes[it.child].decision == Decision::Proved);
        let mut near = node.edges.iter().map(|it| it.child).chain([id]);
        let is_told = near.any(|it| self.nodes[it].locals.iter().any(union::is_of_overlap));
        if node.decision != Decision::Proved || follows || is_told {
            return None;
        }
        let schemas = &mut comparison.schemas;
        let lenient = schemas.taking_overlaps(node.source());
        if lenient == node.source() {
            return None;
        }
        match schemas.contains(lenient, node.target(), World::Closed) {
            Verdict::Proved => None,
            Verdict::Refuted(refutation) => {
                Some(union::refused_overlap(&self.both(comparison, id), &refutation))
            }
            Verdict::Undecided(why) => Some(by_witness::undecided(&self.both(comparison, id), &why)),
        }
    }

    /// The drift that the reverse question shows for a contained pair.
    fn reverse(&self, comparison: &mut Comparison<'d>, id: NodeId) -> Reverse {
        let both = self.both(comparison, id);
        let (source, target) = self.to_the_letter(id);
        // Only names of components differ, which is reported where they are used.
        if same_shape(comparison, &self.nodes[id]) {
            return Reverse::Nothing;
        }
        let mut is_empty = |id| comparison.schemas.is_empty(id) == Some(true);
        // Where a whole is compared with one of several alternatives, the pair around it tells what the whole is.
        let is_whole = self.nodes[id].whole == Some(self.nodes[id].sender());
        if is_empty(source) && !is_whole && !is_empty(target) && !self.means_the_same(comparison, id) {
            let is_false = |part: &&Located<'d>| part.node.as_bool() == Some(false);
            let Some(meant) = both.sent().parts.iter().find(is_false) else {
                return Reverse::told(by_witness::nothing(&both, self.nodes[id].sender()));
            };
            // That a property is never there is told of its name.
            if meant.at.rsplit('/').nth(1) == Some("properties") {
                return Reverse::Nothing;
            }
        }
        let rewritten = || {
            let title = format!("{} is written differently", pair::label_of(&both, Side::Base));
            Reverse::Rewritten(Box::new(both.local(&by_witness::REWRITTEN, title)))
        };
        match comparison.schemas.contains(target, source, World::Closed) {
            Verdict::Proved => {
                if let Some(refutation) = self.overlap_by_name(comparison, id, (target, source))
                    && both.is_unsent(&mut comparison.schemas, &refutation.witness)
                {
                    return Reverse::told(by_witness::more(comparison.schemas.reader(), &both, &refutation));
                }
                let taken = self.taken_by_another(comparison, id);
                taken.map_or_else(rewritten, Reverse::told)
            }
            // Another alternative may send the value.
            Verdict::Refuted(mut refutation) => {
                // By the letter of `oneOf`, what two alternatives accept at once is never sent.
                let lenient = comparison.schemas.taking_overlaps(source);
                if comparison.schemas.accepts(lenient, &refutation.witness) == Ok(true) {
                    let other = comparison.schemas.contains(target, lenient, World::Closed);
                    if let Verdict::Refuted(other) = other {
                        refutation = other;
                    } else if let Some(taken) = self.taken_by_another(comparison, id) {
                        return Reverse::told(taken);
                    }
                }
                if both.is_unsent(&mut comparison.schemas, &refutation.witness) {
                    Reverse::told(by_witness::more(comparison.schemas.reader(), &both, &refutation))
                } else {
                    Reverse::SentOtherwise
                }
            }
            Verdict::Undecided(_) if self.means_the_same(comparison, id) => rewritten(),
            // A reader that may accept more is no doubt about the sender.
            Verdict::Undecided(_) => Reverse::told(by_witness::perhaps_more(&both)),
        }
    }

    /// Whether both schemas have the same keywords and declare the same names, apart from their subschemas.
    fn has_same_words(&self, comparison: &Comparison<'d>, id: NodeId) -> bool {
        let both = self.both(comparison, id);
        both.base.properties.keys().eq(both.revision.properties.keys())
            && own_words(both.base) == own_words(both.revision)
    }

    /// The pairs of a component at which a verdict arises: those whose own keywords differ, or else the first pair
    /// with the verdict.
    fn culprits(
        &self,
        comparison: &Comparison<'d>,
        group: &[NodeId],
        has: impl Fn(&Decision) -> bool,
    ) -> Vec<NodeId> {
        let with: Vec<NodeId> = group
            .iter()
            .copied()
            .filter(|&id| has(&self.nodes[id].decision))
            .collect();
        if with.len() < 2 {
            return with;
        }
        let own: Vec<NodeId> = with
            .iter()
            .copied()
            .filter(|&id| !self.has_same_words(comparison, id))
            .collect();
        if own.is_empty() {
            with.into_iter().take(1).collect()
        } else {
            own
        }
    }
}

fn same_shape<'d>(comparison: &Comparison<'d>, node: &Node<'d>) -> bool {
    comparison.are_alike(node.base.node, node.revision.node)
}

/// The keywords of a schema itself, without its subschemas.
fn own_words(face: &Face<'_>) -> Vec<String> {
    let mut words: Vec<String> = face
        .parts
        .iter()
        .flat_map(|part| own_keywords(part.node))
        .collect();
    words.sort();
    words
}
