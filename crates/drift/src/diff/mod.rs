//! Localisation: finds the deepest pair of places at which the drift between two schemas arises.
//!
//! Every pair of schemas that meets in some message is the root of a graph of aligned pairs ([`graph`]). A difference
//! is named where it arises, from the faces of both schemas ([`face`], compared in [`object`], [`values`] and
//! [`union`]). If no deeper pair explains a verdict, the drift is named by its witness ([`by_witness`]). Verdicts about
//! values take precedence: below a proved pair, nothing counts as refused. Finally, each drift is attributed to the
//! operations that reach it ([`attribute`]).

pub(crate) mod alternative;
mod apart;
mod attribute;
mod decide;
mod explain;
pub(crate) mod face;
mod graph;
pub(crate) mod label;
pub(crate) mod limits;
pub(crate) mod node;
pub(crate) mod pair;

use crate::comparison::Comparison;
use crate::report::Questions;

/// Compares all schemas that the structural rules have noted.
pub(crate) fn compare(comparison: &mut Comparison<'_>) -> Questions {
    let uses = std::mem::take(&mut comparison.uses);
    let mut graph = graph::Graph::default();
    let roots: Vec<Option<node::NodeId>> = uses
        .iter()
        .map(|it| {
            if comparison.unchanged.same(it.base.node, it.revision.node) {
                return None;
            }
            graph.root(comparison, it)
        })
        .collect();
    graph.grow(comparison);
    graph.decide(comparison);
    graph.name_drifts(comparison);
    graph.tell_apart(comparison);
    graph.file_renames();
    graph.explain(comparison);
    graph.tell_swaps();
    // The fuel spent on verdicts must not limit the search for the operations that they affect.
    comparison.schemas.renew_fuel();
    attribute::file(comparison, &graph, &uses, &roots);
    graph.questions(comparison)
}
