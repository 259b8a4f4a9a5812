//! Paths down the graph: how they are reported, where they lead in a value, and where a refutation comes from.

use std::borrow::Cow;

use openapi_document::pointer;
use serde_json::Value;

use crate::comparison::Comparison;
use crate::containment::{Inside, Inward, Refutation};
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

    /// The step along an edge in a value. In a map, it is a name that no property beside the map has, and among items one
    /// behind those that have schemas of their own.
    pub(crate) fn step_of_value(&self, node: NodeId, edge: usize) -> String {
        let (base, revision) = &self.nodes[node].faces;
        let step = self.step(node, edge);
        let first = base.prefix.len().max(revision.prefix.len());
        if step == "/*" && self.nodes[node].edges[edge].items && first > 0 {
            return format!("/{first}");
        }
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

    /// The paths along edges in a value, the most specific first: with the tags that select the pairs on the path, and
    /// without; with a name that only a map has, and with any.
    pub(crate) fn ways_of_value(&self, edges: &[Step]) -> Vec<Vec<Inward>> {
        let mut ways = Vec::new();
        for (is_tagged, is_named) in [(true, true), (true, false), (false, true), (false, false)] {
            let way = self.inward(edges, is_tagged, is_named);
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        ways
    }

    fn inward(&self, edges: &[Step], is_tagged: bool, is_named: bool) -> Vec<Inward> {
        let (mut way, mut tags) = (Vec::new(), Vec::new());
        for &(node, edge) in edges {
            let tag = self.nodes[node].edges[edge].tag.as_ref();
            if let Some((property, tag)) = tag.filter(|_| is_tagged) {
                tags.push(((*property).to_owned(), tag.clone().into_owned()));
            }
            let step = if is_named {
                self.step_of_value(node, edge)
            } else {
                self.step(node, edge).to_owned()
            };
            if let Some(step) = step.strip_prefix('/') {
                let step = pointer::unescape(step).into_owned();
                // A value that takes the place of the tag has no other tag beside it.
                tags.retain(|(property, _)| *property != step);
                way.push(Inward {
                    step,
                    tags: std::mem::take(&mut tags),
                });
            }
        }
        way
    }

    /// A value that is sent under the first pair of a path and contains `value` at its end. It is made of a small
    /// value of each pair on the path and of the tags that select them, which costs no search for the whole; `None` if
    /// those do not fit together.
    pub(crate) fn around(
        &self,
        comparison: &mut Comparison<'d>,
        edges: &[Step],
        value: &Value,
    ) -> Option<Value> {
        let mut whole = value.clone();
        let mut last: Option<String> = None;
        for &(node, edge) in edges.iter().rev() {
            let step = self.step_of_value(node, edge);
            let step = step.strip_prefix('/').map(pointer::unescape);
            let (edge, source) = (&self.nodes[node].edges[edge], self.nodes[node].source());
            let inside = Inside::step(step.as_deref(), edge.items);
            whole = comparison.schemas.with_part(source, inside, whole)?;
            if let Some((property, tag)) = &edge.tag
                && let Some(members) = whole.as_object_mut()
                // The value at the end may itself be a tag, or an object that is refused because of its tag.
                && last.as_deref().map_or(!members.contains_key(*property), |it| it != *property)
            {
                members.insert((*property).to_owned(), tag.clone().into());
            }
            last = step.map(Cow::into_owned).or(last);
        }
        let (root, _) = edges.first()?;
        comparison.schemas.as_sent(self.nodes[*root].source(), &whole)
    }
}
