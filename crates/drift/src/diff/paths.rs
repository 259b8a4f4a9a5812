//! Paths down the graph: how they are reported, where they lead in a value, and where a refutation comes from.

use openapi_document::pointer;
use serde_json::Value;

use crate::comparison::Comparison;
use crate::containment::{Inside, Refutation};
use crate::diff::face::{Additional, Face};
use crate::diff::graph::Graph;
use crate::diff::node::{Decision, NodeId, Step};

impl<'d> Graph<'d> {
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
}
