//! Decides every pair: by its parts where that can be seen, else by what its words show, else by a search.

use crate::comparison::Comparison;
use crate::local::graph::Graph;
use crate::local::groups::groups;
use crate::local::node::{Answer, NodeId};
use crate::schema::{Refutation, Verdict, World};

impl<'d> Graph<'d> {
    /// Answers all pairs, deeper ones first.
    pub(crate) fn decide(&mut self, comparison: &mut Comparison<'d>) {
        for group in groups(&self.nodes) {
            self.prove(&group);
            for &id in &group {
                self.speak(comparison, id);
                self.refute_by_words(id);
            }
            while let Some(id) = self.open(comparison, &group) {
                self.search(comparison, id);
            }
        }
    }

    /// Draws all conclusions within a group of pairs that contain each other; then the pair to search, if one is open.
    fn open(&mut self, comparison: &mut Comparison<'d>, group: &[NodeId]) -> Option<NodeId> {
        loop {
            let proved = self.prove(group);
            for id in proved {
                self.speak(comparison, id);
            }
            let lifted: Vec<NodeId> = self
                .open_in(group)
                .filter(|&id| self.is_refuted_below(id))
                .collect();
            let mut changed = false;
            for id in lifted {
                // Nothing can be sent where nothing exists.
                let source = self.nodes[id].source();
                if comparison.schemas.is_empty(source) == Some(false) {
                    self.nodes[id].answer = Answer::Refuted(None);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        // Those first whose own words differ: what they say may decide the others.
        let own = self.open_in(group).find(|&id| !self.nodes[id].follows);
        if own.is_some() {
            return own;
        }
        // Others differ from what is decided only by what is undecided below them.
        let waiting: Vec<NodeId> = self.open_in(group).collect();
        for &id in &waiting {
            if let Some(why) = self.doubt_below(id) {
                self.nodes[id].answer = Answer::Undecided(why);
                return self.open(comparison, group);
            }
        }
        waiting.first().copied()
    }

    fn open_in(&self, group: &[NodeId]) -> impl Iterator<Item = NodeId> {
        group
            .iter()
            .copied()
            .filter(|&id| self.nodes[id].answer == Answer::Open)
    }

    /// Proves the pairs of a group that are proved if all of them are. They lean on each other through properties and
    /// items only as far as values are deep, and values end.
    fn prove(&mut self, group: &[NodeId]) -> Vec<NodeId> {
        let mut standing: Vec<NodeId> = self
            .open_in(group)
            .filter(|&id| self.nodes[id].follows && self.nodes[id].dangling.is_empty())
            .collect();
        loop {
            let stands = |id: NodeId| self.nodes[id].answer == Answer::Proved || standing.contains(&id);
            let next: Vec<NodeId> = standing
                .iter()
                .copied()
                .filter(|&id| self.nodes[id].edges.iter().all(|(_, child)| stands(*child)))
                .collect();
            if next.len() == standing.len() {
                break;
            }
            standing = next;
        }
        for &id in &standing {
            self.nodes[id].answer = Answer::Proved;
        }
        standing
    }

    /// A drift of the pair's own words that comes with a value.
    fn refute_by_words(&mut self, id: NodeId) {
        let node = &mut self.nodes[id];
        if node.answer != Answer::Open {
            return;
        }
        let witness = node
            .locals
            .iter()
            .filter(|local| local.refutes && (local.suffix.is_empty() || local.whole))
            .find_map(|local| local.drift.witness.as_ref());
        if let Some(witness) = witness {
            node.answer = Answer::Refuted(Some(Refutation {
                witness: witness.value.clone(),
                because: witness.because.clone(),
            }));
        }
    }

    fn is_refuted_below(&self, id: NodeId) -> bool {
        self.nodes[id]
            .lifting
            .iter()
            .any(|child| matches!(self.nodes[*child].answer, Answer::Refuted(_)))
    }

    fn doubt_below(&self, id: NodeId) -> Option<String> {
        self.nodes[id]
            .edges
            .iter()
            .find_map(|(_, child)| match &self.nodes[*child].answer {
                Answer::Undecided(why) => Some(why.clone()),
                _ => None,
            })
    }

    /// Asks the question of a pair itself.
    fn search(&mut self, comparison: &mut Comparison<'d>, id: NodeId) {
        let (source, target) = (self.nodes[id].source(), self.nodes[id].target());
        self.nodes[id].answer = match comparison.schemas.contains(source, target, World::Closed) {
            Verdict::Proved => Answer::Proved,
            Verdict::Refuted(refutation) => Answer::Refuted(Some(refutation)),
            Verdict::Undecided(why) => Answer::Undecided(why),
        };
        if self.nodes[id].answer == Answer::Proved {
            self.speak(comparison, id);
        }
    }
}
